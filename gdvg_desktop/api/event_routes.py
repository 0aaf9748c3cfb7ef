"""The stream of events: what changes, as server-sent events, gathered so that at most four a second of a kind are sent.

A stream begins with how things stand, so nothing is missed by one that was broken off; Last-Event-ID is not needed.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from gdvg_desktop.api import forms
from gdvg_desktop.api.trouble import TooBusy
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs, schedule
from gdvg_desktop.core.events import (
    AlertsChanged,
    CoverageChanged,
    CredentialNeeded,
    EngineStopped,
    ErrorsChanged,
    Event,
    GapsChanged,
    JobChanged,
    JobsReordered,
    LibraryReplaced,
    PresetsChanged,
    ScheduleChanged,
    TitlesStored,
)
from gdvg_desktop.store.jobs import Job

GATHER_S = 0.25
HEARTBEAT_S = 15.0
MOST_STREAMS = 16

_PLAIN: dict[type[Event], str] = {
    AlertsChanged: "alerts",
    CoverageChanged: "coverage",
    ErrorsChanged: "errors",
    GapsChanged: "gaps",
    LibraryReplaced: "library",
    PresetsChanged: "presets",
}
"""Events that only say what is to be read again."""

_DESCRIPTION = """Server-sent events until the connection is closed:

- `job`: a job as GET /api/import/jobs shows it, when it changed; `queue`: the order of the queue changed
- `titles`: {"stored": n}, titles written since the last one
- `schedule`: {"is_paused": ...}, the schedule or its pause changed
- `alerts`, `coverage`, `errors`, `gaps`, `library`, `presets`: {}, read them again
- `trouble`: {"title", "message", "hint"}, all work has stopped until something is done

The stream begins with the unfinished jobs and the schedule. A comment comes every 15 seconds when nothing happens."""


def build(work: Work) -> APIRouter:
    """The route /api/events."""
    api = APIRouter(tags=["events"])

    @api.get(
        "/api/events",
        summary="What changes, as it changes",
        description=_DESCRIPTION,
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def events() -> StreamingResponse:
        if work.ending or work.streams >= MOST_STREAMS:
            raise TooBusy(f"{MOST_STREAMS} streams of events are open.", "Close one that is not needed.")
        return StreamingResponse(_stream(work), media_type="text/event-stream")

    return api


class _Gathered:
    """What happened since it was last asked for. Events come in any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()
        self.jobs: set[int] = set()
        self.stored = 0
        self.names: set[str] = set()
        self.trouble: list[dict[str, str]] = []

    def hear(self, event: Event) -> None:
        """To be called in any thread."""
        self._loop.call_soon_threadsafe(self._keep, event)

    def _keep(self, event: Event) -> None:
        match event:
            case JobChanged(job_id):
                self.jobs.add(job_id)
            case TitlesStored(ids):
                self.stored += len(ids)
            case JobsReordered():
                self.names.add("queue")
            case ScheduleChanged():
                self.names.add("schedule")
            case CredentialNeeded(message):
                self.trouble.append({"title": "TMDb key needed", "message": message, "hint": "Set another key."})
            case EngineStopped(title, message, hint):
                self.trouble.append({"title": title, "message": message, "hint": hint})
            case _ if type(event) in _PLAIN:
                self.names.add(_PLAIN[type(event)])
            case _:
                return
        self.woken.set()

    def take(self) -> tuple[set[int], int, set[str], list[dict[str, str]]]:
        """Everything, and begin anew."""
        found = self.jobs, self.stored, self.names, self.trouble
        self.jobs, self.stored, self.names, self.trouble = set(), 0, set(), []
        self.woken.clear()
        return found


async def _stream(work: Work) -> AsyncIterator[str]:
    gathered = _Gathered()
    unsubscribe = work.bus.subscribe(gathered.hear)
    closed = work.open_stream(gathered.woken)
    number = 0
    try:
        yield "retry: 2000\n\n"
        events = await work.run(_beginning)
        while not work.ending:
            for name, data in events:
                number += 1
                yield f"id: {number}\nevent: {name}\ndata: {data}\n\n"
            await asyncio.sleep(GATHER_S)
            try:
                await asyncio.wait_for(gathered.woken.wait(), HEARTBEAT_S)
            except TimeoutError:
                events = []
                yield ": still here\n\n"
                continue
            changed, stored, names, trouble = gathered.take()
            events = [("titles", json.dumps({"stored": stored}))] if stored else []
            events += await work.run(lambda app: _changes(app, changed, names))  # noqa: B023 awaited in this turn
            events += [("trouble", json.dumps(one)) for one in trouble]
    finally:
        unsubscribe()
        closed()


async def _beginning(app: App) -> list[tuple[str, str]]:
    waiting = await jobs.queue(app)
    return [_job(app, one) for one in waiting.jobs] + [await _schedule(app)]


async def _changes(app: App, changed: set[int], names: set[str]) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    if changed:
        events = [_job(app, one) for one in await jobs.some(app, changed)]
    for name in sorted(names):
        events.append(await _schedule(app) if name == "schedule" else (name, "{}"))
    return events


def _job(app: App, found: Job) -> tuple[str, str]:
    pace = app.engine.pace(found) if app.engine is not None else None
    shown: BaseModel = forms.job(found, pace)
    return "job", shown.model_dump_json()


async def _schedule(app: App) -> tuple[str, str]:
    held = await schedule.pause_state(app)
    values: dict[str, Any] = {"is_paused": held.paused}
    return "schedule", json.dumps(values)
