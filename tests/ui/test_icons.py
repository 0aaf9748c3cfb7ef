"""Icons: drawn in any colour, size and ratio, kept, and every name used in the code exists."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.ui import icons
from gdvg_desktop.ui.tokens import DARK, LIGHT

pytestmark = pytest.mark.usefixtures("themed")
UI = Path(__file__).parents[2] / "gdvg_desktop" / "ui"


def _colours(image) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_an_icon_is_drawn_in_the_colour_asked_for() -> None:
    color = DARK.color("text_blue")
    image = icons.pixmap("layers", 48, color).toImage()
    assert _colours(image) == {color.name()}


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_an_icon_has_as_many_pixels_as_the_screen(ratio: float) -> None:
    pixmap = icons.pixmap("search", 16, DARK.color("text_body"), ratio)
    assert pixmap.size() == QSize(round(16 * ratio), round(16 * ratio))
    assert pixmap.devicePixelRatio() == ratio


def test_a_drawn_icon_is_kept_and_told_apart_by_colour() -> None:
    first = icons.pixmap("search", 16, DARK.color("text_body"))
    assert icons.pixmap("search", 16, DARK.color("text_body")).cacheKey() == first.cacheKey()
    assert icons.pixmap("search", 16, DARK.color("text_red")).cacheKey() != first.cacheKey()


def test_a_menu_icon_is_grey_when_disabled() -> None:
    icon = icons.icon(LIGHT, "layers", size=48)
    image = icon.pixmap(QSize(48, 48), 1.0, QIcon.Mode.Disabled).toImage()
    assert _colours(image) == {QColor(LIGHT.text_disabled).name()}


def test_the_app_icon_has_every_usual_size() -> None:
    sizes = {size.width() for size in icons.app_icon(DARK).availableSizes()}
    assert sizes >= {16, 32, 48, 256}


def test_every_icon_named_in_the_code_is_shipped() -> None:
    shipped = {path.stem for path in resource_path("icons").glob("*.svg")}
    code = "\n".join(path.read_text(encoding="utf-8") for path in UI.rglob("*.py"))
    named = set(re.findall(r"""icon=["']([a-z0-9-]+)["']""", code))
    assert named
    assert named - shipped == set()


def test_the_licences_travel_with_icons_and_fonts() -> None:
    assert "ISC License" in resource_path("icons", "LICENSE-lucide.txt").read_text(encoding="utf-8")
    for name in ("Inter-OFL.txt", "JetBrainsMono-OFL.txt"):
        assert "SIL OPEN FONT LICENSE" in resource_path("fonts", name).read_text(encoding="utf-8").upper()
