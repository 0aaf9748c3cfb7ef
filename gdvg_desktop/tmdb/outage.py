"""Telling an outage from a failing request, by what all callers together see. It sends nothing itself.

Failures where nothing that looks like TMDb answered form a streak; any answer of TMDb's ends it. A streak that is long
enough is a suspicion: everyone waits while one probe is sent. When that fails too, it is an outage, and the attempts
made in the streak do not count. When it is answered, the line is good and it was the request after all: they do.
"""

import asyncio

STREAK = 10  # connection-level failures in a row, over all callers
STREAK_ALONE = 4  # the same of one caller: alone it would use up its attempts before it came to ten


class OutageWatch:
    """The streak, and the gate callers pass before they send."""

    def __init__(self) -> None:
        self._gate = asyncio.Event()
        self._gate.set()
        self._failures = 0
        self._forgiven: set[int] = set()
        self.streak = 0  # number of the streak running now, or of the next
        self.since: float | None = None  # monotonic seconds, while it is an outage
        self.message = ""
        self._suspected_at = 0.0

    @property
    def open(self) -> bool:
        """True when callers may send."""
        return self._gate.is_set()

    async def wait(self) -> None:
        """Wait until callers may send."""
        await self._gate.wait()

    def failed(self, message: str, now: float, *, alone: bool) -> bool:
        """Nothing of TMDb's answered. `alone` says that this caller's own failures in this streak are enough.

        True when that makes a new suspicion: the gate is closed, and the caller is to start the probe.
        """
        self._failures += 1
        self.message = message
        if not self.open or (self._failures < STREAK and not alone):
            return False
        self._suspected_at = now
        self._gate.clear()
        return True

    def probe_failed(self, message: str) -> None:
        """The probe got no answer either: it is an outage, since it was suspected."""
        self.message = message
        self._forgiven.add(self.streak)
        if self.since is None:
            self.since = self._suspected_at

    def heard(self) -> None:
        """TMDb answered somebody: the streak, and an outage, are over."""
        if self._failures == 0 and self.open:
            return
        self._failures = 0
        self.streak += 1
        self.since = None
        self.message = ""
        self._gate.set()

    def forgives(self, streak: int) -> bool:
        """Whether a failure in that streak was the outage's, not the request's."""
        return streak in self._forgiven
