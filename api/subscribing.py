"""Subscribing: what is asked, checked; whose subscription it is; the secret made, sealed and shown once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from addressbook.config import Settings
from addressbook.errors import FieldError, RoleForbidden
from addressbook.identity import parse
from addressbook.model import ElementKind
from addressbook.privacy.keys import check_secret, has_secret, secret_of
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.sealing import Secret, webhook_binding
from addressbook.privacy.signing import new_secret
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import need_division
from addressbook.store.reading import Row
from addressbook.store.webhooks import add_webhook, list_webhooks, need_webhook
from addressbook.views.address import address_record
from addressbook.views.area import find_area
from api.delivering import Courier, utc_now
from api.sending import Rules, checked_url

COMMAND_LINE = Reader(AccessRole.ADMIN, 0, "command line")


class Topic(NamedTuple):
    """What a subscription is about."""

    topic: str
    subject: str


def rules_of(settings: Settings) -> Rules:
    """Where the settings let deliveries go."""
    networks = tuple(ip_network(word) for word in settings.webhook_networks.split(",") if word)
    return Rules(settings.webhook_http, networks)


def courier_of(settings: Settings, engine: Engine, secret: Callable[[], Secret]) -> Courier:
    """The courier that the settings describe."""
    return Courier(engine, secret, rules_of(settings), timedelta(hours=settings.webhook_dead_after_hours))


class LazySecret:
    """The secret, read when it is first wanted: most that the service does needs none."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings, self._engine = settings, engine
        self._known: Secret | None = None

    def __call__(self) -> Secret:
        """The secret that belongs to the database; made where it has none yet. Raises SettingError."""
        if self._known is None:
            with transaction(self._engine) as connection:
                secret = secret_of(self._settings, create=not has_secret(connection))
                check_secret(connection, secret)
            self._known = secret
        return self._known


def topic_of(connection: Connection, reader: Reader, **asked: str | None) -> Topic:
    """What is subscribed to: just one of aid, division, area and element.

    Raises FieldError, CodeError, NotFoundError for an address, area or division that there is not, and RoleForbidden
    for elements of a kind that the reader does not see in single.
    """
    given = [(topic, subject) for topic, subject in asked.items() if subject is not None]
    if len(given) != 1:
        raise FieldError(
            "one_subject", "aid", "give one of aid, division, area and element.",
            zh="请在 aid、division、area、element 中给出且仅给出一项。",
        )  # fmt: skip
    ((topic, subject),) = given
    if topic == "division":
        return Topic(topic, need_division(connection, subject))
    if topic == "area":
        return _area(connection, subject)
    if topic == "element":
        return Topic(topic, _element(subject, reader))
    return Topic(topic, address_record(connection, parse(subject))["aid"])


def _area(connection: Connection, code: str) -> Topic:
    """A grid cell or a polygon by its outline; a division, as everywhere, by its code."""
    area = find_area(connection, code, geometry=False)
    return Topic("division" if area["kind"] == "division" else "area", area["code"])


def _element(kind: str, reader: Reader) -> str:
    if kind not in set(ElementKind):
        known = ", ".join(ElementKind)
        raise FieldError(
            "bad_kind", "element", f"{kind!r} is no element kind.", zh=f"没有要素种类“{kind}”。", remedy=f"Use {known}."
        )
    if kind not in reader.at(None).listed:
        raise RoleForbidden(f"role {reader.role} sees no {kind} in single.", zh=f"{reader.role} 角色无权订阅 {kind}。")
    return kind


def subscribe(
    connection: Connection, secret: Secret, rules: Rules, reader: Reader, url: str, topic: Topic, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """A new subscription, with the secret that signs what is sent: this is the only time that it is told."""
    key = new_secret()
    told_as = reader.at(topic.subject if topic.topic == "division" else None).role
    number = add_webhook(
        connection, now, url=checked_url(url, rules), secret_sealed=secret.seal(key.encode(), webhook_binding(url)),
        owner_key_id=reader.key_id, role=told_as.value, **topic._asdict(),
    )  # fmt: skip
    return {**own_webhook(connection, reader, number), "secret": key}


def own_webhooks(connection: Connection, reader: Reader) -> list[Row]:
    """The reader's subscriptions; an administrator's answer has everybody's."""
    return list_webhooks(connection, owner=None if reader.role is AccessRole.ADMIN else reader.key_id)


def own_webhook(connection: Connection, reader: Reader, webhook_id: int) -> Row:
    """One of them. Raises NotFoundError for somebody else's too."""
    return need_webhook(connection, webhook_id, owner=None if reader.role is AccessRole.ADMIN else reader.key_id)


__all__ = [
    "COMMAND_LINE", "LazySecret", "Topic", "courier_of", "own_webhook", "own_webhooks", "rules_of", "subscribe",
    "topic_of", "utc_now",
]  # fmt: skip
