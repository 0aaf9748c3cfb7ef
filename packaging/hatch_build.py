"""Build hook: puts `resources/` and the compiled translations into the wheel as `gdvg_desktop/_resources/`.

Translations are compiled with the lrelease of PySide6-Essentials, beside their source
(`translations/gdvg_de.qm`, ignored by git), so that an editable install finds them too. Where they are looked
up is `core/resources.py`.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LRELEASE = [sys.executable, "-c", "from PySide6.scripts.pyside_tool import lrelease; lrelease()"]
PACKED = "gdvg_desktop/_resources"


class ResourcesHook(BuildHookInterface[Any]):
    """Runs before hatchling collects the files of a wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every translation; for a real wheel (`version` is not "editable"), add everything to it."""
        root = Path(self.root)
        compiled = [compile_translation(source) for source in sorted(root.glob("translations/*.ts"))]
        if version == "editable":
            return
        included = build_data["force_include"]
        included[str(root / "resources")] = PACKED
        for path in compiled:
            included[str(path)] = f"{PACKED}/translations/{path.name}"


def compile_translation(source: Path) -> Path:
    """Compile one `.ts` file to the `.qm` beside it. Raises RuntimeError with lrelease's own words."""
    target = source.with_suffix(".qm")
    done = subprocess.run([*LRELEASE, str(source), "-qm", str(target)], capture_output=True, text=True)
    if done.returncode != 0 or not target.exists():
        raise RuntimeError(f"lrelease could not compile {source.name}:\n{done.stdout}{done.stderr}")
    return target
