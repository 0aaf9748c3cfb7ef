"""The icon in the system's tray: how things stand in words and shape, and a menu to steer without the window.

Where there is no tray nothing is shown and `available` is False; it is looked for again, because a panel may start
after the program or be restarted. Values come in as `TrayFacts`, what the user asks for goes out as signals.
"""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gdvg_desktop.ui.phrases import counted, decimal, percent
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.tray_icons import TrayState, stepped, tray_icon

translate = QCoreApplication.translate
LOOK_MS = 3000
MESSAGE_MS = 10_000


@dataclass(frozen=True, slots=True)
class TrayFacts:
    """How things stand. `share` is how far the leading job is, `rate` requests per second.

    `coverage`, `next_run` and `paused` are ready to be read ("88.3%", "18:00", "paused until 15:05"), "" for nothing.
    """

    running: int = 0
    share: float | None = None
    rate: float = 0.0
    coverage: str = ""
    next_run: str = ""
    paused: str = ""
    queued: int = 0
    alerts: int = 0
    demo: bool = False

    @property
    def state(self) -> TrayState:
        """What the icon says: an alert before a pause before work."""
        if self.alerts:
            return TrayState.ALERT
        if self.paused:
            return TrayState.PAUSED
        return TrayState.RUNNING if self.running else TrayState.IDLE


class Tray(QObject):
    """`opened()` is a click on the icon; the other signals are entries of the menu.

    `pause_asked(int)` carries hours, 0 for until tomorrow and -1 for until resumed. `came()` and `went()` follow the
    tray itself.
    """

    opened = Signal()
    sync_asked = Signal()
    pause_asked = Signal(int)
    resume_asked = Signal()
    queue_asked = Signal()
    alerts_asked = Signal()
    settings_asked = Signal()
    quit_asked = Signal()
    message_clicked = Signal()
    came = Signal()
    went = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts = TrayFacts()
        self._drawn: tuple[object, ...] = ()
        self._icon: QSystemTrayIcon | None = None
        self._closed = False
        self.menu = QMenu()
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.menu.installEventFilter(self)  # a widget is told of another theme; the application would hear every event
        self.show_facts(self.facts)
        self.look()

    @property
    def available(self) -> bool:
        """Whether the icon is in a tray now, so that a hidden window has a way back."""
        return self._icon is not None

    @property
    def icon(self) -> QSystemTrayIcon | None:
        """What Qt shows; None without a tray."""
        return self._icon

    def look(self) -> None:
        """Look whether there is a tray, and come or go with it."""
        there = QSystemTrayIcon.isSystemTrayAvailable()
        if there and self._icon is None:
            self._come()
        elif not there and self._icon is not None:
            self._go()
            self.went.emit()

    def close(self) -> None:
        """Leave the tray for good."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        if self._icon is not None:
            self._go()
        self.menu.deleteLater()

    def show_message(self, accent: Accent, title: str, text: str) -> bool:
        """Have the system show short news; False without a tray."""
        if self._icon is None:
            return False
        kinds = {
            Accent.RED: QSystemTrayIcon.MessageIcon.Critical,
            Accent.AMBER: QSystemTrayIcon.MessageIcon.Warning,
        }
        self._icon.showMessage(title, text, kinds.get(accent, QSystemTrayIcon.MessageIcon.Information), MESSAGE_MS)
        return True

    def show_facts(self, facts: TrayFacts) -> None:
        """Say how things stand now."""
        if self._closed:
            return
        self.facts = facts
        first, second = status_lines(facts)
        self._first.setText(first)
        self._second.setText(second)
        self._second.setVisible(bool(second))
        self._pause_menu.menuAction().setVisible(not facts.paused)
        self._resume.setVisible(bool(facts.paused))
        self._queue.setText(_with_count(self.tr("Import q&ueue"), facts.queued))
        self._alerts.setText(_with_count(self.tr("&Alerts"), facts.alerts))
        if self._icon is not None:
            self._icon.setToolTip(tooltip(facts))
        self._draw()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        menu = self.menu
        self._first, self._second = QAction(self), QAction(self)
        for line in (self._first, self._second):
            line.setEnabled(False)
            menu.addAction(line)
        menu.addSeparator()
        self._open = self._entry(self.tr("&Open GDVG Desktop"), "open")
        self._open.triggered.connect(self.opened)
        menu.addSeparator()
        self._sync = self._entry(self.tr("&Sync now"), "sync")
        self._sync.triggered.connect(self.sync_asked)
        self._pause_menu = menu.addMenu(self.tr("&Pause schedule"))
        self._pause_menu.menuAction().setObjectName("pause")
        for hours, words in pause_choices().items():
            action = self._pause_menu.addAction(words)
            action.setObjectName(f"pause {hours}")
            action.triggered.connect(lambda _checked=False, hours=hours: self.pause_asked.emit(hours))
        self._resume = self._entry(self.tr("&Resume schedule"), "resume")
        self._resume.triggered.connect(self.resume_asked)
        menu.addSeparator()
        self._queue = self._entry("", "queue")
        self._queue.triggered.connect(self.queue_asked)
        self._alerts = self._entry("", "alerts")
        self._alerts.triggered.connect(self.alerts_asked)
        menu.addSeparator()
        self._settings = self._entry(self.tr("S&ettings…"), "settings")
        self._settings.triggered.connect(self.settings_asked)
        self._quit = self._entry(self.tr("&Quit"), "quit")
        self._quit.triggered.connect(self.quit_asked)

    def _entry(self, text: str, name: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.setMenuRole(QAction.MenuRole.NoRole)
        self.menu.addAction(action)
        return action

    def entry(self, name: str) -> QAction:
        """An entry of the menu: open, sync, resume, queue, alerts, settings, quit, or "pause 1" and its like."""
        found = self.findChild(QAction, name) or self._pause_menu.findChild(QAction, name)
        if not isinstance(found, QAction):
            raise KeyError(name)
        return found

    # the icon --------------------------------------------------------------------------------------------------

    def _come(self) -> None:
        icon = QSystemTrayIcon(self._picture(), self)
        icon.setToolTip(tooltip(self.facts))
        icon.setContextMenu(self.menu)
        icon.activated.connect(self._on_activated)
        icon.messageClicked.connect(self.message_clicked)
        icon.show()
        self._icon = icon
        self.came.emit()

    def _go(self) -> None:
        assert self._icon is not None
        self._icon.hide()
        self._icon.deleteLater()
        self._icon = None

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.opened.emit()

    def _picture(self) -> QIcon:
        return tray_icon(theme_of(self), self.facts.state, stepped(self.facts.share))

    def _draw(self) -> None:
        """Hand the system another picture only when it looks different."""
        drawn = (theme_of(self), self.facts.state, stepped(self.facts.share) if self.facts.running else None)
        if drawn != self._drawn:
            self._drawn = drawn
            if self._icon is not None:
                self._icon.setIcon(self._picture())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ApplicationPaletteChange:  # another theme
            self._draw()
        return super().eventFilter(watched, event)


def pause_choices() -> dict[int, str]:
    """The ways to pause the schedule, by what `Tray.pause_asked` carries."""
    return {
        1: translate("Tray", "For 1 &hour"),
        0: translate("Tray", "Until &tomorrow"),
        -1: translate("Tray", "Until I &resume"),
    }


def status_lines(facts: TrayFacts) -> tuple[str, str]:
    """What runs, and how complete the mirror is and what comes next."""
    if facts.running:
        words = counted(
            facts.running, translate("Tray", "{0} job is running"), translate("Tray", "{0} jobs are running")
        )
        if facts.share is not None:
            words += f", {percent(facts.share)}"
        if facts.rate:
            words += translate("Tray", " at {0} req/s").format(decimal(facts.rate, 1))
    else:
        words = translate("Tray", "Nothing is running")
    parts = [translate("Tray", "{0} of TMDb").format(facts.coverage)] if facts.coverage else []
    if facts.paused:
        parts.append(facts.paused)
    elif facts.next_run:
        parts.append(translate("Tray", "next run {0}").format(facts.next_run))
    second = ", ".join(parts)
    return words, second[:1].upper() + second[1:]


def tooltip(facts: TrayFacts) -> str:
    """The state in words, for the mouse and for screen readers."""
    name = translate("Tray", "GDVG Desktop (DEMO)") if facts.demo else "GDVG Desktop"
    lines = [name, *status_lines(facts)]
    if facts.alerts:
        one, many = translate("Tray", "{0} alert"), translate("Tray", "{0} alerts")
        lines.insert(1, counted(facts.alerts, one, many))
    return "\n".join(line for line in lines if line)


def _with_count(text: str, count: int) -> str:
    return f"{text} ({count})" if count else text
