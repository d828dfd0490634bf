"""Random transactions on whatever a registry holds: for properties that must hold whatever people do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from addressbook.model import AddressKind
from addressbook.registry import requests as asked

DIVISIONS = ("330109001001", "330109002000", "330109002001", "330109003000")
_LIVE = (
    "SELECT aid, kind, parent_aid, state, name FROM address WHERE state IN ('current', 'provisional')"
    " ORDER BY standard_text, aid"
)
_NUMBERED = "DBEFH"


class Storm:
    """Draws requests; many of them are refused, as people's are."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 a case to repeat, not a secret
        self.kinds: Sequence[Callable[[], asked.Request]] = (
            self.register, self.confirm, self.rename, self.renumber, self.move, self.reparent, self.rezone,
            self.retire, self.merge, self.split, self.void_duplicate, self.void, self.reject,
        )  # fmt: skip
        self.live: list[Any] = []

    def draw(self, connection: Connection) -> asked.Request:
        """A request about addresses that are there now."""
        self.live = connection.execute(text(_LIVE)).all()
        return self.random.choice(self.kinds)() if self.live else self.register()

    def some(self, kinds: str = "RCDBEFHP") -> Any:
        """A live address of one of the kinds; any, where there is none."""
        return self.random.choice([row for row in self.live if row.kind in kinds] or self.live)

    def number(self) -> str:
        return str(self.random.randint(1, 9))

    def name(self) -> str:
        return "".join(map(self.random.choice, ("春夏秋冬", "江湖山水", ("苑", "花园", "新村"))))

    def register(self) -> asked.Request:
        kind = AddressKind(self.random.choice("CBEHP"))
        below = kind.value in _NUMBERED or self.random.random() < 0.3
        parent = self.some() if below and self.live else None
        name = self.number() if kind.value in _NUMBERED else self.name()
        point = (120.0 + self.random.random(), 30.0) if self.random.random() < 0.3 else None
        return asked.Register(
            kind=kind, name=name, parent_aid=parent.aid if parent else None, point=point,
            division_code=None if parent else self.random.choice(DIVISIONS), provisional=self.random.random() < 0.4,
        )  # fmt: skip

    def confirm(self) -> asked.Request:
        return asked.Confirm(aid=self.provisional())

    def reject(self) -> asked.Request:
        return asked.Reject(aid=self.provisional())

    def provisional(self) -> str:
        proposed = [row.aid for row in self.live if row.state == "provisional"]
        return str(self.random.choice(proposed or [self.some().aid]))

    def rename(self) -> asked.Request:
        return asked.Rename(aid=self.some("RCP").aid, name=self.name())

    def renumber(self) -> asked.Request:
        return asked.Renumber(aid=self.some(_NUMBERED).aid, number=self.number())

    def move(self) -> asked.Request:
        return asked.Move(aid=self.some().aid, point=(120.0 + self.random.random(), 30.0 + self.random.random()))

    def reparent(self) -> asked.Request:
        return asked.Reparent(aid=self.some().aid, parent_aid=self.random.choice([self.some().aid, None]))

    def rezone(self) -> asked.Request:
        return asked.Rezone(aid=self.some().aid, division_code=self.random.choice(DIVISIONS))

    def retire(self) -> asked.Request:
        return asked.Retire(aid=self.some().aid)

    def void(self) -> asked.Request:
        return asked.Void(aid=self.some().aid)

    def siblings(self) -> list[Any]:
        one = self.some("BEHC")
        return [row for row in self.live if (row.kind, row.parent_aid) == (one.kind, one.parent_aid)]

    def merge(self) -> asked.Request:
        several = self.siblings()
        chosen = self.random.sample(several, min(len(several), self.random.randint(1, 3)))
        name = self.number() if chosen[0].kind in _NUMBERED else self.name()
        return asked.Merge(aids=tuple(row.aid for row in chosen), name=name)

    def split(self) -> asked.Request:
        one = self.some("BEHC")
        children = [row.aid for row in self.live if row.parent_aid == one.aid]
        names = [self.number() if one.kind in _NUMBERED else self.name() for _ in range(2)]
        cut = self.random.randint(0, len(children))
        shares = (tuple(children[:cut]), tuple(children[cut:]))
        parts = tuple(asked.Part(name=name, takes=share) for name, share in zip(names, shares, strict=True))
        return asked.Split(aid=one.aid, parts=parts)

    def void_duplicate(self) -> asked.Request:
        one = self.some("BEHCD")
        other = self.random.choice([row for row in self.live if row.kind == one.kind])
        return asked.VoidDuplicate(junior=one.aid, senior=other.aid)
