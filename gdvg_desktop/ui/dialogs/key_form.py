"""Entering a TMDb key: masked field, live test, and where it is kept. Used by the wizard and the settings."""

import time

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import keys
from gdvg_desktop.commands.keys import KeyStatus
from gdvg_desktop.core.credentials import Credential, CredentialKind, CredentialSource, parse_credential
from gdvg_desktop.core.errors import CredentialError, GdvgError, KeyringUnavailable, UnreachableError
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.theme import repolish
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.choice_card import ChoiceCard
from gdvg_desktop.ui.widgets.fields import FormField, SecretField
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage

KEY_PAGE = "https://www.themoviedb.org/settings/api"


class KeyForm(QWidget):
    """`saved(KeyStatus)` follows a key that was kept; `busy_changed()` a test or a saving that began or ended."""

    saved = Signal(object)
    busy_changed = Signal()

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._call: Call | None = None
        self._untested = ""  # a key TMDb could not be asked about; saving it once more keeps it untested
        self.status: KeyStatus | None = None
        self.field = SecretField(name=self.tr("API read access token or API key"))
        self.field.textChanged.connect(self._on_typed)
        self._paste = Button(self.tr("Paste"), icon="clipboard-paste")
        self._paste.clicked.connect(self._on_paste)
        self.test_button = Button(self.tr("Test key"), icon="plug")
        self.test_button.clicked.connect(self.test)
        self.message = InlineMessage(Accent.GREEN)
        self.message.hide()
        self.keyring = ChoiceCard(
            self.tr("System keyring"), self.tr("Encrypted by your desktop. Unlocked when you sign in.")
        )
        self.session = ChoiceCard(
            self.tr("This session only"), self.tr("Kept in memory. You will be asked again at the next start.")
        )
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self._paste)
        row.addWidget(self.test_button)
        self._form = FormField("", line, self.tr("Both kinds work. The key is used only to call api.themoviedb.org."))
        self._available = Badge(self.tr("Available"), Accent.GREEN, "check")
        self._group = QButtonGroup(self)
        self._build()
        self.keyring.choose()
        host.opened.connect(self.read)
        self.read()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("API read access token or API key"), Role.STRONG))
        head.addStretch(1)
        link = Button(self.tr("Get a free key"), icon="external-link", kind=ButtonKind.LINK, small=True)
        link.setToolTip(KEY_PAGE)
        link.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(KEY_PAGE)))
        head.addWidget(link)
        column.addLayout(head)
        column.addWidget(self._form)
        column.addSpacing(8)
        column.addWidget(self.message)
        column.addSpacing(12)
        column.addWidget(label(self.tr("Where to keep the key"), Role.STRONG))
        for card in (self.keyring, self.session):
            self._group.addButton(card.radio)
            column.addWidget(card)
        self.keyring.add_right(self._available)
        column.addWidget(
            Paragraph(self.tr("The key is never written to the settings file, the database or the logs."), Role.HINT)
        )
        column.addStretch(1)

    # what is known ---------------------------------------------------------------------------------------------

    def read(self) -> None:
        """Ask where the present key comes from and whether the keyring can be used."""
        self._host.call(self, keys.status, self._on_status)

    def _on_status(self, status: KeyStatus) -> None:
        self.status = status
        if status.source is CredentialSource.ENVIRONMENT:
            self._lock_to_environment(status)
        elif status.present:
            self.field.setPlaceholderText(self.tr("A key ending in {0} is saved").format(status.masked))
        if status.problem:
            self._no_keyring(status.problem)

    def _lock_to_environment(self, status: KeyStatus) -> None:
        """The environment wins, so nothing entered here would be used."""
        self.field.setEnabled(False)
        self._paste.setEnabled(False)
        self.keyring.set_available(False)
        self.session.set_available(False)
        self.field.setPlaceholderText(self.tr("Ends in {0}").format(status.masked))
        self._form.set_hint(
            self.tr(
                "The key comes from TMDB_API_KEY in the environment. Change it there, or unset it to enter one here."
            )
        )

    def _no_keyring(self, problem: str) -> None:
        self._available.hide()
        self.keyring.set_available(False)
        self.keyring.set_sentence(problem)
        self.session.choose()

    # what the user does ----------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether TMDb or the keyring is being asked."""
        return self._call is not None

    def has_text(self) -> bool:
        """Whether something was entered."""
        return bool(self.field.text().strip())

    def _on_paste(self) -> None:
        self.field.setText(QGuiApplication.clipboard().text().strip())
        self.field.setFocus()

    def _on_typed(self) -> None:
        self._tell_error("")
        self.message.hide()
        self._untested = ""

    def _tell_error(self, sentence: str) -> None:
        self._form.set_error(sentence)
        self.field.setProperty("error", bool(sentence))
        self.field.setAccessibleDescription(sentence)
        repolish(self.field)
        if sentence:
            self.field.setFocus()

    def _parsed(self) -> Credential | None:
        """What was entered, or None after saying what is wrong with it."""
        try:
            return parse_credential(self.field.text())
        except CredentialError as error:
            self._tell_error(str(error))
            return None

    def test(self) -> None:
        """Ask TMDb about what was entered, or about the key in use when nothing was."""
        if self.busy:
            return
        if self.has_text() and self._parsed() is None:
            return
        text = self.field.text() if self.has_text() else None
        self._begin()
        self._call = self._host.call(self, lambda app: _timed_test(app, text), self._on_tested, self._on_failed)

    def save(self) -> None:
        """Test what was entered and keep it; `saved` follows."""
        if self.busy or self._parsed() is None:
            return
        text, session_only = self.field.text(), self.session.radio.isChecked()
        tested = self._untested != text

        async def work(app: App) -> tuple[KeyStatus, float | None]:
            answered = await _timed_test(app, text) if tested else None
            return await keys.set_key(app, text, session_only=session_only), answered

        self._begin()
        self._call = self._host.call(self, work, self._on_saved, self._on_failed)

    def _begin(self) -> None:
        self._tell_error("")
        self.message.set_message(Accent.BLUE, "", lead=self.tr("Asking TMDb"))
        self.message.show()
        self.test_button.setEnabled(False)
        self.busy_changed.emit()

    def _end(self) -> None:
        self._call = None
        self.test_button.setEnabled(True)
        self.busy_changed.emit()

    def _on_tested(self, seconds: float) -> None:
        self._end()
        self._tell_works(seconds)

    def _tell_works(self, seconds: float) -> None:
        kind = self.status.kind if self.status is not None else None
        if self.has_text():
            kind = parse_credential(self.field.text()).kind.value
        words = self.tr("Read access token accepted.") if kind == CredentialKind.TOKEN else self.tr("API key accepted.")
        answer = self.tr("TMDb answered in {0} ms.").format(round(1000 * seconds))
        self.message.set_message(Accent.GREEN, f"{words} {answer}", lead=self.tr("The key works"))
        self.message.show()

    def _on_saved(self, answer: tuple[KeyStatus, float | None]) -> None:
        self._end()
        self.status, seconds = answer
        if seconds is not None:
            self._tell_works(seconds)
        self.field.clear()
        self.message.setVisible(seconds is not None)
        self.saved.emit(self.status)

    def _on_failed(self, error: GdvgError) -> None:
        self._end()
        self.message.hide()
        if isinstance(error, KeyringUnavailable):
            self._no_keyring(str(error))
            self.message.set_message(
                Accent.AMBER, self.tr("Keep the key for this session, or set TMDB_API_KEY."), lead=error.message
            )
            self.message.show()
        elif isinstance(error, UnreachableError):
            self._untested = self.field.text()
            hint = self.tr("You can keep the key untested, or try again later.")
            self.message.set_message(Accent.AMBER, f"{error.message} {hint}", lead=error.title)
            self.message.show()
        else:
            self._tell_error(str(error))


async def _timed_test(app: App, text: str | None) -> float:
    """Seconds TMDb took to accept the key. Raises what `commands.keys.test` raises."""
    began = time.monotonic()
    await keys.test(app, text)
    return time.monotonic() - began
