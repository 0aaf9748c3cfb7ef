"""Everything about one title in one request, by append_to_response (TMDB.md 3)."""

from collections.abc import Sequence

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.tmdb.requests import Request

_SHARED = (
    "alternative_titles",
    "external_ids",
    "images",
    "keywords",
    "translations",
    "videos",
    "watch/providers",
)
PARTS: dict[MediaType, tuple[str, ...]] = {
    MediaType.MOVIE: ("credits", "release_dates", *_SHARED),
    MediaType.TV: ("aggregate_credits", "content_ratings", *_SHARED),
}
"""The parts appended, under 20 of them (more is a 400). Each keeps its name as a key of the answer."""


def details(media_type: MediaType, tmdb_id: int, languages: Sequence[str]) -> Request:
    """The whole title. `languages` are the metadata languages in order (en-US); TMDb fills texts in the first only.

    Without include_image_language the language would also filter the images.
    """
    codes = list(dict.fromkeys([code.split("-")[0] for code in languages] + ["en", "null"]))
    params = {
        "language": languages[0] if languages else "en-US",
        "append_to_response": ",".join(PARTS[media_type]),
        "include_image_language": ",".join(codes),
    }
    if media_type is MediaType.TV:
        params["include_video_language"] = ",".join(codes)  # movies have no such parameter
    return Request(f"/{media_type.value}/{tmdb_id}", params, "details")
