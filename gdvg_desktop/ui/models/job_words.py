"""What a job says of itself: badge, scope, progress, reason, counts. Plain values in, words out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from gdvg_desktop.commands import imports
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Wanted
from gdvg_desktop.store.jobs import FailedItem, Job
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.ui.models.import_choices import short_name
from gdvg_desktop.ui.phrases import clock_time, counted, month, number, percent
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate


class BadgeWords(NamedTuple):
    """A state as word, colour and icon."""

    text: str
    accent: Accent
    icon: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `share` is None where the total is not known yet (a moving stripe stands for the bar)."""

    share: float | None
    text: str


def badge(job: Job) -> BadgeWords:
    """The state in one word."""
    if job.state is JobState.RUNNING and job.wanted is not Wanted.RUN:
        stopping = translate("Job", "Pausing") if job.wanted is Wanted.PAUSE else translate("Job", "Cancelling")
        return BadgeWords(stopping, Accent.AMBER, "pause" if job.wanted is Wanted.PAUSE else "x")
    if job.state is JobState.COMPLETED and job.failed:
        return BadgeWords(translate("Job", "Completed"), Accent.AMBER, "triangle-alert")
    return {
        JobState.PENDING: BadgeWords(translate("Job", "Pending"), Accent.SLATE, "clock"),
        JobState.RUNNING: BadgeWords(translate("Job", "Running"), Accent.BLUE, "play"),
        JobState.PAUSED: BadgeWords(translate("Job", "Paused"), Accent.AMBER, "pause"),
        JobState.INTERRUPTED: BadgeWords(translate("Job", "Interrupted"), Accent.AMBER, "circle-pause"),
        JobState.COMPLETED: BadgeWords(translate("Job", "Completed"), Accent.GREEN, "check"),
        JobState.FAILED: BadgeWords(translate("Job", "Failed"), Accent.RED, "circle-x"),
        JobState.CANCELLED: BadgeWords(translate("Job", "Cancelled"), Accent.SLATE, "ban"),
    }[job.state]


def bar_accent(job: Job) -> Accent:
    """The colour of a job's bar: the state."""
    return badge(job).accent if job.state is not JobState.PENDING else Accent.SLATE


def filter_words(chosen: ImportFilter, countries: Mapping[str, str]) -> list[str]:
    """A filter in short words: type, countries, genres, period."""
    if len(chosen.types) > 1:
        kind = translate("Job", "Movies and TV series")
    else:
        kind = translate("Job", "Movies") if chosen.types[0] is MediaType.MOVIE else translate("Job", "TV series")
    names = [short_name(code, countries.get(code, code)) for code in chosen.countries]
    return [part for part in (kind, _few(names), _few(list(chosen.genres)), _period(chosen)) if part]


def _few(words: list[str]) -> str:
    if len(words) <= 3:
        return ", ".join(words)
    return translate("Job", "{0} and {1} more").format(", ".join(words[:2]), number(len(words) - 2))


def _period(chosen: ImportFilter) -> str:
    first, last = chosen.date_from, chosen.date_to
    if first is None and last is None:
        return translate("Job", "everything") if chosen.is_everything else translate("Job", "any date")
    if first is None or last is None:
        if first is not None:
            return translate("Job", "from {0}").format(month(first.isoformat()))
        return translate("Job", "to {0}").format(month(last.isoformat()) if last is not None else "")
    if (first.month, last.month) == (1, 12):  # whole years
        if first.year == last.year:
            return str(first.year)
        return translate("Job", "{0} to {1}").format(first.year, last.year)
    if (first.year, first.month) == (last.year, last.month):
        return month(first.isoformat())
    return translate("Job", "{0} to {1}").format(month(first.isoformat()), month(last.isoformat()))


def scope(job: Job, countries: Mapping[str, str]) -> str:
    """The filter in short words, or what another kind of job does; "" where the name says just that."""
    if job.kind is not JobKind.IMPORT:
        return _work(job.kind)
    chosen = ImportFilter.from_config(job.config)
    parts = filter_words(chosen, countries)
    if chosen.limit is not None:
        parts.append(translate("Job", "first {0}").format(number(chosen.limit)))
    text = " · ".join(parts)
    return "" if job.name == imports.default_name(chosen, countries) and chosen.limit is None else text


def _work(kind: JobKind) -> str:
    """What a job that has no filter does."""
    return {
        JobKind.ANALYZE: translate("Job", "Compares export, release months and library"),
        JobKind.FILL: translate("Job", "Best score first"),
    }.get(kind, "")


def scope_chips(job: Job, countries: Mapping[str, str]) -> list[str]:
    """The filter as chips, with priority and limit; none for jobs without a filter."""
    if job.kind is not JobKind.IMPORT:
        return [words] if (words := _work(job.kind)) else []
    chosen = ImportFilter.from_config(job.config)
    chips = filter_words(chosen, countries)
    chips.append(translate("Job", "Priority {0}").format(chosen.priority))
    if chosen.limit is not None:
        chips.append(translate("Job", "First {0}").format(number(chosen.limit)))
    if chosen.existing.value == "update":
        chips.append(translate("Job", "Updates existing"))
    return chips


def _listing(kind: JobKind) -> str:
    """What a job that is no import does before it knows its titles."""
    return {
        JobKind.MIRROR: translate("Job", "Reading TMDb's export"),
        JobKind.DELTA: translate("Job", "Reading TMDb's change lists"),
        JobKind.LIST: translate("Job", "Reading the list"),
        JobKind.ANALYZE: translate("Job", "Comparing"),
    }.get(kind, translate("Job", "Listing"))


def is_listing(job: Job) -> bool:
    """Whether a job does not know yet which titles it fetches."""
    return job.phase in ("plan", "list", "order")


def progress(job: Job, pages: tuple[int, int] | None) -> Progress:
    """How far a job is, in titles or, while it lists, in pages."""
    if not is_listing(job):
        if not job.total:
            return Progress(1.0 if job.state.finished else 0.0, translate("Job", "no titles"))
        share = job.done / job.total
        text = translate("Job", "{0} of {1} ({2})").format(number(job.done), number(job.total), percent(share))
        return Progress(share, text)
    if job.phase == "order":
        return Progress(None, translate("Job", "Putting titles in order"))
    if job.kind is not JobKind.IMPORT:
        return Progress(None, _listing(job.kind))
    if ImportFilter.from_config(job.config).is_everything:
        return Progress(None, translate("Job", "Reading TMDb's export"))
    done, known = pages or (0, 0)
    if not known or (known <= 1 and not done):
        return Progress(None, translate("Job", "Listing"))
    page = min(done + 1, known)
    return Progress(done / known, translate("Job", "Listing, page {0} of {1}").format(number(page), number(known)))


class Count(NamedTuple):
    """One figure of a job's line: icon, colour and words."""

    icon: str
    accent: Accent
    text: str


def counts(job: Job) -> tuple[Count, ...]:
    """Imported, updated, failed, skipped, gone; updated and gone only when there are some."""
    result = [Count("check", Accent.GREEN, translate("Job", "{0} imported").format(number(job.added)))]
    if job.updated:
        result.append(Count("refresh-cw", Accent.SLATE, translate("Job", "{0} updated").format(number(job.updated))))
    failed = Accent.RED if job.failed else Accent.SLATE
    result.append(Count("x", failed, translate("Job", "{0} failed").format(number(job.failed))))
    result.append(Count("circle-slash", Accent.SLATE, translate("Job", "{0} skipped").format(number(job.skipped))))
    if job.gone:
        result.append(Count("ban", Accent.SLATE, translate("Job", "{0} gone").format(number(job.gone))))
    return tuple(result)


def asks_about_deletions(job: Job) -> bool:
    """Whether a job waits for a word about titles that are gone at TMDb."""
    return job.state is JobState.PAUSED and job.wanted is not Wanted.CANCEL and job.reason == "deletions"


def reason(job: Job) -> str:
    """Why a job does not run, and what happens or helps; "" when there is nothing to say."""
    message = str(job.reason_args.get("message", "")).strip()
    match job.reason:
        case "user":
            return translate("Job", "Paused by you. It keeps its place.")
        case "schedule_paused":
            return translate("Job", "The schedule is paused. It goes on with the schedule.")
        case "day_limit":
            return _with(message, translate("Job", "The limit is in Settings, Schedule."))
        case "credential":
            return _with(message, translate("Job", "Replace the key in the settings to go on."))
        case "storage":
            return _with(message, translate("Job", "It goes on by itself when the library can be written."))
        case "blocked":
            return _with(message, translate("Job", "It goes on when that is mended."))
        case "stalled":
            return translate("Job", "No progress for ten minutes. A restart goes on where it stands; nothing is lost.")
        case "restart":
            return translate("Job", "Being restarted.")
        case "listing_incomplete":
            return translate("Job", "A part of the listing could not be read. Retry walks it again.")
        case "deletions":
            advice = translate("Job", "Mark them as deleted, or keep everything: the next run then asks again.")
            return _with(message, advice)
        case "budget":
            return _until(job, translate("Job", "The mirror's budget for today is used."))
        case "error":
            return _with(message, translate("Job", "Retry goes on where it stopped."))
        case "cancelled":
            left = int(job.reason_args.get("left", 0))
            return counted(
                left,
                translate("Job", "Cancelled with {0} title left."),
                translate("Job", "Cancelled with {0} titles left."),
            )
    if job.state is JobState.INTERRUPTED:
        return translate("Job", "Interrupted. It goes on by itself when a slot is free.")
    return ""


def _until(job: Job, what: str) -> str:
    """What a job waits for, and until when."""
    until = job.reason_args.get("until")
    if until is None:
        return _with(what, translate("Job", "It goes on by itself."))
    return _with(what, translate("Job", "It goes on by itself at {0}.").format(clock_time(int(until))))


def _with(message: str, advice: str) -> str:
    if message and message[-1] not in ".!?":
        message += "."
    return f"{message} {advice}".strip()


def outcome(job: Job) -> str:
    """What a finished job did: "1,204 new, 1,118 updated, 0 failed"."""
    if job.state is JobState.CANCELLED:
        return reason(job)
    parts = [translate("Job", "{0} new").format(number(job.added))]
    if job.updated:
        parts.append(translate("Job", "{0} updated").format(number(job.updated)))
    if job.skipped:
        parts.append(translate("Job", "{0} skipped").format(number(job.skipped)))
    if job.gone:
        parts.append(translate("Job", "{0} gone").format(number(job.gone)))
    parts.append(translate("Job", "{0} failed").format(number(job.failed)))
    return ", ".join(parts)


def window_words(row: WindowRow) -> str:
    """A listing window in short words: "Movies, Jan 2024 to Dec 2024"."""
    window = row.window
    parts = [translate("Job", "Movies") if window.media_type is MediaType.MOVIE else translate("Job", "TV series")]
    if window.undated == "only":
        parts.append(translate("Job", "without a date"))
    elif window.date_from or window.date_to:
        first = month(window.date_from.isoformat()) if window.date_from else translate("Job", "the first")
        last = month(window.date_to.isoformat()) if window.date_to else translate("Job", "the last")
        parts.append(first if first == last else translate("Job", "{0} to {1}").format(first, last))
    if window.votes_from is not None or window.votes_to is not None:
        high = number(window.votes_to) if window.votes_to is not None else translate("Job", "any number")
        parts.append(translate("Job", "{0} to {1} votes").format(number(window.votes_from or 0), high))
    if window.language:
        parts.append(translate("Job", "in {0}").format(window.language))
    return ", ".join(parts)


def category(kind: FailureCategory) -> str:
    """A failure's category as a word."""
    return {
        FailureCategory.NETWORK: translate("Job", "Network"),
        FailureCategory.RATE_LIMIT: translate("Job", "Rate limit"),
        FailureCategory.SERVER: translate("Job", "Server"),
        FailureCategory.VALIDATION: translate("Job", "Validation"),
        FailureCategory.NOT_FOUND: translate("Job", "Removed upstream"),
        FailureCategory.STORAGE: translate("Job", "Storage"),
    }[kind]


def category_accent(kind: FailureCategory) -> Accent:
    """The fixed colour of an error category."""
    return {
        FailureCategory.NETWORK: Accent.AMBER,
        FailureCategory.RATE_LIMIT: Accent.BLUE,
        FailureCategory.NOT_FOUND: Accent.SLATE,
        FailureCategory.VALIDATION: Accent.PURPLE,
    }.get(kind, Accent.RED)


def failed_name(item: FailedItem) -> str:
    """A failed title by type and id, or the listing that failed."""
    is_movie = item.media_type is MediaType.MOVIE
    if item.tmdb_id is None:
        return translate("Job", "Listing of movies") if is_movie else translate("Job", "Listing of TV series")
    return (translate("Job", "Movie {0}") if is_movie else translate("Job", "TV {0}")).format(item.tmdb_id)


def details_text(job: Job, countries: Mapping[str, str]) -> str:
    """Everything of a job as lines of text, for the clipboard."""
    lines = [translate("Job", "Job {0}: {1}").format(job.id, job.name)]
    lines.append(translate("Job", "State: {0}").format(badge(job).text))
    if job.kind is JobKind.IMPORT:
        chosen = ImportFilter.from_config(job.config)
        lines.append(translate("Job", "Filter: {0}").format(" · ".join(filter_words(chosen, countries))))
    lines += [
        translate("Job", "Titles: {0}").format(progress(job, None).text),
        translate("Job", "Counts: {0}").format(", ".join(count.text for count in counts(job))),
        translate("Job", "Requests: {0}").format(number(job.requests)),
    ]
    if reason(job):
        lines.append(translate("Job", "Reason: {0}").format(reason(job)))
    return "\n".join(lines)
