"""The client: sends requests at the pace that is allowed, tries again what is worth it, and says what went wrong.

It holds one connection pool for TMDb's API. What an answer means is read in `answers`, when to send is decided in
`pacer`, whether the line is down in `outage`; here they are put together into one policy. It keeps no data.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import httpx
import msgspec

from gdvg_desktop.core.clock import Clock
from gdvg_desktop.core.credentials import Credential, CredentialKind, hide, redact
from gdvg_desktop.core.errors import (
    Attempt,
    BadAnswer,
    BadRequest,
    ConnectionTrouble,
    CredentialError,
    GaveUp,
    GdvgError,
    RateLimited,
    RequestError,
    UnreachableError,
    UsageError,
)
from gdvg_desktop.core.events import Bus, ConnectionChanged, CredentialNeeded
from gdvg_desktop.core.settings import Settings, check_rate
from gdvg_desktop.tmdb.answers import check_json, usable_body
from gdvg_desktop.tmdb.outage import STREAK_ALONE, OutageWatch
from gdvg_desktop.tmdb.pacer import Pacer, PacerState
from gdvg_desktop.tmdb.reference import authentication
from gdvg_desktop.tmdb.requests import Request
from gdvg_desktop.tmdb.retry import back_off
from gdvg_desktop.tmdb.transport import USER_AGENT, OpenTransport, exchange, open_transport, timeouts

log = logging.getLogger(__name__)
T = TypeVar("T")

PROBE_TIMEOUT_S = 10.0
CHECK_ATTEMPTS = 3
LATENCIES = 20
DAY_S = 86_400


@dataclass(slots=True)
class Meter:
    """What one job cost: requests sent, how many of them again, answers of 429, and titles waiting to be retried."""

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    sleeping: int = 0


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The connection as a panel shows it.

    `state` is idle (nothing asked yet), connected, limited (TMDb has us slowed down), outage or refused (no good
    key). `latency_ms` is the mean of the last 20 answers. `requests_today` counts the UTC day. `message` says what is
    wrong in outage and refused. `outage_since` is monotonic seconds.
    """

    state: str
    pacer: PacerState
    latency_ms: float | None
    requests_today: int
    message: str
    outage_since: float | None


@dataclass(slots=True)
class _Try:
    """One failed try, and the streak of connection failures it was part of (None = TMDb had answered)."""

    attempt: Attempt
    streak: int | None


class TmdbClient:
    """One TMDb server, asked on behalf of everybody.

    `credential` is asked before each request, so a new key counts at once. `on_request` is called at each send.
    To be entered and used in one event loop; `status` may be read from any thread.
    """

    def __init__(
        self,
        settings: Settings,
        credential: Callable[[], Credential | None],
        *,
        clock: Clock,
        bus: Bus,
        on_request: Callable[[], None] | None = None,
        transport: OpenTransport = open_transport,
    ) -> None:
        self._settings = settings
        self._base = settings.tmdb_url.rstrip("/")
        self._credential = credential
        self._clock = clock
        self._bus = bus
        self._on_request = on_request
        self._open_transport = transport
        self._transport: httpx.AsyncBaseTransport | None = None
        self._pacer = Pacer(settings.requests_per_second, clock, settings.max_connections)
        self._outage = OutageWatch()
        self._probe: asyncio.Task[None] | None = None
        self._refused: CredentialError | None = None
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._answered = False
        self._today = self._day()
        self._requests_today = 0
        self._announced = "idle"
        self._timeouts = timeouts(settings.timeout_s)
        self._bearer: Credential | None = None
        self._bearer_headers = self._key_headers = _headers()

    async def __aenter__(self) -> Self:
        tls = await asyncio.to_thread(httpx.create_ssl_context)  # reads certificates: tens of milliseconds
        self._transport = self._open_transport(self._settings, self._base, tls)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait((self._probe,))
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    # ---------------------------------------------------------------------------------------------- asking

    async def get(
        self, request: Request, *, lane: int = 0, meter: Meter | None = None, decode: Callable[[bytes], T]
    ) -> T:
        """Ask until there is an answer, and return what `decode` makes of the body.

        `decode` may raise msgspec's errors for a body that is cut off or not as it should be: that is tried again.
        Waits as long as TMDb throttles and as long as an outage lasts. Raises CredentialError, Gone, BadRequest, or
        GaveUp after `max_attempts` tries.
        """
        meter = meter if meter is not None else Meter()
        tries: list[_Try] = []
        while True:
            try:
                return _decoded(await self._ask(request, lane, meter, again=bool(tries)), decode)
            except RateLimited:
                meter.throttled += 1
            except BadRequest as error:
                log.error("A request of ours was not accepted: %s: %s", redact(request.target()), redact(error.message))
                raise
            except RequestError as error:
                if not error.retryable:
                    raise
                await self._after_failure(request, error, tries, meter)

    async def fetch_bytes(self, request: Request, *, lane: int = 0, meter: Meter | None = None) -> bytes:
        """As `get`, but returns the body as it came, known to be one complete JSON document and nothing more."""
        return await self.get(request, lane=lane, meter=meter, decode=check_json)

    async def check_credential(self, credential: Credential) -> None:
        """Ask TMDb whether it takes a credential. Raises CredentialError or, after a few tries, UnreachableError.

        Nobody else is affected: neither a refusal nor a failure changes what the client thinks of its own.
        """
        hide(credential.secret)
        tried = 0
        while True:
            try:
                await self._send(authentication(), credential, 0, Meter())
                return
            except RateLimited:
                continue
            except RequestError as error:
                tried += 1
                if not error.retryable or tried >= CHECK_ATTEMPTS:
                    raise UnreachableError(error.message, error.hint or "Check the network and try again.") from None
                await self._clock.sleep(back_off(tried))

    async def _ask(self, request: Request, lane: int, meter: Meter, *, again: bool) -> bytes:
        """One try with the credential in use."""
        while True:
            if self._refused is not None:
                raise _like(self._refused)
            credential = self._credential()
            if credential is None:
                raise CredentialError("There is no TMDb key.", "Enter an API key or a read access token.")
            await self._outage.wait()
            await self._pacer.acquire(lane)
            if not self._outage.open or self._refused is not None:
                self._pacer.give_back()
                continue
            meter.retries += again
            try:
                return await self._send(request, credential, None, meter)
            except CredentialError as error:
                if credential == self._credential():
                    self._refuse(error)
                    raise
                log.info("An answer to the former key was set aside")

    async def _send(self, request: Request, credential: Credential, lane: int | None, meter: Meter) -> bytes:
        """One exchange: counted, timed, and read. With `lane` None the slot has been taken already."""
        if lane is not None:
            await self._pacer.acquire(lane)
        try:
            wire = self._build(request, credential)
            self._count(meter)
            sent_at = self._clock.monotonic()
            try:
                async with asyncio.timeout(self._limit(request)):
                    answer = await exchange(self._wire, wire)
            except TimeoutError:
                raise ConnectionTrouble(f"No answer came within {self._limit(request):g} seconds.") from None
        finally:
            self._pacer.release()
        try:
            body = usable_body(answer, self._clock.now())
        except RateLimited as error:
            cool_down = self._pacer.throttled(error.retry_after_s, sent_at)
            log.info("TMDb asked us to slow down; waiting %.1f s", cool_down)
            self._heard()
            raise
        except CredentialError:
            self._heard()
            raise
        except RequestError as error:
            if "json" in answer.content_type and not error.connection_level:
                self._heard()
            raise
        self._latencies.append(self._clock.monotonic() - sent_at)
        self._pacer.succeeded()
        self._heard()
        return body

    @property
    def _wire(self) -> httpx.AsyncBaseTransport:
        if self._transport is None:
            raise RuntimeError("the client is used before it is entered or after it is left")
        return self._transport

    def _limit(self, request: Request) -> float:
        limit = self._settings.timeout_s
        return min(PROBE_TIMEOUT_S, limit) if request.kind == "authentication" else limit

    def _build(self, request: Request, credential: Credential) -> httpx.Request:
        url = self._base + request.target()
        if credential.kind is CredentialKind.KEY:
            url += f"{'&' if request.params else '?'}api_key={credential.secret}"
        elif credential != self._bearer:
            self._bearer = credential
            self._bearer_headers = _headers(Authorization=f"Bearer {credential.secret}")
        headers = self._key_headers if credential.kind is CredentialKind.KEY else self._bearer_headers
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": self._timeouts})

    def _count(self, meter: Meter) -> None:
        meter.requests += 1
        day = self._day()
        if day != self._today:
            self._today, self._requests_today = day, 0
        self._requests_today += 1
        if self._on_request is not None:
            self._on_request()

    def _day(self) -> int:
        return int(self._clock.now() // DAY_S)

    # ------------------------------------------------------------------------------------ after a failure

    async def _after_failure(self, request: Request, error: RequestError, tries: list[_Try], meter: Meter) -> None:
        """Keep the failure, and wait for the next try. Raises GaveUp when there is none."""
        streak = self._outage.streak if error.connection_level else None
        attempt = Attempt(self._clock.now(), error.category, redact(error.message))
        tries.append(_Try(attempt, streak))
        log.info("%s failed (%d): %s", request.path, len(tries), attempt.message)
        if error.connection_level:
            alone = sum(1 for one in tries if one.streak == streak) >= min(STREAK_ALONE, self._settings.max_attempts)
            if self._outage.failed(error.message, self._clock.monotonic(), alone=alone):
                self._start_probe()
        if not self._outage.open and await self._sat_out(tries):
            return
        if len(tries) >= self._settings.max_attempts:
            raise GaveUp(error, tuple(one.attempt for one in tries))
        meter.sleeping += 1
        try:
            await self._clock.sleep(back_off(len(tries)))
        finally:
            meter.sleeping -= 1
        await self._sat_out(tries)

    async def _sat_out(self, tries: list[_Try]) -> bool:
        """Wait for the end of an outage, if there is one. True when it was to blame for some of the tries."""
        await self._outage.wait()
        kept = [one for one in tries if one.streak is None or not self._outage.forgives(one.streak)]
        forgiven = len(kept) < len(tries)
        tries[:] = kept
        return forgiven

    def _start_probe(self) -> None:
        if self._probe is not None:
            self._probe.cancel()  # of an outage that others heard the end of
        self._probe = asyncio.create_task(self._probe_until_answered(), name="tmdb-probe")
        self._probe.add_done_callback(self._probe_ended)

    def _probe_ended(self, probe: asyncio.Task[None]) -> None:
        if not probe.cancelled() and (error := probe.exception()) is not None:
            log.error("The probe stopped on a bug", exc_info=error)
            self._outage.heard()  # nobody must wait for it for ever

    async def _probe_until_answered(self) -> None:
        """Ask for next to nothing until TMDb answers; everybody else waits meanwhile."""
        tried = 0
        while not self._outage.open:
            credential = self._credential()
            try:
                if credential is None:
                    self._outage.heard()  # callers then say so themselves
                    break
                await self._send(authentication(), credential, 0, Meter())
            except CredentialError as error:
                if credential == self._credential():
                    self._refuse(error)
            except RateLimited:
                continue
            except RequestError as error:
                if not error.connection_level:
                    self._outage.heard()
                    break
                self._outage.probe_failed(error.message)
                self._announce()
                tried += 1
                await self._clock.sleep(back_off(tried))
        self._announce()

    def _heard(self) -> None:
        self._answered = True
        self._outage.heard()
        self._announce()

    def _refuse(self, error: CredentialError) -> None:
        if self._refused is None:
            self._refused = _like(error)
            log.warning("%s", error.message)
            self._announce()
            self._bus.publish(CredentialNeeded(error.message))

    def reset_credential(self) -> None:
        """There is a new key: ask again."""
        self._refused = None
        self._announce()

    # ---------------------------------------------------------------------------------------------- status

    def _state(self) -> str:
        if self._refused is not None:
            return "refused"
        if self._outage.since is not None:
            return "outage"
        if not self._answered:
            return "idle"
        return "limited" if self._pacer.limited else "connected"

    def _announce(self) -> None:
        state = self._state()
        if state != self._announced:
            self._announced = state
            self._bus.publish(ConnectionChanged())

    def status(self) -> ConnectionStatus:
        """How the connection stands now."""
        latencies = tuple(self._latencies)
        return ConnectionStatus(
            state=self._state(),
            pacer=self._pacer.state(),
            latency_ms=1000 * sum(latencies) / len(latencies) if latencies else None,
            requests_today=self._requests_today if self._day() == self._today else 0,
            message=self._refused.message if self._refused is not None else self._outage.message,
            outage_since=self._outage.since,
        )

    def set_requests_today(self, count: int) -> None:
        """What the store knows of this UTC day from before this start."""
        self._requests_today += count

    def apply(self, settings: Settings) -> None:
        """Use the rate, the number of attempts and the time-out of other settings, checked already, from now on.

        A rate this server must not be asked at is meant for another one, which is asked from the next start on.
        """
        rate = settings.requests_per_second
        try:
            check_rate(rate, self._settings.tmdb_url)
        except UsageError:
            rate = self._settings.requests_per_second
        self._settings = replace(
            self._settings,
            requests_per_second=rate,
            max_attempts=settings.max_attempts,
            timeout_s=settings.timeout_s,
        )
        self._timeouts = timeouts(settings.timeout_s)
        self._pacer.set_rate(rate)


def _decoded(body: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a ValidationError is a DecodeError
        raise BadAnswer(f"The answer broke off or is not as expected: {str(error)[:200]}") from None


def _headers(**more: str) -> httpx.Headers:
    return httpx.Headers({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"} | more)


def _like(error: GdvgError) -> CredentialError:
    """The same refusal as a fresh exception, so that no two callers share a traceback."""
    return CredentialError(error.message, error.hint, title=error.title)
