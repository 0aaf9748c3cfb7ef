"""What stays of a held title when an answer lacks a part of it: only what came replaces what is held.

TMDb's details now and then come without their credits or images, or with an error in their place. That says nothing
about the title. Pure; which parts did not come is told by `sync.mapping`.
"""

from dataclasses import replace
from typing import Any

from gdvg_desktop.store import fields
from gdvg_desktop.store.compare import Held
from gdvg_desktop.store.search import search_text, sort_key
from gdvg_desktop.store.title_rows import TITLE_COLUMNS, Row, TitleRows, completeness, content_hash


def with_held(rows: TitleRows, held: Held, unavailable: int | None) -> TitleRows:
    """The rows of an answer, filled from what is held where a part did not come (`rows.unanswered`).

    `unavailable` is the held title's mask; of the fields only these parts can tell it stays as it is.
    """
    children = dict(rows.children)
    for table in rows.unanswered:
        children[table] = _joined(table, held.children.get(table, []), rows.children.get(table, []))
    children = {table: some for table, some in children.items() if some}
    values = dict(zip(TITLE_COLUMNS, rows.title, strict=True))
    old = dict(zip(TITLE_COLUMNS, held.title, strict=True))
    if "translation" in rows.unanswered:
        _keep_texts(values, old)
    if "external_id" in rows.unanswered:
        values["imdb_id"] = values["imdb_id"] or old["imdb_id"]
    values["completeness"] = completeness(
        rows.media_type, (values["overview"], values["poster_path"], values["backdrop_path"]), children
    )
    title = tuple(values.values())
    untold = fields.told_by(rows.unanswered)
    forms = [values["title"], values["original_title"]]
    forms += [row[6] for row in children.get("translation", ())]
    forms += [row[3] for row in children.get("alternative_title", ())]
    return replace(
        rows,
        title=title,
        children=children,
        content_hash=content_hash(title, children, rows.episodes),
        search_text=search_text(forms),
        unavailable=fields.absent(values, children) & (~untold | (unavailable or 0)),
    )


def _keep_texts(values: dict[str, Any], old: dict[str, Any]) -> None:
    """Texts that came from a translation: TMDb sends them empty, and the title as the original one.

    What was held in the language asked for came with the details themselves, so it goes when they no longer have it.
    """
    asked = values["language"]
    if values["overview"] is None and old["overview_language"] != asked:
        values |= {name: old[name] for name in ("overview", "overview_language")}
    for name in ("tagline", "homepage"):
        values[name] = values[name] or old[name]
    original = values["title"] == values["original_title"] == old["original_title"]
    if original and old["title_language"] not in (None, asked):
        values |= {name: old[name] for name in ("title", "title_language")}
        values["sort_title"] = sort_key(values["title"])


def _joined(table: str, held: list[Row], new: list[Row]) -> list[Row]:
    """The held rows, and those of the new ones that came with the details themselves."""
    if table == "credit":  # creators
        stay = [row for row in held if row[2] != "creator"]
        first = max((row[1] for row in stay), default=-1) + 1
        return stay + [(row[0], position, *row[2:]) for position, row in enumerate(new, first)]
    if table == "external_id":  # a movie's IMDb id
        return list({row[1]: row for row in (*held, *new)}.values())
    return held
