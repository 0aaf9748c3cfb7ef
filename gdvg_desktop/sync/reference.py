"""TMDb's lists of genres, countries and languages: from the store when fresh, else bundled, else asked.

Lists are kept for seven days. The bundled copy answers most questions without a request; TMDb is asked when a name is
not in it, or when `refresh` is called.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, TypeVar

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, to_millis
from gdvg_desktop.core.errors import GdvgError, UsageError
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.store import reference as kept
from gdvg_desktop.store.db import Store
from gdvg_desktop.tmdb import payloads
from gdvg_desktop.tmdb import reference as ask
from gdvg_desktop.tmdb.client import TmdbClient

T = TypeVar("T")
Genres = Mapping[MediaType, Mapping[int, str]]
FRESH_MS = 7 * 86_400_000


class Reference:
    """Reads the lists; every answer from TMDb is stored for a week."""

    def __init__(self, store: Store, client: TmdbClient, clock: Clock) -> None:
        self._store = store
        self._client = client
        self._clock = clock

    async def countries(self) -> Mapping[str, str]:
        """Country code to English name; the kept list when fresh, else the bundled one."""
        oldest = to_millis(self._clock.now()) - FRESH_MS
        return await self._store.read(lambda db: kept.countries(db, oldest)) or bundled()["countries"]

    async def genres(self) -> Genres:
        """Genre id to English name for each media type."""
        oldest = to_millis(self._clock.now()) - FRESH_MS
        found: dict[MediaType, Mapping[int, str]] = {}
        for media_type in MediaType:
            fresh = await self._store.read(partial(kept.genres, media_type=media_type, oldest_ms=oldest))
            found[media_type] = fresh or {int(key): name for key, name in bundled()["genres"][media_type].items()}
        return found

    async def language_codes(self) -> list[str]:
        """The codes original languages are given in, which include some that are no ISO 639-1."""
        oldest = to_millis(self._clock.now()) - FRESH_MS
        return sorted(await self._store.read(lambda db: kept.languages(db, oldest)) or bundled()["languages"])

    async def understand(self, read: Callable[[Mapping[str, str], Genres], T]) -> T:
        """Read a user's words with the known lists; when one is unknown, ask TMDb for its lists and read again."""
        try:
            return read(await self.countries(), await self.genres())
        except UsageError:
            with contextlib.suppress(GdvgError):  # offline or without a key the word stays unknown
                await self.refresh()
            return read(await self.countries(), await self.genres())

    async def refresh(self) -> None:
        """Ask TMDb for all lists and keep them. Raises what the client raises."""
        now_ms = to_millis(self._clock.now())
        countries = await self._client.get(ask.countries(), decode=payloads.decode_countries)
        languages = await self._client.get(ask.languages(), decode=payloads.decode_languages)
        genres = {
            media_type: await self._client.get(ask.genres(media_type), decode=payloads.decode_genres)
            for media_type in MediaType
        }

        def write(db: SqliteDatabase) -> None:
            kept.set_countries(
                db, [(one.iso_3166_1 or "", one.english_name, one.native_name) for one in countries], now_ms
            )
            kept.set_languages(db, [(one.iso_639_1 or "", one.english_name, one.name) for one in languages], now_ms)
            for media_type, rows in genres.items():
                kept.set_genres(db, media_type, [(one.id or 0, one.name) for one in rows], now_ms)

        await self._store.write(write)


@cache
def bundled() -> dict[str, Any]:
    """The copy that ships with the program: TMDb's codes and English names."""
    found: dict[str, Any] = json.loads(resource_path("reference", "tmdb.json").read_text(encoding="utf-8"))
    return found
