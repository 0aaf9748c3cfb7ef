"""The alerts, read once for all who show them: the dock, the bell, the toasts and the tray."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gdvg_desktop.app import App
from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import AlertView, RuleView
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.models import alert_words

LOOK_MS = 15_000  # another program may raise or resolve some, and its rows are all that tells
KEPT = 60


class AlertFeed(QObject):
    """`changed()` comes when anything shown may have changed; `raised(AlertView)` for each that is new to this window,
    the oldest first.

    `open` are those to be looked at, `rest` the quiet and the resolved ones. `muted(RuleView)` follows a rule that was
    muted through here, `failed(GdvgError)` when steering fails.
    """

    changed = Signal()
    raised = Signal(object)
    muted = Signal(object)
    failed = Signal(object)

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._call: Call | None = None
        self._stale = False
        self._known: dict[int, int] | None = None  # raised_at by alert; None before the first read
        self.open: tuple[AlertView, ...] = ()
        self.rest: tuple[AlertView, ...] = ()
        self.now_ms = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.ask)
        bridge.alerts_changed.connect(self.ask)
        bridge.library_replaced.connect(self.ask)
        host.opened.connect(self._on_opened)
        self._timer.start()
        self.ask()

    def stop(self) -> None:
        """Ask no more: the window is closing."""
        self._timer.stop()
        if self._call is not None:
            self._call.cancel()

    @property
    def worst(self) -> str:
        """The highest severity among the open ones, "" when there are none."""
        return max((one.severity for one in self.open), key=("info", "warning", "error").index, default="")

    def ask(self) -> None:
        """Read them again."""
        if self._host.app is None:
            return
        if self._call is not None:
            self._stale = True
            return
        self._stale = False
        self._call = self._host.call(self, _read, self._on_read, self._on_failed)

    def _on_opened(self) -> None:
        self._call = None
        self.ask()

    def _on_failed(self, _error: GdvgError) -> None:
        self._call = None  # a library in trouble is told of elsewhere, and is read again soon

    def _on_read(self, found: tuple[list[AlertView], int]) -> None:
        self._call = None
        listed, self.now_ms = found
        shown = tuple(one for one in listed if one.state == "open" and not one.muted)
        rest = tuple(one for one in listed if one not in shown)[:KEPT]
        new = [one for one in reversed(shown) if self._known is not None and self._known.get(one.id) != one.raised_at]
        self._known = {one.id: one.raised_at for one in shown}
        if (shown, rest) != (self.open, self.rest):
            self.open, self.rest = shown, rest
            self.changed.emit()
        for one in new:
            self.raised.emit(one)
        if self._stale:
            self.ask()

    # steering --------------------------------------------------------------------------------------------------

    def acknowledge(self, ids: Sequence[int]) -> None:
        """These have been seen."""
        self._host.call(self, partial(alerts.acknowledge, alert_ids=tuple(ids)), self._on_steered, self.failed.emit)

    def snooze(self, alert_id: int, hours: float) -> None:
        """Let one rest."""

        async def work(app: App) -> AlertView:
            return await alerts.snooze(app, alert_id, to_millis(app.clock.now() + hours * 3600))

        self._host.call(self, work, self._on_steered, self.failed.emit)

    def mute(self, rule: str, on: bool = True) -> None:
        """Tell of a rule's alerts no more, or again."""

        def steered(view: RuleView) -> None:
            if on:
                self.muted.emit(view)
            self.ask()

        self._host.call(self, lambda app: alerts.mute(app, rule, on), steered, self.failed.emit)

    def _on_steered(self, _found: object) -> None:
        self.ask()


async def _read(app: App) -> tuple[list[AlertView], int]:
    listed = await alerts.listing(app, include_resolved=True, translate=alert_words.words_of)
    return listed, to_millis(app.clock.now())
