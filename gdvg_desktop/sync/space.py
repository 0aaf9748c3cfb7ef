"""Room on the disk: how much must stay free for work to go on, and how to say that there is too little."""

import shutil
from pathlib import Path

from gdvg_desktop.core.errors import DiskFull

ROOM_BYTES = 4_000_000  # what must be free before a full disk is tried again: a batch and more
MB = 1_000_000


def too_little(folder: Path, min_free_mb: int) -> DiskFull | None:
    """The error when less than `min_free_mb` (0 = any) is free where the folder is. Blocks for a moment."""
    free = shutil.disk_usage(folder).free
    if free >= min_free_mb * MB:
        return None
    return DiskFull(
        f"The disk holding {folder} has {free // MB} MB free; {min_free_mb} MB are to stay free, so all work pauses.",
        "Free some space, or lower the limit in Settings, Database. The work goes on by itself where it stopped.",
        title="The disk is almost full",
    )


def has_room(folder: Path, min_free_mb: int) -> bool:
    """Whether a disk that was full is worth another try. Blocks for a moment."""
    return shutil.disk_usage(folder).free >= max(ROOM_BYTES, min_free_mb * MB)
