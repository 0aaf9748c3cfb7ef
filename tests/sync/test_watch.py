"""Watching a running job: what counts as stalled, and what is told as an incident."""

from dataclasses import replace
from typing import Any

import pytest

from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.sync.watch import BURST, STALLED_S, RunWatch, Seen
from gdvg_desktop.tmdb.client import ConnectionStatus, Meter
from gdvg_desktop.tmdb.pacer import PacerState

CALM = ConnectionStatus("connected", PacerState(10, 20, 20, 0, 600, ()), 40, 1, "", None)
DOWN = replace(CALM, state="outage", message="No answer", outage_since=1.0)
COOLING = replace(CALM, state="limited", pacer=PacerState(10, 12, 20, 4.0, 600, ()))
JOB = Job(
    id=1, kind=JobKind.IMPORT, name="A", config={}, state=JobState.RUNNING, wanted=Wanted.RUN, phase="fetch",
    position=1, total=100, added=0, updated=0, skipped=0, failed=0, gone=0, requests=0, reported=None, unlisted=None,
    reason=None, reason_args={}, created_at=1, started_at=1, updated_at=1, completed_at=None, progress_at=1,
)  # fmt: skip


class Looks:
    """Looks at one job, every so many seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.watch = RunWatch(JOB, self.now)
        self.meter = Meter()

    def look(self, seconds: float = 1.0, status: ConnectionStatus = CALM, **changes: Any) -> list[Seen]:
        self.now += seconds
        return self.watch.look(replace(JOB, **changes), self.meter, status, self.now)

    def wait(self, seconds: float, status: ConnectionStatus = CALM, **changes: Any) -> list[Seen]:
        """Look every half minute."""
        return [one for _ in range(int(seconds / 30)) for one in self.look(30, status, **changes)]


def test_ten_minutes_without_progress_are_a_stall_once_and_progress_ends_it() -> None:
    looks = Looks()
    assert looks.wait(STALLED_S - 30) == []
    (begun,) = looks.look(30)
    assert (begun.kind, begun.on) == (Incident.STALLED, True) and looks.watch.stalled
    assert looks.wait(STALLED_S) == []
    assert looks.look(progress_at=2) == [Seen(Incident.STALLED, on=False)]
    assert not looks.watch.stalled


@pytest.mark.parametrize("status", [DOWN, COOLING])
def test_waiting_for_tmdb_is_no_stall(status: ConnectionStatus) -> None:
    looks = Looks()
    assert not [one for one in looks.wait(3 * STALLED_S, status) if one.kind is Incident.STALLED]
    assert not [one for one in looks.wait(STALLED_S - 30) if one.kind is Incident.STALLED]


def test_a_machine_that_slept_has_no_stalled_jobs() -> None:
    looks = Looks()
    assert looks.look(8 * 3600) == []
    assert looks.wait(STALLED_S - 30) == []


def test_a_run_that_says_something_is_alive() -> None:
    looks = Looks()
    for _ in range(5):
        assert looks.wait(STALLED_S - 60) == []
        looks.watch.hear()


def test_an_outage_is_told_when_it_begins_and_when_it_is_over() -> None:
    looks = Looks()
    assert looks.look(status=DOWN) == [Seen(Incident.OUTAGE, text="No answer", on=True)]
    assert looks.look(status=DOWN) == []
    assert looks.look() == [Seen(Incident.OUTAGE, on=False)]


def test_slow_downs_are_counted_with_the_rate_that_is_left() -> None:
    looks = Looks()
    looks.meter.throttled = 7
    assert looks.look(status=COOLING) == [Seen(Incident.RATE_LIMIT, 7, "rate cut to 12 requests a second")]
    assert looks.look(status=COOLING) == []


def test_single_failures_are_no_incident_and_a_burst_is_one_with_all_of_it() -> None:
    looks = Looks()
    for failed in range(1, BURST):
        assert looks.look(70, failed=failed) == []
    assert looks.look(70, failed=BURST) == []  # one a minute
    assert looks.look(1, failed=2 * BURST) == [Seen(Incident.ERRORS, BURST + 1)]
    assert looks.look(30, failed=2 * BURST + 3) == [Seen(Incident.ERRORS, 3)]
    looks.look(61, failed=2 * BURST + 3)
    assert looks.look(1, failed=2 * BURST + 4) == []
