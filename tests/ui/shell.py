"""A window with stand-in docks, for tests of the shell."""

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.ui.main_window import MainWindow, ScreenSpec
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.dock_host import DockHost
from gdvg_desktop.ui.widgets.dock_panel import DockPanel

KEYS = ("overview", "health", "filters", "queue", "inspector")


def dock(key: str, **options: object) -> DockPanel:
    """A dock with one button and one field."""
    panel = DockPanel(key, key.title(), "gauge", **options)  # type: ignore[arg-type]
    content = QWidget()
    column = QVBoxLayout(content)
    column.addWidget(Button(f"Act in {key}"))
    field = QLineEdit()
    field.setAccessibleName(f"Field in {key}")
    column.addWidget(field)
    panel.set_content(content, scroll=True)
    return panel


def arrange_overview(host: DockHost) -> None:
    host.place("overview")
    if host.short:
        host.behind("health", "overview")
    else:
        host.below("health", "overview")
        host.heights(overview=200, health=600)


def arrange_import(host: DockHost) -> None:
    host.place("filters")


def arrange_queue(host: DockHost) -> None:
    host.place("queue")
    host.inspector("inspector", "queue")
    if not host.narrow:
        host.widths(queue=1000, inspector=500)


def window(make: Callable[[str], DockPanel] = dock) -> MainWindow:
    """Three screens: overview (leads), import (with a footer) and queue (with an inspector)."""
    footer = Button("Start import")
    screens = (
        ScreenSpec("overview", "Overview", "layout-dashboard", arrange_overview, "overview", leads=True),
        ScreenSpec("import", "Import", "download", arrange_import, "filters", footer=footer),
        ScreenSpec("queue", "Queue", "list-ordered", arrange_queue, "queue"),
    )
    return MainWindow([make(key) for key in KEYS], screens)
