"""The order in which movies and TV series take turns: page by page, in the proportion the user chose.

Each type's pages are spread evenly over an imagined line, the movies' as densely as their share says; the order is the
order on that line. When one type has no pages left the other simply goes on, so an unused share is never lost.
"""

import numpy
from numpy.typing import NDArray

TURN = 20  # titles of one type before the other has its turn: a page of TMDb's lists

Ranks = NDArray[numpy.int64]


def interleave(movies: int, series: int, movie_share: int) -> tuple[Ranks, Ranks]:
    """The places, from 1 on, of `movies` movies and `series` series, each in their own order.

    `movie_share` is in percent: with 0 every series goes before the first movie, with 100 the other way round. A last
    page that is not full takes a whole turn.
    """
    movie_pages, series_pages = -(-movies // TURN), -(-series // TURN)
    at = numpy.concatenate([_line(movie_pages, movie_share), _line(series_pages, 100 - movie_share)])
    order = numpy.lexsort((numpy.arange(len(at)), at))  # at the same place movies go first
    turn = numpy.empty(len(at), numpy.int64)
    turn[order] = numpy.arange(len(at))
    sizes = numpy.concatenate([_sizes(movies, movie_pages), _sizes(series, series_pages)])
    before = numpy.zeros(len(at) + 1, numpy.int64)
    numpy.cumsum(sizes[order], out=before[1:])
    starts = before[turn]
    return _places(starts[:movie_pages], movies), _places(starts[movie_pages:], series)


def _line(pages: int, share: int) -> NDArray[numpy.float64]:
    """Where the pages of a type with a share in percent lie; a type without a share lies behind all others."""
    if share == 0:
        return numpy.full(pages, numpy.inf)
    return (numpy.arange(pages) + 0.5) / share


def _sizes(titles: int, pages: int) -> Ranks:
    sizes = numpy.full(pages, TURN, numpy.int64)
    if titles % TURN:
        sizes[-1] = titles % TURN
    return sizes


def _places(starts: Ranks, titles: int) -> Ranks:
    number = numpy.arange(titles)
    return starts[number // TURN] + number % TURN + 1
