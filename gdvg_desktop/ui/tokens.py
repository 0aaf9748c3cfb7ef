"""The token table: every colour of the window, for the dark, light and high-contrast theme.

This is the only file with colour literals. The palette, the style sheet, painted widgets and charts all read a `Theme`;
`ui.theme` applies one to the application. Text scale and motion are part of a theme too, because whoever paints needs
them at the same moment.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtGui import QColor


class Accent(StrEnum):
    """One meaning each, always beside an icon or a word.

    Blue: running, chosen, movies. Green: complete, healthy. Amber: paused, limited, needs a look. Red: failed.
    Purple: TV, popularity, review. Slate: pending, updated, neutral.
    """

    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    PURPLE = "purple"
    SLATE = "slate"


class Role(StrEnum):
    """The type roles. See `TYPE` for their size, line height and weight."""

    STAT = "stat"
    TILE = "tile"
    NUMBER = "number"
    TITLE = "title"
    SECTION = "section"
    ROW_TITLE = "row-title"
    BODY = "body"
    QUIET = "quiet"
    STRONG = "strong"
    HINT = "hint"
    HINT_STRONG = "hint-strong"
    BADGE = "badge"
    AXIS = "axis"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Type:
    """Size and line height in logical pixels at text scale 1, weight, and whether the fixed-width font is used."""

    size: int
    line: int
    weight: int
    mono: bool = False


TYPE = {
    Role.STAT: Type(28, 36, 600),
    Role.TILE: Type(24, 32, 600),
    Role.NUMBER: Type(20, 24, 600),
    Role.TITLE: Type(20, 28, 600),
    Role.SECTION: Type(16, 24, 600),
    Role.ROW_TITLE: Type(14, 20, 600),
    Role.BODY: Type(13, 20, 400),
    Role.QUIET: Type(13, 20, 400),
    Role.STRONG: Type(13, 20, 600),
    Role.HINT: Type(12, 16, 400),
    Role.HINT_STRONG: Type(12, 16, 500),
    Role.BADGE: Type(11, 16, 600),
    Role.AXIS: Type(11, 16, 400),
    Role.LOG: Type(12, 20, 400, mono=True),
}


def _mix(under: str, over: str, share: float) -> str:
    """`over` laid at `share` opacity on an opaque `under`, as an opaque colour."""
    low, high = QColor(under), QColor(over)

    def at(start: int, end: int) -> int:
        return round(start + (end - start) * share)

    return QColor(at(low.red(), high.red()), at(low.green(), high.green()), at(low.blue(), high.blue())).name()


def _alpha(colour: str, opacity: float) -> str:
    """`#AARRGGBB` of a colour at an opacity from 0 to 1."""
    value = QColor(colour)
    value.setAlphaF(opacity)
    return value.name(QColor.NameFormat.HexArgb)


@dataclass(frozen=True, slots=True)
class Theme:
    """One complete set of tokens. Colours are `#RRGGBB` or `#AARRGGBB`; use `color()` for a QColor.

    `text_scale` multiplies every type size (1.0 to 2.0); `motion` is False when durations must be 0.
    """

    name: str
    dark: bool

    bg_window: str
    bg_bar: str
    bg_surface: str
    bg_dock_title: str
    card_top: str
    card_bottom: str
    bg_sunken: str
    bg_raised: str
    bg_raised_hover: str
    bg_raised_pressed: str
    bg_popup: str
    bg_chip: str
    count_bg: str
    count_text: str

    border_subtle: str
    border_strong: str
    border_control: str
    border_popup: str

    text_primary: str
    text_secondary: str
    text_body: str
    text_disabled: str

    fill_blue: str
    fill_green: str
    fill_amber: str
    fill_red: str
    fill_purple: str
    fill_slate: str

    text_blue: str
    text_green: str
    text_amber: str
    text_red: str
    text_purple: str
    text_slate: str

    badge_blue: str
    badge_green: str
    badge_amber: str
    badge_red: str
    badge_purple: str
    badge_slate: str
    badge_border_blue: str
    badge_border_green: str
    badge_border_amber: str
    badge_border_red: str
    badge_border_purple: str
    badge_border_slate: str

    primary: str
    primary_hover: str
    primary_pressed: str
    primary_text: str
    primary_key_border: str
    danger: str
    danger_text: str
    switch_knob_off: str

    hover: str
    pressed: str
    selection: str
    selection_flat: str
    tint_blue: str
    focus: str
    focus_on_primary: str
    focus_gap: str
    track: str
    grid: str
    heat_0: str
    heat_1: str
    heat_2: str
    heat_3: str
    heat_4: str
    heat_5: str
    shadow_card: str
    shadow_raised: str

    app_tile: str = "#2563eb"
    app_mark: str = "#ffffff"
    tray_alert_mark: str = "#0b1120"
    text_scale: float = 1.0
    motion: bool = True

    def color(self, token: str) -> QColor:
        """The colour of a token by name, for example `color("border_subtle")`."""
        return QColor(getattr(self, token))

    def fill(self, accent: Accent) -> QColor:
        """The accent for bars, dots and chart series."""
        return self.color(f"fill_{accent.value}")

    def accent_text(self, accent: Accent) -> QColor:
        """The accent for coloured text and icons."""
        return self.color(f"text_{accent.value}")

    def badge(self, accent: Accent) -> QColor:
        """The opaque fill of badges and tinted boxes."""
        return self.color(f"badge_{accent.value}")

    def heat(self, level: int) -> QColor:
        """The colour of a heat map's bin, 0 (next to nothing missing) to 5 (all missing)."""
        return self.color(f"heat_{level}")

    def badge_border(self, accent: Accent) -> QColor:
        """The 1 px border of badges and tinted boxes."""
        return self.color(f"badge_border_{accent.value}")

    def px(self, size: int) -> int:
        """A type size, or a height that holds text, at this theme's text scale."""
        return round(size * self.text_scale)

    def ms(self, duration: int) -> int:
        """An animation duration: 0 when motion is reduced."""
        return duration if self.motion else 0

    def colours(self) -> dict[str, str]:
        """All colour tokens by name."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, str) and name != "name"}


_SLATE_400 = "#94a3b8"
_DARK_TEXT = {
    "blue": "#60a5fa",
    "green": "#4ade80",
    "amber": "#fbbf24",
    "red": "#f87171",
    "purple": "#c084fc",
}

DARK = Theme(
    name="dark",
    dark=True,
    bg_window="#0f172a",
    bg_bar="#111b2f",
    bg_surface="#172135",
    bg_dock_title="#1a2539",
    card_top="#1c273b",
    card_bottom="#18223a",
    bg_sunken="#0b1220",
    bg_raised="#263449",
    bg_raised_hover="#334155",
    bg_raised_pressed="#3d4c63",
    bg_popup="#1e293b",
    bg_chip="#1e293b",
    count_bg="#334155",
    count_text="#e2e8f0",
    border_subtle=_alpha(_SLATE_400, 0.16),
    border_strong=_alpha(_SLATE_400, 0.28),
    border_control="#64748b",
    border_popup=_mix("#1e293b", _SLATE_400, 0.28),
    text_primary="#f8fafc",
    text_secondary=_SLATE_400,
    text_body="#e2e8f0",
    text_disabled="#64748b",
    fill_blue="#3b82f6",
    fill_green="#22c55e",
    fill_amber="#f59e0b",
    fill_red="#ef4444",
    fill_purple="#a855f7",
    fill_slate="#64748b",
    text_blue=_DARK_TEXT["blue"],
    text_green=_DARK_TEXT["green"],
    text_amber=_DARK_TEXT["amber"],
    text_red=_DARK_TEXT["red"],
    text_purple=_DARK_TEXT["purple"],
    text_slate="#e2e8f0",
    badge_blue="#1d3154",
    badge_green="#193b3c",
    badge_amber="#3b352e",
    badge_red="#3a2737",
    badge_purple="#2e2954",
    badge_slate="#253144",
    badge_border_blue=_mix("#1d3154", "#3b82f6", 0.4),
    badge_border_green=_mix("#193b3c", "#22c55e", 0.4),
    badge_border_amber=_mix("#3b352e", "#f59e0b", 0.4),
    badge_border_red=_mix("#3a2737", "#ef4444", 0.4),
    badge_border_purple=_mix("#2e2954", "#a855f7", 0.4),
    badge_border_slate=_mix("#253144", _SLATE_400, 0.28),
    primary="#2563eb",
    primary_hover="#1d4ed8",
    primary_pressed="#1e40af",
    primary_text="#ffffff",
    primary_key_border=_alpha("#ffffff", 0.55),
    danger="#dc2626",
    danger_text="#ffffff",
    switch_knob_off=_SLATE_400,
    hover=_alpha(_SLATE_400, 0.10),
    pressed=_alpha(_SLATE_400, 0.18),
    selection=_alpha("#3b82f6", 0.20),
    selection_flat="#1e345c",
    tint_blue="#192b4d",
    focus="#60a5fa",
    focus_on_primary="#bfdbfe",
    focus_gap=_alpha("#000000", 0.0),
    track="#26344a",
    grid=_alpha(_SLATE_400, 0.14),
    heat_0="#1f2d47",
    heat_1="#3d3a3b",
    heat_2="#6b4d26",
    heat_3="#a06415",
    heat_4="#dd8d0a",
    heat_5="#fcd34d",
    shadow_card=_alpha("#000000", 0.30),
    shadow_raised=_alpha("#000000", 0.40),
)

LIGHT = Theme(
    name="light",
    dark=False,
    bg_window="#e9eef5",
    bg_bar="#f8fafc",
    bg_surface="#f8fafc",
    bg_dock_title="#f1f5f9",
    card_top="#ffffff",
    card_bottom="#fbfcfe",
    bg_sunken="#ffffff",
    bg_raised="#eef2f7",
    bg_raised_hover="#e2e8f0",
    bg_raised_pressed="#d5dde8",
    bg_popup="#ffffff",
    bg_chip="#eef2f7",
    count_bg="#d5dde8",
    count_text="#1e293b",
    border_subtle="#d5dde8",
    border_strong="#b8c4d4",
    border_control="#64748b",
    border_popup="#b8c4d4",
    text_primary="#0f172a",
    text_secondary="#475569",
    text_body="#1e293b",
    text_disabled=_SLATE_400,
    fill_blue="#2563eb",
    fill_green="#16a34a",
    fill_amber="#d97706",
    fill_red="#dc2626",
    fill_purple="#9333ea",
    fill_slate="#64748b",
    text_blue="#1d4ed8",
    text_green="#166534",
    text_amber="#92400e",
    text_red="#b91c1c",
    text_purple="#7e22ce",
    text_slate="#1e293b",
    badge_blue="#dbeafe",
    badge_green="#dcfce7",
    badge_amber="#fef3c7",
    badge_red="#fee2e2",
    badge_purple="#f3e8ff",
    badge_slate="#e9eef5",
    badge_border_blue=_mix("#dbeafe", "#2563eb", 0.4),
    badge_border_green=_mix("#dcfce7", "#16a34a", 0.4),
    badge_border_amber=_mix("#fef3c7", "#f59e0b", 0.5),
    badge_border_red=_mix("#fee2e2", "#dc2626", 0.4),
    badge_border_purple=_mix("#f3e8ff", "#9333ea", 0.4),
    badge_border_slate="#b8c4d4",
    primary="#2563eb",
    primary_hover="#1d4ed8",
    primary_pressed="#1e40af",
    primary_text="#ffffff",
    primary_key_border=_alpha("#ffffff", 0.55),
    danger="#dc2626",
    danger_text="#ffffff",
    switch_knob_off="#64748b",
    hover=_alpha("#0f172a", 0.05),
    pressed=_alpha("#0f172a", 0.10),
    selection=_alpha("#2563eb", 0.12),
    selection_flat="#dde7fa",
    tint_blue="#eaf1fd",
    focus="#2563eb",
    focus_on_primary="#0f172a",
    focus_gap=_alpha("#000000", 0.0),
    track="#dbe3ec",
    grid=_alpha(_SLATE_400, 0.28),
    heat_0="#e2e8f0",
    heat_1="#f3e3c0",
    heat_2="#f6cf86",
    heat_3="#eba53a",
    heat_4="#c2700b",
    heat_5="#7c3a06",
    shadow_card=_alpha("#0f172a", 0.14),
    shadow_raised=_alpha("#0f172a", 0.22),
)

HIGH_CONTRAST = Theme(
    name="contrast",
    dark=True,
    bg_window="#000000",
    bg_bar="#000000",
    bg_surface="#000000",
    bg_dock_title="#111111",
    card_top="#000000",
    card_bottom="#000000",
    bg_sunken="#000000",
    bg_raised="#191a1a",
    bg_raised_hover="#333333",
    bg_raised_pressed="#4a4a4a",
    bg_popup="#000000",
    bg_chip="#000000",
    count_bg="#333333",
    count_text="#ffffff",
    border_subtle="#8b98a9",
    border_strong="#cbd5e1",
    border_control="#ffffff",
    border_popup="#ffffff",
    text_primary="#ffffff",
    text_secondary="#d4dbe4",
    text_body="#ffffff",
    text_disabled="#8b98a9",
    fill_blue="#60a5fa",
    fill_green="#4ade80",
    fill_amber="#fbbf24",
    fill_red="#f87171",
    fill_purple="#d8b4fe",
    fill_slate="#cbd5e1",
    text_blue="#93c5fd",
    text_green="#86efac",
    text_amber="#fde047",
    text_red="#fca5a5",
    text_purple="#e9d5ff",
    text_slate="#ffffff",
    badge_blue="#000000",
    badge_green="#000000",
    badge_amber="#000000",
    badge_red="#000000",
    badge_purple="#000000",
    badge_slate="#000000",
    badge_border_blue="#60a5fa",
    badge_border_green="#4ade80",
    badge_border_amber="#fbbf24",
    badge_border_red="#f87171",
    badge_border_purple="#d8b4fe",
    badge_border_slate="#cbd5e1",
    primary="#ffffff",
    primary_hover="#e2e8f0",
    primary_pressed="#cbd5e1",
    primary_text="#000000",
    primary_key_border=_alpha("#000000", 0.0),
    danger="#fca5a5",
    danger_text="#000000",
    switch_knob_off="#ffffff",
    hover=_alpha("#ffffff", 0.16),
    pressed=_alpha("#ffffff", 0.26),
    selection=_alpha("#60a5fa", 0.40),
    selection_flat="#264264",
    tint_blue="#000000",
    focus="#fde047",
    focus_on_primary="#fde047",
    focus_gap="#000000",
    track="#3f4a5a",
    grid="#3f4a5a",
    heat_0="#22304a",
    heat_1="#4d483f",
    heat_2="#7d5a24",
    heat_3="#b57312",
    heat_4="#f0a010",
    heat_5="#fde68a",
    shadow_card=_alpha("#000000", 0.0),
    shadow_raised=_alpha("#000000", 0.0),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, HIGH_CONTRAST)}
