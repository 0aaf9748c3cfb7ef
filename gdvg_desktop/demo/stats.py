"""What the server saw: requests by kind, 429s sent, detail requests a title, the busiest second, connections.
Tests judge the client by these numbers. Times are monotonic seconds given by the caller."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field

_DETAIL = re.compile(r"/3/(movie|tv)/(\d+)")
_KINDS = (
    (re.compile(r"/3/discover/(movie|tv)"), "discover"),
    (re.compile(r"/3/(movie|tv)/changes"), "changes"),
    (_DETAIL, "details"),
    (re.compile(r"/3/authentication"), "authentication"),
    (re.compile(r"/3/configuration.*"), "configuration"),
    (re.compile(r"/3/genre/.*"), "genres"),
    (re.compile(r"/3/find/.*"), "find"),
    (re.compile(r"/p/exports/.*"), "exports"),
    (re.compile(r"/t/p/.*"), "images"),
)


def kind_of(path: str) -> str:
    """The kind a path is counted under, "other" when none fits."""
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(path)), "other")


def detail_key(path: str) -> str | None:
    """`movie/123` for the path of a detail request."""
    match = _DETAIL.fullmatch(path)
    return None if match is None else f"{match[1]}/{match[2]}"


@dataclass(slots=True)
class Stats:
    """Counters since the start or the last reset; the "API" is everything under /3.

    detail_requests counts what arrived per title, detail_answers what was answered 200 whole. A cool-down runs
    from a 429 for the time its Retry-After names (1 s without one, or for 0); peak_in_cooldown is the most
    requests that arrived during one.
    """

    requests: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    detail_requests: Counter[str] = field(default_factory=Counter)
    detail_answers: Counter[str] = field(default_factory=Counter)
    too_many: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0
    peak_connections: int = 0
    peak_per_second: int = 0
    peak_in_cooldown: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _cooldown_until: float = 0.0
    _in_cooldown: int = 0

    def arrived(self, path: str, now: float, connections: int) -> None:
        """An API request came in while `connections` were open."""
        self.requests += 1
        self.by_kind[kind_of(path)] += 1
        key = detail_key(path)
        if key is not None:
            self.detail_requests[key] += 1
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        self.peak_connections = max(self.peak_connections, connections)
        self._recent.append(now)
        while self._recent[0] <= now - 1:
            self._recent.popleft()
        self.peak_per_second = max(self.peak_per_second, len(self._recent))
        if now < self._cooldown_until:
            self._in_cooldown += 1
            self.peak_in_cooldown = max(self.peak_in_cooldown, self._in_cooldown)

    def finished(self, path: str, status: int | None) -> None:
        """An API request is over; None when no whole answer went out."""
        self.in_flight -= 1
        if status is None:
            return
        self.by_status[status] += 1
        key = detail_key(path)
        if key is not None and status == 200:
            self.detail_answers[key] += 1

    def sent_too_many(self, now: float, retry_after_s: int) -> None:
        self.too_many += 1
        if now >= self._cooldown_until:
            self._in_cooldown = 0
            self._cooldown_until = now + max(1, retry_after_s)

    def as_json(self) -> dict[str, object]:
        return {
            "requests": self.requests,
            "by_kind": dict(self.by_kind),
            "by_status": {str(status): count for status, count in self.by_status.items()},
            "faults": dict(self.faults),
            "too_many": self.too_many,
            "in_flight": self.in_flight,
            "peak_in_flight": self.peak_in_flight,
            "peak_connections": self.peak_connections,
            "peak_per_second": self.peak_per_second,
            "peak_in_cooldown": self.peak_in_cooldown,
            "detail_requests": dict(self.detail_requests),
            "detail_answers": dict(self.detail_answers),
        }

    def reset(self) -> None:
        """Start counting anew; requests still in flight stay counted as such."""
        fresh = Stats(in_flight=self.in_flight)
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))
