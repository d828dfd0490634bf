"""What the routes of the review desk take and give, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from addressbook.model import AddressKind
from addressbook.privacy.policy import Reader
from addressbook.registry.requests import Register, with_codes_read
from addressbook.registry.review import DESK_REASON, LEASE_MINUTES, Judgement, Verdict
from addressbook.store.review_items import Filters
from addressbook.store.transactions import Because as Decided
from api.alias_schemas import Aid, Words
from api.registry_schemas import Because, decided
from api.schemas import Json, Link, described
from api.times import Instant

MOST_CLAIMED, LONGEST_LEASE_MINUTES = 50, 480
Division = Annotated[str, Field(pattern="^[0-9]{2,12}$")]
Filter = Annotated[str | None, Field(None, max_length=200, pattern=r"^[^\x00]*$")]


class Claim(BaseModel):
    """The next items of the queue for one clerk; those he has already come first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"limit": 1, "area": "330109"}]})

    actor: Words | None = Field(None, description="which clerk; the key's label where absent. The key's number is kept")
    limit: int = Field(1, ge=1, le=MOST_CLAIMED)
    minutes: int = Field(LEASE_MINUTES, ge=1, le=LONGEST_LEASE_MINUTES, description="how long they are his alone")
    area: Division | None = None
    reason: Filter
    source: Filter
    kind: Filter

    def filters(self) -> Filters:
        """Which items."""
        return Filters(self.area, self.reason, self.source, self.kind)


class Release(BaseModel):
    """A clerk gives back what he has not decided."""

    model_config = ConfigDict(extra="forbid")

    actor: Words | None = None


class NewAddress(BaseModel):
    """The address to register; where it is left out, the one that the item suggests."""

    model_config = ConfigDict(extra="forbid")

    kind: AddressKind
    name: Words = Field(description="the name of a street, compound or place, or the number of anything else")
    parent_aid: Aid | None = None
    road_aid: Aid | None = None
    division_code: Division | None = None
    point: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]] | None = None
    provisional: bool = Field(True, description="拟建 until somebody confirms it")


class ReviewDecision(BaseModel):
    """What a clerk says of an item; its twins are settled with it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"verdict": "chosen", "aid": "B7K3-M9QX-W2HF", "reason": "核对现场"}]},
    )

    verdict: Literal["chosen", "none", "registered", "not_an_address", "later"]
    aid: Aid | None = Field(None, description="of what is chosen: a candidate, or any other address in use")
    new: NewAddress | None = None
    until: Instant | None = Field(None, description="of later: not before; at the end of the queue where absent")
    reason: Words = DESK_REASON
    document: Words | None = Field(None, description="文号, the document it rests on")
    actor: Words | None = Field(None, description="who decided; the key's label where absent. The key's number is kept")

    def judgement(self) -> Judgement:
        """The same as the desk takes it. Raises CodeError."""
        register = with_codes_read(Register(**self.new.model_dump())) if self.new else None
        return Judgement(verdict=Verdict(self.verdict), aid=self.aid, register=register, until=self.until)

    def because(self, reader: Reader) -> Decided:
        """Who decided, why, and on what document."""
        return decided(Because(reason=self.reason, document=self.document, actor=self.actor), reader)


def filters_of(
    area: Annotated[str | None, Query(max_length=12, description="division code of 2, 4, 6, 9 or 12 digits")] = None,
    reason: Annotated[str | None, Query(max_length=100, description="a reason code, e.g. room_unknown")] = None,
    source: Annotated[str | None, Query(max_length=200, description="the source's name")] = None,
    kind: Annotated[str | None, Query(max_length=20, description="person, house, enterprise, event, thing, address")]
    = None,
) -> Filters:  # fmt: skip
    """The filters in the query parameters."""
    return Filters(area, reason, source, kind)


def clerk_of(actor: str | None, reader: Reader) -> str:
    """The clerk as claims and decisions name him."""
    return decided(Because(reason="claim", document=None, actor=actor), reader).actor


class ReviewQueue(BaseModel):
    """Open items by number, and how many there are."""

    counts: Json = Field(description="items, claimed, put_off, by_area, by_reason, by_source, by_kind")
    items: list[Json] = Field(
        description="review_id, received_text, withheld, division_code, reason_code, twins, claimed_by …"
    )
    links: list[Link]


class ReviewItem(BaseModel):
    """An item whole."""

    review_id: int
    state: str = Field(description="open, settled, withdrawn")
    received_text: str
    withheld: bool = Field(description="of a person who is restricted or erased: no text, and nothing it led to")
    elements: list[list[str | int]] = Field(description="[text, element name, start, end] as the text is read")
    candidates: list[Json] = Field(description="rank, aid, standard_text, told_apart_by, score, lon, lat, reasons …")
    reasons: list[Json]
    suggestion: Json | None = Field(description="kind, name, parent_aid of what may be registered")
    twins: int = Field(description="other open items with the same text")
    decision: Json | None = Field(description="what settled it: verdict, aid, actor, reason, decision_id …")


class ClaimedItems(BaseModel):
    """What the clerk has now."""

    items: list[ReviewItem]


class ReleasedItems(BaseModel):
    """How many items were given back."""

    released: int


class SettledItems(BaseModel):
    """What a decision came to."""

    decision_id: int
    verdict: str
    items: int = Field(description="settled by it, or put off: the item and its twins")
    event_id: int | None
    aid: str | None
    alias: Json | None = Field(description="the alias that the text became: aid, name")


class ReopenedItems(BaseModel):
    """What undoing came to."""

    decision_id: int
    items: int
    event_id: int | None


class ReviewStatistics(BaseModel):
    """Decisions counted, in all and by category, reason, source and clerk."""

    total: Json = Field(description="decisions, items, first_candidate, first_share, undone, undone_share …")
    by_category: Json
    by_reason: Json
    by_source: Json
    by_actor: Json
    decided_differently: list[Json] = Field(description="texts that stand decided in two ways, newest first")


QUEUE = described(ReviewQueue, "One page")
ITEM = described(ReviewItem, "The item")
CLAIMED = described(ClaimedItems, "What the clerk has now")
RELEASED = described(ReleasedItems, "Given back")
SETTLED = described(SettledItems, "Decided, as one event")
REOPENED = described(ReopenedItems, "As it was before")
STATISTICS = described(ReviewStatistics, "The counts")
