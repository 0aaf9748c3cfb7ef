"""Cron expressions as people think of them: every n hours, daily, weekly or monthly at a time; the rest as text.

`read_shape` finds the shape of an expression and `Shape.expression` writes it again. An expression that fits no shape
stays what it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QLocale

from gdvg_desktop.ui.phrases import counted

translate = QCoreApplication.translate

STEPS = (1, 2, 3, 4, 6, 8, 12)  # hours that divide the day, so that every gap is the same
WEEKDAYS = (1, 2, 3, 4, 5, 6, 0)  # cron's numbers, from Monday


class Kind(StrEnum):
    """The shapes, in the order they are offered."""

    HOURS = "hours"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Shape:
    """One schedule. `step` counts for HOURS (with `minute`), `days` for WEEKLY, `day` for MONTHLY, `text` for TEXT."""

    kind: Kind
    minute: int = 0
    hour: int = 0
    step: int = 6
    days: frozenset[int] = frozenset((1,))
    day: int = 1
    text: str = ""

    @property
    def expression(self) -> str:
        """The shape as a cron expression."""
        if self.kind is Kind.HOURS:
            return f"{self.minute} {'*' if self.step == 1 else f'*/{self.step}'} * * *"
        if self.kind is Kind.DAILY:
            return f"{self.minute} {self.hour} * * *"
        if self.kind is Kind.WEEKLY:
            return f"{self.minute} {self.hour} * * {','.join(str(one) for one in sorted(self.days))}"
        if self.kind is Kind.MONTHLY:
            return f"{self.minute} {self.hour} {self.day} * *"
        return self.text


def read_shape(expression: str) -> Shape:
    """The shape of an expression."""
    text = " ".join(expression.split())
    parts = text.split(" ")
    plain = Shape(Kind.TEXT, text=text)
    if len(parts) != 5 or parts[3] != "*":
        return plain
    minute, hour = _number(parts[0], 59), _number(parts[1], 23)
    if minute is None:
        return plain
    day, week = parts[2], parts[4]
    if (day, week) == ("*", "*"):
        step = 1 if parts[1] == "*" else _number(parts[1].removeprefix("*/"), 23) if parts[1][:2] == "*/" else None
        if step in STEPS:
            return Shape(Kind.HOURS, minute=minute, step=step, text=text)
        return plain if hour is None else Shape(Kind.DAILY, minute, hour, text=text)
    if hour is None:
        return plain
    if day == "*":
        found = [_number(one, 7) for one in week.split(",")]
        days = frozenset(one % 7 for one in found if one is not None)
        return plain if None in found else Shape(Kind.WEEKLY, minute, hour, days=days, text=text)
    number = _number(day, 31)
    if week == "*" and number:
        return Shape(Kind.MONTHLY, minute, hour, day=number, text=text)
    return plain


def _number(text: str, most: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        return None
    return int(text) if int(text) <= most else None


def day_name(number: int, form: QLocale.FormatType = QLocale.FormatType.ShortFormat) -> str:
    """A weekday by cron's number, Sunday being 0."""
    return QLocale().standaloneDayName(number or 7, form)


def words(expression: str, fallback: str = "") -> str:
    """An expression in words of the user's language; `fallback` for one without a shape."""
    shape = read_shape(expression)
    at = f"{shape.hour:02}:{shape.minute:02}"
    if shape.kind is Kind.HOURS:
        text = counted(shape.step, translate("Cron", "Every hour"), translate("Cron", "Every {0} hours"))
        return text + (translate("Cron", ", {0} min past").format(shape.minute) if shape.minute else "")
    if shape.kind is Kind.DAILY:
        return translate("Cron", "Daily at {0}").format(at)
    if shape.kind is Kind.WEEKLY:
        if len(shape.days) == 7:
            return translate("Cron", "Daily at {0}").format(at)
        names = ", ".join(day_name(one) for one in WEEKDAYS if one in shape.days)
        return translate("Cron", "{0} at {1}").format(names, at)
    if shape.kind is Kind.MONTHLY:
        return translate("Cron", "Monthly on day {0} at {1}").format(shape.day, at)
    return fallback or shape.text
