"""Sends what is due: the rows of the queue of messages, target by target, with tries, rests and reasons kept.

A message is marked as sent once its channel has taken it, so after a crash at that very moment it may arrive twice; it
is never lost. A target that fails keeps its problem on its row until something gets through.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from peewee import SqliteDatabase

from gdvg_desktop.alerts import texts
from gdvg_desktop.alerts.channels import DESKTOP, HEARTBEAT, SEND_S, Channel, ChannelError, Message, keep_secret
from gdvg_desktop.alerts.news import GOOD_RUN
from gdvg_desktop.alerts.rules import RULES
from gdvg_desktop.core.clock import Clock, to_millis
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.events import AlertsChanged, Bus
from gdvg_desktop.core.secrets import SecretStore
from gdvg_desktop.store import alerts
from gdvg_desktop.store.alerts import Alert, Delivery, Target
from gdvg_desktop.store.db import Store

log = logging.getLogger(__name__)

MINUTE_MS = 60_000
RESTS_MS = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, 60, 180, 360, 720))
GIVE_UP_MS = 3 * 24 * 60 * MINUTE_MS  # news older than this is none
MOST_APART = 3  # more than this at once are sent as one
_NEWS_LINKS = {"run_finished": "history", "mirror_complete": "overview", "budget_pause": "queue", "digest": "alerts"}


@dataclass(frozen=True, slots=True)
class _Due:
    """A message to be sent and the row it comes from; the message None when it need not be sent any more, and why."""

    delivery: Delivery
    message: Message | None
    needless: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """When messages may leave, by moments in unix ms: the first daily message after one, and whether one is quiet."""

    next_digest: Callable[[int], int]
    quiet: Callable[[int], bool]


def secret_name(target_id: int) -> str:
    """Under which name a target's address is kept."""
    return f"alert:{target_id}"


class Dispatcher:
    """Sends messages by `channels`, one a kind of channel; the addresses come from `secrets`."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, channels: Mapping[str, Channel], secrets: SecretStore, times: Times
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._channels = channels
        self._secrets = secrets
        self._times = times

    async def send_due(self) -> int:
        """Send whatever is due; returns how many messages went out.

        The quiet hours hold back here, whatever made a message due in them: its own time, or a rest after a failure.
        """
        now_ms = self._now_ms()
        quiet = self._times.quiet(now_ms)
        by_target = await self._store.read(lambda db: _read(db, now_ms, quiet=quiet))
        sent = await asyncio.gather(*(self._serve(target, rows) for target, rows in by_target))
        if by_target:
            self._bus.publish(AlertsChanged())
        return sum(sent)

    async def test(self, target: Target) -> None:
        """Send a test message now. Raises ChannelError with the reason; either way the target's row says so."""
        title, text = texts.event_words("test", {"target": target.name})
        problem = await self._send(target, Message("test", title, text, "info", self._now_ms(), "settings:alerts"))
        self._bus.publish(AlertsChanged())
        if problem is not None:
            raise ChannelError(problem)

    async def _serve(self, target: Target, rows: Sequence[_Due]) -> int:
        needless = [one for one in rows if one.message is None]
        for one in needless:
            await self._drop([one.delivery.id], one.needless)
        todo = [one for one in rows if one.message is not None]
        sent = 0
        for message, ids in _gathered(target, todo):
            problem = await self._send(target, message)
            if problem is None:
                await self._store.write(partial(alerts.sent, ids=ids, now_ms=self._now_ms()))
                sent += len(ids)
                continue
            waiting = [one.delivery for one in todo[sent:]]
            await self._put_off(waiting, problem)
            break
        return sent

    async def _send(self, target: Target, message: Message) -> str | None:
        """Send one message and keep on the target's row how that went; returns what was wrong."""
        problem: str | None = None
        try:
            channel = self._channels.get(target.channel)
            if channel is None:
                raise ChannelError(f"This program knows no channel {target.channel}.")
            async with asyncio.timeout(SEND_S):  # the keyring may wait for its user
                address = await self._address(target)
            await channel.send(address, message)
        except ChannelError as error:
            problem = redact(str(error))
        except GdvgError as error:
            problem = redact(error.message)
        except TimeoutError:
            problem = "The channel did not answer in time."
        except Exception as error:  # a library's fault must not silence the other targets
            log.warning("Sending to target %d failed: %s", target.id, type(error).__name__)
            problem = f"Unexpected: {type(error).__name__}."
        now_ms = self._now_ms()
        if problem is None:
            await self._store.write(lambda db: alerts.got_through(db, target.id, now_ms))
        else:
            reason = problem
            log.warning("Target %d (%s): %s", target.id, target.channel, reason)
            await self._store.write(lambda db: alerts.did_not(db, target.id, reason, now_ms))
        return problem

    async def _address(self, target: Target) -> str:
        if target.channel == DESKTOP:
            return ""
        found = await asyncio.to_thread(self._secrets.load, secret_name(target.id))
        if not found:
            raise ChannelError("The address is not in the keyring. Enter it again.")
        keep_secret(found)
        return found

    async def _put_off(self, waiting: Sequence[Delivery], problem: str) -> None:
        now_ms = self._now_ms()

        def write(db: SqliteDatabase) -> None:
            for one in waiting:
                if now_ms - one.created_at >= GIVE_UP_MS:
                    alerts.drop(db, [one.id], now_ms, problem)
                else:
                    rest = RESTS_MS[min(one.tries, len(RESTS_MS) - 1)]
                    alerts.put_off(db, [one.id], now_ms + rest, problem)

        await self._store.write(write)

    async def _drop(self, ids: Sequence[int], why: str) -> None:
        now_ms = self._now_ms()
        await self._store.write(lambda db: alerts.drop(db, ids, now_ms, why))

    def _now_ms(self) -> int:
        return to_millis(self._clock.now())


def _read(db: SqliteDatabase, now_ms: int, *, quiet: bool) -> list[tuple[Target, list[_Due]]]:
    targets = {one.id: one for one in alerts.targets(db)}
    found: dict[int, list[_Due]] = {}
    for one in alerts.due(db, now_ms):
        target = targets[one.target_id]
        if quiet and one.event != GOOD_RUN:  # nobody is woken by that one
            continue
        if not target.enabled:
            due = _Due(one, None, "the target is switched off")
        elif one.alert_id is None:
            due = _Due(one, news_message(one))
        else:
            due = _about(one, alerts.get(db, one.alert_id))
        found.setdefault(target.id, []).append(due)
    return [(targets[number], rows) for number, rows in found.items()]


def _about(delivery: Delivery, alert: Alert) -> _Due:
    """A message about an alert, unless it has been overtaken by what happened since."""
    if delivery.event != "resolved":
        if alert.resolved_at is not None:
            return _Due(delivery, None, "resolved before it was sent")
        if alert.acknowledged_at is not None:
            return _Due(delivery, None, "acknowledged before it was sent")
    return _Due(delivery, alert_message(alert, delivery.event, delivery.created_at))


def alert_message(alert: Alert, event: str, at: int) -> Message:
    """What is sent of an alert."""
    words = texts.words(alert.rule, alert.args)
    rule = RULES.get(alert.rule)
    link = rule.link if rule is not None else "alerts"
    if event == "resolved":
        return Message(event, f"Resolved: {words.title}", "", "info", at, link, rule=alert.rule, alert_id=alert.id)
    return Message(event, words.title, words.text, alert.severity, at, link, words.why, alert.rule, alert.id)


def news_message(delivery: Delivery) -> Message:
    """What is sent of something that is no alert."""
    args = dict(delivery.args)
    code = args.pop("words", delivery.event)
    title, text = texts.event_words(code, args)
    severity = "warning" if code == "run_failed" else "info"
    return Message(delivery.event, title, text, severity, delivery.created_at, _NEWS_LINKS.get(delivery.event, ""))


def _gathered(target: Target, rows: Sequence[_Due]) -> list[tuple[Message, list[int]]]:
    """Messages one by one; as one where the target wants them so, or where many have piled up."""
    ids = [one.delivery.id for one in rows]
    messages = [one.message for one in rows if one.message is not None]
    if not messages:
        return []
    if target.channel == HEARTBEAT:  # one sign of life says all that several would
        return [(messages[-1], ids)]
    if len(messages) == 1 or not (target.digest or len(messages) > MOST_APART):
        return [(message, [number]) for message, number in zip(messages, ids, strict=True)]
    head = next((one for one in messages if one.event == "digest"), None)
    rest = tuple(one for one in messages if one is not head)
    worst = max(messages, key=lambda one: alerts.SEVERITIES.index(one.severity)).severity
    if head is None:
        title, text = f"GDVG Desktop: {len(rest)} notifications", ""
    else:
        title, text = head.title, head.text
    return [(Message("digest", title, text, worst, messages[-1].at, "alerts", items=rest), ids)]


def enqueue(
    db: SqliteDatabase, target: Target, event: str, now_ms: int, times: Times, *, rest_ms: int = 0, **what: object
) -> None:
    """Queue a message for a target: for when a rest is over, or for its next digest after that."""
    gathered = target.digest and event not in ("digest", GOOD_RUN)
    due = times.next_digest(now_ms + rest_ms) if gathered else now_ms + rest_ms
    alerts.enqueue(db, target.id, event, now_ms, due, **what)  # type: ignore[arg-type]
