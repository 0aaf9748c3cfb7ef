"""How answers look on the wire: JSON with TMDb's cache headers and weak ETags, gzip when the client takes it,
and the one flat shape of every error. The moving numbers are kept out of the ETag, so an unchanged title
answers 304 although its popularity drifts."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

_encode = msgspec.json.Encoder().encode
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_JSON = "application/json;charset=utf-8"

MESSAGES: dict[int, tuple[int, str]] = {
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    9: (503, "Service offline: This service is temporarily offline, try again later."),
    11: (500, "Internal error: Something went wrong, contact TMDB."),
    20: (422, "Invalid date range: Should be a range no longer than 14 days."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    23: (400, "Invalid date: Format needs to be YYYY-MM-DD."),
    24: (504, "Your request to the backend server timed out. Try again."),
    25: (429, "Your request count (#) is over the allowed limit of (40)."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    42: (405, "This request method is not supported for this resource."),
}
"""HTTP status and text by TMDb's status_code (TMDb's error table)."""


def encode(value: object) -> bytes:
    return _encode(value)


def open_object(value: dict[str, object]) -> bytes:
    """A JSON object without its closing brace, ready for more members."""
    return _encode(value)[:-1]


def error(code: int, message: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """One of TMDb's errors; `message` replaces the text of the table."""
    status, text = MESSAGES[code]
    body = {"success": False, "status_code": code, "status_message": message or text}
    return Response(_encode(body), status, headers, media_type=_JSON)


def takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def answer(request: Request, body: bytes, max_age: int, etag: str | None = None) -> Response:
    """200 with `body`, or 304 when the client already has it; the ETag covers `body` unless one is given."""
    etag = etag or weak_etag(body)
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=_cache_headers(etag, max_age))
    headers = _cache_headers(etag, max_age)
    if takes_gzip(request) and len(body) > 500:
        packer = zlib.compressobj(1, wbits=31)
        body = packer.compress(body) + packer.flush()
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=_JSON)


def weak_etag(body: bytes) -> str:
    return f'W/"{zlib.crc32(body):08x}{len(body):x}"'


@dataclass(frozen=True, slots=True)
class Packed:
    """A body kept compressed whose last bytes change with every answer: the deflated unmoving part ends on a
    byte boundary, so the rest is put behind it as one stored block and nothing is compressed twice."""

    deflated: bytes
    crc: int
    size: int
    etag: str

    @classmethod
    def of(cls, static: bytes) -> Packed:
        packer = zlib.compressobj(1, wbits=-15)
        deflated = packer.compress(static) + packer.flush(zlib.Z_FULL_FLUSH)
        return cls(deflated, zlib.crc32(static), len(static), weak_etag(static))

    def answer(self, request: Request, rest: bytes, max_age: int) -> Response:
        headers = _cache_headers(self.etag, max_age)
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        if not takes_gzip(request):
            plain = zlib.decompressobj(-15).decompress(self.deflated) + rest
            return Response(plain, headers=headers, media_type=_JSON)
        headers["content-encoding"] = "gzip"
        stored = struct.pack("<BHH", 1, len(rest), len(rest) ^ 0xFFFF) + rest
        trailer = struct.pack("<II", zlib.crc32(rest, self.crc), self.size + len(rest))
        return Response(_GZIP_HEADER + self.deflated + stored + trailer, headers=headers, media_type=_JSON)


def _cache_headers(etag: str, max_age: int) -> dict[str, str]:
    return {"cache-control": f"public, max-age={max_age}", "etag": etag, "vary": "accept-encoding"}
