"""The first-run wizard: the TMDb key, what to import first, how to keep it up to date. The demo is one press away."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, presets
from gdvg_desktop.commands.keys import KeyStatus
from gdvg_desktop.core.autostart import Autostart
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui import icons
from gdvg_desktop.ui.dialogs.about import NOTICE
from gdvg_desktop.ui.dialogs.frame import SideDialog
from gdvg_desktop.ui.dialogs.key_form import KeyForm
from gdvg_desktop.ui.dialogs.schedule_form import ScheduleForm, apply
from gdvg_desktop.ui.dialogs.scope_form import ScopeForm
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon

KEY, SCOPE, SCHEDULE = 0, 1, 2


class _Brand(QWidget):
    """The program's mark."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(32, 32)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        box(painter, area, 7, theme.color("app_tile"))
        draw_icon(painter, icons.APP_ICON, area.adjusted(6, 6, -6, -6), theme.color("app_mark"))
        painter.end()


class StepItem(QWidget):
    """One step in the side column: number or check mark, and its name."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self._number, self._name = number, name
        self._now = self._done = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_state(self, *, now: bool, done: bool) -> None:
        """Whether it is the present step, and whether it is behind us."""
        self._now, self._done = now, done
        state = self.tr("current step") if now else self.tr("done") if done else ""
        self.setAccessibleName(", ".join(part for part in (self._name, state) if part))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, theme_of(self).px(40))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        if self._now:
            box(painter, area, 8, theme.color("selection_flat"))
        size = theme.px(24)
        mark = QRectF(area.x() + 12, area.center().y() - size / 2, size, size)
        if self._now:
            box(painter, mark, size / 2, theme.color("primary"))
        elif self._done:
            box(painter, mark, size / 2, theme.color("badge_green"), theme.color("badge_border_green"))
        else:
            box(painter, mark, size / 2, None, theme.color("border_control"))
        if self._done and not self._now:
            draw_icon(painter, "check", mark.adjusted(5, 5, -5, -5), theme.color("text_green"))
        else:
            painter.setFont(font(theme, Role.HINT, weight=600))
            painter.setPen(theme.color("primary_text" if self._now else "text_secondary"))
            painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.setFont(font(theme, Role.BODY, weight=600 if self._now else 400))
        reached = self._now or self._done
        painter.setPen(theme.color("text_primary" if reached else "text_secondary"))
        painter.drawText(area.adjusted(mark.right() + 12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._name)
        painter.end()


class Wizard(SideDialog):
    """`demo_asked()`; `key_saved()`; `started(Job)` when the first import was queued; `decided(dict)` carries settings.
    `told(Accent, str, str)` is news for the window's corner: title and sentence.

    Accepted when an import was started, rejected when set-up was put off.
    """

    demo_asked = Signal()
    key_saved = Signal()
    started = Signal(object)
    decided = Signal(object)
    told = Signal(object, str, str)

    def __init__(
        self,
        host: Host,
        *,
        step: int = KEY,
        tray: bool = False,
        login: Autostart | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(224, parent)
        self._host = host
        self._starting = False
        self._on_close = ""
        self.setWindowTitle(self.tr("First-time setup"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 640)
        self._steps = [
            StepItem(1, self.tr("TMDb key")),
            StepItem(2, self.tr("What to import")),
            StepItem(3, self.tr("Schedule")),
        ]
        self.key = KeyForm(host)
        self.scope = ScopeForm(host)
        self.schedule = ScheduleForm(host, tray=tray, login=login)
        self._fill_side()
        self._add_page(
            self.tr("Connect to TMDb"), self.tr("GDVG Desktop reads the catalogue with your own TMDb key."), self.key
        )
        self._add_page(
            self.tr("Choose what to import"),
            self.tr("This sets the size of the first import. Nothing is ever deleted when you change it."),
            self.scope,
        )
        self._add_page(
            self.tr("Keep it up to date"),
            self.tr("Small syncs fetch what changed on TMDb since the last run."),
            self.schedule,
        )
        self.demo = Button(self.tr("Use the demo catalogue instead"), icon="flask-conical", kind=ButtonKind.GHOST)
        self.demo.clicked.connect(self._on_demo)
        self.back = Button(self.tr("Back"), icon="chevron-left")
        self.back.clicked.connect(lambda: self.show_step(self.pages.currentIndex() - 1))
        self.next = Button("", kind=ButtonKind.PRIMARY, keys=self.tr("Enter"))
        self.next.clicked.connect(self._on_next)
        self.cancel = Button(self.tr("Not now"), kind=ButtonKind.GHOST)
        self.cancel.clicked.connect(self.reject)
        self.bar.addWidget(self.demo)
        self.bar.addStretch(1)
        for button in (self.back, self.next, self.cancel):
            self.bar.addWidget(button)
        self.next.setDefault(True)
        self.key.saved.connect(self._on_key_saved)
        self.key.busy_changed.connect(self._refresh)
        self.scope.changed.connect(self._refresh)
        self.show_step(step)

    def _fill_side(self) -> None:
        self.side.setContentsMargins(16, 26, 17, 16)
        self.side.setSpacing(4)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 0, 0)
        head.setSpacing(12)
        head.addWidget(_Brand())
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(label("GDVG Desktop", Role.STRONG))
        names.addWidget(label(self.tr("First-time setup"), Role.HINT))
        head.addLayout(names, 1)
        self.side.addLayout(head)
        self.side.addSpacing(20)
        for item in self._steps:
            self.side.addWidget(item)
        self.side.addStretch(1)
        notice = Paragraph(NOTICE, Role.HINT)
        notice.setContentsMargins(12, 0, 4, 0)
        self.side.addWidget(notice)

    def _add_page(self, title: str, sentence: str, form: QWidget) -> None:
        page = ScrollColumn(spacing=4)
        page.column.setContentsMargins(32, 24, 32, 20)
        page.column.addWidget(label(title, Role.TITLE))
        page.column.addWidget(Paragraph(sentence, Role.QUIET))
        page.column.addSpacing(16)
        page.column.addWidget(form, 1)
        self.pages.addWidget(page)

    def show_step(self, step: int) -> None:
        """Turn to a step, its first field in focus."""
        self.pages.setCurrentIndex(step)
        for index, item in enumerate(self._steps):
            item.set_state(now=index == step, done=index < step)
        self._refresh()
        (self.key.field, self.scope.by_country.radio, self.schedule.automatic)[step].setFocus()

    def _refresh(self) -> None:
        step = self.pages.currentIndex()
        self.back.setVisible(step != KEY)
        self.next.setText(self.tr("Start import") if step == SCHEDULE else self.tr("Next"))
        self.next.set_icon("play" if step == SCHEDULE else "")
        self.next.setEnabled(not self.key.busy and not self._starting)

    def _on_next(self) -> None:
        if self.pages.currentIndex() == SCHEDULE:
            self._start()
        elif self.pages.currentIndex() == SCOPE:
            problem = self.scope.problem()
            self.scope.show_problem(problem) if problem else self.show_step(SCHEDULE)
        elif self.key.status is not None and self.key.status.present and not self.key.has_text():
            self.show_step(SCOPE)
        else:
            self.key.save()

    def _on_key_saved(self, _status: KeyStatus) -> None:
        self.key_saved.emit()
        self.show_step(SCOPE)

    def _start(self) -> None:
        request, chosen = self.scope.request(), self.scope.preset_ids()
        wishes = self.schedule.wishes()
        self._on_close = wishes["on_close"]
        try:
            self.schedule.follow_login()
        except GdvgError as error:
            self.told.emit(Accent.AMBER, error.title, str(error))  # a convenience; the import does not wait for it
        self._starting = True
        self._refresh()

        async def begin(app: App) -> tuple[Job, bool]:
            await apply(app, wishes)
            if not chosen:
                return await imports.start(app, request)
            first, *_ = [await presets.use(app, one) for one in chosen]
            return first

        self._host.call(self, begin, self._on_started, self._on_failed)

    def _on_started(self, answer: tuple[Job, bool]) -> None:
        if self._on_close:
            self.decided.emit({"on_close": self._on_close})
        self.started.emit(answer[0])
        self.accept()

    def _on_failed(self, error: GdvgError) -> None:
        self._starting = False
        self.show_step(SCOPE)
        self.scope.show_problem(str(error), error.title)

    def _on_demo(self) -> None:
        self.reject()
        self.demo_asked.emit()
