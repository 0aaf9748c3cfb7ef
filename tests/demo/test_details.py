"""Detail bodies over a real socket: parts, languages, odd values, caching."""

import gzip

import httpx
import pytest

from gdvg_desktop.demo.catalogue import Title
from gdvg_desktop.demo.parts import PARTS
from gdvg_desktop.demo.seasons import season_numbers
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.texts import overview_in


def first(demo: DemoServer, kind: str, **traits: object) -> Title:
    return next(t for t in demo.catalogue.all(kind) if all(getattr(t, name) == value for name, value in traits.items()))


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_every_part_can_be_appended_in_one_request_or_asked_for_alone(
    demo: DemoServer, client: httpx.Client, kind: str
) -> None:
    path = f"/{kind}/{first(demo, kind).id}"
    body = client.get(path, params={"append_to_response": ",".join(PARTS[kind])}).json()
    assert set(PARTS[kind]) <= set(body)
    for name in PARTS[kind]:
        alone = client.get(f"{path}/{name}").json()
        assert alone.pop("id") == body["id"] and alone == body[name]


def test_twenty_parts_are_allowed_and_twenty_one_are_not(demo: DemoServer, client: httpx.Client) -> None:
    path = f"/tv/{first(demo, 'tv').id}"
    names = [f"season/{number}" for number in range(21)]
    assert client.get(path, params={"append_to_response": ",".join(names[:20])}).status_code == 200
    answer = client.get(path, params={"append_to_response": ",".join(names)})
    assert (answer.status_code, answer.json()["status_code"]) == (400, 27)


def test_unknown_parts_and_seasons_that_do_not_exist_are_left_out(demo: DemoServer, client: httpx.Client) -> None:
    title = next(title for title in demo.catalogue.all("tv") if season_numbers(title)[:1] == [1])
    body = client.get(f"/tv/{title.id}", params={"append_to_response": "season/1,season/99,nonsense"}).json()
    assert [key for key in body if key.startswith(("season/", "non"))] == ["season/1"]
    listed = next(row for row in body["seasons"] if row["season_number"] == 1)
    assert len(body["season/1"]["episodes"]) == listed["episode_count"]


@pytest.mark.parametrize("path", ["/movie/1", "/tv/999999999", "/movie/abc", "/nothing", "/movie/1/credits"])
def test_what_does_not_exist_is_404_code_34(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status_code"]) == (404, 34)


def test_keywords_and_alternative_titles_keep_their_different_names(demo: DemoServer, client: httpx.Client) -> None:
    append = {"append_to_response": "keywords,alternative_titles"}
    movie = client.get(f"/movie/{first(demo, 'movie').id}", params=append).json()
    series = client.get(f"/tv/{first(demo, 'tv').id}", params=append).json()
    assert list(movie["keywords"]) == ["keywords"] and list(movie["alternative_titles"]) == ["titles"]
    assert list(series["keywords"]) == ["results"] == list(series["alternative_titles"])


def test_a_missing_translation_leaves_the_summary_empty_and_the_text_is_under_translations(
    demo: DemoServer, client: httpx.Client
) -> None:
    title = next(t for t in demo.catalogue.all("tv") if not overview_in(t, "en") and overview_in(t, t.language))
    body = client.get(f"/tv/{title.id}", params={"append_to_response": "translations"}).json()
    texts = {row["iso_639_1"]: row["data"]["overview"] for row in body["translations"]["translations"]}
    assert body["overview"] == "" and texts[title.language] == overview_in(title, title.language) != ""
    assert (
        client.get(f"/tv/{title.id}", params={"language": title.language}).json()["overview"] == texts[title.language]
    )


def test_language_filters_images_unless_image_languages_are_named(demo: DemoServer, client: httpx.Client) -> None:
    def languages(**params: str) -> set[str | None]:
        found: set[str | None] = set()
        for title in demo.catalogue.all("movie")[:40]:
            body = client.get(f"/movie/{title.id}", params={"append_to_response": "images"} | params).json()
            found |= {image["iso_639_1"] for rows in body["images"].values() for image in rows}
        return found

    assert languages(language="fr-FR") == {"fr"}
    assert languages(language="fr-FR", include_image_language="fr,null") == {"fr", None}


def test_details_are_as_odd_as_the_real_ones(demo: DemoServer, client: httpx.Client) -> None:
    append = {"append_to_response": "external_ids,translations"}
    movies = [client.get(f"/movie/{t.id}", params=append).json() for t in demo.catalogue.all("movie")[:150]]
    series = [client.get(f"/tv/{t.id}", params=append).json() for t in demo.catalogue.all("tv")[:120]]
    assert any(body["runtime"] == 0 for body in movies) and any(body["runtime"] > 0 for body in movies)
    assert any(body["budget"] == 0 for body in movies) and any(body["budget"] > 0 for body in movies)
    assert any(body["imdb_id"] is None for body in movies)
    assert any(body["release_date"] == "" for body in movies)
    assert any(body["belongs_to_collection"] for body in movies)
    assert any(body["episode_run_time"] == [] for body in series)
    assert any(body["seasons"] == [] for body in series)
    assert any(body["next_episode_to_air"] for body in series)
    assert any(body["origin_country"] == [] for body in movies + series)
    assert any("softcore" in body for body in movies)
    entries = [row["data"] for body in movies for row in body["translations"]["translations"]]
    assert any(data["title"] == "" for data in entries) and any(data["title"] for data in entries)
    assert not any("genre_ids" in body for body in movies + series)


def test_an_unchanged_title_answers_304_although_its_popularity_drifts(demo: DemoServer, client: httpx.Client) -> None:
    path = f"/movie/{first(demo, 'movie').id}"
    one, two = client.get(path), client.get(path)
    assert one.json()["popularity"] != two.json()["popularity"]
    assert one.headers["etag"] == two.headers["etag"]
    assert one.headers["cache-control"].startswith("public, max-age=")
    again = client.get(path, headers={"if-none-match": one.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_answer_is_the_same_packed_and_plain(demo: DemoServer, client: httpx.Client) -> None:
    path, params = f"/tv/{first(demo, 'tv').id}", {"append_to_response": "aggregate_credits,images,translations"}
    plain = client.get(path, params=params, headers={"accept-encoding": "identity"})
    with client.stream("GET", path, params=params, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    unpacked = httpx.Response(200, content=gzip.decompress(raw)).json()
    drifting = {"popularity", "vote_count"}
    assert {k: v for k, v in unpacked.items() if k not in drifting} == {
        k: v for k, v in plain.json().items() if k not in drifting
    }
    assert len(raw) < len(plain.content) / 2


def test_people_and_credits_agree_between_the_two_kinds_of_credits(demo: DemoServer, client: httpx.Client) -> None:
    title = next(t for t in demo.catalogue.all("tv") if t.salt % 31 != 6)
    body = client.get(f"/tv/{title.id}", params={"append_to_response": "credits,aggregate_credits"}).json()
    names = [member["name"] for member in body["credits"]["cast"]]
    assert names and names == [member["name"] for member in body["aggregate_credits"]["cast"]]
    assert all(role["episode_count"] >= 1 for m in body["aggregate_credits"]["cast"] for role in m["roles"])
