"""The scope of the mirror: its words read from a user, and its rules as discover windows. Pure.

`Scope` and `ScopeRule` themselves are shared by all layers and live in `core.scope`.
"""

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store.windows import Window
from gdvg_desktop.tmdb.discover import DiscoverQuery

__all__ = ["Scope", "ScopeRule", "query_of", "windows_of"]


def windows_of(rule: ScopeRule, media_type: MediaType) -> list[Window]:
    """The windows that list a rule for a type: one, or one a language, as discover takes a single language.

    None for a type the rule cannot name. A rule without a period asks for undated titles as well.
    """
    if rule.ids_for(media_type) is None:
        return []
    return [
        Window(
            media_type,
            rule.first_day,
            rule.last_day,
            undated="without" if rule.has_period else "with",
            votes_from=rule.min_votes or None,
            language=language,
        )
        for language in (rule.languages or (None,))
    ]


def query_of(scope: Scope, rule: ScopeRule, window: Window, sort_by: str) -> DiscoverQuery:
    """The discover query of a window of a rule."""
    return DiscoverQuery(
        media_type=window.media_type,
        countries=rule.countries,
        genres=rule.ids_for(window.media_type) or (),
        match=rule.match,
        date_from=window.date_from,
        date_to=window.date_to,
        undated=window.undated,
        original_language=window.language,
        vote_count_gte=window.votes_from,
        vote_count_lte=window.votes_to,
        sort_by=sort_by,
        include_adult=scope.adult,
        include_video=scope.video,
    )
