"""Check now: the audit with its report, and mending what it found."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from gdvg_desktop.commands import audit as command
from gdvg_desktop.commands.audit import Mended
from gdvg_desktop.store.audit import Check, CheckName, Report
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.phrases import counted, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import IconLabel, Paragraph, label

translate = QCoreApplication.translate


class CheckSection(CareSection):
    """The audit. A report stays until the next one."""

    def __init__(self, host: Host) -> None:
        self.check_now = Button(translate("CheckSection", "Check now"), icon="shield-check")
        self.mend = Button(translate("CheckSection", "Mend"), icon="wrench", kind=ButtonKind.PRIMARY)
        super().__init__(
            host,
            translate("CheckSection", "Check"),
            translate(
                "CheckSection",
                "Reads the whole file beside all work: damage, rows that do not fit, the search, missing fields, age.",
            ),
            self.mend,
            self.check_now,
        )
        self._call: Call | None = None
        self.report: Report | None = None
        self._lines = QWidget()
        self._lines.hide()
        self.column.addWidget(self._lines)
        self.mend.hide()
        self.check_now.clicked.connect(self._on_check)
        self.mend.clicked.connect(self._on_mend)

    def end(self) -> None:
        """The dialog closes: an audit under way is given up."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _on_check(self) -> None:
        self.set_busy(True)
        self.say(self.tr("Beginning"))
        tell = self.teller()
        self._call = self._host.call(self, lambda app: command.audit(app, tell), self._on_report, self.fail)

    def _on_report(self, report: Report) -> None:
        self._call = None
        self.report = report
        self.set_busy(False)
        self._show_lines(report)
        self.mend.setVisible(not report.clean and not report.damaged)
        if report.damaged:
            self.show_message(
                Accent.RED, self.tr("Restore the newest backup below."), self.tr("The library is damaged")
            )
        elif report.clean:
            text = counted(report.titles, self.tr("{0} title checked."), self.tr("{0} titles checked."))
            self.show_message(Accent.GREEN, text, self.tr("All is well"))
        else:
            found = command.fault_count(report.checks)
            self.show_message(Accent.AMBER, counted(found, self.tr("{0} fault found."), self.tr("{0} faults found.")))

    def _show_lines(self, report: Report) -> None:
        """A line a check: a mark, its name, what was found, and an example."""
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(3, 1)
        for row, check in enumerate(report.checks):
            self._show_line(grid, row, check)
        fresh.setAccessibleName(self.tr("Report"))
        self.column.replaceWidget(self._lines, fresh)
        self._lines.deleteLater()
        self._lines = fresh

    def _show_line(self, grid: QGridLayout, row: int, check: Check) -> None:
        mark, token = ("circle-check", "text_green") if not check.count else ("info", "text_secondary")
        if check.fault:
            mark, token = "triangle-alert", "text_amber"
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(IconLabel(mark, 14, token), row, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(label(check_names()[check.name], Role.BODY), row, 1, top)
        grid.addWidget(label(number(check.count) if check.count else self.tr("none"), Role.STRONG), row, 2, top)
        grid.addWidget(Paragraph("; ".join(check.examples[:2]), Role.HINT), row, 3, top)

    def _on_mend(self) -> None:
        report = self.report
        if report is None:
            return
        self.set_busy(True)
        self.say(self.tr("Mending"))
        self._host.call(self, lambda app: command.mend(app, report), self._on_mended, self.fail)

    def _on_mended(self, mended: Mended) -> None:
        self.set_busy(False)
        self.mend.hide()
        parts = [counted(mended.removed, self.tr("{0} row removed"), self.tr("{0} rows removed"))]
        if mended.search is None:
            parts.append(self.tr("the search index made anew"))
        elif mended.search:
            parts.append(
                counted(mended.search, self.tr("{0} title in the search"), self.tr("{0} titles in the search"))
            )
        if mended.jobs:
            parts.append(counted(len(mended.jobs), self.tr("{0} job in the queue"), self.tr("{0} jobs in the queue")))
        text = ", ".join(parts) + ". " + " ".join(mended.told)
        self.show_message(Accent.GREEN, text.strip(), self.tr("Mended"))


def check_names() -> dict[CheckName, str]:
    """The checks in words."""
    return {
        CheckName.FILE: translate("CheckSection", "The file"),
        CheckName.ORPHANS: translate("CheckSection", "Rows whose title or job is gone"),
        CheckName.REFERENCES: translate("CheckSection", "Missing people, companies and the like"),
        CheckName.MALFORMED: translate("CheckSection", "Malformed rows"),
        CheckName.DUPLICATES: translate("CheckSection", "Rows that are there twice"),
        CheckName.SEARCH: translate("CheckSection", "Search index"),
        CheckName.REQUIRED: translate("CheckSection", "Titles without a required field"),
        CheckName.CONTENT: translate("CheckSection", "Titles altered since they were stored"),
        CheckName.STALE: translate("CheckSection", "Titles older than six months"),
        CheckName.JOBS: translate("CheckSection", "Counts of jobs"),
        CheckName.IMDB: translate("CheckSection", "IMDb ids on several titles"),
    }
