"""The documents of OGC API – Features as plain pages: Chinese first, no script, everything escaped."""

from __future__ import annotations

from html import escape
from typing import Any

import orjson
from starlette.responses import HTMLResponse

Json = dict[str, Any]
_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{{font:15px/1.6 system-ui,sans-serif;margin:1.5rem;max-width:80rem}} table{{border-collapse:collapse}}
th,td{{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}} th{{background:#f3f3f3}}
</style></head><body><p><a href="{base}?f=html">统一地址库 addressbook</a></p><h1>{title}</h1>
{body}</body></html>"""


def page(base: str, title: str, document: Json, headings: dict[str, str] | None = None) -> HTMLResponse:
    """A document as a page; `headings` are what properties are called."""
    plain: Json = orjson.loads(orjson.dumps(document))
    links, features = plain.pop("links", []), plain.pop("features", None)
    plain = plain.pop("properties", {}) if plain.get("type") == "Feature" else plain
    body = [_links(links)]
    if features is not None:
        body.append(_features(features, headings or {}))
    body.append(_value(plain, headings or {}))
    return HTMLResponse(_PAGE.format(title=escape(title), base=escape(base), body="\n".join(body)))


def _links(links: list[Json]) -> str:
    items = (f"<li>{_anchor(link)}</li>" for link in links if link.get("rel") != "self")
    return f"<ul>{''.join(items)}</ul>"


def _anchor(link: Json) -> str:
    title: str = link.get("title") or link["rel"]
    return f'<a href="{escape(link["href"])}" rel="{escape(link["rel"])}">{escape(title)}</a>'


def _features(features: list[Json], headings: dict[str, str]) -> str:
    names = list(features[0]["properties"]) if features else []
    head = "".join(f"<th>{escape(headings.get(name, name))}</th>" for name in names)
    rows = "".join(f"<tr>{_cells(feature, names)}</tr>" for feature in features)
    return f"<table><thead><tr>{head}<th>位置</th></tr></thead><tbody>{rows}</tbody></table>"


def _cells(feature: Json, names: list[str]) -> str:
    shown = [feature["properties"].get(name) for name in names]
    geometry = feature.get("geometry")
    point = geometry["coordinates"] if geometry and geometry["type"] == "Point" else geometry and geometry["type"]
    return "".join(f"<td>{_text(value)}</td>" for value in [*shown, point])


def _value(value: Any, headings: dict[str, str]) -> str:
    if isinstance(value, dict):
        return _anchor(value) if {"href", "rel"} <= set(value) else _table(value, headings)
    if isinstance(value, list):
        return f"<ul>{''.join(f'<li>{_value(found, headings)}</li>' for found in value)}</ul>"
    return _text(value)


def _table(document: Json, headings: dict[str, str]) -> str:
    rows = (
        f"<tr><th>{escape(headings.get(name, name))}</th><td>{_value(found, {})}</td></tr>"
        for name, found in document.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _text(value: Any) -> str:
    return "" if value is None else escape(f"{value}")
