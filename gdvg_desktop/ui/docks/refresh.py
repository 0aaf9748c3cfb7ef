"""Re-reading what a dock shows: gathered, one reading at a time, and put off while the dock is hidden."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.host import Call, Host

T = TypeVar("T")


class Refresh(QObject, Generic[T]):
    """Reads through `host` whatever `work()` says, and hands the answer to `then`.

    `ask` may be called for every hint: a reading begins at the next turn of the loop, and one more follows when a hint
    came meanwhile. While `panel` cannot be seen a hint only marks it stale; it is read when the panel is shown.
    """

    def __init__(
        self,
        panel: QWidget,
        host: Host,
        work: Callable[[], Callable[[App], Awaitable[T]] | None],
        then: Callable[[T], None],
        failed: Callable[[GdvgError], None] | None = None,
    ) -> None:
        super().__init__(panel)
        self._panel, self._host, self._work = panel, host, work
        self._then, self._failed = then, failed
        self._stale = False
        self._call: Call | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._begin)
        panel.installEventFilter(self)
        host.opened.connect(self.ask_anew)  # an app that closed has answered nobody
        host.crashed.connect(self._on_crash)

    @property
    def stale(self) -> bool:
        """Whether what is shown may be old."""
        return self._stale

    def ask(self) -> None:
        """Something changed."""
        self._stale = True
        if self._panel.isVisible() and self._call is None:
            self._soon.start()

    def ask_anew(self) -> None:
        """What is asked for changed: an answer under way is of no use."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self.ask()

    def _begin(self) -> None:
        work = self._work() if self._host.app is not None else None
        if work is None or self._call is not None:
            return
        self._stale = False
        self._call = self._host.call(self, work, self._on_answer, self._on_failure)

    def _on_answer(self, answer: T) -> None:
        self._call = None
        self._then(answer)
        if self._stale:
            self.ask()

    def _on_failure(self, error: GdvgError) -> None:
        self._call = None
        if self._failed is not None:
            self._failed(error)
        if self._stale:
            self.ask()

    def _on_crash(self, _error: object) -> None:
        self._call = None  # a call that ends on a bug answers nobody

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._stale:
            self.ask()
        return super().eventFilter(watched, event)
