"""Every operation of the published description, asked with a few drawn requests: no fault of ours, all as described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from sqlalchemy import Engine

from tests.access_world import ASKERS, Asker, Registry, served_registry
from tests.worlds import TOWN_CODE, World

EXAMPLES = 4
"""Of each operation and for each asker: some hundred operations are asked in half a minute."""
KNOWN_FORMS = [None, None, "", "html"]
"""None: all as it is drawn. Else what there is, with no parameters but this form of the answer."""
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
FUZZED = [asker for asker in ASKERS if asker.name in ("admin", "viewer")]


@pytest.fixture(name="registry")
def _registry(database: Engine, tmp_path: Path) -> Iterator[Registry]:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        yield registry


@pytest.mark.parametrize("asker", FUZZED, ids=lambda asker: asker.name)
def test_every_operation_answers_as_it_is_described(registry: Registry, asker: Asker) -> None:
    schema = schemathesis.openapi.from_dict(registry.app.openapi())
    faults: dict[str, str] = {}
    asked = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        fault = fault_of(registry, asker, operation)
        asked += 1
        if fault:
            faults[operation.label] = fault
    assert asked > 50, "the description was read"
    assert not faults, "\n\n".join(f"{label}: {fault}" for label, fault in faults.items())


def fault_of(registry: Registry, asker: Asker, operation: Any) -> str:
    """The first answer that is not as described, in words; empty where all are."""
    sent = {"X-API-Key": registry.keys[asker.name]}

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), known=st.sampled_from(KNOWN_FORMS))
    def ask(case: Any, known: str | None) -> None:
        if known is not None:
            case.path_parameters = {**(case.path_parameters or {}), **there_are(registry, case.path_parameters)}
            case.query = {"f": known} if known and operation.path.startswith("/ogc") else {}
        case.call_and_validate(base_url=str(registry.client.base_url), headers=sent, checks=CHECKS, timeout=60)

    try:
        ask()
    except (Failure, FailureGroup) as fault:
        return words_of(fault)
    return ""


def there_are(registry: Registry, names: Any) -> dict[str, str]:
    """What there is of what a path names: drawn texts alone would be answered by 404 only."""
    known = {"aid": registry.here, "code": TOWN_CODE, "collection": "addresses"}
    return {name: known[name] for name in names or () if name in known}


def words_of(fault: BaseException) -> str:
    """What a failure says, with those it holds."""
    inner = [words_of(one) for one in getattr(fault, "exceptions", ())]
    return "\n".join([str(fault), *inner])
