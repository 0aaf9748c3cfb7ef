"""The bus hands every event to every listener, from any thread."""

import logging
import threading

import pytest

from gdvg_desktop.core.events import Bus, Event, JobChanged
from gdvg_desktop.core.log import start_logging, stop_logging


def test_listeners_hear_until_they_leave() -> None:
    bus, heard = Bus(), list[Event]()
    leave = bus.subscribe(heard.append)
    bus.publish(JobChanged(1))
    leave()
    bus.publish(JobChanged(2))
    assert heard == [JobChanged(1)]


def test_a_failing_listener_does_not_silence_the_others(caplog: pytest.LogCaptureFixture) -> None:
    bus, heard = Bus(), list[Event]()

    def fail(event: Event) -> None:
        raise ValueError("listener")

    bus.subscribe(fail)
    bus.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(JobChanged(1))
    assert heard == [JobChanged(1)]
    assert "JobChanged" in caplog.text


def test_events_of_many_threads_all_arrive() -> None:
    bus, heard = Bus(), list[Event]()
    bus.subscribe(heard.append)
    threads = [threading.Thread(target=lambda n=n: [bus.publish(JobChanged(n)) for _ in range(100)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 400


def test_the_log_file_never_holds_a_key(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    handlers = start_logging(folder, stderr=False)
    try:
        logging.getLogger("any").warning("asked %s", "http://x/3/movie/1?api_key=0123456789abcdef0123456789abcdef")
        try:
            raise ValueError("Bearer abcdefghijklmnop.q.r")
        except ValueError:
            logging.getLogger("any").exception("trouble")
    finally:
        stop_logging(handlers)
    text = (folder / "gdvg.log").read_text()
    assert "api_key=[hidden]" in text
    assert "0123456789abcdef" not in text and "abcdefghijklmnop" not in text
