"""The queue's rules, on a real library file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Origin, Wanted
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.store import jobs, schedule, windows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.windows import Window
from gdvg_desktop.sync.planner import Candidate, in_fetch_order

NOW = 1_700_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(open_paths(tmp_path / "data"), exclusive=True)
    yield opened
    opened.close()


def add(store: Store, name: str = "Job", **config: Any) -> jobs.Job:
    return store.write_now(lambda db: jobs.add(db, JobKind.IMPORT, name, config or {"n": name}, NOW))[0]


def get(store: Store, job_id: int) -> jobs.Job:
    return store.read_now(lambda db: jobs.get(db, job_id))


def add_items(store: Store, job_id: int, ids: range, window_id: int | None = None) -> None:
    rows = [(MediaType.MOVIE, n, float(n), f"2020-01-{n % 28 + 1:02}") for n in ids]
    store.write_now(lambda db: jobs.add_listed(db, job_id, window_id, rows))


def order(store: Store, job_id: int, limit: int | None = None) -> None:
    def write(db: Any) -> None:
        jobs.settle_listing(db, job_id)
        jobs.put_in_order(db, job_id, 100, limit)
        jobs.settle_total(db, job_id, NOW)
        jobs.set_phase(db, job_id, "fetch")

    store.write_now(write)


def test_the_same_unfinished_job_asked_twice_is_one(store: Store) -> None:
    first, new = store.write_now(lambda db: jobs.add(db, JobKind.IMPORT, "A", {"type": "tv"}, NOW))
    again, twice = store.write_now(lambda db: jobs.add(db, JobKind.IMPORT, "B", {"type": "tv"}, NOW))
    assert (new, twice) == (True, False)
    assert again == first


def test_a_finished_job_may_be_asked_for_again(store: Store) -> None:
    first = add(store, type="tv")
    store.write_now(lambda db: jobs.set_state(db, first.id, JobState.COMPLETED, NOW))
    assert add(store, type="tv").id != first.id


def test_jobs_move_up_down_and_to_the_top(store: Store) -> None:
    one, two, three = (add(store, name) for name in ("one", "two", "three"))

    def names() -> list[str]:
        return [job.name for job in store.read_now(jobs.queue)]

    store.write_now(lambda db: jobs.move(db, three.id, "up", NOW))
    assert names() == ["one", "three", "two"]
    store.write_now(lambda db: jobs.move(db, one.id, "down", NOW))
    assert names() == ["three", "one", "two"]
    store.write_now(lambda db: jobs.move(db, two.id, "top", NOW))
    assert names() == ["two", "three", "one"]
    store.write_now(lambda db: jobs.move(db, two.id, "up", NOW))
    assert names() == ["two", "three", "one"]
    with pytest.raises(UsageError, match="sideways"):
        store.write_now(lambda db: jobs.move(db, two.id, "sideways", NOW))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 5)), max_size=12))
def test_moving_to_a_place_puts_the_job_there(store: Store, moves: list[tuple[int, int]]) -> None:
    ids = [add(store, f"job {n}").id for n in range(4)]
    expected = [job.id for job in store.read_now(jobs.queue)]
    for which, place in moves:
        store.write_now(lambda db, i=ids[which], p=place: jobs.move_to(db, i, p, NOW))
        expected.remove(ids[which])
        expected.insert(max(0, min(place, len(expected))), ids[which])
        assert [job.id for job in store.read_now(jobs.queue)] == expected


def test_a_waiting_job_follows_the_users_wish_at_once(store: Store) -> None:
    job = add(store)
    paused = store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.PAUSE, NOW))
    assert (paused.state, paused.reason) == (JobState.PAUSED, "user")
    assert store.read_now(jobs.runnable) == []
    resumed = store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.RUN, NOW))
    assert (resumed.state, resumed.reason) == (JobState.PENDING, None)
    cancelled = store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.CANCEL, NOW))
    assert cancelled.state is JobState.CANCELLED
    with pytest.raises(UsageError, match="cancelled"):
        store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.RUN, NOW))


def test_a_job_of_the_schedule_added_during_a_pause_is_held_until_its_end(store: Store) -> None:
    store.write_now(lambda db: schedule.pause(db, NOW, "api", None))

    def add_for(origin: Origin) -> jobs.Job:
        return store.write_now(lambda db: jobs.add(db, JobKind.DELTA, "Job", {"of": origin}, NOW, origin=origin))[0]

    wanted_all_the_same = add_for(Origin.SCHEDULE)
    store.write_now(lambda db: jobs.set_wanted(db, wanted_all_the_same.id, Wanted.RUN, NOW))
    held = store.write_now(lambda db: jobs.add(db, JobKind.REFRESH, "Job", {}, NOW, origin=Origin.SCHEDULE))[0]
    assert (held.state, held.wanted, held.reason) == (JobState.PAUSED, Wanted.PAUSE, jobs.SCHEDULE_PAUSED)
    others = [add_for(origin) for origin in (Origin.USER, Origin.API)]
    assert [one.id for one in store.read_now(jobs.runnable)] == [wanted_all_the_same.id, *(one.id for one in others)]
    store.write_now(lambda db: schedule.resume(db, NOW))
    assert get(store, held.id).state is JobState.PENDING
    later = store.write_now(lambda db: jobs.add(db, JobKind.FILL, "Job", {}, NOW, origin=Origin.SCHEDULE))[0]
    assert (later.state, later.reason) == (JobState.PENDING, None)


def ask(store: Store, job_id: int) -> None:
    """A job asks its user, as the close of a run does."""

    def write(db: Any) -> None:
        jobs.set_phase(db, job_id, "close")
        db.execute_sql("UPDATE job SET wanted = 'pause' WHERE id = ?", (job_id,))
        jobs.set_state(db, job_id, JobState.PAUSED, NOW, reason=jobs.DELETIONS, args={"movie": 7})

    store.write_now(write)


def test_a_job_that_asks_its_user_goes_on_asking_whoever_pauses_it_or_ends_the_engine(store: Store) -> None:
    job = add(store)
    ask(store, job.id)
    asking = get(store, job.id)
    assert asking.asks
    store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.PAUSE, NOW))  # its user pauses it
    assert get(store, job.id) == asking
    for state in (JobState.PENDING, JobState.INTERRUPTED):  # an engine that ends gives its runs a state
        store.write_now(lambda db, state=state: jobs.settle(db, job.id, state, NOW))
        assert get(store, job.id) == asking
    store.write_now(lambda db: jobs.recover(db, NOW))
    assert get(store, job.id) == asking


def test_a_retry_in_a_job_that_asks_its_user_waits_for_the_answer(store: Store) -> None:
    job = add(store)
    failed = jobs.FailedItem(MediaType.MOVIE, 1, FailureCategory.SERVER, "Trouble", 3, NOW, None)

    def write(db: Any) -> None:
        jobs.add_listed(db, job.id, None, [(MediaType.MOVIE, 1, 1.0, None)])
        jobs.put_in_order(db, job.id, 100, None)
        jobs.settle_total(db, job.id, NOW)
        jobs.item_failed(db, job.id, failed)
        jobs.bump(db, job.id, NOW, failed=1)

    store.write_now(write)
    ask(store, job.id)
    assert store.write_now(lambda db: jobs.retry_failed(db, job.id, NOW)) == 1
    asking = get(store, job.id)
    assert asking.asks and (asking.wanted, asking.left, asking.phase) == (Wanted.PAUSE, 1, "fetch")
    assert store.read_now(jobs.runnable) == []


def test_a_running_job_keeps_its_state_until_the_engine_follows(store: Store) -> None:
    job = add(store)
    store.write_now(lambda db: jobs.set_state(db, job.id, JobState.RUNNING, NOW))
    wished = store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.PAUSE, NOW))
    assert (wished.state, wished.wanted) == (JobState.RUNNING, Wanted.PAUSE)


def test_recovery_resumes_what_ran_and_what_the_engine_paused_but_not_what_the_user_paused(store: Store) -> None:
    ran, engine_paused, user_paused = (add(store, name) for name in ("ran", "engine", "user"))
    store.write_now(lambda db: jobs.set_state(db, ran.id, JobState.RUNNING, NOW))
    store.write_now(lambda db: jobs.set_state(db, engine_paused.id, JobState.PAUSED, NOW, reason="credential"))
    store.write_now(lambda db: jobs.set_wanted(db, user_paused.id, Wanted.PAUSE, NOW))
    store.write_now(lambda db: jobs.recover(db, NOW))
    assert [job.id for job in store.read_now(jobs.runnable)] == [ran.id, engine_paused.id]
    assert get(store, ran.id).state is JobState.INTERRUPTED


def test_items_are_leased_in_order_and_counts_add_up(store: Store) -> None:
    job = add(store)
    add_items(store, job.id, range(1, 11))
    order(store, job.id, limit=6)
    leased = store.read_now(lambda db: jobs.lease(db, job.id, 0, 4))
    assert [item.tmdb_id for item in leased] == [10, 9, 8, 7]
    assert [item.tmdb_id for item in store.read_now(lambda db: jobs.lease(db, job.id, 4, 4))] == [6, 5]

    def write(db: Any) -> None:
        jobs.items_done(db, job.id, [(MediaType.MOVIE, 10)])
        jobs.bump(db, job.id, NOW, added=1)
        jobs.item_failed(
            db, job.id, jobs.FailedItem(MediaType.MOVIE, 9, FailureCategory.SERVER, "500", 9, NOW, NOW + 1)
        )
        jobs.bump(db, job.id, NOW, failed=1)

    store.write_now(write)
    found = get(store, job.id)
    assert (found.total, found.done, found.left) == (6, 2, 4)
    assert store.read_now(lambda db: jobs.count_items(db, job.id, "pending")) == found.left


def test_failed_items_come_back_when_retried(store: Store) -> None:
    job = add(store)
    add_items(store, job.id, range(1, 3))
    order(store, job.id)
    failed = jobs.FailedItem(MediaType.MOVIE, 2, FailureCategory.SERVER, "500", 9, NOW, NOW + 60)
    store.write_now(lambda db: (jobs.item_failed(db, job.id, failed), jobs.bump(db, job.id, NOW, failed=1)))
    store.write_now(lambda db: jobs.set_state(db, job.id, JobState.COMPLETED, NOW))
    assert store.read_now(lambda db: jobs.failed_items(db, job.id)) == [failed]
    assert store.read_now(jobs.next_due) == [(job.id, NOW + 60)]
    assert store.write_now(lambda db: jobs.retry_failed(db, job.id, NOW, due_only=True)) == 0
    assert store.write_now(lambda db: jobs.retry_failed(db, job.id, NOW + 60, due_only=True)) == 1
    found = get(store, job.id)
    assert (found.state, found.failed, found.left) == (JobState.PENDING, 0, 2)


def test_a_failed_listing_is_a_failed_item_that_retry_walks_again(store: Store) -> None:
    job = add(store)
    store.write_now(lambda db: windows.add(db, job.id, [Window(MediaType.TV)]))
    row = store.read_now(lambda db: windows.of_job(db, job.id))[0]

    def fail(db: Any) -> None:
        windows.failed(db, row.id, "page 3 could not be read", NOW)
        jobs.bump(db, job.id, NOW, failed=1)
        jobs.settle_total(db, job.id, NOW)
        jobs.set_phase(db, job.id, "done")
        jobs.set_state(db, job.id, JobState.FAILED, NOW)

    store.write_now(fail)
    assert [item.tmdb_id for item in store.read_now(lambda db: jobs.failed_items(db, job.id))] == [None]
    assert store.write_now(lambda db: jobs.retry_failed(db, job.id, NOW)) == 1
    found = get(store, job.id)
    assert (found.state, found.phase, found.failed, found.total) == (JobState.PENDING, "list", 0, 0)
    assert not store.read_now(lambda db: windows.any_failed(db, job.id))


def test_a_cancelled_job_adds_up_and_says_what_was_left(store: Store) -> None:
    job = add(store)
    add_items(store, job.id, range(1, 6))
    order(store, job.id)
    store.write_now(lambda db: jobs.bump(db, job.id, NOW, added=2))
    store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.CANCEL, NOW))
    found = get(store, job.id)
    assert (found.total, found.done, found.left) == (2, 2, 0)
    assert found.reason_args == {"left": 3}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    candidates=st.lists(
        st.builds(
            Candidate,
            st.sampled_from(MediaType),
            st.integers(1, 40),
            st.sampled_from([0.0, 0.5, 1.25, 3.0, 80.0]),
            st.none() | st.sampled_from(["1999-12-31", "2010-06-01", "2024-02-29"]),
        ),
        unique_by=lambda one: (one.media_type, one.tmdb_id),
    ),
    priority=st.integers(0, 100),
)
def test_the_store_orders_by_the_same_rule_as_the_planner(
    store: Store, candidates: list[Candidate], priority: int
) -> None:
    job = add(store, case=str(candidates) + str(priority))
    rows = [(one.media_type, one.tmdb_id, one.popularity, one.date) for one in candidates]

    def write(db: Any) -> list[tuple[MediaType, int]]:
        jobs.add_listed(db, job.id, None, rows)
        jobs.put_in_order(db, job.id, priority, None)
        return [(item.media_type, item.tmdb_id) for item in jobs.lease(db, job.id, 0, 1000)]

    expected = [(one.media_type, one.tmdb_id) for one in in_fetch_order(candidates, priority)]
    assert store.write_now(write) == expected


def test_what_could_not_be_listed_is_counted(store: Store) -> None:
    job = add(store)
    store.write_now(lambda db: windows.add(db, job.id, [Window(MediaType.MOVIE), Window(MediaType.TV)]))
    movie, tv = store.read_now(lambda db: windows.of_job(db, job.id))
    add_items(store, job.id, range(1, 9), movie.id)

    def write(db: Any) -> None:
        windows.page_done(db, movie.id, 1, 1, 10, NOW)
        windows.pass_done(db, movie.id, complete=True, note="short", now_ms=NOW)
        windows.page_done(db, tv.id, 1, 1, 0, NOW)
        windows.pass_done(db, tv.id, complete=True, note=None, now_ms=NOW)
        jobs.set_split_total(db, job.id, 25)
        jobs.settle_listing(db, job.id)

    store.write_now(write)
    found = get(store, job.id)
    assert (found.reported, found.unlisted) == (25, 17)


def test_a_finished_job_is_not_retried_beside_the_same_unfinished_one(store: Store) -> None:
    old = add(store, type="tv")
    add_items(store, old.id, range(1, 3))
    order(store, old.id)
    failed = jobs.FailedItem(MediaType.MOVIE, 2, FailureCategory.SERVER, "500", 9, NOW, NOW)
    store.write_now(lambda db: (jobs.item_failed(db, old.id, failed), jobs.bump(db, old.id, NOW, failed=1)))
    store.write_now(lambda db: jobs.set_state(db, old.id, JobState.COMPLETED, NOW))
    assert store.read_now(jobs.next_due) == [(old.id, NOW)]
    new = add(store, type="tv")
    assert store.read_now(jobs.next_due) == []
    with pytest.raises(UsageError, match=str(new.id)):
        store.write_now(lambda db: jobs.retry_failed(db, old.id, NOW))


def test_wishes_made_after_an_engine_died_are_followed_by_the_next(store: Store) -> None:
    cancelled, paused = (add(store, name) for name in ("cancelled", "paused"))
    add_items(store, cancelled.id, range(1, 5))
    order(store, cancelled.id)
    for job, wanted in ((cancelled, Wanted.CANCEL), (paused, Wanted.PAUSE)):
        store.write_now(lambda db, i=job.id: jobs.set_state(db, i, JobState.RUNNING, NOW))
        store.write_now(lambda db, i=job.id, w=wanted: jobs.set_wanted(db, i, w, NOW))
    store.write_now(lambda db: jobs.recover(db, NOW))
    found = get(store, cancelled.id)
    assert (found.state, found.total, found.reason_args) == (JobState.CANCELLED, 0, {"left": 4})
    assert (get(store, paused.id).state, get(store, paused.id).reason) == (JobState.PAUSED, "user")


def test_the_order_survives_any_number_of_moves(store: Store) -> None:
    ids = [add(store, f"job {n}").id for n in range(3)]
    expected = list(ids)
    for turn in range(200):
        moved = expected[0 if turn % 2 else 2]
        store.write_now(lambda db, i=moved: jobs.move_to(db, i, 1, NOW))
        expected.remove(moved)
        expected.insert(1, moved)
        assert [job.id for job in store.read_now(jobs.queue)] == expected


def test_a_cancelled_job_is_not_retried_because_its_other_titles_are_forgotten(store: Store) -> None:
    job = add(store)
    add_items(store, job.id, range(1, 4))
    order(store, job.id)
    failed = jobs.FailedItem(MediaType.MOVIE, 1, FailureCategory.SERVER, "No", 1, NOW, None)
    store.write_now(lambda db: jobs.item_failed(db, job.id, failed))
    store.write_now(lambda db: jobs.bump(db, job.id, NOW, failed=1))
    store.write_now(lambda db: jobs.set_wanted(db, job.id, Wanted.CANCEL, NOW))
    with pytest.raises(UsageError, match="cancelled"):
        store.write_now(lambda db: jobs.retry_failed(db, job.id, NOW))


def test_titles_past_the_limit_were_listed_all_the_same(store: Store) -> None:
    job = add(store)
    store.write_now(lambda db: windows.add(db, job.id, [Window(MediaType.MOVIE)]))
    window_id = store.read_now(lambda db: windows.of_job(db, job.id))[0].id
    add_items(store, job.id, range(1, 31), window_id)
    store.write_now(lambda db: windows.export_done(db, window_id, 30, "", NOW))
    for _ in range(2):  # put in order again, as after a listing that was retried
        order(store, job.id, limit=10)
        found = get(store, job.id)
        assert (found.total, found.left, found.reported, found.unlisted) == (10, 10, 30, 0)


def test_a_job_is_taken_only_while_it_may_run(store: Store) -> None:
    job = add(store)
    assert store.write_now(lambda db: jobs.take(db, job.id, NOW))
    assert get(store, job.id).state is JobState.RUNNING
    other = add(store, "other")
    store.write_now(lambda db: jobs.set_wanted(db, other.id, Wanted.CANCEL, NOW))
    assert not store.write_now(lambda db: jobs.take(db, other.id, NOW))
    assert get(store, other.id).state is JobState.CANCELLED
