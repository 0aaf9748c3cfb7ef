"""Back up now, the list of backups, and putting one back."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import backup as command
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.backup import Backup
from gdvg_desktop.store.backup_preview import RestorePreview
from gdvg_desktop.store.db import Store
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.dialogs.question import Question
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.phrases import counted, data_size, day, local, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.labels import Paragraph, label

translate = QCoreApplication.translate
RESTORE, CANCEL = "restore", "cancel"


class BackupSection(CareSection):
    """Backups, newest first."""

    def __init__(self, host: Host) -> None:
        self.back_up = Button(translate("BackupSection", "Back up now"), icon="copy")
        super().__init__(
            host,
            translate("BackupSection", "Backups"),
            translate(
                "BackupSection",
                "Whole, verified copies beside the library; the last two of each kind are kept. One is made by itself "
                "before the library is brought to a new version.",
            ),
            self.back_up,
        )
        self.restore_buttons: dict[str, Button] = {}
        self.question: Question | None = None
        self._list = QWidget()
        self.column.addWidget(self._list)
        self.back_up.clicked.connect(self._on_back_up)
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Look which backups there are."""
        self._host.call(self, lambda app: command.listing(app.paths), self._on_list, self.fail)

    def _on_list(self, found: list[Backup]) -> None:
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.restore_buttons = {}
        for one in found:
            column.addWidget(self._line(one))
        if not found:
            column.addWidget(Paragraph(self.tr("There is no backup yet."), Role.HINT))
        self.column.replaceWidget(self._list, fresh)
        self._list.deleteLater()
        self._list = fresh

    def _line(self, one: Backup) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(f"{when(one.made_at)} · {self._reason(one.reason)}", Role.BODY))
        facts = [data_size(one.size)]
        if one.titles is not None:
            facts.insert(0, titles_words(sum(one.titles.values())))
        if one.schema is not None:
            facts.append(self.tr("schema {0}").format(one.schema))
        facts.append(self.tr("verified") if one.verified else one.problem)
        words.addWidget(Paragraph(" · ".join(facts), Role.HINT))
        row.addLayout(words, 1)
        button = Button(self.tr("Restore…"), small=True)
        button.setAccessibleName(self.tr("Restore the backup of {0}").format(when(one.made_at)))
        button.setEnabled(one.verified)
        button.clicked.connect(lambda _checked=False, name=one.name: self._on_restore(name))
        self.restore_buttons[one.name] = button
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return holder

    def _reason(self, reason: str) -> str:
        if reason == "manual":
            return self.tr("made by you")
        if reason.startswith("before-schema-"):
            return self.tr("before the change to schema {0}").format(reason.rpartition("-")[2])
        return reason

    # making -----------------------------------------------------------------------------------------------------

    def _on_back_up(self) -> None:
        self.set_busy(True)
        self.say(self.tr("Backing up"))
        tell = self.teller()
        self._host.call(self, lambda app: command.create(app, tell), self._on_made, self.fail)

    def _on_made(self, made: Backup) -> None:
        self.set_busy(False)
        titles = titles_words(sum(made.titles.values()) if made.titles else 0)
        self.show_message(Accent.GREEN, f"{titles}, {data_size(made.size)}.", self.tr("Backed up and verified"))
        self.read()

    # restoring --------------------------------------------------------------------------------------------------

    def _on_restore(self, name: str) -> None:
        self.say(self.tr("Comparing the backup with the library"))
        self._host.call(self, lambda app: command.preview(app.paths, name), self._ask, self.fail)

    def _ask(self, found: RestorePreview) -> None:
        self.message.hide()
        self.question = Question(
            Accent.AMBER,
            self.tr("Restore the backup of {0}?").format(when(found.backup.made_at)),
            preview_words(found),
            ((RESTORE, self.tr("Restore")), (CANCEL, self.tr("Cancel"))),
            parent=self.window(),
        )
        self.question.answered.connect(lambda answer, _: self._on_answer(answer, found.backup))
        self.question.finished.connect(self._forget_question)
        self.question.open()

    def _forget_question(self) -> None:
        self.question = None

    def _on_answer(self, answer: str, backup: Backup) -> None:
        if answer != RESTORE:
            return
        self.set_busy(True)
        self.say(self.tr("Restoring. Work stops for the moment and goes on afterwards."))

        def restore(paths: Paths) -> str:
            return str(Store.restore(paths, backup.path))

        if not self._host.alone(self, restore, self._on_restored, self.fail):
            self.set_busy(False)
            self.show_message(Accent.RED, self.tr("The library is not open just now. Try again in a moment."))

    def _on_restored(self, kept: str) -> None:
        self.set_busy(False)
        text = self.tr("What it replaced is kept in {0}.").format(kept)
        self.show_message(Accent.GREEN, text, self.tr("Restored"))


def when(millis: int) -> str:
    """An instant as day and time."""
    at = local(millis)
    return f"{day(at.date(), 'd MMM yyyy')}, {at:%H:%M}"


def titles_words(count: int) -> str:
    """So many titles."""
    return counted(count, translate("BackupSection", "{0} title"), translate("BackupSection", "{0} titles"))


def preview_words(found: RestorePreview) -> str:
    """What a restoration would change, in sentences."""
    then = sum(found.then.titles.values())
    if found.now is None:
        return translate(
            "BackupSection", "It holds {0}. The present library is damaged; its files are kept beside it."
        ).format(titles_words(then))
    lost, gained = sum(found.lost.values()), sum(found.gained.values())
    parts = [
        translate("BackupSection", "It holds {0}, the present library {1}.").format(
            titles_words(then), titles_words(sum(found.now.titles.values()))
        )
    ]
    if lost:
        names = translate("BackupSection", ", among them {0}").format(", ".join(found.lost_names))
        parts.append(
            translate("BackupSection", "{0} would be lost").format(titles_words(lost))
            + (names if found.lost_names else "")
            + "."
        )
    if gained:
        parts.append(translate("BackupSection", "{0} would come back.").format(titles_words(gained)))
    if found.changed:
        parts.append(translate("BackupSection", "{0} would go back to older data.").format(titles_words(found.changed)))
    if not (lost or gained or found.changed):
        parts.append(translate("BackupSection", "Both hold the same titles."))
    if found.then.schema < found.now.schema:
        parts.append(
            translate("BackupSection", "It has schema {0} and is brought up to date.").format(number(found.then.schema))
        )
    parts.append(translate("BackupSection", "The present files are kept beside the library."))
    return " ".join(parts)
