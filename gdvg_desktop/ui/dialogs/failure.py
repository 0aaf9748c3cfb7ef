"""One failure close up: the request without its key, what came back, and every failed try."""

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands.errors import FailureDetail
from gdvg_desktop.ui.models import error_words, job_words
from gdvg_desktop.ui.phrases import counted, duration, moment, utc
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn

WIDTH, HEIGHT = 640, 520
TMDB_PAGE = "https://www.themoviedb.org/{0}/{1}"


class FailureDialog(QDialog):
    """`retry_asked()` and `skip_asked()` are its buttons."""

    retry_asked = Signal()
    skip_asked = Signal()

    def __init__(self, detail: FailureDetail, now_ms: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail = detail
        failure = detail.failure
        self.setWindowTitle(self.tr("Failure"))
        self.setMinimumWidth(480)
        self.resize(WIDTH, HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Paragraph(detail.name, Role.SECTION), 1)
        head.addWidget(Badge(job_words.category(failure.category), error_words.card_accent(failure.category)))
        column.addLayout(head)
        where = ", ".join(self.tr("job {0}: {1}").format(job.id, job.name) for job in detail.jobs)
        column.addWidget(Paragraph(self.tr("{0}, failed in {1}").format(error_words.number_of(failure), where)))
        self._scroll = ScrollColumn(spacing=16)
        self._scroll.column.addWidget(self._section(self.tr("Last answer"), self._answer(now_ms), Role.BODY))
        self._scroll.column.addWidget(self._section(self.tr("Request, without the key"), self._request(), Role.LOG))
        tries = counted(failure.tries, self.tr("{0} failed try"), self.tr("{0} failed tries"))
        self._scroll.column.addWidget(self._section(tries, self._attempts(now_ms), Role.LOG))
        self._scroll.column.addStretch(1)
        column.addWidget(self._scroll, 1)
        column.addLayout(self._build_buttons())
        self.retry.setFocus()

    def _section(self, title: str, text: str, role: Role) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(label(title, Role.STRONG))
        well = Card(sunken=True, padding=0)
        inside = QVBoxLayout(well)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(Paragraph(text, role))
        column.addWidget(well)
        return box

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        copy = Button(self.tr("Copy"), icon="copy", kind=ButtonKind.GHOST)
        copy.clicked.connect(self.copy)
        page = Button(self.tr("Open on TMDb"), icon="external-link", kind=ButtonKind.GHOST)
        page.clicked.connect(self._open_page)
        page.setVisible(self._detail.failure.key.tmdb_id is not None)
        skip = Button(self.tr("Skip"), icon="circle-slash")
        skip.clicked.connect(self.skip_asked)
        skip.clicked.connect(self.accept)
        self.retry = Button(self.tr("Retry"), icon="rotate-ccw", kind=ButtonKind.PRIMARY)
        self.retry.clicked.connect(self.retry_asked)
        self.retry.clicked.connect(self.accept)
        for widget in (page, copy):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (skip, self.retry):
            row.addWidget(widget)
        return row

    def _answer(self, now_ms: int) -> str:
        failure = self._detail.failure
        lines = [failure.message, utc(failure.failed_at)]
        if failure.next_try_at is not None:
            left = max(0, failure.next_try_at - now_ms) / 1000
            lines.append(self.tr("Tried again by itself in {0}.").format(duration(left)))
        return "\n".join(lines)

    def _request(self) -> str:
        request = self._detail.request
        parameters = [f"{name} = {value.replace(',', ', ')}" for name, value in request.params.items()]
        return "\n".join([f"{request.method} {request.path}", *parameters])

    def _attempts(self, now_ms: int) -> str:
        lines = [
            f"{moment(one.at, now_ms)}  {job_words.category(one.category)}: {one.message}"
            for one in self._detail.attempts
        ]
        return "\n".join(lines) or self.tr("The single tries of a listing are not kept.")

    def text(self) -> str:
        """Everything shown, as text; it holds no key."""
        now_ms = self._detail.failure.failed_at
        parts = (self._detail.name, str(self._detail.failure.key), self._answer(now_ms), self._request())
        return "\n\n".join((*parts, self._attempts(now_ms)))

    def copy(self) -> None:
        """Put it on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    def _open_page(self) -> None:
        key = self._detail.failure.key
        QDesktopServices.openUrl(QUrl(TMDB_PAGE.format(key.media_type.value, key.tmdb_id)))
