"""A small review desk: an estate, rows that wait, and short ways to decide and to look at everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from addressbook.registry.requests import Register
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.engine import transaction
from addressbook.store.review_deciding import Decided, decide
from addressbook.store.review_items import Filters, claim
from addressbook.store.review_tools import KeptTools
from addressbook.store.review_undoing import Undone, undo
from addressbook.store.transactions import Because
from tests.worlds import ESTATE, World, identity_number

CLERK, OTHER_CLERK = Because("审核员甲", "核对现场"), Because("审核员乙", "核对现场")
UNKNOWN_ROOM = f"{ESTATE}3幢1单元509室"
MISSPELT = f"{ESTATE.replace('南岸明珠', '')}望江新居3幢1单元502室"
ANY_UNIT = f"{ESTATE}3幢502室"
STATE = (
    """
    SELECT aid, site_id, kind, parent_aid, road_aid, plate_no, name, path, standard_text, division_code, state
    FROM address WHERE state <> 'void' ORDER BY aid
    """,
    "SELECT aid, name, path, origin FROM address_alias WHERE valid_to IS NULL ORDER BY aid, name",
    """
    SELECT aid, site_id, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, score, flags, reasons::text, valid_from, valid_to, opened_batch
    FROM link WHERE closed_at IS NULL ORDER BY row_key, role
    """,
    "SELECT * FROM rollup WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT * FROM rollup_division WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT * FROM rollup_month WHERE count <> 0 ORDER BY 1, 2, 3, 4",
    """
    SELECT review_id, row_key, role, state, reason_code, candidates::text, settled_at, put_off_until, put_off_by,
        decision_id, row_was::text, claimed_by
    FROM review_item ORDER BY review_id
    """,
    "SELECT * FROM source_row ORDER BY row_key",
)
"""Everything a decision may touch, as it stands: all of it must come back when the decision is undone."""


def people(*texts: str, first: int = 1, column: str = "现住地址") -> list[dict[str, str]]:
    """A person at each of the texts."""
    return [
        {"姓名": f"虚构{n}", "身份证号": identity_number(n), column: words} for n, words in enumerate(texts, first)
    ]  # fmt: skip


@dataclass
class ReviewDesk:
    """A world, and what clerks do in it."""

    world: World

    def wait(self, kind: str, rows: list[dict[str, str]], source: str = "", **options: Any) -> list[int]:
        """Load rows; returns the items that are open now, by number."""
        self.world.load_rows(kind, rows, source or kind, **options)
        return self.open()

    def open(self) -> list[int]:
        """The open items by number."""
        return [row[0] for row in self.world.rows("SELECT review_id FROM review_item WHERE state = 'open' ORDER BY 1")]

    def aid(self, words: str) -> str:
        """The code of the live address whose standard text ends so."""
        return next(aid for text, aid in self.world.addresses().items() if text.endswith(words))

    def decide(self, review_id: int, judgement: Judgement, because: Because = CLERK) -> Decided:
        """Decide, with what must hold after every decision."""
        with transaction(self.world.engine) as connection:
            done = decide(connection, review_id, judgement, because, KeptTools(connection).now(connection))
        self.world.check_stored()
        return done

    def choose(self, review_id: int, words: str, because: Because = CLERK) -> Decided:
        """It is the address whose standard text ends so."""
        return self.decide(review_id, Judgement(verdict=Verdict.CHOSEN, aid=self.aid(words)), because)

    def say(
        self, review_id: int, verdict: Verdict, because: Because = CLERK, register: Register | None = None
    ) -> Decided:
        """Decide without a code."""
        return self.decide(review_id, Judgement(verdict=verdict, register=register), because)

    def undo(self, decision_id: int, because: Because = CLERK) -> Undone:
        """Undo, with what must hold after it."""
        with transaction(self.world.engine) as connection:
            done = undo(connection, decision_id, because)
        self.world.check_stored()
        return done

    def claim(self, because: Because, *, limit: int = 1, minutes: int = 30, **filters: str) -> list[int]:
        """What a clerk is given next."""
        with transaction(self.world.engine) as connection:
            return claim(connection, because.actor, Filters(**filters), limit=limit, minutes=minutes)

    def state(self) -> list[list[tuple[Any, ...]]]:
        """Everything as it stands."""
        return [self.world.rows(words) for words in STATE]

    def row_ends(self, source: str = "people") -> dict[str, int]:
        """How many rows of a source end how."""
        asked = """
            SELECT outcome, count(*) FROM source_row JOIN source USING (source_id)
            WHERE source.name = :source AND gone_at IS NULL GROUP BY 1
        """
        return dict(self.world.rows(asked, source=source))

    def links(self) -> list[tuple[str, str | None]]:
        """(text received, code) of every open link."""
        return self.world.rows("SELECT received_text, aid FROM link WHERE closed_at IS NULL ORDER BY 1, 2")
