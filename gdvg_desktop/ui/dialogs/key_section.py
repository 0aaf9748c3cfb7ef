"""The key in the settings: the end of the one in use, where it comes from, and replacing, testing or removing it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.commands import keys
from gdvg_desktop.commands.keys import KeyStatus
from gdvg_desktop.core.credentials import CredentialSource
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.dialogs.key_form import KeyForm
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage


class KeySection(QWidget):
    """`changed()` follows a key that was saved or removed."""

    changed = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.status: KeyStatus | None = None
        self._sure = False
        self._shown = QLineEdit()
        self._shown.setReadOnly(True)
        self._shown.setAccessibleName(self.tr("Key in use"))
        self.replace = Button(self.tr("Replace"))
        self.replace.clicked.connect(self.open_form)
        self.test = Button(self.tr("Test key"), icon="plug")
        self.test.clicked.connect(self._on_test)
        self.remove = Button(self.tr("Remove"), kind=ButtonKind.GHOST)
        self.remove.clicked.connect(self._on_remove)
        self._note = Paragraph("", Role.HINT)
        self._message = InlineMessage()
        self._message.hide()
        self.form = KeyForm(host)
        self.form.saved.connect(self._on_saved)
        self.form.busy_changed.connect(self._refresh)
        self._save = Button(self.tr("Save key"), kind=ButtonKind.PRIMARY)
        self._save.clicked.connect(self.form.save)
        self._keep = Button(self.tr("Keep the present key"), kind=ButtonKind.GHOST)
        self._keep.clicked.connect(self.close_form)
        self._opened = QWidget()
        self._build()
        self._opened.hide()
        host.opened.connect(self.read)
        self.read()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        name = label(self.tr("Key"))
        name.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._shown, 1)
        for button in (self.replace, self.test, self.remove):
            row.addWidget(button)
        column.addLayout(row)
        below = QVBoxLayout()
        below.setContentsMargins(theme_of(self).px(LABEL_WIDTH) + 8, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self._note)
        below.addWidget(self._message)
        column.addLayout(below)
        inner = QVBoxLayout(self._opened)
        inner.setContentsMargins(0, 8, 0, 8)
        inner.setSpacing(8)
        inner.addWidget(self.form)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._keep)
        buttons.addWidget(self._save)
        inner.addLayout(buttons)
        column.addWidget(self._opened)

    def read(self) -> None:
        """Ask what is known of the key; TMDb is not asked."""
        self._host.call(self, keys.status, self._on_status)

    def _on_status(self, status: KeyStatus) -> None:
        self.status = status
        self._refresh()

    def _refresh(self) -> None:
        status = self.status
        if status is None:
            return
        self._shown.setText(f"••••••••  {(status.masked or '').lstrip('…')}" if status.present else "")
        self._shown.setPlaceholderText(self.tr("No key yet"))
        places = {
            CredentialSource.KEYRING: self.tr("Stored in the system keyring."),
            CredentialSource.SESSION: self.tr("Kept for this session only."),
            CredentialSource.ENVIRONMENT: self.tr("Comes from TMDB_API_KEY in the environment. Change it there."),
        }
        note = places[status.source] if status.source is not None else self.tr("TMDb needs a key for every request.")
        self._note.set_text(f"{note} {status.problem}" if status.problem else note)
        environment = status.source is CredentialSource.ENVIRONMENT
        self.replace.setText(self.tr("Replace") if status.present else self.tr("Add key"))
        self.replace.setVisible(not environment)
        self.remove.setVisible(status.present and not environment)
        self.test.setVisible(status.present)
        self._keep.setVisible(status.present)
        self._save.setEnabled(not self.form.busy)

    def open_form(self) -> None:
        """Enter a key."""
        self._message.hide()
        self._opened.show()
        self.form.field.setFocus()

    def close_form(self) -> None:
        """Enter none after all."""
        self.form.field.clear()
        self._opened.hide()
        self.replace.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While another key is entered Enter saves it and Esc keeps the present one; the dialog would close on both."""
        focus = self.focusWidget()
        entering = focus is not None and self._opened.isAncestorOf(focus)
        if entering and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.form.save()
        elif entering and event.key() == Qt.Key.Key_Escape:
            self.close_form()
        else:
            super().keyPressEvent(event)

    def _on_saved(self, status: KeyStatus) -> None:
        self.close_form()
        self._on_status(status)
        self._tell(Accent.GREEN, self.tr("The key is saved. Work that waited for it goes on."))
        self.changed.emit()

    def _on_test(self) -> None:
        self._tell(Accent.BLUE, self.tr("Asking TMDb"))
        self._host.call(self, lambda app: keys.test(app), self._on_tested, self._on_failed)

    def _on_tested(self, _nothing: None) -> None:
        self._tell(Accent.GREEN, self.tr("The key works."))

    def _on_remove(self) -> None:
        """The first press asks, the second removes."""
        if not self._sure:
            self._sure = True
            self.remove.setText(self.tr("Remove for good"))
            self.remove.set_kind(ButtonKind.DANGER)
            self.remove.updateGeometry()
            self._tell(Accent.AMBER, self.tr("Without a key all work stops until you add one."))
            return
        self._host.call(self, keys.remove, self._on_removed, self._on_failed)

    def _on_removed(self, had: bool) -> None:
        self._sure = False
        self.remove.setText(self.tr("Remove"))
        self.remove.set_kind(ButtonKind.GHOST)
        self._tell(Accent.GREEN, self.tr("The key is removed.") if had else self.tr("There was no key to remove."))
        self.read()
        self.changed.emit()

    def _on_failed(self, error: GdvgError) -> None:
        self._tell(Accent.RED, str(error), error.title)

    def _tell(self, accent: Accent, text: str, lead: str = "") -> None:
        self._message.set_message(accent, text, lead=lead)
        self._message.show()
