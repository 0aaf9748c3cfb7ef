"""The tables of titles as peewee models, for queries that are easier to write that way.

The schema itself is made by the migrations; a test compares the two. Models know no database: bind them to the one at
hand, as in `Title.select().execute(db)`. What belongs to a title names it `owner`, since many tables have a `title`.
"""

from peewee import BlobField, CompositeKey, FloatField, ForeignKeyField, IntegerField, Model, TextField


class Table(Model):
    """Base of all models: a table is named as its class, with underscores."""

    class Meta:
        legacy_table_names = False


class Genre(Table):
    """A genre of one media type; TMDb's ids of the two overlap, so `id` is `tmdb_id * 2 + (media_type = 'tv')`."""

    id = IntegerField(primary_key=True)
    media_type = TextField()
    tmdb_id = IntegerField()
    name = TextField(null=True)
    fetched_at = IntegerField(null=True)


class Country(Table):
    """A country by TMDb's code; `fetched_at` when it came with TMDb's own list."""

    code = TextField(primary_key=True)
    name = TextField(null=True)
    native_name = TextField(null=True)
    fetched_at = IntegerField(null=True)


class Language(Table):
    """A language by TMDb's code."""

    code = TextField(primary_key=True)
    name = TextField(null=True)
    native_name = TextField(null=True)
    fetched_at = IntegerField(null=True)


class Collection(Table):
    """A collection of movies."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)
    poster_path = TextField(null=True)
    backdrop_path = TextField(null=True)


class Company(Table):
    """A production company."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)
    logo_path = TextField(null=True)
    origin_country = TextField(null=True)


class Network(Table):
    """A television network."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)
    logo_path = TextField(null=True)
    origin_country = TextField(null=True)


class Keyword(Table):
    """A keyword."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)


class Provider(Table):
    """A service titles can be watched on."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)
    logo_path = TextField(null=True)


class Person(Table):
    """Somebody in cast or crew; gender 1 female, 2 male, 3 non-binary."""

    id = IntegerField(primary_key=True)
    name = TextField(null=True)
    original_name = TextField(null=True)
    gender = IntegerField(null=True)
    adult = IntegerField(null=True)
    known_for_department = TextField(null=True)
    profile_path = TextField(null=True)
    popularity = FloatField(null=True)


class Title(Table):
    """A movie or series: `id` is `tmdb_id * 2 + (media_type = 'tv')`."""

    id = IntegerField(primary_key=True)
    media_type = TextField()
    tmdb_id = IntegerField()
    title = TextField(null=True)
    title_language = TextField(null=True)
    sort_title = TextField(null=True)
    original_title = TextField(null=True)
    original_language = TextField(null=True)
    language = TextField()
    overview = TextField(null=True)
    overview_language = TextField(null=True)
    tagline = TextField(null=True)
    homepage = TextField(null=True)
    release_date = TextField(null=True)
    last_air_date = TextField(null=True)
    status = TextField(null=True)
    tv_type = TextField(null=True)
    in_production = IntegerField(null=True)
    adult = IntegerField(null=True)
    softcore = IntegerField(null=True)
    video = IntegerField(null=True)
    runtime = IntegerField(null=True)
    budget = IntegerField(null=True)
    revenue = IntegerField(null=True)
    number_of_seasons = IntegerField(null=True)
    number_of_episodes = IntegerField(null=True)
    last_episode_id = IntegerField(null=True)
    next_episode_id = IntegerField(null=True)
    collection = ForeignKeyField(Collection, column_name="collection_id", backref="+", null=True)
    imdb_id = TextField(null=True)
    poster_path = TextField(null=True)
    backdrop_path = TextField(null=True)
    popularity = FloatField(null=True)
    vote_average = FloatField(null=True)
    vote_count = IntegerField(null=True)
    completeness = IntegerField()
    content_hash = BlobField()
    fetched_at = IntegerField()
    checked_at = IntegerField()
    created_at = IntegerField()
    job_id = IntegerField(null=True)
    first_job_id = IntegerField(null=True)
    unavailable = IntegerField(null=True)


class TitleGenre(Table):
    """A genre of a title."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    genre = ForeignKeyField(Genre, column_name="genre_id", backref="+")

    class Meta:
        primary_key = CompositeKey("owner", "position")


class OriginCountry(Table):
    """A country a title comes from."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "position")


class ProductionCountry(Table):
    """A country a title was produced in."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "position")


class SpokenLanguage(Table):
    """A language spoken in a title."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    language = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "position")


class TvLanguage(Table):
    """A language a series is broadcast in."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    language = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "position")


class EpisodeRunTime(Table):
    """A usual length of a series' episodes."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    minutes = IntegerField()

    class Meta:
        primary_key = CompositeKey("owner", "position")


class TitleCompany(Table):
    """A production company of a title."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    company = ForeignKeyField(Company, column_name="company_id", backref="+")

    class Meta:
        primary_key = CompositeKey("owner", "position")


class TitleNetwork(Table):
    """A network of a series."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    network = ForeignKeyField(Network, column_name="network_id", backref="+")

    class Meta:
        primary_key = CompositeKey("owner", "position")


class TitleKeyword(Table):
    """A keyword of a title."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    keyword = ForeignKeyField(Keyword, column_name="keyword_id", backref="+")

    class Meta:
        primary_key = CompositeKey("owner", "position")


class Credit(Table):
    """One role or job of a person in a title."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    kind = TextField()
    person = ForeignKeyField(Person, column_name="person_id", backref="+")
    credit_id = TextField(null=True)
    cast_id = IntegerField(null=True)
    billing = IntegerField(null=True)
    character = TextField(null=True)
    department = TextField(null=True)
    job = TextField(null=True)
    episode_count = IntegerField(null=True)
    total_episode_count = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class Image(Table):
    """A backdrop, logo or poster."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    kind = TextField()
    file_path = TextField()
    language = TextField(null=True)
    country = TextField(null=True)
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    aspect_ratio = FloatField(null=True)
    vote_average = FloatField(null=True)
    vote_count = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class Video(Table):
    """A trailer or clip on another site."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    video_id = TextField(null=True)
    name = TextField(null=True)
    site = TextField(null=True)
    key = TextField(null=True)
    type = TextField(null=True)
    official = IntegerField(null=True)
    size = IntegerField(null=True)
    language = TextField(null=True)
    country = TextField(null=True)
    published_at = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class ExternalId(Table):
    """The id of a title elsewhere: imdb, tvdb, wikidata, facebook and so on."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    source = TextField()
    value = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "source")


class AlternativeTitle(Table):
    """Another title, of a country."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField(null=True)
    title = TextField()
    type = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class Translation(Table):
    """The texts of a title in one language."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    language = TextField(null=True)
    country = TextField(null=True)
    language_name = TextField(null=True)
    english_name = TextField(null=True)
    title = TextField(null=True)
    overview = TextField(null=True)
    tagline = TextField(null=True)
    homepage = TextField(null=True)
    runtime = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class TitleRelease(Table):
    """A release of a movie in a country."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField(null=True)
    type = IntegerField(null=True)
    release_date = TextField(null=True)
    certification = TextField(null=True)
    language = TextField(null=True)
    note = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class ReleaseDescriptor(Table):
    """A content descriptor of a release."""

    title_id = IntegerField()
    release_position = IntegerField()
    position = IntegerField()
    descriptor = TextField()

    class Meta:
        primary_key = CompositeKey("title_id", "release_position", "position")


class ContentRating(Table):
    """The age rating of a series in a country."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField(null=True)
    rating = TextField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class RatingDescriptor(Table):
    """A content descriptor of an age rating."""

    title_id = IntegerField()
    rating_position = IntegerField()
    position = IntegerField()
    descriptor = TextField()

    class Meta:
        primary_key = CompositeKey("title_id", "rating_position", "position")


class WatchOffer(Table):
    """A way to watch a title in a country."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    position = IntegerField()
    country = TextField()
    kind = TextField()
    provider = ForeignKeyField(Provider, column_name="provider_id", backref="+")
    display_priority = IntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "position")


class WatchLink(Table):
    """TMDb's page of the ways to watch a title in a country."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    country = TextField()
    link = TextField()

    class Meta:
        primary_key = CompositeKey("owner", "country")


class Season(Table):
    """A season of a series."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    season_number = IntegerField()
    tmdb_id = IntegerField(null=True)
    name = TextField(null=True)
    overview = TextField(null=True)
    air_date = TextField(null=True)
    poster_path = TextField(null=True)
    episode_count = IntegerField(null=True)
    vote_average = FloatField(null=True)

    class Meta:
        primary_key = CompositeKey("owner", "season_number")


class Episode(Table):
    """An episode; so far the last and the next to air."""

    id = IntegerField(primary_key=True)
    owner = ForeignKeyField(Title, column_name="title_id", backref="+")
    season_number = IntegerField(null=True)
    episode_number = IntegerField(null=True)
    name = TextField(null=True)
    overview = TextField(null=True)
    air_date = TextField(null=True)
    runtime = IntegerField(null=True)
    still_path = TextField(null=True)
    production_code = TextField(null=True)
    episode_type = TextField(null=True)
    vote_average = FloatField(null=True)
    vote_count = IntegerField(null=True)


class TitleSearch(Table):
    """All forms of a title as they are searched."""

    owner = ForeignKeyField(Title, column_name="title_id", backref="+", primary_key=True)
    text = TextField()


MODELS = tuple(Table.__subclasses__())
