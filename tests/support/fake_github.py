"""A small GitHub on loopback: the endpoints of Actions that the program uses, with rights, states and faults.

What it answers is what GitHub's REST documentation says: 204 for enabling and disabling, 204
or 200 for a dispatch, 201 / 204 / 409 / 404 for variables, 202 / 409 for a cancellation, 401, 403 and 404 by token.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

TOKEN = "github_pat_11TESTTESTTEST0123456789"
ALL_RIGHTS = frozenset({"actions:read", "actions:write", "variables:read", "variables:write"})


@dataclass
class Asked:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class FakeGithub:
    """One repository with one workflow. Change the fields between requests; `fault` answers in place of everything.

    Faults: html, html-403, broken, hang, cut, moved, limit (x-ratelimit-reset), secondary (Retry-After), 500, list.
    `fault_path` limits a fault to paths that contain it.
    """

    repository: str = "ann/mirror"
    workflow: str = "sync.yml"
    branches: set[str] = field(default_factory=lambda: {"main"})
    state: str = "active"
    has_dispatch: bool = True
    details: bool = True
    variables: dict[str, str] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    tokens: dict[str, frozenset[str]] = field(default_factory=lambda: {TOKEN: ALL_RIGHTS})
    fault: str = ""
    fault_path: str = ""
    reset_at: int = 0
    races: bool = False  # somebody else makes the variable between our two requests
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    _server: _Server | None = None
    _thread: threading.Thread | None = None

    # ------------------------------------------------------------------------------------------- running it

    def __enter__(self) -> Self:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "PUT", "POST", "PATCH"])])
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="fake-github")
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        assert self._server is not None and self._thread is not None
        self._server.should_exit = True
        self._thread.join(10)

    def add_run(self, conclusion: str | None = "success", status: str = "completed", event: str = "schedule") -> int:
        """A run, in front of the others; returns its number."""
        number = len(self.runs) + 1
        run_id = 9000 + number
        run = {
            "id": run_id,
            "name": "Sync",
            "run_number": number,
            "status": status,
            "conclusion": conclusion,
            "event": event,
            "created_at": f"2026-03-{number:02}T06:00:00Z",
            "html_url": f"https://github.com/{self.repository}/actions/runs/{run_id}",
        }
        self.runs.insert(0, run)
        return run_id

    def calls(self) -> list[str]:
        """Method and last parts of the path of every request, and forget them."""
        found = [f"{one.method} {one.path.split('/actions/', 1)[-1]}" for one in self.asked]
        self.asked.clear()
        return found

    # ------------------------------------------------------------------------------------------- answering

    async def _answer(self, request: Request) -> Response:
        raw = await request.body()
        body = await request.json() if raw else None
        self.asked.append(Asked(request.method, request.url.path, dict(request.headers), body))
        if self.fault and self.fault_path in request.url.path:
            return await self._faulty(request)
        if request.headers.get("user-agent", "") == "":
            return _said(403, "Request forbidden by administrative rules. User-Agent required.")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        rights = self.tokens.get(token) if scheme == "Bearer" else None
        if rights is None:
            return _said(401, "Bad credentials")
        prefix = f"/repos/{self.repository}/actions/"
        if not rights or not request.url.path.startswith(prefix):
            return _said(404, "Not Found")
        kind, *rest = request.url.path.removeprefix(prefix).split("/")
        right = f"{'variables' if kind == 'variables' else 'actions'}:{'read' if request.method == 'GET' else 'write'}"
        if right not in rights:
            return _said(403, "Resource not accessible by personal access token")
        handler = {"workflows": self._workflows, "runs": self._runs, "variables": self._variables}.get(kind)
        return handler(request, rest, body) if handler else _said(404, "Not Found")

    def _workflows(self, request: Request, rest: list[str], body: Any) -> Response:
        if not rest or rest[0] != self.workflow:
            return _said(404, "Not Found")
        match request.method, rest[1:]:
            case "GET", []:
                page = f"https://github.com/{self.repository}/blob/main/.github/workflows/{self.workflow}"
                return JSONResponse({"id": 7, "name": "Sync", "state": self.state, "html_url": page, "path": "x"})
            case "GET", ["runs"]:
                count = int(request.query_params.get("per_page", "30"))
                return JSONResponse({"total_count": len(self.runs), "workflow_runs": self.runs[:count]})
            case "PUT", ["disable"]:
                self.state = "disabled_manually"
                return Response(status_code=204)
            case "PUT", ["enable"]:
                self.state = "active"
                return Response(status_code=204)
            case "POST", ["dispatches"]:
                return self._dispatch(body)
        return _said(404, "Not Found")

    def _dispatch(self, body: Any) -> Response:
        if self.state != "active":
            return _said(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        if not self.has_dispatch:
            return _said(422, "Workflow does not have 'workflow_dispatch' trigger")
        if body["ref"] not in self.branches:
            return _said(422, f"No ref found for: {body['ref']}")
        run_id = self.add_run(None, "queued", "workflow_dispatch")
        if not (self.details and body.get("return_run_details")):
            return Response(status_code=204)
        page = f"https://github.com/{self.repository}/actions/runs/{run_id}"
        return JSONResponse({"workflow_run_id": run_id, "run_url": f"{self.url}/x", "html_url": page})

    def _runs(self, request: Request, rest: list[str], _body: Any) -> Response:
        found = [one for one in self.runs if rest and str(one["id"]) == rest[0]]
        if request.method != "POST" or rest[1:] != ["cancel"] or not found:
            return _said(404, "Not Found")
        if found[0]["status"] == "completed":
            return _said(409, "Cannot cancel a workflow run that is completed.")
        found[0].update(status="completed", conclusion="cancelled")
        return JSONResponse({}, status_code=202)

    def _variables(self, request: Request, rest: list[str], body: Any) -> Response:
        if request.method == "POST" and not rest:
            if body["name"] in self.variables:
                return _said(409, "Already exists - Variable already exists")
            self.variables[body["name"]] = body["value"]
            return JSONResponse({}, status_code=201)
        name = rest[0] if rest else ""
        if name not in self.variables:
            if self.races and request.method == "PATCH":
                self.variables[name] = "false"
            return _said(404, "Not Found")
        if request.method == "PATCH":
            self.variables[name] = body["value"]
            return Response(status_code=204)
        return JSONResponse({"name": name, "value": self.variables[name], "created_at": "x", "updated_at": "x"})

    async def _faulty(self, request: Request) -> Response:
        match self.fault:
            case "html":
                return HTMLResponse("<html><body>Sign in to Hotel WiFi</body></html>")
            case "html-403":
                return HTMLResponse("<html><body>Blocked</body></html>", status_code=403)
            case "broken":
                return Response(b'{"state": "act', media_type="application/json")
            case "list":
                return JSONResponse([1, 2, 3])
            case "cut":
                return Response(b'{"state":', media_type="application/json", headers={"content-length": "400"})
            case "moved":
                return RedirectResponse(f"{self.url}/repositories/42", status_code=301)
            case "limit":
                headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(self.reset_at)}
                return JSONResponse({"message": "API rate limit exceeded"}, status_code=403, headers=headers)
            case "secondary":
                text = {"message": "You have exceeded a secondary rate limit."}
                return JSONResponse(text, status_code=429, headers={"retry-after": "120"})
            case "hang":
                while (await request.receive())["type"] != "http.disconnect":
                    pass
                return Response(status_code=204)
            case "echo":  # what a careless proxy does
                return _said(422, f"Bad request: {request.headers.get('authorization')}")
        return _said(int(self.fault), "Server Error")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which only the main thread may set."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _said(status: int, message: str) -> Response:
    return JSONResponse({"message": message, "documentation_url": "https://docs.github.com/rest"}, status_code=status)
