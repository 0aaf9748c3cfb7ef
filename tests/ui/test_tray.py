"""The tray's words and shapes, and closing into it; real panels are in tests/e2e/test_tray.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, schedule
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.settings import Settings, load_settings, save_settings
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.ui.closing import STOP, TRAY
from gdvg_desktop.ui.dialogs.wizard import Wizard
from gdvg_desktop.ui.phrases import day, local
from gdvg_desktop.ui.theme import apply_theme
from gdvg_desktop.ui.tokens import DARK, HIGH_CONTRAST, LIGHT, Accent, Theme
from gdvg_desktop.ui.tray import Tray, TrayFacts, status_lines, tooltip
from gdvg_desktop.ui.tray_icons import SIZES, TrayState, stepped, tray_icon, tray_pixmap
from tests.ui.face_world import WAIT_MS, Face

# said where Qt's platform has no tray of its own
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface", "This plugin does not support")


class Panel:
    """Whether there is a tray, as Qt is told."""

    def __init__(self) -> None:
        self.there = True


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Panel:
    """A tray that can be taken away; offscreen there is none, and what Qt shows goes nowhere."""
    found = Panel()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: found.there)
    return found


@pytest.fixture
def tray(panel: Panel, themed: QApplication) -> Iterator[Tray]:
    made = Tray()
    yield made
    made.close()


def silhouette(theme: Theme, state: TrayState, percent: int | None, size: int) -> bytes:
    """A picture in black and white: what is left of it without colour."""
    image = tray_pixmap(theme, state, percent, size).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    bits = bytearray()
    for y in range(size):
        for x in range(size):
            pixel = image.pixelColor(x, y)
            light = pixel.lightnessF() * pixel.alphaF()
            bits.append(0 if pixel.alphaF() < 0.5 else 2 if light > 0.75 else 1)
    return bytes(bits)


# --------------------------------------------------------------------------------------------------- the picture


@pytest.mark.parametrize("theme", [DARK, LIGHT, HIGH_CONTRAST], ids=lambda one: one.name)
@pytest.mark.parametrize("size", SIZES)
def test_states_differ_in_shape_and_not_only_in_colour(themed: QApplication, theme: Theme, size: int) -> None:
    shapes = [
        silhouette(theme, TrayState.IDLE, None, size),
        silhouette(theme, TrayState.RUNNING, 10, size),
        silhouette(theme, TrayState.RUNNING, 85, size),
        silhouette(theme, TrayState.PAUSED, None, size),
        silhouette(theme, TrayState.ALERT, None, size),
    ]
    for index, one in enumerate(shapes):
        for other in shapes[index + 1 :]:
            differing = sum(a != b for a, b in zip(one, other, strict=True))
            assert differing > size * size * 0.04, "too alike to be told apart"


def test_the_icon_has_every_size_a_panel_asks_for(themed: QApplication) -> None:
    icon = tray_icon(DARK, TrayState.RUNNING, 45)
    assert {size.width() for size in icon.availableSizes()} == set(SIZES)


def test_the_ring_is_full_only_when_all_is_done() -> None:
    assert [stepped(share) for share in (None, 0.0, 0.049, 0.5, 0.999, 1.0)] == [None, 0, 0, 50, 95, 100]


# ----------------------------------------------------------------------------------------------------- the words


def test_the_state_is_told_in_words() -> None:
    assert status_lines(TrayFacts()) == ("Nothing is running", "")
    busy = TrayFacts(running=2, share=0.456, rate=38.4, coverage="88.3%", next_run="18:00", queued=6)
    assert status_lines(busy) == ("2 jobs are running, 46% at 38.4 req/s", "88.3% of TMDb, next run 18:00")
    held = TrayFacts(paused="schedule paused until 15:05", next_run="18:00")
    assert status_lines(held) == ("Nothing is running", "Schedule paused until 15:05")
    assert tooltip(TrayFacts(alerts=1, demo=True)).split("\n") == [
        "GDVG Desktop (DEMO)",
        "1 alert",
        "Nothing is running",
    ]


def test_an_alert_counts_more_than_a_pause_and_a_pause_more_than_work() -> None:
    assert TrayFacts(running=1, paused="x", alerts=1).state is TrayState.ALERT
    assert TrayFacts(running=1, paused="x").state is TrayState.PAUSED
    assert TrayFacts(running=1).state is TrayState.RUNNING
    assert TrayFacts().state is TrayState.IDLE


def test_the_menu_says_how_things_stand_and_what_can_be_done(tray: Tray, qtbot: QtBot) -> None:
    tray.show_facts(TrayFacts(queued=6, alerts=2))
    assert tray.entry("queue").text().replace("&", "") == "Import queue (6)"
    assert tray.entry("alerts").text().replace("&", "") == "Alerts (2)"
    assert not tray.entry("resume").isVisible()
    with qtbot.waitSignal(tray.pause_asked) as asked:
        tray.entry("pause 1").trigger()
    assert asked.args == [1]
    tray.show_facts(TrayFacts(paused="schedule paused"))
    assert tray.entry("resume").isVisible()
    for name, signal in (("open", tray.opened), ("sync", tray.sync_asked), ("quit", tray.quit_asked)):
        with qtbot.waitSignal(signal):
            tray.entry(name).trigger()


def test_no_two_entries_share_a_letter(tray: Tray) -> None:
    texts = [action.text() for action in tray.menu.actions() if "&" in action.text()]
    letters = [text[text.index("&") + 1].lower() for text in texts]
    assert len(letters) == len(set(letters)) >= 8


def test_the_icon_comes_and_goes_with_the_panel(panel: Panel, themed: QApplication, qtbot: QtBot) -> None:
    panel.there = False
    tray = Tray()
    assert not tray.available and not tray.show_message(Accent.RED, "A", "b")
    panel.there = True
    with qtbot.waitSignal(tray.came, timeout=10_000):
        pass  # it is looked for again by itself
    assert tray.available and tray.icon is not None and tray.icon.isVisible()
    with qtbot.waitSignal(tray.opened):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert tray.show_message(Accent.AMBER, "A", "b")
    panel.there = False
    with qtbot.waitSignal(tray.went, timeout=10_000):
        pass
    assert not tray.available
    tray.close()


def test_another_theme_is_drawn_anew(tray: Tray, themed: QApplication) -> None:
    assert tray.icon is not None
    tray.show_facts(TrayFacts(alerts=1))
    dark = tray.icon.icon().pixmap(64, 64).toImage()
    apply_theme(themed, LIGHT)
    QApplication.processEvents()
    assert tray.icon.icon().pixmap(64, 64).toImage() != dark


# ------------------------------------------------------------------------------------------------------- closing


def close_into(folder: Path, choice: str) -> None:
    folder.mkdir()
    save_settings(folder / "settings.toml", Settings(on_close=choice, wizard_done=True), {})


def test_the_first_close_asks_and_remembers(
    face: Face, panel: Panel, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    guard = face.contents.guard
    assert not session.window.close()
    assert guard.question is not None and list(guard.question.buttons) == [STOP, TRAY]
    guard.question.reject()
    assert session.window.isVisible() and guard.choice == "ask"
    session.window.close()
    assert guard.question is not None
    guard.question.buttons[TRAY].click()
    assert not session.window.isVisible()
    face.until(lambda: load_settings(tmp_path / "data" / "settings.toml", {}).on_close == TRAY)
    face.contents.tray.opened.emit()
    assert session.window.isVisible()
    session.window.close()
    assert guard.question is None and not session.window.isVisible()
    face.until(lambda: face.ask(schedule.tasks))  # everything goes on behind it
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        face.contents.tray.entry("quit").trigger()
    face.await_end()


def test_quitting_from_the_tray_asks_only_while_work_runs(
    face: Face, panel: Panel, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    close_into(tmp_path / "data", TRAY)
    face.use_demo(small_demo, rate=20)
    session = face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest()))
    face.until(lambda: face.contents.feed.latest is not None and face.contents.feed.latest.running)
    face.until(lambda: face.contents.tray.facts.state is TrayState.RUNNING)
    session.window.close()
    assert not session.window.isVisible() and face.contents.guard.question is None
    face.contents.tray.entry("quit").trigger()
    question = face.contents.guard.question
    assert question is not None and question.isVisible() and session.window.isVisible()
    assert question.remember.isHidden(), "what quitting means is no choice about closing"
    question.buttons[TRAY].click()
    assert not session.window.isVisible() and face.contents.guard.choice == TRAY
    session.window.quit()
    assert face.contents.guard.question is not None
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        face.contents.guard.question.buttons[STOP].click()
    face.await_end()
    assert load_settings(tmp_path / "data" / "settings.toml", {}).on_close == TRAY


def test_when_the_tray_goes_a_hidden_window_comes_back(
    face: Face, panel: Panel, small_demo: DemoServer, tmp_path: Path
) -> None:
    close_into(tmp_path / "data", TRAY)
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    session.window.close()
    assert not session.window.isVisible()
    panel.there = False
    face.contents.tray.look()
    assert session.window.isMinimized() and session.window.isVisible()


def test_without_a_tray_closing_minimises_and_closing_again_quits(
    face: Face, panel: Panel, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.there = False
    close_into(tmp_path / "data", TRAY)
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    session.window.close()
    assert session.window.isMinimized() and session.window.isVisible()
    session.window.bring_back()
    with qtbot.waitSignal(face.loop.ended, timeout=WAIT_MS):
        session.window.close()
    face.await_end()


@pytest.mark.parametrize(("choice", "done", "kept"), [("ask", False, True), ("ask", True, False), (STOP, True, False)])
def test_the_wizard_keeps_what_was_said_about_closing(
    face: Face, small_demo: DemoServer, panel: Panel, tmp_path: Path, choice: str, done: bool, kept: bool
) -> None:
    face.use_demo(small_demo)
    folder = tmp_path / "data"
    folder.mkdir()
    save_settings(folder / "settings.toml", Settings(on_close=choice, wizard_done=done))
    face.open(folder)
    face.contents.open_wizard()
    wizard = face.contents._dialog
    assert isinstance(wizard, Wizard) and wizard.schedule.keep.isChecked() is kept
    assert wizard.schedule.wishes()["on_close"] == (TRAY if kept else "")


def test_the_end_of_a_pause_on_another_day_is_told_with_its_day(
    face: Face, small_demo: DemoServer, panel: Panel, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    tray = face.contents.tray

    async def for_days(app: App) -> object:
        return await schedule.pause(app, to_millis(app.clock.now() + 30 * 86_400), "api")

    state = face.ask(for_days)
    face.until(lambda: tray.facts.paused)
    end = local(state.until)
    assert tray.facts.paused == f"schedule paused until {day(end.date())} {end:%H:%M}"


def test_the_pause_shows_in_the_icon_and_is_taken_back_there(
    face: Face, panel: Panel, small_demo: DemoServer, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    tray = face.contents.tray
    face.until(lambda: "Next run" in status_lines(tray.facts)[1] or tray.facts.next_run)
    tray.entry("pause -1").trigger()
    face.until(lambda: tray.facts.state is TrayState.PAUSED)
    assert face.ask(schedule.pause_state).by == "tray"
    tray.entry("resume").trigger()
    face.until(lambda: tray.facts.state is TrayState.IDLE)
