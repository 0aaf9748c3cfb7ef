"""Whether a title that no export and no listing has judged yet belongs to the scope, by its own details. Pure."""

from datetime import date

from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.tmdb.payloads import TitleDetails, valid_date


def belongs(scope: Scope, media_type: MediaType, details: TitleDetails) -> bool:
    """Whether the scope wants a title."""
    if (details.adult and not scope.adult) or (details.video and not scope.video):
        return False
    if scope.covers_all(media_type):
        return True
    return any(_satisfies(details, rule, media_type) for rule in scope.rules_for(media_type))


def _satisfies(details: TitleDetails, rule: ScopeRule, media_type: MediaType) -> bool:
    if rule.countries and not set(rule.countries) & set(details.origin_country or ()):
        return False
    if rule.languages and details.original_language not in rule.languages:
        return False
    if (details.vote_count or 0) < rule.min_votes:
        return False
    return _in_period(details, rule, media_type) and _has_genres(details, rule, media_type)


def _in_period(details: TitleDetails, rule: ScopeRule, media_type: MediaType) -> bool:
    if not rule.has_period:
        return True
    day = valid_date(details.release_date if media_type is MediaType.MOVIE else details.first_air_date)
    if day is None:
        return False
    released = date.fromisoformat(day)
    return (rule.first_day or released) <= released <= (rule.last_day or released)


def _has_genres(details: TitleDetails, rule: ScopeRule, media_type: MediaType) -> bool:
    wanted = set(rule.ids_for(media_type) or ())
    carried = {genre.id for genre in details.genres or ()}
    return wanted <= carried if rule.match is Match.ALL else not wanted or bool(wanted & carried)
