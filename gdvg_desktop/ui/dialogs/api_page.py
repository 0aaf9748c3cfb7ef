"""The Control API page of the settings: the switch, where it answers, its token, and the page that describes it."""

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gdvg_desktop.commands import api
from gdvg_desktop.commands.api import ApiStatus
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH, SettingRow
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.toggles import Switch

SWITCH = "api_enabled"
LOOK_MS, LOOKS = 400, 15  # how often, and how many times, it is looked whether what was changed has come about


class ApiPage(QWidget):
    """`rows` are the settings of the page but for the switch, which counts at once.

    `switched(bool)` follows the switch. A token that was made is shown until the page is left, and never again.
    """

    switched = Signal(bool)

    def __init__(self, host: Host, rows: tuple[SettingRow, ...], locked_by: str = "") -> None:
        super().__init__()
        self._host, self._locked_by = host, locked_by
        self.status: ApiStatus | None = None
        self._sure = False
        self._looks = 0
        self.switch = Switch(self.tr("Programs of this computer may see and steer the mirror"))
        self.switch.setEnabled(not locked_by)
        self.switch.clicked.connect(self._on_switch)
        self.badge = Badge(self.tr("Off"), Accent.SLATE, "circle-slash")
        self.address = self._line(self.tr("Address"))
        self.open = Button(self.tr("Documentation"), icon="external-link")
        self.open.clicked.connect(self._on_open)
        self.token = self._line(self.tr("Token"))
        self.copy = Button(self.tr("Copy"), icon="copy")
        self.copy.setAccessibleName(self.tr("Copy the token"))
        self.copy.clicked.connect(self._on_copy)
        self.copy.hide()
        self.renew = Button(self.tr("New token"), icon="key-round")
        self.renew.clicked.connect(self._on_renew)
        self.note = Paragraph("", Role.HINT)
        self.message = InlineMessage()
        self.message.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look_again)
        self._build(rows)
        host.opened.connect(self.read)

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.setReadOnly(True)
        line.setAccessibleName(name)
        return line

    def _build(self, rows: tuple[SettingRow, ...]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.switch)
        top.addStretch(1)
        top.addWidget(self.badge)
        column.addLayout(top)
        sentence = self.tr(
            "Scripts ask it on this computer only, with the token. Web pages cannot. It answers while this program "
            "runs, or gdvg daemon."
        )
        if self._locked_by:
            sentence += " " + self.tr("Set by {0} in the environment. Change it there.").format(self._locked_by)
        column.addWidget(Paragraph(sentence, Role.HINT))
        column.addWidget(self.message)
        column.addWidget(SectionHeader(self.tr("Where"), role=Role.HINT_STRONG, rule=True))
        for row in rows:
            box = row.editor.focus_widget()
            if isinstance(box, QSpinBox):  # a port is a name and no amount
                box.setGroupSeparatorShown(False)
            column.addWidget(row)
        column.addLayout(self._row(self.tr("Address"), self.address, self.open))
        column.addWidget(SectionHeader(self.tr("Token"), role=Role.HINT_STRONG, rule=True))
        column.addLayout(self._row(self.tr("Token"), self.token, self.copy, self.renew))
        column.addWidget(self.note)

    def _row(self, name: str, line: QLineEdit, *buttons: Button) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        words = label(name)
        words.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        row.addWidget(words, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(line, 1)
        for button in buttons:
            row.addWidget(button)
        return row

    # reading ---------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self._forget_token()
        super().hideEvent(event)

    def read(self) -> None:
        """Ask how the API stands."""
        self._host.call(self, api.status, self._on_status, self._on_failed)

    def applied(self, values: dict[str, object]) -> None:
        """Settings were saved: watch what comes of them."""
        if "api_port" in values:
            self._watch()

    def _watch(self) -> None:
        self._looks = LOOKS
        self._timer.start()

    def _look_again(self) -> None:
        self._looks -= 1
        if self._looks <= 0:
            self._timer.stop()
        self.read()

    def _on_status(self, status: ApiStatus) -> None:
        self.status = status
        self.switch.setChecked(status.enabled)
        self.address.setText(status.address)
        self.open.setEnabled(status.running)
        if self.copy.isHidden():
            self.token.setText("•" * 24 if status.has_token else "")
        self.token.setPlaceholderText(self.tr("No token yet"))
        self.renew.setVisible(not status.token_from_environment)
        if not self._sure:
            self.renew.setText(self.tr("New token") if status.has_token else self.tr("Make a token"))
        self.note.set_text(self._words(status))
        if status.running:
            self.badge.set_badge(self.tr("Answers"), Accent.GREEN, "circle-check")
        elif not status.enabled:
            self.badge.set_badge(self.tr("Off"), Accent.SLATE, "circle-slash")
        elif status.problem is not None:
            self.badge.set_badge(self.tr("Cannot answer"), Accent.RED, "circle-alert")
        else:
            self.badge.set_badge(self.tr("Starting"), Accent.SLATE, "loader-circle")
        if status.enabled and status.problem is not None:
            self._tell(Accent.RED, status.problem)
        elif self.message.property("problem"):
            self.message.hide()
        self.message.setProperty("problem", bool(status.enabled and status.problem))

    def _words(self, status: ApiStatus) -> str:
        if status.token_from_environment:
            return self.tr("The token comes from GDVG_API_TOKEN in the environment. Change it there.")
        if not self.copy.isHidden():
            return self.tr("Copy it now: it is not shown again. The system's keyring keeps it for this program.")
        if status.has_token:
            return self.tr("It was shown when it was made. A new one takes its place at once.")
        return self.tr("Every request needs one. It is made when the API is first switched on.")

    # steering --------------------------------------------------------------------------------------------------

    def _on_switch(self, on: bool) -> None:
        self.message.hide()
        if on:
            self._host.call(self, api.turn_on, self._on_turned_on, self._on_failed)
        else:
            self._host.call(self, api.turn_off, lambda _nothing: self._on_turned(False), self._on_failed)

    def _on_turned_on(self, made: str | None) -> None:
        if made is not None:
            self._show_token(made)
        self._on_turned(True)

    def _on_turned(self, on: bool) -> None:
        self.switched.emit(on)
        self.read()
        self._watch()

    def _on_renew(self) -> None:
        """The first press asks where there is a token that would stop working, the second makes one."""
        if self.status is not None and self.status.has_token and not self._sure:
            self._sure = True
            self.renew.setText(self.tr("Replace it"))
            self.renew.set_kind(ButtonKind.DANGER)
            self.renew.updateGeometry()
            self._tell(Accent.AMBER, self.tr("Scripts with the present token are refused until they get the new one."))
            return
        self._host.call(self, api.new_token, self._on_made, self._on_failed)

    def _on_made(self, made: str) -> None:
        self._ask_no_more()
        self.message.hide()
        self._show_token(made)
        self.read()

    def _ask_no_more(self) -> None:
        self._sure = False
        self.renew.setText(self.tr("New token"))
        self.renew.set_kind(ButtonKind.NEUTRAL)
        self.renew.updateGeometry()

    def _show_token(self, made: str) -> None:
        self.token.setText(made)
        self.token.setCursorPosition(0)
        self.copy.show()
        self.copy.setFocus()

    def _forget_token(self) -> None:
        self.copy.hide()
        self.token.clear()
        if self._sure:
            self._ask_no_more()
            self.message.hide()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.token.text())
        self._tell(Accent.GREEN, self.tr("The token is on the clipboard."))

    def _on_open(self) -> None:
        if self.status is not None:
            QDesktopServices.openUrl(QUrl(self.status.documentation))

    def _on_failed(self, error: GdvgError) -> None:
        self._tell(Accent.RED, str(error), error.title)
        if self.status is not None:
            self.switch.setChecked(self.status.enabled)

    def _tell(self, accent: Accent, text: str, lead: str = "") -> None:
        self.message.set_message(accent, text, lead=lead)
        self.message.show()
