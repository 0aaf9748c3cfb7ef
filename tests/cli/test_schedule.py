"""`gdvg schedule`, `gdvg settings` and `gdvg health`: documents, changes, and clear refusals."""

import tomllib
from pathlib import Path

import pytest

from tests.support.command_line import KEY, CommandLine

ZONES = {"TZ": "Europe/Vienna"}


def test_tasks_are_listed_shown_and_changed(gdvg: CommandLine) -> None:
    found = gdvg.json("schedule", "list", **ZONES)
    tasks = {one["name"]: one for one in found["tasks"]}
    assert found["pause"] == {"paused": False, "at": None, "by": None, "until": None}
    assert (tasks["delta"]["cron"], tasks["delta"]["zone"]) == ("0 */6 * * *", "Europe/Vienna")
    assert all(len(one["next_runs"]) == (5 if one["enabled"] else 0) for one in tasks.values())
    assert tasks["delta"]["next_runs"][0].endswith("Z")
    changed = gdvg.json(
        "schedule", "set", "mirror", "--cron", "45 4 * * *", "--zone", "UTC", "--catch-up", "skip", "--jitter", "300",
        "--mains", "--unmetered",
    )  # fmt: skip
    assert (changed["cron"], changed["zone"], changed["catch_up"]) == ("45 4 * * *", "UTC", "skip")
    assert changed["conditions"] == {"on_network": True, "on_mains": True, "unmetered": True}
    off = gdvg.json("schedule", "set", "mirror", "--disable")
    assert off["next_runs"] == [] and gdvg.json("schedule", "show", "mirror") == off
    said = gdvg.run("schedule", "show", "gap_analysis", **ZONES).stdout
    assert "09:00 UTC)" in said and "At 09:00" in said


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("set", "mirror", "--cron", "never"), "five parts"),
        (("set", "mirror", "--zone", "Mars"), "time zone"),
        (("set", "mirror", "--catch-up", "always"), "run_once"),
        (("show", "nothing"), "gdvg schedule list"),
        (("run", "nothing"), "gdvg schedule list"),
        (("pause", "--for", "a while"), "30m"),
        (("pause", "--until", "later"), "tomorrow"),
        (("pause", "--until", "2020-01-01"), "moment to come"),
        (("pause", "--for", "1h", "--until", "tomorrow"), "one end"),
        (("runs", "--limit", "0"), "1 or more"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(gdvg: CommandLine, arguments: tuple[str, ...], word: str) -> None:
    assert word in gdvg.run("schedule", *arguments, exit_code=2).stderr


def test_the_pause_survives_its_process(gdvg: CommandLine) -> None:
    paused = gdvg.json("schedule", "pause", "--until", "2099-01-01T00:00", **ZONES)
    assert (paused["paused"], paused["by"], paused["until"]) == (True, "cli", "2098-12-31T23:00:00.000Z")
    assert gdvg.json("schedule", "list")["pause"] == paused
    assert "paused since" in gdvg.run("schedule", "list").stdout
    assert gdvg.json("schedule", "resume") == {"paused": False, "at": None, "by": None, "until": None}
    assert "running" in gdvg.run("schedule", "resume").stdout


def test_a_run_asked_for_without_an_engine_waits_for_one(gdvg: CommandLine) -> None:
    assert "with the next one" in gdvg.run("schedule", "run", "health").stdout
    assert gdvg.json("schedule", "runs") == []


def test_what_the_environment_sets_is_named_and_cannot_be_changed(gdvg: CommandLine) -> None:
    given = {"TMDB_DELTA_SYNC_CRON": "5 */4 * * *", "TMDB_BULK_IMPORT_ENABLED": "false"}
    delta = gdvg.json("schedule", "show", "delta", **given)
    assert (delta["cron"], delta["zone"], delta["set_by"]) == ("5 */4 * * *", "UTC", ["TMDB_DELTA_SYNC_CRON"])
    assert "TMDB_BULK_IMPORT_ENABLED" in gdvg.run("schedule", "show", "mirror", **given).stdout
    refused = gdvg.run("schedule", "set", "mirror", "--enable", exit_code=2, **given)
    assert "TMDB_BULK_IMPORT_ENABLED" in refused.stderr
    wrong = gdvg.run("schedule", "list", exit_code=2, TMDB_DELTA_SYNC_CRON="daily")
    assert "TMDB_DELTA_SYNC_CRON" in wrong.stderr


def test_settings_go_to_another_computer_without_secrets(gdvg: CommandLine, tmp_path: Path) -> None:
    gdvg.data_dir.mkdir(parents=True)
    (gdvg.data_dir / "settings.toml").write_text(
        'proxy = "http://proxy.example:3128"\nquiet_from = "22:00"\nquiet_to = "06:00"\nwizard_done = true\n'
        'languages = ["de-DE", "en-US"]\n',
        encoding="utf-8",
    )
    file = tmp_path / "settings.toml"
    written = gdvg.json("settings", "export", str(file))["settings"]
    text = file.read_text(encoding="utf-8")
    assert tomllib.loads(text) == written and KEY not in text
    assert written["proxy"] == "http://proxy.example:3128" and "wizard_done" not in written
    other = CommandLine(tmp_path / "other", gdvg.environment)
    taken = other.json("settings", "import", str(file))["settings"]
    assert "tmdb_url" not in taken  # the environment sets it there
    shown = other.json("settings", "show")
    assert shown["quiet_from"] == {"value": "22:00", "default": "", "set_by": None}
    assert shown["languages"]["value"] == ["de-DE", "en-US"] and shown["wizard_done"]["value"] is False
    assert shown["tmdb_url"]["set_by"] == "GDVG_TMDB_URL"
    none = dict.fromkeys(("GDVG_TMDB_URL", "GDVG_EXPORTS_URL", "GDVG_REQUESTS_PER_SECOND"), "")
    for name in ("tmdb_url", "exports_url", "proxy"):
        file.write_text(f"{name} = 'http://me:hidden@host.example/3?api_key=hidden'\n", encoding="utf-8")
        refused = other.run("settings", "import", str(file), exit_code=2, **none)
        assert "is not kept" in refused.stderr and "hidden" not in refused.stderr
    refused = gdvg.run("settings", "export", str(file), exit_code=2, GDVG_EXPORTS_URL="http://me:hidden@host.example")
    assert "Export files address" in refused.stderr and "hidden" not in refused.stderr


@pytest.mark.parametrize("text", ["quiet_from = 'soon'", "max_connections = 99", "not toml", "movie_share = 'half'"])
def test_a_file_of_settings_that_cannot_be_changes_nothing(gdvg: CommandLine, tmp_path: Path, text: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(f"quiet_to = '06:00'\n{text}\n", encoding="utf-8")
    gdvg.run("settings", "import", str(file), exit_code=2)
    assert gdvg.json("settings", "show")["quiet_to"]["value"] == ""
    gdvg.run("settings", "import", str(tmp_path / "none.toml"), exit_code=2)


def test_an_address_that_is_none_is_named_before_anything_starts(gdvg: CommandLine) -> None:
    refused = gdvg.run("daemon", exit_code=2, GDVG_TMDB_URL="http://[::1:9")
    assert "TMDb address" in refused.stderr and "Traceback" not in refused.stderr
    gdvg.data_dir.mkdir(parents=True, exist_ok=True)
    (gdvg.data_dir / "settings.toml").write_text("proxy = 'http://host:abc'\n", encoding="utf-8")
    refused = gdvg.run("daemon", exit_code=2)
    assert "Proxy" in refused.stderr and "Traceback" not in refused.stderr


def test_health_tells_what_is_wrong_by_its_exit_code(gdvg: CommandLine) -> None:
    well = gdvg.json("health")
    assert well["ok"] and [one["name"] for one in well["checks"]] == ["file", "disk", "key", "exports"]
    assert well["file_bytes"] > 0 and well["free_bytes"] > 0
    refused = gdvg.json("health", exit_code=1, TMDB_API_KEY="")
    assert not refused["ok"] and next(one for one in refused["checks"] if one["name"] == "key")["problem"]
