"""TMDb goes away in the middle of an import and comes back, or does not: two processes and a port nobody answers."""

import json

from tests.support.command_line import CommandLine
from tests.support.demo_process import DemoProcess, until

SCOPE = ("--from", "1990")
SHORT_OUTAGE_S = 3
IMPATIENT = f"""
from gdvg_desktop.__main__ import command_line
from gdvg_desktop.cli import foreground
foreground.OUTAGE_LIMIT_S = {SHORT_OUTAGE_S}
command_line()
"""


def log_of(gdvg: CommandLine) -> str:
    log = gdvg.data_dir / "logs" / "gdvg.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def test_an_import_goes_on_by_itself_when_the_server_is_back(gdvg: CommandLine, demo: DemoProcess) -> None:
    with gdvg.start("--json", "import", "start", *SCOPE) as process:
        until(lambda: demo.detail_requests() > 40, "the first titles")
        demo.stop()
        until(lambda: "refused" in log_of(gdvg), "the first failure")
        assert process.poll() is None
        demo.start()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    job = json.loads(out)
    truth = demo.truth(from_="1990-01")
    assert (job["state"], job["failed"], job["added"]) == ("completed", 0, len(truth))
    assert gdvg.exported() == truth
    assert max(demo.asked().values()) == 1


def test_a_server_that_stays_away_ends_a_foreground_import_with_its_place_kept(
    gdvg: CommandLine, demo: DemoProcess
) -> None:
    impatient = CommandLine(gdvg.data_dir, gdvg.environment, program=("-c", IMPATIENT))
    with impatient.start("--json", "import", "start", *SCOPE) as process:
        until(lambda: demo.detail_requests() > 40, "the first titles")
        demo.stop()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 4, out + err
    assert "refused" in err and "Traceback" not in err
    left = json.loads(out)
    assert (left["state"], left["failed"]) == ("interrupted", 0)
    assert left["added"] == len(gdvg.exported()) > 0
    demo.start()
    job = gdvg.json("import", "start", *SCOPE, GDVG_REQUESTS_PER_SECOND="0")
    assert (job["id"], job["state"], job["failed"]) == (left["id"], "completed", 0)
    assert gdvg.exported() == demo.truth(from_="1990-01")
