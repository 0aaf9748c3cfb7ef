"""The stream of events, read over its socket while a real import runs."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gdvg_desktop.demo.server import DemoServer
from tests.support.control import TOKEN, Client


class Stream:
    """An open stream: events as (name, data), comments as ("", text)."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {TOKEN}", "Last-Event-ID": "41; drop table"}
        self._connection.request("GET", "/api/events", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        assert self._answer.headers["Content-Type"].startswith("text/event-stream")

    def close(self) -> None:
        self._answer.close()
        self._connection.close()

    def events(self) -> Iterator[tuple[str, Any]]:
        """Until the server ends the stream."""
        block: dict[str, str] = {}
        for line in self._answer:
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(":")
                block[name] = value.strip()
            elif block:
                if "event" in block:
                    yield block["event"], json.loads(block["data"])
                elif "" in block:
                    yield "", block[""]
                block = {}


@contextmanager
def stream(client: Client) -> Iterator[Stream]:
    opened = Stream(client.port)
    try:
        yield opened
    finally:
        opened.close()


def test_an_import_is_followed_from_its_start_to_its_end(client: Client, demo: DemoServer) -> None:
    demo.faults.latency_ms = 300
    try:
        with stream(client) as opened:
            events = opened.events()
            assert next(events) == ("schedule", {"is_paused": False})
            job_id = client.post("/api/import/start", {"type": "all", "date_from": "1900"})["job_id"]
            began, heard, stored, ended = time.monotonic(), [], 0, None
            for name, data in events:
                if name == "titles":
                    stored += data["stored"]
                if name == "job" and data["id"] == job_id:
                    heard.append(data)
                    if data["state"] == "completed":
                        ended = time.monotonic()
                if ended is not None and stored >= heard[-1]["added"]:
                    break
    finally:
        demo.faults.latency_ms = 0
    assert ended is not None and stored == heard[-1]["added"] > 50
    done = [one["done"] for one in heard]
    assert done == sorted(done) and len(set(done)) > 2, "progress, not only the end"
    assert len(heard) <= 4 * (ended - began) + 2, "at most four a second"


def test_a_pause_is_heard_and_a_late_listener_is_told_how_things_stand(client: Client) -> None:
    with stream(client) as first:
        events = first.events()
        assert ("schedule", {"is_paused": False}) in [next(events)]
        client.post("/api/sync/pause")
        assert next(one for one in events if one[0] == "schedule") == ("schedule", {"is_paused": True})
        with stream(client) as second:
            assert next(second.events()) == ("schedule", {"is_paused": True})
    client.post("/api/sync/resume")


def test_more_streams_than_are_kept_are_refused(client: Client) -> None:
    opened = []
    try:
        for _ in range(16):
            opened.append(Stream(client.port))
        # a stream counts from its first line on
        for one in opened:
            next(one.events())
        refused = client.ask("GET", "/api/events")
        assert refused.status == 503 and refused.json["error"]["title"] == "Too busy"
    finally:
        for one in opened:
            one.close()
