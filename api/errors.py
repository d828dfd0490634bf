"""Faults as RFC 9457 problem details: one table from exception to status, one shape for every refusal."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import anyio
import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from addressbook import errors

PROBLEM_JSON = "application/problem+json"
QUERY_CANCELED = "57014"
_log = structlog.get_logger("api")

STATUS: dict[type[errors.AddressbookError], int] = {
    errors.SettingError: 500,
    errors.ClusterError: 503,
    errors.DatabaseError: 500,
    errors.CallerLeft: 408,
    errors.DatabaseUnreachable: 503,
    errors.DiskFull: 507,
    errors.InputError: 400,
    errors.FileError: 400,
    errors.FieldError: 400,
    errors.CodeError: 400,
    errors.RuleError: 409,
    errors.NotFoundError: 404,
    errors.NoLongerTold: 410,
    errors.BusyError: 409,
    errors.LogAltered: 500,
    errors.AccessError: 403,
    errors.KeyMissing: 401,
    errors.RoleForbidden: 403,
    errors.TooManyRequests: 429,
    errors.AddressbookError: 500,
}
"""The status of each fault; the nearest base class counts."""

TITLE_ZH = {
    400: "请求有误",
    401: "需要密钥",
    403: "无权访问",
    404: "没有找到",
    405: "方法不允许",
    408: "请求超时",
    409: "与现状冲突",
    410: "不再提供",
    413: "请求过大",
    422: "参数无效",
    429: "请求过于频繁",
    431: "请求头过大",
    500: "服务内部错误",
    503: "服务暂不可用",
    507: "存储空间已满",
}


def problem(status: int, name: str, en: str, zh: str, *, instance: str, request_id: str = "", **more: Any) -> Response:
    """A problem response; `more` are extension members (line, field, remedy), left out where empty."""
    body = {
        "type": f"urn:addressbook:problem:{name}",
        "title": HTTPStatus(status).phrase,
        "title_zh": TITLE_ZH.get(status, ""),
        "status": status,
        "detail": en,
        "detail_zh": zh,
        "instance": instance,
        "request_id": request_id,
        **more,
    }
    kept = {name: value for name, value in body.items() if value != ""}
    return Response(orjson.dumps(kept), status, media_type=PROBLEM_JSON)


def status_of(fault: errors.AddressbookError) -> int:
    """The status of a fault: of its own class, else of the nearest base in the table."""
    return next(STATUS[base] for base in type(fault).__mro__ if base in STATUS)


def problem_name(kind: type[BaseException]) -> str:
    """The last part of a problem's type: NotFoundError → not-found."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__.removesuffix("Error")).lower()


def of_ours(request: Request, fault: Exception) -> Response:
    """Our own faults. Those of the database say what happened, never which statement."""
    assert isinstance(fault, errors.AddressbookError)  # noqa: S101 - registered for this class only
    if getattr(getattr(fault.__cause__, "orig", fault.__cause__), "sqlstate", None) == QUERY_CANCELED:
        return _answer(request, 503, "too-slow", "the query took too long.", "查询超时。", remedy="Narrow it.")
    status = status_of(fault)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error(
            "refused", problem=problem_name(type(fault)), request_id=request.scope.get("request_id"), why=fault.en
        )
    named = {name: getattr(fault, name, "") or "" for name in ("line", "field", "rule", "earliest")}
    answer = _answer(request, status, problem_name(type(fault)), fault.en, fault.zh, remedy=fault.remedy, **named)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="addressbook"'
    if isinstance(fault, errors.TooManyRequests):
        answer.headers["Retry-After"] = str(math.ceil(fault.retry_after_s))
    return answer


async def of_wrong_key(request: Request, fault: Exception) -> Response:
    """The same for a key that is none, after a pause where its sender has guessed before; a request without a key
    guesses nothing. The pause keeps no thread and no connection to the database."""
    if request.scope.get("wrong_key"):
        address = request.client.host if request.client else ""
        await anyio.sleep(request.app.state.service.failed.delay_of(address))
    return of_ours(request, fault)


def of_http(request: Request, fault: Exception) -> Response:
    """404, 405, 413 and what else the framework refuses by itself; its headers (Allow) are kept."""
    assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class only
    zh = TITLE_ZH.get(fault.status_code, "请求被拒绝")
    answer = _answer(request, fault.status_code, f"http-{fault.status_code}", f"{fault.detail}.", f"{zh}。")
    answer.headers.update(fault.headers or {})
    return answer


def of_validation(request: Request, fault: Exception) -> Response:
    """A parameter or body that does not fit its description. The value itself is not repeated: it may be personal."""
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - registered for this class only
    first: Mapping[str, Any] = fault.errors()[0]
    where = first["loc"][:1] if first["type"] == "json_invalid" else first["loc"][1:] or first["loc"]
    field = ".".join(map(str, where))
    why = first.get("ctx", {}).get("zh", "")  # of what we check ourselves: see api/times.py
    zh = f"参数“{field}”无效{'：' if why else ''}{why}。"
    return _answer(request, 422, "invalid-parameter", f"{field}: {first['msg']}.", zh, field=field)


def _answer(request: Request, status: int, name: str, en: str, zh: str, **more: Any) -> Response:
    request_id = request.scope.get("request_id", "")
    return problem(status, name, en, zh, instance=request.url.path, request_id=request_id, **more)


def add_handlers(app: FastAPI) -> None:
    """Register the handlers; whatever is left is a 500 at the edge (api/edge.py)."""
    app.add_exception_handler(errors.AddressbookError, of_ours)
    app.add_exception_handler(errors.KeyMissing, of_wrong_key)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_validation)
