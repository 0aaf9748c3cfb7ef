"""The one place where HTTP libraries are touched: the transport, its proxy, and one exchange over it.

httpx is the interface; aiohttp, through httpx-aiohttp, does the work at a fraction of the CPU. What that pair does
differently from httpx alone is put right here: limits and proxy are given to it explicitly, its own silent retry is
switched off, and every foreign exception becomes one of ours, without the URL, which may hold the key.
"""

import base64
import ipaddress
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from gdvg_desktop import __version__
from gdvg_desktop.core.credentials import hide
from gdvg_desktop.core.errors import BadAnswer, ConnectionTrouble, RequestError, ServerTrouble, UsageError
from gdvg_desktop.core.settings import Settings, is_loopback

USER_AGENT = f"GDVG-Desktop/{__version__} (+app)"
CONNECT_TIMEOUT_S = 10.0
KEEPALIVE_S = 30.0

OpenTransport = Callable[[Settings, str, ssl.SSLContext], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. `content_type` is in lower case without parameters."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes


def open_transport(settings: Settings, url: str, tls: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """The transport the program uses, for the server of `url`. To be called in the loop that will use it."""
    connector = aiohttp.TCPConnector(limit=settings.max_connections, ssl=tls, keepalive_timeout=KEEPALIVE_S)
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
    # aiohttp sends a GET again by itself when a kept-alive connection was reset: unpaced, uncounted. It has no
    # public switch for that.
    session._retry_connection = False
    proxy = find_proxy(settings, url)
    if proxy is not None and proxy.auth is not None:
        # httpx-aiohttp hands a password on in a way aiohttp has deprecated; aiohttp takes it from this header as well
        word = base64.b64encode(":".join(proxy.auth).encode()).decode("ascii")
        proxy = httpx.Proxy(proxy.url, headers={"Authorization": f"Basic {word}"})
    return AiohttpTransport(verify=tls, proxy=proxy, client=session)


def open_httpx_transport(settings: Settings, url: str, tls: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """httpx's own transport in its place; the same faults are tested over both."""
    limits = httpx.Limits(
        max_connections=settings.max_connections,
        max_keepalive_connections=settings.max_connections,
        keepalive_expiry=KEEPALIVE_S,
    )
    return httpx.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False, proxy=find_proxy(settings, url))


def find_proxy(settings: Settings, url: str) -> httpx.Proxy | None:
    """The proxy for a server: the setting, else the system's (environment, registry) with its exceptions.

    The system's proxy is not asked for this machine itself, where the demo runs. Raises UsageError for a kind of
    proxy that cannot be used.
    """
    found = settings.proxy
    if not found:
        parts = urlsplit(url)
        known = urllib.request.getproxies()
        found = known.get(parts.scheme) or known.get("all") or ""
        if not found or is_loopback(url) or _is_excepted(parts.hostname or "", parts.port, known.get("no", "")):
            return None
    if "://" not in found:
        found = f"http://{found}"
    scheme = urlsplit(found).scheme.lower()
    if scheme not in ("http", "https"):
        raise UsageError(
            f"The proxy of this system is of the kind {scheme}, which is not supported.",
            "Give an http:// or https:// proxy; SOCKS needs a local bridge.",
        )
    proxy = httpx.Proxy(found)
    if proxy.auth is not None:
        hide(proxy.auth[1])
    return proxy


def _is_excepted(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether NO_PROXY (names with their subdomains, addresses, networks, *) or the system's own list names a host."""
    with_port = f"{host}:{port}" if port else host
    for entry in filter(None, (part.strip().lower() for part in no_proxy.split(","))):
        name = entry.removeprefix("*").removeprefix(".")
        if entry == "*" or name in (host, with_port) or (name and host.endswith(f".{name}")):
            return True
        try:
            if "/" in entry and ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return bool(urllib.request.proxy_bypass(with_port))


def timeouts(limit_s: float) -> dict[str, float | None]:
    """The time limits of one request, as its extension: for connecting, and for each wait for more of the answer."""
    return httpx.Timeout(limit_s, connect=min(CONNECT_TIMEOUT_S, limit_s)).as_dict()


async def exchange(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> Answer:
    """Send one request and read the whole answer.

    Raises ConnectionTrouble when there was none, ServerTrouble when it broke off, BadAnswer when it cannot be unpacked.
    The caller limits the time as a whole.
    """
    response: httpx.Response | None = None
    try:
        # The transport is asked directly: redirects, cookies and authentication of httpx's client are not wanted here
        # and cost as much again as the exchange.
        response = await transport.handle_async_request(request)
        body = await response.aread()
        kind = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
        return Answer(response.status_code, kind, response.headers.get("retry-after"), body)
    except FOREIGN as error:
        failed = error
    finally:
        if response is not None and not response.is_closed:
            await let_go(response)
    # raised out here so that the foreign error, with URL and headers, does not come along as its context
    raise in_our_words(failed, response)


async def let_go(response: httpx.Response) -> None:
    """Close an answer that is not read to its end."""
    try:
        await response.aclose()
    except FOREIGN:
        return  # the connection is broken anyway


FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, aiohttp.ClientError, OSError, ValueError)
"""Everything the two libraries raise for trouble on the wire. (TimeoutError is an OSError.)"""


def in_our_words(
    error: Exception, response: httpx.Response | None = None, *, server: str = "TMDb's server"
) -> RequestError:
    """One of our errors for one of theirs, about `server`. Their texts hold the URL, so none of them is repeated."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 6:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    if response is not None:
        if isinstance(error, httpx.DecodingError):
            return BadAnswer("The answer could not be unpacked.")
        if not _any(chain, TimeoutError, httpx.ReadTimeout):
            return ServerTrouble("The answer broke off.")
    return ConnectionTrouble(_trouble(chain, server))


def _trouble(chain: list[BaseException], server: str) -> str:
    if _any(chain, aiohttp.ClientConnectorDNSError) or _says(chain, "name or service", "getaddrinfo", "nodename"):
        return f"The name of {server} could not be resolved."
    if _any(chain, httpx.ProxyError, aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError):
        return "The proxy does not let the connection through."
    if _any(chain, ssl.SSLError, aiohttp.ClientSSLError):
        return "The secure connection could not be made: the certificate or the encryption was not accepted."
    if _any(chain, ConnectionRefusedError) or _says(chain, "refused"):
        return "The connection was refused."
    if _any(chain, aiohttp.ClientConnectorError):
        return f"{server} could not be reached."
    if _any(chain, ConnectionResetError, BrokenPipeError, aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError):
        return "The connection was broken off."
    if _any(chain, aiohttp.ClientResponseError):
        return "The answer was no HTTP that can be understood."
    if _any(chain, TimeoutError, httpx.TimeoutException):
        return "No answer came in time."
    return f"The connection failed ({type(chain[0]).__name__})."


def _any(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(one, kinds) for one in chain)


def _says(chain: list[BaseException], *words: str) -> bool:
    return any(word in str(one).lower() for one in chain for word in words)
