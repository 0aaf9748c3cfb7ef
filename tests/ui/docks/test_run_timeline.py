"""The line of time of a run: where bars are, what is cut out, what is said of them, and the keys."""

from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from pytestqt.qtbot import QtBot

from gdvg_desktop.commands.history import RunDetail, totals
from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.store import runs
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import Incident, IncidentRow, PhaseRow
from gdvg_desktop.ui.docks.run_timeline import CUT_PX, RunTimeline, Stretch

pytestmark = pytest.mark.usefixtures("themed")
START = 1_763_730_000_000
MINUTE = 60_000


def detail(*phases: PhaseRow, incidents: tuple[IncidentRow, ...] = (), **counts: int) -> RunDetail:
    values: dict[str, Any] = {"total": 0, "added": 0, "updated": 0, "skipped": 0, "failed": 0, "gone": 0, "requests": 0}
    job = Job(
        id=1, kind=JobKind.IMPORT, name="A", config={}, state=JobState.COMPLETED, wanted=Wanted.RUN, phase="done",
        position=1, reported=None, unlisted=None, reason=None, reason_args={}, created_at=START, started_at=START,
        updated_at=START, completed_at=START, **(values | counts),
    )  # fmt: skip
    now = START + 300 * MINUTE
    figures = totals(job, list(phases), now)
    return RunDetail(job, runs.result(job), figures, phases, incidents, None, None, now)


def make(qtbot: QtBot, shown: RunDetail) -> RunTimeline:
    line = RunTimeline()
    qtbot.addWidget(line)
    line.show_run(shown)
    line.resize(700, line.sizeHint().height())
    with qtbot.waitExposed(line):
        line.show()
    return line


def test_the_names_of_phases_stand_clear_of_the_focus_ring(qtbot: QtBot) -> None:
    line = make(qtbot, detail(PhaseRow("list", START, START + 2 * MINUTE), PhaseRow("fetch", START, START + MINUTE)))
    line.clearFocus()
    edge = line.grab(QRect(0, 0, 4, line.height())).toImage()
    assert len({edge.pixel(x, y) for x in range(4) for y in range(edge.height())}) == 1, "nothing is painted there"


def test_bars_stand_one_after_the_other_in_rows_of_their_phase(qtbot: QtBot) -> None:
    line = make(
        qtbot,
        detail(
            PhaseRow("list", START, START + 2 * MINUTE),
            PhaseRow("fetch", START + 2 * MINUTE, START + 18 * MINUTE),
            PhaseRow("close", START + 18 * MINUTE, START + 20 * MINUTE),
        ),
    )
    listing, fetching, closing = line.marks()
    assert line.names() == ["list", "fetch", "close"]
    assert listing.rect.right() == pytest.approx(fetching.rect.left())
    assert fetching.rect.width() == pytest.approx(8 * listing.rect.width(), rel=0.01)
    assert listing.rect.y() < fetching.rect.y() < closing.rect.y() and closing.rect.right() <= line.width()
    assert line.grab().width() == 700


def test_a_long_pause_is_cut_out_and_the_work_keeps_its_room() -> None:
    spans = [(START, START + 10 * MINUTE), (START + 200 * MINUTE, START + 210 * MINUTE)]
    line = Stretch(spans, 100, 520)
    assert line.x(spans[1][0]) - line.x(spans[0][1]) == pytest.approx(CUT_PX)
    assert line.x(spans[1][1]) == pytest.approx(620)
    ((_, left_out),) = line.cuts()
    assert left_out == 190 * MINUTE
    places = [x for x, _, _ in line.ticks(60)]
    assert places == sorted(places) and all(b - a >= 54 for a, b in pairwise(places))


def test_an_incident_lies_on_its_phase_and_says_what_happened(qtbot: QtBot) -> None:
    burst = IncidentRow(
        Incident.ERRORS, START + 8 * MINUTE, START + 9 * MINUTE, 350, "rate cut to 10 requests a second"
    )
    pause = IncidentRow(Incident.PAUSED, START + 9 * MINUTE, START + 10 * MINUTE, 1, "by the user")
    line = make(qtbot, detail(PhaseRow("fetch", START, START + 16 * MINUTE), incidents=(burst, pause)))
    fetching, errors = line.marks()
    assert errors.incident and fetching.rect.contains(errors.rect.center())
    assert errors.text.startswith("350 errors in 60 s, rate cut to 10")
    assert line.mark_at(errors.rect.center()) == errors
    assert line.mark_at(QPointF(fetching.rect.left() + 5, fetching.rect.center().y())) == fetching
    assert line.mark_at(QPointF(2, 2)) is None
    assert "350 errors" in line.accessibleDescription()


def test_arrow_keys_go_from_bar_to_bar(qtbot: QtBot) -> None:
    line = make(
        qtbot,
        detail(PhaseRow("list", START, START + MINUTE), PhaseRow("fetch", START + MINUTE, START + 9 * MINUTE)),
    )
    line.setFocus()
    said = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(line, key)
        said.append(line.accessibleDescription().split(",")[0])
    assert said == ["List titles", "Fetch details", "Fetch details", "List titles"]


def test_a_run_without_phases_and_one_that_is_on_are_drawn(qtbot: QtBot) -> None:
    line = make(qtbot, detail())
    assert line.marks() == [] and line.grab().height() > 0
    line.show_run(detail(PhaseRow("fetch", START, None)))
    (fetching,) = line.marks()
    assert "since" in fetching.text and fetching.rect.width() > 400
