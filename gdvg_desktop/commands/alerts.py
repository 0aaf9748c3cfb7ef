"""Alerts: what is wrong and what to do about it, the rules behind them, and where they are told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from peewee import SqliteDatabase

from gdvg_desktop.alerts import channels, texts
from gdvg_desktop.alerts.channels import APPRISE, CHANNELS, DESKTOP, HEARTBEAT, WEBHOOK, Apprise, Channel, ChannelError
from gdvg_desktop.alerts.desktop import Desktop
from gdvg_desktop.alerts.dispatch import Dispatcher, Times, secret_name
from gdvg_desktop.alerts.rules import RULES, Rule, threshold_of
from gdvg_desktop.alerts.texts import EVENTS, Translate
from gdvg_desktop.alerts.watch import AlertWatch
from gdvg_desktop.app import App
from gdvg_desktop.commands import alert_facts
from gdvg_desktop.commands import settings as settings_command
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.events import AlertsChanged
from gdvg_desktop.core.settings import Settings, clock_time, env_overrides
from gdvg_desktop.schedule.conditions import quiet_hours
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.store import alerts as rows
from gdvg_desktop.store import counts
from gdvg_desktop.store.alerts import SEVERITIES, Alert, Delivery, RuleRow, Target

DEFAULT_EVENTS = ("error", "warning")
DESKTOP_EVENTS = ("error", "warning", "mirror_complete")
_DESKTOP_MADE = "alerts_desktop"  # a fact: whoever removed that target is not given it again
_FROM_SETTINGS = {"error_rate": "error_rate_threshold"}  # thresholds that are settings, which the environment may set


class NotSent(GdvgError):
    """A message could not be sent."""

    title = "Not sent"


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert in words. `why` are the numbers it was decided on, `link` where it leads: a screen ("queue", "errors",
    "gaps") or a page ("settings:connection"); `link_text` is that in words. Instants are unix ms.

    `state` is open, acknowledged, snoozed or resolved; a muted rule's alerts are listed and nothing more.
    """

    id: int
    rule: str
    severity: str
    title: str
    text: str
    why: str
    link: str
    link_text: str
    raised_at: int
    count: int
    state: str
    muted: bool
    subject: str
    snoozed_until: int | None
    resolved_at: int | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with what is in force. `threshold` is None for a rule without one; `set_by` is the setting the
    environment sets it by."""

    name: str
    title: str
    help: str
    severity: str
    threshold: float | None
    default: float | None
    unit: str
    low: float
    high: float
    enabled: bool
    muted: bool
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as it is shown: never its address. `waiting` messages are still to be sent to it."""

    id: int
    name: str
    channel: str
    enabled: bool
    events: tuple[str, ...]
    digest: bool
    last_ok_at: int | None
    failed_at: int | None
    problem: str | None
    waiting: int


# --------------------------------------------------------------------------------------------------- alerts


async def listing(app: App, include_resolved: bool = False, *, translate: Translate = str) -> list[AlertView]:
    """Open alerts, the newest first, then with `include_resolved` those that are over."""
    now_ms = to_millis(app.clock.now())

    def read(db: SqliteDatabase) -> list[AlertView]:
        chosen = rows.rules(db)
        found = rows.listing(db, include_resolved=include_resolved)
        return [_view(one, chosen.get(one.rule), now_ms, translate) for one in found]

    return await app.store.read(read)


async def show(app: App, alert_id: int, *, translate: Translate = str) -> AlertView:
    """One alert. Raises UsageError when there is none."""
    now_ms = to_millis(app.clock.now())

    def read(db: SqliteDatabase) -> AlertView:
        found = rows.get(db, alert_id)
        return _view(found, rows.rules(db).get(found.rule), now_ms, translate)

    return await app.store.read(read)


def _view(alert: Alert, chosen: RuleRow | None, now_ms: int, translate: Translate) -> AlertView:
    words = texts.words(alert.rule, alert.args, translate)
    rule = RULES.get(alert.rule)
    return AlertView(
        id=alert.id,
        rule=alert.rule,
        severity=alert.severity,
        title=words.title,
        text=words.text,
        why=words.why,
        link=rule.link if rule is not None else "",
        link_text=words.link,
        raised_at=alert.raised_at,
        count=alert.count,
        state=alert.state(now_ms),
        muted=chosen is not None and chosen.muted,
        subject=alert.subject,
        snoozed_until=alert.snoozed_until,
        resolved_at=alert.resolved_at,
    )


async def acknowledge(app: App, alert_ids: Sequence[int] | None = None) -> int:
    """These alerts, or all that are open, have been seen: quiet until they grow worse or come again. How many changed.

    Raises UsageError for a number that is none.
    """
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> int:
        wanted = [one.id for one in rows.listing(db)] if alert_ids is None else alert_ids
        for one in wanted:
            rows.get(db, one)
        return rows.acknowledge(db, wanted, now_ms)

    return await _changed(app, await app.store.write(write))


async def snooze(app: App, alert_id: int, until_ms: int) -> AlertView:
    """Keep an alert quiet until a moment; when it is still true then it is told again. Raises UsageError."""
    now_ms = to_millis(app.clock.now())
    if until_ms <= now_ms:
        raise UsageError("The rest would end before it begins.", "Give a moment to come.")
    await app.store.write(lambda db: rows.snooze(db, alert_id, until_ms, now_ms))
    app.bus.publish(AlertsChanged())
    return await show(app, alert_id)


# ---------------------------------------------------------------------------------------------------- rules


async def rules(app: App, *, translate: Translate = str) -> list[RuleView]:
    """All rules with what is in force."""
    chosen = await app.store.read(rows.rules)
    return [_rule(rule, chosen.get(rule.name), app.settings, translate) for rule in RULES.values()]


def _rule(rule: Rule, row: RuleRow | None, settings: Settings, translate: Translate) -> RuleView:
    words = texts.TEXTS[rule.name]
    defaults = alert_facts.defaults(settings)
    setting = _FROM_SETTINGS.get(rule.name, "")
    known = row or RuleRow(rule.name)
    return RuleView(
        name=rule.name,
        title=translate(words.name),
        help=translate(words.help),
        severity=known.severity or rule.severity,
        threshold=threshold_of(rule, row, defaults) if rule.unit else None,
        default=defaults.get(rule.name, rule.threshold) if rule.unit else None,
        unit=rule.unit,
        low=rule.low,
        high=rule.high,
        enabled=known.enabled,
        muted=known.muted,
        set_by=setting if setting in env_overrides() else "",
    )


async def change_rule(
    app: App,
    name: str,
    *,
    enabled: bool | None = None,
    threshold: float | None = None,
    severity: str | None = None,
    muted: bool | None = None,
    defaults: bool = False,
) -> RuleView:
    """Change a rule; what is None stays, with `defaults` it is first as it was. Raises UsageError.

    A muted rule still raises its alerts, and tells nobody; one that is switched off raises none.
    """
    rule = RULES.get(name)
    if rule is None:
        raise UsageError(f"There is no rule {name}.", f"Rules are: {', '.join(RULES)}.")
    if threshold is not None and not rule.unit:
        raise UsageError(f"The rule {name} has no threshold.", "It can be switched off or muted.")
    if threshold is not None and not rule.low <= threshold <= rule.high:
        raise UsageError(f"{threshold:g} {rule.unit} is not accepted.", f"Use {rule.low:g} to {rule.high:g}.")
    if severity is not None and severity not in SEVERITIES:
        raise UsageError(f"{severity} is not a severity.", f"Use {', '.join(SEVERITIES)}.")
    if name in _FROM_SETTINGS and (threshold is not None or defaults):
        setting = _FROM_SETTINGS[name]
        await settings_command.change(app, **{setting: rule.threshold if threshold is None else threshold})
        threshold = None
    wanted: dict[str, Any] = {"enabled": enabled, "threshold": threshold, "severity": severity, "muted": muted}

    def write(db: SqliteDatabase) -> None:
        known = RuleRow(name) if defaults else rows.rules(db).get(name, RuleRow(name))
        rows.put_rule(db, replace(known, **{key: value for key, value in wanted.items() if value is not None}))

    await app.store.write(write)
    app.bus.publish(AlertsChanged())
    return next(one for one in await rules(app) if one.name == name)


async def mute(app: App, name: str, on: bool = True) -> RuleView:
    """Tell nobody of a rule's alerts any more, or again."""
    return await change_rule(app, name, muted=on)


# -------------------------------------------------------------------------------------------------- targets


async def targets(app: App) -> list[TargetView]:
    """Where messages go."""

    def read(db: SqliteDatabase) -> list[TargetView]:
        waiting = rows.waiting(db)
        return [_target(one, waiting.get(one.id, 0)) for one in rows.targets(db)]

    return await app.store.read(read)


def _target(one: Target, waiting: int) -> TargetView:
    return TargetView(
        one.id, one.name, one.channel, one.enabled, one.events, one.digest, one.last_ok_at, one.failed_at,
        one.problem, waiting,
    )  # fmt: skip


async def add_target(
    app: App,
    name: str,
    channel: str,
    address: str = "",
    *,
    events: Sequence[str] | None = None,
    digest: bool = False,
) -> TargetView:
    """Add a target; its address goes into the keyring. Raises UsageError and KeyringUnavailable."""
    name = _name(name)
    if channel not in CHANNELS:
        raise UsageError(f"{channel} is not a channel.", f"Use {', '.join(CHANNELS)}.")
    chosen = _events(DEFAULT_EVENTS if events is None else events) if channel != HEARTBEAT else ()
    checked = await asyncio.to_thread(channels.check_address, channel, address)
    made = await app.store.write(lambda db: rows.add_target(db, name, channel, chosen, digest=digest))
    if checked:
        channels.keep_secret(checked)
        try:
            await asyncio.to_thread(app.secrets.save, secret_name(made.id), checked)
        except GdvgError:
            await app.store.write(lambda db: rows.remove_target(db, made.id))
            raise
    app.bus.publish(AlertsChanged())
    return _target(made, 0)


async def change_target(
    app: App,
    target_id: int,
    *,
    name: str | None = None,
    address: str | None = None,
    enabled: bool | None = None,
    events: Sequence[str] | None = None,
    digest: bool | None = None,
) -> TargetView:
    """Change a target; what is None stays. Raises UsageError and KeyringUnavailable."""
    target = await app.store.read(lambda db: rows.target(db, target_id))
    if address is not None:
        checked = await asyncio.to_thread(channels.check_address, target.channel, address)
        channels.keep_secret(checked)
        await asyncio.to_thread(app.secrets.save, secret_name(target_id), checked)
    values = {
        "name": None if name is None else _name(name),
        "enabled": enabled,
        "events": None if events is None else _events(events),
        "digest": digest,
    }
    wanted = {key: value for key, value in values.items() if value is not None}
    await app.store.write(lambda db: rows.change_target(db, target_id, **wanted))
    app.bus.publish(AlertsChanged())
    return next(one for one in await targets(app) if one.id == target_id)


async def remove_target(app: App, target_id: int) -> None:
    """Forget a target, its messages and its address. Raises UsageError and KeyringUnavailable."""
    target = await app.store.read(lambda db: rows.target(db, target_id))
    if target.channel != DESKTOP:
        await asyncio.to_thread(app.secrets.remove, secret_name(target_id))
    await app.store.write(lambda db: rows.remove_target(db, target_id))
    app.bus.publish(AlertsChanged())


async def test(app: App, target_id: int) -> TargetView:
    """Send a test message from this process, now. Raises NotSent with the reason, which the target then shows."""
    target = await app.store.read(lambda db: rows.target(db, target_id))
    senders = _channels(app)
    try:
        await _dispatcher(app, senders).test(target)
    except ChannelError as error:
        raise NotSent(redact(str(error)), "Check the address, and that its service can be reached.") from None
    finally:
        await _close(senders)
    return next(one for one in await targets(app) if one.id == target_id)


async def history(app: App, limit: int = 200) -> list[Delivery]:
    """Messages sent and waiting, the latest first."""
    return await app.store.read(lambda db: rows.deliveries(db, limit))


async def ensure_desktop(app: App) -> None:
    """Make the target of this desktop where there never was one; for the window, which proves there is a desktop."""

    def write(db: SqliteDatabase) -> bool:
        if counts.fact(db, _DESKTOP_MADE) is not None:
            return False
        counts.set_fact(db, _DESKTOP_MADE, "yes", to_millis(app.clock.now()))
        if any(one.channel == DESKTOP for one in rows.targets(db)):
            return False
        rows.add_target(db, "Desktop", DESKTOP, DESKTOP_EVENTS)
        return True

    if await app.store.write(write):
        app.bus.publish(AlertsChanged())


def suggested_email(settings: Settings) -> str:
    """The address of mail alerts the settings or the environment name; its mail server is still to be given."""
    return settings.alert_email


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise UsageError("A target needs a name of at most 80 characters.", "Name it after where it leads.")
    return name


def _events(events: Sequence[str]) -> tuple[str, ...]:
    wrong = [one for one in events if one not in EVENTS]
    if wrong:
        raise UsageError(f"{wrong[0]} is not an event.", f"Use {', '.join(EVENTS)}.")
    return tuple(one for one in EVENTS if one in events)


async def _changed(app: App, count: int) -> int:
    if count:
        app.bus.publish(AlertsChanged())
    return count


# ---------------------------------------------------------------------------------------------------- watching


async def watch(app: App) -> None:
    """Look after the alerts and send messages until cancelled. For the process that has the engine."""
    senders = _channels(app)
    try:
        await make_watch(app, senders).run()
    finally:
        await _close(senders)


def make_watch(app: App, senders: dict[str, Channel], *, look_s: float = 60.0, settle_s: float = 300.0) -> AlertWatch:
    """The watch over this app, sending by these channels."""
    return AlertWatch(
        app.store,
        app.clock,
        app.bus,
        partial(alert_facts.gather, app),
        _dispatcher(app, senders),
        times(app),
        look_s=look_s,
        settle_s=settle_s,
    )


def _channels(app: App) -> dict[str, Channel]:
    return {
        DESKTOP: Desktop(app.bus),
        WEBHOOK: channels.Webhook(),
        APPRISE: Apprise(),
        HEARTBEAT: channels.Heartbeat(),
    }


async def _close(senders: dict[str, Channel]) -> None:
    for channel in senders.values():
        await channel.close()


def _dispatcher(app: App, senders: dict[str, Channel]) -> Dispatcher:
    return Dispatcher(app.store, app.clock, app.bus, senders, app.secrets, times(app))


def times(app: App) -> Times:
    """When messages may leave, by the settings as they are at that moment, in the computer's zone."""

    def next_digest(now_ms: int) -> int:
        at = clock_time(app.settings.digest_at) or time(8)
        return _next(now_ms, at)

    def quiet(now_ms: int) -> bool:
        hours = quiet_hours(app.settings.notify_quiet_from, app.settings.notify_quiet_to)
        return hours is not None and hours.hold(datetime.fromtimestamp(now_ms / 1000, UTC), local_zone())

    return Times(next_digest, quiet)


def _next(now_ms: int, at: time) -> int:
    """The first moment after another at a time of the day in the computer's zone; unix ms."""
    zone = ZoneInfo(local_zone())
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    day = now.date()
    while (moment := datetime.combine(day, at, zone)).timestamp() <= now.timestamp():
        day += timedelta(days=1)
    return to_millis(moment.timestamp())
