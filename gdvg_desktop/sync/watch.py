"""Watching one running job: whether it gets anywhere, and what comes in its way, for the history of its run.

Fed at every look the engine takes at the queue; what it returns is to be recorded. It neither reads nor writes.
A job that waits for TMDb (an outage, a cool-down) or slept with the machine is not stalled.
"""

from dataclasses import dataclass

from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import GATHER_MS, Incident
from gdvg_desktop.tmdb.client import ConnectionStatus, Meter

STALLED_S = 600.0
ASLEEP_S = 120.0  # between two looks: the machine slept, or a test's clock leapt
BURST = 5  # so many failures within a minute are an incident
BURST_S = GATHER_MS / 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be recorded: something that happened (`count` of it), began (`on` True) or ended (`on` False)."""

    kind: Incident
    count: int = 0
    text: str | None = None
    on: bool | None = None


class RunWatch:
    """One running job. `monotonic` values are seconds of the engine's clock."""

    def __init__(self, job: Job, now: float) -> None:
        self._progress_at = job.progress_at
        self._moved_at = self._looked_at = now
        self._throttled = 0
        self._failed = job.failed
        self._burst = 0
        self._burst_at = now
        self._in_burst = False
        self._outage = False
        self._heard = False
        self.stalled = False

    def hear(self) -> None:
        """The run said something: it is alive. May be called from any thread."""
        self._heard = True

    def look(self, job: Job, meter: Meter, status: ConnectionStatus, now: float) -> list[Seen]:
        """Compare with the last look."""
        seen = [*self._rate_limit(meter, status), *self._errors(job, now), *self._outages(status)]
        return seen + self._progress(job, status, now)

    def _rate_limit(self, meter: Meter, status: ConnectionStatus) -> list[Seen]:
        times, self._throttled = meter.throttled - self._throttled, meter.throttled
        if not times:
            return []
        allowed = status.pacer.allowed
        text = f"rate cut to {allowed:.0f} requests a second" if allowed > 0 else None
        return [Seen(Incident.RATE_LIMIT, times, text)]

    def _errors(self, job: Job, now: float) -> list[Seen]:
        """Single failures are rows of their own; only many at once are an incident."""
        new, self._failed = max(0, job.failed - self._failed), job.failed
        if now - self._burst_at > BURST_S:
            self._burst, self._in_burst = 0, False
        if not new:
            return []
        if not self._burst or self._in_burst:
            self._burst_at = now
        self._burst += new
        if self._in_burst:
            return [Seen(Incident.ERRORS, new)]
        if self._burst < BURST:
            return []
        self._in_burst, self._burst_at = True, now
        return [Seen(Incident.ERRORS, self._burst)]

    def _outages(self, status: ConnectionStatus) -> list[Seen]:
        down = status.state == "outage"
        if down == self._outage:
            return []
        self._outage = down
        return [Seen(Incident.OUTAGE, text=status.message or None, on=down)]

    def _progress(self, job: Job, status: ConnectionStatus, now: float) -> list[Seen]:
        waiting = status.state == "outage" or status.pacer.cooldown_s > 0 or now - self._looked_at > ASLEEP_S
        moved = job.progress_at != self._progress_at or self._heard
        self._progress_at, self._heard, self._looked_at = job.progress_at, False, now
        if moved or waiting:
            self._moved_at = now
        if self.stalled and moved:
            self.stalled = False
            return [Seen(Incident.STALLED, on=False)]
        if not self.stalled and now - self._moved_at >= STALLED_S:
            self.stalled = True
            return [Seen(Incident.STALLED, on=True, text=f"No progress for {STALLED_S / 60:.0f} minutes")]
        return []
