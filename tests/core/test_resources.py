"""Resources and translations in a checkout; `tests/packaging/test_wheel.py` looks at an installed wheel."""

from pathlib import Path

from gdvg_desktop.core.resources import resource_path

CHECKOUT = Path(__file__).parents[2]


def test_a_checkout_reads_the_folders_beside_the_package() -> None:
    assert resource_path("icons", "play.svg") == CHECKOUT / "resources" / "icons" / "play.svg"
    assert resource_path("icons", "play.svg").is_file()
    assert resource_path("translations", "gdvg_de.qm") == CHECKOUT / "translations" / "gdvg_de.qm"
