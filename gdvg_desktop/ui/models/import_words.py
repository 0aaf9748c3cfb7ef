"""What an import would do, in sentences: fetch order, effect, windows and times."""

from PySide6.QtCore import QCoreApplication

from gdvg_desktop.core.errors import CredentialError, GdvgError
from gdvg_desktop.sync.preview import Preview
from gdvg_desktop.ui.models.import_draft import ImportDraft, PreviewState
from gdvg_desktop.ui.phrases import counted, duration, number

translate = QCoreApplication.translate


def order_words(priority: int) -> str:
    """In which order titles are fetched, for the middle of a sentence.

    The score is w x popularity + (1 - |w|) x recency with w = (priority - 50) / 50, so from 75 up and from 25 down
    popularity weighs more than the date, and at the ends it alone decides.
    """
    if priority == 100:
        return translate("Import", "most popular first")
    if priority >= 75:
        return translate("Import", "popular titles first, newer ones before older")
    if priority > 50:
        return translate("Import", "newest first, popular ones before others")
    if priority == 50:
        return translate("Import", "newest first")
    if priority > 25:
        return translate("Import", "newest first, less known ones before others")
    if priority > 0:
        return translate("Import", "least popular first, newer ones before older")
    return translate("Import", "least popular first")


def effect(draft: ImportDraft) -> tuple[str, str]:
    """The footer's sentence: what leads, and the rest."""
    if draft.problem:
        return translate("Import", "These filters cannot be imported yet."), draft.problem
    if draft.starting:
        return translate("Import", "Putting the import into the queue."), ""
    if draft.state is PreviewState.ASKING:
        return translate("Import", "Asking TMDb what these filters match."), _place(draft)
    if draft.state is PreviewState.NONE or draft.preview is None:
        return translate("Import", "Not counted yet."), translate(
            "Import", "Preview tells how many titles these filters match, for a few requests."
        )
    if draft.state is PreviewState.OUTDATED:
        return translate("Import", "The filters have changed since the preview."), translate(
            "Import", "Preview again to see what would be imported."
        )
    return _effect(draft.preview, draft.request.priority), f"{_existing(draft.preview)} {_place(draft)}".strip()


def _effect(preview: Preview, priority: int) -> str:
    count = preview.new + preview.updates
    if not count:
        return translate("Import", "Nothing to import.")
    if not preview.new:
        what = counted(count, translate("Import", "{0} title again"), translate("Import", "{0} titles again"))
    else:
        what = counted(preview.new, translate("Import", "{0} new title"), translate("Import", "{0} new titles"))
    return translate("Import", "{0}, {1}.").format(what, order_words(priority))


def _existing(preview: Preview) -> str:
    if preview.updates and preview.new:
        return counted(
            preview.updates,
            translate("Import", "{0} title already here is fetched again."),
            translate("Import", "{0} titles already here are fetched again."),
        )
    if preview.duplicates and not preview.updates:
        return counted(
            preview.duplicates,
            translate("Import", "{0} duplicate is skipped."),
            translate("Import", "{0} duplicates are skipped."),
        )
    return ""


def _place(draft: ImportDraft) -> str:
    if draft.jobs_ahead is None:
        return ""
    if draft.jobs_ahead == 0:
        return translate("Import", "Starts at once.")
    return translate("Import", "Joins the queue at position {0}.").format(number(draft.jobs_ahead + 1))


def windows_sentence(preview: Preview) -> str:
    """How the titles are listed, and what is uncertain about the counts."""
    if preview.windows == 0:
        first = translate("Import", "Listed from TMDb's daily export.") if preview.exact else ""
    elif preview.windows == 1:
        first = translate("Import", "Listed in one window.")
    elif preview.windows <= len(preview.by_type):
        first = translate("Import", "Listed in one window for movies and one for TV series.")
    else:
        first = translate("Import", "Listed in {0} windows, because TMDb lists at most 500 pages a query.").format(
            number(preview.windows)
        )
    return " ".join(dict.fromkeys(part for part in (first, *preview.notes) if part))  # types may share a note


def requests_hint(preview: Preview) -> str:
    """What the requests are for."""
    lists = counted(preview.list_requests, translate("Import", "{0} list"), translate("Import", "{0} lists"))
    details = counted(preview.detail_requests, translate("Import", "{0} detail"), translate("Import", "{0} details"))
    if not (preview.list_requests and preview.detail_requests):
        return details if preview.detail_requests else lists
    return translate("Import", "{0} + {1}").format(lists, details)


def time_words(preview: Preview) -> str:
    """How long the requests take at the current rate."""
    if preview.seconds is None:
        return translate("Import", "Unpaced")
    return duration(preview.seconds)


def advice(error: GdvgError) -> str:
    """An error's sentence with what to do in this window."""
    hint = error.hint
    if isinstance(error, CredentialError):
        hint = translate("Import", "Open the settings and enter a TMDb key.")
    return f"{error.message} {hint}".strip()
