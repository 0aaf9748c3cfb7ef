"""The tasks a schedule has from the start. What each does is a command, named here and run by whoever made the loop."""

from dataclasses import dataclass

PRESET_PREFIX = "preset:"


@dataclass(frozen=True, slots=True)
class TaskDefault:
    """A task as it is before anybody changes it.

    `zone` is empty for the computer's own zone. `command` is called with the task's config. `enabled` says whether it
    runs without having been switched on.
    """

    name: str
    title: str
    cron: str
    command: str
    help: str
    zone: str = ""
    enabled: bool = True


TASKS = (
    TaskDefault(
        "delta",
        "Changes sync",
        "0 */6 * * *",
        "sync.delta",
        "Fetches what TMDb's change lists name, new titles among it.",
    ),
    TaskDefault(
        "mirror",
        "Mirror batch",
        "30 3 * * *",
        "mirror.start",
        "Fetches what the scope still lacks, within the daily budget.",
    ),
    TaskDefault(
        "gap_analysis",
        "Gap analysis",
        "0 9 * * *",
        "gaps.analyze",
        "Compares the library with TMDb's newest export, which is out at 08:30 UTC.",
        zone="UTC",
    ),
    TaskDefault("gap_fill", "Gap fill", "0 10 * * 0", "gaps.fill", "Fetches what the gaps name, best score first."),
    TaskDefault(
        "retry", "Retry of failures", "0 3 * * *", "errors.retry", "Tries failed titles again that may do better."
    ),
    TaskDefault("health", "Health check", "15 */6 * * *", "health.check", "Looks at the file, the disk and the key."),
    TaskDefault(
        "refresh",
        "Freshness refresh",
        "30 4 * * *",
        "sync.refresh",
        "Fetches the titles again that were not checked for longest.",
    ),
    TaskDefault("backup", "Backup", "0 5 * * 0", "backup.create", "Makes a verified copy of the library."),
    TaskDefault(
        "lists", "Short lists", "30 */12 * * *", "lists.run", "Brings TMDb's short lists up to date.", enabled=False
    ),
)
"""In the order they are shown."""


def default_of(name: str) -> TaskDefault | None:
    """The built-in task of a name; None for the task of a preset."""
    return next((one for one in TASKS if one.name == name), None)
