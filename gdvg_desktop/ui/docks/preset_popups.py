"""What the presets bar asks in small popups: a name, whether to delete, when to run by itself."""

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gdvg_desktop.commands.presets import LONGEST_NAME, PresetView
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.schedule import cron
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.ui.models.cron_shapes import words as in_words
from gdvg_desktop.ui.phrases import clock_time, day
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.chips import Chip
from gdvg_desktop.ui.widgets.fields import FormField
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import Paragraph
from gdvg_desktop.ui.widgets.popups import Popup

translate = QCoreApplication.translate
WIDTH = 320
DEFAULT_CRON = "0 4 * * 1"


class _Asking(Popup):
    """A popup with a title and a row of buttons at its end."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._add(Paragraph(title, Role.STRONG))
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self.closed.connect(self.deleteLater)

    def _add(self, widget: QWidget) -> None:
        widget.setFixedWidth(theme_of(self).px(WIDTH))
        self.body.addWidget(widget)

    def _end(self, *buttons: Button) -> None:
        for button in buttons:
            self._row.addWidget(button)
        self.body.addSpacing(4)
        self.body.addLayout(self._row)


class NamePopup(_Asking):
    """Asks for a preset's name. `named(str)` carries it; the popup stays until `close`, to tell of a name refused."""

    named = Signal(str)

    def __init__(self, title: str, name: str, answer: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.line = QLineEdit(name)
        self.line.setMaxLength(LONGEST_NAME)
        self.line.setAccessibleName(self.tr("Name of the preset"))
        self.field = FormField("", self.line)
        self._add(self.field)
        self.cancel = Button(self.tr("Cancel"), small=True)
        self.cancel.clicked.connect(self.close)
        self.save = Button(answer, kind=ButtonKind.PRIMARY, small=True)
        self.save.clicked.connect(self._on_save)
        self.line.returnPressed.connect(self._on_save)
        self.line.textEdited.connect(lambda _text: self.field.set_error(""))
        self._end(self.cancel, self.save)

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self.line.setFocus()
        self.line.selectAll()

    def _on_save(self) -> None:
        if not self.line.text().strip():
            self.field.set_error(self.tr("Write a name."))
            return
        self.save.setEnabled(False)
        self.named.emit(self.line.text())

    def refuse(self, error: GdvgError) -> None:
        """Say why the name cannot be."""
        self.save.setEnabled(True)
        self.field.set_error(f"{error.message} {error.hint}".strip())
        self.adjustSize()
        self.line.setFocus()


class DeletePopup(_Asking):
    """Asks whether a preset is really deleted. `confirmed()` is yes; Esc, a click elsewhere and Keep are no."""

    confirmed = Signal()

    def __init__(self, preset: PresetView, parent: QWidget) -> None:
        super().__init__(translate("DeletePopup", "Delete {0}?").format(preset.name), parent)
        text = self.tr("The filters go. Titles that were imported with them stay.")
        if preset.cron is not None:
            text += " " + self.tr("Its schedule ends.")
        self.setAccessibleDescription(text)
        self._add(Paragraph(text, Role.HINT))
        self.keep = Button(self.tr("Keep preset"), small=True)
        self.keep.clicked.connect(self.close)
        self.delete = Button(self.tr("Delete preset"), kind=ButtonKind.DANGER, small=True)
        self.delete.clicked.connect(self._on_delete)
        self._end(self.keep, self.delete)

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self.keep.setFocus()

    def _on_delete(self) -> None:
        self.close()
        self.confirmed.emit()


class SchedulePopup(_Asking):
    """Asks when a preset runs by itself. `planned(str | None)` carries a cron expression, None to end the schedule."""

    planned = Signal(object)

    def __init__(self, preset: PresetView, parent: QWidget) -> None:
        super().__init__(translate("SchedulePopup", "Run {0} by itself").format(preset.name), parent)
        self._zone = preset.zone or local_zone()
        self.line = QLineEdit(preset.cron or DEFAULT_CRON)
        quick = QWidget()
        flow = FlowLayout(quick)
        self.quick: dict[str, Chip] = {}
        for expression, words in (
            ("0 4 * * *", self.tr("Every day")),
            ("0 4 * * 1", self.tr("Every Monday")),
            ("0 4 1 * *", self.tr("Every month")),
        ):
            chip = Chip(words, small=True)
            chip.clicked.connect(lambda _checked, one=expression: self._choose(one))
            flow.addWidget(chip)
            self.quick[expression] = chip
        self._add(quick)
        self.line.setAccessibleName(self.tr("Schedule as a cron expression"))
        self.field = FormField("", self.line)
        self._add(self.field)
        self.words = Paragraph("", Role.HINT)
        self._add(self.words)
        self.none = Button(self.tr("No schedule"), kind=ButtonKind.GHOST, small=True)
        self.none.setVisible(preset.cron is not None)
        self.none.clicked.connect(lambda: self._answer(None))
        self.cancel = Button(self.tr("Cancel"), small=True)
        self.cancel.clicked.connect(self.close)
        self.save = Button(self.tr("Save schedule"), kind=ButtonKind.PRIMARY, small=True)
        self.save.clicked.connect(self._on_save)
        self.line.returnPressed.connect(self._on_save)
        self.line.textChanged.connect(self._explain)
        self._end(self.none, self.cancel, self.save)
        self._explain()

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self.line.setFocus()

    def _choose(self, expression: str) -> None:
        self.line.setText(expression)
        self._explain()  # a chip that was pressed again stays chosen

    def _explain(self) -> None:
        """Say in words what is written, and when it would be due next."""
        text = " ".join(self.line.text().split())
        for expression, chip in self.quick.items():
            chip.setChecked(expression == text)
        try:
            found = cron.parse(text, self._zone)
        except UsageError as error:
            self.field.set_error(f"{error.message} {error.hint}".strip())
            self.words.set_text("")
            self.save.setEnabled(False)
        else:
            self.field.set_error("")
            self.save.setEnabled(True)
            coming = found.next(datetime.now(UTC))
            words = f"{in_words(text, found.words())}, {self._zone}."
            if coming:
                at = round(coming[0].timestamp() * 1000)
                moment = f"{day(coming[0].astimezone().date())}, {clock_time(at)}"
                words += " " + self.tr("Next: {0}.").format(moment)
            self.words.set_text(words)
        self.adjustSize()

    def _on_save(self) -> None:
        if self.save.isEnabled():
            self._answer(" ".join(self.line.text().split()))

    def _answer(self, expression: str | None) -> None:
        self.close()
        self.planned.emit(expression)
