"""`gdvg remote ...`: the sync that runs in GitHub Actions, seen and steered from here. The token is never printed."""

import sys
from typing import Annotated, Any

import typer

from gdvg_desktop.cli.session import Session
from gdvg_desktop.commands import remote, remote_follow
from gdvg_desktop.commands import settings as setting_commands
from gdvg_desktop.commands.remote import RemoteRun, RemoteStatus, TokenStatus
from gdvg_desktop.commands.remote_follow import RemoteProblem

cli = typer.Typer(no_args_is_help=True)


@cli.command("status")
def status(context: typer.Context) -> None:
    """Whether the workflow is paused, and its last runs. Exit code 1 when GitHub could not be asked."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            found, behind = await remote.status(app), await remote_follow.problem(app)
            follows = app.settings.remote_follows_pause
        _say(session, found, follows, behind)
        return 0 if found.problem is None else 1

    session.run(run)


@cli.command("pause")
def pause(context: typer.Context) -> None:
    """Let no further run sync. One under way goes on."""
    _steer(context, True)


@cli.command("resume")
def resume(context: typer.Context) -> None:
    """Let the workflow run again."""
    _steer(context, False)


def _steer(context: typer.Context, paused: bool) -> None:
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            await (remote.pause(app) if paused else remote.resume(app))
            repository, workflow = app.settings.github_repository, app.settings.github_workflow
        if session.as_json:
            session.emit({"repository": repository, "workflow": workflow, "paused": paused})
        else:
            session.out.print(f"{workflow} in {repository} is {'paused' if paused else 'resumed'}.")
        return 0

    session.run(run)


@cli.command("run")
def run_now(context: typer.Context) -> None:
    """Start a run now."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            started = await remote.dispatch(app)
        if session.as_json:
            session.emit({"started": True, "run_id": started.run_id, "url": started.url or None})
        else:
            session.out.print(f"Started. {started.url}".strip())
        return 0

    session.run(run)


@cli.command("cancel")
def cancel(context: typer.Context, run_id: Annotated[int, typer.Argument(help="The run's number of status.")]) -> None:
    """Ask for the end of a run."""
    session: Session = context.obj

    async def run() -> int:
        async with session.app() as app:
            await remote.cancel(app, run_id)
        if session.as_json:
            session.emit({"cancelled": run_id})
        else:
            session.out.print(f"Run {run_id} is being cancelled.")
        return 0

    session.run(run)


@cli.command("token")
def token(
    context: typer.Context,
    from_stdin: Annotated[bool, typer.Option("--stdin", help="Read the token from standard input.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only say whether there is one.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Ask GitHub whether the token kept sees the workflow.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the token in the keyring.")] = False,
) -> None:
    """Keep a GitHub token in the system's keyring. It is asked for, so that it stays out of the shell's history."""
    session: Session = context.obj
    if sum((from_stdin, show, test, remove)) > 1:
        raise typer.BadParameter("Use only one of --stdin, --show, --test and --remove.")
    text = ""
    if not (show or test or remove):
        if from_stdin or not sys.stdin.isatty():
            text = sys.stdin.readline()
        else:
            text = typer.prompt("GitHub token", hide_input=True)

    async def run() -> int:
        async with session.app() as app:
            if test:
                found = await remote.test(app)
                if session.as_json:
                    session.emit({"valid": True, "workflow": found.name, "state": found.state})
                else:
                    session.out.print(f"GitHub takes the token. The workflow {found.name} is {found.state}.")
                return 0
            if remove:
                had = await remote.remove_token(app)
                if session.as_json:
                    session.emit({"removed": had})
                else:
                    session.out.print("The token is removed." if had else "There was no token in the keyring.")
                return 0
            kept = await remote.token_status(app) if show else await remote.set_token(app, text)
        _say_token(session, kept)
        return 0 if kept.present else 3

    session.run(run)


@cli.command("setup")
def setup(
    context: typer.Context,
    repository: Annotated[str | None, typer.Option(help="The repository, owner/name.")] = None,
    workflow: Annotated[str | None, typer.Option(help="The workflow's file name or number.")] = None,
    branch: Annotated[str | None, typer.Option(help="The branch that run starts it on.")] = None,
    pause_by: Annotated[str | None, typer.Option(help="workflow or variable.")] = None,
    variable: Annotated[str | None, typer.Option(help="The repository variable it is paused by.")] = None,
    follow: Annotated[
        bool | None, typer.Option("--follow/--no-follow", help="Whether it follows the pause of the schedule here.")
    ] = None,
) -> None:
    """Choose the workflow and how it is paused; what is not given stays."""
    session: Session = context.obj
    given: dict[str, Any] = {
        "github_repository": repository,
        "github_workflow": workflow,
        "github_branch": branch,
        "github_pause_by": pause_by,
        "github_variable": variable,
        "remote_follows_pause": follow,
    }
    values = {name: value for name, value in given.items() if value is not None}

    async def run() -> int:
        async with session.app() as app:
            settings = await setting_commands.change(app, **values) if values else app.settings
        chosen = {name: getattr(settings, name) for name in given}
        if session.as_json:
            session.emit(chosen)
        else:
            for name, value in chosen.items():
                session.out.print(f"{name:<22} {value}")
        return 0

    session.run(run)


def _say(session: Session, found: RemoteStatus, follows: bool, behind: RemoteProblem | None) -> None:
    if session.as_json:
        session.emit(
            {
                "configured": found.configured,
                "repository": found.repository,
                "workflow": found.workflow,
                "pause_by": found.pause_by,
                "state": found.state,
                "variable": found.variable,
                "paused": found.paused,
                "why_paused": found.why_paused or None,
                "problem": found.problem,
                "follows_pause": follows,
                "follow_problem": behind.words if behind else None,
                "runs": [_run_json(one) for one in found.runs],
            }
        )
        return
    if found.problem is not None:
        session.err.print(found.problem, style="red")
    else:
        state = f"paused. {found.why_paused}" if found.paused else "active."
        session.out.print(f"{found.workflow} in {found.repository} is {state}")
        for one in found.runs:
            result = one.conclusion or one.status
            session.out.print(f"  {one.id}  {result:<12} {one.event:<18} {one.url}")
        if not found.runs:
            session.out.print("It has not run yet.")
    if behind is not None:
        session.err.print(behind.words, style="red")


def _run_json(one: RemoteRun) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "status": one.status,
        "conclusion": one.conclusion,
        "event": one.event,
        "created_at": one.created_at,
        "url": one.url or None,
    }


def _say_token(session: Session, kept: TokenStatus) -> None:
    if session.as_json:
        session.emit(
            {
                "present": kept.present,
                "masked": kept.masked,
                "from_environment": kept.from_environment,
                "problem": kept.problem,
            }
        )
    elif kept.present:
        place = "environment" if kept.from_environment else "keyring"
        session.out.print(f"GitHub token {kept.masked} from the {place}.")
    else:
        session.out.print(kept.problem or "There is no GitHub token. Save one with: gdvg remote token.")
