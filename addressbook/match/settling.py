"""Which names of a text hold, once its plates are known: a plate and a place of one site bear each other out."""

from __future__ import annotations

from addressbook.match.cases import Base, Case
from addressbook.match.characters import TELLING
from addressbook.match.nearness import margins
from addressbook.match.reasons import reason
from addressbook.model import Reason, TreePlan


def settle_names(case: Case) -> Reason | None:
    """Keep the bases that the text bears out; the reason why the names contradict each other, when they do."""
    plan = case.plan
    if plan is None or not (plan.plate_no and plan.place and case.roads and case.places):
        return None
    joined = _joined(case)
    if len(joined) == 1:
        case.bases = joined
        return None
    if joined:
        limit = min(base.cost for base in joined) + margins()["runner_up"]
        case.bases = sorted((base for base in joined if base.cost < limit), key=lambda base: base.cost)
        return None
    return _at_odds(case, plan)


def _joined(case: Case) -> list[Base]:
    """The places on whose site one of the plates is, each with the name of that plate's street."""
    plates: dict[int, Base] = {}
    for plate in case.plates:
        for hit in plate.found:
            known = plates.get(hit.site_id)
            if known is None or plate.cost < known.cost:
                plates[hit.site_id] = plate
    joined = []
    for base in case.bases:
        beside = None if base.plate_no else plates.get(base.named.site_id)
        if beside is not None:
            base.names = (*base.names, *beside.names)
            base.confirmed = not any(TELLING in name.faults for name in base.names)
            joined.append(base)
    return joined


def _at_odds(case: Case, plan: TreePlan) -> Reason | None:
    """No plate is on the site of a place: of two certain names one is wrong, and nobody can say which."""
    road_sure, place_sure = case.roads[0].safe, case.places[0].safe
    if road_sure and case.around and _set_aside(case, plan):
        return None
    if road_sure and place_sure:
        if not any(plate.found for plate in case.plates):
            return reason("plate_unknown", "road_no", f"{plan.road}{plan.plate_no}号")
        return reason("plate_and_place_disagree", "place", f"{plan.road}{plan.plate_no}号", plan.place)
    if road_sure and not case.roads[0].faults:
        if not any(plate.found for plate in case.plates):
            return reason("plate_unknown", "road_no", f"{plan.road}{plan.plate_no}号")
        case.bases = [base for base in case.bases if base.plate_no] + [b for b in case.bases if not b.plate_no]
        for base in case.bases:
            base.names = tuple(name if base.plate_no else name.doubted() for name in base.names)
        case.places = []
    else:
        for base in case.bases:
            base.names = tuple(name.doubted() for name in base.names)
    return None


def _set_aside(case: Case, plan: TreePlan) -> bool:
    """临江工业园区长风路3333号: a plate that is no part of any compound may well lie in the park named before it."""
    plates = [hit for plate in case.plates for hit in plate.found]
    if not plates or any(hit.path for hit in plates):
        return False
    case.plan = TreePlan(plan.division_code, plan.road, plan.plate_no, "", plan.place_kind, plan.tail)
    case.set_aside, case.places = plan.place, []
    case.bases = [base for base in case.bases if base.plate_no]
    return True
