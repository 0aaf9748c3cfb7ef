"""The presets as chips in one line: as many as fit, the others in the menu of a last, dashed chip."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.ui.models.cron_shapes import words
from gdvg_desktop.ui.phrases import counted, day, local, number
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.widgets.chips import Chip, ChipKind

GAP = 8
LONGEST = 200  # px of a name; a longer one is cut and whole in the tooltip


class PresetChips(QWidget):
    """`pressed(int)` names a preset chosen; `rename_asked(int)`, `delete_asked(int)` and `menu_asked(int)` are F2, Del
    and the context menu on its chip. The arrow keys go from chip to chip."""

    pressed = Signal(int)
    rename_asked = Signal(int)
    delete_asked = Signal(int)
    menu_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Presets"))
        self._presets: list[PresetView] = []
        self._chosen = 0
        self.chips: dict[int, Chip] = {}
        self.more = Chip("", ChipKind.OPENER, parent=self)
        self.more.clicked.connect(self._open_more)
        self.more.installEventFilter(self)
        self.menu: QMenu | None = None
        self._hidden: list[PresetView] = []
        self._set: tuple[tuple[int, str], ...] = ()

    def set_presets(self, presets: Sequence[PresetView], chosen: int, *, edited: bool) -> None:
        """Show presets in this order; `chosen` is the number of one (0 for none), with its "edited" mark."""
        self._presets, self._chosen = list(presets), chosen
        names = tuple((one.id, one.name) for one in presets)
        if names != self._set:
            self._set = names
            self._rebuild()
        for one in presets:
            chip = self.chips[one.id]
            chip.setChecked(one.id == chosen)
            chip.set_note(self.tr("edited") if one.id == chosen and edited else "")
            chip.setToolTip("\n".join(self._about(one)))
        self._place()

    def _about(self, one: PresetView) -> list[str]:
        """What a preset names, how often it was used, and when it runs by itself."""
        lines = [one.name, one.words]
        if one.used_at is not None:
            times = counted(one.use_count, self.tr("Used once"), self.tr("Used {0} times"))
            lines.append(self.tr("{0}, last on {1}.").format(times, day(local(one.used_at).date())))
        if one.cron is not None and one.enabled:
            lines.append(self.tr("Runs by itself: {0}, {1}.").format(words(one.cron), one.zone))
        if one.in_scope:
            lines.append(self.tr("The mirror's scope is made of it."))
        return lines

    def _rebuild(self) -> None:
        focused = next((key for key, chip in self.chips.items() if chip.hasFocus()), 0)
        place = list(self.chips).index(focused) if focused else 0
        for chip in self.chips.values():
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        room = theme_of(self).px(LONGEST)
        for one in self._presets:
            text = self.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideRight, room)
            chip = Chip(text, parent=self)
            chip.setAccessibleName(one.name)
            chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            chip.clicked.connect(lambda _checked=False, key=one.id: self.pressed.emit(key))
            chip.customContextMenuRequested.connect(lambda _at, key=one.id: self.menu_asked.emit(key))
            chip.installEventFilter(self)
            self.chips[one.id] = chip
        if focused and self.chips:  # one that is gone leaves the keyboard to its neighbour
            (self.chips.get(focused) or list(self.chips.values())[min(place, len(self.chips) - 1)]).setFocus()

    def anchor(self, preset_id: int) -> QWidget:
        """Where something about a preset opens."""
        chip = self.chips.get(preset_id)
        return chip if chip is not None and chip.isVisible() else self.more if self.more.isVisible() else self

    # placing ---------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Chips from the left until the room ends. The chosen one is always among them."""
        widths = {one.id: self.chips[one.id].sizeHint().width() for one in self._presets}
        fitting = self._fitting(widths, self.width())
        if len(fitting) < len(self._presets):
            self._label_more(len(self._presets) - len(fitting))
            fitting = self._fitting(widths, self.width() - self.more.sizeHint().width() - GAP)
        self._hidden = [one for one in self._presets if one.id not in fitting]
        x = 0
        for one in self._presets:
            chip = self.chips[one.id]
            chip.setVisible(one.id in fitting)
            if one.id in fitting:
                chip.setGeometry(x, 0, widths[one.id], self.height())
                x += widths[one.id] + GAP
        self.more.setVisible(bool(self._hidden))
        if self._hidden:
            self._label_more(len(self._hidden))
            self.more.setGeometry(x, 0, self.more.sizeHint().width(), self.height())

    def _fitting(self, widths: dict[int, int], room: int) -> set[int]:
        found = {self._chosen} & widths.keys()
        used = sum(widths[key] + GAP for key in found)
        for key, width in widths.items():
            if key in found:
                continue
            if used + width > room:
                break
            found.add(key)
            used += width + GAP
        return found

    def _label_more(self, count: int) -> None:
        self.more.setText(self.tr("{0} more").format(number(count)))
        self.more.setAccessibleName(self.tr("{0} more presets").format(number(count)))

    def sizeHint(self) -> QSize:
        return QSize(theme_of(self).px(400), theme_of(self).px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme_of(self).px(120), theme_of(self).px(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._presets:
            self._rebuild()
            self.updateGeometry()
            self._place()

    def _open_more(self) -> None:
        self.menu = QMenu(self)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in self._hidden:
            action = self.menu.addAction(one.name.replace("&", "&&"))
            action.setToolTip(one.words)
            action.triggered.connect(lambda _checked=False, key=one.id: self.pressed.emit(key))
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    # keyboard --------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(watched, Qt.Key(event.key())) or super().eventFilter(watched, event)
        return super().eventFilter(watched, event)

    def _key(self, watched: QObject, key: Qt.Key) -> bool:
        row = [chip for chip in (*self.chips.values(), self.more) if chip.isVisible()]
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and watched in row:
            step = 1 if key == Qt.Key.Key_Right else -1
            row[(row.index(watched) + step) % len(row)].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        preset_id = next((one for one, chip in self.chips.items() if chip is watched), 0)
        if preset_id and key in (Qt.Key.Key_F2, Qt.Key.Key_Delete):
            (self.rename_asked if key == Qt.Key.Key_F2 else self.delete_asked).emit(preset_id)
            return True
        return False
