"""When the library cannot be opened: say why, and offer what helps (the last good backup, or trying again)."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gdvg_desktop.core.errors import CorruptLibrary, GdvgError
from gdvg_desktop.ui.dialogs.question import Question
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.main_window import MainWindow
from gdvg_desktop.ui.phrases import day
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.messages import InlineMessage

RESTORE, CLOSE = "restore", "close"


class Recovery(QObject):
    """`gave_up(GdvgError)`: the user wants to close the window rather than repair."""

    gave_up = Signal(object)

    def __init__(self, window: MainWindow, host: Host) -> None:
        super().__init__(window)
        self._window, self._host = window, host
        self.question: Question | None = None
        self.banner = InlineMessage(Accent.RED)
        self.again = Button(self.tr("Try again"), icon="refresh-cw", small=True)
        self.again.clicked.connect(self._on_again)
        self.banner.add_action(self.again)
        window.add_banner(self.banner)
        host.failed.connect(self._on_failed)
        host.opened.connect(self.banner.hide)

    def tell(self, error: GdvgError) -> None:
        """Say what happened where there is nothing to try."""
        self.again.hide()
        self.banner.set_message(Accent.RED, str(error), lead=error.title)
        self.banner.show()

    def _on_failed(self, error: GdvgError) -> None:
        if isinstance(error, CorruptLibrary) and error.backups:
            self._offer(error, Path(error.backups[0]))
            return
        self.banner.set_message(Accent.RED, str(error), lead=error.title)
        self.again.show()
        self.banner.show()

    def _on_again(self) -> None:
        self.banner.hide()
        self._host.start()

    def _offer(self, error: CorruptLibrary, backup: Path) -> None:
        made = datetime.fromtimestamp(backup.stat().st_mtime, UTC).astimezone()
        text = self.tr(
            "{0} The last good backup is of {1}, {2}. Restoring keeps the damaged files beside it; "
            "titles that came later are fetched again by the next import."
        ).format(error.message, day(made.date(), "d MMMM yyyy"), f"{made:%H:%M}")
        self.question = Question(
            Accent.RED,
            error.title,
            text,
            ((CLOSE, self.tr("Close")), (RESTORE, self.tr("Restore the backup"))),
            parent=self._window,
        )
        self.question.answered.connect(lambda answer, _: self._on_answer(answer, error, backup))
        self.question.rejected.connect(lambda: self._on_answer(CLOSE, error, backup))
        self.question.open()

    def _on_answer(self, answer: str, error: CorruptLibrary, backup: Path) -> None:
        self.question = None
        if answer == RESTORE:
            self._host.start(restore=backup)
        else:
            self.gave_up.emit(error)
