"""What the routes of aliases take and give, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Json, Link, described

_ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
Words = Annotated[str, Field(min_length=1, max_length=500, pattern=_ONE_LINE)]
Aid = Annotated[str, Field(max_length=40, description="身份编码, as printed or typed", examples=["B7K3-M9QX-W2HF"])]


class Decision(BaseModel):
    """What every decision on an alias says: of which address, why, and who decided."""

    model_config = ConfigDict(extra="forbid")

    aid: Aid
    reason: Words = Field(description="why; kept with the registry event")
    actor: Words | None = Field(None, description="who decided; the key's label where absent. The key's number is kept")


class AliasDecision(Decision):
    """From today on this text means this address."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"aid": "B7K3-M9QX-W2HF", "text": "望江新居3幢1单元502室", "reason": "seen on site"}],
        },
    )

    text: Words = Field(description="the text as it was written, or only the other name")


class AliasWithdrawal(Decision):
    """This alias ends today."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"aid": "C7K3-M9QX-W2HF", "name": "望江新居", "reason": "another estate"}]},
    )

    name: Words = Field(description="the alias as it is listed")


class AliasEntry(BaseModel):
    """An alias with its dates, who decided it and why, and the open links it made."""

    aid: str = Field(description="whose other name it is")
    printed: str
    standard_text: str
    name: str
    origin: str = Field(description="registered, former, review")
    valid_from: str | None
    valid_to: str | None = Field(description="null while it is in force")
    decided: Json = Field(description="event, actor, reason, at: the last registry event about it")
    linked: Json = Field(description="total, truncated, items: element_kind, role, received_text, aid, opened_at …")


class AliasPage(BaseModel):
    """A page of aliases."""

    items: list[AliasEntry]
    links: list[Link]


class LearntAlias(BaseModel):
    """The alias that was learnt. Its address is the one given, or the place that lies around it."""

    aid: str
    printed: str
    name: str
    event_id: int


class WithdrawnAlias(BaseModel):
    """What a withdrawn alias had linked: the links stay until somebody looks at them."""

    aid: str
    printed: str
    name: str
    linked: Json = Field(description="total, truncated, items")


ALIASES = described(AliasPage, "One page")
LEARNT = described(LearntAlias, "The alias, in force from today")
WITHDRAWN = described(WithdrawnAlias, "The alias ended today; what it had linked")
