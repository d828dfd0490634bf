"""What the registry's routes take and give. The fields of a transaction are those of its request, written once."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from addressbook.privacy.policy import Reader
from addressbook.registry.requests import REQUESTS, Part, Request
from addressbook.store.transactions import Because as Decided
from api.alias_schemas import Aid, Words
from api.schemas import Json, Link, described
from api.times import Day

MOST_CODES = 1000
_CODE = {"aid", "parent_aid", "road_aid", "junior", "senior"}
_WORDS = {"name", "number"}
_Longitude = Annotated[float, Field(ge=-180, le=180)]
_Latitude = Annotated[float, Field(ge=-90, le=90)]
_Codes = Annotated[tuple[Aid, ...], Field(max_length=MOST_CODES)]


class Because(BaseModel):
    """What every decision says: why, on what document, and who decided."""

    model_config = ConfigDict(extra="forbid")

    reason: Words = Field(description="why; kept with the registry event")
    document: Words | None = Field(None, description="文号, the document it rests on")
    actor: Words | None = Field(None, description="who decided; the key's label where absent. The key's number is kept")


def decided(body: Because, reader: Reader) -> Decided:
    """Who decided, with the key that said so: a name in a request is a claim, the key's number is not."""
    return Decided(f"{body.actor or reader.label} (key {reader.key_id})", body.reason, body.document or "")


class SplitPart(BaseModel):
    """One of those that a split makes, and the children that it takes."""

    model_config = ConfigDict(extra="forbid")

    name: Words
    takes: _Codes = ()


def _model_of(request: type[Request]) -> type[BaseModel]:
    """The body of a transaction: the fields of its request beside `transaction`, which names it."""
    hints = get_type_hints(request)
    described_fields: dict[str, Any] = {
        field.name: (_type_of(field.name, hints[field.name]), _default(field.default)) for field in fields(request)
    }
    return create_model(
        f"{request.__name__}Decision", __base__=Because, __doc__=request.__doc__,
        **{**described_fields, "transaction": (Literal[request.EVENT.value], ...)},
    )  # fmt: skip


def _type_of(name: str, hint: Any) -> Any:
    plain: Any = hint
    if name in _CODE:
        plain = Aid
    elif name in _WORDS:
        plain = Words
    elif name == "division_code":
        plain = Annotated[str, Field(pattern="^[0-9]{2,12}$")]
    elif name == "effective":
        plain = Day
    elif name == "point":
        plain = Annotated[tuple[_Longitude, _Latitude], Field(description="lon, lat in degrees, WGS-84")]
    elif name == "aids":
        return _Codes
    elif name == "parts":
        return Annotated[tuple[SplitPart, ...], Field(max_length=MOST_CODES)]
    return plain | None if type(None) in getattr(hint, "__args__", ()) and plain is not hint else plain


def _default(default: Any) -> FieldInfo | Any:
    return ... if default is MISSING else default


MODELS = tuple(_model_of(request) for request in REQUESTS)
if TYPE_CHECKING:
    Transaction: TypeAlias = Any
else:
    Transaction = Annotated[Union[MODELS], Field(discriminator="transaction")]  # noqa: UP007 of so many at run time
_BY_EVENT = {request.EVENT.value: request for request in REQUESTS}


def request_of(body: Any) -> Request:
    """The request that a body asks for."""
    kind = _BY_EVENT[body.transaction]
    given = {field.name: getattr(body, field.name) for field in fields(kind)}
    if "parts" in given:
        given["parts"] = tuple(Part(name=part.name, takes=part.takes) for part in given["parts"])
    return kind(**given)


class Transacted(BaseModel):
    """What a transaction came to."""

    event_id: int
    created: list[str] = Field(description="codes that were made")
    changed: list[str] = Field(description="codes of which anything changed")
    questions: int = Field(description="links that wait on the review desk")


class IdRecord(BaseModel):
    """What became of a code: its address and state, what stands there today, its successors and events."""

    aid: str
    printed: str
    kind: str
    state: str = Field(description="provisional, current, retired, rejected, void")
    standard_text: str
    today: list[str] = Field(description="codes of what stands there today")
    same_as: str | None = Field(description="the code that this one was a duplicate of")
    successors: list[Json] = Field(
        description="aid, of, relation (merged, split, same_as), state, standard_text, event"
    )
    predecessors: list[Json]
    events: list[Json] = Field(description="every registry event about it: kind, at, effective, actor, reason …")


class EventPage(BaseModel):
    """Registry events, newest first."""

    items: list[Json]
    links: list[Link]


TRANSACTED = described(Transacted, "It is done, as one event")
ID_RECORD = described(IdRecord, "What became of it")
EVENTS = described(EventPage, "One page")
EVENT: dict[int | str, Json] = {
    200: {"description": "The event", "content": {"application/json": {"schema": {"type": "object"}}}}
}
