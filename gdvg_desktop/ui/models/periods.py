"""Release periods in months: the quick ones, reckoned from a day, and years widened to months."""

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate

FIRST_YEAR = 1870  # before the oldest film


@dataclass(frozen=True, slots=True)
class Period:
    """A named period; the bounds are months such as "2024-01", or "" for open."""

    name: str
    date_from: str
    date_to: str


def quick_periods(today: date) -> tuple[Period, ...]:
    """This year, the last 12 months up to this one, the last whole year, the last whole decade, and any date."""
    year = today.year
    decade = (year // 10 - 1) * 10
    before = date(year - 1, today.month + 1, 1) if today.month < 12 else date(year, 1, 1)
    return (
        Period(translate("Import", "This year"), f"{year}-01", f"{year}-12"),
        Period(translate("Import", "Last 12 months"), f"{before:%Y-%m}", f"{today:%Y-%m}"),
        Period(str(year - 1), f"{year - 1}-01", f"{year - 1}-12"),
        Period(translate("Import", "{0}s").format(decade), f"{decade}-01", f"{decade + 9}-12"),
        Period(translate("Import", "Any date"), "", ""),
    )


def widen(text: str | None, *, end: bool) -> str:
    """A month or year of a request as a month: "2024" is 2024-01, or 2024-12 as an end; "" for none."""
    if not text:
        return ""
    parts = text.split("-")
    month = int(parts[1]) if len(parts) > 1 else 12 if end else 1
    return f"{int(parts[0]):04}-{month:02}"
