"""The preview of an import: five figures, what will happen, and the first titles in fetch order.

It costs requests, so it runs when asked for and otherwise says that it is out of date. Known errors stand here, with
what to do.
"""

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.core.errors import CredentialError
from gdvg_desktop.sync.preview import Preview
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.import_preview_parts import PreviewTiles, SampleSection
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.import_draft import ImportDraft, PreviewState
from gdvg_desktop.ui.models.import_words import advice, windows_sentence
from gdvg_desktop.ui.phrases import ago, percent
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.chart_parts import Legend
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, StatusDot, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.progress import ROW, ProgressBar

translate = QCoreApplication.translate
AGE_MS = 1000
_NOTHING, _FOUND = 0, 1


class ImportPreviewDock(DockPanel):
    """The right half of the import screen. `settings_asked()` is the way out of a missing or refused key."""

    KEY = "import_preview"
    settings_asked = Signal()

    def __init__(
        self,
        host: Host,
        bridge: Bridge,
        draft: ImportDraft,
        posters: Posters | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(self.KEY, translate("ImportPreviewDock", "Preview"), "eye", padding=0, parent=parent)
        self._host, self._draft = host, draft
        self._shown: Preview | None = None
        self._build(posters)
        self._age = QTimer(self)
        self._age.setInterval(AGE_MS)
        self._age.timeout.connect(self._tell_state)
        bridge.connection_changed.connect(self._refresh)
        draft.changed.connect(self._refresh)
        self._refresh()

    # building --------------------------------------------------------------------------------------------------

    def _build(self, posters: Posters | None) -> None:
        self.add_title_widget(self._build_state())
        scroll = ScrollColumn(spacing=16)
        scroll.column.setContentsMargins(16, 16, 16, 16)
        self._message = InlineMessage()
        self._fix = Button("", small=True)
        self._fix.clicked.connect(self._on_fix)
        self._message.add_action(self._fix)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_empty())
        self._stack.addWidget(self._build_found(posters))
        scroll.column.addWidget(self._message)
        scroll.column.addWidget(self._stack, 1)
        self.set_content(scroll)

    def _build_state(self) -> QWidget:
        state = QWidget()
        row = QHBoxLayout(state)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._dot = StatusDot()
        self._state = label("", Role.HINT)
        row.addWidget(self._dot)
        row.addWidget(self._state)
        return state

    def _build_empty(self) -> QWidget:
        self._ask = Button("", icon="eye")
        self._ask.clicked.connect(self._on_ask)
        self._empty = EmptyState("scan-search", "", "", self._ask)
        return self._empty

    def _build_found(self, posters: Posters | None) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._tiles = PreviewTiles()
        happens = SectionHeader(self.tr("What will happen"))
        self._legend = Legend()
        happens.add_right(self._legend)
        self._share = ProgressBar(ROW, Accent.GREEN, name=self.tr("What will happen"))
        self._windows = Paragraph("", Role.HINT)
        self.sample = SampleSection(posters)
        column.addWidget(self._tiles)
        column.addSpacing(8)
        column.addWidget(happens)
        column.addWidget(self._share)
        column.addWidget(self._windows)
        column.addSpacing(4)
        column.addWidget(self.sample, 1)
        return page

    # showing ---------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        draft = self._draft
        if draft.preview is not None and draft.preview is not self._shown:
            self._shown = draft.preview
            self._show_preview(draft.preview)
        if draft.preview is not None:
            self._tiles.show_preview(draft.preview, draft.jobs_ahead)
        self._stack.setCurrentIndex(_NOTHING if draft.preview is None else _FOUND)
        asking = draft.state is PreviewState.ASKING
        self._ask.setText(self.tr("Stop") if asking else self.tr("Preview import"))
        self._ask.set_icon("x" if asking else "eye")
        self._ask.setEnabled(asking or not draft.problem)
        self._empty.set_text(*self._empty_text(asking=asking))
        self._tell_state()
        self._tell_trouble()

    def _empty_text(self, *, asking: bool) -> tuple[str, str]:
        if asking:
            return self.tr("Asking TMDb"), self.tr("Counts, costs and the first titles appear when TMDb has answered.")
        return (
            self.tr("No preview yet"),
            self.tr("Counts, costs and the first titles appear here before anything is imported."),
        )

    def _show_preview(self, preview: Preview) -> None:
        request = self._draft.previewed or self._draft.request
        self.sample.show_preview(preview, request)
        left = max(preview.estimated - preview.new - preview.duplicates, 0)  # past the limit
        parts = [(self.tr("New"), Accent.GREEN, preview.new)]
        if preview.updates:
            parts.append((self.tr("Update"), Accent.SLATE, preview.updates))
        kept = preview.duplicates - preview.updates
        if kept > 0 and not preview.updates:
            parts.append((self.tr("Duplicate"), Accent.AMBER, kept))
        elif kept > 0:
            left += kept
        parts = [part for part in parts if part[2]]
        total = sum(count for _name, _accent, count in parts) + left
        self._share.set_parts([(accent, count) for _name, accent, count in parts], total)
        legend = [(f"{name} {percent(count / total)}", accent) for name, accent, count in parts]
        self._legend.set_series(legend)
        self._share.setAccessibleDescription(", ".join(name for name, _accent in legend))
        self._windows.set_text(windows_sentence(preview))

    def _tell_state(self) -> None:
        """How old the preview is, in the title bar."""
        state = self._draft.state
        if state is PreviewState.ASKING:
            accent, text = Accent.BLUE, self.tr("Asking TMDb")
        elif state is PreviewState.OUTDATED:
            accent, text = Accent.AMBER, self.tr("Out of date, the filters changed")
        elif state is PreviewState.CURRENT:
            accent, text = Accent.GREEN, self.tr("Up to date, {0}").format(ago(self._draft.age_s))
        else:
            accent, text = Accent.SLATE, ""
        self._dot.setVisible(bool(text))
        self._dot.set_accent(accent)
        if text != self._state.text():
            self._state.setText(text)

    def _tell_trouble(self) -> None:
        """Why there is no answer, and what to do."""
        error = self._draft.error
        app = self._host.app
        status = app.client.status() if app is not None else None
        waiting = self._draft.state is PreviewState.ASKING and status is not None and status.state == "outage"
        self._message.setVisible(error is not None or waiting)
        if error is not None:
            self._message.set_message(Accent.RED, advice(error), lead=error.title, icon="circle-alert")
            key = isinstance(error, CredentialError)
            self._fix.setText(self.tr("Open settings") if key else self.tr("Try again"))
        elif waiting and status is not None:
            text = self.tr("{0} The preview goes on by itself when TMDb answers.").format(status.message)
            self._message.set_message(Accent.AMBER, text, lead=self.tr("TMDb cannot be reached"), icon="wifi-off")
            self._fix.setText(self.tr("Stop"))

    # acting ----------------------------------------------------------------------------------------------------

    def _on_ask(self) -> None:
        if self._draft.state is PreviewState.ASKING:
            self._draft.stop_preview()
        else:
            self._draft.ask_preview()

    def _on_fix(self) -> None:
        if isinstance(self._draft.error, CredentialError):
            self.settings_asked.emit()
        else:
            self._on_ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._age.start()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age.stop()
