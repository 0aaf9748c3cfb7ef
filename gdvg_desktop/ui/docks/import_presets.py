"""The bar over the import screen: the presets to choose from, and what can be done with the one chosen."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import preset_files, presets
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui import icons
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.preset_chips import PresetChips
from gdvg_desktop.ui.docks.preset_popups import DeletePopup, NamePopup, SchedulePopup
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.cron_shapes import words as in_words
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import IconLabel, label

NARROW = 900
FILE_NAME = "presets.json"


class PresetsBar(Card):
    """`told(Accent, str, str)` is news for the window's corner: title and sentence."""

    told = Signal(object, str, str)

    def __init__(self, host: Host, bridge: Bridge, draft: ImportDraft, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self._host, self._draft = host, draft
        self.presets: list[PresetView] = []
        self.popup: NamePopup | DeletePopup | SchedulePopup | None = None
        self.menu: QMenu | None = None
        self._build()
        self._refresh: Refresh[list[PresetView]] = Refresh(
            self, host, lambda: presets.listing, self._on_read, self._fail
        )
        for hint in (bridge.presets_changed, bridge.library_replaced, bridge.schedule_changed, bridge.coverage_changed):
            hint.connect(self._refresh.ask)
        draft.changed.connect(self._show)
        self._refresh.ask()
        self._show()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 12, 9)
        row.setSpacing(8)
        row.addWidget(IconLabel("bookmark", 16))
        row.addWidget(label(self.tr("Presets"), Role.STRONG))
        row.addSpacing(8)
        self.chips = PresetChips()
        self.chips.pressed.connect(self._on_pressed)
        self.chips.rename_asked.connect(lambda key: self.rename(self._of(key)))
        self.chips.delete_asked.connect(lambda key: self.delete(self._of(key)))
        self.chips.menu_asked.connect(lambda key: self._open_menu(self._of(key), self.chips.anchor(key)))
        row.addWidget(self.chips, 1)
        self.save = Button(self.tr("Save changes"), icon="save", kind=ButtonKind.GHOST)
        self.save.clicked.connect(self.save_changes)
        self.save_as = Button(self.tr("Save as new"), icon="plus")
        self.save_as.clicked.connect(self.save_as_new)
        self.more = IconButton("ellipsis", self.tr("More for presets"))
        self.more.clicked.connect(lambda: self._open_menu(self._draft.preset, self.more))
        for button in (self.save, self.save_as, self.more):
            row.addWidget(button)

    def _of(self, preset_id: int) -> PresetView | None:
        return next((one for one in self.presets if one.id == preset_id), None)

    # showing ---------------------------------------------------------------------------------------------------

    def _on_read(self, found: list[PresetView]) -> None:
        self.presets = found
        if self._draft.preset is not None:
            self._draft.set_preset(self._of(self._draft.preset.id))
        self._show()

    def _show(self) -> None:
        chosen, edited = self._draft.preset, self._draft.edited
        self.chips.set_presets(self.presets, chosen.id if chosen is not None else 0, edited=edited)
        self.save.setEnabled(edited and not self._draft.problem)
        in_scope = chosen is not None and chosen.in_scope
        self.save.setToolTip(self.tr("The scope of the mirror is made of this preset and follows.") if in_scope else "")
        self.save_as.setEnabled(not self._draft.problem and self._host.app is not None)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        narrow = self.width() < theme_of(self).px(NARROW)
        self.save.set_compact(narrow)
        self.save_as.set_compact(narrow)

    # choosing --------------------------------------------------------------------------------------------------

    def _on_pressed(self, preset_id: int) -> None:
        """Another preset shows its filters; the chosen one, edited, gets them back, and unedited is left."""
        preset = self._of(preset_id)
        chosen = self._draft.preset
        if preset is None:
            return
        if chosen is not None and chosen.id == preset_id and not self._draft.edited:
            self._draft.set_preset(None)
        else:
            self._draft.choose_preset(preset)
        self._show()

    # acting ----------------------------------------------------------------------------------------------------

    def _run(
        self,
        work: Callable[[App], Awaitable[Any]],
        then: Callable[[Any], object] = lambda _answer: None,
        failed: Callable[[GdvgError], None] | None = None,
    ) -> None:
        def done(answer: Any) -> None:
            then(answer)
            self._refresh.ask_anew()  # a reading from before would not know a preset that was just made

        self._host.call(self, work, done, failed or self._fail)

    def _fail(self, error: GdvgError) -> None:
        self.told.emit(Accent.RED, error.title, f"{error.message} {error.hint}".strip())

    def save_changes(self) -> None:
        """Give the chosen preset the filters as they are now."""
        preset, request = self._draft.preset, self._draft.request
        if preset is not None:
            self._run(lambda app: presets.update(app, preset.id, request), self._on_saved)

    def _on_saved(self, saved: PresetView) -> None:
        self._draft.set_preset(saved)
        text = self.tr("The mirror's scope follows.") if saved.in_scope else self.tr("Its filters are as shown now.")
        self.told.emit(Accent.GREEN, self.tr("{0} saved").format(saved.name), text)

    def save_as_new(self) -> None:
        """Keep the filters under a new name."""
        request = self._draft.request
        self._ask_name(
            self.tr("Save as a new preset"),
            "",
            self.tr("Save preset"),
            self.save_as,
            lambda name: lambda app: presets.save(app, name, request),
            self._draft.set_preset,
        )

    def rename(self, preset: PresetView | None) -> None:
        """Ask for another name."""
        if preset is not None:
            self._ask_name(
                self.tr("Rename preset"),
                preset.name,
                self.tr("Rename"),
                self.chips.anchor(preset.id),
                lambda name: lambda app: presets.rename(app, preset.id, name),
            )

    def _ask_name(
        self,
        title: str,
        name: str,
        answer: str,
        anchor: QWidget,
        work: Callable[[str], Callable[[App], Awaitable[PresetView]]],
        then: Callable[[PresetView], object] = lambda _made: None,
    ) -> None:
        popup = NamePopup(title, name, answer, self)
        self.popup = popup

        def named(text: str) -> None:
            def done(made: PresetView) -> None:
                popup.close()
                then(made)

            self._run(work(text), done, popup.refuse)

        popup.named.connect(named)
        self._open(popup, anchor)

    def _open(self, popup: NamePopup | DeletePopup | SchedulePopup, anchor: QWidget) -> None:
        self.popup = popup
        popup.closed.connect(self._on_popup_closed)
        popup.open_under(anchor)

    def _on_popup_closed(self) -> None:
        self.popup = None
        self.activateWindow()

    def duplicate(self, preset: PresetView | None) -> None:
        """A second preset with the same filters, chosen at once."""
        if preset is not None:
            self._run(lambda app: presets.duplicate(app, preset.id), self._draft.choose_preset)

    def delete(self, preset: PresetView | None) -> None:
        """Ask whether a preset is to go."""
        if preset is None:
            return
        popup = DeletePopup(preset, self)
        popup.confirmed.connect(lambda: self._run(lambda app: presets.delete(app, preset.id)))
        self._open(popup, self.chips.anchor(preset.id))

    def plan(self, preset: PresetView | None) -> None:
        """Ask when a preset is to run by itself."""
        if preset is None:
            return
        popup = SchedulePopup(preset, self)
        popup.planned.connect(
            lambda moments: self._run(lambda app: presets.set_schedule(app, preset.id, moments), self._on_planned)
        )
        self._open(popup, self.chips.anchor(preset.id))

    def _on_planned(self, preset: PresetView) -> None:
        if preset.cron is None:
            self.told.emit(Accent.BLUE, preset.name, self.tr("It no longer runs by itself."))
        else:
            text = self.tr("It runs by itself: {0}, {1}.").format(in_words(preset.cron), preset.zone)
            self.told.emit(Accent.GREEN, self.tr("{0} scheduled").format(preset.name), text)

    # files -----------------------------------------------------------------------------------------------------

    def _choose_file(self, title: str, *, saving: bool, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self.window(), title, str(Path.home()), self.tr("Presets") + " (*.json)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if saving:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix("json")
            dialog.selectFile(FILE_NAME)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: then(Path(name)))
        dialog.open()

    def write_file(self, path: Path) -> None:
        """Export all presets."""

        def tell(count: int) -> None:
            words = counted(count, self.tr("{0} preset"), self.tr("{0} presets"))
            self.told.emit(
                Accent.GREEN, self.tr("Presets exported"), self.tr("{0} written to {1}.").format(words, path)
            )

        self._run(lambda app: preset_files.export(app, path), tell)

    def read_file(self, path: Path) -> None:
        """Take the presets of a file over."""

        def tell(made: list[PresetView]) -> None:
            text = ", ".join(one.name for one in made) or self.tr("The file holds none.")
            self.told.emit(Accent.GREEN, self.tr("Presets imported"), text)

        self._run(lambda app: preset_files.import_(app, path), tell)

    # the menu --------------------------------------------------------------------------------------------------

    def _open_menu(self, preset: PresetView | None, anchor: QWidget) -> None:
        self.menu = self.make_menu(preset)
        self.menu.popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))

    def make_menu(self, preset: PresetView | None) -> QMenu:
        """What can be done with a preset, and with all."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme = theme_of(self)
        for text, icon, act in (
            (self.tr("Rename…"), "", self.rename),
            (self.tr("Duplicate"), "copy", self.duplicate),
            (self.tr("Schedule…"), "calendar-check", self.plan),
            (self.tr("Delete…"), "trash-2", self.delete),
        ):
            action = menu.addAction(text)
            if icon:
                action.setIcon(icons.icon(theme, icon))
            action.setEnabled(preset is not None)
            action.triggered.connect(lambda _checked=False, run=act: run(preset))
        menu.addSeparator()
        reading = menu.addAction(icons.icon(theme, "file-up"), self.tr("Import presets…"))
        reading.triggered.connect(
            lambda: self._choose_file(self.tr("Import presets"), saving=False, then=self.read_file)
        )
        writing = menu.addAction(icons.icon(theme, "file-down"), self.tr("Export presets…"))
        writing.triggered.connect(
            lambda: self._choose_file(self.tr("Export presets"), saving=True, then=self.write_file)
        )
        return menu
