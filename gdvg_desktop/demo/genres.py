"""TMDb's genre ids and English names, per media type (the two id spaces overlap)."""

from __future__ import annotations

GENRES: dict[str, dict[int, str]] = {
    "movie": {
        28: "Action",
        12: "Adventure",
        16: "Animation",
        35: "Comedy",
        80: "Crime",
        99: "Documentary",
        18: "Drama",
        10751: "Family",
        14: "Fantasy",
        36: "History",
        27: "Horror",
        10402: "Music",
        9648: "Mystery",
        10749: "Romance",
        878: "Science Fiction",
        10770: "TV Movie",
        53: "Thriller",
        10752: "War",
        37: "Western",
    },
    "tv": {
        10759: "Action & Adventure",
        16: "Animation",
        35: "Comedy",
        80: "Crime",
        99: "Documentary",
        18: "Drama",
        10751: "Family",
        10762: "Kids",
        9648: "Mystery",
        10763: "News",
        10764: "Reality",
        10765: "Sci-Fi & Fantasy",
        10766: "Soap",
        10767: "Talk",
        10768: "War & Politics",
        37: "Western",
    },
}

UNLISTED_GENRE = 10799
"""A genre id some titles carry although no genre list names it: clients must not stumble over it."""

GENRE_WEIGHTS: dict[str, dict[int, int]] = {
    "movie": {
        18: 30,
        35: 20,
        53: 11,
        28: 11,
        10749: 10,
        27: 9,
        99: 9,
        80: 8,
        12: 7,
        878: 6,
        14: 6,
        16: 6,
        10751: 6,
        9648: 5,
    }
    | {36: 3, 10402: 3, 10752: 2, 37: 2, 10770: 3},
    "tv": {18: 34, 35: 18, 80: 8, 16: 9, 10759: 9, 10765: 9, 9648: 6, 99: 7, 10764: 8, 10751: 5, 10762: 5, 10766: 5}
    | {10768: 2, 10767: 3, 10763: 1, 37: 1},
}


def genre_name(media_type: str, genre_id: int) -> str:
    """The English name; the unlisted id has one in details all the same."""
    return GENRES[media_type].get(genre_id, "Experimental")
