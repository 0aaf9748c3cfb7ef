"""The Sync menu, F5 and R in the whole window: each begins its job and says so."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from gdvg_desktop.commands import jobs, titles
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui import actions
from gdvg_desktop.ui.actions import MenuKey
from gdvg_desktop.ui.docks.library import LibraryDock
from gdvg_desktop.ui.docks.title_details import TitleDetailsDock
from gdvg_desktop.ui.screens import LIBRARY
from gdvg_desktop.ui.widgets.toasts import Toast
from tests.ui.face_world import Face


@pytest.fixture
def open_face(face: Face, small_demo: DemoServer, tmp_path: Path) -> Face:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    if face.contents._dialog is not None:
        face.contents._dialog.reject()
    session.window.activateWindow()
    return face


def news(face: Face) -> list[str]:
    """What the toasts say."""
    assert face.session is not None
    toasts = face.session.window.findChildren(Toast)
    return [text for toast in toasts for text in (toast.accessibleName(), toast.accessibleDescription())]


def listed(face: Face) -> list[Job]:
    found: list[Job] = face.ask(jobs.listing)
    return found


def of_kind(face: Face, kind: JobKind) -> Job:
    return next(job for job in listed(face) if job.kind is kind)


def finished(face: Face, kind: JobKind) -> None:
    face.until(lambda: any(job.kind is kind and job.state is JobState.COMPLETED for job in listed(face)))


def test_f5_fills_an_empty_library_then_follows_and_r_fetches_a_title_again(open_face: Face) -> None:
    face, session = open_face, open_face.session
    assert session is not None
    face.qtbot.keyClick(session.window, Qt.Key.Key_F5)
    face.until(lambda: "Sync begins" in news(face))
    finished(face, JobKind.MIRROR)
    face.qtbot.mouseClick(session.window.toolbar.main, Qt.MouseButton.LeftButton)
    finished(face, JobKind.DELTA)
    session.window.show_screen(LIBRARY)
    library = face.contents.docks[LibraryDock.KEY]
    details = face.contents.docks[TitleDetailsDock.KEY]
    assert isinstance(library, LibraryDock) and isinstance(details, TitleDetailsDock)
    face.until(lambda: library.model.rowCount() > 10)
    library.table.setFocus()
    library.table.go_to(2)
    face.qtbot.keyClick(library.table, Qt.Key.Key_R)
    finished(face, JobKind.REFRESH)
    assert of_kind(face, JobKind.REFRESH).config == {"ids": [library.model.id_at(2)]}
    face.until(lambda: details.shown is not None)
    shown = details.shown
    assert shown is not None
    with face.qtbot.waitSignal(details.resync_asked) as asked:
        details.resync()
    assert asked.args == [shown.id]
    face.until(lambda: face.ask(lambda app: titles.show(app, shown.media_type.value, shown.tmdb_id)) is not None)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (actions.START_MIRROR, JobKind.MIRROR),
        (actions.CHANGES_SYNC, JobKind.DELTA),
        (actions.ANALYZE_GAPS, JobKind.ANALYZE),
        (actions.FILL_GAPS, JobKind.FILL),
        (actions.REFRESH_OLD, JobKind.REFRESH),
    ],
)
def test_each_entry_of_the_menu_begins_its_job(open_face: Face, key: str, kind: JobKind) -> None:
    assert open_face.session is not None
    open_face.session.window._actions[key].trigger()
    open_face.until(lambda: any(job.kind is kind for job in listed(open_face)))
    name = of_kind(open_face, kind).name
    open_face.until(lambda: any(name in words for words in news(open_face)))


def test_a_short_list_is_chosen(open_face: Face) -> None:
    face, window = open_face, open_face.session.window if open_face.session else None
    assert window is not None
    assert "Sync" in [menu.title().replace("&", "") for menu in window.findChildren(QMenu)]
    assert next(action.text() for action in window._actions.of_menu(MenuKey.SYNC)) == "S&ync now"
    window._actions[actions.SHORT_LIST].trigger()
    dialog = face.contents.sync.dialog
    assert dialog is not None
    face.until(lambda: dialog.region.count() > 10)
    dialog.lists.setCurrentIndex(dialog.lists.findData("popular-tv"))
    assert not dialog.region.isEnabled()
    dialog.lists.setCurrentIndex(dialog.lists.findData("now-playing"))
    dialog.region.setCurrentIndex(dialog.region.findData("KR"))
    dialog.go.click()
    face.until(lambda: any(job.kind is JobKind.LIST for job in listed(face)))
    assert of_kind(face, JobKind.LIST).config["region"] == "KR"
    assert face.contents.sync.dialog is None
