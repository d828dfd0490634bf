"""Sessions of the page: begun with a key or a token, told, ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.privacy.sessions import begin_session, change_token, end_session
from api.deps import Guard, answer, service_of
from api.readers import COOKIE, key_sent
from api.schemas import PROBLEMS, SESSION

router = APIRouter(tags=["session 会话"], responses=PROBLEMS)
Anyone = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]


@router.post("/session", summary="Begin a session 登录", responses=SESSION)
async def post_session(request: Request, reader: Anyone) -> Response:
    """A cookie that stands for the key or token sent, and what changes asked with it need.

    The browser forgets it when it is closed, the service after twelve hours.
    """
    session, ends = await begin_session(
        service_of(request).asking, reader, key_sent(request), request.cookies.get(COOKIE, "")
    )
    response = answer(_told(reader, session) | {"expires_at": ends})
    response.set_cookie(
        COOKIE, session, path="/", secure=request.url.scheme == "https", httponly=True,
        samesite="strict",
    )  # fmt: skip
    return response


@router.get("/session", summary="Who is asking 当前身份", responses=SESSION)
async def get_session(request: Request, reader: Anyone) -> Response:
    """Role, label and areas of whoever asks; `csrf` where it asks with a session."""
    return answer(_told(reader, request.cookies.get(COOKIE, "")))


@router.delete("/session", summary="End the session 退出", status_code=204)
async def delete_session(request: Request, _reader: Anyone) -> Response:
    """The session of the cookie ends at once, everywhere."""
    await end_session(service_of(request).asking, request.cookies.get(COOKIE, ""))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _told(reader: Reader, session: str) -> dict[str, object]:
    told = {"role": reader.role, "label": reader.label, "areas": list(reader.areas)}
    return {**told, "csrf": change_token(session) if session else None}
