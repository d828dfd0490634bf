"""Exports: the same items by the same policy in every form, streamed, and ended when nobody waits for them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import geopandas
import httpx
import openpyxl
import pyarrow.parquet as pq
import pytest
import zstandard

from addressbook.privacy.policy import AccessRole
from api.compressing import compressed
from api.exporting import FORMS, IN_PIECES
from tests.ogc_world import COLLECTIONS, Ogc, served_ogc
from tests.small_world import HERE, THERE
from tests.worlds import until

PATIENCE_S = 30.0
FORMULAS = ["=1+1", "+cmd", "-2+3", "@SUM(1)", "\tx"]


@pytest.fixture(scope="module", name="home")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", name="ogc")
def _ogc(make_database: Callable[[], str], home: Path) -> Iterator[Ogc]:
    with served_ogc(make_database(), home) as ogc:
        yield ogc


def exported(ogc: Ogc, collection: str, form: str, key: str = "", **parameters: Any) -> bytes:
    """The bytes of an export."""
    headers = {"X-API-Key": key or ogc.keys["analyst"]}
    answer = ogc.client.get(f"/exports/{collection}", params={"format": form, **parameters}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == FORMS[form]
    assert answer.headers["content-disposition"] == f'attachment; filename="{collection}.{form}"'
    return answer.content


def rows_of(content: bytes, form: str, folder: Path) -> list[dict[str, Any]]:
    """The rows of a file, by the names of columns where it has them."""
    path = folder / f"x.{form}"
    path.write_bytes(content)
    if form == "csv":
        lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        return [{name: cell.removeprefix("\t") for name, cell in line.items()} for line in lines]
    if form in ("geojson", "ndjson"):
        features = json.loads(content)["features"] if form == "geojson" else map(json.loads, content.splitlines())
        return [feature["properties"] for feature in features]
    if form == "xlsx":
        head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]
    frame = geopandas.read_file(path) if form == "gpkg" else geopandas.read_parquet(path)
    return [dict(row) for row in frame.to_dict("records")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_form_holds_every_item(ogc: Ogc, collection: str, form: str, tmp_path: Path) -> None:
    found = rows_of(exported(ogc, collection, form), form, tmp_path)
    expected = ogc.features(collection, limit=1000)
    assert len(found) == len(expected) > 0
    codes = {"addresses": ("aid", "身份编码"), "divisions": ("code", "区划代码")}
    for name in codes.get(collection, ())[form == "xlsx" :][:1]:
        assert [row[name] for row in found] == [feature["id"] for feature in expected]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_without_rows_is_a_file_all_the_same(ogc: Ogc, form: str, tmp_path: Path) -> None:
    assert rows_of(exported(ogc, "addresses", form, filter="false"), form, tmp_path) == []


def test_points_are_where_they_were(ogc: Ogc, tmp_path: Path) -> None:
    for form in ("gpkg", "parquet", "geojson"):
        path = tmp_path / f"x.{form}"
        path.write_bytes(exported(ogc, "enterprises", form))
        frame = geopandas.read_parquet(path) if form == "parquet" else geopandas.read_file(path)
        assert {(point.x, point.y) for point in frame.geometry} == {(120.15, 30.2), (120.05, 30.2)}
        assert frame.crs.to_epsg() in (4326, None)
    (line,) = csv.DictReader(io.StringIO(exported(ogc, "addresses", "csv", area=THERE).decode("utf-8-sig")))
    assert (line["point_lon"], line["point_lat"], line["division_code"]) == ("120.15", "30.2", f"\t{THERE}")


def test_csv_is_for_spreadsheets_that_speak_chinese_and_codes_are_text(ogc: Ogc) -> None:
    content = exported(ogc, "addresses", "csv", area=THERE)
    assert content.startswith(b"\xef\xbb\xbf")
    assert f'"\t{THERE}"'.encode() in content, "a tab keeps its digits where a spreadsheet would take it for a number"
    schema = pq.read_schema(io.BytesIO(exported(ogc, "divisions", "parquet")))
    assert str(schema.field("code").type) == "string"
    assert json.loads(schema.metadata[b"geo"])["columns"]["geometry"]["encoding"] == "WKB"


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(ogc: Ogc, cell: str, tmp_path: Path) -> None:
    ogc.rows("UPDATE thing SET name = :name RETURNING 1", name=cell)
    (line,) = rows_of(exported(ogc, "things", "csv"), "csv", tmp_path)
    assert line["name"] == f"'{cell}"
    (row,) = rows_of(exported(ogc, "things", "xlsx"), "xlsx", tmp_path)
    assert row["名称"] == f"'{cell}"
    assert json.loads(exported(ogc, "things", "ndjson"))["properties"]["name"] == cell


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("coding", ["zstd", "gzip"])
def test_what_is_sent_in_pieces_is_compressed(ogc: Ogc, form: str, coding: str) -> None:
    plain = exported(ogc, "divisions", form)
    headers = {"X-API-Key": ogc.keys["analyst"], "Accept-Encoding": coding}
    asked = {"format": form}
    with ogc.client.stream("GET", "/exports/divisions", params=asked, headers=headers) as answer:
        sent = b"".join(answer.iter_raw())
    if form not in IN_PIECES:
        assert "content-encoding" not in answer.headers
        return
    assert answer.headers["content-encoding"] == coding
    assert "Accept-Encoding" in answer.headers["vary"]
    unpacked = (
        gzip.decompress(sent) if coding == "gzip" else zstandard.ZstdDecompressor().decompressobj().decompress(sent)
    )
    assert unpacked == plain
    assert len(sent) < len(plain)
    bare = ogc.client.get("/exports/divisions", params=asked, headers={**headers, "Accept-Encoding": "identity"})
    assert "content-encoding" not in bare.headers
    assert bare.content == plain


@pytest.mark.parametrize("coding", ["zstd", "gzip"])
def test_every_piece_can_be_read_as_soon_as_it_comes(coding: str) -> None:
    closed = threading.Event()

    def rows() -> Generator[bytes]:
        try:
            for number in range(1000):
                yield f"row {number}\n".encode()
        finally:
            closed.set()

    packed = compressed(rows(), coding)
    reader = zlib.decompressobj(31) if coding == "gzip" else zstandard.ZstdDecompressor().decompressobj()
    for number in range(3):
        assert reader.decompress(next(packed)) == f"row {number}\n".encode()
    packed.close()
    assert closed.is_set(), "what makes the pieces is closed with them"


def test_filters_and_properties_are_those_of_lists(ogc: Ogc) -> None:
    lines = exported(ogc, "addresses", "ndjson", filter="kind = 'B'", properties="name").splitlines()
    assert {json.loads(line)["properties"]["name"] for line in lines} == {"3幢", "30幢"}
    for parameters, field in (({"format": "doc"}, "format"), ({"filter": "x"}, "filter"), ({"limit": "5"}, "limit")):
        answer = ogc.client.get("/exports/addresses", params=parameters, headers={"X-API-Key": ogc.keys["analyst"]})
        assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_the_policy_is_that_of_lists_and_persons_are_on_record(ogc: Ogc) -> None:
    refused = ogc.client.get("/exports/persons", headers={"X-API-Key": ogc.keys["viewer"]})
    assert refused.status_code == 403
    bound = ogc.key(AccessRole.ANALYST, areas=(HERE,))
    content = exported(ogc, "persons", "ndjson", bound)
    people = [json.loads(line) for line in content.splitlines()]
    assert {person["properties"]["division_code"] for person in people} == {HERE}
    assert {person["properties"]["name"] for person in people} == {"王**"}
    (line,) = ogc.rows("SELECT route, subjects::text[] FROM access_log ORDER BY entry_id DESC LIMIT 1")
    assert line == ("/exports/{collection}", [person["id"] for person in people])


def job_of(ogc: Ogc, collection: str, key: str = "", **parameters: Any) -> dict[str, Any]:
    """A job that was asked for, as soon as it has ended."""
    headers = {"X-API-Key": key or ogc.keys["analyst"]}
    asked = ogc.client.post(f"/exports/{collection}", params=parameters, headers=headers)
    assert asked.status_code == 202, asked.text
    job: dict[str, Any] = {}

    def has_ended() -> bool:
        job.update(ogc.client.get(asked.headers["location"], headers=headers).json())
        return job["state"] not in ("waiting", "running")

    until(has_ended)
    return job


@pytest.mark.parametrize("form", FORMS)
def test_a_job_makes_the_file_that_its_link_leads_to(ogc: Ogc, form: str, tmp_path: Path) -> None:
    job = job_of(ogc, "addresses", format=form, filter="kind = 'B'")
    assert job["state"] == "done"
    answer = ogc.client.get(job["href"])
    assert answer.headers["content-type"] == FORMS[form]
    assert len(rows_of(answer.content, form, tmp_path)) == 2
    assert isinstance(job["expected"], int)
    assert job["rows"] == 2


def test_a_link_is_good_for_its_file_until_its_time_and_while_the_key_is(ogc: Ogc) -> None:
    key = ogc.key(AccessRole.ANALYST)
    job, other = job_of(ogc, "persons", key), job_of(ogc, "addresses", key)
    link, other_link = httpx.URL(job["href"]), httpx.URL(other["href"])
    assert ogc.client.get(link).status_code == 200
    for changed in (
        link.copy_set_param("expires", "99999999999"), link.copy_set_param("expires", "x"),
        link.copy_set_param("signature", "0" * 32), link.copy_with(path=other_link.path), link.copy_with(query=None),
        link.copy_set_param("signature", "é"),
    ):  # fmt: skip
        assert ogc.client.get(changed).status_code == 403, changed
    ogc.rows("UPDATE api_key SET revoked_at = now() WHERE key_id = (SELECT max(key_id) FROM api_key) RETURNING 1")
    assert ogc.client.get(link).status_code == 401


def test_a_job_is_told_to_its_own_key_only_and_keeps_the_policy(ogc: Ogc) -> None:
    here = ogc.key(AccessRole.ANALYST, areas=(HERE,))
    job = job_of(ogc, "persons", here, format="ndjson")
    assert ogc.client.get(f"/exports/jobs/{job['job_id']}", headers={"X-API-Key": ogc.keys["admin"]}).status_code == 404
    people = [json.loads(line) for line in ogc.client.get(job["href"]).content.splitlines()]
    assert {person["properties"]["division_code"] for person in people} == {HERE}
    line, _fetched = ogc.rows("SELECT key_id, route, persons FROM access_log ORDER BY entry_id DESC LIMIT 2")[::-1]
    assert line == (ogc.rows("SELECT max(key_id) FROM api_key")[0][0], "/exports/{collection}", len(people))


QUEUED = """
    INSERT INTO export_job (key_id, purpose, collection, format, question)
    SELECT key_id, purpose, collection, format, question FROM export_job WHERE collection = 'things'
    RETURNING job_id
"""
"""A job of the analyst, put into the queue behind the back of the service, which would wait for the lock too."""


def test_a_job_that_is_cancelled_ends_its_query_and_leaves_no_file(ogc: Ogc) -> None:
    headers = {"X-API-Key": ogc.keys["analyst"]}
    job_of(ogc, "things")
    with ogc.engine.begin() as lock:
        lock.exec_driver_sql("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE")
        ((job_id,),) = ogc.rows(QUEUED)
        at = f"/exports/jobs/{job_id}"
        until(lambda: ogc.client.get(at, headers=headers).json()["state"] == "running")
        until(ogc.is_held_up)
        assert ogc.client.delete(at, headers=headers).json()["state"] == "cancelled"
        until(lambda: not ogc.is_held_up(), within_s=PATIENCE_S)
    job = ogc.client.get(at, headers=headers).json()
    assert job["state"] == "cancelled"
    assert "href" not in job


def test_files_go_when_their_time_is_over_and_jobs_of_a_dead_process_have_failed(ogc: Ogc) -> None:
    job = job_of(ogc, "addresses")
    headers = {"X-API-Key": ogc.keys["analyst"]}
    ogc.rows("UPDATE export_job SET expires_at = now() WHERE job_id = :id RETURNING 1", id=job["job_id"])
    until(lambda: ogc.client.get(f"/exports/jobs/{job['job_id']}", headers=headers).json()["state"] == "expired")
    assert ogc.client.get(job["href"]).status_code == 404
    dead = "UPDATE export_job SET state = 'running', beat_at = now() - interval '1 day' WHERE job_id = :id RETURNING 1"
    ogc.rows(dead, id=job["job_id"])
    until(lambda: ogc.client.get(f"/exports/jobs/{job['job_id']}", headers=headers).json()["state"] == "failed")


STATE = """
    UPDATE export_job SET state = :state, beat_at = now() + :old * interval '1 hour' WHERE job_id = :id RETURNING 1
"""


def test_files_that_are_of_no_job_are_swept_and_those_that_are_being_written_are_not(ogc: Ogc, home: Path) -> None:
    folder = home / "exports"
    done, crashed, writing, other = (job_of(ogc, "addresses")["job_id"] for _ in range(4))
    assert (folder / f"{done}.csv").stat().st_mode & 0o777 == 0o600, "whoever else is on the machine"
    ogc.rows(STATE, state="running", old=-1, id=crashed)
    for number in (writing, other):
        ogc.rows(STATE, state="running", old=1, id=number)
    kept = {f"{done}.csv", f"{writing}.csv", f".7.{writing}.csv", f".7.{other}.gpkg-journal", ".8.999999.csv"}
    gone = {f"{crashed}.csv", f".7.{crashed}.csv", f".7.{done}0.csv", "999999.csv", "copy of 1.csv", "x"}
    for name in (kept | gone) - {f"{number}.csv" for number in (done, crashed, writing)}:
        (folder / name).write_text("王五")
        if name != ".8.999999.csv":  # written just now, by whoever removes it
            os.utime(folder / name, (0, 0))
    until(lambda: not gone & {file.name for file in folder.iterdir()})
    assert kept <= {file.name for file in folder.iterdir()}
    for number in (writing, other):
        ogc.rows(STATE, state="failed", old=0, id=number)


def test_a_file_of_persons_that_is_fetched_is_on_record(ogc: Ogc) -> None:
    key = ogc.key(AccessRole.ANALYST, areas=(HERE,))
    job, (number,) = job_of(ogc, "persons", key), ogc.rows("SELECT max(key_id) FROM api_key")[0]
    asked = "SELECT key_id, reader, route, subject, persons, fields LIKE '%masked%', request_id FROM access_log"
    fetched = f"{asked} WHERE subject = 'export-{job['job_id']}' ORDER BY entry_id"
    cases: tuple[tuple[dict[str, str], str], ...] = (({}, "test analyst (link)"), ({"X-API-Key": key}, "test analyst"))
    for headers, reader in cases:
        answer = ogc.client.get(job["href"], headers=headers)
        assert answer.status_code == 200
        made = (f"export-{job['job_id']}", job["rows"], True, answer.headers["x-request-id"])
        assert ogc.rows(fetched)[-1] == (number, reader, "/exports/files/{job_id}", *made)
    assert ogc.client.get(job["href"] + "0").status_code == 403
    assert len(ogc.rows(fetched)) == 2
    other = job_of(ogc, "addresses")
    assert ogc.client.get(other["href"]).status_code == 200
    assert ogc.rows(f"{asked} WHERE subject = 'export-{other['job_id']}'") == []


@pytest.mark.parametrize("change", ["role = 'viewer'", "areas = '{330199}'", "revoked_at = now()"])
def test_what_a_key_has_exported_goes_with_its_rights(ogc: Ogc, home: Path, change: str) -> None:
    key = ogc.key(AccessRole.ANALYST, areas=(HERE,))
    job, (number,) = job_of(ogc, "persons", key), ogc.rows("SELECT max(key_id) FROM api_key")[0]
    path = home / "exports" / f"{job['job_id']}.csv"
    assert path.exists()
    ogc.rows("UPDATE api_key SET role = role, areas = areas, label = 'x' WHERE key_id = :id RETURNING 1", id=number)
    assert ogc.client.get(job["href"]).status_code == 200, "nothing has changed"
    other = job_of(ogc, "addresses", key)["job_id"]
    ogc.rows(STATE, state="running", old=1, id=other)
    ogc.rows(f"UPDATE api_key SET {change} WHERE key_id = :id RETURNING 1", id=number)
    answer = ogc.client.get(job["href"])
    assert answer.status_code == (401 if "revoked" in change else 404)
    assert "revoked" in change or "权限已变更" in answer.json()["detail_zh"]
    until(lambda: not path.exists())
    ((state, why),) = ogc.rows("SELECT state, fault_en FROM export_job WHERE job_id = :id", id=other)
    assert (state, "rights" in why) == ("failed", True)


def test_an_export_that_nobody_waits_for_ends_its_query(ogc: Ogc) -> None:
    """A lock makes the query wait; the client goes away; the query ends while the lock still stands."""
    for form in ("ndjson", "csv", "parquet"):  # httpx takes zstd and gzip, so the pieces are compressed
        with ogc.engine.begin() as lock:
            lock.exec_driver_sql("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE")
            ogc.ask_and_go_away("/exports/things", format=form)
            until(lambda: not ogc.is_held_up(), within_s=PATIENCE_S)
    assert len(exported(ogc, "things", "ndjson").splitlines()) == 1
