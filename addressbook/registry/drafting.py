"""A transaction being drawn up: how texts and paths follow from an address's own name and from where it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from addressbook import identity
from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.match import tail_text
from addressbook.model import LEVEL_OF_KIND, AddressKind, AddressState, Level, PathToken
from addressbook.normalise import normal_name, normalise
from addressbook.normalise.numerals import NUMERAL
from addressbook.parse.values import value_of
from addressbook.registry import rules
from addressbook.registry.records import AddressRecord, Changes, NewAlias, Point, RegistryReader
from addressbook.registry.siblings import need_free
from addressbook.registry.tree import division_text, joined, loosened

LONGEST_CHARACTERS = 100
BRACKETS = frozenset("()[]{}<>（）［］｛｝〈〉《》【】〔〕「」")
"""What stands in them is said beside a name or number, and is none."""
_ELEMENT = {
    AddressKind.DOOR_PLATE: "road_no", AddressKind.BUILDING: "building", AddressKind.ENTRANCE: "unit",
    AddressKind.FLOOR: "floor", AddressKind.ROOM: "room",
}  # fmt: skip
Tokens = frozenset[tuple[AddressKind, str]]


def value_for(kind: AddressKind, words: str, *, below: bool) -> str:
    """A name or number as the registry keeps it: 三幢 is 3. Raises RuleError when it says nothing."""
    if kind in rules.NAMED:
        value = value_of("sub_place", normalise(words).normal) if below else normal_name(words)
    else:
        # 五 alone may be a name, and 五幢 is a number: what has only a number's characters is read as one.
        numeral = words.strip() and not set(words.strip()) - set(NUMERAL)
        value = value_of(_ELEMENT[kind], normalise(own_name(kind, words.strip()) if numeral else words).normal)
    bracketed = words.strip()[:1] in BRACKETS and words.strip()[-1:] in BRACKETS
    odd = bracketed or not BRACKETS.isdisjoint(value) or "/" in value
    if odd or not any(map(str.isalnum, value)) or len(value) > LONGEST_CHARACTERS:
        raise RuleError(
            "name", f"{words!r} is no name or number of an address.", zh=f"“{words}”不能作为地址的名称或编号。"
        )
    return value


@dataclass(slots=True)
class Draft:
    """The changes so far, with what is needed to draw up more; `reads` tells the names and numbers that a text has."""

    reader: RegistryReader
    gazetteer: Gazetteer
    mint: Callable[[AddressKind], str]
    reads: Callable[[str], Tokens]
    source_id: int
    today: date
    changes: Changes = field(default_factory=Changes)

    def live(self, aid: str, day: date | None) -> AddressRecord:
        """The address of that code, which may be changed as of that day (today where None); the change holds from then.

        Raises NotFoundError or RuleError.
        """
        record = self.reader.address(aid)
        rules.need_live(record)
        self.changes.effective = day or self.today
        rules.need_day(record, self.changes.effective, self.today)
        return record

    def parent_of(self, record: AddressRecord) -> AddressRecord | None:
        """What it lies in, as this transaction leaves it so far."""
        if record.parent_aid is None:
            return None
        return self.changes.made(record.parent_aid) or self.changes.now(self.reader.address(record.parent_aid))

    def confirm(self, record: AddressRecord) -> None:
        """A provisional address becomes current, with what it lies in: nothing in use lies in what is only proposed."""
        above: AddressRecord | None = self.changes.now(record)
        while above is not None and above.state is AddressState.PROVISIONAL:
            self.changes.change(above, replace(above, state=AddressState.CURRENT))
            above = self.parent_of(above)

    def new(
        self, kind: AddressKind, value: str, parent: AddressRecord | None, division_code: str, *,
        road: AddressRecord | None = None, state: AddressState = AddressState.CURRENT, point: Point | None = None,
    ) -> AddressRecord:  # fmt: skip
        """A new address below `parent`, or a top; its place must be free. Raises RuleError where it is not."""
        aid = self.mint(kind)
        record = AddressRecord(
            parent.site_id if parent else identity.number_of(aid), aid, kind, parent.aid if parent else None,
            road.aid if road else None, value if kind is AddressKind.DOOR_PLATE else None, own_name(kind, value), "",
            None, "", division_code, point, LEVEL_OF_KIND[kind] if point else Level.NONE, state, self.source_id, 0,
            self.changes.effective or _youngest(parent, road),
        )  # fmt: skip
        if point is None and parent is not None and parent.point is not None:
            record = replace(record, point=parent.point, coordinate_level=parent.coordinate_level)
        record = placed(record, parent, token_of(record, value))
        text = self.text_of(record, parent, road, division_text(self.gazetteer, division_code))
        record = replace(record, standard_text=text)
        need_free(record, self.reader, self.changes)
        self.changes.create(record)
        return record

    def text_of(
        self, record: AddressRecord, parent: AddressRecord | None, road: AddressRecord | None, divisions: str
    ) -> str:
        """The standard text of an address where it now lies."""
        if record.kind is AddressKind.DOOR_PLATE and road is not None:
            return f"{divisions}{road.name}{record.name}"
        return parent.standard_text + record.name if parent else divisions + record.name

    def divisions_of(self, record: AddressRecord) -> str:
        """The names of divisions before an address's own in its text."""
        road = self.reader.address(record.road_aid) if record.road_aid else None
        own = f"{road.name}{record.name}" if road else record.name
        if record.standard_text.endswith(own) and (road or not record.parent_aid):
            return record.standard_text.removesuffix(own)
        return division_text(self.gazetteer, record.division_code)

    def regrow(self, before: AddressRecord, after: AddressRecord, *, division_code: str | None = None) -> None:
        """Change an address, and give what is below it the paths, texts and division that follow."""
        self.changes.change(before, after)
        done = {after.aid: after}
        for child in self.reader.subtree(before):
            grown = self.regrown(child, done[child.parent_aid or ""], division_code=division_code)
            self.changes.change(child, grown)
            done[child.aid] = grown

    def regrown(
        self, child: AddressRecord, parent: AddressRecord | None, *, division_code: str | None = None
    ) -> AddressRecord:
        """The child below its parent as that now is."""
        road = self.changes.now(self.reader.address(child.road_aid)) if child.road_aid else None
        divisions = division_text(self.gazetteer, division_code) if division_code else self.divisions_of(child)
        grown = replace(placed(child, parent, child.token), division_code=division_code or child.division_code)
        return replace(grown, standard_text=self.text_of(grown, parent, road, divisions))

    def alias_paths(self, before: AddressRecord, site_id: int) -> None:
        """The path of an address, and of each below it, stays a way to find it where it was; it goes to that site."""
        for old in (before, *self.reader.subtree(before)):
            if old.path and old.kind is not AddressKind.DOOR_PLATE:
                self.alias_path(old, old.aid, site_id)

    def alias_path(self, old: AddressRecord, aid: str, site_id: int) -> None:
        """The path of an address stays a way to find the address `aid`, which lies in that site."""
        top = self.reader.at_path(old.site_id, "")
        words = old.standard_text.removeprefix(top.standard_text) if top else old.name
        # Elsewhere a bare number would say nothing, and it may go on to a third site one day.
        called = divisionless(self, top) if top and old.site_id != site_id else ""
        self.changes.aliases.append(NewAlias(aid, called + words or old.name, old.path, old.site_id))

    def alias_plate(self, before: AddressRecord, aid: str) -> None:
        """The street and number of a plate stay a way to find the address `aid`."""
        self.changes.aliases.append(
            NewAlias(
                aid, divisionless(self, before), before.path or None, before.site_id if before.path else None,
                before.road_aid, before.plate_no,
            )
        )  # fmt: skip

    def _need_tree(self) -> None:
        """Nothing lies in itself, whatever was hung below what. Raises RuleError."""
        rooted: set[str] = set()
        for record in self.changes.after.values():
            above: AddressRecord | None = record
            way: dict[str, None] = {}
            moved = record.is_live and record.parent_aid != self.changes.before[record.aid].parent_aid
            while moved and above is not None and above.aid not in rooted:
                if above.aid in way:
                    raise rules.in_itself(record)
                way[above.aid] = None
                above = self.parent_of(above)
            rooted.update(way)

    def finish(self) -> Changes:
        """The changes, each address dated from when it is what it becomes. Raises RuleError."""
        self._need_tree()
        day = self.changes.effective
        for aid, after in self.changes.after.items():
            # It is this event's content now, whatever an earlier revert had restored.
            self.changes.after[aid] = replace(after, state_event_id=None)
            if day is not None:
                rules.need_day(self.changes.before[aid], day, self.today)
                self.changes.after[aid] = replace(after, state_event_id=None, valid_from=day)
        return self.changes


def _youngest(*around: AddressRecord | None) -> date | None:
    """From when all of them are what they are; nothing in them can be older."""
    return max((record.valid_from for record in around if record and record.valid_from), default=None)


def own_name(kind: AddressKind, value: str) -> str:
    """The name column: a name as it is, a number with its suffix."""
    return value if kind in rules.NAMED else tail_text([PathToken(kind, value)])


def token_of(record: AddressRecord, value: str) -> str:
    """The step of the path that an address is, when it is no top."""
    if record.kind is AddressKind.DOOR_PLATE:
        return f"D{record.road_aid}:{value}"
    return str(PathToken(record.kind, value))


def placed(record: AddressRecord, parent: AddressRecord | None, token: str) -> AddressRecord:
    """The address below `parent` at the step `token`, or as the top of its own site."""
    path = joined(parent.path, token) if parent else ""
    return replace(
        record, parent_aid=parent.aid if parent else None, path=path,
        site_id=parent.site_id if parent else identity.number_of(record.aid),
        loose_path=loosened(path) if record.kind is AddressKind.ROOM else None,
    )  # fmt: skip


def divisionless(draft: Draft, top: AddressRecord) -> str:
    """The text of a plate, or of the top of a site, without its divisions."""
    return top.standard_text.removeprefix(draft.divisions_of(top))
