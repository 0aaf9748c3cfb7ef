"""The overview's docks over figures of the real store, and the words they find for them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands import coverage, imports
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.overview import Coverage, Day, Overview
from gdvg_desktop.core.events import Bus, JobLogged
from gdvg_desktop.core.kinds import Wanted
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.store import jobs
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.activity import Activity
from gdvg_desktop.ui.docks.analytics import AnalyticsDock, success
from gdvg_desktop.ui.docks.overview import OverviewDock, days_left, exact_percent, time_left, titles_per_day
from gdvg_desktop.ui.docks.sync_health import DaysModel, DaysView, SyncHealthDock
from gdvg_desktop.ui.screens import GAPS, HISTORY, OVERVIEW
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.cards import StatCard
from gdvg_desktop.ui.widgets.labels import FactLine
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.tables import PAD
from tests.ui.face_world import Face

TODAY = datetime.now(UTC).date()


def day(back: int, **counts: int | str) -> Day:
    """A day with what is named, and nothing else."""
    values = {"added_movies": 0, "added_tv": 0, "updated": 0, "skipped": 0, "failed": 0, "requests": 0, "state": "none"}
    return Day(TODAY - timedelta(days=back), **(values | counts))  # type: ignore[arg-type]


def docks(face: Face) -> tuple[OverviewDock, SyncHealthDock, AnalyticsDock]:
    found = tuple(face.contents.docks[key] for key in ("overview", "sync_health", "analytics"))
    overview, health, analytics = found
    assert isinstance(overview, OverviewDock) and isinstance(health, SyncHealthDock)
    assert isinstance(analytics, AnalyticsDock)
    return overview, health, analytics


def test_an_empty_library_claims_nothing(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    overview, health, analytics = docks(face)
    face.until(lambda: overview.requests.accessibleDescription().startswith("Now 0"))
    assert overview.titles.accessibleName() == "Total content: 0 titles in the mirror"
    assert overview.work.accessibleName() == "Sync status: Not started"
    face.until(lambda: health.steps.isVisible())
    assert not analytics.ranges.isVisible()
    assert analytics.volume.accessibleDescription() == "Daily totals appear after the first import"


def test_after_an_import_the_docks_tell_what_it_brought(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    face.open(tmp_path / "data")
    face.ask(lambda app: imports.start(app, ImportRequest()))
    overview, health, analytics = docks(face)
    total = len(small_demo.truth())
    face.until(lambda: f"{total} titles" in overview.titles.accessibleName())
    face.until(lambda: "Completed" in overview.work.accessibleDescription())
    face.until(lambda: overview.coverage.accessibleName() == f"Coverage of TMDb: 100% of {total} titles")
    face.until(lambda: health.model.index(0, 5).data() == "Completed")
    assert [health.model.index(0, column).data() for column in range(5)] == ["Today", str(total), "0", "0", "0"]
    face.until(lambda: len(analytics.volume.table()) > 1)  # charts are painted once a second
    face.until(lambda: sum(int(figure) for figure in analytics.volume.table()[-1][1:3]) == total)
    face.until(lambda: "100%" in analytics.success.accessibleDescription())
    analytics.show_page(1)
    assert any("imported" in line.text for line in analytics.activity.view.shown_lines())
    face.until(lambda: face.contents._window.toasts.toasts())
    assert face.contents._window.toasts.toasts()[0].accessibleName().endswith("finished")


def test_on_a_small_screen_no_card_cuts_its_facts(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo, rate=40)
    session = face.open(tmp_path / "data")
    session.window.resize(1280, 800)
    overview, _health, _analytics = docks(face)

    def whole() -> bool:
        lines = [line for card in overview.findChildren(StatCard) for line in card.findChildren(FactLine)]
        shown = [line for line in lines if line.isVisible()]
        return bool(shown) and all(
            line.heightForWidth(line.width()) <= line.height() and line.minimumSizeHint().width() <= line.width() + 1
            for line in shown
        )

    face.until(lambda: overview.requests.accessibleDescription().startswith("Now 0") and whole())
    face.ask(lambda app: imports.start(app, ImportRequest("tv", limit=5)))
    face.ask(lambda app: coverage.read_exports(app))
    face.until(lambda: "Next run" in overview.work.accessibleDescription() and "Missing" in facts_of(overview))
    face.until(whole)


def test_in_a_window_of_the_usual_size_nothing_of_the_overview_scrolls(
    face: Face, small_demo: DemoServer, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    session.window.resize(1600, 1000)
    face.ask(lambda app: imports.start(app, ImportRequest()))
    _overview, health, analytics = docks(face)
    face.until(lambda: len(analytics.volume.table()) > 1)
    for column in (*health.findChildren(ScrollColumn), *analytics.findChildren(ScrollColumn)):
        assert column.widget().height() <= column.viewport().height()


@pytest.mark.parametrize("screen", [OVERVIEW, GAPS, HISTORY])
def test_in_the_smallest_window_no_panel_lies_over_another(
    face: Face, small_demo: DemoServer, tmp_path: Path, screen: str
) -> None:
    face.use_demo(small_demo)
    window = face.open(tmp_path / "data").window
    window.resize(1100, 700)
    window.show_screen(screen)

    def apart() -> bool:
        panels = [dock.geometry() for dock in window.host.open_docks()]
        inside = all(window.host.rect().contains(panel) for panel in panels)
        return inside and not any(one.intersects(other) for one, other in combinations(panels, 2))

    face.until(apart)


def facts_of(overview: OverviewDock) -> str:
    return overview.coverage.accessibleDescription()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "1 min"), (952, "16 min"), (6_500, "1 h 48 min"), (38_880, "11 h"), (86_000, "1 d")],
)
def test_what_is_left_is_told_no_finer_than_it_stays_true(seconds: int, words: str) -> None:
    assert time_left(seconds) == words


def test_a_narrow_table_of_days_cuts_no_day_and_no_status(themed: QApplication, qtbot: QtBot) -> None:
    table = DaysView(DaysModel())
    qtbot.addWidget(table)
    table.model().set_days([day(back, state="errors", failed=2) for back in range(6, -1, -1)])  # type: ignore[attr-defined]
    table.resize(404, 200)
    table.show()
    assert table.isColumnHidden(3)
    metrics = QFontMetricsF(font(theme_of(table), Role.BODY))
    for column, icon in ((0, 0), (5, 22)):
        widest = max(metrics.horizontalAdvance(str(table.model().index(row, column).data())) for row in range(7))
        assert widest + icon + 2 * PAD <= table.columnWidth(column)
    table.resize(562, 200)
    assert not table.isColumnHidden(3)


def test_a_card_leads_to_its_screen_by_keyboard(
    face: Face, small_demo: DemoServer, qtbot: QtBot, tmp_path: Path
) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    overview, _health, _analytics = docks(face)
    for card, screen in ((overview.titles, "library"), (overview.coverage, "gaps"), (overview.work, "queue")):
        qtbot.keyClick(card, Qt.Key.Key_Return)
        assert session.window.screen_name() == screen
        session.window.show_screen("overview")


def test_a_hidden_dock_waits_and_a_shown_one_catches_up(face: Face, small_demo: DemoServer, tmp_path: Path) -> None:
    face.use_demo(small_demo)
    session = face.open(tmp_path / "data")
    overview, _health, _analytics = docks(face)
    session.window.show_screen("queue")
    face.ask(lambda app: imports.start(app, ImportRequest(limit=3)))
    face.until(lambda: face.contents.feed.latest is not None and face.contents.feed.latest.titles == 3)
    assert "3 titles" not in overview.titles.accessibleName()
    session.window.show_screen("overview")
    face.until(lambda: "3 titles" in overview.titles.accessibleName())


def test_days_are_told_newest_first(qtbot: QtBot, themed: QApplication) -> None:
    model = DaysModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    days = [day(back) for back in range(13, -1, -1)]
    days[-2] = day(1, added_movies=3, added_tv=1, updated=2, failed=5, state="errors")
    model.set_days(days)
    assert model.rowCount() == 7
    assert [model.index(1, column).data() for column in range(1, 6)] == ["4", "2", "0", "5", "With errors"]
    assert model.index(2, 1).data() == "–" and model.index(2, 5).data() == "No work"
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, _last: changed.append((first.row(), first.column())))
    days[-1] = day(0, added_movies=1, state="running")
    model.set_days(days)
    assert changed == [(0, column) for column in range(6)] and model.index(0, 5).data() == "Running"
    changed.clear()
    days[-1] = day(0, added_movies=2, state="running")
    model.set_days(days)
    assert changed == [(0, 1)] and model.index(0, 1).data() == "2"
    del tester


def test_the_mean_leaves_out_idle_days_and_today() -> None:
    days = [day(3, added_movies=10, state="completed"), day(2), day(1, added_tv=20, state="completed")]
    assert titles_per_day([*days, day(0, added_movies=999, state="running")]) == 15
    assert titles_per_day([day(0, added_movies=999, state="running")]) == 0


@pytest.mark.parametrize(("share", "words"), [(0.0, "0.0%"), (0.883, "88.3%"), (0.99996, "99.9%"), (1.0, "100%")])
def test_what_is_missing_a_title_never_reads_complete(share: float, words: str) -> None:
    assert exact_percent(share) == words


def test_success_counts_fetched_titles_only() -> None:
    assert success(day(0, skipped=5)) is None
    assert success(day(0, added_movies=3, updated=6, failed=1)) == 90


def test_the_finish_is_told_while_work_goes_on(face: Face, tmp_path: Path) -> None:
    face.open(tmp_path / "data")
    overview, _health, _analytics = docks(face)
    latest = face.contents.feed.latest
    assert latest is not None
    days = tuple(day(back, added_movies=100, state="completed") for back in range(7, -1, -1))
    found: Overview = replace(latest, movies=600, coverage=Coverage(600, 1300, date(2026, 11, 20)), days=days)
    overview.show_figures(found)
    assert "export of 20 Nov" in overview.coverage.accessibleDescription()

    def held(db: SqliteDatabase) -> jobs.Job:  # so that the engine does not take it
        return jobs.set_wanted(db, jobs.add(db, jobs.JobKind.IMPORT, "x", {}, 1)[0].id, Wanted.PAUSE, 1)

    job = face.ask(lambda app: app.store.write(held))
    overview.show_figures(replace(found, running=(job,)))
    assert "Missing 700" in overview.coverage.accessibleDescription()
    assert "(7 days)" in overview.coverage.accessibleDescription()


def test_a_refused_export_and_what_nobody_can_decide_are_told(face: Face, tmp_path: Path) -> None:
    face.open(tmp_path / "data")
    overview, _health, _analytics = docks(face)
    latest = face.contents.feed.latest
    assert latest is not None
    reason = "The export of 2026-11-21 names 5 ids."
    known = Coverage(600, 1300, date(2026, 11, 20), undetermined=100, refused=reason)
    overview.show_figures(replace(latest, movies=600, coverage=known))
    said = overview.coverage.accessibleDescription()
    assert "Missing 600; Undetermined 100; export of 20 Nov newer one not usable" in said
    assert overview.coverage.toolTip() == reason
    overview.show_figures(replace(latest, movies=600, coverage=replace(known, refused=None)))
    assert overview.coverage.toolTip() == "" and "not usable" not in overview.coverage.accessibleDescription()


def test_the_days_left_are_whole_and_never_none_of_some() -> None:
    days = [day(back, added_movies=100, state="completed") for back in range(7, -1, -1)]
    assert [days_left(days, missing) for missing in (1, 100, 101, 700)] == [1, 1, 2, 7]
    assert days_left(days, 0) is None and days_left([day(0)], 5) is None


def test_the_live_log_shows_lines_of_all_jobs(qtbot: QtBot, themed: QApplication) -> None:
    bus = Bus()
    bridge = Bridge(bus)
    activity = Activity(bridge)
    qtbot.addWidget(activity)
    bus.publish(JobLogged(1, 1_790_000_000.0, "ok", "One imported"))
    bus.publish(JobLogged(2, 1_790_000_001.0, "fail", "Two failed"))
    qtbot.waitUntil(lambda: len(activity.view.shown_lines()) == 2)
    assert [line.text for line in activity.view.shown_lines()] == ["Two failed", "One imported"]
    bridge.close()
