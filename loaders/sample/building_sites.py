"""The stream of sites of a sample: which kind comes next, where, and with what names and numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count, cycle

from loaders.sample.district import Community, District, Road
from loaders.sample.drawing import Draw
from loaders.sample.estates import build_estate, build_office
from loaders.sample.naming import Names
from loaders.sample.sites import Site
from loaders.sample.streets import build_places, build_shops, build_village, build_works
from loaders.sample.tables import words

SHARES = {"estate": 0.62, "village": 0.15, "office": 0.09, "shops": 0.08, "works": 0.056, "places": 0.004}
"""Of all addresses, by kind of site; the kind furthest behind its share comes next."""
_FULL_SCALE_AT = 300_000
"""Samples from this many addresses on have estates of full size; smaller ones shrink with the square root."""


class SiteStream:
    """Iterating yields sites for ever, one in memory at a time."""

    def __init__(self, district: District, names: Names, draw: Draw, *, addresses: int) -> None:
        self._district, self._names, self._draw = district, names, draw
        self._scale = min(1.0, max(0.12, (addresses / _FULL_SCALE_AT) ** 0.5))
        self._keys = count(1)
        self._made = dict.fromkeys(SHARES, 0)
        self._built_up = _rounds(district.built_up, draw)
        self._villages = _rounds(district.villages or district.communities, draw)
        self._used_villages: set[str] = set()
        self._siblings: deque[tuple[Community, Road, str]] = deque()
        self._builders: dict[str, Callable[[], Site]] = {
            "estate": self._estate,
            "village": self._village,
            "office": self._office,
            "shops": self._shops,
            "works": self._works,
            "places": self._places,
        }

    def __iter__(self) -> Iterator[Site]:
        while True:
            kind = min(SHARES, key=lambda kind: self._made[kind] / SHARES[kind])
            site = self._builders[kind]()
            self._made[kind] += len(site.rows)
            yield site

    def _site(self, community: Community, *, road: Road | None = None) -> Site:
        site = Site(community, self._district.county, self._district.prefix, self._keys, self._draw)
        if road is not None:
            site.write_road(road)
        return site

    def _on_a_road(self) -> Site:
        community = next(self._built_up)
        return self._site(community, road=self._district.road_in(community.town))

    def _estate(self) -> Site:
        """An estate; now and then its neighbour of nearly the same name follows: 南岸明珠, 南岸明珠北区."""
        draw = self._draw
        if self._siblings:
            community, road, name = self._siblings.popleft()
            site, alias = self._site(community, road=road), ""
        else:
            site, name = self._on_a_road(), next(self._names.estates)
            alias = next(self._names.aliases) if draw.chance(0.35) else ""
            if draw.chance(0.2):
                self._siblings.append((site.community, site.roads[0], name + draw.pick(words("sibling_suffixes"))))
        gates = draw.pick((0, 1, 1, 1, 1, 1, 1, 1, 2))
        plates = [str(site.roads[0].take(draw)) for _ in range(gates)]
        return build_estate(site, name, alias, plates=plates, scale=self._scale)

    def _village(self) -> Site:
        community = next(self._villages)
        own_name = community.is_place and community.code not in self._used_villages
        if own_name:
            self._used_villages.add(community.code)
        name = community.spoken if own_name else next(self._names.villages)
        return build_village(self._site(community), name, scale=self._scale)

    def _office(self) -> Site:
        site = self._on_a_road()
        plate = str(site.roads[0].take(self._draw))
        return build_office(site, next(self._names.offices), plate=plate, scale=self._scale)

    def _shops(self) -> Site:
        return build_shops(self._on_a_road(), scale=self._scale)

    def _works(self) -> Site:
        return build_works(self._on_a_road(), self._names.works, scale=self._scale)

    def _places(self) -> Site:
        return build_places(self._on_a_road(), self._names.places)


def _rounds(communities: tuple[Community, ...], draw: Draw) -> Iterator[Community]:
    """All communities in a scattered order, again and again, so that a small sample reaches every town."""
    return cycle(sorted(communities, key=lambda _: draw.random()))
