"""The page at `/` and the OpenAPI document: no data, so no key. Without built assets `/` says how to build them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from addressbook.privacy.policy import OPEN
from api.deps import Guard, answer
from api.document import document_of

STATIC = Path(__file__).resolve().parent / "static"
NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>addressbook 统一地址库</title>
<h1>统一地址库 addressbook</h1>
<p>服务已在运行，但网页尚未构建。安装 Node.js 后运行 <code>make</code>。</p>
<p>The service is running, but its page has not been built. Install Node.js and run <code>make</code>.</p>
<p><a href="/openapi.json">/openapi.json</a> · <a href="/health">/health</a></p></html>"""
Open = Annotated[None, Depends(Guard(OPEN))]


def add_page(app: FastAPI, static: Path = STATIC) -> None:
    """Add `/openapi.json`, and `/` with everything below it that no other route takes: last, so that it hides none.

    A route rather than a mount, so that a wrong method on another route is still answered by that route.
    """
    files = StaticFiles(directory=static, html=True, check_dir=False)

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(_open: Open) -> Response:
        return answer(document_of(app))

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request, _open: Open) -> Response:
        if not path and not (static / "index.html").is_file():
            return HTMLResponse(NOT_BUILT)
        try:
            found = await files.get_response(path or "index.html", request.scope)
        except ValueError:  # a NUL byte in the path
            raise HTTPException(404, "Not Found") from None
        # Names of built assets carry a hash of their content; the page itself has to be asked for anew.
        found.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "assets/" in path else "no-cache"
        return found
