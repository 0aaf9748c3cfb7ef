"""Which message goes where and when: the matrix, the digest, quiet hours, tries, restarts, and nothing told twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import TargetView
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.errors import KeyringUnavailable, UsageError
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.store import alerts as rows
from gdvg_desktop.store import counts, damage, jobs, mirror
from gdvg_desktop.store.db import LibraryDatabase
from tests.alerts.conftest import LOOK_S, World

ADDRESS = "http://127.0.0.1:9/hook Bearer sesame-open-0815"
HOUR_MS = 3_600_000
EVERYTHING = ("error", "warning", "info", "resolved", "run_finished", "mirror_complete", "budget_pause")


async def target(world: World, name: str = "Hook", **values: Any) -> TargetView:
    return await alerts.add_target(world.app, name, "webhook", ADDRESS, **({"events": EVERYTHING} | values))


async def harm(world: World, *problems: str) -> None:
    await world.write(lambda db: damage.note(db, problems, world.now_ms))
    await world.look()


async def end_job(world: World, state: JobState = JobState.COMPLETED, **counted: int) -> int:
    def write(db: LibraryDatabase) -> int:
        job, _ = jobs.add(db, JobKind.IMPORT, "K-Drama", {"n": world.now_ms}, world.now_ms)
        jobs.bump(db, job.id, world.now_ms, total=sum(counted.values()), **counted)
        jobs.set_state(db, job.id, state, world.now_ms)
        return job.id

    return await world.write(write)


async def test_an_alert_is_sent_once_and_so_is_its_end(world: World) -> None:
    made = await target(world)
    await harm(world, "row 3 missing")
    assert await world.send() == 1 and await world.send() == 0
    address, message = world.channel.sent[0]
    assert address == ADDRESS
    assert (message.event, message.severity, message.rule) == ("error", "error", "library_damaged")
    assert message.title == "The library is damaged" and "row 3 missing" in message.why
    await world.look(3)
    assert await world.send() == 0
    await harm(world)
    await world.send()
    assert world.channel.titles[1:] == ["Resolved: The library is damaged"]
    (shown,) = await alerts.targets(world.app)
    assert shown.id == made.id and shown.last_ok_at is not None and shown.waiting == 0
    assert [(one.event, one.sent_at is not None) for one in await alerts.history(world.app)] == [
        ("resolved", True),
        ("error", True),
    ]


async def test_a_target_gets_what_it_chose(world: World) -> None:
    await target(world, "Errors", events=("error",))
    await target(world, "News", events=("run_finished", "mirror_complete", "budget_pause"))
    off = await target(world, "Off")
    await alerts.change_target(world.app, off.id, enabled=False)
    await world.write(lambda db: mirror.settle_mode(db, complete=False, now_ms=world.now_ms))
    await world.look()
    await harm(world, "row 3 missing")
    await end_job(world, added=866, skipped=12, failed=12)
    await end_job(world, JobState.FAILED)
    await end_job(world, JobState.CANCELLED)
    waiting = await end_job(world, JobState.PENDING)
    until = {"until": world.now_ms + HOUR_MS}
    await world.write(
        lambda db: jobs.set_state(db, waiting, JobState.INTERRUPTED, world.now_ms, reason="budget", args=until)
    )
    await world.write(lambda db: mirror.settle_mode(db, complete=True, now_ms=world.now_ms))
    await world.look(2)
    by_name = {one.name: one.waiting for one in await alerts.targets(world.app)}
    assert by_name == {"Errors": 1, "News": 4, "Off": 0}
    await world.send()
    gathered = next(message for _, message in world.channel.sent if message.items)  # four at once are sent as one
    assert [one.title for one in gathered.items] == [
        "K-Drama finished",
        "K-Drama failed",
        "The mirror is complete",
        "K-Drama waits for tomorrow",
    ]
    assert gathered.items[0].text == "866 added, 0 updated, 12 skipped, 12 failed."
    assert gathered.title == "GDVG Desktop: 4 notifications"
    await world.look(3)
    assert await world.send() == 0


async def test_a_muted_rule_is_listed_and_not_sent(world: World) -> None:
    await target(world)
    await alerts.mute(world.app, "library_damaged")
    await harm(world, "row 3 missing")
    assert await world.send() == 0
    (found,) = await alerts.listing(world.app)
    assert found.muted


async def test_a_failing_channel_is_shown_tried_again_and_an_alert(world: World) -> None:
    hook = await target(world)
    other = await target(world, "Other", events=("warning", "resolved"))
    await harm(world, "row 3 missing")
    world.channel.problem = "The receiver answered 503."
    assert await world.send() == 0
    shown = {one.name: one for one in await alerts.targets(world.app)}
    assert shown["Hook"].problem == "The receiver answered 503." and shown["Hook"].failed_at == world.now_ms
    assert shown["Hook"].waiting == 1
    await world.look()
    failing = await world.one("channel_failing")
    assert failing.subject == str(hook.id) and "503" in failing.why
    (told,) = [one for one in await alerts.history(world.app) if one.alert_id == failing.id]
    assert told.target_id == other.id  # never through the channel that fails
    world.channel.problem = ""
    world.watch = world.new_watch()  # after a restart of the program
    assert await world.send() == 2
    await world.look()
    assert (await world.one("channel_failing")).state == "resolved"
    assert (await alerts.targets(world.app))[0].problem is None


async def test_tries_rest_longer_each_time_and_end_after_three_days(world: World) -> None:
    await target(world, events=("error",))
    await harm(world, "row 3 missing")
    world.channel.problem = "No."
    rests = []
    for _ in range(40):
        await world.send()
        (row,) = await alerts.history(world.app)
        if row.dropped_at is not None:
            break
        rests.append((row.due_at - world.now_ms) // 60_000)
        await world.clock.advance((row.due_at - world.now_ms) / 1000)
    assert rests[:8] == [1, 5, 15, 60, 180, 360, 720, 720]
    assert row.dropped_at is not None and row.problem == "No." and row.tries == len(rests)
    assert (await alerts.targets(world.app))[0].waiting == 0


async def test_what_was_overtaken_is_not_sent(world: World) -> None:
    await target(world)
    await harm(world, "row 3 missing")
    await harm(world)
    assert await world.send() == 0
    assert {one.problem for one in await alerts.history(world.app)} == {"resolved before it was sent"}
    await harm(world, "row 4 missing")
    await alerts.acknowledge(world.app)
    assert await world.send() == 0 and world.channel.sent == []


async def room(world: World, free: bool, times: float = 1.0) -> None:
    """Have the disk on one or the other side of the limit; `times` as much above it makes it worse."""
    kept = 1 if free else round(2_000_000_000 * times)
    world.app.settings = replace(world.app.settings, min_free_mb=kept)
    await world.look()


async def test_a_figure_that_swings_round_its_limit_is_told_once(world: World) -> None:
    await target(world)
    for _ in range(5):
        await room(world, False)
        await world.send()
        await room(world, True)
        await world.send()
    assert world.channel.events == ["warning"]
    await world.look(5)
    assert await world.send() == 0
    await world.look()  # an hour without it
    assert await world.send() == 1 and world.channel.events == ["warning", "resolved"]
    await room(world, False)
    assert await world.send() == 1 and world.channel.events == ["warning", "resolved", "warning"]
    assert len(await alerts.listing(world.app, True)) == 2


async def test_one_that_comes_back_worse_is_told_again(world: World) -> None:
    await target(world)
    for times, told in ((1.0, 1), (1.2, 0), (1.6, 1)):
        await room(world, False, times)
        assert await world.send() == told
        await room(world, True)
        assert await world.send() == 0


async def test_one_that_comes_back_is_told_where_it_never_was(world: World) -> None:
    await target(world)
    await room(world, False)
    world.channel.problem = "No."
    assert await world.send() == 0
    await room(world, True)
    assert await world.send() == 0  # overtaken
    world.channel.problem = ""
    await room(world, False)
    assert await world.send() == 1 and await world.send() == 0
    assert world.channel.events == ["warning"]


async def test_quiet_hours_hold_messages_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    world.app.settings = replace(world.app.settings, notify_quiet_from="11:00", notify_quiet_to="14:30")
    await target(world)  # it is noon
    await harm(world, "row 3 missing")
    assert await world.send() == 0
    await world.clock.advance(2 * 3600)
    assert await world.send() == 0
    await world.clock.advance(1200)
    assert await world.send() == 1
    await world.look()
    await harm(world)
    assert await world.send() == 1


async def test_quiet_hours_hold_back_what_failed_before_them_and_no_heartbeat(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    world.app.settings = replace(world.app.settings, notify_quiet_from="12:30", notify_quiet_to="14:30")
    await target(world, events=("error",))
    await alerts.add_target(world.app, "Beat", "heartbeat", "http://127.0.0.1:9/beat")
    world.watch._dispatcher._channels = {"heartbeat": world.channel, "webhook": world.channel}
    await world.look()
    await harm(world, "row 3 missing")
    world.channel.problem = "No."
    assert await world.send() == 0
    world.channel.problem = ""
    await end_job(world, added=5)
    await world.look()  # the clock is past half past twelve, and the message due again
    assert await world.send() == 1 and world.channel.events == ["good_run"]
    await world.clock.advance(3600)
    assert await world.send() == 0
    await world.clock.advance(3600)
    assert await world.send() == 1 and world.channel.events == ["good_run", "error"]


async def test_a_digest_is_one_message_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    await target(world, events=("error", "resolved", "run_finished", "digest"), digest=True)
    await world.look()
    await harm(world, "row 3 missing")
    await end_job(world, added=10)
    day = world.app.clock.now()
    await world.write(lambda db: counts.add_daily(db, utc_day(day), {counts.ADDED_MOVIE: 10, counts.UPDATED: 3}))
    await world.look()
    assert await world.send() == 0
    for _ in range(40):
        await world.clock.advance(1800)
        await world.watch.look()
        await world.send()
    (message,) = [message for _, message in world.channel.sent]
    assert message.title == "GDVG Desktop: the day in short" and message.severity == "error"
    assert message.text == "10 titles added, 3 updated, 0 failed. Open alerts: 1."
    assert [one.title for one in message.items] == ["The library is damaged", "K-Drama finished"]
    assert "row 3 missing" in message.body
    await world.clock.advance(3 * 86_400)  # the summaries of days slept over are one
    await world.watch.look()
    await world.send()
    assert len(world.channel.sent) == 2


async def test_a_heartbeat_beats_after_good_runs_only(world: World) -> None:
    await alerts.add_target(world.app, "Beat", "heartbeat", "http://127.0.0.1:9/beat")
    world.watch._dispatcher._channels = {"heartbeat": world.channel}
    await world.look()
    await end_job(world, added=5, failed=1)
    await end_job(world, JobState.FAILED)
    await world.look()
    assert await world.send() == 0
    for _ in range(3):
        await end_job(world, added=5)
        await world.clock.advance(LOOK_S)
        await world.watch.look()
    await world.send()
    assert world.channel.events == ["good_run"]  # three at once are one sign of life


async def test_addresses_are_in_no_row_log_or_event(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    events: list[object] = []
    world.app.bus.subscribe(events.append)
    made = await target(world)
    await harm(world, "row 3 missing")
    world.channel.problem = f"It failed at {ADDRESS}"  # a channel that tells too much
    await world.send()
    await world.look()
    changed = "http://127.0.0.1:9/other Bearer second-secret-4711"
    await alerts.change_target(world.app, made.id, address=changed)
    with pytest.raises(alerts.NotSent) as refused:
        await alerts.test(world.app, made.id)
    told = f"{caplog.text} {events} {refused.value} {await alerts.targets(world.app)} {await alerts.listing(world.app)}"

    def everything(db: LibraryDatabase) -> str:
        names = [row[0] for row in db.execute_sql("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return " ".join(str(db.execute_sql(f'SELECT * FROM "{name}"').fetchall()) for name in names)

    told += await world.app.store.read(everything)
    for secret in ("sesame-open-0815", "second-secret-4711"):
        assert secret not in told
    assert "row 3 missing" in told


async def test_what_cannot_be_a_target_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, channel, address, events in (
        ("", "webhook", ADDRESS, ()),
        ("A", "pigeon", ADDRESS, ()),
        ("A", "webhook", "nowhere", ()),
        ("A", "webhook", "", ()),
        ("A", "apprise", "no-such-thing://", ()),
        ("A", "webhook", ADDRESS, ("no_event",)),
    ):
        with pytest.raises(UsageError):
            await alerts.add_target(world.app, name, channel, address, events=events)
    await target(world, "A")
    with pytest.raises(UsageError):
        await target(world, "A")

    def locked(name: str, secret: str) -> None:
        raise KeyringUnavailable("The keyring is locked.")

    monkeypatch.setattr(world.app.secrets, "save", locked)
    with pytest.raises(KeyringUnavailable):
        await target(world, "B")
    assert [one.name for one in await alerts.targets(world.app)] == ["A"]
    await alerts.remove_target(world.app, 1)
    assert world.app.secrets.load("alert:1") is None and await alerts.targets(world.app) == []
    with pytest.raises(UsageError):
        await alerts.remove_target(world.app, 1)


async def test_the_desktop_is_a_target_once(world: World) -> None:
    await alerts.ensure_desktop(world.app)
    await alerts.ensure_desktop(world.app)
    (desktop,) = await alerts.targets(world.app)
    await alerts.remove_target(world.app, desktop.id)
    await alerts.ensure_desktop(world.app)
    assert await alerts.targets(world.app) == []


async def test_old_alerts_and_messages_are_forgotten(world: World) -> None:
    await target(world)
    await harm(world, "row 3 missing")
    await world.send()
    await harm(world)
    await world.send()
    await world.clock.advance(91 * 86_400)
    await world.watch.look()
    assert await alerts.listing(world.app, True) == [] and await alerts.history(world.app) == []


async def test_the_loop_looks_sends_and_ends(world: World) -> None:
    """The whole of it, as it runs beside the engine."""
    await target(world)
    await world.write(lambda db: damage.note(db, ["row 3 missing"], world.now_ms))
    loop = asyncio.create_task(world.watch.run())
    for _ in range(500):
        if (await alerts.targets(world.app))[0].last_ok_at is not None and not await world.app.store.read(rows.waiting):
            break
        await asyncio.sleep(0.01)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert world.channel.events == ["error"]
    assert (await world.app.store.read(rows.waiting)) == {}
