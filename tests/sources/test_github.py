"""The client of GitHub against a small GitHub on loopback: every answer it can get, and what it says of it."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gdvg_desktop import __version__
from gdvg_desktop.core.clock import SystemClock
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.settings import Settings, validate
from gdvg_desktop.sources.github import Target, clean_token, open_client
from gdvg_desktop.sources.github_answers import (
    AlreadyThere,
    GithubError,
    NotAccepted,
    NotThere,
    OutOfReach,
    Throttled,
    TokenRefused,
)
from gdvg_desktop.tmdb.transport import OpenTransport, open_httpx_transport, open_transport
from tests.support.fake_github import TOKEN, FakeGithub

NAME = "GDVG_SYNC_PAUSED"
NOW = 1_774_000_000.0


class FixedClock(SystemClock):
    def now(self) -> float:
        return NOW


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        yield server


@pytest.fixture(params=[open_transport, open_httpx_transport], ids=["aiohttp", "httpx"])
def transport(request: pytest.FixtureRequest) -> OpenTransport:
    return request.param  # type: ignore[no-any-return]


class Hub:
    """A client for each call, as the program makes them."""

    def __init__(self, server: FakeGithub, transport: OpenTransport) -> None:
        self.server, self.transport = server, transport
        self.target = Target(server.repository, server.workflow, "main")
        self.token, self.timeout_s = TOKEN, 5.0
        self.url = server.url

    async def ask(self, method: str, *arguments: Any) -> Any:
        settings = replace(Settings(), github_url=self.url, timeout_s=self.timeout_s)
        async with open_client(settings, self.target, self.token, FixedClock(), self.transport) as client:
            return await getattr(client, method)(*arguments)

    async def refused(self, kind: type[GdvgError], method: str = "workflow", *arguments: Any) -> GdvgError:
        with pytest.raises(GithubError) as caught:
            await self.ask(method, *arguments)
        error: BaseException | None = caught.value
        assert type(error) is kind, error
        while error is not None:  # neither the error nor what it came from tells the token
            assert self.token not in f"{error}{error!r}{error.args}"
            error = error.__cause__ or error.__context__
        assert caught.value.message
        return caught.value


@pytest.fixture
def hub(github: FakeGithub, transport: OpenTransport) -> Hub:
    return Hub(github, transport)


async def test_requests_are_what_github_asks_for(hub: Hub, github: FakeGithub) -> None:
    assert (await hub.ask("workflow")).state == "active"
    await hub.ask("dispatch")
    await hub.ask("disable")
    for asked in github.asked:
        assert asked.headers["accept"] == "application/vnd.github+json"
        assert asked.headers["x-github-api-version"] == "2022-11-28"
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["user-agent"].startswith(f"GDVG-Desktop/{__version__}")
    assert github.asked[1].body == {"ref": "main", "inputs": {}, "return_run_details": True}
    assert github.calls() == [
        "GET workflows/sync.yml", "POST workflows/sync.yml/dispatches", "PUT workflows/sync.yml/disable",
    ]  # fmt: skip


async def test_a_workflow_is_disabled_and_enabled(hub: Hub, github: FakeGithub) -> None:
    await hub.ask("disable")
    assert github.state == "disabled_manually" == (await hub.ask("workflow")).state
    await hub.ask("enable")
    assert github.state == "active" == (await hub.ask("workflow")).state


async def test_a_start_tells_its_run_where_github_does(hub: Hub, github: FakeGithub) -> None:
    started = await hub.ask("dispatch")
    assert started.workflow_run_id == 9001 and started.html_url.endswith("/ann/mirror/actions/runs/9001")
    github.details = False
    assert (await hub.ask("dispatch")).workflow_run_id is None
    assert [run.id for run in await hub.ask("runs")] == [9002, 9001]


async def test_runs_come_newest_first_and_no_more_than_asked(hub: Hub, github: FakeGithub) -> None:
    for conclusion in ("success", "failure", "cancelled"):
        github.add_run(conclusion)
    github.runs[0] |= {"conclusion": None, "status": None, "html_url": None}
    first, second = await hub.ask("runs", 2)
    assert (first.id, first.status, first.conclusion, first.html_url) == (9003, None, None, None)
    assert (second.id, second.conclusion, second.created_at) == (9002, "failure", "2026-03-02T06:00:00Z")


async def test_a_run_is_cancelled_once(hub: Hub, github: FakeGithub) -> None:
    run_id = github.add_run(None, "in_progress")
    await hub.ask("cancel", run_id)
    assert github.runs[0]["conclusion"] == "cancelled"
    error = await hub.refused(AlreadyThere, "cancel", run_id)
    assert "run 9001 in ann/mirror" in error.message and "completed" in error.message
    await hub.refused(NotThere, "cancel", 1)


async def test_a_variable_is_made_and_changed(hub: Hub, github: FakeGithub) -> None:
    assert await hub.ask("variable", NAME) is None
    await hub.ask("set_variable", NAME, "true")
    assert github.variables == {NAME: "true"} and await hub.ask("variable", NAME) == "true"
    github.calls()
    await hub.ask("set_variable", NAME, "false")
    assert github.variables == {NAME: "false"} and github.calls() == [f"PATCH variables/{NAME}"]


async def test_a_variable_somebody_else_makes_meanwhile_is_changed(hub: Hub, github: FakeGithub) -> None:
    github.races = True
    await hub.ask("set_variable", NAME, "true")
    assert github.variables == {NAME: "true"}
    assert github.calls() == [f"PATCH variables/{NAME}", "POST variables", f"PATCH variables/{NAME}"]


async def test_a_token_github_does_not_know(hub: Hub) -> None:
    hub.token = "ghp_wrongwrongwrongwrong"
    error = await hub.refused(TokenRefused)
    assert "expired or revoked" in error.message and error.exit_code == 3


@pytest.mark.parametrize(
    ("rights", "method", "arguments", "missing"),
    [
        ({"variables:read"}, "workflow", (), "Actions: read"),
        ({"actions:read"}, "disable", (), "Actions: write"),
        ({"actions:read"}, "dispatch", (), "Actions: write"),
        ({"actions:read", "actions:write"}, "variable", (NAME,), "Variables: read"),
        ({"actions:write", "variables:read"}, "set_variable", (NAME, "true"), "Variables: write"),
    ],
)
async def test_a_missing_right_is_named(
    hub: Hub, github: FakeGithub, rights: set[str], method: str, arguments: tuple[str, ...], missing: str
) -> None:
    github.tokens[TOKEN] = frozenset(rights)
    error = await hub.refused(TokenRefused, method, *arguments)
    assert missing in error.message and "Resource not accessible" in error.message
    assert github.state == "active" and github.variables == {} and github.runs == []


async def test_what_does_not_exist_or_is_hidden_is_named(hub: Hub, github: FakeGithub) -> None:
    hub.target = Target("ann/mirror", "other.yml", "main")
    error = await hub.refused(NotThere)
    assert "workflow other.yml in ann/mirror" in error.message and "cannot see it" in error.message
    hub.target = Target("bob/other", "sync.yml", "main")
    assert "bob/other" in (await hub.refused(NotThere, "disable")).message
    assert "bob/other" in (await hub.refused(NotThere, "set_variable", NAME, "true")).message
    github.tokens[TOKEN] = frozenset()
    hub.target = Target("ann/mirror", "sync.yml", "main")
    await hub.refused(NotThere, "runs")


async def test_a_start_that_cannot_be_says_why(hub: Hub, github: FakeGithub) -> None:
    github.state = "disabled_manually"
    error = await hub.refused(NotAccepted, "dispatch")
    assert "disabled workflow" in error.message and "Resume" in error.hint
    github.state, github.has_dispatch = "active", False
    assert "workflow_dispatch" in (await hub.refused(NotAccepted, "dispatch")).message
    github.has_dispatch, github.branches = True, {"trunk"}
    error = await hub.refused(NotAccepted, "dispatch")
    assert "No ref found for: main" in error.message and "no branch main" in error.hint


async def test_limits_say_how_long_to_wait(hub: Hub, github: FakeGithub) -> None:
    github.fault, github.reset_at = "limit", int(NOW) + 1800
    error = await hub.refused(Throttled)
    assert isinstance(error, Throttled) and error.wait_s == 1800 and "30 minutes" in error.hint and error.retryable
    github.reset_at = int(NOW) - 50  # the clocks differ
    error = await hub.refused(Throttled)
    assert isinstance(error, Throttled) and error.wait_s == 1
    github.fault = "secondary"
    error = await hub.refused(Throttled)
    assert isinstance(error, Throttled) and error.wait_s == 120
    github.fault = "429"
    error = await hub.refused(Throttled)
    assert isinstance(error, Throttled) and error.wait_s is None and "few minutes" in error.hint


@pytest.mark.parametrize("fault", ["html", "html-403", "500", "502"])
async def test_what_answers_in_githubs_place_is_told_apart(hub: Hub, github: FakeGithub, fault: str) -> None:
    github.fault = fault
    error = await hub.refused(OutOfReach)
    assert error.retryable and error.exit_code == 4
    assert ("web page" in error.message) == fault.startswith("html")
    for method, arguments in (("disable", ()), ("enable", ()), ("dispatch", ()), ("set_variable", (NAME, "true"))):
        await hub.refused(OutOfReach, method, *arguments)  # a page that says 200 to everything has paused nothing


async def test_an_answer_that_breaks_off(hub: Hub, github: FakeGithub) -> None:
    github.fault = "cut"
    assert "broke off" in (await hub.refused(OutOfReach)).message


async def test_answers_nobody_can_understand(hub: Hub, github: FakeGithub) -> None:
    for fault in ("broken", "list"):
        github.fault = fault
        assert "understood" in (await hub.refused(GithubError)).message


async def test_a_moved_repository_is_not_followed(hub: Hub, github: FakeGithub) -> None:
    github.fault = "moved"
    assert "moved" in (await hub.refused(NotThere)).message
    assert len(github.asked) == 1


async def test_no_answer_in_time(hub: Hub, github: FakeGithub) -> None:
    github.fault, hub.timeout_s = "hang", 0.2
    assert "in time" in (await hub.refused(OutOfReach)).message


async def test_nobody_there(hub: Hub) -> None:
    hub.url = "http://127.0.0.1:9"
    assert "refused" in (await hub.refused(OutOfReach)).message
    hub.url = "https://github.invalid"
    message = (await hub.refused(OutOfReach)).message
    assert "GitHub's server github.invalid" in message and "TMDb" not in message


async def test_the_token_is_in_no_log_and_not_repeated_from_an_answer(
    hub: Hub, github: FakeGithub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    github.fault = "echo"
    error = await hub.refused(NotAccepted, "disable")
    assert "Bearer" in error.message and TOKEN not in error.message
    for fault in ("401", "cut", "hang", ""):
        github.fault, hub.timeout_s = fault, 0.2
        await asyncio.gather(hub.ask("workflow"), return_exceptions=True)
    assert TOKEN not in caplog.text


def test_tokens_are_cleaned_and_impossible_ones_refused() -> None:
    assert clean_token(f"  Bearer {TOKEN}\n") == TOKEN
    for text in ("", "  \n", "tökén", "x" * 2000):
        with pytest.raises(TokenRefused):
            clean_token(text)


@pytest.mark.parametrize(
    "values",
    [
        {"github_repository": "mirror"},
        {"github_repository": "ann/mirror/x"},
        {"github_repository": "../mirror"},
        {"github_repository": "ann/.."},
        {"github_repository": "https://github.com/ann/mirror"},
        {"github_workflow": ""},
        {"github_workflow": "../sync.yml"},
        {"github_workflow": "a/sync.yml"},
        {"github_workflow": "sync"},
        {"github_branch": "-x"},
        {"github_branch": ""},
        {"github_variable": "GITHUB_X"},
        {"github_variable": "1X"},
        {"github_variable": "A B"},
        {"github_pause_by": "mood"},
        {"github_url": "http://github.example"},
        {"github_url": "https://user@github.example"},
        {"github_url": "ftp://127.0.0.1"},
    ],
)
def test_names_github_cannot_have_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        validate(replace(Settings(), **values))


@pytest.mark.parametrize(
    "values",
    [
        {"github_repository": "ann/my.repo_1"},
        {"github_workflow": "daily sync.yaml"},
        {"github_workflow": "123456"},
        {"github_branch": "feature/x-1"},
        {"github_url": "https://ghe.example/api/v3"},
        {"github_url": "http://127.0.0.1:5000"},
    ],
)
def test_names_github_can_have_are_taken(values: dict[str, str]) -> None:
    validate(replace(Settings(), **values))
