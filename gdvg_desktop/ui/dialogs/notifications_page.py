"""The Notifications page of the settings: channels, when messages may come, and the rules of alerts."""

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdvg_desktop.core.settings import Settings
from gdvg_desktop.ui.dialogs.alert_rules import RulesSection
from gdvg_desktop.ui.dialogs.alert_targets import TargetsSection
from gdvg_desktop.ui.dialogs.setting_editors import SettingRow
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.labels import SectionHeader

_WHEN = ("digest_at", "notify_quiet_from", "notify_quiet_to")


class NotificationsPage(QWidget):
    """All of it in one column; `rows` are the settings among it, which count once they are applied."""

    def __init__(self, host: Host, settings: Settings, rows: tuple[SettingRow, ...]) -> None:
        super().__init__()
        self.targets, self.rules = TargetsSection(host), RulesSection(host)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.targets)
        for row in rows:
            if row.field.name not in _WHEN and row.field.name != "error_rate_threshold":
                column.addWidget(row)
        column.addWidget(SectionHeader(self.tr("When"), role=Role.HINT_STRONG, rule=True))
        for row in rows:
            if row.field.name in _WHEN:
                column.addWidget(row)
        column.addWidget(self.rules)
        for row in rows:
            if row.field.name == "error_rate_threshold":
                column.addWidget(row)
        self._host = host
        self._suggest(settings.alert_email)

    def applied(self, values: dict[str, Any]) -> None:
        """Settings were saved: a mail address needs a mail server."""
        self._suggest(values.get("alert_email", ""))

    def _suggest(self, email: str) -> None:
        if email:
            self._host.call(self, _nothing, lambda _none: self.targets.suggest(email))


async def _nothing(_app: object) -> None:
    """Answered after the targets have been: then it is known whether there is one for mail."""
