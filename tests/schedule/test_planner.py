"""What a task does now: on time, late once, or missed with the reason. A simulated year loses and repeats nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdvg_desktop.schedule.cron import parse
from gdvg_desktop.schedule.planner import CatchUp, Decision, Hindrance, Plan, decide, jittered, next_runs

START = datetime(2026, 1, 1, tzinfo=UTC)
SIX_HOURLY = parse("0 */6 * * *", "Europe/Vienna")
NONE: frozenset[Hindrance] = frozenset()


def plan(**changes: object) -> Plan:
    made = Plan(SIX_HOURLY, True, CatchUp.RUN_ONCE, START, name="delta")
    return replace(made, **changes)  # type: ignore[arg-type]


def step(task: Plan, now: datetime, hindrances: frozenset[Hindrance] = NONE) -> tuple[Plan, Decision]:
    decision = decide(task, now, hindrances)
    return replace(task, checked_at=decision.checked_at, owed=decision.owed), decision


def test_a_run_starts_at_its_moment_and_only_once() -> None:
    task = plan()
    task, early = step(task, START + timedelta(hours=4, minutes=59))
    task, due = step(task, START + timedelta(hours=5, seconds=20))
    task, after = step(task, START + timedelta(hours=5, seconds=50))
    assert early.start is None
    assert (due.start, due.late) == (START + timedelta(hours=5), False)
    assert after.start is None


def test_what_was_missed_in_sleep_is_caught_up_by_one_run() -> None:
    _, woken = step(plan(), START + timedelta(hours=30))
    assert woken.late
    assert woken.start == START + timedelta(hours=29)
    assert [reason for _, reason in woken.missed] == [Hindrance.NOT_AWAKE] * 4


def test_a_task_that_skips_records_what_it_missed_and_runs_at_its_next_moment() -> None:
    task, woken = step(plan(catch_up=CatchUp.SKIP), START + timedelta(hours=30))
    assert woken.start is None
    assert len(woken.missed) == 5
    assert step(task, START + timedelta(hours=35, seconds=1))[1].start == START + timedelta(hours=35)


def test_a_paused_schedule_starts_nothing_and_catches_up_once_when_it_goes_on() -> None:
    task = plan()
    started = []
    for hour in range(24):
        task, decision = step(task, START + timedelta(hours=hour), frozenset({Hindrance.PAUSED}))
        started += [decision.start] if decision.start else []
    assert started == []
    task, first = step(task, START + timedelta(hours=24))
    task, second = step(task, START + timedelta(hours=24, minutes=1))
    assert first.start is not None
    assert first.late
    assert second.start is None


def test_what_is_running_is_not_started_again() -> None:
    _, decision = step(plan(), START + timedelta(hours=5), frozenset({Hindrance.RUNNING}))
    assert decision.start is None
    assert decision.missed == ((START + timedelta(hours=5), Hindrance.RUNNING),)


def test_a_disabled_task_never_runs_and_owes_nothing_when_enabled_again() -> None:
    task, decision = step(plan(enabled=False), START + timedelta(days=3))
    assert decision.start is None
    _, later = step(replace(task, enabled=True), START + timedelta(days=3, minutes=1))
    assert later.start is None


def test_a_clock_set_back_repeats_nothing() -> None:
    task, _ = step(plan(), START + timedelta(hours=5, seconds=5))
    task, back = step(task, START + timedelta(hours=4))
    task, again = step(task, START + timedelta(hours=5, seconds=6))
    assert back.start is None
    assert again.start is None


def test_a_clock_that_was_far_ahead_and_is_right_again_does_not_stop_a_task() -> None:
    task, ahead = step(plan(), START + timedelta(days=365))
    task, right = step(task, START + timedelta(hours=6))
    task, due = step(task, START + timedelta(hours=11))
    assert ahead.start is not None
    assert (right.start, right.missed) == (None, ())
    assert due.start == START + timedelta(hours=11)


@given(jitters=st.lists(st.integers(0, 3600), min_size=1, max_size=40), minutes=st.integers(1, 50))
def test_a_jitter_that_is_changed_repeats_and_loses_no_moment(jitters: list[int], minutes: int) -> None:
    task, now, done = plan(cron=parse("0 * * * *", "UTC")), START, list[datetime]()
    for seconds in [*jitters, *[jitters[-1]] * 120]:
        task = replace(task, jitter=timedelta(seconds=seconds))
        assert next_runs(task, now, 1)[0] - jittered(task) not in done
        now += timedelta(minutes=minutes)
        task, decision = step(task, now)
        done += [decision.start] if decision.start else []
        done += [moment for moment, _ in decision.missed]
    assert sorted(done) == task.cron.between(START, max(done, default=START))
    assert len(done) == len(set(done))


def test_jitter_moves_every_run_by_the_same_part_of_it() -> None:
    jittered = next_runs(plan(jitter=timedelta(minutes=10)), START, 4)
    plain = next_runs(plan(), START, 4)
    moved = {one - other for one, other in zip(jittered, plain, strict=True)}
    assert len(moved) == 1
    assert timedelta(0) <= moved.pop() <= timedelta(minutes=10)


@given(
    gaps=st.lists(st.integers(10, 3 * 24 * 3600), min_size=1, max_size=60),
    blocks=st.lists(st.sampled_from([None, *Hindrance]), min_size=60, max_size=60),
    catch_up=st.sampled_from(CatchUp),
)
def test_every_planned_moment_is_run_or_missed_exactly_once(
    gaps: list[int], blocks: list[Hindrance | None], catch_up: CatchUp
) -> None:
    """However long the loop slept and whatever stood in the way."""
    task, now = plan(catch_up=catch_up), START
    started: list[datetime] = []
    on_time: list[datetime] = []
    missed: Counter[datetime] = Counter()
    for seconds, block in zip(gaps, blocks, strict=False):
        now += timedelta(seconds=seconds)
        task, decision = step(task, now, frozenset({block}) if block else NONE)
        if block:
            assert decision.start is None
        if decision.start is not None:
            started.append(decision.start)
            if not decision.late:
                on_time.append(decision.start)
        missed.update(moment for moment, _ in decision.missed)
    planned = SIX_HOURLY.between(START, now)
    assert set(planned) <= set(started) | set(missed)
    assert max(missed.values(), default=0) <= 1
    assert len(on_time) == len(set(on_time))
    assert len(started) == len(set(started))
    if catch_up is CatchUp.SKIP:
        assert not set(started) & set(missed)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_year_of_waking_every_half_hour_runs_every_moment(catch_up: CatchUp) -> None:
    task = Plan(parse("30 2 * * *", "Europe/Vienna"), True, catch_up, START)
    now, started = START, []
    while now < START + timedelta(days=366):
        now += timedelta(minutes=30)
        task, decision = step(task, now)
        assert decision.missed == ()
        started += [decision.start] if decision.start else []
    assert started == task.cron.between(START, now)
    assert len(started) == 366


def test_before_it_was_set_up_nothing_is_owed_afterwards() -> None:
    task, decision = step(plan(), START + timedelta(hours=12), frozenset({Hindrance.NOT_SET_UP, Hindrance.OFFLINE}))
    assert (decision.start, decision.owed) == (None, None)
    assert {reason for _, reason in decision.missed} == {Hindrance.NOT_SET_UP}
    assert step(task, START + timedelta(hours=12, minutes=5))[1].start is None
