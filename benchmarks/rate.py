"""How much of a server's allowance an import uses, and how it bears a server that suddenly allows less.

    python benchmarks/rate.py [--seconds N]

A demo server runs as a process of its own and counts what arrives. First it allows 40 requests in any one second and
the import is set to 40: the share of the allowance that was used, and the answers of 429. Then it begins with 40 and
drops to 10: the answers of 429 a minute once ten seconds have passed, and the requests that arrived while a 429's
Retry-After was running. The allowance is the floor here; it is the server's own count, not a stopwatch of ours.

A machine that stands still for longer than a slot lasts spoils such a measurement, so a process that does nothing but
sleep measures that beside it. Seconds in which it woke late, and the one after each, are set aside.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from whole_import import KEY, SCOPE, demo

from gdvg_desktop.app import App, open_app
from gdvg_desktop.core.credentials import CredentialStore
from gdvg_desktop.core.kinds import JobKind
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store import jobs

ALLOWED, FEW = 40, 10
WARM_REQUESTS = 120
ADAPT_S = 10.0
GOAL_SHARE = 0.95
GOAL_429_A_MINUTE, ACCEPT_429_A_MINUTE = 3.0, 6.0  # it must try now and then whether more is allowed again
STANDSTILL_S = 0.025  # one slot at 40 a second
PATIENCE = 4  # how many times as long as asked a measurement may take, for want of undisturbed seconds

PULSE = """
import time
while True:
    began, worst = time.monotonic(), 0.0
    while (now := time.monotonic()) < began + 0.2:
        time.sleep(0.002)
        worst = max(worst, time.monotonic() - now - 0.002)
    print(worst, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """The server's counters at one moment."""

    at: float
    requests: int
    too_many: int
    in_cool_down: int


class Counters:
    """The control routes of a demo server."""

    def __init__(self, url: str) -> None:
        self._root = url.removesuffix("/3")

    async def read(self) -> Reading:
        stats = await asyncio.to_thread(self._talk, "stats", None)
        return Reading(time.monotonic(), stats["requests"], stats["too_many"], stats["peak_in_cooldown"])

    async def allow(self, per_second: int) -> None:
        await asyncio.to_thread(self._talk, "faults", {"rate_limit": per_second})

    def _talk(self, path: str, order: dict[str, Any] | None) -> Any:
        body = None if order is None else json.dumps(order).encode()
        with urllib.request.urlopen(f"{self._root}/_demo/{path}", body, timeout=10) as answer:
            return json.load(answer)


class Pulse:
    """Listens to a process that says five times a second how late it woke; `worst` is since the last `reset`."""

    def __init__(self) -> None:
        self.worst = 0.0

    def reset(self) -> None:
        self.worst = 0.0

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", PULSE, stdout=asyncio.subprocess.PIPE)
        listening = asyncio.create_task(self._listen(process))
        try:
            yield
        finally:
            process.kill()
            await asyncio.gather(listening, process.wait())

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.worst = max(self.worst, float(line))


@dataclass(slots=True)
class Span:
    """What happened in the undisturbed seconds: how many they were, requests accepted and refused in them."""

    quiet_s: float = 0.0
    accepted: int = 0
    refused: int = 0

    def share(self, allowed: int) -> float:
        """Of an allowance a second, the part that was used."""
        return self.accepted / (allowed * self.quiet_s) if self.quiet_s else 0.0

    def refused_a_minute(self) -> float:
        return self.refused * 60 / self.quiet_s if self.quiet_s else 0.0


class Watch:
    """An import at 40 requests a second that is well under way, beside its server's counters and the pulse."""

    def __init__(self, counters: Counters, app: App, pulse: Pulse) -> None:
        self.counters = counters
        self._app = app
        self._pulse = pulse

    async def undisturbed(self, seconds: float, *, at_full_rate: bool) -> Span:
        """Watch until so many undisturbed seconds have passed. With `at_full_rate` seconds in which the client is
        still slowed down by an answer of 429 are set aside as well: the answer itself was counted, unless spoilt."""
        span, spoilt = Span(), False
        ends = time.monotonic() + PATIENCE * seconds
        before = await self.counters.read()
        while span.quiet_s < seconds and time.monotonic() < ends:
            slowed = at_full_rate and self._app.client.status().pacer.limited
            self._pulse.reset()
            await asyncio.sleep(1.0)
            after = await self.counters.read()
            was_spoilt, spoilt = spoilt, self._pulse.worst > STANDSTILL_S
            if not spoilt and not was_spoilt and not slowed:
                refused = after.too_many - before.too_many
                span.quiet_s += after.at - before.at
                span.refused += refused
                span.accepted += after.requests - before.requests - refused
            before = after
        return span


@asynccontextmanager
async def importing(url: str) -> AsyncIterator[Watch]:
    """An import at 40 requests a second, from the moment it is well under way."""
    settings = replace(
        Settings(),
        tmdb_url=url,
        exports_url=f"{url.removesuffix('/3')}/p/exports",
        requests_per_second=float(ALLOWED),
    )
    counters, pulse = Counters(url), Pulse()
    credentials = CredentialStore({"TMDB_API_KEY": KEY})
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        app = await stack.enter_async_context(
            open_app(open_paths(Path(folder)), settings, engine=True, credentials=credentials)
        )
        await stack.enter_async_context(pulse.beating())
        assert app.engine is not None
        job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.IMPORT, "Bench", SCOPE.to_config(), 1))
        engine = asyncio.create_task(app.engine.run(only=job.id))
        while not engine.done() and (await counters.read()).requests < WARM_REQUESTS:  # noqa: ASYNC110 - not ours to signal
            await asyncio.sleep(0.1)
        yield Watch(counters, app, pulse)
        if engine.done():
            raise SystemExit("The import ended before it was measured: take fewer seconds.")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


async def steady(seconds: float) -> bool:
    """Against a server that allows 40 a second throughout, 20 ms away."""
    with demo(20, ALLOWED) as url:
        async with importing(url) as watch:
            span = await watch.undisturbed(seconds, at_full_rate=True)
    share = span.share(ALLOWED)
    print(
        f"allowance of {ALLOWED}/s used: {share:.1%} over {span.quiet_s:.0f} undisturbed seconds, {span.refused} "
        f"answers of 429 (goal and accept: {GOAL_SHARE:.0%} and 0)",
        flush=True,
    )
    return share >= GOAL_SHARE and span.refused == 0


async def dropping(seconds: float) -> bool:
    """Against a server that goes down to 10 a second. It answers at once, so that its cool-downs are the client's."""
    with demo(0, ALLOWED) as url:
        async with importing(url) as watch:
            await watch.counters.allow(FEW)
            before = await watch.counters.read()
            await asyncio.sleep(ADAPT_S)
            adapted = await watch.counters.read()
            span = await watch.undisturbed(seconds, at_full_rate=False)
            end = await watch.counters.read()
    a_minute = span.refused_a_minute()
    print(
        f"allowance down from {ALLOWED}/s to {FEW}/s: {adapted.too_many - before.too_many} answers of 429 in the first "
        f"{ADAPT_S:g} s, then {a_minute:.1f} a minute (goal {GOAL_429_A_MINUTE:g}, accept {ACCEPT_429_A_MINUTE:g}) "
        f"with {span.share(FEW):.0%} of it used; sent during cool-down: {end.in_cool_down} (goal and accept 0)",
        flush=True,
    )
    return span.quiet_s > 0 and a_minute <= ACCEPT_429_A_MINUTE and end.in_cool_down == 0


def main() -> int:
    """Print both; 1 when one is worse than accepted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    both = [asyncio.run(steady(seconds)), asyncio.run(dropping(seconds))]
    return 0 if all(both) else 1


if __name__ == "__main__":
    sys.exit(main())
