"""Choosing which of TMDb's short lists is brought up to date."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import imports, mirror
from gdvg_desktop.commands.imports import Choices
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.tmdb.lists import LISTS
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.import_choices import country_names
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.fields import ComboBox, SpinBox
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage

WIDTH = 420
MOST_PAGES = 500


class ShortListDialog(QDialog):
    """`started(Job, bool)` comes when the update was queued: the job, and whether it is new."""

    started = Signal(object, bool)

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.setWindowTitle(self.tr("Update a short list"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH)
        self.lists = ComboBox()
        self.lists.setAccessibleName(self.tr("List"))
        for one in LISTS.values():
            self.lists.addItem(one.words, one.name)
        self.region = ComboBox()
        self.region.setAccessibleName(self.tr("Country"))
        self.region.addItem(self.tr("Any country"), None)
        self.pages = SpinBox(1, MOST_PAGES, name=self.tr("Pages"))
        self.message = InlineMessage(Accent.RED)
        self.message.hide()
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.go = Button(self.tr("Update list"), kind=ButtonKind.PRIMARY)
        self.go.setDefault(True)
        self.go.clicked.connect(self._on_go)
        self.lists.currentIndexChanged.connect(self._on_list)
        self._build()
        self._on_list()
        host.call(self, imports.choices, self._on_choices)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Update a short list"), Role.TITLE))
        text = self.tr("Titles the list names and the library lacks are fetched, the others are refreshed.")
        column.addWidget(Paragraph(text, Role.QUIET))
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(label(self.tr("List")), self.lists)
        form.addRow(label(self.tr("Country")), self.region)
        form.addRow(label(self.tr("Pages of 20 titles")), self.pages)
        column.addLayout(form)
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go)
        column.addLayout(buttons)

    def _on_choices(self, choices: Choices) -> None:
        for code, name in sorted(country_names(choices).items(), key=lambda one: one[1]):
            self.region.addItem(name, code)

    def _on_list(self) -> None:
        """Only lists of movies are narrowed to a country by TMDb."""
        takes = LISTS[self.lists.currentData()].takes_region
        self.region.setEnabled(takes)
        if not takes:
            self.region.setCurrentIndex(0)

    def _on_go(self) -> None:
        name, region, pages = self.lists.currentData(), self.region.currentData(), self.pages.value()
        self.go.setEnabled(False)
        self._host.call(self, lambda app: mirror.run_list(app, name, region, pages), self._on_started, self._on_failed)

    def _on_started(self, answer: tuple[Job, bool]) -> None:
        self.started.emit(*answer)
        self.accept()

    def _on_failed(self, error: GdvgError) -> None:
        self.go.setEnabled(True)
        self.message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self.message.show()
