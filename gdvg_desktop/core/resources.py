"""Where icons, fonts, themes and compiled translations lie, in a checkout and in an installed wheel alike.

The build (`packaging/hatch_build.py`) copies `resources/` and the compiled `translations/*.qm` to
`gdvg_desktop/_resources/`. In a checkout that folder does not exist and the two folders beside the package
are read. What the files mean is left to those who open them.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PACKED = PACKAGE / "_resources"


def resource_path(*parts: str) -> Path:
    """The path of one resource, for example `resource_path("icons", "play.svg")`.

    Compiled translations are `resource_path("translations", "gdvg_de.qm")`. The file is not opened: one that
    does not exist fails where it is read, naming this path.
    """
    if PACKED.is_dir():
        return PACKED.joinpath(*parts)
    if parts and parts[0] == "translations":
        return PACKAGE.parent.joinpath(*parts)
    return PACKAGE.parent.joinpath("resources", *parts)
