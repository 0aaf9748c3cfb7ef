"""What a run says of itself in the history: result, kind, who started it, phases, incidents. Plain values in, words
out."""

from datetime import timedelta

from PySide6.QtCore import QCoreApplication, QLocale

from gdvg_desktop.commands.history import Totals
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.core.kinds import JobKind, Origin
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import Incident, IncidentRow, Result
from gdvg_desktop.ui.models.job_words import BadgeWords
from gdvg_desktop.ui.phrases import counted, day, decimal, duration, local, number
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate


def badge(result: Result) -> BadgeWords:
    """How a run stands, in one word."""
    return {
        Result.RUNNING: BadgeWords(translate("Run", "Running"), Accent.BLUE, "play"),
        Result.WAITING: BadgeWords(translate("Run", "Waiting"), Accent.SLATE, "clock"),
        Result.COMPLETED: BadgeWords(translate("Run", "Completed"), Accent.GREEN, "check"),
        Result.WITH_ERRORS: BadgeWords(translate("Run", "With errors"), Accent.AMBER, "triangle-alert"),
        Result.FAILED: BadgeWords(translate("Run", "Failed"), Accent.RED, "circle-x"),
        Result.CANCELLED: BadgeWords(translate("Run", "Cancelled"), Accent.SLATE, "ban"),
        Result.MISSED: BadgeWords(translate("Run", "Missed"), Accent.AMBER, "calendar-x"),
    }[result]


def missed(run: MissedRun) -> str:
    """The word on the badge of a missed run: "Missed", "4 missed"."""
    return counted(run.row.count, translate("Run", "Missed"), translate("Run", "{0} missed"))


def missed_because(reason: str) -> str:
    """Why a planned run did not run, as a sentence."""
    sentences: dict[str, str] = {
        Hindrance.PAUSED: translate("Run", "The schedule was paused."),
        Hindrance.RUNNING: translate("Run", "The same work was still running."),
        Hindrance.JOB_PAUSED: translate("Run", "Its job was paused. Resume or cancel it in the queue."),
        Hindrance.NOT_SET_UP: translate("Run", "The library was not set up yet."),
        Hindrance.BUDGET: translate("Run", "The day's requests were used up."),
        Hindrance.OFFLINE: translate("Run", "There was no connection."),
        Hindrance.ON_BATTERY: translate("Run", "The computer ran on battery."),
        Hindrance.METERED: translate("Run", "The connection was metered."),
        Hindrance.QUIET_HOURS: translate("Run", "It fell into the quiet hours."),
        Hindrance.NOT_AWAKE: translate("Run", "The computer was asleep or off, or GDVG was not open."),
    }
    return sentences.get(reason, reason)


def planned_span(run: MissedRun) -> str:
    """For when it was planned: "Fri 20 Nov, 18:00", or from the first to the last moment."""
    first, last = (local(at) for at in (run.row.first_at, run.row.planned_at))
    text = f"{day(first.date(), 'ddd d MMM')}, {first:%H:%M}"
    if run.row.count == 1:
        return text
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{day(last.date(), 'ddd d MMM')}, {last:%H:%M}"
    return translate("Run", "{0} to {1}").format(text, end)


def kind_name(kind: JobKind) -> str:
    """A kind of run."""
    return {
        JobKind.IMPORT: translate("Run", "Imports"),
        JobKind.MIRROR: translate("Run", "Mirror"),
        JobKind.DELTA: translate("Run", "Changes sync"),
        JobKind.LIST: translate("Run", "Short lists"),
        JobKind.REFRESH: translate("Run", "Refresh"),
        JobKind.ANALYZE: translate("Run", "Gap analysis"),
        JobKind.FILL: translate("Run", "Gap fill"),
    }[kind]


def scheduled() -> tuple[str, str]:
    """Started by the schedule, as words and icon."""
    return translate("Run", "Schedule"), "timer"


def started_by(job: Job) -> tuple[str, str]:
    """Who asked for a run, as words and icon."""
    match job.origin:
        case Origin.SCHEDULE:
            return scheduled()
        case Origin.GAP:
            return translate("Run", "Gap fill"), "wrench"
        case Origin.MIRROR:
            return translate("Run", "Mirror"), "database"
        case Origin.API:
            return translate("Run", "Programs"), "plug"
    if job.kind is JobKind.IMPORT:
        return translate("Run", "Bulk import"), "download"
    if job.kind is JobKind.FILL:
        return translate("Run", "Gap fill"), "wrench"
    return translate("Run", "Manual"), "mouse-pointer-click"


def when(millis: int | None, now_ms: int) -> str:
    """When a run started: "Today 13:07", "Fri 18:22", "3 Nov 09:00"."""
    if millis is None:
        return ""
    at, today = local(millis), local(now_ms).date()
    if at.date() == today:
        return translate("Run", "Today {0}").format(f"{at:%H:%M}")
    if timedelta(0) < today - at.date() < timedelta(days=7):
        name = QLocale().dayName(at.isoweekday(), QLocale.FormatType.ShortFormat)
        return f"{name} {at:%H:%M}"
    form = "d MMM" if at.year == today.year else "d MMM yyyy"
    return f"{day(at.date(), form)} {at:%H:%M}"


def took(seconds: float) -> str:
    """How long a run worked, in its largest unit: "45 s", "14 min", "2 h 5 min"."""
    if 60 <= seconds < 3600:
        return translate("Run", "{0} min").format(number(round(seconds / 60)))
    return duration(seconds)


def short(seconds: float) -> str:
    """A span short enough for a bar: "66 s", then as `duration`."""
    return translate("Run", "{0} s").format(round(seconds)) if seconds < 120 else duration(seconds)


def span(job: Job) -> str:
    """From when to when: "Fri 20 Nov, 18:22 to 18:44"."""
    if job.started_at is None:
        return ""
    start = local(job.started_at)
    text = f"{day(start.date(), 'ddd d MMM')}, {start:%H:%M}"
    if job.completed_at is None:
        return translate("Run", "since {0}").format(text)
    end = local(job.completed_at)
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{day(end.date(), 'ddd d MMM')}, {end:%H:%M}"
    return translate("Run", "{0} to {1}").format(text, last)


PHASE_ACCENTS = {
    "plan": Accent.SLATE,
    "list": Accent.PURPLE,
    "order": Accent.SLATE,
    "fetch": Accent.BLUE,
    "retry": Accent.AMBER,
    "close": Accent.GREEN,
}


def phase_name(phase: str) -> str:
    """A phase of a run."""
    return {
        "plan": translate("Run", "Plan"),
        "list": translate("Run", "List titles"),
        "order": translate("Run", "Put in order"),
        "fetch": translate("Run", "Fetch details"),
        "retry": translate("Run", "Retry"),
        "close": translate("Run", "Finish"),
    }.get(phase, phase)


def incident_name(kind: Incident) -> str:
    """An incident of a run."""
    return {
        Incident.RATE_LIMIT: translate("Run", "Slowed down by TMDb"),
        Incident.OUTAGE: translate("Run", "TMDb did not answer"),
        Incident.ERRORS: translate("Run", "Many errors"),
        Incident.RELISTED: translate("Run", "Listing walked again"),
        Incident.PAUSED: translate("Run", "Paused"),
        Incident.INTERRUPTED: translate("Run", "Interrupted"),
        Incident.STALLED: translate("Run", "No progress"),
    }[kind]


INCIDENT_ACCENTS = {
    Incident.RATE_LIMIT: Accent.AMBER,
    Incident.OUTAGE: Accent.RED,
    Incident.ERRORS: Accent.RED,
    Incident.RELISTED: Accent.AMBER,
    Incident.PAUSED: Accent.AMBER,
    Incident.INTERRUPTED: Accent.AMBER,
    Incident.STALLED: Accent.RED,
}


def incident(one: IncidentRow) -> str:
    """An incident in one short sentence part: "350 errors in 66 s"."""
    seconds = ((one.ended_at or one.started_at) - one.started_at) / 1000
    match one.kind:
        case Incident.ERRORS:
            text = counted(one.count, translate("Run", "{0} error"), translate("Run", "{0} errors"))
        case Incident.RATE_LIMIT:
            text = counted(
                one.count, translate("Run", "{0} time slowed down"), translate("Run", "{0} times slowed down")
            )
        case Incident.RELISTED:
            text = counted(
                one.count, translate("Run", "Listing walked again"), translate("Run", "Listings walked again {0} times")
            )
        case _:
            text = incident_name(one.kind)
    if seconds >= 1:
        text = translate("Run", "{0} in {1}" if one.count > 1 else "{0} for {1}").format(text, short(seconds))
    between = ", " if one.kind in (Incident.ERRORS, Incident.RATE_LIMIT) else ": "
    return f"{text}{between}{one.note}" if one.note else text


def recovered(totals: Totals) -> str:
    """What a retry brought in: "329 of 376 recovered"."""
    return translate("Run", "{0} of {1} recovered").format(number(totals.recovered), number(totals.errors))


def rate(totals: Totals) -> str:
    """The average rate; a dash before anything was sent."""
    return translate("Run", "{0} req/s").format(decimal(totals.rate)) if totals.rate else "\N{EN DASH}"
