"""Where alerts and news are sent: a card a target with its state, what it is sent, Test and Remove; and adding one."""

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.alerts.channels import APPRISE, DESKTOP, HEARTBEAT, WEBHOOK
from gdvg_desktop.alerts.texts import EVENTS
from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import TargetView
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import alert_words
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.badges import Badge
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.fields import ComboBox, FormField, SecretField
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import ElidedLabel, Paragraph, label
from gdvg_desktop.ui.widgets.toggles import CheckBox, Switch

translate = QCoreApplication.translate
CHANNELS = (APPRISE, WEBHOOK, DESKTOP, HEARTBEAT)


class TargetCard(Card):
    """One target. `changed(object)` carries what its user chose as keywords of `change_target`.

    `doubted()` is the first press of Remove, which asks; `remove_asked()` the second.
    """

    test_asked = Signal()
    doubted = Signal()
    remove_asked = Signal()
    changed = Signal(object)

    def __init__(self, target: TargetView, parent: QWidget | None = None) -> None:
        super().__init__(sunken=True, padding=0, parent=parent)
        self.target = target
        self._name = ElidedLabel("", Role.STRONG)
        self._channel = label("", Role.HINT)
        self.badge = Badge()
        self.enabled = Switch(name=self.tr("Send to {0}").format(target.name))
        self.test = Button(self.tr("Test"), icon="send", small=True)
        self.test.clicked.connect(self.test_asked)
        self.remove = IconButton("trash-2", self.tr("Remove {0}").format(target.name), small=True, quiet=True)
        self.remove.clicked.connect(self._on_remove)
        self._sure = False
        self.problem = Paragraph("", Role.HINT)
        self.events = {event: CheckBox(alert_words.words_of(text)) for event, text in EVENTS.items()}
        self.digest = CheckBox(self.tr("Gather into one message a day"))
        self._build()
        self.show_target(target)
        self.enabled.clicked.connect(lambda on: self.changed.emit({"enabled": on}))
        self.digest.clicked.connect(lambda on: self.changed.emit({"digest": on}))
        for box in self.events.values():
            box.clicked.connect(self._on_events)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 10, 9, 10)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget, stretch in ((self.enabled, 0), (self._name, 1), (self._channel, 0), (self.badge, 0)):
            head.addWidget(widget, stretch)
        head.addWidget(self.test)
        head.addWidget(self.remove)
        column.addLayout(head)
        column.addWidget(self.problem)
        self._choices = QWidget()
        flow = FlowLayout(self._choices)
        for box in (*self.events.values(), self.digest):
            flow.addWidget(box)
        column.addWidget(self._choices)
        self._choices.setVisible(self.target.channel != HEARTBEAT)

    def show_target(self, target: TargetView) -> None:
        """Show it as it is now."""
        self.target = target
        now_ms = alert_words.now()
        self._name.setText(target.name)
        self._channel.setText(alert_words.channel(target.channel))
        words, accent, icon = alert_words.target_state(target, now_ms)
        self.badge.set_badge(words, accent, icon)
        self.enabled.setChecked(target.enabled)
        self.digest.setChecked(target.digest)
        for event, box in self.events.items():
            box.setChecked(event in target.events)
        said = []
        if target.problem is not None and target.failed_at is not None:
            since = alert_words.when(target.failed_at, now_ms)
            said.append(self.tr("Since {0}: {1}").format(since, target.problem))
        if target.waiting:
            said.append(counted(target.waiting, self.tr("{0} message waits."), self.tr("{0} messages wait.")))
        if target.channel == HEARTBEAT:
            said.append(self.tr("Its address is asked for after each run without a failure."))
        self.problem.set_text(" ".join(said))
        self.problem.setVisible(bool(said))
        self.setAccessibleName(f"{target.name}: {words}")
        self.setAccessibleDescription(" ".join(said))

    def _on_remove(self) -> None:
        if self._sure:
            self.remove_asked.emit()
            return
        self._sure = True
        self.remove.setText(self.tr("Remove for good"))
        self.remove.set_kind(ButtonKind.DANGER)
        self.remove.updateGeometry()
        self.doubted.emit()

    def _on_events(self) -> None:
        self.changed.emit({"events": [event for event, box in self.events.items() if box.isChecked()]})


class TargetsSection(CareSection):
    """The targets; what is changed here counts at once."""

    def __init__(self, host: Host) -> None:
        self.add = Button(translate("TargetsSection", "Add a channel"), icon="plus", small=True)
        super().__init__(
            host,
            translate("TargetsSection", "Channels"),
            translate(
                "TargetsSection",
                "Where alerts and news are sent beside this window. Addresses are kept in the system's keyring.",
            ),
            self.add,
        )
        self.cards: dict[int, TargetCard] = {}
        self._testing: set[int] = set()
        self.form = NewTarget()
        self.form.hide()
        self.form.entered.connect(self._on_entered)
        self.form.cancelled.connect(self._close_form)
        self.column.addWidget(self.form)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.column.addLayout(self._list)
        self.add.clicked.connect(lambda: self.form.open())
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Read them again."""
        self._host.call(self, alerts.targets, self._on_read, self.fail)

    def _on_read(self, found: list[TargetView]) -> None:
        for number in [one for one in self.cards if one not in {target.id for target in found}]:
            card = self.cards.pop(number)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for target in found:
            if target.id in self.cards:
                self.cards[target.id].show_target(target)
            else:
                self._make(target)

    def _make(self, target: TargetView) -> None:
        card = TargetCard(target)
        number = target.id
        card.test_asked.connect(lambda: self._test(number))
        card.doubted.connect(lambda: self._tell_loss(card.target))
        card.remove_asked.connect(lambda: self._remove(number))
        card.changed.connect(lambda values: self._change(number, values))
        self.cards[number] = card
        self._list.addWidget(card)

    def _test(self, number: int) -> None:
        card = self.cards[number]
        if number in self._testing:
            return
        self._testing.add(number)  # the button keeps the keyboard, so it stays enabled
        card.badge.set_badge(self.tr("Sending"), Accent.SLATE, "loader-circle")

        def sent(_target: TargetView) -> None:
            self._testing.discard(number)
            self.show_message(Accent.GREEN, self.tr("{0} took the test message.").format(card.target.name))
            self.read()

        def failed(error: GdvgError) -> None:
            self._testing.discard(number)
            self.fail(error)
            self.read()

        self._host.call(self, lambda app: alerts.test(app, number), sent, failed)

    def _tell_loss(self, target: TargetView) -> None:
        text = self.tr("Nothing is sent to {0} any more, and its address is forgotten.").format(target.name)
        self.show_message(Accent.AMBER, text)

    def _remove(self, number: int) -> None:
        name = self.cards[number].target.name

        def removed(_none: None) -> None:
            self.show_message(Accent.GREEN, self.tr("{0} is removed.").format(name))
            self.add.setFocus()
            self.read()

        self._host.call(self, lambda app: alerts.remove_target(app, number), removed, self.fail)

    def _change(self, number: int, values: dict[str, object]) -> None:
        self._host.call(
            self,
            lambda app: alerts.change_target(app, number, **values),  # type: ignore[arg-type]
            lambda _target: self.read(),
            self.fail,
        )

    def _on_entered(self, name: str, channel: str, address: str) -> None:
        def added(target: TargetView) -> None:
            self._close_form()
            self.show_message(Accent.GREEN, self.tr("{0} is added. Try it with Test.").format(target.name))
            self.read()

        self._host.call(self, lambda app: alerts.add_target(app, name, channel, address), added, self.form.refuse)

    def _close_form(self) -> None:
        self.form.clear()
        self.form.hide()
        self.add.setFocus()

    def suggest(self, email: str) -> None:
        """Offer to send to the mail address the settings or the environment name."""
        if email and not any(card.target.channel == APPRISE for card in self.cards.values()):
            self.form.suggest(email)


class NewTarget(QWidget):
    """What a new target needs. `entered(name, channel, address)`; the address leaves nothing behind in the form."""

    entered = Signal(str, str, str)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = False  # whether what is entered is being looked at
        self.channel = ComboBox()
        self.channel.setAccessibleName(self.tr("Kind of channel"))
        for one in CHANNELS:
            self.channel.addItem(alert_words.channel(one), one)
        self.channel.currentIndexChanged.connect(self._on_channel)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Name, for example Phone"))
        self.address = SecretField()
        self.field = FormField(self.tr("Address"), self.address)
        self.save = Button(self.tr("Add"), kind=ButtonKind.PRIMARY)
        self.save.clicked.connect(self._on_save)
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.channel.setMinimumWidth(theme_of(self).px(220))
        row.addWidget(self.channel)
        row.addWidget(self.name, 1)
        column.addLayout(row)
        column.addWidget(self.field)
        acts = QHBoxLayout()
        acts.setSpacing(8)
        acts.addStretch(1)
        acts.addWidget(self.cancel)
        acts.addWidget(self.save)
        column.addLayout(acts)
        self.name.setAccessibleName(self.tr("Name"))
        self._on_channel()

    def open(self) -> None:
        """Show the empty form."""
        self.clear()
        self.show()
        self.channel.setFocus()

    def suggest(self, email: str) -> None:
        """Begin with what a mail address needs."""
        self.clear()
        self.name.setText(email)
        self.field.set_hint(
            self.tr("For mail to {0}: mailtos://user:password@mail.example.org?to={0}").format(email),
        )
        self.show()

    def clear(self) -> None:
        """Forget what was typed."""
        self.name.clear()
        self.address.clear()
        self.field.set_error("")
        self._asked = False
        self._on_channel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter adds and Esc cancels; the dialog around would close on either, with what was typed."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_save()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def refuse(self, error: GdvgError) -> None:
        """Say why it cannot be added."""
        self._asked = False
        self.field.setVisible(True)
        self.field.set_error(str(error))

    def _on_channel(self) -> None:
        channel = self.channel.currentData()
        hints = {
            APPRISE: self.tr("As apprise writes it: mailtos://user:password@example.org or discord://id/token."),
            WEBHOOK: self.tr("https://…, and after a space what the Authorization header is to hold."),
            HEARTBEAT: self.tr("The https address your monitoring service gave you."),
        }
        self.field.setVisible(channel != DESKTOP)
        self.field.set_hint(hints.get(channel, ""))

    def _on_save(self) -> None:
        if self._asked:  # pressed twice
            return
        self._asked = True
        name = self.name.text().strip() or alert_words.channel(self.channel.currentData())
        self.entered.emit(name, self.channel.currentData(), self.address.text())
