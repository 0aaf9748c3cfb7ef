"""What the window's frame shows of the engine: connection and rate in the toolbar, the leading job in the strip, counts
at the rail, and the one banner for what stops all work."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.core.errors import CredentialError, GdvgError
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.tmdb.client import ConnectionStatus
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.phrases import counted, data_size, decimal, duration, number
from gdvg_desktop.ui.screens import QUEUE
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.messages import InlineMessage

POLL_MS = 500


class StatusFeed(QObject):
    """Reads plain values of the engine twice a second and repaints what changed."""

    def __init__(self, window: MainWindow, host: Host, feed: OverviewFeed, replace_key: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._host, self._feed = window, host, feed
        self._shown: tuple[object, ...] = ()
        self._blocked: tuple[str, str] | None = None
        self._banner = InlineMessage(Accent.RED)
        self._replace = Button(self.tr("Replace key"), icon="key-round", small=True)
        self._replace.clicked.connect(replace_key)
        self._banner.add_action(self._replace)
        window.add_banner(self._banner)
        self._beside = InlineMessage(Accent.BLUE)
        window.add_banner(self._beside)
        feed.changed.connect(self._on_overview)
        host.opened.connect(self._on_opened)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    def stop(self) -> None:
        """Look no more: the window is closing."""
        self._timer.stop()

    def _on_opened(self) -> None:
        self._beside.set_message(
            Accent.BLUE,
            self.tr("This window shows and steers the same queue. It takes over the work when that program is closed."),
            lead=self.tr("Another GDVG program is working on this library."),
        )
        self._beside.setVisible(not self._host.is_engine)

    def poll(self) -> None:
        """Look at the connection and at what stops the engine."""
        app = self._host.app
        if app is None:
            return
        status = app.client.status()
        error = app.engine.blocked if app.engine is not None else None
        self._show_blocked(error)
        self._show_connection(status, app.credential is not None, isinstance(error, CredentialError))

    # the banner ------------------------------------------------------------------------------------------------

    def _show_blocked(self, error: GdvgError | None) -> None:
        told = (error.message, error.hint) if error is not None else None
        if told == self._blocked:
            return
        self._blocked = told
        if error is not None:
            self._banner.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
            self._replace.setVisible(isinstance(error, CredentialError))
        self._banner.setVisible(error is not None)

    # the toolbar -----------------------------------------------------------------------------------------------

    def _show_connection(self, status: ConnectionStatus, has_key: bool, refused: bool) -> None:
        pacer = status.pacer
        word, accent, detail = self._words(status, has_key, refused)
        shown = (word, detail, round(pacer.rate, 1), pacer.allowed, pacer.history)
        if shown == self._shown:
            return
        self._shown = shown
        toolbar, strip = self._window.toolbar, self._window.status
        toolbar.set_connection(word, accent, detail)
        if not has_key:
            toolbar.set_rate(None, None)
            strip.set_rate("")
            return
        minute = pacer.history[-12:]
        toolbar.set_rate(pacer.rate, round(pacer.allowed, 1) or None, minute if any(minute) else ())
        limit = self.tr(" of {0}").format(decimal(pacer.allowed, 0)) if pacer.allowed and not pacer.rate else ""
        strip.set_rate(self.tr("{0} req/s").format(decimal(pacer.rate, 1 if pacer.rate else 0)) + limit)

    def _words(self, status: ConnectionStatus, has_key: bool, refused: bool) -> tuple[str, Accent, str]:
        """The word, its colour and the tooltip."""
        if not has_key:
            return self.tr("No TMDb key"), Accent.AMBER, self.tr("Add your key in Settings, Connection.")
        if status.state == "refused" or refused:
            return self.tr("Key refused"), Accent.RED, status.message
        if status.state == "outage":
            detail = self.tr("It is tried again by itself.")
            return self.tr("TMDb unreachable"), Accent.AMBER, f"{status.message} {detail}".strip()
        if status.state == "limited":
            if status.pacer.cooldown_s > 0:
                word = self.tr("Limited, on in {0}").format(duration(max(status.pacer.cooldown_s, 1)))
            else:
                word = self.tr("Limited by TMDb")
            return word, Accent.AMBER, self.tr("TMDb answered 429, so requests slow down and then creep back up.")
        if status.state == "idle":
            return self.tr("TMDb not asked yet"), Accent.SLATE, ""
        latency = self.tr("Answers in {0} ms").format(round(status.latency_ms)) if status.latency_ms else ""
        return self.tr("TMDb connected"), Accent.GREEN, latency

    # strip and rail --------------------------------------------------------------------------------------------

    def _on_overview(self, found: Overview) -> None:
        strip = self._window.status
        unfinished = len(found.running) + found.waiting + found.paused
        self._window.set_count(QUEUE, unfinished)
        strip.set_database(data_size(found.database_bytes))
        if found.titles_left:
            strip.set_queue(counted(found.titles_left, self.tr("{0} title"), self.tr("{0} titles")))
        else:
            strip.set_queue(self.tr("empty") if not unfinished else "")
        if found.running:
            self._show_job(found.running[0], len(found.running) - 1)
        elif found.paused:
            strip.set_idle(counted(found.paused, self.tr("{0} job is paused"), self.tr("{0} jobs are paused")))
        elif found.last_finished is None and not found.titles:
            strip.set_idle(self.tr("Nothing has been imported yet"))
        else:
            strip.set_idle(self.tr("Nothing is running"))

    def _show_job(self, job: Job, others: int) -> None:
        more = counted(others, self.tr("+{0} more running"), self.tr("+{0} more running")) if others else ""
        if job.phase != "fetch":
            listed = counted(job.total, self.tr("{0} title found"), self.tr("{0} titles found"))
            self._window.status.set_job(job.name, listed, None, accent=Accent.BLUE, more=more)
            return
        counts = self.tr("{0} of {1}").format(number(job.done), number(job.total))
        share = job.done / job.total if job.total else None
        self._window.status.set_job(job.name, counts, share, accent=Accent.BLUE, more=more)
