"""The rules: each looks at the facts of a moment and says what is true of it. Pure; the words are in `alerts.texts`.

A rule that returns None knows nothing just now: its alerts stay as they are. What it returns is raised or kept; what
it does not return any more is resolved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gdvg_desktop.alerts.facts import Facts
from gdvg_desktop.store.alerts import ERROR, INFO, WARNING, Finding, RuleRow
from gdvg_desktop.store.work_hours import HOUR_MS

MIN_ATTEMPTS = 50  # fewer say nothing about a rate
MIN_WORK_MS = HOUR_MS // 2  # of today and of the days before, for their rates to be compared
REFRESH_ROUND_DAYS = 2.0  # what is due for a refresh is given this long to get it
DAY_MS = 24 * HOUR_MS


class Quiet(StrEnum):
    """Times in which a rule raises nothing."""

    PAUSED = "paused"
    ASLEEP = "asleep"
    FINISHED = "finished"


OF_WORK = frozenset(Quiet)
"""A rule about the pace of the work says nothing when there is none."""
AT_ANY_END = frozenset({Quiet.PAUSED, Quiet.ASLEEP})
"""What a finished mirror still needs in order to stay complete, or to be kept at all."""
Found = list[Finding] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is before anybody changes it. `unit` is that of the threshold, "" for a rule without one.

    In a time of `quiet` nothing new is raised; with `lets_go` what was raised is resolved then as well, because it
    says nothing about such a time. `link` is where its alerts lead.
    """

    name: str
    severity: str
    evaluate: Callable[[Facts, float], Found]
    link: str
    threshold: float = 0.0
    unit: str = ""
    low: float = 0.0
    high: float = 1_000_000.0
    quiet: frozenset[Quiet] = AT_ANY_END
    lets_go: bool = False

    @property
    def settle_ms(self) -> int:
        """How long an alert has to be over to be told as such: a figure may swing round a threshold."""
        return HOUR_MS if self.unit else 0


def _import_stalled(facts: Facts, hours: float) -> Found:
    idle = facts.idle_ms / HOUR_MS
    if not facts.working or idle < hours:
        return []
    return [Finding("", idle, {"hours": int(idle), "limit": hours, "queued": facts.queued})]


def _error_rate(facts: Facts, percent: float) -> Found:
    work = facts.last_day
    if work.attempts < MIN_ATTEMPTS:
        return []
    rate = 100 * work.failed / work.attempts
    if rate <= percent:
        return []
    args = {
        "rate": round(rate, 1),
        "limit": percent,
        "failed": work.failed,
        "attempts": work.attempts,
        "open": facts.open_failures,
    }
    return [Finding("", rate, args)]


def _import_rate(facts: Facts, percent: float) -> Found:
    today, week = facts.today, facts.week
    if not facts.working or today.working_ms < MIN_WORK_MS or week.working_ms < MIN_WORK_MS or not week.imported:
        return []
    usual = week.imported * today.working_ms / week.working_ms
    share = 100 * today.imported / usual
    if usual < 1 or share >= percent:
        return []
    args = {
        "share": int(share),
        "limit": percent,
        "imported": today.imported,
        "usual": round(usual),
        "minutes": today.working_ms // 60_000,
    }
    return [Finding("", 100 - share, args)]


def _key_refused(facts: Facts, _threshold: float) -> Found:
    if facts.key_refused is None:
        return None
    return [Finding("", 1, {"message": facts.key_message})] if facts.key_refused else []


def _low_disk(facts: Facts, limit_mb: float) -> Found:
    if facts.free_mb is None:
        return None
    if facts.free_mb >= limit_mb:
        return []
    level = limit_mb / max(facts.free_mb, 1)
    return [Finding("", round(level, 2), {"free": facts.free_mb, "limit": int(limit_mb), "disk": facts.disk})]


def _export_refused(facts: Facts, _threshold: float) -> Found:
    return [
        Finding(one.media_type, 1, {"type": one.media_type, "reason": one.reason, "trusted": one.trusted})
        for one in facts.refused
    ]


def _popular_missing(facts: Facts, limit: float) -> Found:
    count = facts.popular_missing
    if count is None:
        return None
    if count <= limit or facts.filling:
        return []
    return [Finding("", count, {"count": count, "limit": int(limit), "popularity": facts.popular_threshold})]


def _missed_run(facts: Facts, _threshold: float) -> Found:
    return [
        Finding(
            one.task,
            one.count,
            {"task": one.title, "count": one.count, "planned_at": one.planned_at, "reason": one.reason},
        )
        for one in facts.missed
    ]


def _freshness(facts: Facts, days: float) -> Found:
    if facts.oldest_days is None or facts.refreshing or facts.oldest_days <= days + REFRESH_ROUND_DAYS:
        return []
    return [Finding("", facts.oldest_days, {"days": int(facts.oldest_days), "limit": int(days)})]


def _schedule_paused(facts: Facts, hours: float) -> Found:
    if facts.paused_at is None:
        return []
    paused = facts.now - facts.paused_at
    if not facts.reminded and paused < hours * HOUR_MS:
        return []
    return [Finding("", paused // DAY_MS + 1, {"since": facts.paused_at, "by": facts.paused_by, "limit": hours})]


def _deletions_waiting(facts: Facts, _threshold: float) -> Found:
    return [
        Finding(str(one.job_id), one.count, {"job": one.job_id, "name": one.name, "count": one.count})
        for one in facts.deletions
    ]


def _library_damaged(facts: Facts, _threshold: float) -> Found:
    if facts.damage is None:
        return None
    return (
        [Finding("", len(facts.damage), {"count": len(facts.damage), "first": facts.damage[0]})] if facts.damage else []
    )


def _job_stalled(facts: Facts, _threshold: float) -> Found:
    return [
        Finding(str(one.job_id), 1, {"job": one.job_id, "name": one.name, "since": one.since}) for one in facts.stalled
    ]


def _channel_failing(facts: Facts, _threshold: float) -> Found:
    return [
        Finding(str(one.target_id), 1, {"target": one.name, "problem": one.problem, "since": one.since})
        for one in facts.failing
    ]


_ASLEEP = frozenset({Quiet.ASLEEP})

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("import_stalled", ERROR, _import_stalled, "queue", 36, "hours", 1, 1000, OF_WORK, lets_go=True),
        Rule("error_rate", WARNING, _error_rate, "errors", 5, "%", 0, 100, OF_WORK),
        Rule("import_rate", WARNING, _import_rate, "queue", 50, "%", 1, 100, OF_WORK, lets_go=True),
        Rule("key_refused", ERROR, _key_refused, "settings:connection"),
        Rule("low_disk", WARNING, _low_disk, "settings:database", 1000, "MB"),
        Rule("export_refused", WARNING, _export_refused, "settings:mirror"),
        Rule("popular_missing", INFO, _popular_missing, "gaps", 0, "titles"),
        Rule("missed_run", WARNING, _missed_run, "settings:schedule"),
        Rule("freshness", WARNING, _freshness, "settings:mirror", 150, "days", 1, 180),
        # what a pause itself, a damaged file and a silent channel mean, they mean at any time
        Rule("schedule_paused", INFO, _schedule_paused, "settings:schedule", 24, "hours", 1, 1000, quiet=_ASLEEP),
        Rule("deletions_waiting", WARNING, _deletions_waiting, "queue"),
        Rule("library_damaged", ERROR, _library_damaged, "settings:database", quiet=frozenset()),
        Rule("job_stalled", WARNING, _job_stalled, "queue", quiet=OF_WORK, lets_go=True),
        Rule("channel_failing", WARNING, _channel_failing, "settings:alerts", quiet=_ASLEEP),
    )
}
"""In the order they are shown."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of a moment: what is true, and whether something not open yet may be raised.

    `findings` None: nothing is known, whatever is open stays.
    """

    rule: Rule
    severity: str
    findings: Found
    may_raise: bool


def threshold_of(rule: Rule, chosen: RuleRow | None, defaults: dict[str, float]) -> float:
    """The threshold in force: the user's, else the settings', else the rule's own."""
    if chosen is not None and chosen.threshold is not None:
        return chosen.threshold
    return defaults.get(rule.name, rule.threshold)


def judge(facts: Facts, chosen: dict[str, RuleRow]) -> list[Judgement]:
    """Every rule that is switched on, on the facts of a moment; one switched off finds nothing."""
    now = {
        quiet
        for quiet, on in (
            (Quiet.PAUSED, facts.paused),
            (Quiet.ASLEEP, facts.settling),
            (Quiet.FINISHED, facts.finished),
        )
        if on
    }
    found = []
    for rule in RULES.values():
        row = chosen.get(rule.name)
        severity = row.severity if row is not None and row.severity is not None else rule.severity
        if row is not None and not row.enabled:
            found.append(Judgement(rule, severity, [], False))
            continue
        quiet = now & rule.quiet
        if rule.lets_go and quiet - {Quiet.ASLEEP}:
            found.append(Judgement(rule, severity, [], False))
            continue
        findings = rule.evaluate(facts, threshold_of(rule, row, facts.defaults))
        found.append(Judgement(rule, severity, findings, not quiet))
    return found
