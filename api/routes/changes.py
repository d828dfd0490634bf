"""The change feed, for mirrors and for whoever wants to know what happened."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.changes import Position, beginning, changes, checksum, going_on
from api import paging
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, Json

router = APIRouter(tags=["changes 变更"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
NDJSON = "application/x-ndjson"
MOST_LINES, LARGEST = 10_000, 2**62
_LINES: dict[int | str, Json] = {
    200: {"description": "Lines of JSON; the header Link has where to go on", "content": {NDJSON: {}}}
}
_SUM: dict[int | str, Json] = {200: {"description": "transaction, addresses, aliases, checksum"}}


@router.get("/changes", summary="Changes since a transaction 变更流", responses={**PROBLEMS, **_LINES})
def get_changes(
    request: Request,
    _reader: Viewer,
    since: Annotated[int, Query(ge=0, lt=LARGEST, description="the last transaction known; 0: everything")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LINES)] = 1000,
    cursor: Annotated[str | None, Query(max_length=2000, description="from the header Link, in place of since")] = None,
) -> Response:
    """One line a change, in the order of transactions, at the same cost wherever the page is.

    The header `Link` has rel next always, for the feed has no end; a page without lines says there is nothing new.
    Where the feed no longer reaches back to `since`, the answer is 410 and names the `earliest` transaction.
    """
    service, asked = service_of(request), _position(cursor) if cursor else None
    with transaction(service.engine) as connection:
        years = service.changes_years
        behind = going_on(connection, asked, years) if asked else beginning(connection, since, years)
        lines, position, newest = changes(connection, behind, limit)
    following = paging.encode(_parts(position), "changes")
    link = paging.link(request, "next", cursor=following)["href"]
    headers = {"Link": f'<{link}>; rel="next"', "Addressbook-Newest-Transaction": str(newest)}
    return Response(b"".join(orjson.dumps(line) + b"\n" for line in lines), media_type=NDJSON, headers=headers)


@router.get("/changes/checksum", summary="What a mirror compares 校验", responses={**PROBLEMS, **_SUM})
def get_checksum(
    request: Request,
    _reader: Viewer,
    at: Annotated[int | None, Query(ge=0, lt=LARGEST, description="a transaction; the newest where absent")] = None,
) -> Response:
    """Numbers of addresses and aliases as a transaction left them, and a checksum of all that the feed says of them."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        return answer(checksum(connection, at, service.changes_years))


def _position(cursor: str) -> Position:
    """A position from a cursor. Raises FieldError."""
    numbers, key = paging.decode_pair(cursor, "changes")
    event, _, begun = numbers.partition("/")
    return Position(paging.number(event), key, paging.number(begun or "0"))


def _parts(position: Position) -> list[str]:
    """A position as its cursor has it: mirrors keep theirs, so `begun` is beside the event only while it counts."""
    numbers = (position.event, position.begun) if position.event <= position.begun else (position.event,)
    return ["/".join(map(str, numbers)), position.key]
