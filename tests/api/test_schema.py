"""schemathesis sends what the schema allows and what it does not: no 5xx, and nothing the schema does not say."""

import time
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.support.control import TOKEN, Client, Served

EXAMPLES = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 6}
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
# A filter of the right shape may still name a country that is none, which is answered with 400.
MEANT_WELL = "positive_data_acceptance"


@pytest.fixture(scope="module")
def api_schema(program: Served) -> Any:
    fill(program.client)
    document = program.client.get("/openapi.json")
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=program.client.root)
    return schema


def fill(client: Client) -> None:
    """A library with titles, runs, gaps and a preset."""
    client.post("/api/import/start", {"type": "tv"})
    client.post("/api/gaps/analyze")
    ends = time.monotonic() + 30
    while any(one["state"] != "completed" for one in client.get("/api/import/jobs")["jobs"]):
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert client.get("/api/gaps/registry")["gaps"]


@pytest.mark.parametrize("mode", EXAMPLES)
def test_nothing_breaks_and_nothing_surprises(api_schema: Any, mode: GenerationMode) -> None:
    load_all_checks()
    left_out = CHECKS.get_by_names([MEANT_WELL])
    asked: set[str] = set()
    for found in api_schema.exclude(path="/api/events").get_all_operations():
        operation = found.ok()

        @hypothesis.settings(
            max_examples=EXAMPLES[mode],
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Case) -> None:
            answer = case.call(headers=HEADERS)
            asked.add(case.operation.label)
            case.validate_response(answer, headers=HEADERS, excluded_checks=left_out)

        try:
            send()
        except hypothesis.errors.Unsatisfiable:  # an operation without anything that could be wrong
            assert mode is GenerationMode.NEGATIVE
    assert len(asked) >= (23 if mode is GenerationMode.POSITIVE else 12), asked
