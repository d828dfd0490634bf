"""The names that made-up texts are made from: those of a registry, and where it has few, the gazetteer's stems."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from random import Random

from addressbook.divisions import Gazetteer
from addressbook.divisions.names import is_artificial
from addressbook.model import AddressKind, Division, Level, NamedAddress
from addressbook.parse.costs import rows
from addressbook.parse.division_names import label_of, prefix_of, short_village, village_forms
from addressbook.train.compose import Names, Part

FEW = 4_000
"""Below so many names of a kind, as many more are made up."""
COUNTIES, VILLAGES = 400, 60
STEM = 3
MADE_OF_MORE = re.compile("[号国省县乡]")
"""Suffixes that follow a number or stand alone: 18号大街, 104国道."""


def names_of(gazetteer: Gazetteer, registered: Iterable[NamedAddress] = (), seed: int = 1) -> Names:
    """Names of the registry's own counties and addresses; of counties all over the country when there are none."""
    random = Random(seed)  # noqa: S311 - texts to learn from
    registered = list(registered)
    counties = sorted({named.division_code[:6] for named in registered}) or _drawn_counties(gazetteer, random)
    towns = [town for county in counties for town in gazetteer.towns_of(county)]
    villages = [v for county in counties for v in _some(gazetteer.villages_of(county), random)]
    written = [village_forms(village.name)[0][0] for village in villages]
    stems = [stem for name in written if len(stem := short_village(name)) in (2, STEM)]
    of_kind = {kind: [n.name for n in registered if n.kind is kind] for kind in AddressKind}
    places = [*of_kind[AddressKind.COMPOUND], *of_kind[AddressKind.PLACE]]
    return Names(
        heads=[_chain(gazetteer, town) for town in towns],
        villages=[
            (*_chain(gazetteer, gazetteer.ancestors(village.code)[-1]), (name, "community"))
            for village, name in zip(villages, written, strict=True)
        ],
        roads=[*of_kind[AddressKind.STREET], *_made_up("road", stems, FEW - len(of_kind[AddressKind.STREET]), random)],
        places=[*places, *_made_up("place", stems, FEW - len(places), random)],
        hamlets=[n for n in places if len(n) in (2, STEM)] or stems[:FEW],
    )


def _drawn_counties(gazetteer: Gazetteer, random: Random) -> list[str]:
    codes = sorted(e.code[:6] for e in gazetteer.name_set([Level.COUNTY]) if not e.short and not e.former)
    return random.sample(codes, COUNTIES)


def _some(villages: list[Division], random: Random) -> list[Division]:
    return random.sample(villages, min(VILLAGES, len(villages)))


def _chain(gazetteer: Gazetteer, town: Division) -> tuple[Part, ...]:
    chain = [*gazetteer.ancestors(town.code), town]
    parts = [(d.name, label_of(prefix_of(d.code), d.name)) for d in chain if not is_artificial(d.name)]
    return tuple(part for part in parts if part[1] != "devzone")


def _made_up(label: str, stems: Sequence[str], number: int, random: Random) -> list[str]:
    """Stems with suffixes, each suffix as often as its cost says; a place may be two stems, and go without a suffix."""
    table = [
        row
        for file in ("name_suffixes.csv", "place_suffixes.csv")
        for row in rows(file)
        if row["label"] == label and not MADE_OF_MORE.match(row["suffix"])
    ]
    suffixes, weights = [row["suffix"] for row in table], [math.exp(-float(row["cost"])) for row in table]
    made = []
    for _ in range(max(0, number)):
        stem, suffix = random.choice(stems), random.choices(suffixes, weights)[0]
        if label == "place" and random.random() < 0.5:
            stem = (stem + random.choice(stems))[:4]
            suffix = suffix if random.random() < 0.7 else ""
        elif label == "road" and random.random() < 0.15:
            stem += random.choice("东西南北中")
        made.append(stem + suffix)
    return made
