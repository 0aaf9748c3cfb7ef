"""The four headline cards: titles held, coverage of TMDb, what is running, requests of the day."""

import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdvg_desktop.commands.overview import Day, Overview
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.ui.docks.feed_panel import FeedPanel
from gdvg_desktop.ui.models.schedule_words import soon, until_words
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import ago, clock_time, counted, day, decimal, duration, local, number
from gdvg_desktop.ui.schedule_feed import ScheduleNews
from gdvg_desktop.ui.screens import GAPS, LIBRARY, QUEUE
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.cards import StatCard, StatGrid
from gdvg_desktop.ui.widgets.labels import Fact
from gdvg_desktop.ui.widgets.messages import InlineMessage

translate = QCoreApplication.translate
SETTINGS = "settings"
AGE_MS = 5000
SECOND_HALF_MS = 30
DAY_S = 86_400
MOST_DAYS = 3650  # a finish ten years away is no forecast


def titles_per_day(days: Sequence[Day], last: int = 7) -> float:
    """The mean of new titles over the last whole days that had work; 0 without any. Today is not over, so not in it."""
    worked = [one.added_movies + one.added_tv for one in days[-last - 1 : -1] if one.state != "none"]
    return sum(worked) / len(worked) if worked else 0.0


def days_left(days: Sequence[Day], missing: int) -> int | None:
    """Whole days until `missing` titles are here at the pace of `titles_per_day`; None when nothing can be said."""
    pace = titles_per_day(days)
    return max(1, math.ceil(missing / pace)) if missing and pace else None


def exact_percent(share: float) -> str:
    """A share with one digit; what is not complete never reads 100 %."""
    return f"{decimal(min(100 * share, 99.9) if share < 1 else 100, 1 if share < 1 else 0)}%"


def time_left(seconds: float) -> str:
    """How long until something planned: in whole hours, and in minutes when it is near, so that it stays true."""
    unit = 3600 if seconds >= 2 * 3600 else 60
    return duration(max(1, round(seconds / unit)) * unit)


class OverviewDock(FeedPanel):
    """`opened(str)` names the screen a card leads to, or "settings"."""

    KEY = "overview"
    opened = Signal(str)

    def __init__(self, feed: OverviewFeed, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("OverviewDock", "Overview"), "gauge", fit_height=True, parent=parent)
        self._read_at = 0.0
        self._found: Overview | None = None
        self._schedule: ScheduleNews | None = None
        self.titles = StatCard(self.tr("Total content"), "clapperboard", Accent.BLUE)
        self.coverage = StatCard(self.tr("Coverage of TMDb"), "target", Accent.GREEN)
        self.work = StatCard(self.tr("Sync status"), "circle-check", Accent.GREEN)
        self.requests = StatCard(self.tr("Requests today"), "gauge", Accent.BLUE)
        cards = [self.titles, self.coverage, self.work, self.requests]
        for card, place in zip(cards, (LIBRARY, GAPS, QUEUE, SETTINGS), strict=True):
            card.activated.connect(lambda where=place: self.opened.emit(where))
        self._problem = InlineMessage(Accent.RED)
        self._problem.hide()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._problem)
        column.addWidget(StatGrid(cards))
        self.set_content(body)
        self._age = QTimer(self)
        self._age.setInterval(AGE_MS)
        self._age.timeout.connect(self._tell_age)
        feed.failed.connect(self._fail)
        self._blank()
        self.follow(feed)

    def _blank(self) -> None:
        """Before the library has been opened: no figures are claimed."""
        for card in (self.titles, self.coverage, self.work, self.requests):
            card.set_value("–")
            card.set_bar(None)
            card.set_quiet()
            card.set_facts([Fact(self.tr("Opening the library"))])

    def _fail(self, error: GdvgError) -> None:
        self._problem.set_message(Accent.RED, str(error), lead=error.title)
        self._problem.show()

    def show_figures(self, found: Overview) -> None:
        self._problem.hide()
        self._read_at = time.monotonic()
        self._show_titles(found)
        self._show_coverage(found)
        QTimer.singleShot(SECOND_HALF_MS, self, lambda: self._show_rest(found))

    def _show_rest(self, found: Overview) -> None:
        """The other two cards and the title bar, a moment later: one go for all would be a long one."""
        self._found = found
        self._show_work(found)
        self._show_requests(found)
        self._tell_age()
        self._age.start()

    def show_schedule(self, news: ScheduleNews) -> None:
        """What comes next by the schedule, or that it is paused."""
        self._schedule = news
        if self._found is not None:
            self._show_work(self._found)

    def _tell_age(self) -> None:
        self.set_meta(self.tr("Updated {0}").format(ago(time.monotonic() - self._read_at)))

    # the cards -------------------------------------------------------------------------------------------------

    def _show_titles(self, found: Overview) -> None:
        card = self.titles
        card.set_value(number(found.titles), self.tr("titles in the mirror"))
        card.set_bar([(Accent.BLUE, found.movies), (Accent.PURPLE, found.tv)], found.titles)
        if not found.titles:
            card.set_quiet()
            card.set_facts([Fact(self.tr("Fills as the first import runs"))])
            return
        card.set_accent(Accent.BLUE)
        card.set_facts(
            [
                Fact(self.tr("Movies"), number(found.movies), accent=Accent.BLUE),
                Fact(self.tr("TV series"), number(found.tv), accent=Accent.PURPLE),
            ]
        )

    def _show_coverage(self, found: Overview) -> None:
        card, coverage = self.coverage, found.coverage
        if coverage is None or not coverage.known:
            card.set_value("–" if found.titles else "0%", self.tr("of all titles on TMDb"))
            card.set_quiet()
            card.set_bar([], 1)
            card.set_facts([Fact(self.tr("Known once the daily export is read"))])
            return
        share = coverage.held / coverage.known
        card.set_value(exact_percent(share), self.tr("of {0} titles").format(number(coverage.known)))
        card.set_accent(Accent.GREEN)
        card.set_bar([(Accent.GREEN, coverage.held)], coverage.known)
        line = [Fact(self.tr("Missing"), number(coverage.missing))]
        if coverage.undetermined:
            line.append(Fact(self.tr("Undetermined"), number(coverage.undetermined)))
        as_of = self.tr("export of {0}").format(day(coverage.as_of))
        if coverage.refused is None:
            line.append(self._finish(found, coverage.missing) or Fact(as_of, right=True))
        else:  # the figures are proved, but by an older export
            card.set_accent(Accent.AMBER, "triangle-alert")
            line.append(Fact(as_of, self.tr("newer one not usable"), value_accent=Accent.AMBER, right=True))
        card.set_facts(line)
        card.setToolTip(coverage.refused or "")

    def _finish(self, found: Overview, missing: int) -> Fact | None:
        """When the rest will be here, while work goes on."""
        days = days_left(found.days, missing)
        if not (found.running or found.waiting) or days is None or days > MOST_DAYS:
            return None
        until = datetime.now(UTC).astimezone().date() + timedelta(days=days)
        note = counted(days, self.tr("({0} day)"), self.tr("({0} days)"))
        return Fact(self.tr("Complete by"), day(until), note, right=True)

    def _show_work(self, found: Overview) -> None:
        card = self.work
        card.set_bar(None)
        waiting = found.waiting + found.paused
        if found.running:
            count = len(found.running)
            card.set_value(
                self.tr("Active"),
                counted(count, self.tr("{0} job running"), self.tr("{0} jobs running")),
                dot=Accent.GREEN,
            )
            card.set_accent(Accent.GREEN, "circle-check")
        elif found.paused:
            card.set_value(
                self.tr("Paused"), counted(found.paused, self.tr("{0} job"), self.tr("{0} jobs")), dot=Accent.AMBER
            )
            card.set_accent(Accent.AMBER, "circle-pause")
        elif found.last_finished is None and not waiting:
            card.set_value(self.tr("Not started"))
            card.set_quiet("circle-dashed")
            card.set_bar([], 1)
            card.set_facts([Fact(self.tr("No import has run yet"))])
            return
        elif self._schedule is not None and self._schedule.pause.paused:
            card.set_value(self.tr("Paused"), self.tr("the schedule"), dot=Accent.AMBER)
            card.set_accent(Accent.AMBER, "circle-pause")
        else:
            card.set_value(self.tr("Idle"), self.tr("nothing is running"), dot=Accent.SLATE)
            card.set_quiet("circle-check")
        width = 56
        card.set_facts(self._last_run(found, width), self._next_run(waiting, width))

    def _next_run(self, waiting: int, width: int) -> list[Fact]:
        """What the schedule starts next, and how many jobs wait."""
        word = self.tr("Queue")
        jobs = counted(waiting, self.tr("{0} job"), self.tr("{0} jobs")) if waiting else self.tr("empty")
        news = self._schedule
        if news is None:
            return [Fact(word, jobs, label_width=width)]
        queue = [Fact(word, jobs, right=True)] if waiting else []  # that it is empty is said under the window as well
        name = self.tr("Next run")
        if news.pause.paused:
            until = self.tr("when resumed")
            if news.pause.until is not None:
                until = self.tr("paused until {0}").format(until_words(news.pause.until, news.now_ms))
            return [Fact(name, until, value_accent=Accent.AMBER, label_width=width), *queue]
        if news.next_run is None:
            return [Fact(name, self.tr("none"), label_width=width), *queue]
        at, now = news.next_run[1], datetime.now(UTC)
        left = (at - now).total_seconds()
        when = soon(at, now)
        if not queue and left < DAY_S:  # the day goes without saying then
            when = self.tr("{0}, in {1}").format(f"{at.astimezone():%H:%M}", time_left(left))
        return [Fact(name, when, label_width=width), *queue]

    def _last_run(self, found: Overview, width: int) -> list[Fact]:
        job = found.last_finished
        if job is None or job.completed_at is None:
            return [Fact(self.tr("Last run"), self.tr("none finished yet"), label_width=width)]
        at = clock_time(job.completed_at)
        if local(job.completed_at).date() != datetime.now(UTC).astimezone().date():
            at = day(local(job.completed_at).date())
        took = ""
        if job.started_at is not None:
            took = self.tr(", took {0}").format(duration((job.completed_at - job.started_at) / 1000))
        words = {
            JobState.COMPLETED: (self.tr("Completed"), Accent.GREEN),
            JobState.FAILED: (self.tr("Failed"), Accent.RED),
        }
        word, accent = words.get(job.state, (self.tr("Cancelled"), None))
        if job.state is JobState.COMPLETED and job.failed:
            word, accent = self.tr("With errors"), Accent.AMBER
        return [
            Fact(self.tr("Last run"), f"{at}{took}", label_width=width),
            Fact("", word, value_accent=accent, right=True),
        ]

    def _show_requests(self, found: Overview) -> None:
        card, pacer = self.requests, found.connection.pacer
        card.set_value(number(found.requests_today), self.tr("requests to TMDb"))
        if found.requests_today:
            card.set_accent(Accent.BLUE)
        else:
            card.set_quiet()
        allowed = pacer.allowed
        card.set_bar([(Accent.BLUE, min(pacer.rate, allowed))] if allowed else [], allowed or 1)
        note = self.tr("of {0} req/s").format(decimal(allowed, 0)) if allowed else self.tr("req/s")
        now = datetime.now(UTC)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        left = (midnight - now).total_seconds()
        card.set_facts(
            [
                Fact(self.tr("Now"), decimal(pacer.rate, 1 if pacer.rate else 0), note),
                Fact(self.tr("Resets in"), time_left(left), right=True),
            ]
        )
