"""Divisions resolved to the right code, on real labelled addresses that determine it.

The labelled data (../shared/data/labelled_addresses) says which characters name a province, city, district or town; it
gives no codes. The right code is told by an oracle that shares nothing with the parser: it reads the gazetteer's two
tables itself and looks the labelled names up in them, in full, then without suffix (its own short list of suffixes),
then as a former name of a county or city followed to its successors of today. Of the divisions that bear the deepest
name it keeps those that lie within some bearer of every other labelled name.

Kept: addresses where exactly one division fits at the deepest labelled level. An answer is right when its code, cut to
that level's digits, is that division; an answer that lies deeper within it counts as right.

Left out, and counted: addresses without any labelled division; those where a name is in neither table (former towns,
development zones labelled as towns, slips of the pen: the tables know no former towns, so neither does the oracle);
those whose names lie in no common line (a town since moved to another county, a wrong city); those where several fit
(a bare 城关镇); those in which words labelled redundant name a province or city elsewhere (two addresses run together).
So the share says nothing of misspelt, former or ambiguous towns, and an address is only asked for the level at which
its labels stop: what the parser makes of villages is not measured. Labels are taken as they are: where they are wrong
(西溪 of 西溪星座, a building, labelled as a town) the oracle is wrong with them. A bare name that only one division in
the whole country bears counts as determining it, which is more than most clerks would claim: hence the figures for
names in full and without suffix apart. `--show N` prints failures with both answers, to tell the two apart.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import polars

from addressbook.divisions import Gazetteer
from addressbook.parse import Parser
from addressbook.resources import data_path

FILE = Path("../shared/data/labelled_addresses/dev.jsonl")
BAR, AIM = 0.985, 0.995
DEEPEST_LAST = ("prov", "city", "district", "town")
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9}
MAY_BE = {
    "prov": ("province",),
    "city": ("city", "county", "province"),  # 义乌市 is a county, 上海市 a province
    "district": ("county", "city"),
    "town": ("town",),
}
ARTIFICIAL = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
PEOPLE = r"(?:各族|(?:[\u4e00-\u9fff]{1,3}族)+)?"
SUFFIX = {
    "province": re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区)$"),
    "city": re.compile(rf"(?:{PEOPLE}自治州|地区|盟|市)$"),
    "county": re.compile(rf"(?:{PEOPLE}自治[县旗]|新区|区|县|市|旗)$"),
    "town": re.compile(rf"(?:街道办事处|街道|地区|{PEOPLE}民族乡|{PEOPLE}乡|镇|乡|苏木)$"),
}
SHORTEST = 2
WRITTEN = ("in full", "without suffix", "by a former name")
PROVINCE_OR_CITY = re.compile(r"[\u4e00-\u9fff]+?(?:省|市|自治州|自治区)")


class Address(NamedTuple):
    """A labelled text: what is named, as (name, label); and the text between the names, piece by piece."""

    text: str
    names: tuple[tuple[str, str], ...]
    rest: tuple[str, ...] = ()


class Asked(NamedTuple):
    """An address with the one right code, cut to the digits of its deepest level; `written` is how its name is."""

    address: Address
    code: str
    label: str
    written: str


class Undetermined(Exception):
    """The oracle has no single answer."""


class Answered(NamedTuple):
    """What the parser says of it."""

    asked: Asked
    answer: str

    @property
    def right(self) -> bool:
        return self.answer.startswith(self.asked.code)


class Oracle:
    """The gazetteer's tables, looked up by name and level; codes are cut to the digits of their level."""

    def __init__(self, divisions: Path, history: Path) -> None:
        rows = polars.read_parquet(divisions).filter(polars.col("level") != "community")
        today = [(name, level, str(code)[: DIGITS[level]]) for code, name, level in rows.iter_rows()]
        today = [row for row in today if row[0] not in ARTIFICIAL]
        self.full = _by_name(today)
        self.short = _by_name((stem, level, code) for name, level, code in today for stem in stems(name, level))
        former = list(_former(polars.read_parquet(history), {(level, code) for _, level, code in today}))
        self.former = _by_name(
            (form, level, code) for name, level, code in former for form in (name, *stems(name, level))
        )

    def bearers(self, name: str, label: str) -> list[set[str]]:
        """The divisions of that name: in full, without suffix, formerly; the first that fits an address is believed."""
        return [
            set().union(*(names.get((name, level), set()) for level in MAY_BE[label]))
            for names in (self.full, self.short, self.former)
        ]

    def asked(self, address: Address) -> Asked:
        """The address with its one right code. Raises Undetermined with the reason why there is none."""
        if not address.names:
            raise Undetermined("names no division")
        label = max((label for _, label in address.names), key=DEEPEST_LAST.index)
        all_bearers = [(self.bearers(name, given), given) for name, given in address.names]
        if not all(any(tiers) for tiers, _ in all_bearers):
            raise Undetermined("a name is in neither table")
        above = [set().union(*tiers) for tiers, _ in all_bearers]
        for tier in range(3):
            deepest = set().union(*(tiers[tier] for tiers, given in all_bearers if given == label))
            fits = {code for code in deepest if all(_in_line(code, line) for line in above)}
            if len(fits) > 1:
                raise Undetermined("several divisions fit")
            if fits:
                return self._unless_contradicted(Asked(address, fits.pop(), label, WRITTEN[tier]))
        raise Undetermined("the names lie in no common line")

    def _unless_contradicted(self, asked: Asked) -> Asked:
        """A text that goes on from another place ("…无锡市锡山区中国浙江省…") determines neither by itself."""
        for words in asked.address.rest:
            for name in PROVINCE_OR_CITY.findall(words):
                bearers = self.full.get((name, "city"), set()) | self.full.get((name, "province"), set())
                if bearers and not _in_line(asked.code, bearers):
                    raise Undetermined("another city is named beside")
        return asked


def stems(name: str, level: str) -> Iterator[str]:
    # From the second character on, or 景宁畲族自治县 were nothing but a people and its county.
    found = SUFFIX[level].search(name, SHORTEST)
    if found is not None:
        yield name[: found.start()]


def _in_line(code: str, bearers: set[str]) -> bool:
    return any(code.startswith(bearer) for bearer in bearers)


def _by_name(rows: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], set[str]]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name, level, code in rows:
        found[name, level].add(code)
    return dict(found)


def _former(history: polars.DataFrame, today: set[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Former names with the level they had and each division of today that came after, through any number of steps."""
    after: defaultdict[str, set[str]] = defaultdict(set)
    for row in history.iter_rows(named=True):
        if row["new_code"]:
            after[row["code"]].add(row["new_code"])
    alive = {code.ljust(12, "0"): (level, code) for level, code in today}
    for row in history.filter(polars.col("valid_to_year").is_not_null()).iter_rows(named=True):
        for successor in _successors(row["new_code"], after):
            if successor in alive:
                yield row["name"], row["level"], alive[successor][1]


def _successors(code: str | None, after: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [code] if code else []
    while waiting:
        seen.add(here := waiting.pop())
        waiting += after.get(here, set()) - seen
    return seen


def read_addresses(path: Path) -> list[Address]:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [_address(row["text"], row["spans"]) for row in rows]


def _address(text: str, spans: Sequence[Sequence[str]]) -> Address:
    names = tuple((name, label) for name, label in spans if label in MAY_BE)
    return Address(text, names, tuple(words for words, label in spans if label == "redundant"))


def asked_of(addresses: Sequence[Address], oracle: Oracle) -> tuple[list[Asked], Counter[str]]:
    """The addresses that determine a division, and how many were left out for each reason."""
    kept: list[Asked] = []
    left_out: Counter[str] = Counter()
    for address in addresses:
        try:
            kept.append(oracle.asked(address))
        except Undetermined as why:
            left_out[str(why)] += 1
    return kept, left_out


def answered_by(parser: Parser, asked: Sequence[Asked]) -> list[Answered]:
    return [Answered(each, parser.parse(each.address.text).division_code or "") for each in asked]


def report(answers: Sequence[Answered], left_out: Counter[str], show: int) -> None:
    right = sum(answer.right for answer in answers)
    share = right / len(answers) if answers else 0.0
    print(f"divisions resolved to the right code: {right} of {len(answers)}, share {share:.4f} (bar {BAR}, aim {AIM})")
    for written in WRITTEN:
        mine = [answer for answer in answers if answer.asked.written == written]
        print(f"  deepest name {written}: {sum(a.right for a in mine)} of {len(mine)}")
    for label, written in product(DEEPEST_LAST, WRITTEN):
        mine = [a for a in answers if (a.asked.label, a.asked.written) == (label, written)]
        if mine:
            print(f"  down to {label}, its name {written}: {sum(a.right for a in mine)} of {len(mine)}")
    for reason, count in left_out.most_common():
        print(f"  left out, {reason}: {count}")
    wrong = [answer for answer in answers if not answer.right]
    if show:
        _print_failures(random.Random(7).sample(wrong, min(show, len(wrong))))


def _print_failures(wrong: Sequence[Answered]) -> None:
    gazetteer = Gazetteer.shipped()

    def name(code: str) -> str:
        return f"{code} {gazetteer.full_name(code.ljust(12, '0'))}" if code else "none"

    for answer in wrong:
        labelled = " ".join(f"{name}/{label}" for name, label in answer.asked.address.names)
        print(f"{answer.asked.address.text}\n    labels {labelled}")
        print(f"    oracle {name(answer.asked.code)}\n    parser {name(answer.answer)}")


def main() -> None:
    arguments = argparse.ArgumentParser(description="divisions resolved to the right code")
    arguments.add_argument("--file", type=Path, default=FILE)
    arguments.add_argument("--show", type=int, default=0, metavar="N", help="print N failures, the same every time")
    given = arguments.parse_args()
    oracle = Oracle(data_path("gazetteer", "divisions.parquet"), data_path("gazetteer", "county_history.parquet"))
    asked, left_out = asked_of(read_addresses(given.file), oracle)
    report(answered_by(Parser(Gazetteer.shipped(), None), asked), left_out, given.show)


if __name__ == "__main__":
    main()
