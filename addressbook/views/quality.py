"""How good the registry is: figures, each with what it is a part of and the rows behind it. Nothing personal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from addressbook.divisions.codes import code_range
from addressbook.errors import NotFoundError
from addressbook.model import LEVEL_OF_KIND
from addressbook.registry.duplicates import Pair, alike_names
from addressbook.store import quality as stored
from addressbook.store.gazetteer import need_division
from addressbook.store.names import newest_event
from addressbook.store.reading import Row

OUTSIDE_DEGREES = 0.001
"""About a hundred metres: outlines are drawn coarsely."""
FAR_M = 1000
STALE_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its name, what it says, and which total it is a part of."""

    name: str
    en: str
    zh: str
    of: str = "addresses"


FIGURES = (
    Figure("without_point", "addresses without a point", "没有坐标的地址"),
    Figure("borrowed_point", "addresses drawn at the point of what they lie in", "借用上级坐标的地址"),
    Figure("without_community", "addresses without a community", "未落到社区的地址", "addresses_but_streets"),
    Figure("outside_division", "points outside their division", "坐标在所属区划之外", "addresses_with_a_point"),
    Figure("far_from_siblings", "points far from their siblings", "坐标远离同级地址", "addresses_with_a_point"),
    Figure("duplicates", "pairs that may be one address", "疑似重复的地址"),
    Figure("doubts", "attributes under review", "存疑的属性"),
    Figure("not_at_address", "links not yet at an address", "尚未落址的关联", "links"),
    Figure("in_review", "items that wait for a person", "待人工审核的事项", "links_and_items"),
    Figure("links", "links by category and level", "按类别和层级的关联", "links"),
    Figure("stale_sources", "sources without a load for 90 days", "超过九十天未更新的来源", "sources"),
    Figure("churn", "changes of addresses, by month and kind", "按月份和类型的地址变更"),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which division, all where None; between which transactions churn is counted; and what day it is."""

    now: datetime
    division: str | None = None
    since: int = 0
    until: int | None = None

    def asked(self, connection: Connection) -> Row:
        """The parameters of every statement. Raises CodeError or NotFoundError for what is no division."""
        low, high = code_range(need_division(connection, self.division)) if self.division else (None, None)
        levels = {kind.value: level.value for kind, level in LEVEL_OF_KIND.items()}
        return {
            "low": low, "high": high, "since": self.since, "until": self.until or newest_event(connection),
            "own_levels": orjson.dumps(levels).decode(), "tolerance": OUTSIDE_DEGREES, "far_m": FAR_M,
            "fresh_since": self.now - STALE_AFTER,
        }  # fmt: skip


def figures(connection: Connection, scope: Scope) -> list[Row]:
    """Every figure: value, what it is a part of, and its parts."""
    asked = scope.asked(connection)
    totals = stored.totals(connection, asked)
    return [_figure(figure, _parts(connection, figure, asked), totals) for figure in FIGURES]


def figure_page(
    connection: Connection, name: str, scope: Scope, *, part: str | None, after: str | None, limit: int
) -> tuple[list[Row], str | None]:  # fmt: skip
    """Rows behind a figure, or one part of it, and the key to go on from; None on the last page.

    Raises NotFoundError for a figure that there is not.
    """
    if name not in BY_NAME:
        raise NotFoundError(
            f"there is no figure {name!r}.", zh=f"没有指标“{name}”。", remedy=f"Known: {', '.join(BY_NAME)}."
        )
    asked = scope.asked(connection)
    if name == "duplicates":
        rows = _pair_rows(connection, suspected(connection, asked), part, after, limit + 1)
    else:
        rows = stored.page(connection, name, asked, part=part, after=after, limit=limit + 1)
    shown = rows[:limit]
    return [{key: row[key] for key in row if key != "key"} for row in shown], _last(rows, limit)


def suspected(connection: Connection, asked: Row) -> list[Pair]:
    """Pairs of live addresses that may be one, each once, by whichever rule found it first."""
    found: dict[tuple[str, str], Pair] = {}
    for pair in (*stored.twins(connection, asked), *alike_names(stored.names(connection, asked))):
        found.setdefault(pair[:2], pair)
    return sorted(found.values())


def _figure(figure: Figure, parts: dict[str, int], totals: Row) -> Row:
    value, of = sum(parts.values()), int(totals[figure.of])
    return {
        "figure": figure.name, "en": figure.en, "zh": figure.zh, "value": value, "of": of, "total": figure.of,
        "share": round(value / of, 4) if of else None, "parts": parts,
    }  # fmt: skip


def _parts(connection: Connection, figure: Figure, asked: Row) -> dict[str, int]:
    if figure.name == "duplicates":
        return dict(sorted(Counter(pair.rule for pair in suspected(connection, asked)).items()))
    return stored.parts(connection, figure.name, asked)


def _pair_rows(
    connection: Connection, pairs: list[Pair], part: str | None, after: str | None, limit: int
) -> list[Row]:  # fmt: skip
    keyed = [(f"{pair.aid} {pair.other_aid}", pair) for pair in pairs if part in (None, pair.rule)]
    shown = [(key, pair) for key, pair in keyed if after is None or key > after][:limit]
    brief = stored.in_brief(connection, [aid for _, pair in shown for aid in pair[:2]])
    return [{"key": key, "part": pair.rule, **_both(pair, brief)} for key, pair in shown]


def _both(pair: Pair, brief: dict[str, Row]) -> dict[str, Any]:
    one, other = brief[pair.aid], brief[pair.other_aid]
    return {**one, "other_aid": other["aid"], "other_text": other["standard_text"], "other_state": other["state"]}


def _last(rows: list[Row], limit: int) -> str | None:
    return str(rows[limit - 1]["key"]) if len(rows) > limit else None
