"""Claims about learning without training: a decision becomes an alias, is used at once, and can be withdrawn."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from addressbook.divisions import Gazetteer
from addressbook.errors import NotFoundError
from addressbook.match import NameIndex, Resolver
from addressbook.match.learning import Lesson, lesson_of
from addressbook.model import Category, Resolution
from addressbook.store.aliases import aliases_of, chosen_address, remember_alias, withdraw_alias
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_changes, read_names
from tests.worlds import ESTATE, ROOM, TOWN, Terminal, World, identity_number

GAZETTEER = Gazetteer.shipped()
NOT_FOUND = 4
OTHER_NAME = f"{TOWN}望江新居3幢1单元502室"


def resolver_of(connection: Connection) -> Resolver:
    return Resolver(GAZETTEER, NameIndex(read_names(connection)[0], GAZETTEER))


def resolve(connection: Connection, words: str) -> Resolution:
    return resolver_of(connection).resolve_batch([words], SqlPathLookup(connection))[0]


def aid_of(world: World, words: str) -> str:
    with world.engine.connect() as connection:
        aid = resolve(connection, words).aid
    assert aid is not None
    return aid


def learn(world: World, words: str, aid: str) -> Lesson:
    """A reviewer says that these words mean that address."""
    with world.engine.begin() as connection:
        resolver, chosen = resolver_of(connection), chosen_address(connection, aid)
        lesson = lesson_of(resolver.parser.parse(words), chosen.address, chosen.top, chosen.street, resolver.index)
        assert lesson is not None
        remember_alias(connection, lesson, actor="reviewer", reason="seen on site")
    return lesson


def test_a_decision_on_an_unknown_name_teaches_the_name_of_the_site(estate: World) -> None:
    with estate.engine.connect() as connection:
        assert resolve(connection, OTHER_NAME).aid is None
    lesson = learn(estate, OTHER_NAME, aid_of(estate, ROOM))
    assert (lesson.name, lesson.path) == ("望江新居", "")
    with estate.engine.connect() as connection:
        found = resolve(connection, OTHER_NAME)
        other = resolve(connection, f"{TOWN}望江新居13幢1单元501室")
    assert found.aid == aid_of(estate, ROOM)
    assert found.category is other.category is Category.A
    assert "alias_used" in {reason.code for reason in found.reasons}


def test_a_decision_on_an_unknown_street_teaches_the_name_of_the_street(estate: World) -> None:
    words = f"{TOWN}经一路12号"
    lesson = learn(estate, words, aid_of(estate, f"{TOWN}金城路12号"))
    assert lesson.name == "经一路"
    assert aid_of(estate, words) == aid_of(estate, f"{TOWN}金城路12号")


def test_a_decision_on_an_unknown_number_teaches_the_number_of_the_address(estate: World) -> None:
    words = f"{ESTATE}3幢1单元902室"
    lesson = learn(estate, words, aid_of(estate, ROOM))
    assert (lesson.name, lesson.path) == ("3幢1单元902室", "B3/E1/H902")
    with estate.engine.connect() as connection:
        found = resolve(connection, words)
        assert resolve(connection, f"{ESTATE}3幢1单元903室").aid is None
    assert found.aid == aid_of(estate, ROOM)
    assert "alias_used" in {reason.code for reason in found.reasons}


def test_a_decision_that_the_registry_would_have_taken_teaches_nothing(estate: World) -> None:
    with estate.engine.connect() as connection:
        resolver, chosen = resolver_of(connection), chosen_address(connection, aid_of(estate, ROOM))
        parsed = resolver.parser.parse(ROOM)
        assert lesson_of(parsed, chosen.address, chosen.top, chosen.street, resolver.index) is None


def test_an_alias_is_dated_and_says_where_it_comes_from(estate: World) -> None:
    lesson = learn(estate, OTHER_NAME, aid_of(estate, ROOM))
    with estate.engine.connect() as connection:
        today = connection.execute(text("SELECT CURRENT_DATE::text")).scalar_one()
        assert aliases_of(connection, lesson.aid) == [("望江新居", "review", today, "")]


def test_a_wrong_alias_is_withdrawn_and_what_it_linked_is_listed(estate: World) -> None:
    lesson = learn(estate, OTHER_NAME, aid_of(estate, ROOM))
    person = {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": OTHER_NAME}
    estate.load_rows("people", [person])
    with estate.engine.begin() as connection:
        linked = withdraw_alias(connection, lesson.aid, lesson.name, actor="reviewer", reason="another estate")
        assert [(link.element_kind, link.aid) for link in linked] == [("person", aid_of(estate, ROOM))]
    with estate.engine.connect() as connection:
        assert resolve(connection, OTHER_NAME).aid is None
        ((_, _, since, until),) = aliases_of(connection, lesson.aid)
    assert since
    assert until


def test_what_was_never_an_alias_cannot_be_withdrawn(estate: World) -> None:
    aid = aid_of(estate, ESTATE)
    with estate.engine.begin() as connection, pytest.raises(NotFoundError):
        withdraw_alias(connection, aid, "望江新居", actor="reviewer", reason="x")


def test_a_withdrawn_alias_may_be_given_again(estate: World) -> None:
    aid = aid_of(estate, ROOM)
    lesson = learn(estate, OTHER_NAME, aid)
    with estate.engine.begin() as connection:
        withdraw_alias(connection, lesson.aid, lesson.name, actor="reviewer", reason="x")
    learn(estate, OTHER_NAME, aid)
    assert aid_of(estate, OTHER_NAME) == aid


def test_an_index_follows_what_other_processes_do(estate: World) -> None:
    """Aliases given, aliases withdrawn, addresses retired: each is followed by the events since the last look."""
    with estate.engine.connect() as connection:
        resolver = resolver_of(connection)
        newest = read_changes(connection, 0).newest

    def answer(words: str) -> str | None:
        nonlocal newest
        with estate.engine.connect() as connection:
            changes = read_changes(connection, newest)
            resolver.index.follow(changes.gone, changes.added)
            newest = changes.newest
            return resolver.resolve_batch([words], SqlPathLookup(connection))[0].aid

    room = aid_of(estate, ROOM)
    assert answer(OTHER_NAME) is None
    lesson = learn(estate, OTHER_NAME, room)
    assert answer(OTHER_NAME) == room
    with estate.engine.begin() as connection:
        withdraw_alias(connection, lesson.aid, lesson.name, actor="reviewer", reason="x")
    assert answer(OTHER_NAME) is None
    assert answer(ROOM) == room
    with estate.engine.begin() as connection:
        event = remember_alias(connection, lesson, actor="reviewer", reason="x")
        retire = text("UPDATE address SET state = 'retired', event_id = :event WHERE aid = :aid")
        connection.execute(retire, {"event": event, "aid": lesson.aid})
    assert answer(OTHER_NAME) is None
    assert answer(f"{TOWN}南岸明珠3幢1单元502室") is None


def test_the_commands_teach_and_withdraw(estate: World) -> None:
    terminal = Terminal.open(estate.engine.url.render_as_string(hide_password=False), estate.folder / "home")
    room = aid_of(estate, ROOM)
    added = terminal.run("alias", "add", room, OTHER_NAME)
    assert (added.code, "望江新居" in added.out) == (0, True), added
    estate_aid = aid_of(estate, ESTATE)
    assert aid_of(estate, OTHER_NAME) == room
    assert "望江新居  review" in terminal.run("alias", "list", estate_aid).out
    withdrawn = terminal.run("alias", "withdraw", estate_aid, "望江新居")
    assert (withdrawn.code, "0 条" in withdrawn.out) == (0, True), withdrawn
    assert terminal.run("alias", "withdraw", estate_aid, "望江新居").code == NOT_FOUND
