"""The demo's answers against TMDb's own OpenAPI document, where it is at hand."""

import json
from typing import Any

import httpx
import pytest

from gdvg_desktop.demo.parts import PARTS
from gdvg_desktop.demo.server import DemoServer
from tests.demo.conftest import SHARED_DATA

SPECIFICATION = SHARED_DATA / "tmdb-openapi.json"
pytestmark = pytest.mark.skipif(not SPECIFICATION.exists(), reason="TMDb's OpenAPI document is not at hand")

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),  # the document guessed integer from round examples of votes and ratings
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
# Keys TMDb's document shows and ours leaves out now and then: undated rows may lack the date.
MAY_LACK = {"release_date", "first_air_date"}


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    found = json.loads(SPECIFICATION.read_text())["paths"]
    assert isinstance(found, dict)
    return found


def schema(paths: dict[str, Any], path: str) -> dict[str, Any]:
    found = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert isinstance(found, dict)
    return found


def differences(value: Any, expected: dict[str, Any], where: str) -> list[str]:
    """Where a value is not of the shape the document shows; null is allowed, as it declares no nullable type."""
    kind = expected.get("type")
    if value is None or kind is None or kind == "null":
        return []
    if not any(isinstance(value, allowed) for allowed in PYTHON_TYPES[kind]):
        return [f"{where}: {kind} expected, not {value!r}"]
    if kind == "array":
        items = expected.get("items", {})
        return [found for number, item in enumerate(value) for found in differences(item, items, f"{where}[{number}]")]
    if kind != "object":
        return []
    properties: dict[str, Any] = expected.get("properties", {})
    found: list[str] = [f"{where}: no {name}" for name in properties if name not in value and name not in MAY_LACK]
    for name, inner in properties.items():
        if name in value:
            found += differences(value[name], inner, f"{where}.{name}")
    return found


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_listings_have_the_documented_shape(client: httpx.Client, paths: dict[str, Any], kind: str) -> None:
    expected = schema(paths, f"/3/discover/{kind}")
    for page in range(1, 12):
        body = client.get(f"/discover/{kind}", params={"page": page}).json()
        assert differences(body, expected, "body") == []


@pytest.mark.parametrize(("kind", "parameter"), [("movie", "movie_id"), ("tv", "series_id")])
def test_details_and_their_parts_have_the_documented_shape(
    demo: DemoServer, client: httpx.Client, paths: dict[str, Any], kind: str, parameter: str
) -> None:
    own = schema(paths, f"/3/{kind}/{{{parameter}}}")
    # account_states differ by design (a bool when unrated); watch/providers' document lists one property a country.
    parts = [name for name in PARTS[kind] if name not in ("account_states", "watch/providers")]
    for title in demo.catalogue.all(kind)[:80]:
        body = client.get(f"/{kind}/{title.id}", params={"append_to_response": ",".join(parts)}).json()
        assert differences(body, own, kind) == []
        for name in parts:
            part = schema(paths, f"/3/{kind}/{{{parameter}}}/{name}")
            assert differences({"id": 0} | body[name], part, name) == []


def test_providers_of_a_country_have_the_documented_shape(
    demo: DemoServer, client: httpx.Client, paths: dict[str, Any]
) -> None:
    united_states = schema(paths, "/3/movie/{movie_id}/watch/providers")["properties"]["results"]["properties"]["US"]
    offers = [client.get(f"/movie/{t.id}/watch/providers").json()["results"] for t in demo.catalogue.all("movie")[:60]]
    shown = [country for offer in offers for country in offer.values()]
    assert shown
    for country in shown:
        assert country["link"].startswith("https://")
        known = {"properties": {k: v for k, v in united_states["properties"].items() if k in country}, "type": "object"}
        assert differences(country, known, "providers") == []


def test_a_season_has_the_documented_shape(demo: DemoServer, client: httpx.Client, paths: dict[str, Any]) -> None:
    expected = schema(paths, "/3/tv/{series_id}/season/{season_number}")
    for title in demo.catalogue.all("tv")[:20]:
        body = client.get(f"/tv/{title.id}", params={"append_to_response": "season/1"}).json()
        if "season/1" in body:
            assert differences(body["season/1"], expected, "season") == []


@pytest.mark.parametrize(
    "path", ["genre/movie/list", "genre/tv/list", "configuration", "configuration/countries", "configuration/languages"]
)
def test_reference_lists_have_the_documented_shape(client: httpx.Client, paths: dict[str, Any], path: str) -> None:
    assert differences(client.get(f"/{path}").json(), schema(paths, f"/3/{path}"), path) == []


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_changes_have_the_documented_shape(client: httpx.Client, paths: dict[str, Any], kind: str) -> None:
    assert differences(client.get(f"/{kind}/changes").json(), schema(paths, f"/3/{kind}/changes"), "changes") == []
