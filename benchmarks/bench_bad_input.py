"""What the worst texts cost: process time a character of pieces repeated at random, against the median of addresses.

The aim: no text costs more than 50 times the median a character. Printed, never asserted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

from addressbook.divisions import Gazetteer
from addressbook.normalise import normalise
from addressbook.parse import Parser

AIM = 50
SHOWN = 5
LENGTHS = (50, 150, 300, 1_000, 10_000)
CHARACTERS = (
    "一二三四五六七八九十百廿0123456789ABZ号楼幢栋座单元室层弄巷路街村区社组期东南西北中"
    "-~、,.;:()（） \u3000/至到之附甲乙丙#F省市县镇乡"
)
WORDS = (
    "地下", "负", "大道", "公司", "请", "谢谢", "收货", "电话", "先生", "萧山", "杭州市", "浙江省", "往东100米",
    "交叉口", "对面", "附近", "第", "4S", "😀", "\u0301", "蕭", "Ⅲ", "①",
)  # fmt: skip
ATOMS = (*CHARACTERS, *WORDS)
PLAIN = [
    f"浙江省杭州市萧山区{town}{road}{number}号{place}{building}幢{unit}单元{room}室"
    for town in ("北干街道", "宁围街道", "瓜沥镇")
    for road, place in (("市心北路", "南岸明珠"), ("金城路", "金色钱塘"), ("航坞路", "东灵嘉园"))
    for number, building, unit, room in ((260, 3, 1, 502), (12, 13, 2, 1101), (845, 1, 1, 101))
]
Read = Callable[[str], object]


def seconds_a_character(function: Read, text: str) -> float:
    """The better of two readings: the other may have met a collection of garbage."""
    times = []
    for _ in range(2):
        started = time.process_time()
        function(text)
        times.append(time.process_time() - started)
    return min(times) / max(1, len(text))


def bad_text(draw: random.Random) -> str:
    """A piece of one to six atoms, repeated to some length, sometimes with another atom before or behind it."""
    piece = "".join(draw.choice(ATOMS) for _ in range(draw.choice((1, 1, 2, 2, 3, 4, 6))))
    length = draw.choice(LENGTHS)
    text = (piece * (length // len(piece) + 1))[:length]
    before, behind = (draw.choice(ATOMS) if draw.random() < share else "" for share in (0.2, 0.4))
    return before + text + behind


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--number", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    parser = Parser(Gazetteer.shipped(), None)
    for text in PLAIN:
        parser.parse(text)  # reads the villages of their counties, once
    draw = random.Random(arguments.seed)
    texts = [bad_text(draw) for _ in range(arguments.number)]
    for name, function in {"normalise": normalise, "parse": parser.parse}.items():
        median = statistics.median(seconds_a_character(function, text) for text in PLAIN)
        costs = sorted(((seconds_a_character(function, t) / median, t) for t in texts), reverse=True)
        print(f"{name}: median {median * 1e6:.2f} microseconds a character; the worst of {len(texts)}, aim {AIM}:")
        for ratio, text in costs[:SHOWN]:
            print(f"  {ratio:6.1f} times the median  {len(text):6} characters  {text[:24]!r}")


if __name__ == "__main__":
    main()
