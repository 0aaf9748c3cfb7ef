"""What the environment says of tasks: the seed design's names, and ours, which win."""

import pytest

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.schedule.loop import overridden
from gdvg_desktop.schedule.overrides import Override, overrides
from gdvg_desktop.store.schedule import Task

TASK = Task("delta", "sync.delta", {}, "0 0 * * *", "Europe/Vienna", True, "run_once", True, False, False, 0, 0, None, None, 0)  # fmt: skip  # noqa: E501


def test_our_names_win_over_the_seed_designs() -> None:
    environ = {
        "TMDB_BULK_IMPORT_CRON": "0 2 * * *",
        "TMDB_BULK_IMPORT_ENABLED": "FALSE",
        "TMDB_DELTA_SYNC_CRON": "0 1 * * *",
        "GDVG_DELTA_SYNC_CRON": "0 4 * * *",
        "GDVG_DELTA_SYNC_ENABLED": " ",
    }
    assert overrides(environ) == {
        "mirror": Override("0 2 * * *", False, ("TMDB_BULK_IMPORT_CRON", "TMDB_BULK_IMPORT_ENABLED")),
        "delta": Override("0 4 * * *", None, ("GDVG_DELTA_SYNC_CRON",)),
    }
    assert overrides({}) == {}


def test_an_expression_of_the_environment_is_in_utc_and_a_switch_leaves_the_zone_alone() -> None:
    by_cron = overridden(TASK, overrides({"TMDB_DELTA_SYNC_CRON": "0 1 * * *"}))
    assert (by_cron.cron, by_cron.zone, by_cron.enabled) == ("0 1 * * *", "UTC", True)
    by_switch = overridden(TASK, overrides({"TMDB_DELTA_SYNC_ENABLED": "0"}))
    assert (by_switch.cron, by_switch.zone, by_switch.enabled) == ("0 0 * * *", "Europe/Vienna", False)


@pytest.mark.parametrize(
    ("name", "value"), [("TMDB_DELTA_SYNC_CRON", "every day"), ("GDVG_BULK_IMPORT_ENABLED", "perhaps")]
)
def test_what_cannot_be_is_refused_naming_the_variable(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        overrides({name: value})
