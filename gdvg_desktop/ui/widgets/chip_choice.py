"""Choosing several of many: chips for the usual ones and those chosen, and a searchable list behind a last chip."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdvg_desktop.ui.widgets.chips import Chip, ChipKind
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.pick_popup import Option, PickPopup


class ChipChoice(QWidget):
    """Options by value. `changed()` follows every choice of the user. "{0}" in `opener` is how many more there are.

    A value chosen that is not among the options is remembered, not shown and not part of `values()`, until the options
    hold it again.
    """

    changed = Signal()

    def __init__(self, *, opener: str, placeholder: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._options: dict[str, str] = {}
        self._usual: tuple[str, ...] = ()
        self._chosen: list[str] = []
        self._chips: dict[str, Chip] = {}
        self._codes = False
        self._flow = FlowLayout(self)
        self._opener_text = opener
        self._opener = Chip(opener, ChipKind.OPENER)
        self._opener.clicked.connect(self._open)
        self._flow.addWidget(self._opener)
        self._popup = PickPopup(self, placeholder=placeholder)
        self._popup.picked.connect(self._on_picked)
        self._popup.closed.connect(self._lay_out)

    def set_options(self, options: Mapping[str, str], usual: Sequence[str], *, codes: bool = False) -> None:
        """Value to name of everything that can be chosen; `usual` values always have a chip.

        With `codes` the list shows the value in front of the name.
        """
        self._options = dict(options)
        self._usual = tuple(value for value in usual if value in options)
        self._codes = codes
        self._lay_out()

    def values(self) -> tuple[str, ...]:
        """The values chosen, in the order chosen."""
        if not self._options:
            return tuple(self._chosen)
        return tuple(value for value in self._chosen if value in self._options)

    def set_values(self, values: Iterable[str]) -> None:
        """Choose these and nothing else; `changed` is not emitted."""
        self._chosen = list(dict.fromkeys(values))
        self._lay_out()

    def _shown(self) -> list[str]:
        return [*self._usual, *(value for value in self.values() if value not in self._usual)]

    def _lay_out(self) -> None:
        """One chip for each value shown, those that stay keep their widget (and the focus)."""
        wanted = [value for value in self._shown() if value in self._options]
        for value in [value for value in self._chips if value not in wanted]:
            chip = self._chips.pop(value)
            self._flow.removeWidget(chip)
            chip.setParent(None)
            chip.deleteLater()
        for value in wanted:
            if value not in self._chips:
                self._chips[value] = self._make_chip(value)
        chosen = set(self.values())
        for value in wanted:
            chip = self._chips[value]
            chip.blockSignals(True)
            chip.setChecked(value in chosen)
            chip.blockSignals(False)
            chip.updateGeometry()
            self._flow.removeWidget(chip)
            self._flow.addWidget(chip)
        self._flow.removeWidget(self._opener)
        self._flow.addWidget(self._opener)
        more = len(self._options) - len(wanted)
        self._opener.setText(self._opener_text.format(more))
        self._opener.setVisible(more > 0)
        self._tab_in_order([self._chips[value] for value in wanted])
        self.updateGeometry()

    def _make_chip(self, value: str) -> Chip:
        chip = Chip(self._options[value], parent=self)
        chip.toggled.connect(lambda on, one=value: self._on_toggled(one, on))
        chip.show()
        return chip

    def _tab_in_order(self, chips: Sequence[Chip]) -> None:
        """Chips are made later than what stands after them; they come to the opener's place, and it after them."""
        for before, after in pairwise([self._opener, *chips, self._opener]):
            QWidget.setTabOrder(before, after)

    def _on_toggled(self, value: str, on: bool) -> None:
        if on and value not in self._chosen:
            self._chosen.append(value)
        elif not on and value in self._chosen:
            self._chosen.remove(value)
        self.changed.emit()

    def _open(self) -> None:
        options = [Option(value, name, code=value if self._codes else "") for value, name in self._options.items()]
        self._popup.set_options(options, self.values())
        self._popup.open_under(self._opener)

    def _on_picked(self, values: list[str]) -> None:
        """Chips are laid out when the list closes: a list that moved under the mouse could not be used."""
        away = [value for value in self._chosen if value not in self._options]
        kept = [value for value in self._chosen if value in values]
        self._chosen = [*kept, *(value for value in values if value not in kept), *away]
        self.changed.emit()
