"""Applying a theme: palette, style sheet, fonts, following the operating system, text scale."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QPalette, QRawFont
from PySide6.QtWidgets import QApplication, QLabel

from gdvg_desktop.ui.theme import ThemeFollower, apply_theme, font, set_role, style_sheet, system_theme, theme_of
from gdvg_desktop.ui.tokens import DARK, LIGHT, THEMES, TYPE, Accent, Role

pytestmark = pytest.mark.usefixtures("themed")


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_applying_a_theme_sets_palette_and_style(qapp: QApplication, theme) -> None:
    apply_theme(qapp, theme)
    assert theme_of() is theme
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.color("bg_window")
    assert "$" not in style_sheet(theme)


def test_shipped_fonts_are_used_with_tabular_figures() -> None:
    for weight, style in ((400, "Regular"), (500, "Medium"), (600, "Semi Bold")):
        raw = QRawFont.fromFont(font(DARK, Role.BODY, weight=weight))
        assert (raw.familyName(), raw.styleName()) == ("Inter", style)
    assert QRawFont.fromFont(font(DARK, Role.LOG)).familyName() == "JetBrains Mono"
    metrics = QFontMetricsF(font(DARK, Role.STAT))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sets_size_and_weight_of_a_label(qtbot, role: Role) -> None:
    label = QLabel("1")
    qtbot.addWidget(label)
    set_role(label, role)
    assert (label.font().pixelSize(), label.font().weight()) == (TYPE[role].size, TYPE[role].weight)


def test_an_accent_colours_a_label(qtbot) -> None:
    label = QLabel("12")
    qtbot.addWidget(label)
    set_role(label, Role.NUMBER, accent=Accent.RED)
    assert label.palette().color(QPalette.ColorRole.WindowText) == DARK.accent_text(Accent.RED)


def test_text_scale_reaches_labels_that_exist_already(qapp: QApplication, qtbot) -> None:
    label = QLabel("1")
    qtbot.addWidget(label)
    set_role(label, Role.STAT)
    label.ensurePolished()
    apply_theme(qapp, replace(DARK, text_scale=1.5))
    label.ensurePolished()
    assert label.font().pixelSize() == 42
    assert label.sizeHint().height() >= 54


def test_without_a_choice_the_operating_system_decides(qapp: QApplication, monkeypatch) -> None:
    follower = ThemeFollower(qapp)
    hints = type(qapp.styleHints())
    monkeypatch.setattr(hints, "colorScheme", lambda _self: Qt.ColorScheme.Light)
    follower.choose("system", motion=False)
    assert theme_of().name == "light"
    monkeypatch.setattr(hints, "colorScheme", lambda _self: Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme_of().name == "dark"


def test_a_choice_wins_over_the_operating_system(qapp: QApplication, monkeypatch) -> None:
    follower = ThemeFollower(qapp)
    monkeypatch.setattr(type(qapp.styleHints()), "colorScheme", lambda _self: Qt.ColorScheme.Dark)
    follower.choose("light", text_scale=9.0, motion=False)
    assert (theme_of().name, theme_of().text_scale, theme_of().motion) == ("light", 2.0, False)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme_of().name == "light"
    with pytest.raises(ValueError, match="sepia"):
        follower.choose("sepia")


def test_high_contrast_of_the_system_is_taken_up(qapp: QApplication, monkeypatch) -> None:
    accessibility = type(qapp.styleHints().accessibility())
    monkeypatch.setattr(accessibility, "contrastPreference", lambda _self: Qt.ContrastPreference.HighContrast)
    assert system_theme(qapp).name == "contrast"


def test_reduced_motion_makes_durations_zero() -> None:
    assert replace(LIGHT, motion=False).ms(160) == 0
    assert LIGHT.ms(160) == 160
