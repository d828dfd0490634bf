"""Every kind of registry event there is: what an event of the kind means is told where it is written."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What happened, as an event names it for ever."""

    REGISTER = "register"
    PROPOSE = "propose"
    CONFIRM = "confirm"
    REJECT = "reject"
    RENAME = "rename"
    RENUMBER = "renumber"
    MOVE = "move"
    REPARENT = "reparent"
    REZONE = "rezone"
    RETIRE = "retire"
    MERGE = "merge"
    SPLIT = "split"
    VOID_DUPLICATE = "void_duplicate"
    VOID = "void"
    ALIAS = "alias"
    ALIAS_WITHDRAWN = "alias_withdrawn"
    IDENTIFIER = "identifier"
    IDENTIFIER_ENDED = "identifier_ended"
    DOUBT = "doubt"
    DOUBT_CLOSED = "doubt_closed"
    REVIEW = "review"
    DIVISIONS = "divisions"
    DIVISIONS_BEGIN = "divisions_begin"
    REVERT = "revert"
