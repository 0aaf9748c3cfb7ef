"""The Database page of the settings: where the file lies, its check, backups, snapshots, resets and the purge."""

import asyncio
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import reset as command
from gdvg_desktop.commands.reset import ResetDone
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.purge import Purged
from gdvg_desktop.store.reset import ResetKind
from gdvg_desktop.ui.dialogs.backup_section import BackupSection, titles_words
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.dialogs.check_section import CheckSection
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH, SettingRow
from gdvg_desktop.ui.dialogs.snapshot_section import SnapshotSection
from gdvg_desktop.ui.dialogs.typed_question import TypedQuestion
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.phrases import counted, data_size
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.fact_grid import FactGrid
from gdvg_desktop.ui.widgets.labels import SectionHeader, label

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Where the library lies, its bytes with its log, and bytes free on its disk."""

    library: Path
    size: int
    free: int


async def file_facts(app: App) -> FileFacts:
    """Look at the library's file."""

    def look() -> FileFacts:
        library = app.paths.library
        log = library.with_name(f"{library.name}-wal")
        size = sum(one.stat().st_size for one in (library, log) if one.exists())
        return FileFacts(library, size, shutil.disk_usage(app.paths.data_dir).free)

    return await asyncio.to_thread(look)


class ResetSection(CareSection):
    """Forgetting what was worked out; each kind behind its word."""

    def __init__(self, host: Host) -> None:
        self.buttons = {
            ResetKind.CURSOR: Button(translate("ResetSection", "Change cursor…"), small=True),
            ResetKind.LEDGER: Button(translate("ResetSection", "Month ledger…"), small=True),
            ResetKind.GAPS: Button(translate("ResetSection", "Gaps…"), small=True),
        }
        super().__init__(
            host,
            translate("ResetSection", "Reset"),
            translate(
                "ResetSection", "Forget what was worked out, so that it is worked out anew. No title is touched."
            ),
            *self.buttons.values(),
        )
        self.question: TypedQuestion | None = None
        for kind, button in self.buttons.items():
            button.clicked.connect(partial(self._on_asked, kind))

    def _on_asked(self, kind: ResetKind) -> None:
        self._host.call(self, lambda app: command.count(app, kind), partial(self._ask, kind), self.fail)

    def _ask(self, kind: ResetKind, count: int) -> None:
        texts = {
            ResetKind.CURSOR: (
                self.tr("Reset the change cursor?"),
                counted(
                    count,
                    self.tr("Forgets how far the change lists were read ({0} day)."),
                    self.tr("Forgets how far the change lists were read ({0} days)."),
                )
                + " "
                + self.tr("The next run compares the export instead, which asks for more."),
            ),
            ResetKind.LEDGER: (
                self.tr("Reset the month ledger?"),
                counted(
                    count,
                    self.tr("Forgets what TMDb listed of {0} month or listing; it is asked for again."),
                    self.tr("Forgets what TMDb listed of {0} months and listings; they are asked for again."),
                ),
            ),
            ResetKind.GAPS: (
                self.tr("Reset the gaps?"),
                counted(
                    count,
                    self.tr(
                        "Forgets {0} gap with its tries, and that you ignored it. The next analysis finds it again."
                    ),
                    self.tr("Forgets {0} gaps with their tries, and which you ignored. The next analysis finds them."),
                ),
            ),
        }
        title, text = texts[kind]
        self.question = TypedQuestion(title, text, kind.value, self.tr("Reset"), parent=self.window())
        self.question.confirmed.connect(partial(self._on_confirmed, kind))
        self.question.finished.connect(self._forget_question)
        self.question.open()

    def _forget_question(self) -> None:
        self.question = None

    def _on_confirmed(self, kind: ResetKind) -> None:
        self.set_busy(True)
        self._host.call(self, lambda app: command.reset(app, kind, kind.value), self._on_done, self.fail)

    def _on_done(self, done: ResetDone) -> None:
        self.set_busy(False)
        text = counted(done.forgotten, self.tr("{0} row forgotten."), self.tr("{0} rows forgotten."))
        self.show_message(Accent.GREEN, text, self.tr("Reset"))


class PurgeSection(CareSection):
    """Removing all of TMDb's data, behind a word."""

    def __init__(self, host: Host) -> None:
        self.purge = Button(translate("PurgeSection", "Purge all TMDb data…"), icon="trash-2", kind=ButtonKind.DANGER)
        super().__init__(
            host,
            translate("PurgeSection", "TMDb's data"),
            translate(
                "PurgeSection",
                "TMDb's terms ask that its data go when you stop using it. Settings, key and the counts of runs stay.",
            ),
            self.purge,
        )
        self.question: TypedQuestion | None = None
        self.purge.clicked.connect(self._ask)

    def _ask(self) -> None:
        self.question = TypedQuestion(
            self.tr("Purge all TMDb data?"),
            self.tr(
                "Every title goes for good, with its history of changes, posters, exports and all backups. "
                "Work that is queued is cancelled. This cannot be taken back."
            ),
            command.PURGE_WORD,
            self.tr("Purge"),
            parent=self.window(),
        )
        self.question.confirmed.connect(self._on_confirmed)
        self.question.finished.connect(self._forget_question)
        self.question.open()

    def _forget_question(self) -> None:
        self.question = None

    def _on_confirmed(self) -> None:
        self.set_busy(True)
        self.say(self.tr("Stopping work and purging"))
        tell = self.teller()

        def purge(paths: Paths) -> Purged:
            return Store.purge(paths, tell)

        if not self._host.alone(self, purge, self._on_purged, self.fail):
            self.set_busy(False)
            self.show_message(Accent.RED, self.tr("The library is not open just now. Try again in a moment."))

    def _on_purged(self, done: Purged) -> None:
        self.set_busy(False)
        text = self.tr("{0} and {1} are gone.").format(titles_words(done.titles), data_size(done.size))
        self.show_message(Accent.GREEN, text, self.tr("Purged"))


class DatabasePage(QWidget):
    """All of it in one column; `rows` are the settings among it."""

    def __init__(self, host: Host, rows: tuple[SettingRow, ...]) -> None:
        super().__init__()
        self._host = host
        self.path = QLineEdit()
        self.path.setReadOnly(True)
        self.path.setAccessibleName(self.tr("Where the library lies"))
        self.facts = FactGrid(label_width=LABEL_WIDTH)
        self.copy_path = Button(self.tr("Copy path"), icon="copy")
        self.copy_path.clicked.connect(self._on_copy)
        self.check = CheckSection(host)
        self.backups = BackupSection(host)
        self.snapshots = SnapshotSection(host)
        self.reset = ResetSection(host)
        self.purge = PurgeSection(host)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(SectionHeader(self.tr("File"), role=Role.HINT_STRONG, rule=True))
        line = QHBoxLayout()
        line.setSpacing(8)
        name = label(self.tr("Library"))
        name.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        line.addWidget(name)
        line.addWidget(self.path, 1)
        line.addWidget(self.copy_path)
        column.addLayout(line)
        column.addWidget(self.facts)
        for row in rows:
            column.addWidget(row)
        for section in (self.check, self.backups, self.snapshots, self.reset, self.purge):
            column.addWidget(section)
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Look at the file."""
        self._host.call(self, file_facts, self._on_facts)

    def end(self) -> None:
        """The dialog closes."""
        self.check.end()

    def _on_facts(self, found: FileFacts) -> None:
        self.path.setText(str(found.library))
        self.path.setCursorPosition(0)
        self.path.setToolTip(str(found.library))
        self.facts.set_facts(
            [
                (self.tr("Size"), data_size(found.size), "", ""),
                (self.tr("Free on this disk"), data_size(found.free), "", ""),
            ]
        )

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.path.text())
