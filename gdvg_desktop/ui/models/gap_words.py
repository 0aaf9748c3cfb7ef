"""Gaps in words: what each kind is called, why a title is missing, and how a score came about."""

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from gdvg_desktop.core.kinds import FailureCategory, GapKind, GapStatus, MediaType
from gdvg_desktop.store.gaps import Gap
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate

_FEW = 34  # characters that fit the table's column

ACCENTS = {
    GapKind.SEQUENTIAL: Accent.BLUE,
    GapKind.POPULARITY: Accent.PURPLE,
    GapKind.TEMPORAL: Accent.AMBER,
    GapKind.METADATA: Accent.SLATE,
}
ICONS = {
    GapKind.SEQUENTIAL: "list-x",
    GapKind.POPULARITY: "flame",
    GapKind.TEMPORAL: "calendar-x",
    GapKind.METADATA: "file-exclamation-point",
}


def kind_name(kind: GapKind) -> str:
    """The kind as badges and cards name it."""
    return {
        GapKind.SEQUENTIAL: translate("Gaps", "Sequential"),
        GapKind.POPULARITY: translate("Gaps", "Popularity"),
        GapKind.TEMPORAL: translate("Gaps", "Temporal"),
        GapKind.METADATA: translate("Gaps", "Metadata"),
    }[kind]


def status_name(status: GapStatus) -> str:
    """The status as the filter names it."""
    return {
        GapStatus.OPEN: translate("Gaps", "open"),
        GapStatus.IGNORED: translate("Gaps", "ignored"),
        GapStatus.GAVE_UP: translate("Gaps", "gave up"),
    }[status]


def type_name(media_type: MediaType) -> str:
    """Movie or TV."""
    return translate("Gaps", "Movie") if media_type is MediaType.MOVIE else translate("Gaps", "TV")


def title_name(gap: Gap) -> str:
    """The title; the export has none for some, then its type and number stand for it."""
    return gap.name or f"{type_name(gap.media_type)} {gap.tmdb_id}"


def score_text(gap: Gap) -> str:
    """The score with one digit: "96.0"."""
    return phrases.decimal(gap.score)


def factors(gap: Gap) -> str:
    """What the score is the product of: "98 × 0.98"."""
    return f"{phrases.number(round(gap.popularity))} × {phrases.decimal(gap.recency, 2)}"


def month_name(year: int, month: int) -> str:
    """ "March 2003"."""
    return f"{QLocale().standaloneMonthName(month)} {year}"


def field_name(field: str) -> str:
    """A checkable field as people say it; an unknown one as it is stored."""
    names = {
        "title": translate("Gaps", "title"),
        "poster": translate("Gaps", "poster"),
        "backdrop": translate("Gaps", "backdrop"),
        "overview": translate("Gaps", "overview"),
        "date": translate("Gaps", "release date"),
        "genres": translate("Gaps", "genres"),
        "countries": translate("Gaps", "countries"),
        "runtime": translate("Gaps", "runtime"),
        "credits": translate("Gaps", "credits"),
        "external_ids": translate("Gaps", "external IDs"),
        "keywords": translate("Gaps", "keywords"),
        "images": translate("Gaps", "images"),
        "videos": translate("Gaps", "videos"),
        "translations": translate("Gaps", "translations"),
        "certification": translate("Gaps", "certification"),
    }
    return names.get(field, field.replace("_", " "))


def joined(words: list[str], last: str) -> str:
    """ "poster, overview or credits": `last` is the pattern of the last pair."""
    if len(words) < 2:
        return "".join(words)
    return last.format(", ".join(words[:-1]), words[-1])


def failure_name(category: str, message: str = "") -> str:
    """What went wrong at the last try: its own words where they are few, else what kind of failure it was."""
    if 0 < len(message) <= _FEW:
        return message
    names = {
        FailureCategory.NETWORK: translate("Gaps", "Network error"),
        FailureCategory.RATE_LIMIT: translate("Gaps", "Rate limit (429)"),
        FailureCategory.SERVER: translate("Gaps", "TMDb server error"),
        FailureCategory.VALIDATION: translate("Gaps", "Answer could not be used"),
        FailureCategory.NOT_FOUND: translate("Gaps", "TMDb does not find it (404)"),
        FailureCategory.STORAGE: translate("Gaps", "Could not be stored"),
    }
    try:
        return names[FailureCategory(category)]
    except ValueError:
        return message or category


def why(gap: Gap) -> str:
    """Why the title is missing, or what it lacks, in a few words."""
    if gap.status is GapStatus.IGNORED:
        return translate("Gaps", "Ignored · {0}").format(_reason(gap))
    return _reason(gap)


def _reason(gap: Gap) -> str:
    if gap.status is GapStatus.GAVE_UP:
        tries = phrases.counted(
            gap.tries, translate("Gaps", "Gave up after {0} try"), translate("Gaps", "Gave up after {0} tries")
        )
        return f"{tries}: {failure_name(gap.category, gap.message or '')}" if gap.category else tries
    if gap.category:
        return failure_name(gap.category, gap.message or "")
    if gap.kind is GapKind.METADATA:
        names = [field_name(field) for field in gap.fields]
        if not names:
            return translate("Gaps", "Incomplete")
        return translate("Gaps", "No {0}").format(joined(names, translate("Gaps", "{0} or {1}")))
    if gap.month:
        return translate("Gaps", "Never fetched ({0})").format(phrases.month(gap.month))
    return translate("Gaps", "Never fetched")


def age(seconds: float) -> str:
    """How long ago, in the largest unit alone, as a narrow column needs it: "2 h ago"."""
    for unit in (86_400, 3_600, 60):
        if seconds >= unit:
            return phrases.ago(seconds // unit * unit)
    return phrases.ago(seconds)


def instant(millis: int) -> str:
    """A stored instant for meta texts: the time today, otherwise with the day: "04:02", "20 Nov 04:02"."""
    at = phrases.local(millis)
    if at.date() == datetime.now(UTC).astimezone().date():
        return phrases.clock_time(millis)
    return f"{QLocale().toString(QDate(at.year, at.month, at.day), 'd MMM')} {phrases.clock_time(millis)}"
