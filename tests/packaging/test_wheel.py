"""The built wheel, installed in an environment far from this checkout, holds everything and works."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
UV = [sys.executable, "-m", "uv", "--quiet", "--offline"]

LOOK_AROUND = """
import sys
import gdvg_desktop
from gdvg_desktop.core.resources import resource_path
from PySide6.QtCore import QTranslator

package, language = sys.argv[1:]
assert gdvg_desktop.__file__.startswith(package), gdvg_desktop.__file__
assert resource_path("icons", "play.svg").read_text().startswith("<")
assert resource_path("fonts", "Inter-Regular.otf").stat().st_size > 100_000
assert QTranslator().load(str(resource_path("translations", language + ".qm")))
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source archive as an index would offer it."""
    out = tmp_path_factory.mktemp("dist")
    run(*UV, "build", "--no-build-isolation", "--out-dir", out, CHECKOUT)
    assert list(out.glob("gdvg_desktop-*.tar.gz"))
    return next(out.glob("gdvg_desktop-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the scripts of a fresh environment with the wheel; its dependencies are borrowed from ours."""
    venv = tmp_path_factory.mktemp("elsewhere") / "venv"
    run(*UV, "venv", "--python", sys.executable, venv)
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    run(*UV, "pip", "install", "--python", scripts / "python", "--no-deps", wheel)
    packages = run(scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # Only the folder itself is added: the .pth file in it that leads to this checkout is not read from there.
    Path(packages, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return scripts


def test_the_wheel_holds_every_resource_and_translation_and_no_test(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    resources = {
        f"gdvg_desktop/_resources/{path.relative_to(CHECKOUT / 'resources').as_posix()}"
        for path in (CHECKOUT / "resources").rglob("*")
        if path.is_file()
    }
    translations = {
        f"gdvg_desktop/_resources/translations/{path.stem}.qm" for path in CHECKOUT.glob("translations/*.ts")
    }
    assert resources and translations
    assert resources | translations <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"gdvg_desktop"}


def test_an_installed_wheel_finds_its_resources_and_translations(installed: Path, tmp_path: Path) -> None:
    for source in CHECKOUT.glob("translations/*.ts"):
        run(installed / "python", "-c", LOOK_AROUND, installed.parent, source.stem, cwd=tmp_path)


def test_an_installed_wheel_opens_a_library(installed: Path, tmp_path: Path) -> None:
    export = ("titles", "export", "--format", "jsonl", "--output", "-")
    assert run(installed / "gdvg", "--data-dir", tmp_path / "data", *export, cwd=tmp_path) == ""
    assert (tmp_path / "data" / "library.db").is_file()


def test_both_programs_are_installed(installed: Path) -> None:
    assert {path.stem for path in installed.glob("gdvg*")} == {"gdvg", "gdvg-desktop"}
