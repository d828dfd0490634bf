"""All addresses as a transaction left them: where to begin for whoever does not want the whole feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import take_your_time, transaction
from addressbook.views.changes import need_snapshot
from api.compressing import PLAIN, coding_of
from api.deps import Guard, service_of
from api.files import files_of, one_of_few, sent
from api.routes.changes import LARGEST
from api.schemas import PROBLEMS, Json

router = APIRouter(tags=["changes 变更"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
CSV, GEOPARQUET = "text/csv", "application/vnd.apache.parquet"
FORMATS = {"csv": ("snapshot.csv", CSV), "geoparquet": ("snapshot.parquet", GEOPARQUET)}
_FILE: dict[int | str, Json] = {
    200: {
        "description": "The file; the header Addressbook-Transaction names the transaction",
        "content": {CSV: {}, GEOPARQUET: {}},
    }
}


@router.get("/snapshot", summary="All addresses at a transaction 地址快照", responses={**PROBLEMS, **_FILE})
def get_snapshot(
    request: Request,
    _reader: Viewer,
    tx: Annotated[int | None, Query(ge=0, lt=LARGEST, description="a transaction; the newest where absent")] = None,
    form: Annotated[Literal["csv", "geoparquet"], Query(alias="format")] = "csv",
) -> Response:
    """The file that `addressbook export snapshot` writes. A few are made at once, then 409."""
    service, files = service_of(request), files_of(request)

    def write(path: Path) -> dict[str, str]:
        with one_of_few(files.snapshots), transaction(service.engine) as connection:
            take_your_time(connection)
            chosen = need_snapshot(connection, tx, service.changes_years)
            files.write_snapshot(connection, path, chosen)
            return {"Addressbook-Transaction": str(chosen)}

    coding = coding_of(request.headers.get("accept-encoding", "")) if form == "csv" else PLAIN
    return sent(*FORMATS[form], write, coding)
