"""Commands about webhooks: subscribe, list, pause, resume, remove, deliveries with dead letters, replay, deliver."""

from __future__ import annotations

from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.store import webhooks as stored
from addressbook.store.engine import transaction

webhooks = typer.Typer(no_args_is_help=True, help="订阅 — tell other systems what changes: signed, in order, retried.")
Number = Annotated[int, typer.Argument(min=1, help="number of the subscription")]
NEWEST = 2**62


@webhooks.command("add")
def add(
    url: Annotated[str, typer.Argument(help="where to; https")],
    aid: Annotated[str | None, typer.Option(help="about this address")] = None,
    division: Annotated[str | None, typer.Option(help="about all in this division, e.g. 330109")] = None,
    area: Annotated[str | None, typer.Option(help="about all whose point is in this grid cell or polygon")] = None,
    element: Annotated[str | None, typer.Option(help="person, house, enterprise, event or thing")] = None,
) -> None:
    """订阅 — from now on what happens is posted to the URL; the secret that signs it is shown once."""
    from api import subscribing

    at = ready()
    with transaction(at.engine) as connection:
        reader = subscribing.COMMAND_LINE
        topic = subscribing.topic_of(connection, reader, aid=aid, division=division, area=area, element=element)
        rules, now = subscribing.rules_of(at.settings), subscribing.utc_now()
        made = subscribing.subscribe(connection, at.secret, rules, reader, url, topic, now)
    console.print(f"订阅 webhook {made['webhook_id']}: {made['topic']} {made['subject']}", markup=False)
    console.print(made["secret"], markup=False, soft_wrap=True)


@webhooks.command("list")
def listed() -> None:
    """订阅清单 — every subscription, with what waits and what is dead."""
    with transaction(ready().engine) as connection:
        found = stored.list_webhooks(connection)
    for row in found:
        words = (
            f"{row['webhook_id']}  {row['state']}  {row['topic']} {row['subject']}  {row['url']}"
            f"  待投 waiting {row['waiting']}  死信 dead {row['dead']}  连续失败 failures {row['failures']}"
        )
        console.print(words, markup=False, soft_wrap=True)


@webhooks.command("pause")
def paused(number: Number) -> None:
    """暂停 — send nothing for now; what happens is kept."""
    with transaction(ready().engine) as connection:
        stored.need_webhook(connection, number)
        stored.pause(connection, number)
    console.print(f"已暂停 paused {number}")


@webhooks.command("resume")
def resumed(number: Number) -> None:
    """恢复 — go on at once with what was kept."""
    from api.delivering import utc_now

    with transaction(ready().engine) as connection:
        stored.need_webhook(connection, number)
        stored.resume(connection, number, utc_now())
    console.print(f"已恢复 resumed {number}")


@webhooks.command("remove")
def removed(number: Number) -> None:
    """取消订阅 — with all that waits for it, and its dead letters."""
    with transaction(ready().engine) as connection:
        stored.need_webhook(connection, number)
        stored.remove(connection, number)
    console.print(f"已取消 removed {number}")


@webhooks.command("deliveries")
def deliveries(
    number: Number,
    dead: Annotated[bool, typer.Option("--dead", help="dead letters only")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 20,
) -> None:
    """投递 — the newest deliveries of a subscription, or its dead letters: attempts, last answer."""
    with transaction(ready().engine) as connection:
        stored.need_webhook(connection, number)
        found = stored.list_deliveries(connection, number, "dead" if dead else None, NEWEST, limit)
    for row in found:
        last = f"{row['last_attempt_at']:%Y-%m-%d %H:%M:%S}" if row["last_attempt_at"] else "–"
        words = f"{row['delivery_id']}  {row['state']}  {row['attempts']}×  {last}  {row['status'] or ''}"
        console.print(f"{words}  {row['error']}", markup=False, soft_wrap=True)


@webhooks.command("replay")
def replayed(
    number: Number,
    delivery: Annotated[list[int] | None, typer.Option(help="a dead letter; all of them where absent")] = None,
) -> None:
    """重投死信 — dead letters wait again, before whatever is newer."""
    from api.delivering import utc_now

    with transaction(ready().engine) as connection:
        stored.need_webhook(connection, number)
        count = stored.replay(connection, number, delivery, utc_now())
    console.print(f"{count} 条死信重新排队 dead letters wait again")


@webhooks.command("deliver")
def deliver(once: Annotated[bool, typer.Option("--once", help="one pass, then end")] = False) -> None:
    """投递进程 — deliver what is due, until interrupted; for where the service does not do it."""
    from api.serving import log_to_stderr
    from api.subscribing import courier_of

    at = ready()
    courier = courier_of(at.settings, at.engine, lambda: at.secret)
    if once:
        console.print(f"{courier.once()} 条已送达 delivered")
        return
    log_to_stderr(at.settings.log_level)
    courier.run()
