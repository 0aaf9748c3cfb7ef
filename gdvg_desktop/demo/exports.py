"""The daily id export files: gzip, one JSON object a line, kept for ninety days, today's not there yet. One
blank and one broken line are in every file, since clients have to survive them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta

from gdvg_desktop.demo.catalogue import Catalogue
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.people import everyone
from gdvg_desktop.demo.reference import KEYWORDS, NETWORKS, STUDIOS
from gdvg_desktop.demo.texts import original_name
from gdvg_desktop.demo.vocabulary import TONGUES
from gdvg_desktop.demo.wire import encode

KEPT_DAYS = 90
_FILE = re.compile(r"([a-z_]+)_(\d\d)_(\d\d)_(\d{4})\.json\.gz")


class Exports:
    """Makes export files from a catalogue; each is packed once per state of the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._packed: dict[tuple[str, int, bool], bytes] = {}

    def file(self, name: str, today: date, faults: Faults) -> bytes | None:
        """The bytes of `<kind>_MM_DD_YYYY.json.gz` as the switches have them; None for one that is not there."""
        match = _FILE.fullmatch(name)
        if match is None:
            return None
        kind, month, day, year = match.groups()
        try:
            age = today - date(int(year), int(month), int(day))
        except ValueError:
            return None
        youngest = timedelta(days=0 if faults.export_today else 1)
        if not youngest <= age <= timedelta(days=KEPT_DAYS):
            return None
        if faults.export_newest_only and age > youngest:
            return self._pack(kind)
        if faults.export_missing:
            return None
        if faults.export_empty:
            return gzip.compress(b"", mtime=0)
        data = self._pack(kind, half=faults.export_half)
        return data[: len(data) // 2] if data and faults.export_truncated else data

    def rows(self, kind: str) -> list[dict[str, object]] | None:
        """The objects of one export, None for a kind TMDb does not have."""
        match kind:
            case "movie_ids" | "tv_series_ids":
                return list(self._titles("movie" if kind == "movie_ids" else "tv", adult=False))
            case "adult_movie_ids" | "adult_tv_series_ids":
                return list(self._titles("movie" if kind == "adult_movie_ids" else "tv", adult=True))
            case "person_ids":
                return [{"adult": False, "id": who.id, "name": who.name, "popularity": 1.0} for who in everyone()]
            case "adult_person_ids":
                return []
            case "collection_ids":
                nouns = TONGUES["en"].nouns
                return [{"id": 7_000 + n, "name": f"{noun.title()} Collection"} for n, noun in enumerate(nouns)]
            case "tv_network_ids":
                return [{"id": 300 + n, "name": name} for n, name in enumerate(NETWORKS)]
            case "keyword_ids":
                return [{"id": 4_000 + n * 3, "name": name} for n, name in enumerate(KEYWORDS)]
            case "production_company_ids":
                return [{"id": 900 + n, "name": name} for n, name in enumerate(STUDIOS)]
            case _:
                return None

    def _titles(self, media_type: str, *, adult: bool) -> Iterator[dict[str, object]]:
        """In the order of ids. Standard files name no adult title; direct-video movies are in them, marked."""
        titles = [title for title in self._catalogue.exported(media_type) if title.adult == adult]
        for title in sorted(titles, key=lambda title: title.id):
            if media_type == "movie" or adult:
                name_key = "original_title" if media_type == "movie" else "original_name"
                row: dict[str, object] = {"adult": adult, "id": title.id, name_key: original_name(title)}
            else:
                row = {"id": title.id, "original_name": original_name(title)}
            row["popularity"] = title.popularity
            if media_type == "movie":
                row["video"] = title.video
            yield row

    def _pack(self, kind: str, *, half: bool = False) -> bytes | None:
        key = (kind, self._catalogue.version, half)
        if key not in self._packed:
            rows = self.rows(kind)
            if rows is None:
                return None
            lines = [encode(row) for row in rows[:: 2 if half else 1]]
            middle = len(lines) // 2
            lines[middle:middle] = [b"", b'{"id":']
            self._packed = {kept: data for kept, data in self._packed.items() if kept[1] == key[1]}
            self._packed[key] = gzip.compress(b"\n".join(lines) + b"\n", compresslevel=6, mtime=0)
        return self._packed[key]
