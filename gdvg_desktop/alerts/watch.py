"""Looks at the facts each minute, and when something relevant happens: raises, brings up to date and resolves alerts,
queues the messages about them, and has what is due sent. One a data folder, in the process that has the engine.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.alerts import dispatch, news
from gdvg_desktop.alerts.channels import HEARTBEAT
from gdvg_desktop.alerts.dispatch import Dispatcher, Times
from gdvg_desktop.alerts.facts import Facts
from gdvg_desktop.alerts.rules import Judgement, judge
from gdvg_desktop.core.clock import Clock, to_millis
from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.events import (
    AlertsChanged,
    Bus,
    CoverageChanged,
    CredentialNeeded,
    EngineStopped,
    Event,
    GapsChanged,
    JobsReordered,
    JobStalled,
    LibraryReplaced,
    ScheduleChanged,
    Woke,
)
from gdvg_desktop.store import alerts, counts, work_hours
from gdvg_desktop.store.alerts import Target
from gdvg_desktop.store.db import Store

log = logging.getLogger(__name__)

LOOK_S = 60.0
SOON_S = 2.0  # several events make one look
SETTLE_S = 300.0  # after waking or starting, what is overdue gets its chance first
KEEP_MS = 90 * 24 * 3_600_000
_DIGEST = "alerts_digest"  # when the next daily message is due: a fact
_RELEVANT = (  # a job that ends leaves the queue, which counts as reordering it
    CredentialNeeded, EngineStopped, JobsReordered, JobStalled, ScheduleChanged, GapsChanged, CoverageChanged,
    LibraryReplaced, Woke,
)  # fmt: skip

Gather = Callable[[], Awaitable[Facts]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look changed: the numbers of alerts newly raised (or raised again) and of those resolved."""

    raised: tuple[int, ...] = ()
    resolved: tuple[int, ...] = ()
    changed: bool = False


class AlertWatch:
    """`gather` reads the facts; `look_s` is how far apart looks are. `run` until cancelled."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        gather: Gather,
        dispatcher: Dispatcher,
        times: Times,
        *,
        look_s: float = LOOK_S,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._gather = gather
        self._dispatcher = dispatcher
        self._times = times
        self._look_s = look_s
        self._settle_s = settle_s
        self._last = (clock.now(), clock.monotonic())
        self._settled_at = clock.now() + settle_s
        self._worked = False  # whether there was work to do at the last look
        self._asked = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Look until cancelled. A library that cannot be used just now is looked at again later."""
        self._loop = asyncio.get_running_loop()
        unsubscribe = self._bus.subscribe(self._hear)
        sending: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    await self.look()
                except StorageError as error:
                    log.warning("Alerts could not be looked after: %s", error)
                except Exception:  # a bug here must not leave the user untold of everything else
                    log.exception("A look after the alerts failed")
                if sending is None or sending.done():
                    sending = asyncio.create_task(self._send(), name="alerts-send")  # a slow server delays no look
                await self._rest()
        finally:
            unsubscribe()
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def look(self) -> Looked:
        """Judge the facts of this moment and act on it."""
        awake_ms = self._awake_ms()
        worked_ms = awake_ms if self._worked else 0
        now_ms = to_millis(self._clock.now())
        await self._store.write(lambda db: work_hours.add(db, now_ms, worked_ms))
        facts = await self._gather()
        facts = replace(facts, settling=facts.settling or self._clock.now() < self._settled_at)
        self._worked = facts.working and not facts.paused
        looked = await self._store.write(lambda db: self._act(db, facts, now_ms))
        if looked.changed:
            self._bus.publish(AlertsChanged())
        return looked

    # ------------------------------------------------------------------------------------- one transaction

    def _act(self, db: SqliteDatabase, facts: Facts, now_ms: int) -> Looked:
        targets = [one for one in alerts.targets(db) if one.enabled]
        chosen = alerts.rules(db)
        raised: list[int] = []
        resolved: list[int] = []
        changed = False
        for one in judge(facts, chosen):
            row = chosen.get(one.rule.name)
            wanted = [] if row is not None and row.muted else targets
            new, gone, other = self._bring_in_line(db, one, wanted, now_ms)
            raised += new
            resolved += gone
            changed = changed or other
        for item in news.take(db, now_ms):
            self._spread(db, item, targets, now_ms)
        self._digest(db, targets, now_ms)
        alerts.forget(db, now_ms - KEEP_MS)
        return Looked(tuple(raised), tuple(resolved), bool(raised or resolved or changed))

    def _bring_in_line(
        self, db: SqliteDatabase, one: Judgement, targets: list[Target], now_ms: int
    ) -> tuple[list[int], list[int], bool]:
        if one.findings is None:
            return [], [], False
        known = {alert.subject: alert for alert in alerts.listing(db) if alert.rule == one.rule.name}
        raised, changed = [], False
        for found in one.findings:
            if found.subject not in known and not one.may_raise:
                continue
            alert, tell = alerts.raise_one(db, one.rule.name, one.severity, found, now_ms, settle_ms=one.rule.settle_ms)
            changed = changed or alert != known.get(found.subject)
            if tell:
                raised.append(alert.id)
            elif found.subject in known or alert.state(now_ms) != "open":
                continue
            for target in targets:
                itself = one.rule.name == "channel_failing" and found.subject == str(target.id)
                # one that came back is news to those only whose message was overtaken when it seemed to be over
                knows = not tell and alerts.was_told(db, alert.id, target.id, or_will_be=True)
                if one.severity in target.events and not itself and not knows:
                    dispatch.enqueue(db, target, one.severity, now_ms, self._times, alert_id=alert.id)
        true_now = {found.subject for found in one.findings}
        gone = [alert for subject, alert in known.items() if subject not in true_now]
        for alert in gone:
            alerts.resolve(db, alert.id, now_ms)
            for target in targets:
                if "resolved" in target.events and alerts.was_told(db, alert.id, target.id):
                    rest_ms = one.rule.settle_ms
                    dispatch.enqueue(db, target, "resolved", now_ms, self._times, rest_ms=rest_ms, alert_id=alert.id)
        return raised, [alert.id for alert in gone], changed

    def _spread(self, db: SqliteDatabase, item: news.News, targets: list[Target], now_ms: int) -> None:
        args: dict[str, Any] = item.args | ({"words": item.words} if item.words else {})
        for target in targets:
            wanted = item.event == news.GOOD_RUN if target.channel == HEARTBEAT else item.event in target.events
            if wanted:
                dispatch.enqueue(db, target, item.event, now_ms, self._times, args=args)

    def _digest(self, db: SqliteDatabase, targets: list[Target], now_ms: int) -> None:
        """The daily message, when its moment has come; one that was slept over is sent once."""
        known = counts.fact(db, _DIGEST)
        if known is not None and int(json.loads(known.value)) > now_ms:
            return
        counts.set_fact(db, _DIGEST, json.dumps(self._times.next_digest(now_ms)), now_ms)
        if known is not None:
            still_open = sum(one.state(now_ms) == "open" for one in alerts.listing(db))
            self._spread(db, news.of_day(db, now_ms, still_open), targets, now_ms)

    # ------------------------------------------------------------------------------------------------ time

    def _awake_ms(self) -> int:
        """Awake time since the last look: sleep, in which no look comes, is not counted but for one look's length."""
        now = (self._clock.now(), self._clock.monotonic())
        wall, own = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now
        if max(wall, own) > 3 * self._look_s:
            self._settled_at = now[0] + self._settle_s
        return round(1000 * max(0.0, min(wall, own, self._look_s)))

    def _hear(self, event: Event) -> None:
        loop = self._loop
        if loop is None or not isinstance(event, _RELEVANT):
            return
        if isinstance(event, Woke):
            self._settled_at = self._clock.now() + self._settle_s
        loop.call_soon_threadsafe(self._asked.set)

    async def _send(self) -> None:
        try:
            await self._dispatcher.send_due()
        except StorageError as error:
            log.warning("Messages could not be sent: %s", error)

    async def _rest(self) -> None:
        resting = asyncio.ensure_future(self._clock.sleep(self._look_s))
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait((resting, asked), return_when=asyncio.FIRST_COMPLETED)
            if not resting.done():
                await self._clock.sleep(SOON_S)
        finally:
            self._asked.clear()
            resting.cancel()
            asked.cancel()
            await asyncio.gather(resting, asked, return_exceptions=True)
