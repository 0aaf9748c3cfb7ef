"""What the mirror is to hold: everything, or what any of some rules names. Shared by all layers and pure.

While adult or video entries are off they count as excluded by the scope, never as missing.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from gdvg_desktop.core.kinds import Match, MediaType

BOTH = (MediaType.MOVIE, MediaType.TV)


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """Titles of some types that satisfy every condition given. Empty and None narrow nothing.

    `countries` and `languages` (original language) mean any of them, `match` says whether any or all of `genres` are
    needed. `genre_ids` holds TMDb's ids of the genres for each type that has them. The period is inclusive: whole
    years, or where a day is given (`date_from`, `date_to`) from or to that day instead. A title without a date is in no
    rule with a period.
    """

    types: tuple[MediaType, ...] = BOTH
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    genres: tuple[str, ...] = ()
    genre_ids: tuple[tuple[MediaType, tuple[int, ...]], ...] = ()
    min_votes: int = 0
    match: Match = Match.ANY
    date_from: date | None = None
    date_to: date | None = None

    @property
    def first_day(self) -> date | None:
        """The first release day that belongs to the rule; None when there is no first."""
        if self.date_from is not None or self.year_from is None:
            return self.date_from
        return date(self.year_from, 1, 1)

    @property
    def last_day(self) -> date | None:
        """The last release day that belongs to the rule; None when there is no last."""
        if self.date_to is not None or self.year_to is None:
            return self.date_to
        return date(self.year_to, 12, 31)

    @property
    def has_period(self) -> bool:
        """True when years or days are given."""
        return self.first_day is not None or self.last_day is not None

    @property
    def is_everything(self) -> bool:
        """True when nothing but the type is asked for: such a rule needs the export alone."""
        return not (self.countries or self.languages or self.has_period or self.genres or self.min_votes)

    def ids_for(self, media_type: MediaType) -> tuple[int, ...] | None:
        """Genre ids of a type: () without genres, None when the rule can name no title of this type."""
        if media_type not in self.types:
            return None
        if not self.genres:
            return ()
        ids = dict(self.genre_ids).get(media_type, ())
        if not ids or (self.match is Match.ALL and len(ids) < len(self.genres)):
            return None
        return ids

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that are the same for the same conditions; the types are no part of them."""
        parts = [
            sorted(self.countries),
            sorted(self.languages),
            self.year_from if self.date_from is None else self.date_from.isoformat(),
            self.year_to if self.date_to is None else self.date_to.isoformat(),
            sorted(self.genres),
            sorted((kind.value, sorted(ids)) for kind, ids in self.genre_ids),
            self.min_votes,
            self.match.value if len(self.genres) > 1 else "",
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def words(self) -> str:
        """The rule in short words: "Movies · KR, JP · Drama · 2010 to 2020 · 100 votes or more"."""
        types: dict[tuple[MediaType, ...], str] = {(MediaType.MOVIE,): "Movies", (MediaType.TV,): "TV series"}
        joined = " and " if self.match is Match.ALL else ", "
        parts = [
            types.get(self.types, "Movies and TV series"),
            ", ".join(self.countries),
            f"in {', '.join(self.languages)}" if self.languages else "",
            joined.join(self.genres),
            self._period(),
            f"{self.min_votes:,} votes or more" if self.min_votes else "",
        ]
        return " · ".join(part for part in parts if part)

    def _period(self) -> str:
        if self.date_from is None and self.date_to is None:
            first = str(self.year_from) if self.year_from is not None else ""
            last = str(self.year_to) if self.year_to is not None else ""
        else:
            first = f"{self.first_day:%Y-%m}" if self.first_day else ""
            last = f"{self.last_day:%Y-%m}" if self.last_day else ""
        if first and first == last:
            return first
        return f"{first} to {last}" if first and last else f"from {first}" if first else f"to {last}" if last else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything, or the union of rules; `adult` and `video` say whether such entries belong to it.

    `presets` are the numbers of the presets the rules were made of; they are made anew when one of them changes.
    """

    everything: bool = True
    rules: tuple[ScopeRule, ...] = ()
    adult: bool = False
    video: bool = False
    presets: tuple[int, ...] = ()

    def rules_for(self, media_type: MediaType) -> tuple[ScopeRule, ...]:
        """The rules that can name a title of a type; () when the scope is everything."""
        if self.everything:
            return ()
        return tuple(rule for rule in self.rules if rule.ids_for(media_type) is not None)

    def covers_all(self, media_type: MediaType) -> bool:
        """Whether every id of a type is in the scope, but for adult and video entries that are off."""
        return self.everything or any(rule.is_everything for rule in self.rules_for(media_type))

    def wants_adult(self, media_type: MediaType) -> bool:
        """Whether adult titles of a type belong to the scope, which TMDb lists in an export of their own."""
        return self.adult and (self.everything or bool(self.rules_for(media_type)))

    def month_rules(self, media_type: MediaType) -> tuple[ScopeRule, ...]:
        """What release months are asked for: the rules, or one that narrows nothing when all of a type is wanted."""
        if self.covers_all(media_type):
            return (ScopeRule(types=(media_type,)),)
        return self.rules_for(media_type)

    def month_keys(self) -> set[str]:
        """The keys those months are kept under, of both types."""
        return {self.listing_key(rule) for media_type in BOTH for rule in self.month_rules(media_type)}

    def listing_key(self, rule: ScopeRule) -> str:
        """The key what discover lists for a rule is kept under: adult and video entries make it another listing."""
        return f"{rule.key}{'+adult' if self.adult else ''}{'+video' if self.video else ''}"

    @property
    def words(self) -> str:
        """The scope in short words."""
        parts = ["Everything"] if self.everything else [rule.words for rule in self.rules]
        extra = [name for name, on in (("adult entries", self.adult), ("video entries", self.video)) if on]
        return "; ".join(parts) + (f"; with {' and '.join(extra)}" if extra else "")
