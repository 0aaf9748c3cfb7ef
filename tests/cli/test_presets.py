"""`gdvg presets`, and presets in imports and in the scope of the mirror."""

import json
from pathlib import Path

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.support.command_line import CommandLine

KEYS = {
    "id", "name", "words", "filter", "shipped", "last_used", "used_at", "use_count", "in_scope", "schedule",
    "created_at", "updated_at",
}  # fmt: skip


def truth(demo: DemoServer, **wanted: object) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(Wanted(**wanted))}  # type: ignore[arg-type]


def test_presets_are_kept_changed_and_deleted(gdvg: CommandLine, tmp_path: Path) -> None:
    found = gdvg.json("presets", "list")
    assert [one["name"] for one in found] == ["K-Drama 2024", "Hollywood Blockbusters", "Asian Cinema Mix"]
    assert all(one.keys() == KEYS for one in found)
    made = gdvg.json("presets", "save", "Mine", "--type", "movie", "--country", "JP", "--from", "2010-03")
    assert made["filter"] == {"type": "movie", "countries": ["JP"], "from": "2010-03"}
    assert gdvg.json("presets", "save", "mine", "--type", "tv", "--replace")["filter"] == {"type": "tv"}
    assert "already" in gdvg.run("presets", "save", "Mine", exit_code=2).stderr
    assert gdvg.json("presets", "rename", "mine", "Ours")["name"] == "Ours"
    assert gdvg.json("presets", "duplicate", "ours")["name"] == "Ours (2)"
    assert gdvg.json("presets", "duplicate", "ours", "Theirs")["name"] == "Theirs"
    assert gdvg.json("presets", "delete", "K-Drama 2024") == {"deleted": found[0]["id"], "name": "K-Drama 2024"}
    assert "Not used yet." in gdvg.run("presets", "show", "Theirs").stdout
    file = tmp_path / "presets.json"
    assert gdvg.json("presets", "export", str(file), "--preset", "Ours")["presets"] == 1
    assert [one["name"] for one in gdvg.json("presets", "import", str(file))] == ["Ours (3)"]
    file.write_text(json.dumps({"format": "gdvg-presets", "version": 9}), encoding="utf-8")
    assert "version 9" in gdvg.run("presets", "import", str(file), exit_code=2).stderr
    assert "Asian Cinema Mix" in gdvg.run("presets", "list").stdout
    planned = gdvg.json("presets", "schedule", "Ours", "0 4 * * 1", "--zone", "Asia/Seoul")
    assert planned["schedule"] == {"cron": "0 4 * * 1", "zone": "Asia/Seoul", "enabled": True}
    assert gdvg.json("presets", "schedule", "Ours", "--off")["schedule"] is None
    gdvg.run("presets", "schedule", "Ours", exit_code=2)


def test_a_preset_is_run_and_counts_its_uses(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("presets", "save", "Japan", "--type", "movie", "--country", "JP")
    queued = gdvg.json("presets", "run", "Japan", "--queue")
    assert (queued["name"], queued["state"]) == ("Japan", "pending")
    job = gdvg.json("presets", "run", "japan")
    assert (job["id"], job["state"]) == (queued["id"], "completed")
    assert gdvg.exported() == truth(demo, media_type="movie", countries=("JP",))
    assert gdvg.json("import", "start", "--preset", "Japan")["added"] == 0
    first = gdvg.json("presets", "list")[0]
    assert (first["name"], first["use_count"], first["last_used"]) == ("Japan", 3, True)
    assert "Used 3 times" in gdvg.run("presets", "show", "Japan").stdout
    error = gdvg.run("import", "start", "--preset", "Japan", "--type", "tv", exit_code=2).stderr
    assert "do not go together" in error


def test_the_scope_is_the_union_of_presets(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("presets", "save", "Japan", "--type", "movie", "--country", "JP")
    gdvg.json("presets", "save", "Months", "--type", "tv", "--from", "2005-03", "--to", "2012-08")
    scope = gdvg.json("mirror", "scope", "set", "--preset", "Japan")
    assert len(scope["presets"]) == 1 and scope["words"] == "Movies · JP"
    scope = gdvg.json("mirror", "scope", "set", "--preset", "Months", "--add")
    assert scope["words"] == "Movies · JP; TV series · 2005-03 to 2012-08"
    assert (scope["rules"][1]["date_from"], scope["rules"][1]["year_from"]) == ("2005-03-01", None)
    assert "cannot be added" in gdvg.run("mirror", "scope", "set", "--add", "--country", "KR", exit_code=2).stderr
    gdvg.run("mirror", "scope", "set", "--everything", "--preset", "Japan", exit_code=2)
    job = gdvg.json("mirror", "start")
    assert job["summary"]["percent"] == 100.0
    wanted = truth(demo, media_type="movie", countries=("JP",)) | truth(
        demo, media_type="tv", start="2005-03", end="2012-08"
    )
    assert gdvg.exported() == wanted
    assert "The mirror holds" in gdvg.run("presets", "delete", "Japan", exit_code=2).stderr
    assert gdvg.json("mirror", "scope", "set", "--country", "KR")["presets"] == []
    gdvg.run("presets", "delete", "Japan")
