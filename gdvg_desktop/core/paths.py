"""Where things lie in the data folder. One folder holds everything of one library."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from gdvg_desktop.core.errors import UsageError

APP_NAME = "GDVG Desktop"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one data folder."""

    data_dir: Path

    @property
    def library(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "library.db"

    @property
    def engine_lock(self) -> Path:
        """Held by the one engine of this folder; its text names the holder."""
        return self.data_dir / "engine.lock"

    @property
    def settings(self) -> Path:
        """The settings file (TOML, no secrets)."""
        return self.data_dir / "settings.toml"

    @property
    def layout(self) -> Path:
        """Window geometry, dock layouts and the look of the last session."""
        return self.data_dir / "window.ini"

    @property
    def backups(self) -> Path:
        """Backups of the library."""
        return self.data_dir / "backups"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.data_dir / "logs"

    @property
    def posters(self) -> Path:
        """Bounded cache of poster thumbnails."""
        return self.data_dir / "posters"


def default_data_dir(*, demo: bool = False) -> Path:
    """`GDVG_DATA_DIR`, or the platform's place for user data. The demo has a folder of its own beside it."""
    chosen = os.environ.get("GDVG_DATA_DIR", "").strip()
    base = Path(chosen) if chosen else Path(platformdirs.user_data_dir("gdvg-desktop", appauthor=False))
    return base.with_name(base.name + "-demo") if demo else base


def open_paths(data_dir: Path) -> Paths:
    """Make the data folder if needed. Raises UsageError when the path cannot be a folder."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UsageError(f"The data folder {data_dir} is a file.", "Name a folder instead.") from None
    except NotADirectoryError:
        raise UsageError(f"The data folder {data_dir} lies inside a file.", "Name a folder instead.") from None
    except OSError as error:
        raise UsageError(
            f"The data folder {data_dir} cannot be made: {error.strerror}.",
            "Choose a folder you may write to.",
        ) from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise UsageError(f"The data folder {data_dir} is not writable.", "Choose a folder you may write to.")
    return Paths(data_dir)
