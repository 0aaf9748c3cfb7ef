"""Applies a token table to the application: palette, fonts and style sheet, and follows the system's choice.

The theme travels with the QApplication as its palette and style sheet do, so that any widget can read it while it
paints (`theme_of`). A widget that keeps something derived from the theme renews it in `changeEvent` on
`QEvent.Type.StyleChange`. Colours themselves live in `ui.tokens`.
"""

from dataclasses import replace
from functools import lru_cache
from string import Template

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.ui.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, TYPE, Accent, Role, Theme

FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")
SANS = "Inter"
MONO = "JetBrains Mono"
SYSTEM = "system"
MIN_TEXT_SCALE, MAX_TEXT_SCALE = 1.0, 2.0
_in_force: Theme = DARK


def theme_of(_widget: QObject | None = None) -> Theme:
    """The theme in force; the dark one before any was applied."""
    return _in_force  # not a property of the application: it is asked for a thousand times a second


def load_fonts() -> None:
    """Register the shipped fonts once. A file that cannot be read is left out: the system's fonts step in."""
    if QFontDatabase.applicationFontFamilies(0):
        return
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource_path("fonts", name)))


def font(theme: Theme, role: Role, *, weight: int | None = None) -> QFont:
    """The font of a type role at the theme's text scale, with tabular figures."""
    return QFont(_font(theme.text_scale, role, weight))


@lru_cache(maxsize=128)
def _font(scale: float, role: Role, weight: int | None) -> QFont:
    kind = TYPE[role]
    result = _mono_font() if kind.mono else _sans_font()
    result.setPixelSize(round(kind.size * scale))
    result.setWeight(QFont.Weight(weight or kind.weight))
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def _sans_font() -> QFont:
    return QFont([SANS, *QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).families()])


def _mono_font() -> QFont:
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    result = QFont([MONO, *fixed.families()])
    result.setFixedPitch(True)
    return result


def set_role(widget: QWidget, role: Role, *, accent: Accent | None = None) -> None:
    """Give a label its type role; with `accent` its text takes that colour instead of the role's own."""
    widget.setProperty("role", role.value)
    widget.setProperty("accent", accent.value if accent else "")
    repolish(widget)


def repolish(widget: QWidget) -> None:
    """Make the style sheet look at the widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def palette(theme: Theme) -> QPalette:
    """The Fusion palette of a theme."""
    result = QPalette()
    p = QPalette.ColorRole
    colours = {
        p.Window: "bg_window",
        p.WindowText: "text_body",
        p.Base: "bg_sunken",
        p.AlternateBase: "bg_surface",
        p.Text: "text_body",
        p.Button: "bg_raised",
        p.ButtonText: "text_primary",
        p.BrightText: "text_red",
        p.ToolTipBase: "bg_popup",
        p.ToolTipText: "text_body",
        p.PlaceholderText: "text_secondary",
        p.Highlight: "primary",
        p.HighlightedText: "primary_text",
        p.Accent: "primary",
        p.Link: "text_blue",
        p.LinkVisited: "text_purple",
        p.Light: "bg_raised_hover",
        p.Midlight: "bg_raised",
        p.Mid: "bg_dock_title",
        p.Dark: "bg_sunken",
        p.Shadow: "shadow_raised",
    }
    for role, token in colours.items():
        result.setColor(role, theme.color(token))
    for role in (p.WindowText, p.Text, p.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, theme.color("text_disabled"))
    return result


def style_sheet(theme: Theme) -> str:
    """`resources/themes/app.qss` with tokens filled in: `$name` for colours, `$px_N` for scaled sizes."""
    values = {name: _css(QColor(value)) for name, value in theme.colours().items()}
    values |= {f"px_{n}": f"{theme.px(n)}px" for n in range(8, 57)}
    values |= {"sans": SANS, "mono": MONO}
    template = resource_path("themes", "app.qss").read_text(encoding="utf-8")
    return Template(template).substitute(values) + _role_rules(theme)


def _css(color: QColor) -> str:
    if color.alpha() == 255:
        return color.name()
    return f"rgba({color.red()}, {color.green()}, {color.blue()}, {color.alpha()})"


_ROLE_COLOUR = {
    Role.BODY: "text_body",
    Role.LOG: "text_body",
    Role.QUIET: "text_secondary",
    Role.HINT: "text_secondary",
    Role.AXIS: "text_secondary",
}


def _role_rules(theme: Theme) -> str:
    rules = []
    for role, kind in TYPE.items():
        colour = _css(theme.color(_ROLE_COLOUR.get(role, "text_primary")))
        family = f"font-family: '{MONO}';" if kind.mono else ""
        rules.append(
            f'*[role="{role.value}"] {{ font-size: {theme.px(kind.size)}px; font-weight: {kind.weight}; '
            f"min-height: {theme.px(kind.line)}px; color: {colour}; {family} }}"
        )
    for accent in Accent:
        rules.append(f'*[role][accent="{accent.value}"] {{ color: {_css(theme.accent_text(accent))}; }}')
    rules.append(f"*[role]:disabled {{ color: {_css(theme.color('text_disabled'))}; }}")
    return "\n".join(rules)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Make `theme` the look of the application. Call it before the first window and again on every change."""
    load_fonts()
    if app.style().objectName().lower() != "fusion" and not app.styleSheet():
        app.setStyle("Fusion")
    global _in_force
    _in_force = theme
    app.setFont(font(theme, Role.BODY))
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def system_theme(app: QApplication) -> Theme:
    """The theme the operating system asks for: high contrast, light, or dark (also when it says nothing)."""
    hints = app.styleHints()
    accessibility = hints.accessibility()
    if accessibility is not None and accessibility.contrastPreference() == Qt.ContrastPreference.HighContrast:
        return HIGH_CONTRAST
    return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK


class ThemeFollower(QObject):
    """Keeps the application in the chosen theme, and with the operating system while the choice is "system"."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice = SYSTEM
        self._text_scale = MIN_TEXT_SCALE
        self._motion = True
        app.styleHints().colorSchemeChanged.connect(self.refresh)
        accessibility = app.styleHints().accessibility()
        if accessibility is not None:
            accessibility.contrastPreferenceChanged.connect(self.refresh)

    def choose(self, choice: str = SYSTEM, *, text_scale: float = MIN_TEXT_SCALE, motion: bool = True) -> None:
        """`choice` is "system" or a key of `tokens.THEMES`; `text_scale` runs from 1.0 to 2.0."""
        if choice != SYSTEM and choice not in THEMES:
            raise ValueError(f"unknown theme {choice!r}")
        self._choice = choice
        self._text_scale = min(max(text_scale, MIN_TEXT_SCALE), MAX_TEXT_SCALE)
        self._motion = motion
        self.refresh()

    def refresh(self) -> None:
        """Apply the theme the choice leads to, if it is not in force already."""
        base = system_theme(self._app) if self._choice == SYSTEM else THEMES[self._choice]
        theme = replace(base, text_scale=self._text_scale, motion=self._motion)
        if theme != theme_of() or not self._app.styleSheet():
            apply_theme(self._app, theme)
