"""A small client of GitHub's REST API: the state and runs of one workflow, pausing, resuming, starting, variables.

Each call is one request (two or three for a variable that may not exist). Nothing is tried again here: the caller
knows whether anybody waits. Redirects are not followed, since the token would go with them. The token is sent in a
header and appears in no error and no log.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from gdvg_desktop.core.clock import Clock
from gdvg_desktop.core.credentials import hide
from gdvg_desktop.core.errors import RequestError
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.sources.github_answers import (
    AlreadyThere,
    GithubError,
    NotAccepted,
    NotThere,
    OutOfReach,
    Reply,
    Run,
    Runs,
    Started,
    TokenRefused,
    Variable,
    Workflow,
    intercepted,
    refusal,
)
from gdvg_desktop.tmdb.transport import (
    FOREIGN,
    USER_AGENT,
    OpenTransport,
    in_our_words,
    let_go,
    open_transport,
    timeouts,
)

T = TypeVar("T")

API_VERSION = "2022-11-28"
READ_ACTIONS, WRITE_ACTIONS = "Actions: read", "Actions: write"
READ_VARIABLES, WRITE_VARIABLES = "Variables: read", "Variables: write"
MOST_BYTES = 4_000_000  # a page of ten runs has about 100 kB
_KEPT_HEADERS = ("retry-after", "x-ratelimit-remaining", "x-ratelimit-reset")


@dataclass(frozen=True, slots=True)
class Target:
    """The workflow meant: "owner/name", the file's name or number, and the branch it is started on."""

    repository: str
    workflow: str
    branch: str

    @property
    def words(self) -> str:
        """What errors call it."""
        return f"The workflow {self.workflow} in {self.repository}"


def clean_token(text: str) -> str:
    """A token as it was pasted, without spaces and a leading "Bearer". Raises TokenRefused for what can be none."""
    cleaned = "".join(text.split())
    if cleaned.lower().startswith("bearer"):
        cleaned = cleaned[len("bearer") :]
    if not cleaned:
        raise TokenRefused("No token was given.", "Paste a personal access token made at GitHub.")
    if not (cleaned.isascii() and cleaned.isprintable()) or len(cleaned) > 1000:
        raise TokenRefused(
            "This is no GitHub token.", "It has letters, digits and _ only, as ghp_... or github_pat_..."
        )
    return cleaned


class GithubClient:
    """One workflow of one repository, asked with one token. Made by `open_client`."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, settings: Settings, target: Target, token: str, clock: Clock
    ) -> None:
        self._transport = transport
        self._base = settings.github_url.rstrip("/")
        self._limit_s = settings.timeout_s
        self._target = target
        self._clock = clock
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Accept-Encoding": "gzip",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": USER_AGENT,
        }
        repository = "/".join(quote(part, safe="") for part in target.repository.split("/"))
        self._repository = f"/repos/{repository}/actions"
        self._workflow = f"{self._repository}/workflows/{quote(target.workflow, safe='')}"

    # ------------------------------------------------------------------------------------------- the workflow

    async def workflow(self) -> Workflow:
        """The workflow as it stands."""
        reply = await self._ask("GET", self._workflow, self._target.words, READ_ACTIONS)
        return _read(reply, Workflow)

    async def runs(self, count: int = 10) -> list[Run]:
        """Its last runs, newest first."""
        reply = await self._ask("GET", f"{self._workflow}/runs?per_page={count}", self._target.words, READ_ACTIONS)
        return _read(reply, Runs).workflow_runs

    async def disable(self) -> None:
        """Stop its schedule and refuse its starts; a run under way goes on."""
        await self._ask("PUT", f"{self._workflow}/disable", self._target.words, WRITE_ACTIONS)

    async def enable(self) -> None:
        """Let it run again."""
        await self._ask("PUT", f"{self._workflow}/enable", self._target.words, WRITE_ACTIONS)

    async def dispatch(self, inputs: dict[str, str] | None = None) -> Started:
        """Start a run on the branch; the workflow needs `on: workflow_dispatch`."""
        body = {"ref": self._target.branch, "inputs": inputs or {}, "return_run_details": True}
        try:
            reply = await self._ask("POST", f"{self._workflow}/dispatches", self._target.words, WRITE_ACTIONS, body)
        except NotAccepted as error:
            raise NotAccepted(
                error.message,
                f"It may be disabled (Resume it first), lack workflow_dispatch under on:, or have no branch "
                f"{self._target.branch}.",
            ) from None
        return _read(reply, Started) if reply.status == HTTPStatus.OK else Started()

    async def cancel(self, run_id: int) -> None:
        """Ask for the end of a run. Raises AlreadyThere when it has ended."""
        subject = f"The run {run_id} in {self._target.repository}"
        await self._ask("POST", f"{self._repository}/runs/{run_id}/cancel", subject, WRITE_ACTIONS)

    # ------------------------------------------------------------------------------------------- variables

    async def variable(self, name: str) -> str | None:
        """A repository variable's value, None when there is none (or the token cannot see the repository)."""
        try:
            reply = await self._ask("GET", self._variable(name), self._named(name), READ_VARIABLES)
        except NotThere:
            return None
        return _read(reply, Variable).value

    async def set_variable(self, name: str, value: str) -> None:
        """Give a variable a value, making it where it does not exist; somebody else may make it at the same time."""
        try:
            await self._change_variable(name, value)
            return
        except NotThere:
            pass
        try:
            await self._ask(
                "POST",
                f"{self._repository}/variables",
                self._named(name),
                WRITE_VARIABLES,
                {"name": name, "value": value},
            )
        except AlreadyThere:
            await self._change_variable(name, value)

    async def _change_variable(self, name: str, value: str) -> None:
        body = {"name": name, "value": value}
        await self._ask("PATCH", self._variable(name), self._named(name), WRITE_VARIABLES, body)

    def _variable(self, name: str) -> str:
        return f"{self._repository}/variables/{quote(name, safe='')}"

    def _named(self, name: str) -> str:
        return f"The variable {name} in {self._target.repository}"

    # ------------------------------------------------------------------------------------------- asking

    async def _ask(self, method: str, path: str, subject: str, right: str, body: dict[str, Any] | None = None) -> Reply:
        """One request. Raises GithubError for everything but 2xx, and when there is no whole answer in time."""
        headers, content = self._headers, None
        if body is not None:
            headers, content = headers | {"Content-Type": "application/json"}, msgspec.json.encode(body)
        elif method != "GET":
            content = b""
        request = httpx.Request(
            method,
            f"{self._base}{path}",
            headers=headers,
            content=content,
            extensions={"timeout": timeouts(self._limit_s)},
        )
        try:
            async with asyncio.timeout(self._limit_s):
                reply = await self._exchange(request)
        except TimeoutError:
            reply = None
        if reply is None:
            raise OutOfReach("GitHub did not answer in time.", "Check the network and try again.")
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            if reply.status == HTTPStatus.OK and not reply.kind.endswith("json"):
                raise intercepted()  # a sign-in page says 200 to everything, which is not the pause that was asked for
            return reply
        raise refusal(reply, subject, right, self._clock.now())

    async def _exchange(self, request: httpx.Request) -> Reply:
        response: httpx.Response | None = None
        body, whole = b"", True
        try:
            response = await self._transport.handle_async_request(request)
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    whole = False
                    break
            if whole:
                kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
                kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
                return Reply(response.status_code, kind, kept, body)
            failed: RequestError | None = None
        except TimeoutError:
            raise
        except FOREIGN as error:
            failed = in_our_words(error, response, server=f"GitHub's server {urlsplit(self._base).hostname}")
        finally:
            if response is not None and not response.is_closed:
                await let_go(response)
        # raised out here so that the foreign error, whose headers hold the token, does not come along as its context
        if failed is None:
            raise GithubError("GitHub's answer is far too long.", "Check the address of the API.")
        raise OutOfReach(failed.message, "Check the network and try again.")


@asynccontextmanager
async def open_client(
    settings: Settings, target: Target, token: str, clock: Clock, transport: OpenTransport = open_transport
) -> AsyncIterator[GithubClient]:
    """A client for a few requests, with a connection of its own."""
    hide(token)
    tls = await asyncio.to_thread(httpx.create_ssl_context)  # reads certificates: tens of milliseconds
    opened = transport(settings, settings.github_url, tls)
    try:
        yield GithubClient(opened, settings, target, token, clock)
    finally:
        await opened.aclose()


def _read(reply: Reply, kind: type[T]) -> T:
    """The body as a value. Raises GithubError for one of another kind."""
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise GithubError("GitHub's answer cannot be understood.", "Check the address of the API.")
