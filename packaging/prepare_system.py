"""Checks what the machine itself must provide before the virtual environment is made: Python and Debian packages.

Run by `make` with the system's Python, so it uses the standard library only. Missing Debian packages
(`apt-ci.txt`) are installed when run by root and named in one line to copy otherwise. On systems without dpkg only
Python is checked.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).with_name("apt-ci.txt")
PYTHONS = ((3, 11), (3, 14))  # from, below; as requires-python in pyproject.toml says
WITHOUT = {
    "tests": "The tests run without a screen or a real keyring.",
    "fonts": "Some scripts may show as empty boxes.",
}
INSTALL = "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends"


def main() -> int:
    """Prepare for the window, and with `--tests` for the tests too; the exit code says whether `make` can go on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    with_tests = parser.parse_args().tests
    if not PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"This is Python {found}; Python 3.11, 3.12 or 3.13 is needed.", file=sys.stderr)
        print("Name one that is installed, for example: make demo PYTHON=python3.12", file=sys.stderr)
        return 1
    on_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    extra = "tests" if with_tests else "fonts" if on_screen else ""
    required, optional = missing("app"), missing(extra)
    if (required or optional) and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install(required + optional)
        required, optional = missing("app"), missing(extra)
    return report(required, optional, WITHOUT.get(extra, ""))


def missing(section: str) -> list[str]:
    """The packages of one section of `apt-ci.txt` that are not installed, in its order."""
    names, inside = [], False
    for line in PACKAGES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            inside = line == f"[{section}]"
        elif inside and line and not line.startswith("#"):
            names.append(line)
    if not shutil.which("dpkg-query"):
        return []
    installed = installed_packages(names)
    return [name for name in names if name not in installed]


def installed_packages(names: list[str]) -> set[str]:
    """Those of `names` that need no installing."""
    # Newer releases renamed some libraries to <name>t64 when time_t grew to 64 bits.
    asked = [variant for name in names for variant in (name, f"{name}t64")]
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n", *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it complains about every name it does not know
        text=True,
    ).stdout
    found = {line.split()[1].removesuffix("t64") for line in answer.splitlines() if line.startswith("installed ")}
    # A Python from elsewhere brings what python3-venv adds to Debian's.
    if importlib.util.find_spec("ensurepip"):
        found.add("python3-venv")
    return found


def install(names: list[str]) -> None:
    """Install with apt as root. Failures are apt's to explain; the caller looks at what is still missing."""
    print(f"Installing Debian packages: {' '.join(names)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # An update may fail for a source that has nothing to do with us.
    subprocess.run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "update", "-q"], env=environment, check=False)
    subprocess.run([*INSTALL.split(), "-q", *names], env=environment, check=False)


def report(required: list[str], optional: list[str], without: str) -> int:
    """Say what is missing and how to get it; 1 when nothing works without it."""
    if not required and not optional:
        return 0
    if required:
        print("Some packages are missing. Run this line, then the same make again:", file=sys.stderr)
    else:
        print(f"{without} To change that, run this line:", file=sys.stderr)
    line = f"apt-get update && {INSTALL} {' '.join(required + optional)}"
    as_root = "sudo sh -c" if shutil.which("sudo") else "su -l -c"
    print(f"\n  {as_root} '{line}'\n", file=sys.stderr)
    return 1 if required else 0


if __name__ == "__main__":
    sys.exit(main())
