"""Toasts, empty states, inline messages and the live log."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QWidget

from gdvg_desktop.ui.tokens import DARK, Accent
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.log_view import MAX_LINES, LogLevel, LogLine, LogView
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.toasts import LIFE_MS, Toast, ToastStack

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def stack(qtbot) -> Iterator[ToastStack]:
    window = QWidget()
    window.resize(1000, 700)
    window.show()
    yield ToastStack(window, top=80)
    window.close()


def _life(toast: Toast) -> QTimer:
    return toast.findChild(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)


def test_toasts_stack_at_the_top_right_newest_first(stack: ToastStack) -> None:
    first = stack.show_toast(Accent.GREEN, "Import finished", "866 imported, 12 failed.")
    second = stack.show_toast(Accent.AMBER, "Paused", "Resumes by itself.")
    assert stack.toasts() == [second, first]
    assert (second.x() + second.width(), second.y(), second.width()) == (984, 96, 320)
    assert first.y() == second.geometry().bottom() + 1 + ToastStack.GAP


def test_toasts_follow_the_corner_when_the_window_grows(stack: ToastStack) -> None:
    toast = stack.show_toast(Accent.GREEN, "Import finished", "866 imported.")
    stack.parent().resize(1200, 700)
    assert toast.geometry().right() + 1 == 1184


def test_a_toast_leaves_after_six_seconds_and_an_error_stays(qtbot, stack: ToastStack) -> None:
    news = stack.show_toast(Accent.GREEN, "Import finished", "866 imported.")
    error = stack.show_toast(Accent.RED, "TMDb rejected the key", "Replace it to go on.")
    assert (_life(news).isActive(), _life(news).interval()) == (True, LIFE_MS)
    assert not _life(error).isActive()
    _life(news).timeout.emit()
    assert stack.toasts() == [error]
    error.leave()
    assert stack.toasts() == []


def test_a_toast_waits_while_the_mouse_is_on_it(stack: ToastStack) -> None:
    toast = stack.show_toast(Accent.GREEN, "Import finished", "866 imported.")
    spot = QPointF(5, 5)
    toast.enterEvent(QEnterEvent(spot, spot, spot))
    assert not _life(toast).isActive()
    toast.leaveEvent(QEvent(QEvent.Type.Leave))
    assert _life(toast).isActive()


def test_a_toasts_action_runs_and_takes_it_away(qtbot, stack: ToastStack) -> None:
    ran: list[str] = []
    acts = [(name, lambda name=name: ran.append(name)) for name in ("View titles", "Review", "Third")]
    toast = stack.show_toast(Accent.GREEN, "Import finished", "866 imported.", *acts)
    texts = [button.text() for button in toast.findChildren(Button) if button.text()]
    assert texts == ["View titles", "Review"]
    qtbot.mouseClick(toast.findChildren(Button)[0], Qt.MouseButton.LeftButton)
    assert ran == ["View titles"]
    assert stack.toasts() == []


def test_at_most_four_toasts_are_shown(stack: ToastStack) -> None:
    for number in range(6):
        stack.show_toast(Accent.RED, f"Error {number}", "Sentence.")
    assert [toast.accessibleName() for toast in stack.toasts()] == ["Error 5", "Error 4", "Error 3", "Error 2"]


def test_empty_states_and_messages_speak(qtbot) -> None:
    action = Button("New import")
    empty = EmptyState("list-ordered", "The queue is empty", "Imports wait here.", action)
    message = InlineMessage(Accent.BLUE, "Every title is imported.", lead="This sets the order, not a filter.")
    for widget in (empty, message):
        qtbot.addWidget(widget)
    assert (empty.accessibleName(), empty.accessibleDescription()) == ("The queue is empty", "Imports wait here.")
    assert message.accessibleName() == "This sets the order, not a filter. Every title is imported."
    assert empty.isAncestorOf(action)


def _lines(count: int, level: LogLevel = LogLevel.OK) -> list[LogLine]:
    return [LogLine(f"13:12:{i % 60:02}", level, f"Title {i} imported") for i in range(count)]


@pytest.fixture
def log(qtbot) -> LogView:
    view = LogView()
    qtbot.addWidget(view)
    view.resize(500, 200)
    view.show()
    return view


def test_the_log_shows_newest_first_and_is_bounded(qtbot, log: LogView) -> None:
    log.append(_lines(MAX_LINES + 50))
    qtbot.waitUntil(lambda: len(log.shown_lines()) == MAX_LINES)
    assert log.shown_lines()[0].text == f"Title {MAX_LINES + 49} imported"


def test_the_log_lets_through_the_chosen_levels(qtbot, log: LogView) -> None:
    log.append([*_lines(2), *_lines(1, LogLevel.WARN), *_lines(1, LogLevel.FAIL)])
    log.set_levels("warnings")
    assert [line.level for line in log.shown_lines()] == [LogLevel.FAIL, LogLevel.WARN]
    log.set_levels("errors")
    assert len(log.shown_lines()) == 1
    log.set_levels("all")
    assert len(log.shown_lines()) == 4


def test_levels_are_coloured(qtbot, log: LogView) -> None:
    log.append(_lines(3, LogLevel.FAIL))
    log.set_levels("all")
    image = log.viewport().grab().toImage()
    near = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(60)}
    assert DARK.text_red in near


def test_scrolling_away_ends_the_following_and_home_does_not_restart_it(qtbot, log: LogView) -> None:
    log.append(_lines(100))
    log.set_levels("all")
    with qtbot.waitSignal(log.following_changed) as changed:
        qtbot.keyClick(log, Qt.Key.Key_PageDown)
    assert changed.args == [False]
    at = log.verticalScrollBar().value()
    log.append(_lines(10))
    log.set_levels("all")
    assert log.verticalScrollBar().value() > at
    log.set_following(True)
    assert log.verticalScrollBar().value() == 0


def test_the_log_is_copied_oldest_first(qtbot, log: LogView) -> None:
    log.append(_lines(2))
    log.set_levels("all")
    log.copy()
    assert QGuiApplication.clipboard().text() == "13:12:00  OK    Title 0 imported\n13:12:01  OK    Title 1 imported"
