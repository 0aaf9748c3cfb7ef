"""The title panel of what changed, of an earlier day, and of a title deleted at TMDb."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gdvg_desktop.core.kinds import Existing
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store.changes import FieldChange
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.ui.docks.title_history import FIRST_FIELDS, DateField, change_text, field_name
from gdvg_desktop.ui.widgets.fields import SpinBox
from tests.ui.library_world import World, fill, world_in

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=240, series=110)) as server:
        yield server


@pytest.fixture(scope="module")
def filled(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library ten days old in which one movie said something else until it was refreshed just now."""
    folder = tmp_path_factory.mktemp("filled")
    fill(demo, folder, ImportFilter())
    with sqlite3.connect(folder / "library.db") as db:
        ten_days_ago = round(time.time() * 1000) - 10 * DAY_MS
        db.execute("UPDATE title SET created_at = ?, fetched_at = ?, checked_at = ?", (ten_days_ago,) * 3)
        chosen = _chosen(db)
        db.execute("UPDATE title SET title = 'An old title', overview = 'Old words.' WHERE id = ?", (chosen,))
        db.execute("DELETE FROM title_genre WHERE title_id = ?", (chosen,))
    db.close()
    fill(demo, folder, ImportFilter(existing=Existing.UPDATE))
    return folder


def _chosen(db: sqlite3.Connection) -> int:
    """The most popular movie that has genres and an overview."""
    found = db.execute(
        "SELECT id FROM title WHERE media_type = 'movie' AND overview IS NOT NULL AND imdb_id IS NOT NULL "
        "AND id IN (SELECT title_id FROM title_genre) ORDER BY id LIMIT 1"
    ).fetchone()
    return int(found[0])


@pytest.fixture
def world(qtbot: QtBot, themed: QApplication, demo: DemoServer, filled: Path, tmp_path: Path) -> Iterator[World]:
    with world_in(qtbot, demo, tmp_path / "data", filled) as made:
        made.open()
        yield made


def edit(world: World, statement: str, *values: object) -> None:
    """Change the file as another program does."""
    with sqlite3.connect(world.paths.library) as db:
        db.execute(statement, values)
    db.close()


def chosen(world: World) -> int:
    with sqlite3.connect(world.paths.library) as db:
        found = _chosen(db)
    db.close()
    return found


def show(world: World, title_id: int) -> None:
    world.details.open_title("movie", title_id // 2)
    world.qtbot.waitUntil(lambda: world.details.shown is not None and world.details.shown.id == title_id)


def words(widget: QWidget) -> list[str]:
    """What is told to a screen reader, line by line."""
    return [one.accessibleName() for one in widget.findChildren(QWidget) if one.isVisible() and one.accessibleName()]


def test_what_changed_is_told_in_words(world: World) -> None:
    show(world, chosen(world))
    changes = world.details.changes
    world.qtbot.waitUntil(lambda: len(words(changes)) > 3)
    shown = world.details.shown
    assert shown is not None
    told = words(changes)
    assert f"Title: An old title → {shown.title}" in told
    assert f"Genres: + {', '.join(sorted(shown.genres))}" in told
    assert not changes._nothing.isVisible()
    heads = [one.text() for one in changes.findChildren(QLabel) if one.isVisible()]
    assert any(text.endswith("· Import") for text in heads)
    assert "Old words." in " ".join(told)


def test_a_title_without_changes_says_so(world: World) -> None:
    other = next(one for one in world.model.ids() if one % 2 == 0 and one != chosen(world))
    show(world, other)
    changes = world.details.changes
    world.qtbot.waitUntil(changes._nothing.isVisible)
    assert not changes._more.isVisible()
    assert "Confirmed" in world.details._provenance.plain_text()


def test_many_changes_unfold(world: World) -> None:
    title_id = chosen(world)
    for number in range(FIRST_FIELDS):
        statement = "INSERT INTO title_change (title_id, at, field, old, new) VALUES (?, ?, 'runtime', '90', '91')"
        edit(world, statement, title_id, 1_790_000_000_000 + number)
    show(world, title_id)
    changes = world.details.changes
    world.qtbot.waitUntil(lambda: changes._more.isVisible() and len(words(changes)) > FIRST_FIELDS)
    few = len(words(changes))
    changes._more.click()
    world.qtbot.waitUntil(lambda: len(words(changes)) > few)
    assert changes._more.text() == "Show fewer"


def test_the_day_is_stepped_by_what_looks_like_steps(qtbot: QtBot, themed: QApplication) -> None:
    day, number = DateField(), SpinBox(0, 9)
    for field in (day, number):
        qtbot.addWidget(field)
        field.setFixedSize(140, 32)
        field.show()
    steps = QRect(140 - 24, 6, 20, 20)
    assert day.grab(steps).toImage() == number.grab(steps).toImage()


def test_an_earlier_day_is_shown_beside_today(world: World) -> None:
    show(world, chosen(world))
    changes = world.details.changes
    today = changes.day.date()
    assert changes.day.minimumDate().daysTo(today) == 10
    changes.day.setFocus()
    QTest.keyClick(changes.day, Qt.Key.Key_Down)  # a day back, in the section the cursor is in
    assert changes.day.date() == today.addDays(-1)
    world.qtbot.waitUntil(lambda: len(words(changes.then)) > 3)
    shown = world.details.shown
    assert shown is not None
    told = words(changes.then)
    assert f"Title: An old title\ntoday: {shown.title}" in told
    assert f"Genres: nothing\ntoday: {', '.join(sorted(shown.genres))}" in told
    changes.back.click()
    assert not changes.then.isVisible()
    assert changes.day.date() == today


def test_days_out_of_reach_cannot_be_entered(world: World) -> None:
    show(world, chosen(world))
    day = world.details.changes.day
    day.setDate(QDate(1999, 1, 1))
    assert day.date() == day.minimumDate()


def test_a_deleted_title_says_since_when_and_what_follows_it(world: World) -> None:
    title_id = chosen(world)
    other = next(one for one in world.model.ids() if one % 2 == 0 and one != title_id)
    edit(
        world,
        "INSERT INTO tombstone "
        "(title_id, media_type, tmdb_id, gone_at, export_date, made_at, data_until, successor_id) "
        "VALUES (?, 'movie', ?, 1790000000000, '2026-09-20', 1790000000000, 1800000000000, ?)",
        title_id, title_id // 2, other,
    )  # fmt: skip
    show(world, title_id)
    details = world.details
    assert details.banner.isVisible()
    said = details.banner.accessibleName()
    assert said.startswith("Deleted at TMDb. Found on 21 Sep 2026") and "kept until" in said
    assert "20 Sep 2026" in said
    details._successor.click()
    world.qtbot.waitUntil(lambda: details.shown is not None and details.shown.id == other)
    assert not details.banner.isVisible()


def test_fields_and_changes_in_words() -> None:
    assert field_name("translations/de-DE/overview") == "de-DE: overview"
    assert field_name("external_ids/imdb") == "IMDb ID"
    assert field_name("seasons/2/air_date") == "Season 2: air date"
    assert change_text(FieldChange(1, None, None, "runtime", False, "90", None)) == "1 h 30 min → nothing"
    assert change_text(FieldChange(1, None, None, "adult", False, "0", "1")) == "no → yes"
    lists = FieldChange(1, None, None, "genres", True, removed=("Drama",), added=("Crime", "War"), altered=("Cut",))
    assert change_text(lists) == "+ Crime, War\n\u2212 Drama\n~ Cut"
    expired = FieldChange(1, None, None, "title", False, expired=True)
    assert "180 days" in change_text(expired)
    many = FieldChange(1, None, None, "keywords", True, added=tuple(f"k{n}" for n in range(20)))
    assert change_text(many).endswith("k7 and 12 more")
