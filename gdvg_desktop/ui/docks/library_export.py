"""The strip under the search field while titles are written to a file: the file dialog, progress, stop, the result."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import titles
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.library import TitleFilter
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.exporting import ExportStopped, ExportTarget
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, IconButton
from gdvg_desktop.ui.widgets.labels import ElidedLabel
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.progress import ProgressBar

SHOW_MS = 250
ENDINGS = {"jsonl": ".jsonl", "csv": ".csv"}


class ExportStrip(QWidget):
    """Hidden until an export is asked for; one export at a time."""

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._target: ExportTarget | None = None
        self._expected = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._progress = QWidget()
        row = QHBoxLayout(self._progress)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._bar = ProgressBar(name=self.tr("Export"))
        self._bar.setMaximumWidth(220)
        self._text = ElidedLabel("", Role.HINT)
        self._stop = Button(self.tr("Stop export"), small=True)
        self._stop.clicked.connect(self.stop)
        row.addWidget(self._bar)
        row.addWidget(self._text, 1)
        row.addWidget(self._stop)
        column.addWidget(self._progress)
        self._result = InlineMessage(Accent.GREEN)
        close = IconButton("x", self.tr("Close message"), small=True)
        close.clicked.connect(self.hide)
        self._result.add_action(close)
        column.addWidget(self._result)
        self._tick = QTimer(self)
        self._tick.setInterval(SHOW_MS)
        self._tick.timeout.connect(self._show_progress)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether an export is being written."""
        return self._target is not None

    def choose_file(self, form: str, chosen: TitleFilter, expected: int, folder: Path) -> None:
        """Ask where to write, then write the titles of a filter. `form` is jsonl or csv."""
        if self.busy:
            return
        ending = ENDINGS[form]
        kind = self.tr("CSV") if form == "csv" else self.tr("JSON lines")
        dialog = QFileDialog(self.window(), self.tr("Export titles"), str(folder), f"{kind} (*{ending})")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending[1:])
        dialog.selectFile(f"titles{ending}")
        dialog.fileSelected.connect(lambda name: self.write(Path(name), form, chosen, expected))
        dialog.open()

    def write(self, path: Path, form: str, chosen: TitleFilter, expected: int) -> None:
        """Write to a file in the background. `expected` is how many titles match now, for the progress."""
        if self.busy:
            return
        target = ExportTarget(path)
        self._target, self._expected = target, expected
        self._result.hide()
        self._progress.show()
        self.show()
        self._show_progress()
        self._tick.start()
        self._host.call(
            self,
            lambda app: titles.export(app, target.open, form=form, chosen=chosen),
            lambda count: self._on_done(path, count),
            self._on_failed,
        )

    def stop(self) -> None:
        """End the export; no file is left."""
        if self._target is not None:
            self._target.stop()

    def _show_progress(self) -> None:
        if self._target is None:
            return
        written = min(self._target.lines, self._expected)
        self._bar.set_share(written, self._expected)
        text = self.tr("{0} of {1} titles written to {2}")
        done, whole = phrases.number(written), phrases.number(self._expected)
        self._text.setText(text.format(done, whole, self._target.path.name))

    def _on_done(self, path: Path, count: int) -> None:
        text = phrases.counted(count, self.tr("{0} title written to"), self.tr("{0} titles written to"))
        self._end(Accent.GREEN, f"{text} {path}", "")

    def _on_failed(self, problem: GdvgError) -> None:
        accent = Accent.SLATE if isinstance(problem, ExportStopped) else Accent.RED
        self._end(accent, str(problem), problem.title)

    def _end(self, accent: Accent, text: str, lead: str) -> None:
        self._target = None
        self._tick.stop()
        self._progress.hide()
        self._result.set_message(accent, text, lead=lead)
        self._result.show()
