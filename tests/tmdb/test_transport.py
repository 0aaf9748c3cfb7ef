"""Proxies: which one is used for what, and requests really going through it."""

import asyncio
from collections.abc import Mapping

import pytest

from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.reference import configuration
from gdvg_desktop.tmdb.transport import find_proxy
from tests.tmdb.conftest import Bench, until
from tests.tmdb.raw_server import RawServer, ok, send

TMDB = "https://api.themoviedb.org/3"
PROXY = "http://proxy.example:3128"


def found(
    monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], url: str = TMDB, setting: str = ""
) -> str | None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    proxy = find_proxy(Settings(proxy=setting), url)
    return None if proxy is None else str(proxy.url)


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({}, TMDB, None),
        ({"HTTPS_PROXY": PROXY}, TMDB, PROXY),
        ({"https_proxy": PROXY}, TMDB, PROXY),
        ({"HTTP_PROXY": PROXY}, TMDB, None),
        ({"HTTP_PROXY": PROXY}, "http://tmdb.example/3", PROXY),
        ({"ALL_PROXY": PROXY}, TMDB, PROXY),
        ({"HTTPS_PROXY": "proxy.example:3128"}, TMDB, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, TMDB, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example.org, themoviedb.org"}, TMDB, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".themoviedb.org"}, TMDB, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "API.themoviedb.org"}, TMDB, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "moviedb.org,example.org"}, TMDB, PROXY),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "http://10.1.2.3:8080/3", None),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "http://11.1.2.3:8080/3", PROXY),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "tmdb.example:81"}, "http://tmdb.example:81/3", None),
        ({"HTTP_PROXY": PROXY}, "http://127.0.0.1:8000/3", None),
        ({"HTTP_PROXY": PROXY}, "http://localhost:8000/3", None),
        ({"ALL_PROXY": "socks5://proxy.example:1080", "HTTPS_PROXY": PROXY}, TMDB, PROXY),
    ],
)
def test_the_environment_decides(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str, expected: str | None
) -> None:
    assert found(monkeypatch, environ, url) == expected


def test_the_setting_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}
    assert found(monkeypatch, environ, TMDB, "http://mine.example:8080") == "http://mine.example:8080"


def test_a_kind_of_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="socks5"):
        found(monkeypatch, {"ALL_PROXY": "socks5://proxy.example:1080"})


def test_the_password_of_a_proxy_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, {"HTTPS_PROXY": "http://me:hunter2secret@proxy.example:3128"}) == PROXY
    assert "hunter2secret" not in redact("trouble with me:hunter2secret@proxy")


async def test_requests_go_through_the_proxy(bench: Bench, server: RawServer) -> None:
    server.script = lambda request: ok({"images": {}})
    proxy = f"http://me:password99@127.0.0.1:{server.port}"
    async with bench.client(url="http://tmdb.invalid/3", proxy=proxy) as client:
        await client.fetch_bytes(configuration())
    [request] = server.received
    assert request.target == "http://tmdb.invalid/3/configuration"
    assert request.headers["host"] == "tmdb.invalid"
    assert request.headers["proxy-authorization"].startswith("basic ")


async def test_requests_go_through_the_environments_proxy(
    bench: Bench, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    async with bench.client(url="http://tmdb.invalid/3") as client:
        await client.fetch_bytes(configuration())
    assert len(server.received) == 1


@pytest.mark.parametrize("address", ["http://tmdb.invalid/3", "https://tmdb.invalid/3"], ids=["plain", "tunnel"])
async def test_a_proxy_that_wants_a_password_is_an_outage_that_says_so(
    bench: Bench, server: RawServer, address: str
) -> None:
    server.script = lambda request: send(407, b"", Proxy_Authenticate="Basic")
    async with bench.client(url=address, proxy=f"http://me:pwd99@127.0.0.1:{server.port}") as client:
        waiting = asyncio.create_task(client.fetch_bytes(configuration()))
        await until(lambda: client.status().state == "outage")
        assert "proxy" in client.status().message
        assert {one.headers["proxy-authorization"] for one in server.received} == {"basic bwu6chdkotk="}
        waiting.cancel()
        await asyncio.wait((waiting,))
