"""What the Sync menu, F5 and R do: one command each, and a word about what it began."""

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal

from gdvg_desktop.app import App
from gdvg_desktop.commands import gaps, mirror, sync
from gdvg_desktop.commands.gaps import FillRequest
from gdvg_desktop.commands.sync_now import Begun, sync_now
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui import actions
from gdvg_desktop.ui.dialogs.short_list import ShortListDialog
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate
MOST_REFRESHED = 10_000  # titles chosen by hand; more is what the refresh of old titles is for

Work = Callable[[App], Awaitable[tuple[Job, bool]]]


class SyncActions(QObject):
    """`job_asked(int)` leads to a job in the queue."""

    job_asked = Signal(int)

    def __init__(self, window: MainWindow, host: Host) -> None:
        super().__init__(window)
        self._window, self._host = window, host
        self.dialog: ShortListDialog | None = None
        self._works: dict[str, Work] = {
            actions.START_MIRROR: mirror.start,
            actions.CHANGES_SYNC: sync.delta,
            actions.ANALYZE_GAPS: gaps.analyze,
            actions.FILL_GAPS: lambda app: gaps.fill(app, FillRequest()),
            actions.REFRESH_OLD: sync.refresh,
        }
        window.sync_asked.connect(self.run)

    def run(self, key: str) -> None:
        """Do one of the Sync menu's actions."""
        if self._host.app is None:
            self._window.toast(Accent.AMBER, self.tr("The library is not open yet"), self.tr("Try again in a moment."))
        elif key == actions.SYNC_NOW:
            self.now()
        elif key == actions.SHORT_LIST:
            self._ask_list()
        else:
            self._begin(self._works[key])

    def now(self) -> None:
        """Begin whatever brings the library up to date."""
        self._host.call(self, sync_now, self._on_now, self._on_failed)

    def refresh(self, title_ids: Sequence[int]) -> None:
        """Fetch these titles (`title.id`) again."""
        if len(title_ids) > MOST_REFRESHED:
            most = number(MOST_REFRESHED)
            self._window.toast(
                Accent.AMBER,
                self.tr("Too many titles"),
                self.tr("At most {0} can be chosen by hand. Refresh old titles fetches more.").format(most),
            )
        elif title_ids and self._host.app is not None:
            ids = list(title_ids)
            self._begin(lambda app: sync.refresh(app, title_ids=ids))

    def _ask_list(self) -> None:
        self.dialog = ShortListDialog(self._host, self._window)
        self.dialog.started.connect(lambda job, new: self._tell((job, new)))
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    # what was begun --------------------------------------------------------------------------------------------

    def _begin(self, work: Work) -> None:
        self._host.call(self, work, self._tell, self._on_failed)

    def _tell(self, answer: tuple[Job, bool]) -> None:
        job, new = answer
        if job.asks:
            self._tell_waiting(job)
        elif new:
            self._toast(job, self.tr("{0} begins").format(job.name), self.tr("It is in the queue."))
        else:
            self._toast(job, self.tr("This is in the queue already"), self.tr("{0} goes on.").format(job.name))

    def _toast(self, job: Job, title: str, sentence: str, accent: Accent = Accent.BLUE) -> None:
        self._window.toast(accent, title, sentence, (self.tr("Open queue"), lambda: self.job_asked.emit(job.id)))

    def _tell_waiting(self, job: Job) -> None:
        self._toast(
            job,
            self.tr("The changes sync waits for you"),
            self.tr("Many titles were deleted at TMDb. Say in the queue what becomes of them."),
            Accent.AMBER,
        )

    def _on_now(self, begun: Begun) -> None:
        if begun.waits is not None:
            self._tell_waiting(begun.waits)
        if begun.jobs:
            names = [job.name for job, _ in begun.jobs]
            title = self.tr("Sync begins") if any(new for _, new in begun.jobs) else self.tr("Sync goes on")
            sentence = self.tr("In the queue: {0}.").format("; ".join(names))
            if begun.missing:
                self._offer_mirror(title, sentence, begun.missing)
            else:
                self._toast(begun.jobs[0][0], title, sentence)
        elif begun.waits is None:
            self._window.toast(Accent.GREEN, self.tr("Everything is up to date"), self.tr("Nothing had to be begun."))

    def _offer_mirror(self, title: str, sentence: str, missing: int) -> None:
        """The library follows the changes of what it holds; the rest of the scope is the user's to ask for."""
        left = counted(
            missing, self.tr("{0} title of the scope is missing."), self.tr("{0} titles of the scope are missing.")
        )
        self._window.toast(
            Accent.BLUE,
            title,
            f"{sentence} {left}",
            (self.tr("Start mirror"), lambda: self.run(actions.START_MIRROR)),
        )

    def _on_failed(self, error: GdvgError) -> None:
        self._window.toast(Accent.RED, error.title, f"{error.message} {error.hint}".strip())
