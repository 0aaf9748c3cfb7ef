"""The bar under the import screen: the effect in one sentence, preview and start."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gdvg_desktop.ui.models.import_draft import ImportDraft, PreviewState
from gdvg_desktop.ui.models.import_words import effect
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, label
from gdvg_desktop.ui.widgets.search_field import action_keys


class ImportFooter(Card):
    """`preview_action` (Ctrl P) and `start_action` (Ctrl Enter) work while the bar can be seen; menus may hold them."""

    def __init__(self, draft: ImportDraft, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self._draft = draft
        self.preview_action = self._action(self.tr("&Preview import"), "Ctrl+P", self._on_preview)
        self.start_action = self._action(self.tr("&Start import"), "Ctrl+Return", draft.start)
        self.start_action.setShortcuts([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
        self._lead = label("", Role.STRONG)
        self._rest = ElidedLabel("", Role.QUIET)
        keys = action_keys(self.preview_action)
        self._preview = Button(self.tr("Preview import"), icon="eye", keys=keys)
        self._start = Button(
            self.tr("Start import"), icon="play", kind=ButtonKind.PRIMARY, keys=action_keys(self.start_action)
        )
        self._preview.clicked.connect(self.preview_action.trigger)
        self._start.clicked.connect(self.start_action.trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 11, 16, 11)
        row.setSpacing(8)
        row.addWidget(self._lead)
        row.addWidget(self._rest, 1)
        row.addWidget(self._preview)
        row.addWidget(self._start)
        draft.changed.connect(self._refresh)
        self._refresh()

    def _action(self, text: str, keys: str, act) -> QAction:  # type: ignore[no-untyped-def]
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        return action

    def _on_preview(self) -> None:
        if self._draft.state is PreviewState.ASKING:
            self._draft.stop_preview()
        else:
            self._draft.ask_preview()

    def _refresh(self) -> None:
        asking = self._draft.state is PreviewState.ASKING
        lead, rest = effect(self._draft)
        self._lead.setText(lead)
        self._rest.setText(rest)
        self.setAccessibleName(f"{lead} {rest}".strip())
        self._preview.setText(self.tr("Stop preview") if asking else self.tr("Preview import"))
        self._preview.set_icon("x" if asking else "eye")
        can_preview = asking or not self._draft.problem
        self._preview.setEnabled(can_preview)
        self._start.setEnabled(self._draft.can_start)
        shown = self.isVisible()  # a menu keeps an action alive that belongs to a screen not shown
        self.preview_action.setEnabled(can_preview and shown)
        self.start_action.setEnabled(self._draft.can_start and shown)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._refresh()
