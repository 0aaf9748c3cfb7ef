"""The history of the queue: what is found, what is recorded, and what may be forgotten."""

from typing import Any

import pytest

from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType
from gdvg_desktop.store import jobs, runs, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.runs import Incident, Result, RunFilter

NOW = 1_700_000_000_000
MINUTE, DAY = 60_000, 86_400_000


def run_of(
    store: Store,
    name: str,
    kind: JobKind = JobKind.IMPORT,
    state: JobState = JobState.COMPLETED,
    *,
    at: int = NOW,
    **counts: int,
) -> int:
    """A run that started at `at` and took a minute."""

    def write(db: Any) -> int:
        job, _ = jobs.add(db, kind, name, {"name": name}, at)
        jobs.set_state(db, job.id, JobState.RUNNING, at)
        jobs.bump(db, job.id, at, **counts)
        if state is not JobState.RUNNING:
            jobs.set_state(db, job.id, state, at + MINUTE)
        return job.id

    return store.write_now(write)


def found(store: Store, **wanted: Any) -> list[str]:
    return [job.name for job in store.read_now(lambda db: runs.listing(db, RunFilter(**wanted)))]


def test_runs_are_found_by_kind_result_date_and_text(store: Store) -> None:
    run_of(store, "Anime 2010", at=NOW)
    run_of(store, "Changes", JobKind.DELTA, at=NOW + DAY, failed=2, total=2)
    run_of(store, "K-Drama 2024", state=JobState.RUNNING, at=NOW + 2 * DAY)
    run_of(store, "Old anime", state=JobState.CANCELLED, at=NOW - DAY)
    store.write_now(lambda db: jobs.add(db, JobKind.IMPORT, "Never started", {"n": 9}, NOW))
    assert found(store) == ["K-Drama 2024", "Changes", "Anime 2010", "Old anime"]
    assert found(store, kinds=(JobKind.DELTA,)) == ["Changes"]
    assert found(store, results=(Result.WITH_ERRORS,)) == ["Changes"]
    assert found(store, results=(Result.RUNNING, Result.COMPLETED)) == ["K-Drama 2024", "Anime 2010"]
    assert found(store, since=NOW, until=NOW + DAY) == ["Anime 2010"]
    assert found(store, text="ANIME old") == ["Old anime"]
    assert store.read_now(lambda db: runs.count(db, RunFilter(text="anime"))) == 2


def test_phases_follow_one_another_and_what_is_fetched_again_is_a_retry(store: Store) -> None:
    job = run_of(store, "A", state=JobState.RUNNING)

    def write(db: Any) -> None:
        for n, phase in enumerate(("list", "list", "fetch", "close")):
            runs.enter(db, job, phase, NOW + n * MINUTE)
        runs.leave(db, job, NOW + 4 * MINUTE)
        runs.enter(db, job, "fetch", NOW + 60 * MINUTE)

    store.write_now(write)
    rows = [(one.phase, one.started_at, one.ended_at) for one in store.read_now(lambda db: runs.phases(db, job))]
    assert rows == [
        ("list", NOW, NOW + 2 * MINUTE),
        ("fetch", NOW + 2 * MINUTE, NOW + 3 * MINUTE),
        ("close", NOW + 3 * MINUTE, NOW + 4 * MINUTE),
        ("retry", NOW + 60 * MINUTE, None),
    ]


def test_trouble_within_a_minute_is_one_incident(store: Store) -> None:
    job = run_of(store, "A", state=JobState.RUNNING)

    def write(db: Any) -> None:
        for second in range(0, 300, 10):
            runs.note(db, job, Incident.RATE_LIMIT, NOW + second * 1000, count=3, text="Rate cut")
        runs.note(db, job, Incident.RATE_LIMIT, NOW + 400_000)

    store.write_now(write)
    first, second = store.read_now(lambda db: runs.incidents(db, job))
    assert (first.count, first.ended_at, first.note) == (90, NOW + 290_000, "Rate cut")
    assert (second.count, second.started_at) == (1, NOW + 400_000)


def test_what_lasts_begins_once_and_ends(store: Store) -> None:
    job = run_of(store, "A", state=JobState.RUNNING)

    def write(db: Any) -> None:
        runs.begin(db, job, Incident.OUTAGE, NOW, "No answer")
        runs.begin(db, job, Incident.OUTAGE, NOW + 5)
        runs.end(db, job, (Incident.OUTAGE, Incident.PAUSED), NOW + 10)

    store.write_now(write)
    (one,) = store.read_now(lambda db: runs.incidents(db, job))
    assert (one.started_at, one.ended_at, one.note) == (NOW, NOW + 10, "No answer")


def test_a_run_that_died_ended_with_its_last_progress(store: Store) -> None:
    job = run_of(store, "A", state=JobState.RUNNING)
    store.write_now(lambda db: runs.enter(db, job, "fetch", NOW))
    store.write_now(lambda db: jobs.bump(db, job, NOW + MINUTE, requests=1))
    store.write_now(runs.leave_dead)
    (phase,) = store.read_now(lambda db: runs.phases(db, job))
    (incident,) = store.read_now(lambda db: runs.incidents(db, job))
    assert phase.ended_at == NOW + MINUTE
    assert (incident.kind, incident.started_at, incident.ended_at) == (Incident.INTERRUPTED, NOW + MINUTE, None)


def test_the_previous_run_is_of_the_same_import_or_else_of_its_kind(store: Store) -> None:
    first = run_of(store, "A")
    other = run_of(store, "B")
    again = run_of(store, "A")
    third = run_of(store, "C")

    def before(job_id: int) -> int | None:
        job = store.read_now(lambda db: runs.previous(db, jobs.get(db, job_id)))
        return job.id if job else None

    assert (before(first), before(other), before(again), before(third)) == (None, first, first, again)


@pytest.mark.parametrize("kept", ["failure", "listing", "last", "recent", "running"])
def test_what_is_still_needed_is_not_forgotten(store: Store, kept: str) -> None:
    state = JobState.RUNNING if kept == "running" else JobState.COMPLETED
    old = run_of(store, "Old", state=state, at=NOW + DAY if kept == "recent" else NOW)
    if kept != "last":
        run_of(store, "New", at=NOW + 2 * DAY)

    def write(db: Any) -> None:
        if kept == "listing":
            windows.add(db, old, [windows.Window(MediaType.TV)])
            windows.failed(db, windows.of_job(db, old)[0].id, "No", NOW)
        elif kept == "failure":
            jobs.add_listed(db, old, None, [(MediaType.TV, 1, None, None)])
            jobs.item_failed(db, old, jobs.FailedItem(MediaType.TV, 1, FailureCategory.SERVER, "", 1, NOW, None))

    store.write_now(write)
    assert store.read_now(lambda db: runs.outdated(db, NOW + 2 * MINUTE)) == []


def test_an_old_run_goes_with_all_that_belongs_to_it_a_part_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "PRUNED_AT_ONCE", 100)
    old, new = run_of(store, "Old"), run_of(store, "New", at=NOW + DAY)

    def write(db: Any) -> None:
        jobs.add_listed(db, old, None, [(MediaType.TV, n, None, None) for n in range(250)])
        windows.add(db, old, [windows.Window(MediaType.TV)])
        runs.enter(db, old, "fetch", NOW)
        runs.note(db, old, Incident.ERRORS, NOW)

    store.write_now(write)
    assert store.read_now(lambda db: runs.outdated(db, NOW + 2 * MINUTE)) == [old]
    steps = 1
    while not store.write_now(lambda db: runs.prune(db, old)):
        steps += 1
    assert steps == 3
    for table in ("job_item", "listing_window", "job_phase", "job_incident"):
        assert store.read_now(lambda db: db.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0]) == 0  # noqa: B023
    assert [job.id for job in store.read_now(jobs.listing)] == [new]
