"""The screens of the rail: name, icon and how each arranges the docks.

Nothing heavy is imported here, so the rail can be painted before there are docks. Docks are named by the keys of
`ui.docks.DOCKS`.
"""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui.main_window import ScreenSpec
from gdvg_desktop.ui.widgets.dock_host import DockHost

translate = QCoreApplication.translate

OVERVIEW, IMPORT, QUEUE, GAPS, HISTORY, LIBRARY = "overview", "import", "queue", "gaps", "history", "library"


def screens(
    import_footer: QWidget | None = None,
    gap_cards: QWidget | None = None,
    gap_fill: QWidget | None = None,
    import_presets: QWidget | None = None,
) -> tuple[ScreenSpec, ...]:
    """All screens in rail order; the widgets are the strips over and under the docks of Import and Gaps."""
    return (
        ScreenSpec(
            OVERVIEW, translate("Screens", "Overview"), "layout-dashboard", _overview, main="overview", leads=True
        ),
        ScreenSpec(
            IMPORT,
            translate("Screens", "Import"),
            "download",
            _import,
            main="import_filters",
            header=import_presets,
            footer=import_footer,
        ),
        ScreenSpec(QUEUE, translate("Screens", "Queue"), "list-ordered", _queue, main="queue"),
        ScreenSpec(
            GAPS,
            translate("Screens", "Gaps"),
            "calendar-search",
            _gaps,
            main="gap_table",
            header=gap_cards,
            footer=gap_fill,
        ),
        ScreenSpec(HISTORY, translate("Screens", "History"), "history", _history, main="history"),
        ScreenSpec(LIBRARY, translate("Screens", "Library"), "library", _library, main="library"),
    )


def _overview(host: DockHost) -> None:
    host.place("overview")
    host.below("sync_health", "overview")
    if host.narrow and host.short:  # the cards take two rows then, and what is below takes turns
        host.behind("analytics", "sync_health")
    else:
        host.below("analytics", "sync_health")
    host.inspector("alerts", "sync_health")
    host.heights(overview=195, sync_health=385, analytics=271)
    if not host.narrow:
        host.widths(sync_health=1080, alerts=424)


def _import(host: DockHost) -> None:
    host.place("import_filters")
    host.beside("import_preview", "import_filters")
    host.widths(import_filters=480, import_preview=1024)


def _queue(host: DockHost) -> None:
    host.place("queue")
    host.inspector("job_inspector", "queue")
    host.widths(queue=1032, job_inspector=472)


def _gaps(host: DockHost) -> None:
    host.place("gap_months")
    if host.short:  # months and table take turns
        host.inspector("gap_month", "gap_months")
        host.behind("gap_table", "gap_months")
    else:
        host.below("gap_table", "gap_months")
        host.inspector("gap_month", "gap_months")
        host.heights(gap_months=344, gap_table=336)
    if not host.narrow:
        host.widths(gap_months=1136, gap_month=368)


def _history(host: DockHost) -> None:
    host.place("history")
    if not host.narrow:
        host.beside("error_recovery", "history")
    if host.short:  # the runs and the detail of one take turns
        host.behind("run_detail", "history")
    else:
        host.below("run_detail", "history")
        host.heights(history=496, run_detail=360)
    if host.narrow:
        host.behind("error_recovery", "history")
    if not host.narrow:
        host.widths(history=936, error_recovery=568)


def _library(host: DockHost) -> None:
    host.place("facets")
    host.beside("library", "facets")
    host.inspector("title_details", "library")
    if host.narrow:  # the inspector is a tab behind the library then
        host.widths(facets=240, library=760)
    else:
        host.widths(facets=240, library=860, title_details=396)
