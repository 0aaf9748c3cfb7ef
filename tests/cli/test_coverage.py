"""`gdvg coverage`: figures that add up, the certificate, and what is said of a refused export."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.support.command_line import CommandLine

FIGURES = ("in_export", "in_scope", "held", "missing", "tombstoned", "excluded", "undetermined")


def adds_up(one: dict[str, float]) -> bool:
    parts = [one[name] for name in ("held", "missing", "tombstoned", "excluded", "undetermined")]
    return one["in_export"] == sum(parts) and one["in_scope"] == one["held"] + one["missing"] + one["tombstoned"]


def test_it_reads_the_export_by_itself_without_a_key(gdvg: CommandLine, demo: DemoServer) -> None:
    found = gdvg.json("coverage", TMDB_API_KEY="")
    assert found["export_date"] == (demo.catalogue.today - timedelta(days=1)).isoformat()
    truth = demo.truth(Wanted())
    for kind in ("movie", "tv"):
        one = found[kind]
        assert all(isinstance(one[name], int) for name in FIGURES) and adds_up(one)
        assert one["missing"] == sum(key[0] == kind for key in truth)
        assert (one["held"], one["percent"]) == (0, 0)
    said = gdvg.run("coverage").stdout
    assert "Scope: Everything" in said and "Missing" in said


def test_the_certificate_names_every_id_once(gdvg: CommandLine, demo: DemoServer, tmp_path: Path) -> None:
    gdvg.json("import", "start", "--type", "tv")
    table, document = tmp_path / "certificate.csv", tmp_path / "certificate.json"
    found = gdvg.json("coverage", "--certificate", str(table))
    gdvg.run("coverage", "--certificate", str(document))
    assert found["tv"]["percent"] == 100.0 and found["movie"]["percent"] == 0.0
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["type", "id", "state", "reason"]
    keys = {(row["type"], int(row["id"])) for row in rows}
    assert len(keys) == len(rows) == found["movie"]["in_export"] + found["tv"]["in_export"]
    held = {(row["type"], int(row["id"])) for row in rows if row["state"] == "held"}
    assert held == {(kind, tmdb_id) for kind, tmdb_id in demo.truth(Wanted(media_type="tv"))}
    for kind in ("movie", "tv"):
        for state in ("held", "missing", "tombstoned", "excluded", "undetermined"):
            assert sum(row["type"] == kind and row["state"] == state for row in rows) == found[kind][state]
    assert all(row["reason"] for row in rows)
    whole = json.loads(document.read_text(encoding="utf-8"))
    assert [{**row, "id": str(row["id"])} for row in whole["ids"]] == rows
    assert whole["tv"] == found["tv"] and whole["scope"] == "Everything"


@pytest.mark.parametrize(("name", "said"), [("certificate.txt", "neither a .csv nor"), ("none/c.csv", "cannot be")])
def test_a_certificate_that_cannot_be_written_is_refused(
    gdvg: CommandLine, tmp_path: Path, name: str, said: str
) -> None:
    assert said in gdvg.run("coverage", "--certificate", str(tmp_path / name), exit_code=2).stderr
    assert not [one for one in tmp_path.iterdir() if one.name != "data"]


def test_a_refused_export_is_named_with_its_reason(gdvg: CommandLine, demo: DemoServer) -> None:
    gdvg.json("coverage")
    before = gdvg.json("coverage")
    demo.faults.export_half = True
    try:
        gdvg.run("import", "preview", "--type", "tv")  # reads the newest export
    finally:
        demo.faults.export_half = False
    found = gdvg.json("coverage")
    assert {kind: found[kind] for kind in ("movie", "tv")} == {kind: before[kind] for kind in ("movie", "tv")}
    [refused] = found["refused"]
    assert (refused["type"], refused["code"]) == ("tv", "fell")
    assert "fewer than the" in gdvg.run("coverage").stdout


def test_without_an_export_it_says_so(gdvg: CommandLine, demo: DemoServer) -> None:
    demo.faults.export_missing = True
    try:
        found = gdvg.json("coverage", exit_code=4)
    finally:
        demo.faults.export_missing = False
    assert "no daily export" in found["error"]["message"]
