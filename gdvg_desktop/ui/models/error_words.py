"""What failures say of themselves: names, categories, hints, when they are tried again. Plain values in, words out."""

from PySide6.QtCore import QCoreApplication

from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.store.errors import CategoryCount, Failure
from gdvg_desktop.ui.phrases import clock_time, counted, duration, number
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate

ORDER = (
    FailureCategory.NETWORK,
    FailureCategory.VALIDATION,
    FailureCategory.RATE_LIMIT,
    FailureCategory.SERVER,
    FailureCategory.NOT_FOUND,
    FailureCategory.STORAGE,
)
FIRST = ORDER[:3]
"""Categories that have a card even when nothing of them failed."""
ICONS = {
    FailureCategory.NETWORK: "wifi-off",
    FailureCategory.RATE_LIMIT: "gauge",
    FailureCategory.SERVER: "server",
    FailureCategory.VALIDATION: "file-question-mark",
    FailureCategory.NOT_FOUND: "circle-slash",
    FailureCategory.STORAGE: "hard-drive",
}
REVIEWED = (FailureCategory.VALIDATION, FailureCategory.NOT_FOUND, FailureCategory.STORAGE)
"""Categories another try alone seldom mends: to be looked at first."""


def content(failure: Failure) -> str:
    """What failed: a title by its name, or a listing."""
    if failure.key.tmdb_id is None:
        movies = failure.key.media_type is MediaType.MOVIE
        return translate("Error", "Listing of movies") if movies else translate("Error", "Listing of TV series")
    return failure.name or translate("Error", "Title unknown")


def number_of(failure: Failure) -> str:
    """The id under the name: "Movie #592831"; of a listing the job it belongs to."""
    if failure.key.tmdb_id is None:
        return translate("Error", "Job {0}").format(failure.job_ids[0])
    kind = translate("Error", "TV") if failure.key.media_type is MediaType.TV else translate("Error", "Movie")
    return f"{kind} #{failure.key.tmdb_id}"


def again_in(failure: Failure, now_ms: int) -> str:
    """When it is tried again by itself: "in 18 min"; "" when it is not."""
    if failure.next_try_at is None:
        return ""
    left = (failure.next_try_at - now_ms) / 1000
    if left < 60:
        return translate("Error", "any moment")
    if left < 3600:
        return translate("Error", "in {0} min").format(round(left / 60))
    return translate("Error", "in {0}").format(duration(left))


def card_hint(category: FailureCategory, count: CategoryCount) -> str:
    """The line under a category's figure."""
    if not count.count:
        return translate("Error", "Nothing failed")
    if count.next_try_at is not None:
        when = clock_time(count.next_try_at)
        if count.automatic == count.count:
            return translate("Error", "Retries at {0}").format(when)
        return translate("Error", "{0} retry at {1}").format(number(count.automatic), when)
    if category in REVIEWED:
        return translate("Error", "Needs your review")
    return translate("Error", "Safe to retry now")


def head(total: int) -> str:
    """The head line: "47 failed titles"."""
    return counted(total, translate("Error", "{0} failed title"), translate("Error", "{0} failed titles"))


def card_accent(category: FailureCategory) -> Accent:
    """The colour of a category's icon."""
    return {
        FailureCategory.NETWORK: Accent.AMBER,
        FailureCategory.RATE_LIMIT: Accent.BLUE,
        FailureCategory.VALIDATION: Accent.PURPLE,
        FailureCategory.NOT_FOUND: Accent.SLATE,
    }.get(category, Accent.RED)
