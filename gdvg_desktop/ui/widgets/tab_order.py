"""The order of Tab in a window: that of its layouts, also for what came later than its neighbours.

Qt's own order is the one in which widgets got into the window. What a page makes once its rows were read would come
behind the last button of the dialog.
"""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QLayout,
    QMainWindow,
    QScrollArea,
    QWidget,
)


def follow_layouts(window: QWidget) -> None:
    """Bring the order of Tab in line with what is on screen; to be called from `focusNextPrevChild` of a window."""
    for before, after in pairwise(_stops(window)):
        QWidget.setTabOrder(before, after)


def _stops(widget: QWidget) -> Iterator[QWidget]:
    """The descendants Tab comes to, as they lie."""
    for child in _children(widget):
        if child.isHidden() or child.isWindow() or child.focusProxy() is not None:
            continue
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield child
        if isinstance(child, QScrollArea) or not isinstance(child, QAbstractScrollArea | QAbstractSpinBox | QComboBox):
            yield from _stops(child)


def _children(widget: QWidget) -> list[QWidget]:
    """The widgets in a layout in its order, then those that were placed by hand, line by line."""
    if isinstance(widget, QScrollArea):
        inside: QWidget | None = widget.widget()
        return [inside] if inside is not None else []
    layout = widget.layout()
    by_place = isinstance(widget, QMainWindow | QDockWidget)  # the order in their layouts is none on screen
    laid = list(_laid(layout)) if layout is not None and not by_place else []
    free = [one for one in widget.children() if isinstance(one, QWidget) and one not in laid]
    return laid + sorted(free, key=lambda one: (one.y(), one.x()))


def _laid(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _laid(inner)
