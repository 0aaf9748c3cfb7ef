"""`gdvg alerts ...`: what needs somebody, the rules behind it, and where it is told."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from gdvg_desktop.alerts.channels import CHANNELS, DESKTOP
from gdvg_desktop.alerts.texts import EVENTS
from gdvg_desktop.cli import show
from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import AlertView, RuleView, TargetView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError

cli = typer.Typer(no_args_is_help=True)
target_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(target_cli, name="targets", help="Where alerts and news are sent.")

Number = Annotated[int, typer.Argument(help="As alerts list shows it.")]
TargetNumber = Annotated[int, typer.Argument(metavar="TARGET", help="As alerts targets list shows it.")]
Events = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="EVENT", help=f"May be given several times: {', '.join(EVENTS)}."),
]


@cli.command("list")
def listing(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
) -> None:
    """What needs somebody, the newest first."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.listing(app, everything)
        if session.as_json:
            session.emit({"alerts": [alert_json(one) for one in found]})
            return 0
        if not found:
            session.out.print("No alerts. All is well.")
            return 0
        for one in found:
            _print_alert(session, one)
        return 0

    session.run(run)


@cli.command("ack")
def acknowledge(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="[ALERT]...", help="As alerts list shows it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
) -> None:
    """Say that alerts were seen: they are quiet until they grow worse or come again."""
    session: Session = context.obj

    async def run() -> int:
        if bool(numbers) == everything:
            raise UsageError("Name alerts, or give --all.")
        async with session.app() as app:
            count = await alerts.acknowledge(app, None if everything else numbers)
        _say(session, {"acknowledged": count}, f"{count} acknowledged.")
        return 0

    session.run(run)


@cli.command("snooze")
def snooze(
    context: typer.Context,
    number: Number,
    hours: Annotated[float, typer.Option("--hours", min=0.02, max=8760, help="For so many hours.")] = 24,
) -> None:
    """Keep an alert quiet for a while, a day unless said otherwise."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.snooze(app, number, to_millis(app.clock.now() + hours * 3600))
        _say(session, alert_json(found), f"Alert {number} rests until {show.local(found.snoozed_until)}.")
        return 0

    session.run(run)


@cli.command("mute")
def mute(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RULE", help="As alerts rules shows it.")],
    off: Annotated[bool, typer.Option("--off", help="Tell of it again.")] = False,
) -> None:
    """Tell nobody of a rule's alerts any more; they are listed all the same."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.mute(app, name, not off)
        _say(session, asdict(found), f"{found.title} is {'muted' if found.muted else 'told again'}.")
        return 0

    session.run(run)


@cli.command("rules")
def rules(context: typer.Context) -> None:
    """All rules with their thresholds."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.rules(app)
        if session.as_json:
            session.emit({"rules": [asdict(one) for one in found]})
            return 0
        table = Table("Rule", "Severity", "Threshold", "State", "Meaning")
        for one in found:
            table.add_row(one.name, one.severity, _threshold(one), _rule_state(one), one.help)
        session.out.print(table)
        return 0

    session.run(run)


@cli.command("rule")
def change_rule(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RULE", help="As alerts rules shows it.")],
    threshold: Annotated[float | None, typer.Option("--threshold", help="In the rule's own unit.")] = None,
    severity: Annotated[str | None, typer.Option("--severity", help="info, warning or error.")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether it raises alerts.")] = None,
    defaults: Annotated[bool, typer.Option("--default", help="As it was at first.")] = False,
) -> None:
    """Change a rule."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.change_rule(
                app, name, threshold=threshold, severity=severity, enabled=enabled, defaults=defaults
            )
        said = " ".join(part for part in (found.name, found.severity, _threshold(found), _rule_state(found)) if part)
        _say(session, asdict(found), said)
        return 0

    session.run(run)


# -------------------------------------------------------------------------------------------------- targets


@target_cli.command("list")
def targets(context: typer.Context) -> None:
    """Where messages go; addresses are never shown."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.targets(app)
        if session.as_json:
            session.emit({"targets": [target_json(one) for one in found]})
            return 0
        if not found:
            session.out.print("No targets. Add one with: gdvg alerts targets add NAME --channel webhook.")
            return 0
        table = Table("Target", "Name", "Channel", "Events", "State")
        for one in found:
            gathered = " (daily)" if one.digest else ""
            table.add_row(str(one.id), one.name, one.channel, ", ".join(one.events) + gathered, _target_state(one))
        session.out.print(table)
        return 0

    session.run(run)


@target_cli.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    channel: Annotated[str, typer.Option("--channel", help=f"One of {', '.join(CHANNELS)}.")] = "apprise",
    address: Annotated[
        str | None,
        typer.Option("--address", help="Better left out: it is asked for, and so stays out of the shell's history."),
    ] = None,
    from_stdin: Annotated[bool, typer.Option("--stdin", help="Read the address from standard input.")] = False,
    events: Events = None,
    digest: Annotated[bool, typer.Option("--digest", help="Gather everything into one message a day.")] = False,
) -> None:
    """Add a target. A webhook's address is a URL, and after a space what its Authorization header is to hold."""
    session: Session = context.obj
    if address is None and channel != DESKTOP:
        if from_stdin or not sys.stdin.isatty():
            address = sys.stdin.readline()
        else:
            address = typer.prompt("Address", hide_input=True, err=True)

    async def run() -> int:
        async with session.app() as app:
            made = await alerts.add_target(app, name, channel, address or "", events=events, digest=digest)
        _say(session, target_json(made), f"Target {made.id} is added. Try it with: gdvg alerts targets test {made.id}.")
        return 0

    session.run(run)


@target_cli.command("change")
def change_target(
    context: typer.Context,
    number: TargetNumber,
    name: Annotated[str | None, typer.Option("--name")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether anything is sent to it.")] = None,
    digest: Annotated[
        bool | None, typer.Option("--digest/--at-once", help="One message a day, or each when it happens.")
    ] = None,
    events: Events = None,
) -> None:
    """Change what is sent to a target."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.change_target(app, number, name=name, enabled=enabled, digest=digest, events=events)
        _say(session, target_json(found), f"{found.name}: {', '.join(found.events)}")
        return 0

    session.run(run)


@target_cli.command("remove")
def remove(context: typer.Context, number: TargetNumber) -> None:
    """Forget a target and its address."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            await alerts.remove_target(app, number)
        _say(session, {"removed": number}, f"Target {number} is removed.")
        return 0

    session.run(run)


@target_cli.command("test")
def test(context: typer.Context, number: TargetNumber) -> None:
    """Send a test message."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found = await alerts.test(app, number)
        _say(session, target_json(found), f"{found.name} took a test message.")
        return 0

    session.run(run)


# ---------------------------------------------------------------------------------------------------- words


def alert_json(one: AlertView) -> dict[str, Any]:
    """An alert as `--json` and the API give it."""
    document = asdict(one)
    for name in ("raised_at", "snoozed_until", "resolved_at"):
        document[name] = _iso(document[name])
    return document


def target_json(one: TargetView) -> dict[str, Any]:
    """A target as `--json` gives it, without its address."""
    document = asdict(one)
    for name in ("last_ok_at", "failed_at"):
        document[name] = _iso(document[name])
    return document


def _iso(millis: int | None) -> str | None:
    return None if millis is None else datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="seconds")


def _say(session: Session, document: dict[str, Any], words: str) -> None:
    if session.as_json:
        session.emit(document)
    else:
        session.out.print(words)


def _print_alert(session: Session, one: AlertView) -> None:
    marks = [one.severity] + [word for word, on in ((one.state, one.state != "open"), ("muted", one.muted)) if on]
    session.out.print(f"{one.id}  {one.title}  ({', '.join(marks)}, {show.local(one.raised_at)})")
    session.out.print(f"   {one.text}")
    session.out.print(f"   Why: {one.why}")


def _threshold(one: RuleView) -> str:
    return "" if one.threshold is None else f"{one.threshold:g} {one.unit}"


def _rule_state(one: RuleView) -> str:
    return "off" if not one.enabled else "muted" if one.muted else "on"


def _target_state(one: TargetView) -> str:
    if not one.enabled:
        return "off"
    if one.problem is not None:
        return f"failing: {one.problem}"
    return "ok" if one.last_ok_at is not None else "not tried yet"
