"""The schedule in words of the user's language and zone: what comes next, who paused it, how a run ended."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale

from gdvg_desktop.commands.schedule import PauseState
from gdvg_desktop.store.schedule import TaskRun
from gdvg_desktop.ui.phrases import day, local, moment
from gdvg_desktop.ui.tokens import Accent

translate = QCoreApplication.translate


def who(by: str) -> str:
    """Who paused the schedule."""
    names = {
        "window": translate("Schedule", "you"),
        "tray": translate("Schedule", "you, in the tray"),
        "cli": translate("Schedule", "the command line"),
        "api": translate("Schedule", "the control API"),
        "remote": translate("Schedule", "the remote workflow"),
    }
    return names.get(by, by)


def soon(at: datetime, now: datetime) -> str:
    """An aware instant in local time: "18:00", "tomorrow 03:30", "Sun 10:00" within a week, else with its date."""
    here, today = at.astimezone(), now.astimezone().date()
    clock = f"{here:%H:%M}"
    days = (here.date() - today).days
    if days == 0:
        return clock
    if days == 1:
        return translate("Schedule", "tomorrow {0}").format(clock)
    if 1 < days < 7:
        name = QLocale().standaloneDayName(here.isoweekday(), QLocale.FormatType.ShortFormat)
        return f"{name} {clock}"
    return f"{day(here.date())} {clock}"


def since(millis: int, now_ms: int) -> str:
    """A stored instant as local time of day, with the day in front when it is not today's."""
    here, today = local(millis), local(now_ms).date()
    return f"{here:%H:%M}" if here.date() == today else f"{day(here.date())} {here:%H:%M}"


def until_words(millis: int, now_ms: int) -> str:
    """Until when a pause lasts: "15:05", "tomorrow 00:00"."""
    return soon(local(millis), local(now_ms))


def paused_words(pause: PauseState, now_ms: int) -> str:
    """Short, for the tray: "schedule paused", with its end where it has one."""
    if pause.until is None:
        return translate("Schedule", "schedule paused")
    return translate("Schedule", "schedule paused until {0}").format(until_words(pause.until, now_ms))


def paused_sentence(pause: PauseState, now_ms: int) -> str:
    """Who paused the schedule, since when and until when."""
    at = since(pause.at, now_ms) if pause.at is not None else "?"
    text = translate("Schedule", "Paused since {0} by {1}").format(at, who(pause.by))
    if pause.until is not None:
        text += translate("Schedule", ", until {0}").format(until_words(pause.until, now_ms))
    return text


def run_word(run: TaskRun) -> tuple[str, Accent]:
    """How a run ended, and the colour of that."""
    words = {
        "running": (translate("Schedule", "Running"), Accent.BLUE),
        "done": (translate("Schedule", "Done"), Accent.GREEN),
        "failed": (translate("Schedule", "Failed"), Accent.RED),
        "missed": (translate("Schedule", "Missed"), Accent.AMBER),
    }
    return words.get(run.status, (run.status, Accent.SLATE))


def run_sentence(run: TaskRun | None, now_ms: int) -> str:
    """The last run: when it started, how it ended, and why where that is known."""
    if run is None or run.started_at is None:
        return translate("Schedule", "has not run yet")
    text = translate("Schedule", "{0} at {1}").format(run_word(run)[0], moment(run.started_at, now_ms))
    return f"{text}: {run.reason}" if run.reason else text
