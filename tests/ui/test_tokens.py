"""The token table: contrast as the design language states it, and no colour anywhere else."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.ui.tokens import THEMES, Accent, Theme

UI = Path(__file__).parents[2] / "gdvg_desktop" / "ui"
TEXT, GRAPHIC = 4.5, 3.0
GROUNDS = (
    *("bg_window", "bg_bar", "bg_surface", "bg_dock_title", "card_top", "card_bottom"),
    *("bg_sunken", "bg_raised", "bg_popup"),
)


def _channel(value: float) -> float:
    return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4


def _luminance(color: QColor) -> float:
    red, green, blue = (_channel(value) for value in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _over(under: QColor, over: QColor) -> QColor:
    share = over.alphaF()
    pairs = ((under.redF(), over.redF()), (under.greenF(), over.greenF()), (under.blueF(), over.blueF()))
    return QColor.fromRgbF(*(low + (high - low) * share for low, high in pairs))


def contrast(one: QColor, other: QColor) -> float:
    """The WCAG contrast ratio of two opaque colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _too_faint(theme: Theme, inks: tuple[str, ...], grounds: tuple[str, ...], least: float) -> list[str]:
    found = []
    for ink in inks:
        for ground in grounds:
            ratio = contrast(theme.color(ink), theme.color(ground))
            if ratio < least:
                found.append(f"{ink} on {ground}: {ratio:.2f}")
    return found


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_reaches_4_5_on_every_ground(theme: Theme) -> None:
    assert _too_faint(theme, ("text_primary", "text_body", "text_secondary"), GROUNDS, TEXT) == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_coloured_text_reaches_4_5_up_to_raised_and_on_its_own_badge(theme: Theme) -> None:
    inks = tuple(f"text_{accent.value}" for accent in Accent)
    faint = _too_faint(theme, inks, ("bg_window", "bg_surface", "card_top", "card_bottom", "bg_popup"), TEXT)
    for accent in Accent:
        faint += _too_faint(theme, (f"text_{accent.value}",), (f"badge_{accent.value}",), TEXT)
    assert faint == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_stays_readable_on_selected_and_hovered_rows(theme: Theme) -> None:
    for veil in ("selection", "hover", "pressed"):
        ground = _over(theme.color("bg_surface"), theme.color(veil))
        for ink in ("text_primary", "text_body", "text_secondary"):
            assert contrast(theme.color(ink), ground) >= TEXT, (veil, ink)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_filled_buttons_and_counts_are_readable_in_every_state(theme: Theme) -> None:
    faint = _too_faint(theme, ("primary_text",), ("primary", "primary_hover", "primary_pressed"), TEXT)
    faint += _too_faint(theme, ("danger_text",), ("danger",), TEXT)
    faint += _too_faint(theme, ("count_text",), ("count_bg",), TEXT)
    faint += _too_faint(theme, ("text_primary",), ("bg_raised", "bg_raised_hover", "bg_raised_pressed"), TEXT)
    assert faint == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_controls_focus_rings_and_chart_series_reach_3(theme: Theme) -> None:
    faint = _too_faint(theme, ("border_control", "focus"), ("bg_window", "bg_surface", "bg_sunken"), GRAPHIC)
    fills = tuple(f"fill_{accent.value}" for accent in Accent)
    faint += _too_faint(theme, fills, ("bg_surface", "bg_sunken", "card_top"), GRAPHIC)
    ring = "focus_gap" if theme.color("focus_gap").alpha() else "primary"
    faint += _too_faint(theme, ("focus_on_primary",), (ring,), GRAPHIC)
    assert faint == []


def test_seed_values_are_unchanged() -> None:
    dark = THEMES["dark"]
    seeds = {
        "bg_window": "#0f172a",
        "bg_popup": "#1e293b",
        "bg_raised_hover": "#334155",
        "text_primary": "#f8fafc",
        "text_secondary": "#94a3b8",
        "fill_blue": "#3b82f6",
        "fill_green": "#22c55e",
        "fill_amber": "#f59e0b",
        "fill_red": "#ef4444",
        "fill_purple": "#a855f7",
    }
    assert {token: getattr(dark, token) for token in seeds} == seeds


def test_no_colour_is_written_outside_the_token_table() -> None:
    literal = re.compile(
        r"""["']\#[0-9a-fA-F]{3,8}["'] | rgba?\(\s*\d | GlobalColor\.(?!transparent) | QColor\(\s*["'\d]""", re.VERBOSE
    )
    files = [path for path in UI.rglob("*.py") if path.name != "tokens.py"]
    assert len(files) > 20
    found = [
        f"{path.relative_to(UI)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if literal.search(line)
    ]
    assert found == []
    sheet = resource_path("themes", "app.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\s*\{)|rgba?\(", sheet) == []
