"""What a change ought to tell, found from the tables themselves, and what the feed and the subscribers were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import orjson
from sqlalchemy import Connection

from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.engine import transaction
from addressbook.store.webhooks import succeeded
from addressbook.views.changes import after, changes
from addressbook.views.notices import next_delivery
from api.sending import Rules
from api.subscribing import Topic, subscribe
from tests.worlds import SECRET, World

ANALYST = Reader(AccessRole.ANALYST, 0, "test")
ANYWHERE = "100 20,130 20,130 50,100 50,100 20"
RULES = Rules(plain_http=True, networks=(ip_network("127.0.0.0/8"),))
ROWS = {
    "address": "SELECT aid, md5(t::text) FROM address t",
    "alias": "SELECT aid, md5(t::text) FROM address_alias t",
    "identifier": "SELECT aid, md5(t::text) FROM external_identifier t",
    "doubt": "SELECT aid, md5(t::text) FROM doubt t",
}
IN_FEED = ("address", "alias")
LINKS = """
    SELECT element_kind, role, coalesce(aid, division_code) FROM link WHERE closed_at IS NULL
"""
POINTED = """
    SELECT aid FROM address WHERE geom IS NOT NULL UNION SELECT aid FROM address_version WHERE geom IS NOT NULL
"""
Link = tuple[str, str, str]


@dataclass
class Standing:
    """What stands: of each table what it says of which address, the open links, and the elements of each kind."""

    said: dict[str, set[tuple[str, str]]]
    links: Counter[Link]
    elements: dict[str, set[Any]]
    event: int

    @classmethod
    def of(cls, world: World) -> Standing:
        """Read now."""
        elements = {
            kind.value: set(world.rows(f"SELECT element_key, (to_jsonb(t) - 'batch_id')::text FROM {kind.value} t"))
            for kind in ElementKind
        }  # fmt: skip
        return cls(
            {name: {(aid, row) for aid, row in world.rows(sql)} for name, sql in ROWS.items()},
            Counter((kind, role, place) for kind, role, place in world.rows(LINKS)), elements,
            world.one("SELECT coalesce(max(event_id), 0) FROM registry_event"),
        )  # fmt: skip


@dataclass
class Told:
    """What subscribers were told: the lines of each, by its subject."""

    lines: dict[str, list[Any]] = field(default_factory=dict)

    def aids(self, subject: str) -> set[str]:
        """The addresses of which that subscriber was told, themselves or links there."""
        own = [line.get("aid") or line["link"].get("aid") for line in self.lines[subject]]
        left = [line["link"].get("from_aid") for line in self.lines[subject] if "link" in line]
        return {aid for aid in (*own, *left) if aid}

    def links(self, subject: str) -> set[Link]:
        """(kind, role, address or division) of every link that was opened, moved or closed there."""
        found = [line["link"] for line in self.lines[subject] if "link" in line and line["link"]["change"] != "updated"]
        places = [(link, link.get("aid") or link["division_code"]) for link in found]
        places += [
            (link, link.get("from_aid") or link["from_division_code"]) for link in found if link["change"] == "moved"
        ]
        return {(link["element_kind"], link["role"], place) for link, place in places}


class Listeners:
    """Somebody subscribes to all that can be subscribed to: each address, the province, a polygon, each kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        with world.engine.begin() as connection:
            source = connection.exec_driver_sql("SELECT min(source_id) FROM source").scalar_one()
            connection.exec_driver_sql(
                "INSERT INTO area (code, kind, name, geom, source_id) VALUES ('ALL', 'custom', '全部',"
                f" 'SRID=4326;MULTIPOLYGON((({ANYWHERE})))', {source})"
            )
        self.aids = {aid for (aid,) in world.rows("SELECT aid FROM address")}
        topics = [Topic("division", "330000000000"), Topic("area", "ALL")]
        topics += [Topic("element", kind.value) for kind in ElementKind]
        topics += [Topic("aid", aid) for aid in sorted(self.aids)]
        with transaction(world.engine) as connection:
            self.numbers = {topic.subject: self._subscribe(connection, topic) for topic in topics}
        self.before = Standing.of(world)

    def _subscribe(self, connection: Connection, topic: Topic) -> int:
        made = subscribe(connection, SECRET, RULES, ANALYST, "http://127.0.0.1:9/", topic, datetime.now(UTC))
        return int(made["webhook_id"])

    def told(self) -> Told:
        """Every delivery that is made for each of them."""
        with transaction(self.world.engine) as connection:
            told = {subject: list(self._delivered(connection, number)) for subject, number in self.numbers.items()}
        return Told(told)

    def _delivered(self, connection: Connection, number: int) -> Iterable[Any]:
        while (delivery := next_delivery(connection, number)[1]) is not None:
            yield from orjson.loads(delivery.body)["lines"]
            succeeded(connection, number, delivery.delivery_id, datetime.now(UTC), 200)

    def feed(self) -> list[Any]:
        """The lines of the change feed since they began to listen."""
        with transaction(self.world.engine) as connection:
            return changes(connection, after(self.before.event), 10_000)[0]

    def need_told(self) -> list[str]:
        """Whatever the tables show to be changed was told to everybody who asked for it; returns the events' kinds."""
        now, told, feed = Standing.of(self.world), self.told(), self.feed()
        events = dict(self.world.rows(
            "SELECT event_id, kind FROM registry_event WHERE event_id > :before ORDER BY 1", before=self.before.event
        ))  # fmt: skip
        noticed = {event for (event,) in self.world.rows("SELECT event_id FROM outbox WHERE event_id IS NOT NULL")}
        noticed = {event for event in noticed if event > self.before.event}
        assert set(events) == noticed, "every event has its notice, and there is none of anything else"
        changed = {name: {aid for aid, _ in self.before.said[name] ^ now.said[name]} for name in ROWS}
        for name in IN_FEED:
            assert changed[name] <= {line["aid"] for line in feed}, f"{name}: the feed"
        assert {line["tx"] for line in feed} <= set(events)
        self._need_addresses_told(set().union(*changed.values()), told)
        self._need_links_told(now, told)
        self.before = now
        return list(events.values())

    def _need_addresses_told(self, changed: set[str], told: Told) -> None:
        pointed = {aid for (aid,) in self.world.rows(POINTED)}
        assert changed <= told.aids("330000000000"), "whoever subscribes to a division"
        assert changed & pointed <= told.aids("ALL"), "whoever subscribes to an area"
        for aid in changed & self.aids:
            assert aid in told.aids(aid), "whoever subscribes to an address"

    def _need_links_told(self, now: Standing, told: Told) -> None:
        gone, come = self.before.links - now.links, now.links - self.before.links
        for link in (*gone, *come):
            kind, _, place = link
            assert link in told.links(kind), "whoever subscribes to a kind"
            assert link in told.links("330000000000"), "whoever subscribes to a division"
            if place in self.aids:
                assert link in told.links(place), "whoever subscribes to an address"
        for kind, elements in now.elements.items():
            if elements != self.before.elements[kind]:
                assert told.lines[kind], f"{kind}: what is new of an element"
