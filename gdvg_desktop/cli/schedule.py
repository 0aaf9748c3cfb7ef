"""`gdvg schedule ...`: when work starts by itself, and the pause over all of it."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from gdvg_desktop.app import App
from gdvg_desktop.cli import show
from gdvg_desktop.cli.session import Session, check_limit, whole_number
from gdvg_desktop.commands import schedule as commands
from gdvg_desktop.commands.schedule import PauseState, TaskView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.store.schedule import TaskRun

cli = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The task, as listed by: gdvg schedule list.")]
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


@cli.command("list")
def listing(context: typer.Context) -> None:
    """All tasks with their next and last runs."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found, pause = await commands.tasks(app), await commands.pause_state(app)
        if session.as_json:
            session.emit({"pause": pause_json(pause), "tasks": [task_json(one) for one in found]})
            return 0
        session.out.print(pause_words(pause))
        table = Table("Task", "Does", "When", "Next run", "Last run")
        for one in found:
            coming = _moment(one.next_runs[0]) if one.next_runs else "switched off"
            table.add_row(one.name, one.title, f"{one.cron} {one.zone}", coming, _last(one))
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("show")
def show_one(context: typer.Context, name: Name) -> None:
    """One task with its next five runs, in local time and UTC."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.task(app, name)
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("set")
def change(
    context: typer.Context,
    name: Name,
    cron: Annotated[str | None, typer.Option("--cron", help="Minute hour day month weekday, as 30 3 * * *.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="The zone its hours are in, as Europe/Vienna.")] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it runs by itself.")] = None,
    catch_up: Annotated[
        str | None, typer.Option("--catch-up", help="After sleep or a pause: run_once or skip.")
    ] = None,
    jitter: Annotated[
        int | None, typer.Option("--jitter", parser=whole_number, metavar="SECONDS", help="Up to so much later.")
    ] = None,
    on_network: Annotated[bool | None, typer.Option("--network/--no-network", help="Only on a network.")] = None,
    on_mains: Annotated[bool | None, typer.Option("--mains/--no-mains", help="Only on mains power.")] = None,
    unmetered: Annotated[
        bool | None, typer.Option("--unmetered/--metered", help="Only where the line does not cost by volume.")
    ] = None,
) -> None:
    """Change a task; what is not named stays."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.change(
                app,
                name,
                cron_expression=cron,
                zone=zone,
                enabled=enabled,
                catch_up=catch_up,
                jitter_s=jitter,
                on_network=on_network,
                on_mains=on_mains,
                unmetered=unmetered,
            )
        _tell(session, found)
        return 0

    session.run(run)


@cli.command("run")
def run_now(context: typer.Context, name: Name) -> None:
    """Have a task run now, paused or not; the window or daemon that is open does it within a second."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.run_now(app, name)
        if session.as_json:
            session.emit(task_json(found))
        else:
            session.out.print(f"{found.title} is to run now; without an open window or daemon, with the next one.")
        return 0

    session.run(run)


@cli.command("pause")
def pause(
    context: typer.Context,
    span: Annotated[str | None, typer.Option("--for", metavar="TIME", help="For so long, as 30m, 1h or 2d.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="MOMENT", help="tomorrow, or a local time as 2026-11-03T18:00.")
    ] = None,
) -> None:
    """Pause all scheduled work, until resumed unless said otherwise; what is running finishes its current titles."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.pause(app, _until(app, span, until), "cli")
        _tell_pause(session, found)
        return 0

    session.run(run)


@cli.command("resume")
def resume(context: typer.Context) -> None:
    """Let scheduled work go on; what was missed meanwhile is caught up once."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await commands.resume(app, "cli")
        _tell_pause(session, found)
        return 0

    session.run(run)


@cli.command("runs")
def runs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Of one task only.")] = None,
    limit: Annotated[int, typer.Option("--limit", parser=whole_number, metavar="N", help="At most so many.")] = 50,
    missed: Annotated[bool, typer.Option("--missed", help="Only those that did not run.")] = False,
) -> None:
    """Runs of the past and those that were missed, newest first, with the reason."""
    session: Session = context.obj

    async def run() -> int:
        check_limit(limit)
        async with session.app() as app:
            found = await commands.runs(app, limit, name, missed_only=missed)
        if session.as_json:
            session.emit([run_json(one) for one in found])
            return 0
        table = Table("Task", "Planned", "Started", "Ended", "Began by", "Result", "Why")
        for one in found:
            times = (show.local(at) for at in (one.planned_at, one.started_at, one.ended_at))
            table.add_row(one.task, *times, one.trigger, one.status, one.reason or "")
        session.out.print(table)
        return 0

    session.run(run)


# ----------------------------------------------------------------------------------------------------- words


def task_json(found: TaskView) -> dict[str, Any]:
    """A task as scripts see it."""
    document = asdict(found)
    document["next_runs"] = [_iso(one) for one in found.next_runs]
    document["last_run"] = run_json(found.last_run) if found.last_run else None
    return document


def run_json(found: TaskRun) -> dict[str, Any]:
    """A run as scripts see it."""
    document = asdict(found)
    for name in ("planned_at", "started_at", "ended_at"):
        document[name] = show.instant(document[name])
    return document


def pause_json(found: PauseState) -> dict[str, Any]:
    """The pause as scripts see it."""
    return {
        "paused": found.paused,
        "at": show.instant(found.at),
        "by": found.by or None,
        "until": show.instant(found.until),
    }


def pause_words(found: PauseState) -> str:
    """The pause in a sentence."""
    if not found.paused:
        return "The schedule is running."
    ends = f"until {show.local(found.until)}" if found.until is not None else "until it is resumed"
    return f"The schedule is paused since {show.local(found.at)} (by {found.by}), {ends}."


def _tell_pause(session: Session, found: PauseState) -> None:
    if session.as_json:
        session.emit(pause_json(found))
    else:
        session.out.print(pause_words(found))


def _tell(session: Session, found: TaskView) -> None:
    if session.as_json:
        session.emit(task_json(found))
        return
    session.out.print(f"{found.title} ({found.name}): {found.help}")
    session.out.print(f"{found.cron} in {found.zone}: {found.words}" + ("" if found.enabled else "; switched off"))
    wishes = {
        "on a network": found.conditions.on_network,
        "on mains power": found.conditions.on_mains,
        "on an unmetered line": found.conditions.unmetered,
    }
    wanted = [words for words, asked in wishes.items() if asked]
    session.out.print(f"Starts only {', '.join(wanted)}." if wanted else "Starts under any conditions.")
    session.out.print(f"After sleep or a pause: {found.catch_up.value}; up to {found.jitter_s} s later.")
    if found.set_by:
        session.out.print(f"Set by the environment: {', '.join(found.set_by)}.")
    for one in found.next_runs:
        session.out.print(f"  {_moment(one)}  ({one:%Y-%m-%d %H:%M} UTC)")
    if found.last_run is not None:
        session.out.print(f"Last run: {_last(found)}")


def _last(found: TaskView) -> str:
    last = found.last_run
    if last is None:
        return "never"
    return " ".join(part for part in (show.local(last.started_at), last.status, last.reason or "") if part)


def _moment(at: datetime) -> str:
    return at.astimezone().strftime("%a %d %b %H:%M")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _until(app: App, span: str | None, until: str | None) -> int | None:
    """The end of a pause in unix milliseconds; None until resumed. Raises UsageError."""
    if span is not None and until is not None:
        raise UsageError("A pause has one end.", "Give --for or --until.")
    if span is not None:
        found = re.fullmatch(r"(\d{1,5})\s*([mhd])", span.strip().lower())
        if found is None or not int(found[1]):
            raise UsageError(f"{span} is not a span of time.", "Write it as 30m, 1h or 2d.")
        return to_millis(app.clock.now() + int(found[1]) * _UNITS[found[2]])
    if until is None:
        return None
    if until.strip().lower() == "tomorrow":
        return commands.tomorrow_ms(app)
    try:
        at = datetime.fromisoformat(until.strip())
    except ValueError:
        raise UsageError(f"{until} is not a moment.", "Write tomorrow, or a time as 2026-11-03T18:00.") from None
    return to_millis((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(local_zone()))).timestamp())
