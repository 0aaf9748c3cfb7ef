"""What a fill job is asked for, as its config keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gdvg_desktop.core.kinds import GapKind, MediaType

ALL_KINDS: tuple[GapKind, ...] = tuple(GapKind)


@dataclass(frozen=True, slots=True)
class FillOrder:
    """Which gaps to fill. The JSON form is kept with the job, so it is stable.

    With `titles` (title ids) just those, whatever their status; else the open gaps of these kinds and types, of
    `month` (YYYY-MM) when given, the best scored `limit` first. Gaps that rest after a failed try are left out unless
    `titles` or `month` names them.
    """

    kinds: tuple[GapKind, ...] = ALL_KINDS
    types: tuple[MediaType, ...] = tuple(MediaType)
    titles: tuple[int, ...] = ()
    month: str | None = None
    min_score: float = 0.0
    limit: int | None = None

    @property
    def is_explicit(self) -> bool:
        """True when somebody named titles or a month: what rests is tried at once."""
        return bool(self.titles) or self.month is not None

    def to_config(self) -> dict[str, Any]:
        """The JSON form kept with a job."""
        config: dict[str, Any] = msgspec.to_builtins(self)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "FillOrder":
        """Read the JSON form back."""
        return msgspec.convert(dict(config), cls, strict=False)
