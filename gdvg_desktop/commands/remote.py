"""The remote workflow: a sync that runs in GitHub Actions, seen, paused, resumed and started from here.

It is paused by disabling the workflow, or by a repository variable the workflow checks (docs/remote-workflow.md).
`commands.remote_follow` lets it follow the pause of the schedule.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.events import RemoteChanged
from gdvg_desktop.core.secrets import GITHUB_TOKEN, VARIABLES
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.sources.github import GithubClient, Target, clean_token, open_client
from gdvg_desktop.sources.github_answers import Run, Workflow
from gdvg_desktop.store import counts

BY_WORKFLOW, BY_VARIABLE = "workflow", "variable"
ACTIVE = "active"
PAUSED, RUNNING = "true", "false"  # values of the variable; whatever else it says counts as paused
RUNS = 10
TOKEN_FACT = "remote_token"


@dataclass(frozen=True, slots=True)
class RemoteRun:
    """A run of the workflow. `status` and `conclusion` in GitHub's words; `created_at` unix milliseconds."""

    id: int
    number: int | None
    status: str
    conclusion: str | None
    event: str
    created_at: int | None
    url: str

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.status != "completed"


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """How the remote workflow stands.

    `configured` is False without a repository or a token; then `problem` says what is missing and the rest is not
    known. `state` is the workflow's in GitHub's words, `variable` the variable's value where it pauses by one (None:
    there is none). `paused` is None when GitHub could not be asked, for the reason `problem` gives.
    """

    configured: bool
    repository: str
    workflow: str
    pause_by: str
    state: str | None = None
    variable: str | None = None
    paused: bool | None = None
    runs: tuple[RemoteRun, ...] = ()
    problem: str | None = None
    url: str = ""

    @property
    def why_paused(self) -> str:
        """Why it does not run, in a sentence; empty when it does, or when nothing is known."""
        if not self.paused:
            return ""
        if self.state != ACTIVE:
            return _STATES.get(self.state or "", f"Its state at GitHub is {self.state}.")
        if self.variable is None:
            return "The variable does not exist, which counts as paused. Resume makes it."
        return f"The variable says {self.variable[:40]}."


_STATES = {
    "disabled_manually": "The workflow is disabled.",
    "disabled_inactivity": "GitHub disabled it because the repository was quiet for 60 days.",
    "disabled_fork": "GitHub disables schedules in a fork until they are switched on.",
    "deleted": "The workflow was deleted.",
}


@dataclass(frozen=True, slots=True)
class TokenStatus:
    """Whether there is a token, its last four characters, whether the environment gives it; `problem`: the keyring."""

    present: bool
    masked: str | None
    from_environment: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A run that was asked for; GitHub need not say which one it is."""

    run_id: int | None
    url: str


# ---------------------------------------------------------------------------------------------------- the workflow


async def status(app: App) -> RemoteStatus:
    """Ask GitHub how the workflow stands. Never raises for GitHub's or the keyring's sake: `problem` says it."""
    settings = app.settings
    unknown = RemoteStatus(False, settings.github_repository, settings.github_workflow, settings.github_pause_by)
    try:
        token = await _token(app)
    except GdvgError as error:
        return _with_problem(unknown, str(error), configured=False)
    try:
        async with _client(app, settings, token) as client:
            workflow = await client.workflow()
            variable = None
            if settings.github_pause_by == BY_VARIABLE:
                variable = await client.variable(settings.github_variable)
            runs = tuple(_run(one) for one in await client.runs(RUNS))
    except GdvgError as error:
        return _with_problem(unknown, str(error), configured=True)
    paused = workflow.state != ACTIVE or (settings.github_pause_by == BY_VARIABLE and variable != RUNNING)
    return RemoteStatus(
        configured=True,
        repository=settings.github_repository,
        workflow=settings.github_workflow,
        pause_by=settings.github_pause_by,
        state=workflow.state,
        variable=variable,
        paused=paused,
        runs=runs,
        url=workflow.html_url,
    )


async def pause(app: App, settings: Settings | None = None) -> None:
    """Let no further run sync; one under way goes on. Raises GithubError, UsageError or KeyringUnavailable."""
    settings = settings or app.settings
    async with _client(app, settings, await _token(app)) as client:
        await _set_paused(client, settings, True)
    app.bus.publish(RemoteChanged())


async def resume(app: App, settings: Settings | None = None) -> None:
    """Let it run again, also where GitHub or somebody else disabled it. Raises as `pause`."""
    settings = settings or app.settings
    async with _client(app, settings, await _token(app)) as client:
        await _set_paused(client, settings, False)
    app.bus.publish(RemoteChanged())


async def dispatch(app: App) -> Dispatched:
    """Start a run now. Raises as `pause`, also while paused: GitHub refuses it then, or the run would do nothing."""
    settings = app.settings
    async with _client(app, settings, await _token(app)) as client:
        if settings.github_pause_by == BY_VARIABLE and await client.variable(settings.github_variable) != RUNNING:
            raise UsageError("The workflow is paused by its variable, so a run would do nothing.", "Resume it first.")
        started = await client.dispatch()
    app.bus.publish(RemoteChanged())
    return Dispatched(started.workflow_run_id, started.html_url or "")


async def cancel(app: App, run_id: int) -> None:
    """Ask for the end of a run. Raises as `pause`."""
    async with _client(app, app.settings, await _token(app)) as client:
        await client.cancel(run_id)
    app.bus.publish(RemoteChanged())


async def test(app: App, token: str | None = None) -> Workflow:
    """Ask whether the token given, or the one kept, sees the workflow and the variable it pauses by.

    Whether it may pause shows only when it does. Raises as `pause`.
    """
    text = clean_token(token) if token is not None else await _token(app)
    async with _client(app, app.settings, text) as client:
        found = await client.workflow()
        if app.settings.github_pause_by == BY_VARIABLE:
            await client.variable(app.settings.github_variable)
    return found


async def _set_paused(client: GithubClient, settings: Settings, paused: bool) -> None:
    """Pause or resume in the way the settings say."""
    if settings.github_pause_by == BY_VARIABLE:
        await client.set_variable(settings.github_variable, PAUSED if paused else RUNNING)
        if paused or (await client.workflow()).state == ACTIVE:
            return
        await client.enable()
    elif paused:
        await client.disable()
    else:
        await client.enable()


# ------------------------------------------------------------------------------------------------------- the token


async def token_status(app: App) -> TokenStatus:
    """What is known of the token; GitHub is not asked."""
    given = app.secrets.from_environment(GITHUB_TOKEN)
    try:
        token = await asyncio.to_thread(app.secrets.load, GITHUB_TOKEN)
    except GdvgError as error:
        return TokenStatus(False, None, given, str(error))
    return TokenStatus(token is not None, f"…{token[-4:]}" if token else None, given)


async def set_token(app: App, text: str) -> TokenStatus:
    """Keep a token in the keyring. Raises TokenRefused for what can be none, UsageError, KeyringUnavailable."""
    _not_from_environment(app)
    await asyncio.to_thread(app.secrets.save, GITHUB_TOKEN, clean_token(text))
    await _token_changed(app)
    return await token_status(app)


async def remove_token(app: App) -> bool:
    """Forget the token in the keyring; True when there was one. Raises UsageError, KeyringUnavailable."""
    _not_from_environment(app)
    had = await asyncio.to_thread(app.secrets.remove, GITHUB_TOKEN)
    await _token_changed(app)
    return had


def _not_from_environment(app: App) -> None:
    if app.secrets.from_environment(GITHUB_TOKEN):
        raise UsageError(f"The token comes from {VARIABLES[GITHUB_TOKEN]} in the environment.", "Change it there.")


async def _token_changed(app: App) -> None:
    """Another process that could not reach GitHub with the old token tries again now. The mark says nothing of it."""
    mark, now_ms = secrets.token_hex(8), to_millis(app.clock.now())
    await app.store.write(lambda db: counts.set_fact(db, TOKEN_FACT, mark, now_ms))
    app.bus.publish(RemoteChanged())


# ----------------------------------------------------------------------------------------------------------- parts


async def _token(app: App) -> str:
    if not app.settings.github_repository:
        raise UsageError(
            "No remote workflow is set up.",
            "Enter its repository in Settings, Remote workflow, or set GDVG_GITHUB_REPOSITORY.",
        )
    token = await asyncio.to_thread(app.secrets.load, GITHUB_TOKEN)
    if token is None:
        raise UsageError("There is no GitHub token.", "Save one with: gdvg remote token, or set GDVG_GITHUB_TOKEN.")
    return clean_token(token)


@asynccontextmanager
async def _client(app: App, settings: Settings, token: str) -> AsyncIterator[GithubClient]:
    target = Target(settings.github_repository, settings.github_workflow, settings.github_branch)
    async with open_client(settings, target, token, app.clock) as client:
        yield client


def _with_problem(known: RemoteStatus, problem: str, *, configured: bool) -> RemoteStatus:
    return RemoteStatus(configured, known.repository, known.workflow, known.pause_by, problem=problem)


def _run(one: Run) -> RemoteRun:
    url = one.html_url or ""
    return RemoteRun(
        id=one.id,
        number=one.run_number,
        status=one.status or "unknown",
        conclusion=one.conclusion,
        event=one.event or "",
        created_at=_millis(one.created_at),
        url=url if url.startswith(("https://", "http://")) else "",
    )


def _millis(text: str | None) -> int | None:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return to_millis(at.timestamp()) if at.tzinfo is not None else None
