"""What an edit does to a title's bodies: everything visible moves a little, so that a client that compares finds the
overview, the tagline, the running time and the cast changed (the genres change in the catalogue itself). The same
number of edits gives the same bytes."""

from __future__ import annotations

from gdvg_desktop.demo.catalogue import Title

Body = dict[str, object]


def edited_title(title: Title, body: Body) -> Body:
    """The title's own keys after its edits."""
    if not title.edits:
        return body
    body["overview"] = f"{body['overview']} Revised, edition {title.edits + 1}.".strip()
    body["tagline"] = f"Now in edition {title.edits + 1}."
    if title.media_type == "movie":
        body["runtime"] = 90 + title.edits
    else:
        body["episode_run_time"] = [40 + title.edits]
    return body


def edited_part(title: Title, name: str, body: Body) -> Body:
    """A part after the title's edits: a bit part joins the cast with each."""
    if not title.edits or name not in ("credits", "aggregate_credits"):
        return body
    cast = body["cast"]
    assert isinstance(cast, list)
    for number in range(title.edits):
        face: Body = {
            "adult": False,
            "gender": 0,
            "id": 8_000_000 + number,
            "known_for_department": "Acting",
            "name": f"Extra {number + 1}",
            "original_name": f"Extra {number + 1}",
            "popularity": 0.1,
            "profile_path": None,
        }
        credit_id, character = f"{title.salt:08x}{0xE000 + number:016x}", "Passer-by"
        if name == "credits":
            face |= {"character": character, "credit_id": credit_id}
        else:
            role = {"credit_id": credit_id, "character": character, "episode_count": 1}
            face |= {"roles": [role], "total_episode_count": 1}
        cast.append(face | {"order": len(cast)})
    return body
