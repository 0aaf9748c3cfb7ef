"""How alerts look and what they are called: colours, icons, times. Plain values in, words out."""

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QLocale

from gdvg_desktop.commands.alerts import AlertView, TargetView
from gdvg_desktop.ui.phrases import clock_time, counted, day, local, moment
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate

ACCENTS = {"error": Accent.RED, "warning": Accent.AMBER, "info": Accent.BLUE}
_ICONS = {"error": "circle-x", "warning": "triangle-alert", "info": "info"}
_OWN = {
    "popular_missing": ("calendar-search", Accent.PURPLE),
    "schedule_paused": ("circle-pause", Accent.BLUE),
    "low_disk": ("hard-drive", Accent.AMBER),
    "key_refused": ("key-round", Accent.RED),
    "missed_run": ("calendar-x", Accent.AMBER),
}


def look(alert: AlertView) -> tuple[str, Accent]:
    """Icon and colour: a rule's own where its severity is the usual one, else those of the severity."""
    accent = ACCENTS[alert.severity]
    icon, own = _OWN.get(alert.rule, (_ICONS[alert.severity], accent))
    return icon, own if own is accent or (own is Accent.PURPLE and alert.severity == "info") else accent


def severity(name: str) -> str:
    """A severity in words, for those who do not see the colour."""
    return {
        "error": translate("Alerts", "Error"),
        "warning": translate("Alerts", "Warning"),
        "info": translate("Alerts", "Hint"),
    }[name]


def when(millis: int, now_ms: int) -> str:
    """A short moment: "09:12" today, "Fri 16:40" in the last days, else the date."""
    at, now = local(millis), local(now_ms)
    if at.date() == now.date():
        return clock_time(millis)
    if now.date() - at.date() < timedelta(days=7):
        return f"{QLocale().standaloneDayName(at.isoweekday(), QLocale.FormatType.ShortFormat)} {clock_time(millis)}"
    return day(at.date())


def words_of(text: str) -> str:
    """A marked text of `alerts.texts` in the user's language."""
    return translate("Alerts", text)


def now() -> int:
    """This moment, unix ms."""
    return round(datetime.now(UTC).timestamp() * 1000)


def over(alert: AlertView, now_ms: int) -> str:
    """What became of an alert that is quiet or over."""
    if alert.state == "resolved" and alert.resolved_at is not None:
        return translate("Alerts", "Resolved {0}").format(when(alert.resolved_at, now_ms))
    if alert.state == "snoozed" and alert.snoozed_until is not None:
        return translate("Alerts", "Snoozed until {0}").format(moment(alert.snoozed_until, now_ms))
    return translate("Alerts", "Muted") if alert.state == "open" else translate("Alerts", "Seen")


def again(alert: AlertView) -> str:
    """How often an alert was raised, when it was more than once."""
    if alert.count < 2:
        return ""
    return counted(alert.count, translate("Alerts", "{0} time"), translate("Alerts", "{0} times"))


def target_state(target: TargetView, now_ms: int) -> tuple[str, Accent, str]:
    """How a target stands: words, colour, icon."""
    if not target.enabled:
        return translate("Alerts", "Off"), Accent.SLATE, "circle-slash"
    if target.problem is not None:
        return translate("Alerts", "Failing"), Accent.RED, "circle-x"
    if target.last_ok_at is not None:
        return translate("Alerts", "Sent {0}").format(when(target.last_ok_at, now_ms)), Accent.GREEN, "circle-check"
    return translate("Alerts", "Not tried yet"), Accent.SLATE, "circle-dashed"


def channel(name: str) -> str:
    """A channel in words."""
    return {
        "desktop": translate("Alerts", "This desktop"),
        "webhook": translate("Alerts", "Webhook"),
        "apprise": translate("Alerts", "Discord, e-mail and others"),
        "heartbeat": translate("Alerts", "Heartbeat"),
    }.get(name, name)
