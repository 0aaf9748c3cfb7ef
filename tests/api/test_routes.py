"""Every route over a real library: the shapes of the answers, and that they do what the commands do."""

import time
from typing import Any

from gdvg_desktop.commands import jobs
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import schedule
from tests.support.control import Client, Served, settled


def wait_for(client: Client, job_id: int, state: str = "completed") -> Any:
    """The job once it is in a state."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        found = next(one for one in client.get("/api/import/jobs")["jobs"] if one["id"] == job_id)
        if found["state"] == state:
            return found
        time.sleep(0.05)
    raise AssertionError(f"job {job_id} is {found['state']}")


def test_an_import_is_previewed_started_and_complete(client: Client, demo: DemoServer) -> None:
    filters = {"type": "tv_series", "date_from": "2000"}
    preview = client.post("/api/import/preview", filters)
    assert set(preview["by_type"]) == {"tv"} and preview["sample"]
    started = client.ask("POST", "/api/import/start", filters)
    assert started.status == 202 and started.json.keys() == {"job_id", "started_at", "new", "state"}
    job = wait_for(client, started.json["job_id"])
    assert job["origin"] == "api"
    expected = demo.truth(Wanted(media_type="tv", start="2000"))
    assert job["added"] == len(expected) == client.get("/v1/sync/stats")["tv"]
    again = client.post("/api/import/start", filters)
    assert wait_for(client, again["job_id"])["skipped"] == len(expected)


def test_a_job_is_paused_resumed_and_cancelled(client: Client, demo: DemoServer) -> None:
    demo.faults.latency_ms = 60
    try:
        job_id = client.post("/api/import/start", {"type": "movie", "name": "Slow"})["job_id"]
        assert client.post(f"/api/import/jobs/{job_id}/pause")["name"] == "Slow"
        wait_for(client, job_id, "paused")
        client.post(f"/api/import/jobs/{job_id}/resume")
        wait_for(client, job_id, "running")
        assert client.ask("DELETE", f"/api/import/jobs/{job_id}").status == 200
        wait_for(client, job_id, "cancelled")
    finally:
        demo.faults.latency_ms = 0
    late = client.ask("POST", f"/api/import/jobs/{job_id}/pause")
    assert late.status == 409 and late.json["error"]["title"] == "Not possible now"
    assert client.ask("DELETE", "/api/import/jobs/987654").status == 404


def test_full_and_incremental_runs_are_the_mirror_and_the_changes_sync(client: Client, program: Served) -> None:
    full = client.post("/api/sync/trigger", {"type": "full"})
    incremental = client.post("/v1/sync/trigger", {"type": "incremental"})
    kinds = {one.id: one.kind.value for one in program.run(jobs.listing)}
    assert kinds[full["job_id"]] == "mirror" and kinds[incremental["job_id"]] == "delta"
    wait_for(client, full["job_id"])
    wait_for(client, incremental["job_id"])
    run = client.get(f"/v1/sync/{full['job_id']}")
    assert run["result"] == "completed" and run["worked_s"] > 0
    status = client.get("/api/sync/status")
    assert status["is_paused"] is False and status["last_run"]["kind"] in ("mirror", "delta")
    assert status["next_run"] is not None
    history = client.get("/api/sync/history?limit=1")
    assert len(history["runs"]) == 1 and history["total"] >= 2
    assert client.ask("GET", "/v1/sync/987654").status == 404
    covered = client.get("/api/coverage")
    assert covered["percent"] == 100.0 and covered["movie"]["missing"] == 0
    assert status["stats"]["missing"] == 0 and covered["held"] > 150


def test_the_history_names_planned_runs_that_did_not_happen(client: Client, program: Served) -> None:
    noon = 1_795_262_400_000
    missed = [(noon, "offline"), (noon + 3_600_000, "offline")]
    program.run(lambda app: app.store.write(lambda db: schedule.add_missed(db, "delta", missed)))
    found = client.get("/api/sync/history")["missed"]
    assert [(one["task"], one["count"], one["reason"]) for one in found] == [("delta", 2, "there was no connection")]
    assert found[0]["planned_at"] == "2026-11-21T13:00:00Z" and found[0]["first_planned_at"] == "2026-11-21T12:00:00Z"


def test_a_pause_is_told_with_its_end_and_by_whom(client: Client) -> None:
    held = client.post("/api/sync/pause", {"minutes": 60})
    assert held["is_paused"] and held["paused_by"] == "api" and held["paused_until"] > held["paused_at"]
    status = client.get("/api/sync/status")
    assert status["is_paused"] and status["next_run"] is None
    assert client.post("/v1/sync/resume") == {
        "is_paused": False, "paused_at": None, "paused_by": None, "paused_until": None,
    }  # fmt: skip
    assert client.get("/api/sync/status")["next_run"] is not None


def test_gaps_are_analysed_paged_and_filled(client: Client, program: Served, demo: DemoServer) -> None:
    client.post("/api/sync/trigger", {"type": "full"})
    settled(client)  # the changes sync that follows would bring some of them back
    lost = 25

    def forget(app: Any) -> Any:
        return app.store.write(
            lambda db: db.execute_sql(
                "DELETE FROM title WHERE id IN (SELECT id FROM title ORDER BY id LIMIT ?)", (lost,)
            )
        )

    program.run(forget)
    wait_for(client, client.post("/api/gaps/analyze")["job_id"])
    summary = client.get("/api/gaps/analyze")
    assert summary["missing_titles"] == lost and summary["analysed_at"]
    whole = client.get("/api/gaps/registry?limit=1000")["gaps"]
    paged: list[Any] = []
    cursor = ""
    while True:
        page = client.get(f"/api/gaps/registry?limit=7{cursor}")
        paged += page["gaps"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert paged == whole and len(whole) == summary["total_count"] >= lost
    assert summary["gaps_by_type"] == {kind: one["open"] for kind, one in summary["by_kind"].items()}
    assert sum(summary["gaps_by_type"].values()) == summary["total_count"]
    assert [one["score"] for one in summary["top_priority"]] == [one["score"] for one in whole[:10]]
    scores = [one["score"] for one in whole]
    assert scores == sorted(scores, reverse=True)
    assert client.ask("GET", "/api/gaps/registry?cursor=nonsense").status == 400
    series = client.get("/api/gaps/registry?type=tv_series")["gaps"]
    assert {one["media_type"] for one in series} <= {"tv"}
    one = next(gap for gap in whole if gap["kind"] == "sequential")
    named = client.post("/api/gaps/fill", {"titles": [f"{one['media_type']}/{one['tmdb_id']}"]})
    assert wait_for(client, named["job_id"])["added"] == 1
    filled = client.ask("POST", "/api/gaps/fill")
    assert filled.status == 202
    wait_for(client, filled.json["job_id"])
    assert client.get("/api/gaps/analyze")["missing_titles"] == 0


def test_presets_are_kept_changed_scheduled_and_deleted(client: Client) -> None:
    assert {one["name"] for one in client.get("/api/import/presets")["presets"]} >= {"K-Drama 2024"}
    sent = {"name": "Mine", "filters": {"type": "tv_series", "countries": ["KR"]}, "schedule": {"cron": "0 4 * * 1"}}
    made = client.ask("POST", "/api/import/presets", sent)
    assert made.status == 201 and made.json["filters"]["type"] == "tv" and made.json["schedule"]["enabled"]
    assert client.ask("POST", "/api/import/presets", sent).status == 409
    path = f"/api/import/presets/{made.json['id']}"
    kept = client.ask("PUT", path, {"name": "Ours", "filters": {"type": "movie"}}).json
    assert (kept["name"], kept["filters"]["type"], kept["schedule"]["cron"]) == ("Ours", "movie", "0 4 * * 1")
    assert client.ask("PUT", path, {"name": "Ours", "filters": {}, "schedule": None}).json["schedule"] is None
    bad = client.ask("PUT", path, {"name": "Ours", "filters": {}, "schedule": {"cron": "99 4 * * 1"}})
    assert bad.status == 400
    for wrong, status in (({"name": "  "}, 400), ({"name": "x" * 81}, 422), ({"name": "K-Drama 2024"}, 409)):
        assert client.ask("PUT", path, {"filters": {"countries": ["JP"]}} | wrong).status == status
        (now,) = [one for one in client.get("/api/import/presets")["presets"] if one["id"] == made.json["id"]]
        assert (now["name"], now["filters"]["countries"]) == ("Ours", [])  # nothing of it was changed
    assert client.ask("DELETE", path).json == {"id": made.json["id"], "name": "Ours"}
    assert client.ask("DELETE", path).status == 404


def test_what_is_no_request_is_refused_in_one_shape(client: Client) -> None:
    cases = (
        ("POST", "/api/sync/trigger", {"type": "half"}, 422),
        ("POST", "/api/import/start", {"type": "tv", "colour": "red"}, 422),
        ("POST", "/api/import/start", {"countries": ["Atlantis"]}, 400),
        ("GET", "/api/import/jobs?limit=0", None, 422),
        ("DELETE", "/api/import/jobs/99999999999999999999", None, 422),
        ("GET", "/api/nothing", None, 404),
        ("PATCH", "/api/sync/status", None, 405),
        ("GET", "/v1/sync/trigger", None, 405),
    )
    for method, path, body, status in cases:
        answer = client.ask(method, path, body)
        assert answer.status == status, (path, answer)
        assert answer.json["error"].keys() == {"title", "message", "hint"} and answer.json["error"]["message"]


def test_what_cannot_be_done_names_what_can(client: Client) -> None:
    for path, allowed in (
        ("/api/import/presets", "GET, POST"),
        ("/api/import/presets/3", "DELETE, PUT"),
        ("/v1/sync/trigger", "POST"),
        ("/docs", "GET"),
    ):
        answer = client.ask("PATCH", path)
        assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_the_page_documents_every_route_without_anything_from_elsewhere(client: Client) -> None:
    page = client.ask("GET", "/docs")
    assert page.status == 200 and "script-src 'sha256-" in page.headers["content-security-policy"]
    assert "http://" not in page.text.replace("http://127.0.0.1", "") and "https://" not in page.text
    schema = client.get("/openapi.json")
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer" and schema["security"]
    assert all(one.get("summary") for path in schema["paths"].values() for one in path.values())
