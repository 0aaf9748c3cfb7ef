"""What a fresh library shows in place of figures: the steps from nothing to a first import."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import keys
from gdvg_desktop.commands.keys import KeyStatus
from gdvg_desktop.commands.overview import Overview
from gdvg_desktop.core.credentials import CredentialSource
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon

_DONE, _NOW, _LATER = ("circle-check", "text_green"), ("circle-play", "text_blue"), ("circle-dashed", "text_secondary")


class _Tile(QWidget):
    """The mark of an empty mirror."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(56, 56))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        area = QRectF(self.rect())
        box(painter, area, 12, theme.color("badge_blue"), theme.color("badge_border_blue"))
        draw_icon(painter, "database-zap", area.adjusted(14, 14, -14, -14), theme.color("text_blue"))
        painter.end()


class Step(Card):
    """One step: mark, title, hint and perhaps an action."""

    def __init__(self, title: str, act: str = "", parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self._name = title
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(14)
        self._mark = IconLabel(_LATER[0], 18)
        row.addWidget(self._mark)
        column = QVBoxLayout()
        column.setSpacing(0)
        self._title = label(title, Role.STRONG)
        self._hint = Paragraph("", Role.HINT)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        row.addLayout(column, 1)
        self.action = Button(act, kind=ButtonKind.LINK, small=True)
        self.action.setVisible(bool(act))
        row.addWidget(self.action)

    def tell(self, mark: tuple[str, str], title: str, hint: str) -> None:
        """Where the step stands."""
        self._mark.set_icon(*mark)
        self._title.setText(title)
        self._hint.set_text(hint)
        self.set_chosen(mark is _NOW)
        words = {_DONE: self.tr("done"), _NOW: self.tr("next"), _LATER: self.tr("later")}
        self.setAccessibleName(f"{title}, {words[mark]}")
        self.setAccessibleDescription(hint)


class FirstSteps(QWidget):
    """`key_asked()`, `scope_asked()` and `import_asked()` are the ways on."""

    key_asked = Signal()
    scope_asked = Signal()
    import_asked = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._key: KeyStatus | None = None
        self._found: Overview | None = None
        self.main = Button("", icon="play", kind=ButtonKind.PRIMARY)
        self.main.clicked.connect(self._on_main)
        self._other = Button(self.tr("Import a selection"), icon="download")
        self._other.clicked.connect(self.import_asked)
        self._words = Paragraph("", Role.BODY)
        self._words.setProperty("role", Role.QUIET.value)
        self.key_step = Step("", self.tr("Change"))
        self.key_step.action.setAccessibleName(self.tr("Change the TMDb key"))
        self.key_step.action.clicked.connect(self.key_asked)
        self._scope_step, self._run_step, self._look_step = Step(""), Step(""), Step("")
        self._build()
        host.opened.connect(self.read_key)
        self.read_key()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(48)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addStretch(1)
        left.addWidget(_Tile())
        left.addSpacing(8)
        left.addWidget(label(self.tr("Your mirror is empty"), Role.TITLE))
        left.addWidget(self._words)
        left.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.main)
        buttons.addWidget(self._other)
        buttons.addStretch(1)
        left.addLayout(buttons)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addStretch(1)
        for step in (self.key_step, self._scope_step, self._run_step, self._look_step):
            right.addWidget(step)
        right.addStretch(1)
        row.addStretch(2)
        for part, share in ((left, 7), (right, 9)):
            holder = QWidget()
            holder.setLayout(part)
            part.setContentsMargins(0, 0, 0, 0)
            holder.setMaximumWidth(360 if share == 7 else 480)
            row.addWidget(holder, share)
        row.addStretch(2)
        row.setAlignment(Qt.AlignmentFlag.AlignVCenter)

    def read_key(self) -> None:
        """Look again whether there is a key."""
        self._host.call(self, keys.status, self._on_key)

    def _on_key(self, status: KeyStatus) -> None:
        self._key = status
        self._tell()

    def tell(self, found: Overview) -> None:
        """The figures of an empty library."""
        self._found = found
        self._tell()

    def _tell(self) -> None:
        key, found = self._key, self._found
        has_key = key is not None and key.present
        jobs = found is not None and bool(found.running or found.waiting or found.paused)
        self._tell_key(key, has_key)
        queued = found.titles_left if found is not None else 0
        if jobs:
            self._scope_step.tell(_DONE, self.tr("Titles chosen"), self._queued(queued))
            running = found is not None and bool(found.running)
            hint = (
                self.tr("It runs now. Titles appear as they arrive.") if running else self.tr("It waits in the queue.")
            )
            self._run_step.tell(_NOW, self.tr("Run the first import"), hint)
        else:
            hint = self.tr("Everything, some countries, or a selection of your own")
            self._scope_step.tell(_NOW if has_key else _LATER, self.tr("Choose what to import"), hint)
            hint = self.tr("You see counts and time before it starts")
            self._run_step.tell(_LATER, self.tr("Run the first import"), hint)
        self._look_step.tell(_LATER, self.tr("Browse the library"), self.tr("Search works from the first title on"))
        self._tell_main(has_key, jobs)

    def _queued(self, left: int) -> str:
        if not left:
            return self.tr("The list is being made")
        return counted(left, self.tr("{0} title to fetch"), self.tr("{0} titles to fetch"))

    def _tell_key(self, key: KeyStatus | None, has_key: bool) -> None:
        places = {
            CredentialSource.KEYRING: self.tr("In the system keyring"),
            CredentialSource.SESSION: self.tr("For this session only"),
            CredentialSource.ENVIRONMENT: self.tr("From TMDB_API_KEY in the environment"),
        }
        if has_key and key is not None and key.source is not None:
            self.key_step.tell(_DONE, self.tr("TMDb key saved"), places[key.source])
        else:
            hint = key.problem if key is not None and key.problem else self.tr("Free with a TMDb account")
            self.key_step.tell(_NOW, self.tr("Add your TMDb key"), hint)
        self.key_step.action.setVisible(has_key and key is not None and key.source is not CredentialSource.ENVIRONMENT)

    def _tell_main(self, has_key: bool, jobs: bool) -> None:
        if not has_key:
            self.main.setText(self.tr("Add TMDb key"))
            self.main.set_icon("key-round")
            self._words.set_text(
                self.tr("Titles come from TMDb with your own free key. Add it once; it stays in the system keyring.")
            )
        elif jobs:
            self._words.set_text(self.tr("The first import is on its way. You can browse what has arrived meanwhile."))
        else:
            self.main.setText(self.tr("Choose what to import"))
            self.main.set_icon("play")
            self._words.set_text(
                self.tr(
                    "The first import fetches the titles you choose, most popular first. "
                    "You can browse what has arrived meanwhile."
                )
            )
        self.main.setVisible(not (has_key and jobs))
        self._other.setVisible(has_key)

    def _on_main(self) -> None:
        if self._key is not None and self._key.present:
            self.scope_asked.emit()
        else:
            self.key_asked.emit()
