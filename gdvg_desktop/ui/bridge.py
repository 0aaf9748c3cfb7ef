"""From the bus to Qt: events become signals on the GUI thread, gathered so that no panel repaints more than four times
a second.

Signals say what changed, not what it now is: a panel re-reads what it shows, a hidden one marks itself stale.
"""

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from gdvg_desktop.core.events import (
    AlertsChanged,
    ApiChanged,
    Bus,
    ConnectionChanged,
    CoverageChanged,
    CredentialNeeded,
    EngineStopped,
    ErrorsChanged,
    Event,
    GapsChanged,
    JobChanged,
    JobLogged,
    JobsReordered,
    JobStalled,
    LibraryReplaced,
    LinkAsked,
    Notified,
    PresetsChanged,
    RemoteChanged,
    ScheduleChanged,
    TitlesStored,
)

GATHER_MS = 250


class Bridge(QObject):
    """Listens to a bus from any thread and re-emits on its own thread."""

    titles_changed = Signal(object)  # frozenset of title.id
    jobs_changed = Signal(object)  # frozenset of job ids
    queue_changed = Signal()
    job_logged = Signal(object)  # tuple of JobLogged, oldest first
    connection_changed = Signal()
    gaps_changed = Signal()
    coverage_changed = Signal()
    errors_changed = Signal()
    schedule_changed = Signal()
    job_stalled = Signal(int)  # a job that gets nowhere
    credential_needed = Signal(str)
    engine_stopped = Signal(str, str, str)  # title, message, hint
    presets_changed = Signal()
    remote_changed = Signal()
    alerts_changed = Signal()
    notified = Signal(object)  # Notified, for the tray icon to show
    link_asked = Signal(str)  # a notification of the desktop was clicked: see core.events.LinkAsked
    library_replaced = Signal()
    api_changed = Signal(str)  # why the control API cannot answer, or ""

    _arrived = Signal(object)

    def __init__(self, bus: Bus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles: set[int] = set()
        self._jobs: set[int] = set()
        self._lines: list[JobLogged] = []
        self._queue = False
        self._connection = False
        self._gaps = self._coverage = self._errors = self._schedule = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._flush)
        self._arrived.connect(self._gather, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = bus.subscribe(self._arrived.emit)

    def close(self) -> None:
        """Hear nothing more."""
        self._unsubscribe()
        self._timer.stop()

    @Slot(object)
    def _gather(self, event: Event) -> None:
        match event:
            case TitlesStored(ids):
                self._titles.update(ids)
            case JobChanged(job_id):
                self._jobs.add(job_id)
            case JobLogged():
                self._lines.append(event)
            case JobsReordered():
                self._queue = True
            case ConnectionChanged():
                self._connection = True
            case GapsChanged():
                self._gaps = True
            case CoverageChanged():
                self._coverage = True
            case ErrorsChanged():
                self._errors = True
            case ScheduleChanged():
                self._schedule = True
            case JobStalled(job_id):
                self.job_stalled.emit(job_id)
            case CredentialNeeded(message):
                self.credential_needed.emit(message)
            case EngineStopped(title, message, hint):
                self.engine_stopped.emit(title, message, hint)
            case PresetsChanged():
                self.presets_changed.emit()
            case RemoteChanged():
                self.remote_changed.emit()
            case AlertsChanged():
                self.alerts_changed.emit()
            case Notified():
                self.notified.emit(event)
            case LinkAsked(link):
                self.link_asked.emit(link)
            case LibraryReplaced():
                self.library_replaced.emit()
            case ApiChanged(problem):
                self.api_changed.emit(problem)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _flush(self) -> None:
        titles, jobs, lines = frozenset(self._titles), frozenset(self._jobs), tuple(self._lines)
        queue, connection = self._queue, self._connection
        self._titles.clear()
        self._jobs.clear()
        self._lines.clear()
        gaps, coverage, errors, schedule = self._gaps, self._coverage, self._errors, self._schedule
        self._queue = self._connection = self._gaps = self._coverage = self._errors = self._schedule = False
        if titles:
            self.titles_changed.emit(titles)
        if jobs:
            self.jobs_changed.emit(jobs)
        if lines:
            self.job_logged.emit(lines)
        if queue:
            self.queue_changed.emit()
        if connection:
            self.connection_changed.emit()
        if gaps:
            self.gaps_changed.emit()
        if coverage:
            self.coverage_changed.emit()
        if errors:
            self.errors_changed.emit()
        if schedule:
            self.schedule_changed.emit()
