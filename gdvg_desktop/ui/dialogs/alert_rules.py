"""The alert rules: each with its switch, its threshold and its mute; what is changed here counts at once."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.commands import alerts
from gdvg_desktop.commands.alerts import RuleView
from gdvg_desktop.ui.dialogs.care import CareSection
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models import alert_words
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.fields import SpinBox
from gdvg_desktop.ui.widgets.labels import Paragraph, label
from gdvg_desktop.ui.widgets.toggles import CheckBox, Switch

translate = QCoreApplication.translate
ELSEWHERE = ("error_rate",)  # its threshold is a setting of the same page


class RuleRow(QWidget):
    """One rule. `changed(object)` carries what its user chose as keywords of `change_rule`."""

    changed = Signal(object)

    def __init__(self, rule: RuleView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rule = rule
        self.enabled = Switch(name=rule.title)
        self.threshold: SpinBox | None = None
        self.muted = CheckBox(self.tr("Muted"))
        self.muted.setToolTip(self.tr("Listed, but no toast, no message and no mark at the bell."))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.enabled)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(label(rule.title, Role.BODY))
        column.addWidget(Paragraph(rule.help, Role.HINT))
        row.addLayout(column, 1)
        if rule.threshold is not None and rule.name not in ELSEWHERE:
            name = self.tr("Threshold of {0}").format(rule.title)
            self.threshold = SpinBox(round(rule.low), round(rule.high), name=name)
            self.threshold.setSuffix(f" {rule.unit}")
            self.threshold.setKeyboardTracking(False)
            self.threshold.setGroupSeparatorShown(True)
            self.threshold.setFixedWidth(theme_of(self).px(120))
            self.threshold.valueChanged.connect(lambda value: self.changed.emit({"threshold": float(value)}))
            row.addWidget(self.threshold)
        row.addWidget(self.muted)
        self.show_rule(rule)
        self.enabled.clicked.connect(lambda on: self.changed.emit({"enabled": on}))
        self.muted.clicked.connect(lambda on: self.changed.emit({"muted": on}))
        self.muted.setAccessibleDescription(rule.title)

    def show_rule(self, rule: RuleView) -> None:
        """Show it as it is now."""
        self.rule = rule
        self.enabled.setChecked(rule.enabled)
        self.muted.setChecked(rule.muted)
        self.muted.setEnabled(rule.enabled)
        if self.threshold is not None and rule.threshold is not None:
            self.threshold.blockSignals(True)
            self.threshold.setValue(round(rule.threshold))
            self.threshold.blockSignals(False)
            self.threshold.setEnabled(rule.enabled)


class RulesSection(CareSection):
    """All rules."""

    def __init__(self, host: Host) -> None:
        super().__init__(
            host,
            translate("RulesSection", "Rules"),
            translate("RulesSection", "What raises an alert. An alert goes by itself once it is true no longer."),
        )
        self.rows: dict[str, RuleRow] = {}
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Read them again."""
        self._host.call(self, lambda app: alerts.rules(app, translate=alert_words.words_of), self._on_read, self.fail)

    def _on_read(self, found: list[RuleView]) -> None:
        for rule in found:
            if rule.name in self.rows:
                self.rows[rule.name].show_rule(rule)
                continue
            row = RuleRow(rule)
            row.changed.connect(lambda values, name=rule.name: self._change(name, values))
            self.rows[rule.name] = row
            self.column.addWidget(row)

    def _change(self, name: str, values: dict[str, object]) -> None:
        self._host.call(
            self,
            lambda app: alerts.change_rule(app, name, **values),  # type: ignore[arg-type]
            lambda _rule: self.read(),
            self.fail,
        )
