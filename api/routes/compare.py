"""Two free texts: the same address, partly the same, or different."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import need_division
from api.comparing import comparison_entry
from api.deps import Guard, answer, service_of
from api.schemas import COMPARISONS, PROBLEMS, CompareRequest

router = APIRouter(tags=["compare 比较"], responses=PROBLEMS)


@router.post("/compare", summary="Whether two texts are one address", responses=COMPARISONS)
def compare_texts(
    request: Request, _reader: Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))], batch: CompareRequest
) -> Response:
    """Same, part or different for each pair, with a score and reasons, in the order of the pairs.

    Of the registry it asks the divisions and their history, none of its addresses.
    """
    service = service_of(request)
    with transaction(service.engine) as connection:
        where = need_division(connection, batch.division) if batch.division else None
        gazetteer = service.resolver.gazetteer(connection)
    found = service.comparer.compare([(pair.a, pair.b) for pair in batch.pairs], gazetteer, where)
    return answer({"results": [comparison_entry(comparison) for comparison in found]})
