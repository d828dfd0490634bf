"""A new list of divisions applied as one registry event: divisions, outlines, addresses, links and counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from addressbook.divisions import level_of, pad
from addressbook.divisions.listing import checked_list
from addressbook.divisions.plan import Plan, entry_as_data, range_of, touched_codes
from addressbook.errors import BusyError, RuleError
from addressbook.model import Level
from addressbook.registry.events import EventKind
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.division_planning import DivisionList, divisions_in_force, plan_divisions
from addressbook.store.division_rezoning import Rezoning, rezone_addresses, rezone_division_links, rezone_reviews
from addressbook.store.division_splitting import settle_splits
from addressbook.store.division_writing import begin_divisions, keep_root, write_divisions, write_outlines
from addressbook.store.engine import driver_of, take_your_time
from addressbook.store.gazetteer import UNDATED, gazetteer_of
from addressbook.store.outbox import announce_event
from addressbook.store.transactions import Because, begin, recorded

UNDECIDED_SHOWN = 10
CHANGE_LOCK = 7_301_020
_IN_USE = """
    SELECT community_code, sum(count)::bigint FROM rollup
    WHERE community_code >= %(low)s AND community_code <= %(high)s AND count > 0
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change of divisions came to: its event, and how many addresses and links it touched."""

    event_id: int
    plan: Plan
    addresses: int


def apply_divisions(connection: Connection, given: DivisionList, because: Because) -> Applied:
    """Do what the plan says, as one event. Codes of addresses stay; their division, text and counts follow, dated.

    Raises what `plan_divisions` raises, and RuleError for what cannot be decided, or where nothing changes; BusyError
    while another list is being applied.
    """
    _need_alone(connection)
    source_id = begin(connection, because)
    take_your_time(connection)
    plan = plan_divisions(connection, given)
    _need_decided(plan)
    event = recorded(connection, EventKind.DIVISIONS, because, effective=plan.effective, request=_as_data(plan))
    keep_root(connection, plan.below, event)
    before = gazetteer_of(connection)
    outlines = dict(given.outlines)
    split = settle_splits(connection, plan.comparison, outlines)
    write_divisions(connection, plan, event)
    write_outlines(connection, plan, outlines, event, source_id)
    codes = {code: heirs[0] for code, heirs in touched_codes(plan.comparison).items()}
    rezoning = Rezoning(codes, split.codes if split else {}, before, gazetteer_of(connection), event, plan.effective)
    changed = _rezone(connection, rezoning)
    announce_event(connection, event)
    return Applied(event, plan, changed)


def _rezone(connection: Connection, rezoning: Rezoning) -> int:
    deltas: Counter[RollupKey]
    deltas, changed = rezone_addresses(connection, rezoning)
    deltas.update(rezone_division_links(connection, rezoning.codes, rezoning.event_id))
    rezone_reviews(connection, rezoning.codes, rezoning.event_id)
    add_to_rollup(connection, deltas)
    return len(changed)


def begin_with(connection: Connection, given: DivisionList, because: Because) -> int:
    """Let a registry begin with the divisions of another year than the gazetteer's; returns the event.

    Raises RuleError where an address or link lies in a division that the list does not have.
    """
    begin(connection, because)
    below = pad(given.below)
    names = checked_list(given.rows, below, divisions_in_force(connection, below))
    for code, number in driver_of(connection).execute(_IN_USE, range_of(below)):
        if code not in names:
            raise RuleError(
                "in_use", f"{number} addresses or links lie in {code}, which the list does not have.",
                zh=f"清单中没有 {code}，其中已有 {number} 条地址或关联。", remedy="Use `divisions apply`.",
            )  # fmt: skip
    request = {"below": below, "divisions": len(names)}
    event = recorded(connection, EventKind.DIVISIONS_BEGIN, because, request=request)
    driver_of(connection).execute("DELETE FROM division WHERE code >= %(low)s AND code <= %(high)s", range_of(below))
    begin_divisions(connection, names, event, UNDATED)
    keep_root(connection, below, event)
    announce_event(connection, event)
    return event


def _need_alone(connection: Connection) -> None:
    """Two lists at once are a mistake: the second would be compared with what the first leaves, minutes later."""
    found = driver_of(connection).execute("SELECT pg_try_advisory_xact_lock(%s)", [CHANGE_LOCK]).fetchone()
    if not (found and found[0]):
        raise BusyError(
            "divisions are being changed by somebody else.", zh="他人正在执行区划变更。",
            remedy="Wait until that is done, then plan anew.",
        )  # fmt: skip


def _need_decided(plan: Plan) -> None:
    if plan.undecided:
        shown = [f"{e.old.name} ({e.old.code})" for e in plan.undecided if e.old is not None]
        few, more = "、".join(shown[:UNDECIDED_SHOWN]), "…" if len(shown) > UNDECIDED_SHOWN else ""
        raise RuleError(
            "undecided", f"nothing tells what became of {len(shown)} divisions: {few}{more}.",
            zh=f"有 {len(shown)} 个区划的去向无法判定：{few}{more}。",
            remedy="Say it in a file of old_code,new_code with --successions.",
        )  # fmt: skip
    if not plan.entries:
        raise RuleError("unchanged", "the list is what is in force.", zh="清单与现行区划一致，无需变更。")


def _as_data(plan: Plan) -> dict[str, Any]:
    """The plan as its event keeps it: communities by their number only."""
    shown = [entry for entry in plan.entries if level_of((entry.old or entry.new[0]).code) is not Level.COMMUNITY]
    return {**plan.summary(), "divisions": [entry_as_data(entry) for entry in shown]}
