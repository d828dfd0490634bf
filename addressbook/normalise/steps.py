"""The steps of normalising by name, for whoever asks why a text became what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from addressbook.normalise.characters import normal_character, simplified
from addressbook.normalise.text import STEPS, normalise


class Step(NamedTuple):
    """A step that changed the text: its name, and the text before and after it."""

    name: str
    before: str
    after: str


STEP_NAMES: dict[str, tuple[str, str]] = {
    "noise": ("删除不可见字符与表情", "invisible characters and symbols dropped"),
    "script": ("繁体转简体", "traditional to simplified"),
    "width": ("全角半角、大小写、括号与连接号统一", "width, capitals, brackets and dashes made one"),
    "spaces": ("多个空格并为一个", "several spaces made one"),
    "loose_spaces": ("删除无分隔作用的空格", "spaces that separate nothing dropped"),
    "one_for_dash": ("数字之间的“一”作连接号", "一 between digits is a dash"),
    "roman_numerals": ("罗马数字转为数字", "Roman numerals to digits"),
    "chinese_numerals": ("单位前的中文数字转为数字", "Chinese numerals before a unit to digits"),
    "other": ("其他规范化", "other normalising"),
}
"""Every step in order: its name in Chinese and English."""


def normalising_steps(text: str) -> list[Step]:
    """The steps that change `text`, in order; the last one's `after` is `normalise(text).normal`. Never raises.

    >>> [(step.name, step.after) for step in normalising_steps("蕭山區２６０號三幢")]
    [('script', '萧山区２６０号三幢'), ('width', '萧山区260号三幢'), ('chinese_numerals', '萧山区260号3幢')]
    """
    found: list[Step] = []
    for name, change in _changes():
        after = change(text)
        if after != text:
            found.append(Step(name, text, after))
        text = after
    normal = normalise(text).normal
    return [*found, Step("other", text, normal)] if normal != text else found


def _changes() -> Iterator[tuple[str, Callable[[str], str]]]:
    yield "noise", lambda text: "".join(c for c in text if normal_character(c))
    yield "script", lambda text: "".join(simplified().get(c, c) for c in text)
    yield "width", lambda text: "".join(map(normal_character, text))
    names = [name for name in STEP_NAMES if name not in ("noise", "script", "width", "other")]
    for name, (pattern, replacement) in zip(names, STEPS, strict=True):
        yield name, lambda text, pattern=pattern, new=replacement: pattern.sub(new, text)  # type: ignore[misc]


__all__ = ["STEP_NAMES", "Step", "normalising_steps"]
