"""Counting what was sent when."""

import pytest

from gdvg_desktop.tmdb.throughput import Throughput


def test_requests_fall_out_of_the_window_they_are_asked_for() -> None:
    sent = Throughput(100.0)
    for second in range(100, 180):
        sent.record(second + 0.5)
    assert sent.total(179.9, 60) == 60
    assert sent.total(179.9, 300) == 80
    assert sent.total(230.0, 60) == 9
    assert sent.total(1000.0, 300) == 0


def test_a_request_taken_back_does_not_count() -> None:
    sent = Throughput(100.0)
    sent.record(100.2)
    sent.record(100.3, -1)
    assert sent.total(101.0, 60) == 0


def test_the_rate_is_right_from_the_first_second_on() -> None:
    sent = Throughput(100.4)
    for step in range(40):
        sent.record(100.4 + step / 20)
    assert sent.rate(102.4) == pytest.approx(20, abs=0.1)
    assert Throughput(5.0).rate(5.0) == 0


def test_the_history_is_five_minutes_in_steps_of_five_seconds_oldest_first() -> None:
    sent = Throughput(0.0)
    for _ in range(10):
        sent.record(2.0)
    for _ in range(50):
        sent.record(298.0)
    history = sent.history(300.0)
    assert (len(history), history[0], history[-1]) == (60, 2.0, 10.0)
    assert sum(history) * 5 == 60
