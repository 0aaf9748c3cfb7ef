"""The scope of the mirror: its words read from a user, and its rules as discover windows. Pure.

`Scope` and `ScopeRule` themselves are shared by all layers and live in `core.scope`.
"""

from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.core.scope import Scope, ScopeRule
from gdvg_desktop.store.windows import Window

__all__ = ["Scope", "ScopeRule", "windows_of"]


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
