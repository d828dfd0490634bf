"""A client of the service for Python: the same questions for who waits (`Client`) and for asyncio (`AsyncClient`).

It knows the service by its documents alone, and imports neither the store nor the views.
"""

from addressbook.client.awaiting import AsyncClient, AsyncRows
from addressbook.client.patience import Patience
from addressbook.client.problems import (
    BadQuestion,
    Conflict,
    ExportFailed,
    KeyRefused,
    NotAllowed,
    NotFound,
    Problem,
    ServiceError,
    TooManyAsked,
    Unavailable,
    Unreachable,
    Unreadable,
)
from addressbook.client.shapes import (
    Comparison,
    ExportJob,
    Feature,
    Features,
    Filters,
    Resolution,
    Resolutions,
    Suggestion,
    Suggestions,
    frame,
)
from addressbook.client.waiting import Client, Rows

__all__ = [
    "AsyncClient", "AsyncRows", "BadQuestion", "Client", "Comparison", "Conflict", "ExportFailed",
    "ExportJob", "Feature", "Features", "Filters", "KeyRefused", "NotAllowed", "NotFound", "Patience", "Problem",
    "Resolution", "Resolutions", "Rows", "ServiceError", "Suggestion", "Suggestions", "TooManyAsked",
    "Unavailable", "Unreachable", "Unreadable", "frame",
]  # fmt: skip
