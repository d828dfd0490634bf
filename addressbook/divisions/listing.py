"""A list of the divisions of a year as somebody hands it in, checked before anything is compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from addressbook.divisions.codes import level_of, pad, parent_code
from addressbook.errors import CodeError, FieldError
from addressbook.model import Level

FAULTS_SHOWN = 5
LEVEL_WORDS: dict[str, Level] = {
    **{level.value: level for level in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.COMMUNITY)},
    "1": Level.PROVINCE, "2": Level.CITY, "3": Level.COUNTY, "4": Level.TOWN, "5": Level.COMMUNITY,
    "省": Level.PROVINCE, "市": Level.CITY, "县": Level.COUNTY, "乡": Level.TOWN, "村": Level.COMMUNITY,
    "省级": Level.PROVINCE, "地级": Level.CITY, "县级": Level.COUNTY, "乡级": Level.TOWN, "村级": Level.COMMUNITY,
}  # fmt: skip


class Listed(NamedTuple):
    """One row: code and parent of 2, 4, 6, 9 or 12 digits; the code tells level and parent where they are left out."""

    code: str
    name: str
    level: str = ""
    parent: str = ""
    line: int = 0


class _Fault(NamedTuple):
    line: int
    field: str
    en: str
    zh: str
    remedy: str


def checked_list(rows: Sequence[Listed], below: str, in_force: Mapping[str, str]) -> dict[str, str]:
    """The list as 12-digit code → name, of divisions at and below `below`; `in_force`: those of today there.

    Raises FieldError that names the line, the field and the remedy of the first faults found.
    """
    if not rows:
        raise FieldError("list_empty", "code", "the list has no divisions.", zh="区划清单为空。")
    names: dict[str, str] = {}
    _raise_any([fault for row in rows for fault in _faults_of(row, below, names)])
    names.setdefault(below, in_force[below])
    listed = {level_of(code) for code in names}
    _raise_any([fault for row in rows for fault in _orphan(row, below, names, listed, in_force)])
    return names


def checked_successions(
    pairs: Sequence[tuple[int, str, str]], old: Mapping[str, str], new: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Explicit successions (line, old code, new code) as 12-digit codes. Raises FieldError for an unknown code."""
    faults, found = [], []
    for line, *codes in pairs:
        for field, code, known in zip(("old_code", "new_code"), codes, (old, new), strict=True):
            full = _padded(code)
            if full not in known:
                which, zh = ("in force", "现行区划") if field == "old_code" else ("of the new list", "新区划清单")
                en = f"{code!r} is no division {which}"
                faults.append(_Fault(line, field, en, f"“{code}”不在{zh}之中", "Correct the code."))
        found.append((_padded(codes[0]) or "", _padded(codes[1]) or ""))
    _raise_any(faults)
    return list(dict.fromkeys(found))


def _faults_of(row: Listed, below: str, names: dict[str, str]) -> Iterator[_Fault]:
    """What is wrong with a row by itself; a row without fault is added to the names."""
    code = _padded(row.code)
    if code is None:
        words = f"{row.code!r} is not a division code"
        yield _fault(row, "code", words, f"“{row.code}”不是行政区划代码", "Give 2, 4, 6, 9 or 12 digits.")
        return
    faults = [*_wrong_place(row, code, below), *_contradictions(row, code)]
    if not row.name.strip():
        faults.append(_fault(row, "name", f"{code} has no name", f"{code} 没有名称", "Fill in the name."))
    if code in names:
        faults.append(_fault(row, "code", f"{code} is listed twice", f"代码 {code} 重复", "Keep one of the rows."))
    yield from faults
    if not faults:
        names[code] = row.name.strip()


def _wrong_place(row: Listed, code: str, below: str) -> Iterator[_Fault]:
    above: str | None = code
    while above is not None and above != below:
        above = parent_code(above)
    if above is None:
        yield _fault(
            row, "code", f"{code} does not lie in {below}", f"{code} 不属于 {below}",
            "Give the list of that division, or another --below.",
        )  # fmt: skip


def _contradictions(row: Listed, code: str) -> Iterator[_Fault]:
    level = LEVEL_WORDS.get(row.level.strip())
    if row.level.strip() and level is not level_of(code):
        words = f"{code} is a {level_of(code).value} by its code, not {row.level!r}"
        yield _fault(row, "level", words, f"{code} 的级别与代码不符：{row.level}", "Correct the level or the code.")
    if row.parent.strip() and _padded(row.parent) != parent_code(code):
        words = f"{row.parent} is not the parent of {code}"
        yield _fault(row, "parent", words, f"{row.parent} 不是 {code} 的上级", f"The code says {parent_code(code)}.")


def _orphan(
    row: Listed, below: str, names: Mapping[str, str], listed: set[Level], in_force: Mapping[str, str]
) -> Iterator[_Fault]:
    """A division whose parent is nowhere: not in the list, nor in force where the list leaves out that level."""
    code = pad(row.code)
    above = parent_code(code)
    if code == below or above is None or above in names or (level_of(above) not in listed and above in in_force):
        return
    yield _fault(
        row, "parent", f"the parent {above} of {code} is not in the list", f"{code} 的上级 {above} 不在清单中",
        "Add its row, or correct the code.",
    )  # fmt: skip


def _padded(code: str) -> str | None:
    try:
        return pad(code.strip())
    except CodeError:
        return None


def _fault(row: Listed, field: str, en: str, zh: str, remedy: str) -> _Fault:
    return _Fault(row.line, field, en, zh, remedy)


def _raise_any(faults: Iterable[_Fault]) -> None:
    every = list(faults)
    if not every:
        return
    shown, more = every[:FAULTS_SHOWN], len(every) - FAULTS_SHOWN
    en = "; ".join(f"line {f.line}, {f.field}: {f.en}" for f in shown) + (f"; and {more} more." if more > 0 else ".")
    zh = "；".join(f"第{f.line}行 {f.field}：{f.zh}" for f in shown) + (f"；另有{more}处。" if more > 0 else "。")
    raise FieldError("divisions_wrong", shown[0].field, en, zh=zh, remedy=shown[0].remedy, line=shown[0].line)
