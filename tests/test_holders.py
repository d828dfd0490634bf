"""Who comes without a key: with a token of an issuer, or with a session of the page."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import create_engine

from addressbook.config import Settings
from addressbook.errors import KeyMissing, SettingError
from addressbook.privacy.keys import revoke_key, rotate_key
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.tokens import Issuer
from addressbook.store.engine import transaction
from api.issuing import ASKED_AGAIN_S, KEPT_S, Tokens
from tests.access_world import OTHER_CODE, PURPOSE, Registry, served_registry
from tests.worlds import TOWN_CODE, World, until

AUDIENCE = "addressbook"


class LocalIssuer:
    """An OpenID Connect issuer on a real socket: its discovery document and its keys."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"one": ec.generate_private_key(ec.SECP256R1())}
        self.asked = 0
        self.away = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += self.path == "/keys"
                found = {"/.well-known/openid-configuration": issuer.discovery, "/keys": issuer.published}.get(
                    self.path
                )
                self.send_response(503 if issuer.away or found is None else 200)
                self.end_headers()
                if found is not None and not issuer.away:
                    self.wfile.write(json.dumps(found()).encode())

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def discovery(self) -> dict[str, Any]:
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    def published(self) -> dict[str, Any]:
        return {"keys": [self.told(kid, key) for kid, key in self.keys.items()]}

    def told(self, kid: str, key: Any) -> dict[str, Any]:
        """A key as it is published: one of RSA with the algorithm in its number, where there is one."""
        if isinstance(key, rsa.RSAPrivateKey):
            words, stated = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()), kid.partition(" ")[2]
        else:
            words, stated = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()), "ES256"
        return json.loads(words) | {"kid": kid, "use": "sig"} | ({"alg": stated} if stated else {})

    def token(self, kid: str = "one", key: Any = None, algorithm: str = "ES256", **claims: Any) -> str:
        now = datetime.now(UTC)
        said = {
            "iss": self.url, "aud": AUDIENCE, "sub": "clerk-1", "iat": now, "exp": now + timedelta(minutes=5),
            "addressbook_role": "analyst", "preferred_username": "wang",
        } | claims  # fmt: skip
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(kept, self.keys[kid] if key is None else key, algorithm, headers={"kid": kid})


@pytest.fixture(scope="module")
def issuer() -> Iterator[LocalIssuer]:
    issuer = LocalIssuer()
    yield issuer
    issuer.server.shutdown()


@pytest.fixture(scope="module")
def registry(
    issuer: LocalIssuer, make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("home")
    with served_registry(World(create_engine(make_database()), home), home, oidc_issuer=issuer.url) as registry:
        yield registry


@pytest.fixture(autouse=True)
def _no_cookies(registry: Registry) -> None:
    registry.client.cookies.clear()


def get(registry: Registry, path: str, token: str, **headers: str) -> httpx.Response:
    return registry.client.get(path, headers={"Authorization": f"Bearer {token}"} | headers)


def asked_from(registry: Registry, number: int, token: str) -> httpx.Response:
    """Asked with a token by another machine: wrong ones from the same are answered later and later."""
    transport = httpx.HTTPTransport(local_address=f"127.0.0.{number}")
    with httpx.Client(base_url=registry.client.base_url, transport=transport, timeout=60) as client:
        return client.get("/areas/330109", headers={"Authorization": f"Bearer {token}"})


def signed_with(secret: bytes, token: str) -> str:
    """The same token with another signature, HS256, as no library would make it."""
    words = token.rsplit(".", 1)[0]
    made = base64.urlsafe_b64encode(hmac.digest(words.encode(), secret, "sha256")).decode().rstrip("=")
    return f"{words}.{made}"


def test_a_token_reads_as_its_role_and_is_named_in_the_access_log(registry: Registry, issuer: LocalIssuer) -> None:
    path = f"/addresses/{registry.here}/view"
    assert get(registry, path, issuer.token(sub="viewer-1", addressbook_role="viewer")).json()["counts"]
    masked = get(registry, path, issuer.token(addressbook_role=["offline_access", "analyst"]))
    assert masked.status_code == 200
    assert "虚**" in masked.text
    ((reader, key_id),) = registry.log("reader, key_id")
    assert reader == "wang"
    assert registry.world.one("SELECT subject FROM api_key WHERE key_id = :id", id=key_id) == "clerk-1"
    assert get(registry, "/registry/events", issuer.token()).status_code == 403


def test_an_officer_by_token_opens_persons_of_its_areas_for_a_purpose_only(
    registry: Registry, issuer: LocalIssuer
) -> None:
    token = issuer.token(sub="officer-1", addressbook_role="officer", addressbook_areas=[TOWN_CODE])
    here, there = f"/addresses/{registry.here}/view", f"/addresses/{registry.there}/view"
    assert "虚构" in get(registry, here, token, **{"X-Purpose": PURPOSE}).text
    assert "虚构" not in get(registry, here, token).text
    assert "虚" not in str(get(registry, there, token, **{"X-Purpose": PURPOSE}).json()["elements"])


def test_tokens_that_are_not_the_issuers_for_us_and_in_force_are_refused(
    registry: Registry, issuer: LocalIssuer
) -> None:
    now = datetime.now(UTC)
    public = (
        issuer.keys["one"]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    good = issuer.token()
    head, body, signature = good.split(".")
    bad = {
        "expired": issuer.token(exp=now - timedelta(minutes=2)),
        "not yet": issuer.token(nbf=now + timedelta(minutes=5)),
        "another audience": issuer.token(aud="other"),
        "another issuer": issuer.token(iss="https://id.example"),
        "unsigned": issuer.token(key="", algorithm="none"),
        "signed with what is public": signed_with(public, issuer.token(key=b"x" * 32, algorithm="HS256")),
        "signed with another key": issuer.token(key=ec.generate_private_key(ec.SECP256R1())),
        "another kind of key": issuer.token(key=rsa.generate_private_key(65537, 2048), algorithm="RS256"),
        "no subject": issuer.token(sub=None),
        "no end": issuer.token(exp=None),
        "no beginning": issuer.token(iat=None),
        "no role": issuer.token(addressbook_role=None),
        "a role that is none": issuer.token(addressbook_role="root"),
        "two roles": issuer.token(addressbook_role=["viewer", "admin"]),
        "areas of a role without": issuer.token(addressbook_role="viewer", addressbook_areas=[TOWN_CODE]),
        "areas that are none": issuer.token(addressbook_areas=["33010"]),
        "areas that are an object": issuer.token(addressbook_areas={"a": 1}),
        "an end beyond all years": issuer.token(exp=10**15),
        "a beginning that is no moment": issuer.token(iat=-(10**15)),
        "a subject that no text may hold": issuer.token(sub="a\0b"),
        "a subject of half a character": issuer.token(sub="\ud800"),
        "changed": f"{head}.{body[:-2]}AA.{signature}",
        "cut": good[:-20],
        "long": good + "A" * 9000,
        "no token": "eyJhbGciOiJub25lIn0.e30.",
        "words": "hello",
    }
    answers = {name: asked_from(registry, number, token) for number, (name, token) in enumerate(bad.items(), 2)}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(bad, 401)
    assert all("eyJ" not in answer.text for answer in answers.values())
    assert get(registry, "/areas/330109", good).status_code == 200


def test_a_name_that_would_write_to_a_terminal_is_kept_as_one_that_does_not(
    registry: Registry, issuer: LocalIssuer
) -> None:
    token = issuer.token(sub="painter", preferred_username="王\x1b[2J\0\ud800\n五")
    assert get(registry, "/session", token).json()["label"] == "王�[2J���五"


def test_a_holder_is_revoked_as_a_key_is(registry: Registry, issuer: LocalIssuer) -> None:
    token = issuer.token(sub="leaver")
    assert get(registry, "/areas/330109", token).status_code == 200
    with transaction(registry.world.engine) as connection:
        assert revoke_key(connection, registry.world.one("SELECT key_id FROM api_key WHERE subject = 'leaver'"))
    for found in (token, issuer.token(sub="leaver", addressbook_role="viewer")):
        assert get(registry, "/areas/330109", found).status_code == 401


def test_an_older_token_with_other_rights_ends_when_a_newer_one_comes(registry: Registry, issuer: LocalIssuer) -> None:
    now = datetime.now(UTC)
    older = issuer.token(sub="mover", iat=now - timedelta(minutes=2), addressbook_areas=[OTHER_CODE])
    assert get(registry, "/areas/330109", older).status_code == 200
    assert get(registry, "/areas/330109", issuer.token(sub="mover", addressbook_areas=[TOWN_CODE])).status_code == 200
    assert get(registry, "/areas/330109", older).status_code == 401
    assert registry.world.rows("SELECT areas FROM api_key WHERE subject = 'mover'") == [([TOWN_CODE[:9]],)]


def test_who_lost_rights_fetches_no_persons_in_full_any_more(registry: Registry, issuer: LocalIssuer) -> None:
    before = datetime.now(UTC) - timedelta(minutes=2)
    officer = issuer.token(
        sub="demoted", iat=before, addressbook_role="officer", addressbook_areas=[TOWN_CODE]
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {officer}", "X-Purpose": PURPOSE}
    asked = registry.client.post("/exports/persons?format=ndjson", headers=headers)
    assert asked.status_code == 202, asked.text
    job: dict[str, Any] = {}

    def is_done() -> bool:
        job.update(get(registry, asked.headers["location"], officer).json())
        return bool(job["state"] == "done")

    until(is_done)
    link = str(httpx.URL(job["href"]).raw_path, "ascii")
    assert "虚构" in get(registry, link, officer).text
    hook = {"url": "https://hooks.example.com/a", "division": TOWN_CODE}
    made = registry.client.post("/webhooks", headers=headers, json=hook)
    assert made.status_code == 200, made.text
    assert made.json()["role"] == "officer"
    viewer = issuer.token(sub="demoted", addressbook_role="viewer")
    refused = get(registry, link, viewer)
    assert (refused.status_code, "虚构" in refused.text) == (404, False)
    until(lambda: not list((registry.world.folder / "exports").glob(f"{job['job_id']}.*")))
    assert get(registry, f"/webhooks/{made.json()['webhook_id']}", viewer).json()["role"] == "viewer"


def test_invented_key_numbers_do_not_make_us_hammer_the_issuer(registry: Registry, issuer: LocalIssuer) -> None:
    assert get(registry, "/areas/330109", issuer.token()).status_code == 200
    before = issuer.asked
    stranger = ec.generate_private_key(ec.SECP256R1())
    issuer.keys["stranger"] = stranger
    token = issuer.token("stranger")
    del issuer.keys["stranger"]
    for number in range(50, 55):
        assert asked_from(registry, number, token).status_code == 401
    assert issuer.asked - before <= 1


def test_new_keys_of_the_issuer_are_found_and_old_ones_outlive_its_absence() -> None:
    issuer, now = LocalIssuer(), 0.0
    tokens = Tokens(Issuer(issuer.url, AUDIENCE, "addressbook_role", "addressbook_areas"), clock=lambda: now)

    def subject(token: str) -> str:
        return asyncio.run(tokens.claims(token)).subject

    assert subject(issuer.token()) == "clerk-1"
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(KeyMissing):
        subject(issuer.token("two"))
    now += ASKED_AGAIN_S + 1
    assert subject(issuer.token("two")) == "clerk-1"
    old = issuer.token("one")
    issuer.away, now = True, now + KEPT_S + 1
    assert subject(old) == "clerk-1"
    issuer.away, now = False, now + KEPT_S + 1
    del issuer.keys["one"]
    with pytest.raises(KeyMissing):
        subject(old)
    issuer.server.shutdown()


def test_an_rsa_key_is_good_for_what_its_issuer_says_or_for_all_of_rsa() -> None:
    issuer, key = LocalIssuer(), rsa.generate_private_key(65537, 2048)
    issuer.keys |= {"any": key, "one RS256": key, "one PS384": key}
    tokens = Tokens(Issuer(issuer.url, AUDIENCE, "addressbook_role", "addressbook_areas"))

    def is_taken(kid: str, algorithm: str) -> bool:
        try:
            return asyncio.run(tokens.claims(issuer.token(kid, algorithm=algorithm))).subject == "clerk-1"
        except KeyMissing:
            return False

    every = [f"{kind}{bits}" for kind in ("RS", "PS") for bits in (256, 384, 512)]
    assert [is_taken("any", algorithm) for algorithm in every] == [True] * 6
    assert [algorithm for algorithm in every if is_taken("one RS256", algorithm)] == ["RS256"]
    assert [algorithm for algorithm in every if is_taken("one PS384", algorithm)] == ["PS384"]
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"any"}').decode().rstrip("=")
    forged = signed_with(public, f"{head}.{issuer.token('any', algorithm='RS256').split('.')[1]}.x")
    with pytest.raises(KeyMissing):
        asyncio.run(tokens.claims(forged))
    issuer.server.shutdown()


@pytest.mark.parametrize("url", ["http://id.example", "id.example", "https://id.example/?a=1", "ftp://id.example"])
def test_an_issuer_whose_keys_could_be_anybodys_is_a_setting_to_change(url: str) -> None:
    with pytest.raises((SettingError, ValueError)):
        Settings(oidc_issuer=url)


def test_a_session_reads_as_its_key_and_ends_at_once(registry: Registry) -> None:
    client, key = registry.client, registry.keys["analyst"]
    begun = client.post("/session", headers={"X-API-Key": key})
    assert begun.status_code == 200
    cookie = begun.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/"))
    assert "max-age" not in cookie  # closing the browser forgets it
    assert "secure" not in cookie  # over http, where the browser would not send it back
    path = f"/addresses/{registry.here}/view"
    assert "虚**" in client.get(path).text
    told = client.get("/session").json()
    assert (told["role"], told["csrf"]) == ("analyst", begun.json()["csrf"])
    session = client.cookies["addressbook_session"]
    stored = registry.world.one("SELECT string_agg(s::text, '') FROM page_session s")
    assert session not in stored
    assert client.delete("/session").status_code == 403
    assert client.delete("/session", headers={"X-CSRF-Token": told["csrf"]}).status_code == 204
    assert client.get(path, headers={"Cookie": f"addressbook_session={session}"}).status_code == 401


def test_a_change_by_session_needs_what_only_our_page_was_told(registry: Registry) -> None:
    client, other = registry.client, registry.client.post("/session", headers={"X-API-Key": registry.keys["viewer"]})
    client.cookies.clear()
    csrf = client.post("/session", headers={"X-API-Key": registry.keys["reviewer"]}).json()["csrf"]
    body = {"aid": registry.here, "text": "", "reason": "x"}
    for given in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": other.json()["csrf"]}, {"X-CSRF-Token": "é".encode()}):
        refused = client.post("/aliases", json=body, headers=given)
        assert refused.status_code == 403
        assert "X-CSRF-Token" in refused.json()["remedy"]
    assert client.post("/aliases", json=body, headers={"X-CSRF-Token": csrf}).status_code in (400, 422)
    key = {"X-API-Key": registry.keys["reviewer"]}
    assert client.post("/aliases", json=body, headers=key).status_code in (400, 422)


def test_a_session_ends_with_the_key_that_was_rotated_away(registry: Registry) -> None:
    key, client = registry.key("rotated", AccessRole.VIEWER), registry.client
    assert client.post("/session", headers={"X-API-Key": key}).status_code == 200
    number = registry.world.one("SELECT max(key_id) FROM api_key WHERE label = 'rotated'")

    def rotate(grace: timedelta) -> str:
        with transaction(registry.world.engine) as connection:
            return rotate_key(connection, number, grace)

    rotate(timedelta(hours=1))
    assert client.get("/areas/330109").status_code == 200, "the old key is good, and so is what it began"
    newest = rotate(timedelta(0))
    assert client.get("/areas/330109").status_code == 401
    assert client.post("/session", headers={"X-API-Key": newest}).status_code == 200
    assert client.get("/areas/330109").status_code == 200


def test_a_session_does_not_outlive_the_key_that_began_it(registry: Registry) -> None:
    """Rotated twice, each time with grace: the first key is good no longer, and what it began, and what that began."""
    key, client = registry.key("rotated twice", AccessRole.VIEWER), registry.client
    number = registry.world.one("SELECT max(key_id) FROM api_key WHERE label = 'rotated twice'")

    def begun(**headers: str) -> tuple[dict[str, str], str]:
        answer = client.post("/session", headers=headers)
        assert answer.status_code == 200, answer.text
        cookie = f"addressbook_session={client.cookies['addressbook_session']}"
        client.cookies.clear()
        return {"Cookie": cookie}, answer.json()["csrf"]

    def rotate() -> str:
        with transaction(registry.world.engine) as connection:
            return rotate_key(connection, number, timedelta(hours=1))

    first, csrf = begun(**{"X-API-Key": key})
    second, _ = begun(**first, **{"X-CSRF-Token": csrf})
    middle = rotate()
    third, _ = begun(**{"X-API-Key": middle})
    for session in (first, second, third):
        assert client.get("/areas/330109", headers=session).status_code == 200
    rotate()
    for session, status in ((first, 401), (second, 401), (third, 200)):
        assert client.get("/areas/330109", headers=session).status_code == status
    assert client.get("/areas/330109", headers={"X-API-Key": key}).status_code == 401


def test_a_session_ends_with_its_key(registry: Registry) -> None:
    key = registry.key("leaving", AccessRole.VIEWER)
    assert registry.client.post("/session", headers={"X-API-Key": key}).status_code == 200
    assert registry.client.get("/areas/330109").status_code == 200
    with transaction(registry.world.engine) as connection:
        revoke_key(connection, registry.world.one("SELECT max(key_id) FROM api_key WHERE label = 'leaving'"))
    assert registry.client.get("/areas/330109").status_code == 401


@pytest.mark.parametrize("session", ["", "x", "A" * 43, "A" * 5000])
def test_a_session_that_is_none_is_refused(registry: Registry, session: str) -> None:
    assert registry.client.get("/areas/330109", headers={"Cookie": f"addressbook_session={session}"}).status_code == 401


def test_sessions_of_a_token_end_with_it(registry: Registry, issuer: LocalIssuer) -> None:
    ends = datetime.now(UTC) + timedelta(minutes=5)
    token = issuer.token(sub="short", exp=ends)
    begun = registry.client.post("/session", headers={"Authorization": f"Bearer {token}"}).json()
    assert abs(datetime.fromisoformat(begun["expires_at"]) - ends) < timedelta(seconds=2)
