"""The screens of the rail: name, icon and how each arranges the docks.

Nothing heavy is imported here, so the rail can be painted before there are docks. Docks are named by the keys of
`ui.docks.DOCKS`.
"""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui.main_window import ScreenSpec
from gdvg_desktop.ui.widgets.dock_host import DockHost

translate = QCoreApplication.translate

OVERVIEW, IMPORT, QUEUE, LIBRARY = "overview", "import", "queue", "library"


def screens(import_footer: QWidget | None = None) -> tuple[ScreenSpec, ...]:
    """All screens in rail order; `import_footer` is the strip under the Import screen's docks."""
    return (
        ScreenSpec(
            OVERVIEW, translate("Screens", "Overview"), "layout-dashboard", _overview, main="overview", leads=True
        ),
        ScreenSpec(
            IMPORT, translate("Screens", "Import"), "download", _import, main="import_filters", footer=import_footer
        ),
        ScreenSpec(QUEUE, translate("Screens", "Queue"), "list-ordered", _queue, main="queue"),
        ScreenSpec(LIBRARY, translate("Screens", "Library"), "library", _library, main="library"),
    )


def _overview(host: DockHost) -> None:
    host.place("overview")
    host.below("sync_health", "overview")
    host.below("analytics", "sync_health")
    host.heights(overview=195, sync_health=385, analytics=271)


def _import(host: DockHost) -> None:
    host.place("import_filters")
    host.beside("import_preview", "import_filters")
    host.widths(import_filters=480, import_preview=1024)


def _queue(host: DockHost) -> None:
    host.place("queue")
    host.inspector("job_inspector", "queue")
    host.widths(queue=1032, job_inspector=472)


def _library(host: DockHost) -> None:
    host.place("facets")
    host.beside("library", "facets")
    host.inspector("title_details", "library")
    if host.narrow:  # the inspector is a tab behind the library then
        host.widths(facets=240, library=760)
    else:
        host.widths(facets=240, library=860, title_details=396)
