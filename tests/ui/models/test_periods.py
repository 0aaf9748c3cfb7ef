"""Quick periods are reckoned from the day given; years become months."""

from datetime import date

import pytest

from gdvg_desktop.ui.models.periods import quick_periods, widen


def test_the_quick_periods_of_a_day() -> None:
    found = [(one.name, one.date_from, one.date_to) for one in quick_periods(date(2025, 3, 14))]
    assert found == [
        ("This year", "2025-01", "2025-12"),
        ("Last 12 months", "2024-04", "2025-03"),
        ("2024", "2024-01", "2024-12"),
        ("2010s", "2010-01", "2019-12"),
        ("Any date", "", ""),
    ]


def test_twelve_months_up_to_december_are_the_year() -> None:
    period = quick_periods(date(2024, 12, 31))[1]
    assert (period.date_from, period.date_to) == ("2024-01", "2024-12")


@pytest.mark.parametrize(
    ("text", "end", "month"),
    [(None, False, ""), ("2024", False, "2024-01"), ("2024", True, "2024-12"), ("2024-5", True, "2024-05")],
)
def test_a_year_is_widened_to_its_first_or_last_month(text: str | None, end: bool, month: str) -> None:
    assert widen(text, end=end) == month
