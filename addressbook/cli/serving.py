"""Commands about the service: serving, the sample district to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.config import Settings, read_settings
from loaders import demo as demo_district

serving = typer.Typer()


@serving.command()
def serve() -> None:
    """启动服务 — serve the API and the page until Ctrl-C."""
    ready()
    _serve(read_settings())


@serving.command()
def demo(addresses: Annotated[int, typer.Option(min=100)] = 20_000, seed: Annotated[int, typer.Option()] = 7) -> None:
    """示例 — load the sample district where it is not loaded yet, serve it, and print where to look."""
    at = ready()
    district = demo_district.prepare(at.engine, at.secret, at.settings.home, addresses=addresses, seed=seed)
    at.engine.dispose()
    demo_district.print_where_to_look(at.settings, district)
    _serve(at.settings)


def _serve(settings: Settings) -> None:
    # Imported here because the service's libraries take a second that no other command should pay.
    from addressbook.cli.files import files
    from api import serve as serve_api

    serve_api(settings, files)
