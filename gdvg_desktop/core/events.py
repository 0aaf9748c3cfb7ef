"""Events and the bus that carries them.

Events are hints: they say which rows changed, never what they now hold. A listener re-reads what it shows from the
store, so a listener that came late has missed nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class TitlesStored(Event):
    """Titles were written. `ids` are `title.id` values."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """A job's row changed: its state, counts, order or name."""

    job_id: int


@dataclass(frozen=True, slots=True)
class JobStalled(Event):
    """A running job has made no progress for long; it can be restarted."""

    job_id: int


@dataclass(frozen=True, slots=True)
class JobsReordered(Event):
    """The order of the queue changed, or a job was removed from it."""


@dataclass(frozen=True, slots=True)
class JobLogged(Event):
    """A line for the live log of a job. `level` is one of ok, info, skip, warn, fail; `at` is unix seconds."""

    job_id: int
    at: float
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class ConnectionChanged(Event):
    """The connection to TMDb changed its condition: see `tmdb.client.TmdbClient.status`."""


@dataclass(frozen=True, slots=True)
class CredentialNeeded(Event):
    """TMDb refused the key; the engine has stopped asking. `message` is TMDb's own word, without the key."""

    message: str


@dataclass(frozen=True, slots=True)
class EngineStopped(Event):
    """The engine cannot go on until the user does something: `title`, `message`, `hint` of the error."""

    title: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class GapsChanged(Event):
    """Gaps were found, filled, ignored or given up."""


@dataclass(frozen=True, slots=True)
class CoverageChanged(Event):
    """The export, the scope or the tombstones changed, so every coverage figure may have."""


@dataclass(frozen=True, slots=True)
class ErrorsChanged(Event):
    """Failed titles were added, retried or skipped."""


@dataclass(frozen=True, slots=True)
class ScheduleChanged(Event):
    """A task, its runs or the pause changed."""


@dataclass(frozen=True, slots=True)
class PresetsChanged(Event):
    """A preset was made, changed, used or deleted."""


@dataclass(frozen=True, slots=True)
class Woke(Event):
    """The computer has slept for `slept_s` seconds and is awake again."""

    slept_s: float


@dataclass(frozen=True, slots=True)
class AlertsChanged(Event):
    """An alert was raised, changed or resolved."""


@dataclass(frozen=True, slots=True)
class ApiChanged(Event):
    """The control API began or ceased to answer; `problem` says why it cannot, empty when all is well."""

    problem: str = ""


@dataclass(frozen=True, slots=True)
class Notified(Event):
    """A notification for a desktop that only the tray icon can show one on (all but Linux). `link` as `LinkAsked`."""

    title: str
    text: str
    severity: str
    link: str


@dataclass(frozen=True, slots=True)
class LinkAsked(Event):
    """A notification of the desktop was clicked: show what it is about, "queue", "settings:database", "alerts"..."""

    link: str


@dataclass(frozen=True, slots=True)
class RemoteChanged(Event):
    """The remote workflow was paused or resumed, or could not be; its runs may have changed."""


@dataclass(frozen=True, slots=True)
class LibraryReplaced(Event):
    """Everything may have changed: re-read all."""


class Bus:
    """Hands events to listeners, from any thread, in the thread that published them.

    A listener that fails is logged and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._listeners: tuple[Callable[[Event], None], ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Add a listener; returns the function that removes it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Hand one event to every listener."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a panel's fault must not stop the engine
                log.exception("A listener failed on %s", type(event).__name__)
