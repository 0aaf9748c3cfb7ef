"""Reading a downloaded id export fast and with little memory: ids, popularity and the two flags as arrays.

The file is inflated in one thread while another decodes the block before it. A block whose lines are all good is
decoded in one call; a block with a blank or broken line is gone through line by line, and such lines are counted.
"""

import zlib
from collections.abc import Generator, Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec

from gdvg_desktop.core.errors import BadAnswer

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.uint32]
    Floats = NDArray[numpy.float32]

_READ_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 19  # inflated and decoded at once: memory is a few times of it, and no lock is held for long
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_GZIP = 31  # zlib's window bits for a gzip stream with its checksum


class Damaged(BadAnswer):
    """A file that is no whole export. `code` is empty, cut_off or damaged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Row(msgspec.Struct, frozen=True, gc=False):
    """One line. Series lines carry neither `adult` nor `video`. Ids stay below 2^31, as `title.id` is twice as much."""

    id: Annotated[int, msgspec.Meta(gt=0, lt=2**31)]
    popularity: float | None = None
    adult: bool | None = None
    video: bool | None = None


class _Odd(msgspec.Struct, frozen=True, gc=False):
    """A line with a value of another kind than it should be: what counts is the id."""

    id: Annotated[int, msgspec.Meta(gt=0, lt=2**31)]
    adult: Any = None
    video: Any = None


class _Named(msgspec.Struct, frozen=True, gc=False):
    id: int
    original_title: str | None = None
    original_name: str | None = None


_decode_odd = msgspec.json.Decoder(_Odd).decode


@dataclass(slots=True)
class ExportIds:
    """Rows of an export in the order of the file. `adult` and `video` are the ids so marked."""

    ids: "Ids"
    popularity: "Floats"
    adult: list[int]
    video: list[int]
    blank: int = 0
    broken: int = 0


def check(path: Path) -> None:
    """Raise Damaged unless the file is one whole gzip stream with something in it."""
    if not sum(len(block) for block in inflated(path)):
        raise Damaged("empty", "The export file is empty.")


def inflated(path: Path) -> Generator[bytes, None, None]:
    """The inflated bytes in blocks. Raises Damaged for a file that is cut off or no gzip file."""
    with path.open("rb") as file:
        if not file.read(1):
            raise Damaged("empty", "The export file is empty.")
        file.seek(0)
        try:
            yield from _members(file)
        except zlib.error:
            raise Damaged("damaged", "The export file is damaged or no export at all.") from None


def _members(file: BinaryIO) -> Iterator[bytes]:
    stream, begun = zlib.decompressobj(_GZIP), False
    data = b""
    while True:
        if not data:
            data = file.read(_READ_BYTES)
            if not begun:
                data = data.lstrip(b"\0")  # padding some tools leave after a stream
        if not data:
            break
        begun = True
        if block := stream.decompress(data, _BLOCK_BYTES):
            yield block
        data = stream.unconsumed_tail
        if stream.eof:
            data, stream, begun = stream.unused_data.lstrip(b"\0"), zlib.decompressobj(_GZIP), False
    if begun:
        raise Damaged("cut_off", "The export file is cut off.")


def whole_lines(path: Path) -> Generator[bytes, None, None]:
    """The file in blocks that end at the end of a line. The next block is inflated in a thread of its own."""
    blocks = inflated(path)
    rest: list[bytes] = []
    with ThreadPoolExecutor(1, thread_name_prefix="export-inflate") as ahead:
        try:
            coming = ahead.submit(next, blocks, None)
            while (block := coming.result()) is not None:
                coming = ahead.submit(next, blocks, None)
                end = block.rfind(b"\n") + 1
                if not end:
                    rest.append(block)
                    continue
                yield b"".join((*rest, block[:end]))
                rest = [block[end:]]
            if last := b"".join(rest):
                yield last
        finally:
            ahead.shutdown(wait=True)  # before the generator it works for is closed
            blocks.close()


def read_blocks(path: Path) -> Generator[ExportIds, None, None]:
    """The rows in blocks of about ten thousand; blank and broken lines are counted in their block and left out.

    Blocks. Raises Damaged for a file that is cut off or no export.
    """
    import numpy  # late: most commands read no export

    decoder = msgspec.json.Decoder(_Row)
    lines = whole_lines(path)
    try:
        for block in lines:
            broken = 0
            try:
                rows = decoder.decode_lines(block)
                blank = block.count(b"\n") + (not block.endswith(b"\n")) - len(rows)
            except _UNREADABLE:
                rows, blank, broken = _line_by_line(decoder, block)
            yield ExportIds(
                numpy.fromiter([row.id for row in rows], numpy.uint32, len(rows)),
                _floats([row.popularity for row in rows]),
                [row.id for row in rows if row.adult],
                [row.id for row in rows if row.video],
                blank,
                broken,
            )
    finally:
        lines.close()


def _line_by_line(decoder: msgspec.json.Decoder[_Row], block: bytes) -> tuple[list[_Row], int, int]:
    rows: list[_Row] = []
    blank = broken = 0
    for line in block.splitlines():
        try:
            rows.append(decoder.decode(line))
        except _UNREADABLE:
            if not line.strip():
                blank += 1
            elif (row := _odd(line)) is not None:
                rows.append(row)
            else:
                broken += 1
    return rows, blank, broken


def _odd(line: bytes) -> _Row | None:
    """A line as far as it can be read; None when not even its id can."""
    try:
        odd = _decode_odd(line)
    except _UNREADABLE:
        return None
    return _Row(odd.id, None, odd.adult is True, odd.video is True)


def _floats(values: "list[float | None]") -> "Floats":
    import numpy  # late, see read_blocks

    found = numpy.fromiter(values, numpy.float64, len(values))  # None becomes NaN
    found[numpy.isnan(found)] = 0.0
    with numpy.errstate(over="ignore"):
        return found.astype(numpy.float32)


def read_ids(path: Path) -> ExportIds:
    """All rows of a file, ascending by id; of an id that comes twice the first row. Blocks; raises Damaged."""
    import numpy  # late, see read_blocks

    whole = ExportIds(numpy.empty(0, numpy.uint32), numpy.empty(0, numpy.float32), [], [])
    ids: list[Ids] = []
    popularity: list[Floats] = []
    for block in read_blocks(path):
        ids.append(block.ids)
        popularity.append(block.popularity)
        whole.adult += block.adult
        whole.video += block.video
        whole.blank += block.blank
        whole.broken += block.broken
    if not ids:
        return whole
    whole.ids, whole.popularity = numpy.concatenate(ids), numpy.concatenate(popularity)
    if not bool(numpy.all(whole.ids[1:] > whole.ids[:-1])):
        whole.ids, first = numpy.unique(whole.ids, return_index=True)
        whole.popularity = whole.popularity[first]
    return whole


def names_of(path: Path, ids: Set[int]) -> dict[int, str]:
    """The original titles of some ids. Reads the file to its end; blocks. Raises Damaged."""
    decoder = msgspec.json.Decoder(_Named)
    names: dict[int, str] = {}
    lines = whole_lines(path)
    try:
        for block in lines:
            try:
                rows = decoder.decode_lines(block)
            except _UNREADABLE:
                rows = [row for row in (_named(decoder, line) for line in block.splitlines()) if row is not None]
            for row in rows:
                if row.id in ids and (name := row.original_title or row.original_name):
                    names.setdefault(row.id, name)
            if len(names) == len(ids):
                break
    finally:
        lines.close()
    return names


def _named(decoder: msgspec.json.Decoder[_Named], line: bytes) -> _Named | None:
    try:
        return decoder.decode(line)
    except _UNREADABLE:
        return None
