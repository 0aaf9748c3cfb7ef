"""Everything the demo server can be told to do wrong, and the draw that decides what happens to a request. How
each fault looks on the wire is in gate.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from random import Random

import msgspec


class Fault(StrEnum):
    """What may befall one API request; each has a rate of the same name in Faults."""

    TOO_MANY = "too_many"
    TOO_MANY_BARE = "too_many_bare"
    TOO_MANY_ZERO = "too_many_zero"
    ERROR_500 = "error_500"
    HTML_502 = "html_502"
    ERROR_503 = "error_503"
    ERROR_504 = "error_504"
    HTML_200 = "html_200"
    HTML_403 = "html_403"
    NOT_JSON = "not_json"
    RESET = "reset"
    CUT_BODY = "cut_body"
    CUT_JSON = "cut_json"
    HANG = "hang"


EVERY_KEY = "*"
"""In `revoked`: no credential is accepted."""


@dataclass(slots=True)
class Faults:
    """The switches; all may change while the server runs. Rates are probabilities per API request and exclude
    each other (one draw), so together they stay at or under 1.

    too_many            429 with Retry-After `retry_after_s`
    too_many_bare       429 without Retry-After
    too_many_zero       429 with Retry-After 0
    error_500 ...       500 code 11, 502 with an HTML page, 503 code 9, 504 code 24
    html_200, html_403  an HTML page, as captive portals and providers send
    not_json            200, declared JSON, that is not
    reset               the connection is reset before the answer
    cut_body            fewer bytes than Content-Length promised, then the connection closes
    cut_json            a complete answer holding the first half of the JSON
    hang                no answer for `hang_s`, then the connection closes

    rate_limit          API requests accepted in any one second, 0 for no limit; more are answered 429
    limit_header        whether those 429 carry Retry-After 1
    latency_ms          added before every API answer
    shifting            rows moved per listing request, 0 keeps every order; 3 is lively
    revoked             credentials answered 401 code 7; EVERY_KEY for all
    always_500          titles ("movie/123") whose details always answer 500
    refuse              everything is disconnected (except the /_demo control routes)
    old_page_error      a bad page answers 422 {"errors": [...]} as TMDb once did
    export_missing      no export file is there
    export_truncated    export files end in the middle
    export_empty        export files are whole and hold nothing
    export_half         export files are whole and hold every other row only
    export_newest_only  these four befall the newest file only; those of earlier days are in order
    export_today        today's file is there already
    """

    too_many: float = 0.0
    too_many_bare: float = 0.0
    too_many_zero: float = 0.0
    error_500: float = 0.0
    html_502: float = 0.0
    error_503: float = 0.0
    error_504: float = 0.0
    html_200: float = 0.0
    html_403: float = 0.0
    not_json: float = 0.0
    reset: float = 0.0
    cut_body: float = 0.0
    cut_json: float = 0.0
    hang: float = 0.0
    rate_limit: int = 40
    limit_header: bool = True
    retry_after_s: int = 2
    hang_s: float = 30.0
    latency_ms: float = 0.0
    shifting: int = 0
    revoked: set[str] = field(default_factory=set)
    always_500: set[str] = field(default_factory=set)
    refuse: bool = False
    old_page_error: bool = False
    export_missing: bool = False
    export_truncated: bool = False
    export_empty: bool = False
    export_half: bool = False
    export_newest_only: bool = False
    export_today: bool = False

    def update(self, changes: Mapping[str, object]) -> None:
        """Set switches by name; raises ValueError, and changes nothing, for an unknown name or a value of the
        wrong kind."""
        values = asdict(self) | dict(changes)
        unknown = set(changes) - {entry.name for entry in fields(self)}
        if unknown:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        checked = msgspec.convert(values, Faults)
        if not 0 <= sum(getattr(checked, kind.value) for kind in Fault) <= 1.000001:
            raise ValueError("the rates together must be between 0 and 1")
        for name in changes:
            setattr(self, name, getattr(checked, name))

    def copy(self) -> Faults:
        return replace(self, revoked=set(self.revoked), always_500=set(self.always_500))

    def clear(self) -> None:
        """Everything back to working order; the rate limit and the latency stay as they are."""
        fresh = Faults(rate_limit=self.rate_limit, limit_header=self.limit_header, latency_ms=self.latency_ms)
        for entry in fields(self):
            setattr(self, entry.name, getattr(fresh, entry.name))

    def draw(self, rng: Random) -> Fault | None:
        """Decide one request's fate."""
        point = rng.random()
        for kind in Fault:
            point -= getattr(self, kind.value)
            if point < 0:
                return kind
        return None
