"""Why a title is a gap: everything known of it as dated lines, with what can be done about it."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands.gaps import Explanation
from gdvg_desktop.core.kinds import GapKind, GapStatus, MediaType
from gdvg_desktop.ui.models import gap_words
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage

WIDTH, HEIGHT = 600, 440
TMDB_PAGE = "https://www.themoviedb.org/{0}/{1}"
_ICONS = {
    "export": "database",
    "scope": "globe",
    "held": "library",
    "answer": "activity",
    "attempt": "circle-x",
    "change": "refresh-cw",
    "skip": "ban",
    "tombstone": "circle-slash",
    "gap": "scan-search",
}


class GapExplanation(QDialog):
    """`fill_asked()` and `ignore_asked(bool)` (True: ignore, False: no longer) are its buttons."""

    fill_asked = Signal()
    ignore_asked = Signal(bool)

    def __init__(
        self, media_type: MediaType, tmdb_id: int, kind: GapKind, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Why it is missing"))
        self.setMinimumWidth(WIDTH)
        self.resize(WIDTH, HEIGHT)
        self._media_type, self._tmdb_id = media_type, tmdb_id
        self._ignored = False
        self.lines: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._title = Paragraph(name, Role.SECTION)
        head.addWidget(self._title, 1)
        head.addWidget(Badge(gap_words.kind_name(kind), gap_words.ACCENTS[kind]))
        column.addLayout(head)
        column.addWidget(label(f"{gap_words.type_name(media_type)} · TMDb {media_type.value}/{tmdb_id}", Role.HINT))
        self._message = InlineMessage(Accent.RED)
        self._message.hide()
        column.addWidget(self._message)
        self._scroll = ScrollColumn()
        self._grid_home = QWidget()
        self._grid = QGridLayout(self._grid_home)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._scroll.column.addWidget(self._grid_home)
        self._scroll.column.addStretch(1)
        column.addWidget(self._scroll, 1)
        column.addLayout(self._build_buttons())

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        page = Button(self.tr("Open on TMDb"), icon="external-link", kind=ButtonKind.GHOST)
        page.clicked.connect(self._open_page)
        self._copy = Button(self.tr("Copy"), icon="copy", kind=ButtonKind.GHOST)
        self._copy.clicked.connect(self.copy)
        self._ignore = Button(self.tr("Ignore"), icon="eye-off")
        self._ignore.clicked.connect(self._on_ignore)
        self._ignore.setEnabled(False)
        self.fill = Button(self.tr("Fill this gap"), icon="wrench", kind=ButtonKind.PRIMARY)
        self.fill.clicked.connect(self._on_fill)
        self.fill.setEnabled(False)
        row.addWidget(page)
        row.addWidget(self._copy)
        row.addStretch(1)
        row.addWidget(self._ignore)
        row.addWidget(self.fill)
        return row

    def show_error(self, title: str, text: str) -> None:
        """The evidence cannot be read."""
        self._message.set_message(Accent.RED, text, lead=title)
        self._message.show()

    def show_explanation(self, found: Explanation) -> None:
        """Fill in the evidence."""
        if found.name:
            self._title.set_text(found.name)
        self.lines = [line.text for line in found.lines]
        for at, line in enumerate(found.lines):
            icon = QWidget()
            place = QVBoxLayout(icon)
            place.setContentsMargins(0, 2, 0, 0)  # onto the middle of the first line
            place.addWidget(IconLabel(_ICONS.get(line.about, "info"), 16))
            text = Paragraph(line.text, Role.BODY)
            self._grid.addWidget(icon, at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, at, 1)
        self._grid_home.setAccessibleName(" ".join(self.lines))
        self._ignored = bool(found.gaps) and all(gap.status is not GapStatus.OPEN for gap in found.gaps)
        self._ignore.setText(self.tr("No longer ignore") if self._ignored else self.tr("Ignore"))
        self._ignore.set_icon("eye" if self._ignored else "eye-off")
        self._ignore.setEnabled(bool(found.gaps))
        self.fill.setEnabled(bool(found.gaps))
        if found.gaps:
            self.fill.setFocus()
        else:
            self._message.set_message(Accent.GREEN, self.tr("This gap has been filled."))
            self._message.show()

    def copy(self) -> None:
        """Put the evidence on the clipboard."""
        head = f"{self._title.plain_text()} ({self._media_type.value}/{self._tmdb_id})"
        QGuiApplication.clipboard().setText("\n".join([head, *self.lines]))

    def _open_page(self) -> None:
        QDesktopServices.openUrl(QUrl(TMDB_PAGE.format(self._media_type.value, self._tmdb_id)))

    def _on_ignore(self) -> None:
        self.ignore_asked.emit(not self._ignored)
        self.accept()

    def _on_fill(self) -> None:
        self.fill_asked.emit()
        self.accept()
