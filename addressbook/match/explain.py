"""Every stage from text to answer as lines to read, Chinese first: what `addressbook explain` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from addressbook.divisions import Gazetteer
from addressbook.match.reasons import sentence
from addressbook.model import Candidate, Element, Level, ParsedAddress, Reason, Resolution
from addressbook.normalise.steps import STEP_NAMES, normalising_steps

ELEMENT_LABELS: dict[str, str] = {
    "country": "国家", "province": "省", "city": "市", "county": "县区", "devzone": "开发区", "town": "乡镇街道",
    "community": "村社区", "road": "道路", "road_no": "门牌号", "sub_road": "支路弄巷", "sub_road_no": "支路门牌号",
    "place": "小区或地点", "sub_place": "地点的分区", "building": "楼幢", "unit": "单元", "floor": "楼层",
    "room": "室号", "party": "单位或人", "relation": "相对位置", "redundant": "冗余", "other": "未识别",
}  # fmt: skip
"""Element name → what a clerk calls it."""
CATEGORY_WORDS = {"A": "精确 exact", "B": "可靠 safe", "C": "不确定 unsure", "D": "无结果 none"}
LEVEL_WORDS = {
    Level.NONE: "无", Level.PROVINCE: "省", Level.CITY: "市", Level.COUNTY: "县区", Level.TOWN: "乡镇街道",
    Level.COMMUNITY: "村社区", Level.ROAD: "道路", Level.PLACE: "小区或地点", Level.DOOR_PLATE: "门牌",
    Level.BUILDING: "楼幢", Level.ENTRANCE: "单元", Level.FLOOR: "楼层", Level.ROOM: "室", Level.POINT: "点",
}  # fmt: skip
LONGEST_SHOWN = 200
NOTHING = "（无 none）"


class Stage(NamedTuple):
    """One stage: its name in the code, in Chinese and English, and what it did, a line each."""

    name: str
    zh: str
    en: str
    lines: tuple[str, ...]


def parse_stages(parsed: ParsedAddress, gazetteer: Gazetteer) -> list[Stage]:
    """What was received, each normalising step that changed it, what was set aside, the elements, the division."""
    aside = [element for element in parsed.elements if element.name == "redundant"]
    kept = [element for element in parsed.elements if element.name != "redundant"]
    return [
        _stage("received", "收到的文字", "received", [_shown(parsed.text)]),
        _stage("normalise", "规范化", "normalised", _normalising(parsed.text)),
        _stage("redundant", "剔除的冗余", "set aside as redundant", [_shown(element.text) for element in aside]),
        _stage("elements", "要素", "elements", map(_element, kept)),
        _stage("division", "行政区划", "division", _division(parsed, gazetteer)),
    ]


def decision_stages(answer: Resolution) -> list[Stage]:
    """The candidates with their reasons, and the decision with its own."""
    levels = (
        f"匹配到 match_level：{LEVEL_WORDS[answer.match_level]} {answer.match_level}",
        f"坐标精度 coordinate_level：{LEVEL_WORDS[answer.coordinate_level]} {answer.coordinate_level}",
        f"得分 score：{answer.score:.3f}",
    )
    found = [f"{answer.aid} {answer.standard_text}"] if answer.aid else []
    tail = [f"未能落实 unresolved：{answer.unresolved_tail}"] if answer.unresolved_tail else []
    decided = f"{answer.category} {CATEGORY_WORDS[answer.category]}"
    return [
        _stage("candidates", "候选", "candidates", [line for c in answer.candidates for line in _candidate(c)]),
        _stage("decision", "判定", "decision", [decided, *found, *levels, *tail, *_reasons(answer.reasons)]),
    ]


def stage_entry(stage: Stage) -> dict[str, object]:
    """A stage as data."""
    return {**stage._asdict(), "lines": list(stage.lines)}


def _stage(name: str, zh: str, en: str, lines: Iterable[str]) -> Stage:
    return Stage(name, zh, en, tuple(lines) or (NOTHING,))


def _normalising(text: str) -> Iterable[str]:
    for step in normalising_steps(text):
        yield f"{' '.join(STEP_NAMES[step.name])}：{_shown(step.before)} → {_shown(step.after)}"


def _element(element: Element) -> str:
    value = f" = {element.value}" if element.value not in ("", element.text) else ""
    return f"{ELEMENT_LABELS[element.name]} {element.name}：{_shown(element.text)}{value}"


def _division(parsed: ParsedAddress, gazetteer: Gazetteer) -> list[str]:
    if parsed.division_code is None:
        return []
    name = gazetteer.full_name(parsed.division_code)
    return [f"{parsed.division_code} {name}（{LEVEL_WORDS[parsed.division_level]} {parsed.division_level}）"]


def _candidate(candidate: Candidate) -> list[str]:
    return [f"{candidate.aid} {candidate.standard_text} {candidate.score:.3f}", *_reasons(candidate.reasons)]


def _reasons(reasons: Iterable[Reason]) -> list[str]:
    return [f"  · {sentence(r, 'zh')} / {sentence(r, 'en')}（{r.code} −{r.cost:g}）" for r in reasons]


def _shown(text: str) -> str:
    """A text on one line that no terminal acts upon: control marks by their code, the rest of a long one left out."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:LONGEST_SHOWN])
    more = len(text) - LONGEST_SHOWN
    return f"{plain}…（另 {more:,} 字 more）" if more > 0 else plain or "（空 empty）"


__all__ = ["ELEMENT_LABELS", "Stage", "decision_stages", "parse_stages", "stage_entry"]
