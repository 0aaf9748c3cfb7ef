"""Error recovery: what failed over all jobs, by category, and the ways to try it again, look into it or give it up."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import errors
from gdvg_desktop.commands.errors import ErrorSummary, FailureDetail
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import FailureCategory
from gdvg_desktop.store.errors import Failure
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.dialogs.failure import FailureDialog
from gdvg_desktop.ui.docks.error_cards import CategoryCards
from gdvg_desktop.ui.docks.error_table import ErrorsView
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import error_words, job_words
from gdvg_desktop.ui.models.error_delegates import Act, act_words
from gdvg_desktop.ui.models.errors import ErrorsModel
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, label
from gdvg_desktop.ui.widgets.messages import EmptyState, InlineMessage
from gdvg_desktop.ui.widgets.popups import Popup
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.tables import TableFrame

translate = QCoreApplication.translate
TICK_MS = 20_000  # how often "in 18 min" moves on
ALL = "all"
Answer = tuple[ErrorSummary, list[Failure]]


class ErrorsDock(DockPanel):
    """See the module. `failed_changed(int)` tells how many are failed, whenever it was read."""

    KEY = "error_recovery"
    failed_changed = Signal(int)

    def __init__(self, host: Host, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(self.KEY, translate("ErrorsDock", "Error recovery"), "life-buoy", parent=parent)
        self._host = host
        self._category: FailureCategory | None = None
        self._categories: list[FailureCategory] = []
        self._summary: ErrorSummary | None = None
        self.dialog: FailureDialog | None = None
        self._confirm: ConfirmSkip | None = None
        self.model = ErrorsModel(self)
        self._build()
        self._refresh = Refresh(self, host, self._work, self._on_read, self._show_error)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._refresh.ask)
        for hint in (bridge.errors_changed, bridge.queue_changed, bridge.library_replaced):
            hint.connect(self._refresh.ask)
        self._refresh.ask()

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._message = InlineMessage(Accent.RED)
        close = IconButton("x", self.tr("Close message"), small=True)
        close.clicked.connect(self._message.hide)
        self._message.add_action(close)
        self._message.hide()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        self.cards = CategoryCards()
        self.cards.retry_asked.connect(self.retry_category)
        self.cards.review_asked.connect(self._review)
        column.addWidget(self.cards)
        column.addLayout(self._build_filter())
        self.table = ErrorsView(self.model)
        self.table.acted.connect(self._act)
        self.table.menu_asked.connect(self._open_menu)
        column.addWidget(TableFrame(self.table), 1)
        self._recovered = ""
        self._empty = EmptyState("circle-check", self.tr("Nothing failed"), "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(self._message)
        outer.addWidget(self._stack, 1)
        self.set_content(body)
        self._say_empty(0)

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._head = label("", Role.SECTION)
        self._note = ElidedLabel("", Role.HINT)
        self.retry_all = Button(self.tr("Retry all"), icon="rotate-ccw", kind=ButtonKind.PRIMARY, small=True)
        self.retry_all.clicked.connect(lambda: self.retry_category(None))
        row.addWidget(self._head)
        row.addWidget(self._note, 1)
        row.addWidget(self.retry_all)
        return row

    def _build_filter(self) -> QHBoxLayout:
        self._filter_row = QHBoxLayout()
        self._filter_row.setSpacing(8)
        self.filter = self._make_filter([])
        self.skip_all = Button(self.tr("Skip all"), icon="circle-slash", kind=ButtonKind.GHOST, small=True)
        self.skip_all.clicked.connect(self._ask_skip)
        self.export = Button(self.tr("Export"), icon="file-down", kind=ButtonKind.GHOST, small=True)
        self.export.clicked.connect(self._choose_file)
        self._filter_row.addWidget(self.filter)
        self._filter_row.addStretch(1)
        self._filter_row.addWidget(self.skip_all)
        self._filter_row.addWidget(self.export)
        return self._filter_row

    def _make_filter(self, categories: Sequence[FailureCategory]) -> Segmented:
        choices: list[tuple[str, str] | tuple[str, str, str]] = [(ALL, self.tr("All"))]
        choices += [(one.value, job_words.category(one)) for one in categories]
        made = Segmented(choices, small=True, name=self.tr("Failures by category"))
        made.chosen.connect(self._on_filter)
        return made

    # reading ---------------------------------------------------------------------------------------------------

    def _work(self) -> Callable[[App], Awaitable[Answer]]:
        category = self._category

        async def read(app: App) -> Answer:
            return await errors.summary(app), await errors.listing(app, category)

        return read

    def _on_read(self, answer: Answer) -> None:
        held = QApplication.focusWidget()
        inside = held if held is not None and self.isAncestorOf(held) else None
        self._show(*answer)
        if inside is not None and not (inside.isEnabled() and inside.isVisible() and self.isAncestorOf(inside)):
            self._hold_focus(inside)

    def _hold_focus(self, gone: QWidget) -> None:
        """The control with the keyboard is of no use any more, or was made anew: stay in the panel."""
        target = self.filter if isinstance(gone, Segmented) else self.table
        if target.isVisible():
            target.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.take_focus()

    def _show(self, summary: ErrorSummary, found: list[Failure]) -> None:
        self._summary = summary
        self.failed_changed.emit(summary.total)
        self._stack.setCurrentIndex(1 if summary.total else 0)
        self._head.setText(error_words.head(summary.total))
        words = counted(
            summary.recovered,
            self.tr("{0} recovered by itself this week"),
            self.tr("{0} recovered by themselves this week"),
        )
        self._note.setText(words if summary.recovered else "")
        self._say_empty(summary.recovered)
        self.cards.show_counts(summary.by_category)
        self._show_filter(summary)
        if self._category is not None and self._category not in summary.by_category:
            self.show_category(None)  # the last of it is gone
            return
        self.table.show_failures(found, _now_ms())
        self._run_timer()

    def _say_empty(self, recovered: int) -> None:
        text = self.tr("Titles that could not be fetched appear here, with what was said and ways to try them again.")
        if recovered:
            text = counted(
                recovered,
                self.tr("{0} failed title came in by itself this week."),
                self.tr("{0} failed titles came in by themselves this week."),
            )
        self._empty.set_text(self.tr("Nothing failed"), text)

    def _show_filter(self, summary: ErrorSummary) -> None:
        categories = [one for one in error_words.ORDER if one in summary.by_category]
        if categories != self._categories:
            self._categories = categories
            made = self._make_filter(categories)
            self._filter_row.replaceWidget(self.filter, made)
            self.filter.setParent(None)
            self.filter.deleteLater()
            self.filter = made
            made.show()  # not only at the next turn of the loop: it may take the keyboard now
            if self._category in categories:
                made.choose(self._category.value)
            for button in (self.skip_all, self.export):
                button.set_compact(len(categories) > 3)
        self.filter.setTabText(0, self.tr("All {0}").format(number(summary.total)))

    def _on_filter(self, value: str) -> None:
        self._category = None if value == ALL else FailureCategory(value)
        self._refresh.ask_anew()

    def show_category(self, category: FailureCategory | None) -> None:
        """List one category, or all."""
        value = ALL if category is None else category.value
        if self.filter.value() != value:
            self.filter.choose(value)
        else:
            self._on_filter(value)

    def _review(self, category: FailureCategory) -> None:
        self.show_category(category)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _run_timer(self) -> None:
        waiting = self._summary is not None and any(one.automatic for one in self._summary.by_category.values())
        if not (waiting and self.isVisible()):
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    # acting ----------------------------------------------------------------------------------------------------

    def _act(self, act: Act, failures: list[Failure], _checked: bool = False) -> None:
        keys = [one.key for one in failures]
        if not keys:
            return
        match act:
            case Act.RETRY:
                self._run(lambda app: errors.retry(app, keys), self._on_retried)
            case Act.SKIP:
                self._run(lambda app: errors.skip(app, keys), lambda _n: None)
            case Act.VIEW:
                self.view(failures[0])

    def view(self, failure: Failure) -> None:
        """Open one failure close up."""
        self._host.call(self, lambda app: errors.show(app, failure.key), self._open_dialog, self._show_error)

    def retry_category(self, category: FailureCategory | None) -> None:
        """Put all failures of a category, or all of them, back into the queue."""
        self._run(lambda app: errors.retry_all(app, category), self._on_all_retried)

    def _on_all_retried(self, done: errors.Retry) -> None:
        if done.count:
            text = counted(done.count, self.tr("{0} is back in the queue."), self.tr("{0} are back in the queue."))
            self._message.set_message(Accent.BLUE, text)
            self._message.show()
        self._on_retried(done)

    def _on_retried(self, done: errors.Retry) -> None:
        if done.refused:
            text = counted(
                done.refused,
                self.tr("{0} listing belongs to a cancelled job. Start that import again."),
                self.tr("{0} listings belong to cancelled jobs. Start those imports again."),
            )
            self._message.set_message(Accent.AMBER, text)
            self._message.show()

    def _run(self, work: Callable[[App], Awaitable[object]], then: Callable[..., None]) -> None:
        self._message.hide()

        def done(answer: object) -> None:
            then(answer)
            self._refresh.ask()

        self._host.call(self, work, done, self._show_error)

    def _show_error(self, error: GdvgError) -> None:
        self._message.set_message(Accent.RED, f"{error.message} {error.hint}".strip(), lead=error.title)
        self._message.show()

    def _open_dialog(self, detail: FailureDetail) -> None:
        self.dialog = FailureDialog(detail, _now_ms(), self.window())
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.retry_asked.connect(lambda: self._act(Act.RETRY, [detail.failure]))
        self.dialog.skip_asked.connect(lambda: self._act(Act.SKIP, [detail.failure]))
        self.dialog.open()

    def _open_menu(self, where: QPoint) -> None:
        chosen = self.table.chosen()
        if not chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for act in (Act.VIEW, Act.RETRY, Act.SKIP):
            text = act_words(act)
            if act is not Act.VIEW and len(chosen) > 1:
                text = f"{text} {number(len(chosen))}"
            action = menu.addAction(text)
            action.triggered.connect(partial(self._act, act, chosen))
            action.setEnabled(act is not Act.VIEW or len(chosen) == 1)
        menu.addSeparator()
        menu.addAction(self.tr("Select all"), self.table.selectAll)
        menu.popup(where)

    def _ask_skip(self) -> None:
        summary, category = self._summary, self._category
        if summary is None:
            return
        total = summary.total if category is None else summary.by_category[category].count
        self._confirm = ConfirmSkip(total, self)
        self._confirm.confirmed.connect(lambda: self._run(lambda app: errors.skip_all(app, category), self._on_skipped))
        self._confirm.closed.connect(self._confirm.deleteLater)
        self._confirm.open_under(self.skip_all)

    def _on_skipped(self, count: int) -> None:
        self._message.set_message(
            Accent.BLUE, counted(count, self.tr("{0} was skipped."), self.tr("{0} were skipped."))
        )
        self._message.show()

    # writing out -----------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Export failures"), str(Path.home()), self.tr("CSV (*.csv)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("failures.csv")
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def write(self, path: Path) -> None:
        """Write the failures listed to a CSV file."""
        self._run(lambda app: errors.export(app, path, self._category), lambda n: self._on_written(path, n))

    def _on_written(self, path: Path, count: int) -> None:
        text = counted(count, self.tr("{0} failure written to"), self.tr("{0} failures written to"))
        self._message.set_message(Accent.GREEN, f"{text} {path}")
        self._message.show()


class ConfirmSkip(Popup):
    """Asks before many failures are given up. `confirmed()` is the yes."""

    confirmed = Signal()

    def __init__(self, total: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Skip all"))
        title = counted(total, self.tr("Give up {0} failed title?"), self.tr("Give up {0} failed titles?"))
        text = self.tr("They count as skipped and are not tried again by their jobs. Another import may ask for them.")
        for part in (Paragraph(title, Role.STRONG), Paragraph(text, Role.HINT)):
            part.setFixedWidth(280)
            self.body.addWidget(part)
        self._keep = Button(self.tr("Keep them"), small=True)
        self._skip = Button(self.tr("Skip {0}").format(number(total)), kind=ButtonKind.DANGER, small=True)
        self._keep.clicked.connect(self.close)
        self._skip.clicked.connect(self._on_skip)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._keep)
        row.addWidget(self._skip)
        self.body.addSpacing(4)
        self.body.addLayout(row)

    def open_under(self, control: QWidget) -> None:
        super().open_under(control)
        self._keep.setFocus()

    def _on_skip(self) -> None:
        self.close()
        self.confirmed.emit()


def _now_ms() -> int:
    return round(datetime.now(UTC).timestamp() * 1000)
