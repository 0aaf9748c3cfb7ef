"""Posters, backdrops, portraits, stills and logos, drawn from their own file name: coloured shapes over a
gradient, written as palette PNG with zlib alone. Rows are runs of one palette index, so a poster costs a few
milliseconds."""

from __future__ import annotations

import colorsys
import re
import struct
import zlib
from functools import lru_cache
from math import sqrt
from random import Random

_PATH = re.compile(r"([pbfsl])([0-9a-f]{8}|c[0-9a-f]{7})\.png")
_SIZE = re.compile(r"([wh])(\d{2,4})|original")
_RATIOS = {"p": 1.5, "b": 0.5625, "f": 1.5, "s": 0.5625, "l": 0.4}
_ORIGINAL_WIDTHS = {"p": 1000, "b": 1920, "f": 632, "s": 1280, "l": 500}
_SHADES = 48
_KEPT = 600


@lru_cache(_KEPT)
def picture(size: str, name: str) -> bytes | None:
    """PNG bytes for a size of the configuration and a file name without its slash; None when either is not ours."""
    file, scale = _PATH.fullmatch(name), _SIZE.fullmatch(size)
    if file is None or scale is None:
        return None
    kind = file[1]
    ratio = _RATIOS[kind]
    if scale[1] is None:
        width = _ORIGINAL_WIDTHS[kind]
    else:
        width = int(scale[2]) if scale[1] == "w" else int(int(scale[2]) / ratio)
    width = min(max(width, 16), 1920)
    return _draw(kind, name, width, round(width * ratio))


def _draw(kind: str, name: str, width: int, height: int) -> bytes:
    rng = Random(name)
    hue = rng.random()
    palette = [_rgb(hue, 0.62, 0.55 - 0.38 * shade / _SHADES) for shade in range(_SHADES)]
    dark, light, warm, pale = range(_SHADES, _SHADES + 4)
    palette += [_rgb(hue, 0.6, 0.13), _rgb(hue + 0.12, 0.45, 0.72), _rgb(hue + 0.3, 0.5, 0.6), (226, 232, 240)]
    shapes: list[tuple[str, float, float, float, float, int]] = []
    if kind == "f":
        shapes += [("disc", 0.5, 0.42, 0.22, 0.22, light), ("ellipse", 0.5, 1.05, 0.42, 0.42, dark)]
    elif kind == "l":
        shapes += [("bar", 0.5, 0.5, 0.42, 0.16, pale), ("disc", 0.2, 0.5, 0.1, 0.1, light)]
    else:
        shapes += _scene(rng, dark, light, warm)
        if kind == "p":
            shapes.append(("bar", 0.2 + rng.random() * 0.4, 0.88, 0.15 + rng.random() * 0.15, 0.018, pale))
    return _png(width, height, palette, [_row(y, width, height, shapes) for y in range(height)])


def _scene(rng: Random, dark: int, light: int, warm: int) -> list[tuple[str, float, float, float, float, int]]:
    hills = [
        ("ellipse", rng.random(), 1.02, 0.3 + rng.random() * 0.4, 0.2 + rng.random() * 0.25, dark) for _ in range(2)
    ]
    match rng.randrange(4):
        case 0:  # two figures
            x = 0.25 + rng.random() * 0.15
            return [*hills, ("disc", x, 0.46, 0.15, 0.15, light), ("disc", x + 0.35, 0.45, 0.13, 0.13, warm)]
        case 1:  # a mountain under a sun
            return [
                ("disc", 0.2 + rng.random() * 0.6, 0.25, 0.13, 0.13, warm),
                ("triangle", 0.5, 0.57, 0.36, 0.26, light),
                *hills,
            ]
        case 2:  # a moon over hills
            return [("disc", 0.3 + rng.random() * 0.4, 0.32, 0.24, 0.24, light), *hills]
        case _:  # towers
            towers = [
                ("bar", 0.15 + 0.18 * n, 0.8 - rng.random() * 0.2, 0.06, 0.35, light if n % 2 else dark)
                for n in range(5)
            ]
            return [("disc", 0.7, 0.22, 0.1, 0.1, warm), *towers]


def _row(y: int, width: int, height: int, shapes: list[tuple[str, float, float, float, float, int]]) -> bytes:
    row = bytearray([int(y / height * _SHADES)]) * width
    at = (y + 0.5) / height
    for kind, center_x, center_y, half_width, half_height, colour in shapes:
        if kind == "disc":  # round at any aspect ratio
            radius = half_width * min(width, height)
            half_width, half_height = radius / width, radius / height
        offset = (at - center_y) / half_height
        if not -1 <= offset <= 1:
            continue
        if kind in ("ellipse", "disc"):
            reach = half_width * sqrt(1 - offset * offset)
        elif kind == "triangle":
            reach = half_width * (offset + 1) / 2
        else:
            reach = half_width
        left, right = max(0, int((center_x - reach) * width)), min(width, int((center_x + reach) * width))
        if right > left:
            row[left:right] = bytes([colour]) * (right - left)
    return bytes(row)


def _png(width: int, height: int, palette: list[tuple[int, int, int]], rows: list[bytes]) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 3)
    colours = b"".join(bytes(colour) for colour in palette)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"PLTE", colours)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def _rgb(hue: float, saturation: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
