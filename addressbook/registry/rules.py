"""What the registry forbids, each under the name by which docs/registry.md explains it."""

from __future__ import annotations

from datetime import date

from addressbook.errors import RuleError
from addressbook.identity import printed
from addressbook.model import AddressKind, AddressState
from addressbook.registry.records import AddressRecord

NAMED = frozenset({AddressKind.STREET, AddressKind.COMPOUND, AddressKind.PLACE})
TOPMOST = NAMED | {AddressKind.DOOR_PLATE}
"""Kinds that may be the top of a site."""
_INNER = (AddressKind.BUILDING, AddressKind.ENTRANCE, AddressKind.FLOOR, AddressKind.ROOM)
"""Kinds below a site's top, the outer before the inner."""
STATES_ZH = {
    "provisional": "拟建", "current": "在用", "retired": "已注销", "rejected": "已否决", "void": "已作废",
}  # fmt: skip


def shown(record: AddressRecord) -> str:
    """The address as a message names it."""
    return f"{record.standard_text} ({printed(record.aid)})"


def need_live(record: AddressRecord) -> None:
    """Only what is provisional or current can be changed."""
    if not record.is_live:
        raise RuleError(
            "live", f"{shown(record)} is {record.state.value}: it can no longer be changed.",
            zh=f"{shown(record)} {STATES_ZH[record.state.value]}，不能再变更。",
        )  # fmt: skip


def need_been(record: AddressRecord) -> None:
    """Of what was entered in error, or proposed in vain, nothing more is said: it never was an address."""
    if record.state in (AddressState.VOID, AddressState.REJECTED):
        raise RuleError(
            "never_was", f"{shown(record)} is {record.state.value}: it never was an address.",
            zh=f"{shown(record)} {STATES_ZH[record.state.value]}，不能再登记外部编码。",
            remedy="Give the code to what stands there: `addressbook registry id` tells it.",
        )  # fmt: skip


def need_current(parent: AddressRecord, *, provisional: bool) -> None:
    """What is in use does not lie in what is only proposed."""
    if parent.state is AddressState.PROVISIONAL and not provisional:
        raise RuleError(
            "parent_provisional", f"{shown(parent)} is provisional.", zh=f"{shown(parent)} 尚为拟建地址。",
            remedy="Confirm it first.",
        )  # fmt: skip


def need_come(day: date, today: date) -> None:
    """What has not happened yet is not recorded."""
    if day > today:
        raise RuleError(
            "future", f"{day} has not come yet.", zh=f"{day} 尚未到来。", remedy="Record it when it has happened."
        )


def need_day(record: AddressRecord, day: date, today: date) -> None:
    """A change holds from a day that is neither to come nor before the address was what it is."""
    need_come(day, today)
    if record.valid_from is not None and day < record.valid_from:
        raise RuleError(
            "before_birth", f"{shown(record)} is what it is only since {record.valid_from}; {day} is earlier.",
            zh=f"{shown(record)} 的现状始于 {record.valid_from}，生效日期 {day} 更早。",
            remedy="Give a later date, or revert the earlier change first.",
        )  # fmt: skip


def need_parent_kind(kind: AddressKind, parent: AddressRecord | None) -> None:
    """A street is nobody's parent and nobody's child; the rest lies in what is larger than itself."""
    if parent is None:
        fits = kind in TOPMOST
    elif AddressKind.STREET in (kind, parent.kind):
        fits = False
    elif kind is AddressKind.PLACE:
        fits = True
    elif kind in (AddressKind.COMPOUND, AddressKind.DOOR_PLATE):
        fits = parent.kind in (AddressKind.COMPOUND, AddressKind.PLACE)
    else:
        fits = parent.kind not in _INNER[_INNER.index(kind) :]
    if not fits:
        where = f"in one of kind {parent.kind.value}" if parent else "without a parent"
        raise RuleError(
            "kinds", f"an address of kind {kind.value} cannot lie {where}.",
            zh=f"{kind.value} 类地址不能{f'位于 {parent.kind.value} 类地址之下' if parent else '没有上级地址'}。",
        )  # fmt: skip


def taken(other: AddressRecord) -> RuleError:
    """The error of a name or number that a sibling has."""
    return RuleError(
        "sibling", f"{shown(other)} has that name or number already.", zh=f"{shown(other)} 已使用该名称或编号。",
        remedy="If both are one address, use void-duplicate.",
    )  # fmt: skip


def runs_together(name: str, other: AddressRecord) -> RuleError:
    """The error of a name that reads like another's with a number behind it."""
    return RuleError(
        "digits", f"only digits at its end tell {name} from {shown(other)}: numbers behind it would run together.",
        zh=f"“{name}”与 {shown(other)} 仅末尾数字不同，其后的楼幢号会连成一个数字。",
        remedy="Write what the number counts, as in 东方郡二期.",
    )  # fmt: skip


def in_itself(record: AddressRecord) -> RuleError:
    """The error of an address that would come to lie in what lies in it."""
    return RuleError(
        "cycle", f"{shown(record)} would lie in itself.", zh=f"{shown(record)} 将成为自身的上级。",
        remedy="Move what lies between them first.",
    )  # fmt: skip


def unchanged(record: AddressRecord) -> RuleError:
    """The error of a transaction that would change nothing."""
    return RuleError("unchanged", f"{shown(record)} is so already.", zh=f"{shown(record)} 已经如此，无需变更。")


def has_children(record: AddressRecord, number: int, what: str = "addresses", zh: str = "个下级地址") -> RuleError:
    """The error of an address that cannot go while others depend on it."""
    return RuleError(
        "children", f"{number} {what} depend on {shown(record)}.", zh=f"{shown(record)} 尚有{number}{zh}。",
        remedy="Say what becomes of them first.",
    )  # fmt: skip
