"""The file that remembers window geometry and dock layouts. It holds nothing a user would miss."""

import base64
import binascii
import logging
import tomllib
from collections.abc import Mapping
from pathlib import Path

import tomli_w

log = logging.getLogger(__name__)


def read_layout(path: Path) -> dict[str, bytes]:
    """What `write_layout` wrote; empty when there is none or it cannot be read."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: base64.b64decode(text, validate=True) for name, text in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, binascii.Error, TypeError, ValueError) as error:
        log.warning("The saved layout is not used: %s", error)
        return {}


def write_layout(path: Path, state: Mapping[str, bytes]) -> None:
    """Replace the file whole. A folder that cannot be written to is logged: a layout is not worth an error."""
    text = tomli_w.dumps({name: base64.b64encode(value).decode("ascii") for name, value in state.items()})
    partial = path.with_suffix(".new")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        log.warning("The layout was not saved: %s", error)
