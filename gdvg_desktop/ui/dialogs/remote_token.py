"""The GitHub token in the settings: the end of the one kept, and entering, testing or removing it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.commands import remote
from gdvg_desktop.commands.remote import TokenStatus
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.sources.github_answers import Workflow
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage


class TokenField(QLineEdit):
    """Masked; Enter is `entered()` and goes no further, where it would close the dialog."""

    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAccessibleName(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)


class RemoteToken(QWidget):
    """`changed()` follows a token that was saved or removed. What is typed is masked."""

    changed = Signal()

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self.status: TokenStatus | None = None
        self._sure = False
        self.field = TokenField(self.tr("GitHub token"))
        self.field.textEdited.connect(self._refresh)
        self.field.entered.connect(self._on_save)
        self.save = Button(self.tr("Save token"))
        self.save.clicked.connect(self._on_save)
        self.test = Button(self.tr("Test"), icon="plug")
        self.test.setAccessibleName(self.tr("Test the token"))
        self.test.clicked.connect(self._on_test)
        self.remove = Button(self.tr("Remove"), kind=ButtonKind.GHOST)
        self.remove.setAccessibleName(self.tr("Remove the token"))
        self.remove.clicked.connect(self._on_remove)
        self._note = Paragraph("", Role.HINT)
        self.message = InlineMessage()
        self.message.hide()
        self._build()
        self._refresh()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        name = label(self.tr("Token"))
        name.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.field, 1)
        for button in (self.save, self.test, self.remove):
            row.addWidget(button)
        column.addLayout(row)
        below = QVBoxLayout()
        below.setContentsMargins(theme_of(self).px(LABEL_WIDTH) + 8, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self._note)
        below.addWidget(self.message)
        column.addLayout(below)

    def read(self) -> None:
        """Look whether there is a token; GitHub is not asked."""
        self._host.call(self, remote.token_status, self._on_status, self._on_failed)

    def _on_status(self, status: TokenStatus) -> None:
        self.status = status
        self._refresh()

    def _refresh(self) -> None:
        status, typed = self.status, bool(self.field.text().strip())
        present = status is not None and status.present
        locked = status is not None and status.from_environment
        end = (status.masked or "").lstrip("…") if status is not None else ""
        self.field.setPlaceholderText(f"••••••••  {end}" if present else self.tr("github_pat_… or ghp_…"))
        self.field.setEnabled(not locked)
        self.save.setVisible(not locked)
        self.save.setEnabled(typed)
        self.test.setEnabled(present or typed)
        self.remove.setVisible(present and not locked)
        if locked:
            note = self.tr("Comes from GDVG_GITHUB_TOKEN in the environment. Change it there.")
        elif present:
            note = self.tr("Kept in the system keyring. Type another one to replace it.")
        else:
            note = self.tr(
                "A fine-grained token for this repository with Actions: write, and Variables: write where a variable "
                "pauses. It is kept in the system keyring."
            )
        if status is not None and status.problem:
            note = f"{note} {status.problem}"
        self._note.set_text(note)
        self.field.setAccessibleDescription(note)

    def _on_save(self) -> None:
        text = self.field.text()
        if text.strip():
            self._host.call(self, lambda app: remote.set_token(app, text), self._on_saved, self._on_failed)

    def _on_saved(self, status: TokenStatus) -> None:
        self.field.clear()
        self._on_status(status)
        self._tell(Accent.GREEN, self.tr("The token is saved."))
        self.changed.emit()

    def _on_test(self) -> None:
        text = self.field.text().strip() or None
        self._tell(Accent.BLUE, self.tr("Asking GitHub"))
        self._host.call(self, lambda app: remote.test(app, text), self._on_tested, self._on_failed)

    def _on_tested(self, found: Workflow) -> None:
        text = self.tr("It sees the workflow {0}. Whether it may pause it shows when it does.").format(found.name)
        self._tell(Accent.GREEN, text, self.tr("GitHub takes the token."))

    def _on_remove(self) -> None:
        """The first press asks, the second removes."""
        if not self._sure:
            self._sure = True
            self.remove.setText(self.tr("Remove for good"))
            self.remove.set_kind(ButtonKind.DANGER)
            self._tell(Accent.AMBER, self.tr("Without a token the remote workflow is neither seen nor steered."))
            return
        self._host.call(self, remote.remove_token, self._on_removed, self._on_failed)

    def _on_removed(self, had: bool) -> None:
        self._sure = False
        self.remove.setText(self.tr("Remove"))
        self.remove.set_kind(ButtonKind.GHOST)
        self._tell(Accent.GREEN, self.tr("The token is removed.") if had else self.tr("There was no token to remove."))
        self.read()
        self.changed.emit()

    def _on_failed(self, error: GdvgError) -> None:
        self._tell(Accent.RED, str(error), error.title)

    def _tell(self, accent: Accent, text: str, lead: str = "") -> None:
        self.message.set_message(accent, text, lead=lead)
        self.message.show()
