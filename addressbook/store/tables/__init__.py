"""The schema, one module per family of DESIGN section 9. `METADATA` is what the migrations must add up to.

Big tables carry their distribution column in every primary key, unique constraint and foreign key; `DISTRIBUTION`
names it, `REFERENCE` and `LOCAL` name the rest, and a test compares all three with the database catalogue.
"""

from __future__ import annotations

from addressbook.store.tables.access import ACCESS_ANCHOR, ACCESS_LOG, API_KEY, PURPOSE, SUBJECT_MARK
from addressbook.store.tables.addresses import ADDRESS, ADDRESS_ALIAS, AID_DIRECTORY, EXTERNAL_IDENTIFIER, LINK
from addressbook.store.tables.areas import (
    AREA,
    AREA_TILE,
    AREA_TILING,
    AREA_VERSION,
    DIVISION,
    DIVISION_LINEAGE,
    DIVISION_ROOT,
    DIVISION_SUCCESSION,
    ROLLUP,
    ROLLUP_DIVISION,
    ROLLUP_MONTH,
    ROLLUP_TOTAL,
)
from addressbook.store.tables.base import METADATA
from addressbook.store.tables.elements import ENTERPRISE, EVENT, HOUSE, PERSON, THING
from addressbook.store.tables.exports import EXPORT_JOB
from addressbook.store.tables.history import ADDRESS_SUCCESSION, ADDRESS_VERSION
from addressbook.store.tables.quality import DOUBT
from addressbook.store.tables.reviews import REVIEW_DECISION, REVIEW_DIVISION, REVIEW_ITEM
from addressbook.store.tables.sources import BATCH, META, REGISTRY_EVENT, SOURCE, SOURCE_ROW
from addressbook.store.tables.webhooks import OUTBOX, WEBHOOK, WEBHOOK_DELIVERY

DISTRIBUTION = {
    "address": "site_id",
    "address_alias": "site_id",
    "address_version": "site_id",
    "external_identifier": "site_id",
    "link": "site_id",
    "aid_directory": "aid",
    "address_succession": "aid",
    "doubt": "aid",
    "person": "element_key",
    "house": "element_key",
    "enterprise": "element_key",
    "event": "element_key",
    "thing": "element_key",
    "source_row": "row_key",
    "rollup": "community_code",
    "rollup_division": "division_code",
    "rollup_month": "division_code",
    "rollup_total": "division_code",
    "area_tile": "division_code",
    "area_tiling": "division_code",
}
"""Big tables and the column they are spread by."""

REFERENCE = frozenset(
    {
        "division",
        "division_succession",
        "division_root",
        "division_lineage",
        "area",
        "area_version",
        "source",
        "batch",
        "api_key",
        "purpose",
        "meta",
        "registry_event",
    }
)
"""Small tables, copied whole to every machine."""

LOCAL = frozenset(
    {
        "review_item",
        "review_decision",
        "review_division",
        "access_log",
        "access_anchor",
        "page_session",
        "subject_mark",
        "outbox",
        "webhook",
        "webhook_delivery",
        "export_job",
    }
)
"""Queues and logs that stay on the first machine."""

__all__ = [
    "ACCESS_ANCHOR", "ACCESS_LOG", "ADDRESS", "ADDRESS_ALIAS", "ADDRESS_SUCCESSION", "ADDRESS_VERSION",
    "AID_DIRECTORY", "API_KEY", "AREA", "AREA_TILE", "AREA_TILING", "AREA_VERSION", "BATCH", "DISTRIBUTION",
    "DIVISION", "DIVISION_LINEAGE", "DIVISION_ROOT", "DIVISION_SUCCESSION", "DOUBT", "ENTERPRISE", "EVENT",
    "EXPORT_JOB", "EXTERNAL_IDENTIFIER", "HOUSE", "LINK", "LOCAL", "META", "METADATA", "OUTBOX", "PERSON",
    "PURPOSE", "REFERENCE", "REGISTRY_EVENT", "REVIEW_DECISION", "REVIEW_DIVISION", "REVIEW_ITEM", "ROLLUP",
    "ROLLUP_DIVISION", "ROLLUP_MONTH", "ROLLUP_TOTAL", "SOURCE", "SOURCE_ROW", "SUBJECT_MARK", "THING", "WEBHOOK",
    "WEBHOOK_DELIVERY",
]  # fmt: skip
