"""Every rule on the real store: it fires, keeps quiet while paused, asleep or finished, and resolves by itself."""

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from gdvg_desktop.alerts.rules import RULES, Quiet
from gdvg_desktop.commands import alerts
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import CredentialError, UsageError
from gdvg_desktop.core.kinds import FailureCategory, GapKind, JobKind, JobState, MediaType
from gdvg_desktop.gaps.months import ANALYSIS_FACT
from gdvg_desktop.store import alerts as alert_rows
from gdvg_desktop.store import counts, damage, errors, exports, gaps, jobs, mirror, schedule
from gdvg_desktop.store.db import LibraryDatabase
from gdvg_desktop.store.schedule import NewTask
from gdvg_desktop.tmdb.requests import Request
from tests.alerts.conftest import LOOK_S, World
from tests.support import titles

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LOOKS_AN_HOUR = int(3600 / LOOK_S)
Step = Callable[[World], Awaitable[None]]


async def queued(world: World, name: str = "Import") -> int:
    job, _ = await world.write(lambda db: jobs.add(db, JobKind.IMPORT, name, {"n": name}, world.now_ms))
    return job.id


async def imported(world: World, movies: int, failed: int = 0) -> None:
    day = utc_day(world.clock.now())
    await world.write(lambda db: counts.add_daily(db, day, {counts.ADDED_MOVIE: movies, counts.FAILED: failed}))


async def stall(world: World) -> None:
    await queued(world)
    await world.look(36 * LOOKS_AN_HOUR + 2)


async def fail_many(world: World) -> None:
    """Ten of a hundred failed; one of them is to be retried."""
    number = await queued(world)
    lost = jobs.FailedItem(MediaType.TV, 1, FailureCategory.SERVER, "No", 1, world.now_ms, None)

    def write(db: LibraryDatabase) -> None:
        jobs.add_listed(db, number, None, [(MediaType.TV, 1, None, None)])
        jobs.item_failed(db, number, lost)
        jobs.set_state(db, number, JobState.COMPLETED, world.now_ms)

    await world.write(write)
    await imported(world, 90, 10)
    await world.look()


async def pass_many(world: World) -> None:
    await imported(world, 400)
    await world.look()


async def slow_day(world: World) -> None:
    """Yesterday 300 titles in three hours; today 10 in an hour."""
    await queued(world)
    await world.clock.advance(6 * 3600)  # to 18:00, over a sleep
    await world.watch.look()
    await imported(world, 300)
    await world.look(3 * LOOKS_AN_HOUR)
    await world.clock.advance(6 * 3600)
    await world.watch.look()
    await imported(world, 10)
    await world.look(LOOKS_AN_HOUR)


async def fast_again(world: World) -> None:
    await imported(world, 200)
    await world.look(2)


async def refuse_key(world: World) -> None:
    await _ask(world, "*")


async def take_key(world: World) -> None:
    world.app.client.reset_credential()
    await _ask(world, "")


async def _ask(world: World, revoked: str) -> None:
    world.demo.faults.revoked = {revoked} if revoked else set()
    try:
        with contextlib.suppress(CredentialError):
            await world.app.client.get(Request("/configuration"), decode=bytes)
    finally:
        world.demo.faults.revoked = set()
    await world.look()


async def no_room(world: World) -> None:
    world.app.settings = replace(world.app.settings, min_free_mb=2_000_000_000)
    await world.look()


async def room(world: World) -> None:
    world.app.settings = replace(world.app.settings, min_free_mb=1)
    await world.look()


async def refuse_export(world: World) -> None:
    day = utc_day(world.clock.now())
    await world.write(
        lambda db: exports.refuse(db, MediaType.MOVIE, day, "fell", "It has 40% fewer rows.", 5, world.now_ms)
    )
    await world.look()


async def trust_export(world: World) -> None:
    await world.write(lambda db: exports.settle(db, MediaType.MOVIE, utc_day(world.clock.now())))
    await world.look()


async def lack_popular(world: World, count: int = 4) -> None:
    def write(db: LibraryDatabase) -> None:
        counts.set_fact(db, ANALYSIS_FACT, "{}", world.now_ms)
        gaps.put(db, GapKind.POPULARITY, [gaps.NewGap(2 * n, 50, 50, 1) for n in range(1, count + 1)], world.now_ms)

    await world.write(write)
    await world.look()


async def have_popular(world: World) -> None:
    await world.write(lambda db: gaps.remove(db, GapKind.POPULARITY, [2 * n for n in range(1, 50)]))
    await world.look()


async def miss_run(world: World) -> None:
    def write(db: LibraryDatabase) -> None:
        schedule.ensure(db, [NewTask("delta", "sync.delta", "0 */6 * * *", "UTC")], world.now_ms)
        schedule.add_missed(db, "delta", [(world.now_ms - HOUR_MS, "offline"), (world.now_ms, "paused")])

    await world.write(write)
    await world.look()


async def run_task(world: World) -> None:
    def write(db: LibraryDatabase) -> None:
        run_id = schedule.begin_run(db, "delta", None, "catch_up", world.now_ms)
        schedule.end_run(db, run_id, "done", world.now_ms)

    await world.write(write)
    await world.look()


async def grow_old(world: World) -> None:
    titles.write(world.app.store, titles.rows(7, title="Old"), now_ms=world.now_ms - 160 * DAY_MS)
    await world.look()


async def refresh(world: World) -> None:
    titles.write(world.app.store, titles.rows(7, title="Old"), now_ms=world.now_ms)
    await world.look()


async def pause_long(world: World) -> None:
    await world.write(lambda db: schedule.pause(db, world.now_ms - 25 * HOUR_MS, "tray", None))
    await world.look()


async def resume(world: World) -> None:
    await world.write(lambda db: schedule.resume(db, world.now_ms))
    await world.look()


async def wait_for_word(world: World) -> None:
    number = await queued(world, "Changes")
    await world.write(
        lambda db: jobs.set_state(
            db, number, JobState.PAUSED, world.now_ms, reason="deletions", args={"movie": 100, "tv": 20}
        )
    )
    await world.look()


async def end_jobs(world: World) -> None:
    def write(db: LibraryDatabase) -> None:
        for job in jobs.queue(db):
            jobs.set_state(db, job.id, JobState.COMPLETED, world.now_ms)

    await world.write(write)
    await world.look()


async def damage_file(world: World) -> None:
    await world.write(lambda db: damage.note(db, ["row 3 missing from index title_type"], world.now_ms))
    await world.look()


async def mend_file(world: World) -> None:
    await world.app.check_library()
    await world.look()


async def stall_job(world: World) -> None:
    number = await queued(world)

    def write(db: LibraryDatabase) -> None:
        jobs.take(db, number, world.now_ms)
        jobs.mark_stalled(db, number, world.now_ms, stalled=True)

    await world.write(write)
    await world.look()


async def fail_channel(world: World) -> None:
    target = await alerts.add_target(world.app, "Hook", "webhook", "http://127.0.0.1:9/x")
    await world.write(lambda db: alert_rows.did_not(db, target.id, "Refused", world.now_ms))
    await world.look()


async def mend_channel(world: World) -> None:
    await world.write(lambda db: alert_rows.got_through(db, 1, world.now_ms))
    await world.look()


@dataclass(frozen=True)
class Case:
    make: Step
    mend: Step
    words: tuple[str, ...]


CASES = {
    "import_stalled": Case(stall, pass_many, ("36 hours", "limit is 36 hours")),
    "error_rate": Case(fail_many, pass_many, ("10% of the titles", "10 of 100", "limit is 5%")),
    "import_rate": Case(slow_day, fast_again, ("10 titles", "limit is 50%")),
    "key_refused": Case(refuse_key, take_key, ("TMDb refused the key",)),
    "low_disk": Case(no_room, room, ("MB free",)),
    "export_refused": Case(refuse_export, trust_export, ("movies", "40% fewer")),
    "popular_missing": Case(lack_popular, have_popular, ("4 popular titles are missing",)),
    "missed_run": Case(miss_run, run_task, ("Changes sync: a run was missed", "there was no network")),
    "freshness": Case(grow_old, refresh, ("160 days",)),
    "schedule_paused": Case(pause_long, resume, ("still paused", "tray")),
    "deletions_waiting": Case(wait_for_word, end_jobs, ("120 deletions",)),
    "library_damaged": Case(damage_file, mend_file, ("row 3 missing",)),
    "job_stalled": Case(stall_job, end_jobs, ("Import gets nowhere",)),
    "channel_failing": Case(fail_channel, mend_channel, ("Hook", "Refused")),
}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", CASES)
async def test_a_rule_fires_once_says_why_and_resolves_by_itself(world: World, rule: str) -> None:
    case = CASES[rule]
    assert await world.open() == []
    await case.make(world)
    assert rule in await world.open()
    found = await world.one(rule)
    said = f"{found.title} {found.text} {found.why}"
    assert all(part in said for part in case.words), said
    assert "{" not in said and "–" not in said.replace("of –", ""), said
    assert found.link and found.link_text and found.state == "open" and found.severity == RULES[rule].severity
    await world.look(2)
    assert (await world.one(rule)).count == 1 and (await world.open()).count(rule) == 1
    await case.mend(world)
    assert rule not in await world.open()
    assert (await world.one(rule)).state == "resolved"


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if Quiet.PAUSED in rule.quiet])
async def test_a_rule_is_quiet_while_the_schedule_is_paused(world: World, rule: str) -> None:
    await world.write(lambda db: schedule.pause(db, world.now_ms, "window", None))
    await CASES[rule].make(world)
    assert rule not in await world.open()


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if Quiet.FINISHED in rule.quiet])
async def test_a_rule_is_quiet_when_everything_is_finished(world: World, rule: str) -> None:
    def finish(db: LibraryDatabase) -> None:
        mirror.settle_mode(db, complete=True, now_ms=world.now_ms)
        for job in jobs.queue(db):
            jobs.set_state(db, job.id, JobState.COMPLETED, world.now_ms)
        errors.skip(db, [one.key for one in errors.listing(db)], world.now_ms)

    look = world.look

    async def look_finished(times: int = 1) -> object:
        await world.write(finish)
        return await look(times)

    world.look = look_finished  # type: ignore[assignment,method-assign]
    await CASES[rule].make(world)
    assert rule not in await world.open()


OF_WORK = {"import_stalled", "import_rate"}  # their time is work, of which none is done asleep: see below


@pytest.mark.parametrize(
    "rule", [name for name, one in RULES.items() if Quiet.ASLEEP in one.quiet and name not in OF_WORK]
)
async def test_what_is_true_at_waking_gets_its_chance_before_it_is_told(world: World, rule: str) -> None:
    world.watch._settle_s = 1800.0
    look, made = world.look, []

    async def look_after_sleep(times: int = 1) -> object:
        await world.clock.advance(8 * 3600)
        made.append(await world.watch.look())
        return made[-1]

    world.look = look_after_sleep  # type: ignore[assignment,method-assign]
    await CASES[rule].make(world)
    assert made and rule not in await world.open()
    world.look = look  # type: ignore[method-assign]
    await world.look(5)
    assert rule in await world.open()


async def test_sleep_is_no_time_without_work(world: World) -> None:
    await queued(world)
    for _ in range(60):  # two hours awake, twenty-two asleep, for sixty days
        await world.clock.advance(22 * 3600)
        await world.watch.look()
        if (await world.open()) != []:
            break
        await world.look(2 * LOOKS_AN_HOUR)
    awake_s = 36 * 3600
    slept = world.clock.monotonic() - 1000 - awake_s
    assert await world.open() == ["import_stalled"]
    assert 14 * 22 * 3600 < slept < 19 * 22 * 3600


async def test_a_stall_is_counted_over_restarts(world: World) -> None:
    await queued(world)
    for _ in range(8):
        world.watch = world.new_watch()
        await world.look(4 * LOOKS_AN_HOUR)
    assert await world.open() == []
    await world.look(6 * LOOKS_AN_HOUR)  # each start costs a look: what was before it is not known
    assert await world.open() == ["import_stalled"]


async def test_a_pause_does_not_count_as_a_stall(world: World) -> None:
    await queued(world)
    await world.look(30 * LOOKS_AN_HOUR)
    await world.write(lambda db: schedule.pause(db, world.now_ms, "cli", None))
    await world.look(40 * LOOKS_AN_HOUR)
    await resume(world)
    await world.look(5 * LOOKS_AN_HOUR)
    assert "import_stalled" not in await world.open()
    await world.look(2 * LOOKS_AN_HOUR)
    assert "import_stalled" in await world.open()


async def test_a_job_its_user_paused_is_no_stall_and_neither_is_a_used_budget(world: World) -> None:
    number = await queued(world)
    until = {"until": world.now_ms + 3 * DAY_MS}
    await world.write(
        lambda db: jobs.set_state(db, number, JobState.INTERRUPTED, world.now_ms, reason="budget", args=until)
    )
    await world.look(40 * LOOKS_AN_HOUR)
    assert await world.open() == []


async def test_few_attempts_say_nothing_of_a_rate_and_a_day_later_failures_are_past(world: World) -> None:
    await queued(world)
    await imported(world, 30, 19)
    await world.look()
    assert await world.open() == []
    await imported(world, 0, 1)
    await world.look()
    assert await world.open() == ["error_rate"]
    await world.clock.advance(25 * 3600)
    await world.watch.look()
    assert await world.open() == []


async def test_the_environments_threshold_is_the_rules(world: World) -> None:
    world.app.settings = replace(world.app.settings, error_rate_threshold=12.0)
    await fail_many(world)
    assert await world.open() == []


async def test_a_run_missed_by_a_pause_is_not_told(world: World) -> None:
    def write(db: LibraryDatabase) -> None:
        schedule.ensure(db, [NewTask("delta", "sync.delta", "0 */6 * * *", "UTC")], world.now_ms)
        schedule.add_missed(db, "delta", [(world.now_ms, "paused"), (world.now_ms, "running")])

    await world.write(write)
    await world.look()
    assert await world.open() == []


async def test_missed_runs_are_one_alert_a_task(world: World) -> None:
    await miss_run(world)
    await world.write(lambda db: schedule.add_missed(db, "delta", [(world.now_ms, "on_battery")]))
    await world.look()
    found = await alerts.listing(world.app)
    assert [(one.rule, one.subject, one.title) for one in found] == [
        ("missed_run", "delta", "Changes sync: 2 runs missed")
    ]


async def test_what_was_missed_in_sleep_is_one_alert_until_its_catch_up_has_ended_well(world: World) -> None:
    def sleep(db: LibraryDatabase) -> int:
        schedule.ensure(db, [NewTask("delta", "sync.delta", "0 */6 * * *", "UTC")], world.now_ms)
        schedule.add_missed(db, "delta", [(world.now_ms - hours * HOUR_MS, "not_awake") for hours in (18, 12, 6)])
        return schedule.begin_run(db, "delta", world.now_ms, "catch_up", world.now_ms)

    catch_up = await world.app.store.write(sleep)
    await world.look()
    assert (await world.one("missed_run")).title == "Changes sync: 3 runs missed"
    await world.write(lambda db: schedule.end_run(db, catch_up, "failed", world.now_ms))
    await world.look()
    assert await world.open() == ["missed_run"]
    again = await world.app.store.write(
        lambda db: schedule.begin_run(db, "delta", world.now_ms, "schedule", world.now_ms)
    )
    await world.look()
    assert await world.open() == ["missed_run"]
    await world.write(lambda db: schedule.end_run(db, again, "done", world.now_ms))
    await world.look()
    assert await world.open() == []


async def test_acknowledged_it_is_quiet_until_it_grows_worse(world: World) -> None:
    await lack_popular(world, 4)
    first = await world.one("popular_missing")
    assert await alerts.acknowledge(world.app, [first.id]) == 1
    assert await alerts.acknowledge(world.app) == 0
    await lack_popular(world, 5)
    found = await world.one("popular_missing")
    assert (found.state, found.count, found.title) == ("acknowledged", 1, "5 popular titles are missing")
    await lack_popular(world, 6)
    found = await world.one("popular_missing")
    assert (found.id, found.state, found.count) == (first.id, "open", 2)
    await have_popular(world)
    await world.look(LOOKS_AN_HOUR)
    await lack_popular(world, 4)
    assert (await world.one("popular_missing")).id != first.id


async def test_what_was_over_for_less_than_an_hour_is_the_same_alert(world: World) -> None:
    await lack_popular(world, 4)
    first = await world.one("popular_missing")
    await alerts.acknowledge(world.app)
    for count in (4, 5):
        await have_popular(world)
        assert await world.open() == []
        await lack_popular(world, count)
        found = await world.one("popular_missing")
        assert (found.id, found.state, found.count) == (first.id, "acknowledged", 1)
    await have_popular(world)
    await lack_popular(world, 6)  # half as many again as were seen
    found = await world.one("popular_missing")
    assert (found.id, found.state, found.count) == (first.id, "open", 2)


async def test_snoozed_it_rests_and_comes_again(world: World) -> None:
    await lack_popular(world)
    found = await world.one("popular_missing")
    with pytest.raises(UsageError):
        await alerts.snooze(world.app, found.id, world.now_ms)
    rested = await alerts.snooze(world.app, found.id, world.now_ms + 2 * HOUR_MS)
    assert rested.state == "snoozed"
    await world.look(LOOKS_AN_HOUR)
    assert (await world.one("popular_missing")).count == 1
    looked = await world.look(LOOKS_AN_HOUR)
    again = await world.one("popular_missing")
    assert (again.state, again.count) == ("open", 2) and (
        looked.raised == (found.id,) or again.raised_at > rested.raised_at
    )


async def test_rules_are_changed_within_their_bounds(world: World) -> None:
    changed = await alerts.change_rule(world.app, "popular_missing", threshold=10, severity="error")
    assert (changed.threshold, changed.severity, changed.default) == (10, "error", 0)
    await lack_popular(world, 9)
    assert await world.open() == []
    await lack_popular(world, 11)
    assert (await world.one("popular_missing")).severity == "error"
    await alerts.change_rule(world.app, "popular_missing", enabled=False)
    await world.look()
    assert await world.open() == []
    back = await alerts.change_rule(world.app, "popular_missing", defaults=True)
    assert (back.threshold, back.severity, back.enabled) == (0, "info", True)
    for name, values in (
        ("no_such", {}),
        ("freshness", {"threshold": 181.0}),
        ("key_refused", {"threshold": 1.0}),
        ("freshness", {"severity": "fatal"}),
    ):
        with pytest.raises(UsageError):
            await alerts.change_rule(world.app, name, **values)


async def test_a_first_day_has_nothing_to_be_slower_than(world: World) -> None:
    await queued(world)
    await imported(world, 5)
    await world.look(5 * LOOKS_AN_HOUR)
    assert await world.open() == []
