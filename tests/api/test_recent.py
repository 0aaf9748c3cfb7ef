"""An answer of a moment ago: given again while the library is the same, and never for longer than a moment."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gdvg_desktop.api.recent import COUNTS_S, KEPT, LONGEST, Recent
from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.store import counts
from gdvg_desktop.store.db import Store


class Asked:
    """An application that counts what reaches it, behind the memory of what it said, over a real library."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.reached = store, 100.0, 0
        self.broken = False
        inner = Starlette(routes=[Route("/{what}", self.answer, methods=["GET", "POST"])])
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Recent(inner, self.version, lambda: self.now)), base_url="http://api"
        )

    def version(self) -> int:
        if self.broken:
            raise StorageError("The library cannot be read.", "Look at the disk.")
        return self.store.data_version()

    async def answer(self, request: Request) -> Response:
        self.reached += 1
        what, found = request.path_params["what"], {"number": self.reached, "asked": str(request.query_params)}
        if what == "stream":
            return StreamingResponse(iter(["one", "two"]))
        if what == "long":
            return Response("x" * (LONGEST + 1))
        return JSONResponse(found, status_code=404 if what == "nothing" else 200)

    async def get(self, path: str) -> Any:
        return (await self.client.get(path)).json()


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    store = Store.open(open_paths(tmp_path / "data"), exclusive=True)
    yield Asked(store)
    store.close()


async def test_what_is_asked_again_at_once_is_worked_out_once(asked: Asked) -> None:
    first = await asked.client.get("/jobs?limit=1")
    asked.now += COUNTS_S / 2
    again = await asked.client.get("/jobs?limit=1")
    assert asked.reached == 1
    assert (again.status_code, again.content, again.headers) == (first.status_code, first.content, first.headers)
    assert (await asked.get("/jobs?limit=2"))["asked"] == "limit=2"
    assert (await asked.get("/titles?limit=1"))["number"] == 3


async def test_a_commit_of_this_program_or_another_ends_it(asked: Asked) -> None:
    await asked.get("/jobs")
    await asked.store.write(lambda db: counts.set_fact(db, "one", "1", 1))
    assert (await asked.get("/jobs"))["number"] == 2
    with sqlite3.connect(asked.store.paths.library) as other:
        other.execute("UPDATE fact SET value = '2' WHERE name = 'one'")
    other.close()
    assert (await asked.get("/jobs"))["number"] == 3


async def test_a_commit_while_it_is_worked_out_leaves_nothing_kept(asked: Asked) -> None:
    async def answer(request: Request) -> Response:
        asked.reached += 1
        await asked.store.write(lambda db: counts.set_fact(db, "one", str(asked.reached), asked.reached))
        return JSONResponse(asked.reached)

    inner = Starlette(routes=[Route("/jobs", answer)])
    transport = httpx.ASGITransport(Recent(inner, asked.version, lambda: asked.now))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        assert [(await client.get("/jobs")).json() for _ in range(3)] == [1, 2, 3]


async def test_it_counts_for_a_moment_only(asked: Asked) -> None:
    await asked.get("/jobs")
    asked.now += COUNTS_S
    assert (await asked.get("/jobs"))["number"] == 2


@pytest.mark.parametrize("path", ["nothing", "stream", "long"])
async def test_errors_streams_and_long_answers_are_not_kept(asked: Asked, path: str) -> None:
    bodies = [(await asked.client.get(f"/{path}")).content for _ in range(2)]
    assert asked.reached == 2 and all(bodies)


async def test_what_changes_something_always_arrives(asked: Asked) -> None:
    for _ in range(2):
        await asked.client.post("/jobs")
        await asked.client.request("GET", "/other")
    assert asked.reached == 3


async def test_a_library_that_cannot_be_read_is_left_to_the_routes(asked: Asked) -> None:
    await asked.get("/jobs")
    asked.broken = True
    assert (await asked.get("/jobs"))["number"] == 2


async def test_it_holds_few_answers(asked: Asked) -> None:
    for number in range(KEPT + 1):
        await asked.get(f"/jobs?limit={number}")
    assert (await asked.get("/jobs?limit=0"))["number"] == KEPT + 2
