"""What the environment says of scheduled tasks. It wins over what is stored, and the task is shown as set by it."""

from collections.abc import Mapping
from dataclasses import dataclass

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.schedule import cron

_FALSE, _TRUE = ("0", "false", "no", "off"), ("1", "true", "yes", "on")
_NAMES = {"mirror": "BULK_IMPORT", "delta": "DELTA_SYNC"}  # the seed design's words for two of the tasks
ZONE = "UTC"  # expressions given by the environment are in UTC, as that design has them


@dataclass(frozen=True, slots=True)
class Override:
    """What the environment sets of one task, and by which variables."""

    cron: str | None = None
    enabled: bool | None = None
    variables: tuple[str, ...] = ()


def overrides(environ: Mapping[str, str]) -> dict[str, Override]:
    """Overrides by task: `TMDB_DELTA_SYNC_CRON`, `TMDB_DELTA_SYNC_ENABLED`, `TMDB_BULK_IMPORT_CRON` and `_ENABLED`.

    Each may be written with `GDVG_` instead of `TMDB_`, which then wins. Raises UsageError naming the variable.
    """
    found = {}
    for task, word in _NAMES.items():
        expression, by_cron = _given(environ, f"{word}_CRON")
        switch, by_switch = _given(environ, f"{word}_ENABLED")
        if expression is not None:
            try:
                cron.parse(expression, ZONE)
            except UsageError as error:
                raise UsageError(f"{by_cron}: {error.message}", error.hint) from None
        if switch is not None and switch.lower() not in _FALSE + _TRUE:
            raise UsageError(f"{by_switch}={switch} is neither true nor false.", "Use true or false.")
        if expression is not None or switch is not None:
            enabled = None if switch is None else switch.lower() in _TRUE
            found[task] = Override(expression, enabled, tuple(name for name in (by_cron, by_switch) if name))
    return found


def _given(environ: Mapping[str, str], word: str) -> tuple[str | None, str]:
    for prefix in ("GDVG_", "TMDB_"):
        value = environ.get(f"{prefix}{word}", "").strip()
        if value:
            return value, f"{prefix}{word}"
    return None, ""
