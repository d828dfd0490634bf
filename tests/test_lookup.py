"""Claims about the registry's exact look-up."""

from __future__ import annotations

from addressbook.model import PathQuery
from addressbook.store.lookup import SqlPathLookup
from tests.worlds import ESTATE_ROWS, World


def test_a_query_alone_is_answered_as_among_others(world: World) -> None:
    world.texts(ESTATE_ROWS)
    rows = world.rows("SELECT site_id, path, aid FROM address WHERE state = 'current' ORDER BY site_id, path")
    queries = [PathQuery(site, path) for site, path, _ in rows]
    plates = world.rows("SELECT road_aid, plate_no FROM address WHERE road_aid IS NOT NULL")
    queries += [PathQuery(None, "", road, number) for road, number in plates]
    with world.engine.connect() as connection:
        lookup = SqlPathLookup(connection)
        together = lookup.find(queries)
        assert [lookup.find([query])[0] for query in queries] == together
    assert [[found.aid for found in answer] for answer in together[: len(rows)]] == [[aid] for _, _, aid in rows]
    assert plates
    assert all(together)


def test_a_text_with_the_separator_of_columns_finds_nothing_and_moves_nothing(world: World) -> None:
    world.texts(ESTATE_ROWS)
    site, path = world.rows("SELECT site_id, path FROM address WHERE path <> '' LIMIT 1")[0]
    with world.engine.connect() as connection:
        broken, whole = SqlPathLookup(connection).find([PathQuery(site, "B\x1f9\x1f9"), PathQuery(site, path)])
    assert (broken, [found.path for found in whole]) == ([], [path])
