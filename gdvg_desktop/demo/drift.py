"""Popularity and vote counts as they move in life: a little with every answer. The movement is a function of a
counter, so it repeats with the same sequence of requests; filters and date orders never depend on it."""

from __future__ import annotations

from gdvg_desktop.demo.catalogue import Title


class Drift:
    """Counts answers and says what a title's moving numbers are right now."""

    def __init__(self) -> None:
        self._answers = 0

    def advance(self) -> None:
        self._answers += 1

    def popularity(self, title: Title) -> float:
        """Within two per cent of the title's own, never two answers alike."""
        wave = ((title.salt + self._answers * 2_654_435_761) >> 7 & 1023) / 1023 - 0.5
        return round(title.popularity * (1 + 0.04 * wave), 4)

    def vote_count(self, title: Title) -> int:
        """The title's own or up to three more; a title nobody voted on stays at 0."""
        return title.vote_count + (title.salt + self._answers) % 4 if title.vote_count else 0

    def fields(self, title: Title) -> bytes:
        """The two moving members and the closing brace, to be put behind the unmoving part of a JSON object."""
        return b',"popularity":%r,"vote_count":%d}' % (self.popularity(title), self.vote_count(title))
