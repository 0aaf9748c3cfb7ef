"""Where TMDb's images are, for the faces that show some.

An image's address is base + size + path (TMDB.md 6). The base comes from TMDb's configuration, which is kept for seven
days; a title keeps the path alone. Fetching an image is the face's own affair and never carries the key.
"""

from dataclasses import dataclass, field

import httpx

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.settings import Settings, is_loopback
from gdvg_desktop.store import counts
from gdvg_desktop.tmdb import payloads
from gdvg_desktop.tmdb import reference as ask
from gdvg_desktop.tmdb.transport import USER_AGENT, find_proxy

DEFAULT_BASE = "https://image.tmdb.org/t/p/"
FRESH_MS = 7 * 86_400_000
_FACT = "image_base_url"


@dataclass(frozen=True, slots=True)
class ImageSource:
    """How to reach the image host: `base_url` ends with a slash; `proxy` may hold a password, so it is never shown."""

    base_url: str
    user_agent: str = USER_AGENT
    proxy: httpx.Proxy | None = field(default=None, repr=False)


async def source(app: App) -> ImageSource:
    """The image host in use. Costs one request a week; without an answer the last known or TMDb's usual host is named.

    A server on this machine has no usual host: its images are where its configuration says. Raises UsageError when it
    has not said so yet, or when the proxy is of a kind that cannot be used.
    """
    now_ms = to_millis(app.clock.now())
    name = f"{_FACT} {app.settings.tmdb_url}"
    known = await app.store.read(lambda db: counts.fact(db, name))
    if known is not None and now_ms - known.at < FRESH_MS:
        return _reach(app.settings, known.value)
    base = await _ask(app) if app.credential is not None else None
    if base is not None:
        found = base
        await app.store.write(lambda db: counts.set_fact(db, name, found, now_ms))
    elif known is not None:
        base = known.value
    elif is_loopback(app.settings.tmdb_url):
        raise UsageError("The server on this machine has not said where its images are.")
    return _reach(app.settings, base or DEFAULT_BASE)


async def _ask(app: App) -> str | None:
    """The base TMDb names, or None when it cannot be asked: images can wait."""
    try:
        found = await app.client.get(ask.configuration(), decode=payloads.decode_configuration)
    except GdvgError:
        return None
    base = found.images.secure_base_url if found.images is not None else None
    return f"{base.rstrip('/')}/" if base else None


def _reach(settings: Settings, base_url: str) -> ImageSource:
    return ImageSource(base_url, proxy=find_proxy(settings, base_url))
