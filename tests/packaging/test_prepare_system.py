"""What `make` says about a machine that lacks packages, shown with a dpkg-query of the test's own."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no dpkg on Windows")


def section(name: str) -> list[str]:
    """The packages of one section of apt-ci.txt."""
    text = PACKAGING.joinpath("apt-ci.txt").read_text(encoding="utf-8")
    lines = text.partition(f"[{name}]\n")[2].partition("\n[")[0].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def prepare(
    tmp_path: Path, installed: list[str], *arguments: str, display: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the script where only `installed` are installed, and neither apt-get nor sudo exists."""
    answer = "".join(f"installed {name}\n" for name in installed) + "config-files removed-once\n"
    query = tmp_path / "dpkg-query"
    query.write_text(f"#!/bin/sh\nprintf '%s' '{answer}'\n")
    query.chmod(0o755)
    return subprocess.run(
        [sys.executable, PACKAGING / "prepare_system.py", *arguments],
        env={"PATH": str(tmp_path), "DISPLAY": display},
        capture_output=True,
        text=True,
    )


def test_missing_packages_are_named_in_one_line_to_copy(tmp_path: Path) -> None:
    wanted = [*section("app")[1:], *section("tests")]  # the Python running this brings its own venv
    done = prepare(tmp_path, ["libgl1"], "--tests")
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if "apt-get install" in line or "install -y" in line]
    assert line.strip().startswith("su -l -c '") and line.endswith("'")
    assert line.removesuffix("'").split("--no-install-recommends ")[1].split() == [
        name for name in wanted if name != "libgl1"
    ]


def test_a_machine_that_has_everything_hears_nothing(tmp_path: Path) -> None:
    done = prepare(tmp_path, section("app") + section("tests"), "--tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_library_renamed_for_64_bit_time_counts_as_installed(tmp_path: Path) -> None:
    installed = [name.replace("libglib2.0-0", "libglib2.0-0t64") for name in section("app")]
    assert prepare(tmp_path, installed).returncode == 0


def test_missing_test_packages_do_not_stop_the_tests(tmp_path: Path) -> None:
    done = prepare(tmp_path, section("app"), "--tests")
    assert done.returncode == 0
    assert "xvfb" in done.stderr and "libgl1" not in done.stderr
    assert prepare(tmp_path, section("app")).stderr == ""


def test_fonts_are_offered_only_where_there_is_a_screen(tmp_path: Path) -> None:
    assert prepare(tmp_path, section("app")).stderr == ""
    shown = prepare(tmp_path, section("app"), display=":1")
    assert shown.returncode == 0
    assert "fonts-noto-cjk" in shown.stderr and "libgl1" not in shown.stderr
