"""Editors for settings, chosen by what `core.settings` declares of a field: its type, limits and choices."""

from collections.abc import Callable
from dataclasses import Field, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import RATE_PRESETS, Settings, validate
from gdvg_desktop.ui.theme import repolish, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.chip_choice import ChipChoice
from gdvg_desktop.ui.widgets.fields import ComboBox, SpinBox
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox, Switch

translate = QCoreApplication.translate
LABEL_WIDTH = 132
OTHER = "other"
MOST = 2_000_000_000  # where a whole number has no upper limit of its own
_REGIONAL = ("en-GB", "es-MX", "fr-CA", "pt-BR", "zh-HK", "zh-TW")
_USUAL = ("en-US", "de-DE", "es-ES", "fr-FR", "ko-KR", "ja-JP")


class Editor(QWidget):
    """One setting's control. `edited()` follows every change by the user; `left()` is a text field being left."""

    edited = Signal()
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(8)

    def value(self) -> Any:
        """What is entered. Raises UsageError for text that is none of the setting's kind."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value; `edited` is not emitted."""
        raise NotImplementedError

    def focus_widget(self) -> QWidget:
        """The control that takes the keyboard."""
        raise NotImplementedError

    def mark_error(self, wrong: bool) -> None:
        """Draw the red border."""
        control = self.focus_widget()
        control.setProperty("error", wrong)
        repolish(control)


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.textEdited.connect(self.edited)
        self.line.editingFinished.connect(self.left)
        self.row.addWidget(self.line, 1)

    def value(self) -> Any:
        return self.line.text().strip()

    def set_value(self, value: Any) -> None:
        self.line.setText(str(value))

    def focus_widget(self) -> QWidget:
        return self.line


class NumberEditor(Editor):
    """A whole number within limits."""

    def __init__(self, name: str, low: float, high: float, kind: type[int] | type[float]) -> None:
        super().__init__(name)
        self._kind = kind
        self._box = SpinBox(round(low), round(high), name=name)
        self._box.setFixedWidth(theme_of(self).px(88 if high < 1_000_000 else 120))
        self._box.setGroupSeparatorShown(True)
        self._box.valueChanged.connect(self.edited)
        self.row.addWidget(self._box)
        self.row.addStretch(1)

    def value(self) -> Any:
        return self._kind(self._box.value())

    def set_value(self, value: Any) -> None:
        self._box.blockSignals(True)
        self._box.setValue(round(value))
        self._box.blockSignals(False)

    def focus_widget(self) -> QWidget:
        return self._box


class DecimalEditor(Editor):
    """Any number from a smallest one on."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.setFixedWidth(theme_of(self).px(88))
        self.line.textEdited.connect(self.edited)
        self.line.editingFinished.connect(self.left)
        self.row.addWidget(self.line)
        self.row.addStretch(1)

    def value(self) -> Any:
        text = self.line.text().strip().replace(",", ".")
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"{self.name}: {text or 'nothing'} is not a number.", "Enter for example 10.") from None

    def set_value(self, value: Any) -> None:
        self.line.setText(f"{value:g}")

    def focus_widget(self) -> QWidget:
        return self.line


class RateEditor(Editor):
    """Presets, and a field for any other rate."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        words = {
            "gentle": translate("Settings", "Gentle"),
            "balanced": translate("Settings", "Balanced"),
            "fast": translate("Settings", "Fast"),
        }
        choices = [(key, f"{words.get(key, key)} {rate:g}") for key, rate in RATE_PRESETS.items()]
        self.presets = Segmented([*choices, (OTHER, translate("Settings", "Other"))], name=name)
        self.presets.chosen.connect(self._on_preset)
        self.line = QLineEdit()
        self.line.setAccessibleName(translate("Settings", "{0}, exact").format(name))
        self.line.setFixedWidth(theme_of(self).px(72))
        self.line.textEdited.connect(self._on_typed)
        self.line.editingFinished.connect(self.left)
        self.row.addWidget(self.presets)
        self.row.addWidget(self.line)
        self.row.addStretch(1)

    def value(self) -> Any:
        text = self.line.text().strip().replace(",", ".")
        try:
            return float(text)
        except ValueError:
            raise UsageError(f"{self.name}: {text or 'nothing'} is not a number.", "Enter for example 20.") from None

    def set_value(self, value: Any) -> None:
        self.line.setText(f"{value:g}")
        self._mark_preset()

    def focus_widget(self) -> QWidget:
        return self.line

    def _mark_preset(self) -> None:
        try:
            rate = self.value()
        except UsageError:
            rate = None
        known = next((key for key, preset in RATE_PRESETS.items() if preset == rate), OTHER)
        self.presets.blockSignals(True)
        self.presets.choose(known)
        self.presets.blockSignals(False)
        self.presets.update()

    def _on_preset(self, key: str) -> None:
        if key == OTHER:
            self.line.setFocus()
            self.line.selectAll()
            return
        self.line.setText(f"{RATE_PRESETS[key]:g}")
        self.edited.emit()
        self.left.emit()

    def _on_typed(self) -> None:
        self._mark_preset()
        self.edited.emit()


class ChoiceEditor(Editor):
    """One of a few words."""

    def __init__(self, name: str, choices: tuple[str, ...], words: dict[str, str]) -> None:
        super().__init__(name)
        self.combo = ComboBox()
        self.combo.setAccessibleName(name)
        for choice in choices:
            self.combo.addItem(words.get(choice, choice), choice)
        self.combo.currentIndexChanged.connect(self.edited)
        self.row.addWidget(self.combo)
        self.row.addStretch(1)

    def value(self) -> Any:
        return self.combo.currentData()

    def set_value(self, value: Any) -> None:
        self.combo.blockSignals(True)
        self.combo.setCurrentIndex(self.combo.findData(value))
        self.combo.blockSignals(False)
        self.combo.update()

    def focus_widget(self) -> QWidget:
        return self.combo


class ChecksEditor(Editor):
    """Any of some words, each with a check box, in the order they are declared in."""

    COLUMNS = 3

    def __init__(self, name: str, choices: tuple[str, ...], words: dict[str, str]) -> None:
        super().__init__(name)
        self.boxes: dict[str, CheckBox] = {}
        self._given: tuple[str, ...] = ()
        self.setAccessibleName(name)
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for place, choice in enumerate(choices):
            box = CheckBox(words.get(choice, choice.replace("_", " ").capitalize()))
            box.setAccessibleName(f"{name}: {box.text()}")
            box.toggled.connect(self._on_toggled)
            grid.addWidget(box, place // self.COLUMNS, place % self.COLUMNS)
            self.boxes[choice] = box
        for column in range(self.COLUMNS):
            grid.setColumnStretch(column, 1)
        self.row.addLayout(grid, 1)

    def value(self) -> Any:
        chosen = tuple(choice for choice, box in self.boxes.items() if box.isChecked())
        return self._given if set(chosen) == set(self._given) else chosen  # the order in which they lie says nothing

    def set_value(self, value: Any) -> None:
        self._given = value
        for choice, box in self.boxes.items():
            box.blockSignals(True)
            box.setChecked(choice in value)
            box.blockSignals(False)
            box.update()

    def focus_widget(self) -> QWidget:
        return next(iter(self.boxes.values()))

    def _on_toggled(self) -> None:
        self.edited.emit()
        self.left.emit()


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.switch = Switch(name=name)
        self.switch.toggled.connect(self.edited)
        self.row.addWidget(self.switch)
        self.row.addStretch(1)

    def value(self) -> Any:
        return self.switch.isChecked()

    def set_value(self, value: Any) -> None:
        self.switch.blockSignals(True)
        self.switch.setChecked(bool(value))
        self.switch.blockSignals(False)
        self.switch.update()

    def focus_widget(self) -> QWidget:
        return self.switch


class LanguagesEditor(Editor):
    """Metadata languages in the order they were chosen."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.chips = ChipChoice(
            opener=translate("Settings", "Add"), placeholder=translate("Settings", "Search languages"), name=name
        )
        self.chips.changed.connect(self._on_changed)
        self._order = Paragraph("", Role.HINT)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.chips)
        column.addWidget(self._order)
        self.row.addLayout(column, 1)

    def value(self) -> Any:
        return self.chips.values()

    def set_value(self, value: Any) -> None:
        known = language_names()
        names = {code: known.get(code, code) for code in [*known, *value]}
        self.chips.set_options(names, _USUAL, codes=True)
        self.chips.set_values(value)
        self._tell_order()

    def focus_widget(self) -> QWidget:
        return self.chips

    def _on_changed(self) -> None:
        self._tell_order()
        self.edited.emit()
        self.left.emit()

    def _tell_order(self) -> None:
        names = language_names()
        words = [names.get(code, code) for code in self.chips.values()]
        original = translate("Settings", "then the original")
        self._order.set_text(", ".join([*words, original]) if words else translate("Settings", "The original only"))


def language_names() -> dict[str, str]:
    """Languages TMDb may have texts in, as language-REGION with the usual region, by name."""
    names = {}
    for language in QLocale.Language:
        if language in (QLocale.Language.AnyLanguage, QLocale.Language.C):
            continue
        locale = QLocale(language)
        code = QLocale.languageToCode(language, QLocale.LanguageCodeType.ISO639Part1)
        region = QLocale.territoryToCode(locale.territory())
        if code and len(region) == 2 and locale.language() == language:
            names[f"{code}-{region}"] = QLocale.languageToString(language)
    for code in _REGIONAL:
        language_code, region = code.split("-")
        language = QLocale.codeToLanguage(language_code)
        territory = QLocale.territoryToString(QLocale.codeToTerritory(region))
        names[code] = f"{QLocale.languageToString(language)} ({territory})"
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def choice_words() -> dict[str, str]:
    """The words for the values of choices."""
    return {
        "system": translate("Settings", "Follow the system"),
        "dark": translate("Settings", "Dark"),
        "light": translate("Settings", "Light"),
        "contrast": translate("Settings", "High contrast"),
        "ask": translate("Settings", "Ask"),
        "tray": translate("Settings", "Keep working in the tray"),
        "stop": translate("Settings", "Quit; work goes on at the next start"),
        "minimise": translate("Settings", "Quit; during work stay minimised until it is done"),
        "workflow": translate("Settings", "Disabling the workflow"),
        "variable": translate("Settings", "A repository variable"),
        "date": translate("Settings", "Release date"),
        "external_ids": translate("Settings", "Ids elsewhere"),
    }


def make_editor(one: Field[Any]) -> Editor:
    """The editor a field of `Settings` asks for."""
    meta, default = one.metadata, one.default
    name = meta["label"]
    if one.name == "requests_per_second":
        return RateEditor(name)
    if isinstance(default, tuple) and meta["choices"]:
        return ChecksEditor(name, meta["choices"], choice_words())
    if meta["choices"]:
        return ChoiceEditor(name, meta["choices"], choice_words())
    if isinstance(default, bool):
        return SwitchEditor(name)
    if isinstance(default, int | float) and meta["low"] is not None and meta["high"] is not None:
        return NumberEditor(name, meta["low"], meta["high"], type(default))
    if isinstance(default, int) and meta["low"] is not None:
        return NumberEditor(name, meta["low"], MOST, int)
    if isinstance(default, float):
        return DecimalEditor(name)
    if isinstance(default, tuple):
        return LanguagesEditor(name)
    return TextEditor(name)


class SettingRow(QWidget):
    """A setting: name, editor, and below it what it means, why it is locked, or what is wrong with it."""

    edited = Signal()

    def __init__(self, one: Field[Any], settings: Callable[[], Settings], locked_by: str = "") -> None:
        super().__init__()
        self.field = one
        self._settings = settings
        self._help = one.metadata["help"]
        if locked_by:
            self._help = translate("Settings", "Set by {0} in the environment. Change it there.").format(locked_by)
        self.editor = make_editor(one)
        self.editor.setEnabled(not locked_by)
        self.editor.edited.connect(self.edited)
        self.editor.left.connect(self.check)
        self.editor.focus_widget().setAccessibleDescription(self._help)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = Paragraph(one.metadata["label"], Role.BODY)
        name.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        name.setContentsMargins(0, 6, 0, 0)
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self.editor)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        self._mark = IconLabel("circle-alert", 14, "text_red")
        self._text = Paragraph(self._help, Role.HINT)
        foot.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self._text, 1)
        column.addLayout(foot)
        row.addLayout(column, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._mark.hide()

    def check(self) -> bool:
        """Whether what is entered can be; says so below the editor if not."""
        try:
            validate(replace(self._settings(), **{self.field.name: self.editor.value()}))
        except UsageError as error:
            self._tell(str(error))
            return False
        self._tell("")
        return True

    def _tell(self, problem: str) -> None:
        self.editor.mark_error(bool(problem))
        self._mark.setVisible(bool(problem))
        self._text.set_text(problem or self._help)
        self._text.setProperty("accent", Accent.RED.value if problem else "")
        repolish(self._text)
        self.editor.focus_widget().setAccessibleDescription(problem or self._help)

    def matches(self, needle: str) -> bool:
        """Whether a search finds this setting."""
        return needle in f"{self.field.metadata['label']} {self.field.metadata['help']}".casefold()
