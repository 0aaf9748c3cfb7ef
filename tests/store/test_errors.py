"""Failures over all jobs: listed once, retried in one job, skipped for good, resolved by whoever stores the title."""

from typing import Any

import pytest
from pyroaring import BitMap

from gdvg_desktop.core.errors import Attempt, UsageError
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType
from gdvg_desktop.store import errors, jobs, schedule, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.errors import Key
from tests.support.titles import fetch, rows
from tests.support.titles import write as write_titles

NOW = 1_700_000_000_000
MINUTE = 60_000
MOVIE = MediaType.MOVIE


def make_job(store: Store, name: str, ids: range, state: JobState = JobState.COMPLETED) -> int:
    """A job over movies, all fetched but those failed later with `fail`."""

    def write(db: Any) -> int:
        job, _ = jobs.add(db, JobKind.IMPORT, name, {"name": name}, NOW)
        jobs.add_listed(db, job.id, None, [(MOVIE, n, float(n), None) for n in ids])
        jobs.put_in_order(db, job.id, 100, None)
        jobs.settle_total(db, job.id, NOW)
        jobs.set_phase(db, job.id, "done" if state.finished else "fetch")
        jobs.set_state(db, job.id, JobState.RUNNING, NOW)
        jobs.set_state(db, job.id, state, NOW)
        return job.id

    return store.write_now(write)


def fail(
    store: Store,
    job_id: int,
    tmdb_id: int,
    category: FailureCategory = FailureCategory.NETWORK,
    *,
    at: int = NOW,
    tries: int = 3,
    next_try_at: int | None = None,
) -> None:
    def write(db: Any) -> None:
        said = [Attempt((at + n) / 1000, category, f"Trouble {n}") for n in range(tries)]
        errors.tried(db, job_id, MOVIE, tmdb_id, said)
        jobs.item_failed(
            db, job_id, jobs.FailedItem(MOVIE, tmdb_id, category, said[-1].message, tries, at, next_try_at)
        )
        jobs.bump(db, job_id, at, failed=1)

    store.write_now(write)


def fetch_rest(store: Store, job_id: int) -> None:
    """What is pending of a job counts as fetched."""

    def write(db: Any) -> None:
        left = jobs.lease(db, job_id, 0, 1000)
        jobs.items_done(db, job_id, [(item.media_type, item.tmdb_id) for item in left])
        jobs.bump(db, job_id, NOW, added=len(left))

    store.write_now(write)


def listed(store: Store, **how: Any) -> list[errors.Failure]:
    return store.read_now(lambda db: errors.listing(db, **how))


def job_of(store: Store, job_id: int) -> jobs.Job:
    return store.read_now(lambda db: jobs.get(db, job_id))


def assert_adds_up(store: Store, *job_ids: int) -> None:
    for job_id in job_ids:
        job = job_of(store, job_id)
        pending = store.read_now(lambda db: jobs.count_items(db, job_id, "pending"))  # noqa: B023
        failed = len(store.read_now(lambda db: jobs.failed_items(db, job_id)))  # noqa: B023
        assert job.left == pending and job.failed == failed
        assert min(job.added, job.skipped, job.failed, job.gone, job.recovered) >= 0


def test_a_title_that_failed_in_two_jobs_is_one_line_with_the_latest_word(store: Store) -> None:
    first, second = make_job(store, "A", range(1, 5)), make_job(store, "B", range(1, 5))
    fail(store, first, 2, FailureCategory.SERVER, at=NOW, next_try_at=NOW + MINUTE)
    fail(store, second, 2, FailureCategory.NETWORK, at=NOW + 5)
    (one,) = listed(store)
    assert (one.key, one.category, one.message) == (Key(MOVIE, 2), FailureCategory.NETWORK, "Trouble 2")
    assert (one.tries, one.job_ids, one.next_try_at) == (6, (second, first), NOW + MINUTE)
    assert store.read_now(errors.count) == 1


def test_failures_are_counted_by_category_with_the_next_try(store: Store) -> None:
    job = make_job(store, "A", range(1, 10))
    fail(store, job, 1, FailureCategory.NETWORK, next_try_at=NOW + 2 * MINUTE)
    fail(store, job, 2, FailureCategory.NETWORK, next_try_at=NOW + MINUTE)
    fail(store, job, 3, FailureCategory.VALIDATION)
    found = store.read_now(errors.by_category)
    assert found == {
        FailureCategory.NETWORK: errors.CategoryCount(2, 2, NOW + MINUTE),
        FailureCategory.VALIDATION: errors.CategoryCount(1, 0, None),
    }
    assert [one.key.tmdb_id for one in listed(store, category=FailureCategory.VALIDATION)] == [3]


def test_a_retry_asks_for_a_title_in_one_job_and_the_counts_of_all_add_up(store: Store) -> None:
    first, second = make_job(store, "A", range(1, 5)), make_job(store, "B", range(1, 5))
    for job in (first, second):
        fetch_rest_but(store, job, 2)
        fail(store, job, 2)
    done = store.write_now(lambda db: errors.retry(db, [Key(MOVIE, 2)], NOW + MINUTE))
    assert (done.count, done.job_ids, done.homeless) == (1, (second,), ())
    assert (job_of(store, second).state, job_of(store, second).left) == (JobState.PENDING, 1)
    assert (job_of(store, first).state, job_of(store, first).skipped) == (JobState.COMPLETED, 1)
    assert_adds_up(store, first, second)
    assert listed(store) == []
    tries = store.read_now(lambda db: errors.attempts(db, Key(MOVIE, 2)))
    assert len(tries) == 6 and {one.job_id for one in tries} == {second}  # kept over the retry


def fetch_rest_but(store: Store, job_id: int, tmdb_id: int) -> None:
    def write(db: Any) -> None:
        left = [item for item in jobs.lease(db, job_id, 0, 1000) if item.tmdb_id != tmdb_id]
        jobs.items_done(db, job_id, [(item.media_type, item.tmdb_id) for item in left])
        jobs.bump(db, job_id, NOW, added=len(left))

    store.write_now(write)


def test_attempts_of_every_retry_are_summed_and_go_when_the_title_is_stored(store: Store) -> None:
    job = make_job(store, "A", range(1, 3))
    fail(store, job, 1, tries=4, next_try_at=NOW + 1)
    store.write_now(lambda db: jobs.retry_due(db, NOW + MINUTE))
    fail(store, job, 1, tries=2, at=NOW + MINUTE)
    assert [one.tries for one in listed(store)] == [6]
    store.write_now(lambda db: errors.retry(db, [Key(MOVIE, 1)], NOW + 2 * MINUTE))

    def stored(db: Any) -> errors.Recovered:
        jobs.items_done(db, job, [(MOVIE, 1)])
        return errors.resolved(db, job, [(MOVIE, 1)], NOW + 2 * MINUTE)

    assert store.write_now(stored) == errors.Recovered(by_itself=0, asked=1)
    assert job_of(store, job).recovered == 1
    assert store.read_now(lambda db: errors.attempts(db, Key(MOVIE, 1))) == []


def test_what_a_retry_by_itself_brings_in_is_told_apart(store: Store) -> None:
    job = make_job(store, "A", range(1, 3))
    fail(store, job, 1, next_try_at=NOW + 1)
    store.write_now(lambda db: jobs.retry_due(db, NOW + MINUTE))
    found = store.write_now(lambda db: errors.resolved(db, job, [(MOVIE, 1), (MOVIE, 2)], NOW + MINUTE))
    assert found == errors.Recovered(by_itself=1, asked=0)


def test_failures_of_scheduled_work_wait_while_the_schedule_is_paused(store: Store) -> None:
    job, own = make_job(store, "A", range(1, 3)), make_job(store, "B", range(3, 5))
    store.write_now(lambda db: db.execute_sql("UPDATE job SET origin = 'schedule' WHERE id = ?", (job,)))
    fail(store, job, 1, next_try_at=NOW + 1)
    fail(store, own, 3, next_try_at=NOW + 2)
    store.write_now(lambda db: schedule.pause(db, NOW, "user", None))
    assert store.read_now(jobs.next_due) == [(own, NOW + 2)]
    store.write_now(lambda db: schedule.resume(db, NOW))
    assert store.read_now(jobs.next_due) == [(job, NOW + 1), (own, NOW + 2)]


def test_a_title_stored_by_another_job_is_no_failure_any_more(store: Store) -> None:
    first, second = make_job(store, "A", range(1, 4)), make_job(store, "B", range(1, 4), JobState.RUNNING)
    fetch_rest_but(store, first, 2)
    fail(store, first, 2)
    store.write_now(lambda db: errors.resolved(db, second, [(MOVIE, 2)], NOW + 1))
    assert listed(store) == []
    done = job_of(store, first)
    assert (done.failed, done.skipped, done.recovered) == (0, 1, 1)
    assert job_of(store, second).recovered == 0
    assert_adds_up(store, first)


def test_a_title_stored_by_any_other_way_leaves_the_list_and_is_settled(store: Store) -> None:
    job = make_job(store, "A", range(1, 4))
    fetch_rest_but(store, job, 2)
    fail(store, job, 2, at=1000)
    write_titles(store, rows(2))  # checked long after 1970
    assert listed(store) == [] and store.read_now(errors.count) == 0
    assert store.write_now(lambda db: errors.settle(db, NOW)) == 1
    assert_adds_up(store, job)
    assert job_of(store, job).skipped == 1 and store.write_now(lambda db: errors.settle(db, NOW)) == 0


def test_a_held_title_whose_update_failed_stays_listed_with_its_name(store: Store) -> None:
    write_titles(store, rows(2, title="Parasite"))
    job = make_job(store, "A", range(1, 4))
    fail(store, job, 2, at=fetch(store, "SELECT checked_at FROM title")[0] + 1)
    assert [(one.key.tmdb_id, one.name) for one in listed(store)] == [(2, "Parasite")]


def test_a_skipped_title_is_gone_for_good_and_its_reason_is_kept(store: Store) -> None:
    first, second = make_job(store, "A", range(1, 5)), make_job(store, "B", range(1, 5))
    for job in (first, second):
        fetch_rest_but(store, job, 2)
        fail(store, job, 2, next_try_at=NOW + 1)
    assert store.write_now(lambda db: errors.skip(db, [Key(MOVIE, 2), Key(MOVIE, 3)], NOW)) == 1
    assert listed(store) == [] and store.read_now(lambda db: errors.attempts(db, Key(MOVIE, 2))) == []
    assert_adds_up(store, first, second)
    store.write_now(lambda db: jobs.retry_due(db, NOW + MINUTE))
    assert job_of(store, first).state is JobState.COMPLETED
    kept = store.read_now(lambda db: db.execute_sql("SELECT job_id, reason, count, ids FROM skip").fetchall())
    assert [(row[0], row[1], row[2], set(BitMap.deserialize(row[3]))) for row in kept] == [
        (first, "error", 1, {2}),
        (second, "error", 1, {2}),
    ]


def test_a_failed_listing_is_a_line_of_its_own_kind_and_can_be_retried_or_given_up(store: Store) -> None:
    job = make_job(store, "A", range(1, 3), JobState.FAILED)
    fetch_rest(store, job)

    def broken(db: Any) -> None:
        windows.add(db, job, [windows.Window(MOVIE), windows.Window(MediaType.TV)])
        for row in windows.of_job(db, job):
            windows.failed(db, row.id, "Could not be listed", NOW, FailureCategory.NETWORK)
        jobs.bump(db, job, NOW, failed=2, total=2)

    store.write_now(broken)
    first, second = sorted(listed(store), key=lambda one: one.key.window_id or 0)
    assert first.category is FailureCategory.NETWORK and str(first.key) == f"listing/{first.key.window_id}"
    assert {item.category for item in store.read_now(lambda db: jobs.failed_items(db, job))} == {
        FailureCategory.NETWORK
    }
    assert store.write_now(lambda db: errors.skip(db, [first.key], NOW)) == 1
    assert_adds_up(store, job)
    assert store.write_now(lambda db: errors.retry(db, [second.key], NOW)).count == 1
    again = job_of(store, job)
    assert (again.phase, again.state, again.failed) == ("list", JobState.PENDING, 0)
    assert_adds_up(store, job)


def test_titles_of_a_cancelled_job_are_handed_back_to_be_queued_anew(store: Store) -> None:
    job = make_job(store, "A", range(1, 4), JobState.RUNNING)
    fetch_rest_but(store, job, 2)
    fail(store, job, 2)
    store.write_now(lambda db: jobs.cancel(db, job, NOW))
    assert [one.key.tmdb_id for one in listed(store)] == [2]
    done = store.write_now(lambda db: errors.retry(db, [Key(MOVIE, 2)], NOW))
    assert (done.count, done.job_ids, done.homeless) == (1, (), (Key(MOVIE, 2),))
    assert job_of(store, job).state is JobState.CANCELLED and listed(store) == []
    assert_adds_up(store, job)


def test_an_unfinished_job_for_the_same_import_takes_the_title_over(store: Store) -> None:
    old = make_job(store, "A", range(1, 4))
    fetch_rest_but(store, old, 2)
    fail(store, old, 2)
    new = make_job(store, "A", range(3, 4), JobState.RUNNING)
    assert new != old
    assert store.write_now(lambda db: errors.retry(db, [Key(MOVIE, 2)], NOW)).count == 1
    wanted = store.read_now(lambda db: jobs.lease(db, new, 0, 10))
    assert {item.tmdb_id for item in wanted} == {2, 3}
    assert_adds_up(store, old, new)


def test_of_finished_runs_of_the_same_work_one_goes_back_and_takes_what_failed_in_all(store: Store) -> None:
    first = make_job(store, "A", range(1, 4))
    fetch_rest_but(store, first, 2)
    second = make_job(store, "A", range(4, 8))
    assert second != first
    fetch_rest_but(store, second, 5)
    fail(store, first, 2)
    fail(store, second, 5, at=NOW + 1)
    keys = [one.key for one in listed(store)]
    done = store.write_now(lambda db: errors.retry(db, keys, NOW + MINUTE))
    assert (done.count, done.job_ids, done.refused) == (2, (second,), 0)
    assert (job_of(store, first).state, job_of(store, second).state) == (JobState.COMPLETED, JobState.PENDING)
    wanted = store.read_now(lambda db: jobs.lease(db, second, 0, 10))
    assert {item.tmdb_id for item in wanted} == {2, 5} and listed(store) == []
    assert {one.job_id for one in store.read_now(lambda db: errors.attempts(db, Key(MOVIE, 2)))} == {second}
    assert_adds_up(store, first, second)


def test_a_failed_listing_of_the_same_work_is_left_for_a_later_retry(store: Store) -> None:
    def broken(job: int) -> None:
        def write(db: Any) -> None:
            windows.add(db, job, [windows.Window(MOVIE)])
            windows.failed(db, windows.of_job(db, job)[0].id, "Could not be listed", NOW)
            jobs.bump(db, job, NOW, failed=1, total=1)

        store.write_now(write)

    ids = [make_job(store, "A", range(0), JobState.FAILED) for _ in range(2)]
    for job in ids:
        broken(job)
    keys = [one.key for one in listed(store)]
    done = store.write_now(lambda db: errors.retry(db, keys, NOW))
    assert (done.count, len(done.job_ids), done.refused) == (1, 1, 0)
    store.write_now(lambda db: jobs.set_state(db, done.job_ids[0], JobState.COMPLETED, NOW))
    left = store.write_now(lambda db: errors.retry(db, [one.key for one in listed(store)], NOW))
    assert left.count == 1 and {*done.job_ids, *left.job_ids} == set(ids)
    assert_adds_up(store, *ids)


@pytest.mark.parametrize("state", ["fetch", "close"])
def test_a_job_that_is_closing_takes_a_failed_title_over_as_well(store: Store, state: str) -> None:
    old = make_job(store, "A", range(1, 4))
    fetch_rest_but(store, old, 2)
    fail(store, old, 2)
    new = make_job(store, "A", range(0), JobState.RUNNING)
    store.write_now(lambda db: jobs.set_phase(db, new, state))
    assert store.write_now(lambda db: errors.retry(db, [Key(MOVIE, 2)], NOW)).count == 1
    assert [item.tmdb_id for item in store.read_now(lambda db: jobs.lease(db, new, 0, 10))] == [2]
    assert_adds_up(store, old, new)


@pytest.mark.parametrize("text", ["12", "film/12", "movie/", "movie/x", "listing/99"])
def test_what_names_nothing_is_refused(store: Store, text: str) -> None:
    with pytest.raises(UsageError):
        store.read_now(lambda db: errors.parse_key(db, text))
