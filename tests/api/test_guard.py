"""Who may ask: nobody without the token, nothing by a foreign Host or Origin, on every route."""

import http.client
import logging
from typing import Any

import pytest

from gdvg_desktop.core.log import start_logging, stop_logging
from tests.support.control import TOKEN, Client


@pytest.fixture(scope="module")
def routes(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Every method and path of the schema."""
    client = Client(request.getfixturevalue("program").client.port)
    paths = client.get("/openapi.json")["paths"]
    found = [(method.upper(), path.replace("{id}", "1")) for path, methods in paths.items() for method in methods]
    assert len(found) >= 24
    return [*found, ("GET", "/openapi.json"), ("GET", "/nothing"), ("OPTIONS", "/api/sync/status")]


def refused(client: Client, routes: list[tuple[str, str]], status: int, **headers: str) -> list[Any]:
    answers = [client.ask(method, path, **headers) for method, path in routes]
    assert {answer.status for answer in answers} == {status}
    assert all(answer.json["error"]["message"] for answer in answers)
    assert not [answer for answer in answers if "access-control-allow-origin" in answer.headers]
    return answers


def test_without_a_token_every_route_is_closed(client: Client, routes: list[tuple[str, str]]) -> None:
    for answer in refused(Client(client.port, None), routes, 401):
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer  ", "é"],
)
def test_a_wrong_token_opens_nothing(client: Client, routes: list[tuple[str, str]], header: str) -> None:
    refused(Client(client.port, None), routes, 401, Authorization=header)


def test_a_token_in_the_address_is_none(client: Client) -> None:
    nobody = Client(client.port, None)
    assert nobody.ask("GET", f"/api/sync/status?token={TOKEN}&access_token={TOKEN}").status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"]
)
def test_a_foreign_host_is_refused_on_every_route(client: Client, routes: list[tuple[str, str]], host: str) -> None:
    refused(client, [*routes, ("GET", "/docs")], 403, Host=host.format(port=client.port))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_a_foreign_origin_is_refused_on_every_route(client: Client, routes: list[tuple[str, str]], origin: str) -> None:
    refused(client, [*routes, ("GET", "/docs")], 403, Origin=origin.format(port=client.port))


def test_what_another_sites_page_sends_is_refused(client: Client, routes: list[tuple[str, str]]) -> None:
    refused(client, [*routes, ("GET", "/docs")], 403, Sec_Fetch_Site="cross-site")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_its_own_names_and_origins_are_let_in(client: Client, name: str) -> None:
    own = f"{name}:{client.port}"
    answer = client.ask("GET", "/api/sync/status", Host=own, Origin=f"http://{own}", Sec_Fetch_Site="same-origin")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


def test_two_hosts_or_two_tokens_are_no_way_in(client: Client) -> None:
    for doubled in (("Host", "evil.example"), ("Authorization", "Bearer wrong")):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
        connection.putrequest("GET", "/api/sync/status", skip_host=True)
        connection.putheader("Host", f"127.0.0.1:{client.port}")
        connection.putheader("Authorization", f"Bearer {TOKEN}")
        connection.putheader(*doubled)
        connection.endheaders()
        assert connection.getresponse().status in (400, 401, 403)
        connection.close()


def test_a_huge_body_is_refused_declared_or_not(client: Client) -> None:
    sent = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    connection.request("POST", "/api/import/start", headers=sent | {"Content-Length": "1100000"})
    assert connection.getresponse().status == 413
    connection.close()
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    parts = (b" " * 50_000 for _ in range(21))
    connection.request("POST", "/api/import/start", body=parts, headers=sent, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_the_token_is_in_no_log(client: Client, tmp_path: Any) -> None:
    handlers = start_logging(tmp_path, stderr=False)
    try:
        logging.getLogger("uvicorn").setLevel(logging.DEBUG)
        client.get("/api/sync/status")
        client.ask("POST", "/api/import/start", {"countries": [TOKEN]})
        client.ask("GET", f"/api/gaps/registry?cursor={TOKEN}")
        Client(client.port, f"{TOKEN}-not").ask("GET", f"/api/{TOKEN}")
        logging.getLogger("gdvg_desktop.api").warning("Somebody sent Authorization: Bearer %s", TOKEN)
    finally:
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        stop_logging(handlers)
    written = "".join(file.read_text() for file in tmp_path.glob("gdvg.log*"))
    assert "[hidden]" in written and TOKEN not in written
