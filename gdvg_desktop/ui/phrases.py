"""Figures, spans and instants as people read them, in the locale and time zone of the user."""

from datetime import UTC, date, datetime
from math import ceil

from PySide6.QtCore import QCoreApplication, QDate, QLocale

translate = QCoreApplication.translate


def number(value: int) -> str:
    """A whole number with the locale's separators: "12,400"."""
    return QLocale().toString(value)


def decimal(value: float, digits: int = 1) -> str:
    """A number with so many digits after the point: "24.1"."""
    return QLocale().toString(float(value), "f", digits)


def counted(count: int, one: str, many: str) -> str:
    """`one` or `many` with "{0}" replaced by the count: "1 title", "2,323 titles"."""
    return (one if count == 1 else many).format(number(count))


def percent(share: float) -> str:
    """A share from 0 to 1 as whole percents; what is not finished never reads 100%."""
    whole = round(100 * share)
    if share < 1:
        whole = min(whole, 99)
    return translate("Phrases", "{0}%").format(whole)


def duration(seconds: float) -> str:
    """A span in its two largest units: "45 s", "4 min 15 s", "2 h 5 min", "3 d 4 h"."""
    total = max(0, ceil(seconds))
    if total < 60:
        return translate("Phrases", "{0} s").format(total)
    if total < 3600:
        return _pair(translate("Phrases", "{0} min"), total // 60, translate("Phrases", "{0} s"), total % 60)
    minutes = round(total / 60)
    if minutes < 24 * 60:
        return _pair(translate("Phrases", "{0} h"), minutes // 60, translate("Phrases", "{0} min"), minutes % 60)
    hours = round(minutes / 60)
    return _pair(translate("Phrases", "{0} d"), hours // 24, translate("Phrases", "{0} h"), hours % 24)


def _pair(large: str, many: int, small: str, few: int) -> str:
    text = large.format(number(many))
    return f"{text} {small.format(few)}" if few else text


def ago(seconds: float) -> str:
    """How long something is past: "just now", "3 s ago", "2 min ago"."""
    if seconds < 1:
        return translate("Phrases", "just now")
    whole = int(seconds)
    if whole >= 60:
        whole -= whole % 60  # the seconds of a minute-old thing help nobody
    return translate("Phrases", "{0} ago").format(duration(whole))


def local(millis: int) -> datetime:
    """A stored instant in the user's time zone."""
    return datetime.fromtimestamp(millis / 1000, UTC).astimezone()


def clock_time(millis: int, *, seconds: bool = False) -> str:
    """A stored instant as local time of day: "13:07" or "13:07:43"."""
    return f"{local(millis):%H:%M:%S}" if seconds else f"{local(millis):%H:%M}"


def moment(millis: int, now_ms: int) -> str:
    """A stored instant as local time of day, with the date in front when it is not today."""
    at = local(millis)
    if at.date() == local(now_ms).date():
        return f"{at:%H:%M:%S}"
    return f"{QLocale().toString(QDate(at.year, at.month, at.day), QLocale.FormatType.ShortFormat)} {at:%H:%M}"


def utc(millis: int) -> str:
    """A stored instant in UTC, for tooltips."""
    return f"{datetime.fromtimestamp(millis / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def month(text: str | None) -> str:
    """The month of a stored date (YYYY-MM-DD or its beginning) in words: "Mar 2024"; "" for none."""
    if not text:
        return ""
    parts = text.split("-")
    if len(parts) < 2:
        return parts[0]
    return f"{QLocale().standaloneMonthName(int(parts[1]), QLocale.FormatType.ShortFormat)} {parts[0]}"


def day(value: date, form: str = "d MMM") -> str:
    """A date in a pattern of Qt's, in the locale's words: "21 Nov"."""
    return QLocale().toString(QDate(value.year, value.month, value.day), form)


def data_size(size: int) -> str:
    """Bytes in the decimal units disks are sold in, three figures long: "9.84 GB"."""
    digits = 0 if size < 1_000_000 else 1 if size < 100_000_000 else 2
    return QLocale().formattedDataSize(size, digits, QLocale.DataSizeFormat.DataSizeSIFormat)
