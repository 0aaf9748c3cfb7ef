"""Alerts as rows: what is wrong, where it is told, and every message that was or is to be sent.

An alert is one (rule, subject) that is open until it is resolved; its words are a code and arguments, put together
where they are shown. Addresses of targets are secrets and never come here. Instants are unix milliseconds.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError

INFO, WARNING, ERROR = "info", "warning", "error"
SEVERITIES = (INFO, WARNING, ERROR)
PROBLEM_CHARS = 500
WORSE = 1.25  # an acknowledged alert speaks up again when its level has grown by this


@dataclass(frozen=True, slots=True)
class Alert:
    """One row. `level` says how bad it is in the rule's own measure; `count` how often it was raised while open."""

    id: int
    rule: str
    subject: str
    severity: str
    level: float
    args: dict[str, Any]
    raised_at: int
    updated_at: int
    count: int
    acknowledged_at: int | None
    acknowledged_level: float | None
    snoozed_until: int | None
    resolved_at: int | None

    def state(self, now_ms: int) -> str:
        """open, acknowledged, snoozed or resolved."""
        if self.resolved_at is not None:
            return "resolved"
        if self.acknowledged_at is not None:
            return "acknowledged"
        return "snoozed" if self.snoozed_until is not None and self.snoozed_until > now_ms else "open"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What a user chose for a rule; None keeps the rule's own default."""

    name: str
    enabled: bool = True
    threshold: float | None = None
    severity: str | None = None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where messages go. `events` are those wanted; with `digest` they are gathered into the one message of a day.

    `problem` and `failed_at` say why and since when nothing gets through; both None while all is well.
    """

    id: int
    name: str
    channel: str
    enabled: bool
    events: tuple[str, ...]
    digest: bool
    last_ok_at: int | None
    failed_at: int | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to a target. `alert_id` is None for what is no alert; then `args` hold what its words need."""

    id: int
    alert_id: int | None
    target_id: int
    event: str
    args: dict[str, Any]
    created_at: int
    due_at: int
    sent_at: int | None
    dropped_at: int | None
    tries: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found to be true now."""

    subject: str = ""
    level: float = 0.0
    args: dict[str, Any] = field(default_factory=dict)


_ALERT = (
    "id, rule, subject, severity, level, args, raised_at, updated_at, count, acknowledged_at, acknowledged_level, "
    "snoozed_until, resolved_at"
)
_TARGET = "id, name, channel, enabled, events, digest, last_ok_at, failed_at, problem"
_DELIVERY = "id, alert_id, target_id, event, args, created_at, due_at, sent_at, dropped_at, tries, problem"
_WAITING = "sent_at IS NULL AND dropped_at IS NULL"


def _alert(row: Sequence[Any]) -> Alert:
    values = list(row)
    values[5] = json.loads(values[5])
    return Alert(*values)


def _target(row: Sequence[Any]) -> Target:
    values = list(row)
    values[3], values[4], values[5] = bool(values[3]), tuple(json.loads(values[4])), bool(values[5])
    return Target(*values)


def _delivery(row: Sequence[Any]) -> Delivery:
    values = list(row)
    values[4] = json.loads(values[4])
    return Delivery(*values)


# --------------------------------------------------------------------------------------------------- alerts


def listing(db: SqliteDatabase, *, include_resolved: bool = False, limit: int = 500) -> list[Alert]:
    """Alerts, the open ones first, each part newest first."""
    where = "1" if include_resolved else "resolved_at IS NULL"
    rows = db.execute_sql(
        f"SELECT {_ALERT} FROM alert WHERE {where} ORDER BY resolved_at IS NOT NULL, raised_at DESC, id DESC LIMIT ?",
        (limit,),
    )
    return [_alert(row) for row in rows]


def get(db: SqliteDatabase, alert_id: int) -> Alert:
    """One alert. Raises UsageError when there is none."""
    row = db.execute_sql(f"SELECT {_ALERT} FROM alert WHERE id = ?", (alert_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no alert {alert_id}.", "Alerts are listed by: gdvg alerts list.")
    return _alert(row)


def raise_one(
    db: SqliteDatabase, rule: str, severity: str, found: Finding, now_ms: int, *, settle_ms: int = 0
) -> tuple[Alert, bool]:
    """Open the alert of a finding or bring the open one up to date; True when the user is to be told.

    An acknowledged one stays so until its level has grown by a quarter; a snoozed one is told when its time is over.
    One that was resolved less than `settle_ms` ago is the same again: nothing is told of that, neither that it was over
    nor that it came back, unless its level has grown by a quarter.
    """
    args = json.dumps(found.args, ensure_ascii=False, sort_keys=True)
    row = db.execute_sql(
        f"SELECT {_ALERT} FROM alert WHERE rule = ? AND subject = ? AND (resolved_at IS NULL OR "
        "resolved_at > ? AND resolved_at <= ?) ORDER BY resolved_at IS NOT NULL, resolved_at DESC LIMIT 1",
        (rule, found.subject, now_ms - settle_ms, now_ms),
    ).fetchone()
    if row is None:
        new = db.execute_sql(
            "INSERT INTO alert (rule, subject, severity, level, args, raised_at, updated_at) "
            f"VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {_ALERT}",
            (rule, found.subject, severity, found.level, args, now_ms, now_ms),
        ).fetchone()
        return _alert(new), True
    known = _alert(row)
    seen_level = known.acknowledged_level
    if known.resolved_at is not None:
        seen_level = known.level if seen_level is None else seen_level
        known = _reopen(db, known.id, now_ms)
    worse = seen_level is not None and found.level > seen_level * WORSE
    woken = known.snoozed_until is not None and known.snoozed_until <= now_ms
    again = worse or woken
    if not again and known.level == found.level and known.args == found.args and known.severity == severity:
        return known, False
    db.execute_sql(
        "UPDATE alert SET severity = ?, level = ?, args = ?, updated_at = ? WHERE id = ?",
        (severity, found.level, args, now_ms, known.id),
    )
    if again:
        db.execute_sql(
            "UPDATE alert SET count = count + 1, raised_at = ?, acknowledged_at = NULL, acknowledged_level = NULL, "
            "snoozed_until = NULL WHERE id = ?",
            (now_ms, known.id),
        )
    return get(db, known.id), again


def _reopen(db: SqliteDatabase, alert_id: int, now_ms: int) -> Alert:
    db.execute_sql("UPDATE alert SET resolved_at = NULL, updated_at = ? WHERE id = ?", (now_ms, alert_id))
    db.execute_sql(
        "UPDATE alert_delivery SET dropped_at = ?, problem = 'came back before it was sent' "
        f"WHERE alert_id = ? AND event = 'resolved' AND {_WAITING}",
        (now_ms, alert_id),
    )
    return get(db, alert_id)


def resolve(db: SqliteDatabase, alert_id: int, now_ms: int) -> None:
    """What an alert said is true no longer. What was still to be sent about it is not sent any more."""
    db.execute_sql(
        "UPDATE alert SET resolved_at = ?, updated_at = ? WHERE id = ? AND resolved_at IS NULL",
        (now_ms, now_ms, alert_id),
    )


def acknowledge(db: SqliteDatabase, alert_ids: Iterable[int], now_ms: int) -> int:
    """The user has seen these; returns how many changed."""
    changed = 0
    for alert_id in alert_ids:
        changed += db.execute_sql(
            "UPDATE alert SET acknowledged_at = ?, acknowledged_level = level, snoozed_until = NULL, updated_at = ? "
            "WHERE id = ? AND resolved_at IS NULL AND acknowledged_at IS NULL",
            (now_ms, now_ms, alert_id),
        ).rowcount
    return changed


def snooze(db: SqliteDatabase, alert_id: int, until_ms: int, now_ms: int) -> Alert:
    """Keep an alert quiet until a moment. Raises UsageError when it is resolved already."""
    if get(db, alert_id).resolved_at is not None:
        raise UsageError(f"Alert {alert_id} is resolved.", "Only an open alert can be snoozed.")
    db.execute_sql(
        "UPDATE alert SET snoozed_until = ?, acknowledged_at = NULL, acknowledged_level = NULL, updated_at = ? "
        "WHERE id = ?",
        (until_ms, now_ms, alert_id),
    )
    return get(db, alert_id)


def forget(db: SqliteDatabase, before_ms: int) -> None:
    """Drop alerts resolved, and messages sent or given up, before a moment."""
    db.execute_sql("DELETE FROM alert WHERE resolved_at < ?", (before_ms,))
    db.execute_sql("DELETE FROM alert_delivery WHERE coalesce(sent_at, dropped_at) < ?", (before_ms,))


# ---------------------------------------------------------------------------------------------------- rules


def rules(db: SqliteDatabase) -> dict[str, RuleRow]:
    """What was chosen for rules, by name; those never touched are absent."""
    rows = db.execute_sql("SELECT name, enabled, threshold, severity, muted FROM alert_rule")
    return {row[0]: RuleRow(row[0], bool(row[1]), row[2], row[3], bool(row[4])) for row in rows}


def put_rule(db: SqliteDatabase, rule: RuleRow) -> None:
    """Keep what was chosen for a rule."""
    db.execute_sql(
        "INSERT OR REPLACE INTO alert_rule (name, enabled, threshold, severity, muted) VALUES (?, ?, ?, ?, ?)",
        (rule.name, int(rule.enabled), rule.threshold, rule.severity, int(rule.muted)),
    )


# -------------------------------------------------------------------------------------------------- targets


def targets(db: SqliteDatabase) -> list[Target]:
    """Where messages go, in the order they were added."""
    return [_target(row) for row in db.execute_sql(f"SELECT {_TARGET} FROM alert_target ORDER BY id")]


def target(db: SqliteDatabase, target_id: int) -> Target:
    """One target. Raises UsageError when there is none."""
    row = db.execute_sql(f"SELECT {_TARGET} FROM alert_target WHERE id = ?", (target_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no target {target_id}.", "Targets are listed by: gdvg alerts targets list.")
    return _target(row)


def add_target(db: SqliteDatabase, name: str, channel: str, events: Sequence[str], *, digest: bool = False) -> Target:
    """Add a target; its address is kept by whoever calls. Raises UsageError when the name is taken."""
    if db.execute_sql("SELECT 1 FROM alert_target WHERE name = ?", (name,)).fetchone():
        raise UsageError(f"There is a target named {name} already.", "Give it another name.")
    row = db.execute_sql(
        f"INSERT INTO alert_target (name, channel, events, digest) VALUES (?, ?, ?, ?) RETURNING {_TARGET}",
        (name, channel, json.dumps(list(events)), int(digest)),
    ).fetchone()
    return _target(row)


def change_target(db: SqliteDatabase, target_id: int, **values: Any) -> Target:
    """Change name, enabled, events or digest of a target. Raises UsageError when it or its name cannot be."""
    target(db, target_id)
    unknown = set(values) - {"name", "enabled", "events", "digest"}
    if unknown:
        raise ValueError(f"a target has no {', '.join(sorted(unknown))}")
    if "events" in values:
        values["events"] = json.dumps(list(values["events"]))
    if "name" in values:
        taken = db.execute_sql("SELECT id FROM alert_target WHERE name = ?", (values["name"],)).fetchone()
        if taken and taken[0] != target_id:
            raise UsageError(f"There is a target named {values['name']} already.", "Give it another name.")
    for column, value in values.items():
        stored = int(value) if isinstance(value, bool) else value
        db.execute_sql(f"UPDATE alert_target SET {column} = ? WHERE id = ?", (stored, target_id))
    return target(db, target_id)


def remove_target(db: SqliteDatabase, target_id: int) -> None:
    """Forget a target with its messages. Raises UsageError when there is none."""
    target(db, target_id)
    db.execute_sql("DELETE FROM alert_target WHERE id = ?", (target_id,))


def got_through(db: SqliteDatabase, target_id: int, now_ms: int) -> None:
    """A message reached its target: whatever was wrong with it is mended."""
    db.execute_sql(
        "UPDATE alert_target SET last_ok_at = ?, failed_at = NULL, problem = NULL WHERE id = ?", (now_ms, target_id)
    )


def did_not(db: SqliteDatabase, target_id: int, problem: str, now_ms: int) -> None:
    """A message did not reach its target, and why; since when is that of the first such."""
    db.execute_sql(
        "UPDATE alert_target SET failed_at = coalesce(failed_at, ?), problem = ? WHERE id = ?",
        (now_ms, problem[:PROBLEM_CHARS], target_id),
    )


# ----------------------------------------------------------------------------------------------- deliveries


def enqueue(
    db: SqliteDatabase,
    target_id: int,
    event: str,
    now_ms: int,
    due_ms: int,
    *,
    alert_id: int | None = None,
    args: dict[str, Any] | None = None,
) -> None:
    """Have a message sent to a target from a moment on."""
    db.execute_sql(
        "INSERT INTO alert_delivery (alert_id, target_id, event, args, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?)",
        (alert_id, target_id, event, json.dumps(args or {}, ensure_ascii=False, sort_keys=True), now_ms, due_ms),
    )


def due(db: SqliteDatabase, now_ms: int) -> list[Delivery]:
    """Messages whose time has come, by target, oldest first."""
    rows = db.execute_sql(
        f"SELECT {_DELIVERY} FROM alert_delivery WHERE {_WAITING} AND due_at <= ? ORDER BY target_id, id", (now_ms,)
    )
    return [_delivery(row) for row in rows]


def waiting(db: SqliteDatabase) -> dict[int, int]:
    """How many messages each target still has to get."""
    rows = db.execute_sql(f"SELECT target_id, count(*) FROM alert_delivery WHERE {_WAITING} GROUP BY target_id")
    return {row[0]: row[1] for row in rows}


def deliveries(db: SqliteDatabase, limit: int = 200) -> list[Delivery]:
    """Messages, the latest first."""
    rows = db.execute_sql(f"SELECT {_DELIVERY} FROM alert_delivery ORDER BY id DESC LIMIT ?", (limit,))
    return [_delivery(row) for row in rows]


def was_told(db: SqliteDatabase, alert_id: int, target_id: int, *, or_will_be: bool = False) -> bool:
    """Whether a target got a message that this alert is open; with `or_will_be` also one that is still to be sent."""
    return bool(
        db.execute_sql(
            "SELECT EXISTS (SELECT 1 FROM alert_delivery WHERE alert_id = ? AND target_id = ? AND event <> 'resolved' "
            "AND (sent_at IS NOT NULL OR ? AND dropped_at IS NULL))",
            (alert_id, target_id, or_will_be),
        ).fetchone()[0]
    )


def sent(db: SqliteDatabase, ids: Iterable[int], now_ms: int) -> None:
    """These messages have arrived."""
    for one in ids:
        db.execute_sql(
            "UPDATE alert_delivery SET sent_at = ?, tries = tries + 1, problem = NULL WHERE id = ?", (now_ms, one)
        )


def put_off(db: SqliteDatabase, ids: Iterable[int], due_ms: int, problem: str) -> None:
    """These messages could not be sent and are tried again from a moment on."""
    for one in ids:
        db.execute_sql(
            "UPDATE alert_delivery SET due_at = ?, tries = tries + 1, problem = ? WHERE id = ?",
            (due_ms, problem[:PROBLEM_CHARS], one),
        )


def drop(db: SqliteDatabase, ids: Iterable[int], now_ms: int, problem: str) -> None:
    """These messages are not sent any more, and why."""
    for one in ids:
        db.execute_sql(
            "UPDATE alert_delivery SET dropped_at = ?, problem = ? WHERE id = ?", (now_ms, problem[:PROBLEM_CHARS], one)
        )
