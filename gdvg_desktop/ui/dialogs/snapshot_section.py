"""Snapshots: the list, two chosen to compare, and pins."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import snapshots as command
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.store.snapshots import Difference, Snapshot
from gdvg_desktop.ui.dialogs.backup_section import titles_words, when
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.phrases import decimal, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph
from gdvg_desktop.ui.widgets.toggles import CheckBox

translate = QCoreApplication.translate


class SnapshotSection(CareSection):
    """Snapshots, newest first; two with a check can be compared."""

    def __init__(self, host: Host) -> None:
        self.compare = Button(translate("SnapshotSection", "Compare"), icon="git-compare")
        self.take = Button(translate("SnapshotSection", "Take one now"))
        super().__init__(
            host,
            translate("SnapshotSection", "Snapshots"),
            translate(
                "SnapshotSection",
                "What was held when, taken once a day after a mirror or delta run. Choose two to compare them.",
            ),
            self.compare,
            self.take,
        )
        self.boxes: dict[int, CheckBox] = {}
        self.pins: dict[int, Button] = {}
        self._list = QWidget()
        self.column.addWidget(self._list)
        self.compare.clicked.connect(self._on_compare)
        self.take.clicked.connect(self._on_take)
        self.compare.setEnabled(False)
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Look which snapshots there are."""
        self._host.call(self, command.listing, self._on_list, self.fail)

    def _on_list(self, found: list[Snapshot]) -> None:
        chosen = self._chosen()
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.boxes, self.pins = {}, {}
        for one in found:
            column.addWidget(self._line(one))
        for number_of in chosen:
            if number_of in self.boxes:
                self.boxes[number_of].setChecked(True)
        if not found:
            column.addWidget(Paragraph(self.tr("There is no snapshot yet."), Role.HINT))
        self.column.replaceWidget(self._list, fresh)
        self._list.deleteLater()
        self._list = fresh
        self._on_toggled()

    def _line(self, one: Snapshot) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        box = CheckBox(when(one.taken_at))
        box.setAccessibleName(self.tr("Compare the snapshot of {0}").format(when(one.taken_at)))
        box.toggled.connect(self._on_toggled)
        self.boxes[one.id] = box
        row.addWidget(box)
        facts = [titles_words(one.titles)]
        if one.new_titles is not None:
            facts.append(self.tr("{0} new").format(number(one.new_titles)))
        if one.percent is not None:
            whole = one.percent == 100.0
            facts.append(self.tr("{0}% covered").format("100" if whole else decimal(one.percent, 2)))
        row.addWidget(Paragraph(" · ".join(facts), Role.HINT), 1, Qt.AlignmentFlag.AlignVCenter)
        pin = Button(self.tr("Unpin") if one.pinned else self.tr("Pin"), kind=ButtonKind.GHOST, small=True)
        pin.setToolTip(self.tr("A pinned snapshot is kept for good."))
        words = self.tr("Unpin the snapshot of {0}") if one.pinned else self.tr("Pin the snapshot of {0}")
        pin.setAccessibleName(words.format(when(one.taken_at)))
        pin.clicked.connect(lambda _checked=False, snapshot=one: self._on_pin(snapshot))
        self.pins[one.id] = pin
        row.addWidget(pin)
        return holder

    def _chosen(self) -> list[int]:
        return [one for one, box in self.boxes.items() if box.isChecked()]

    def _on_toggled(self) -> None:
        self.compare.setEnabled(len(self._chosen()) == 2)

    def set_busy(self, busy: bool) -> None:
        super().set_busy(busy)
        if not busy:
            self._on_toggled()

    def _on_pin(self, one: Snapshot) -> None:
        self._host.call(
            self, lambda app: command.pin(app, one.id, not one.pinned), lambda _pinned: self.read(), self.fail
        )

    def _on_take(self) -> None:
        self.set_busy(True)
        self.say(self.tr("Counting"))
        self._host.call(self, command.take, self._on_taken, self.fail)

    def _on_taken(self, taken: Snapshot) -> None:
        self.set_busy(False)
        self.show_message(Accent.GREEN, titles_words(taken.titles) + ".", self.tr("Taken"))
        self.read()

    def _on_compare(self) -> None:
        chosen = self._chosen()
        if len(chosen) != 2:
            return
        self.set_busy(True)
        self.say(self.tr("Comparing"))
        first, second = chosen
        self._host.call(self, lambda app: command.difference(app, first, second), self._on_compared, self.fail)

    def _on_compared(self, found: Difference) -> None:
        self.set_busy(False)
        names = {MediaType.MOVIE: self.tr("Movies"), MediaType.TV: self.tr("TV series")}
        parts = [
            self.tr("{0}: {1} added, {2} removed, {3} changed.").format(
                names[kind], number(len(one.added)), number(len(one.removed)), number(len(one.changed))
            )
            for kind, one in found.types.items()
        ]
        if not found.changes_known:
            parts.append(self.tr("The log of changes does not reach back that far."))
        if found.totals:
            most = sorted(found.totals, key=lambda row: -abs(row[3] - row[2]))[:3]
            moved = ", ".join(f"{value} {number(before)} → {number(after)}" for _, value, before, after in most)
            parts.append(self.tr("Most moved: {0}.").format(moved))
        lead = self.tr("From {0} to {1}").format(when(found.before.taken_at), when(found.after.taken_at))
        self.show_message(Accent.BLUE, " ".join(parts), lead)
