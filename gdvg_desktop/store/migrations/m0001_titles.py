"""Titles and everything TMDb gives with them, the shared reference rows, and the search index."""

STATEMENTS: tuple[str, ...] = (
    # ---- rows shared by titles
    """
    CREATE TABLE genre (
        id         INTEGER PRIMARY KEY CHECK (id = tmdb_id * 2 + (media_type = 'tv')),
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        tmdb_id    INTEGER NOT NULL,
        name       TEXT,
        fetched_at INTEGER,
        UNIQUE (media_type, tmdb_id)
    ) STRICT
    """,
    """
    CREATE TABLE country (
        code        TEXT NOT NULL PRIMARY KEY,
        name        TEXT,
        native_name TEXT,
        fetched_at  INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE language (
        code        TEXT NOT NULL PRIMARY KEY,
        name        TEXT,
        native_name TEXT,
        fetched_at  INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE collection (
        id            INTEGER PRIMARY KEY,
        name          TEXT,
        poster_path   TEXT,
        backdrop_path TEXT
    ) STRICT
    """,
    """
    CREATE TABLE company (
        id             INTEGER PRIMARY KEY,
        name           TEXT,
        logo_path      TEXT,
        origin_country TEXT
    ) STRICT
    """,
    """
    CREATE TABLE network (
        id             INTEGER PRIMARY KEY,
        name           TEXT,
        logo_path      TEXT,
        origin_country TEXT
    ) STRICT
    """,
    """
    CREATE TABLE keyword (
        id   INTEGER PRIMARY KEY,
        name TEXT
    ) STRICT
    """,
    """
    CREATE TABLE provider (
        id        INTEGER PRIMARY KEY,
        name      TEXT,
        logo_path TEXT
    ) STRICT
    """,
    """
    CREATE TABLE person (
        id                   INTEGER PRIMARY KEY,
        name                 TEXT,
        original_name        TEXT,
        gender               INTEGER,
        adult                INTEGER,
        known_for_department TEXT,
        profile_path         TEXT,
        popularity           REAL
    ) STRICT
    """,
    # ---- the title
    """
    CREATE TABLE title (
        id                 INTEGER PRIMARY KEY CHECK (id = tmdb_id * 2 + (media_type = 'tv')),
        media_type         TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        tmdb_id            INTEGER NOT NULL CHECK (tmdb_id > 0),
        title              TEXT,
        title_language     TEXT,
        sort_title         TEXT,
        original_title     TEXT,
        original_language  TEXT,
        language           TEXT    NOT NULL,
        overview           TEXT,
        overview_language  TEXT,
        tagline            TEXT,
        homepage           TEXT,
        release_date       TEXT,
        last_air_date      TEXT,
        status             TEXT,
        tv_type            TEXT,
        in_production      INTEGER,
        adult              INTEGER,
        softcore           INTEGER,
        video              INTEGER,
        runtime            INTEGER,
        budget             INTEGER,
        revenue            INTEGER,
        number_of_seasons  INTEGER,
        number_of_episodes INTEGER,
        last_episode_id    INTEGER,
        next_episode_id    INTEGER,
        collection_id      INTEGER REFERENCES collection (id),
        imdb_id            TEXT,
        poster_path        TEXT,
        backdrop_path      TEXT,
        popularity         REAL,
        vote_average       REAL,
        vote_count         INTEGER,
        completeness       INTEGER NOT NULL CHECK (completeness BETWEEN 0 AND 100),
        content_hash       BLOB    NOT NULL,
        fetched_at         INTEGER NOT NULL,
        checked_at         INTEGER NOT NULL,
        created_at         INTEGER NOT NULL,
        job_id             INTEGER,
        first_job_id       INTEGER,
        UNIQUE (media_type, tmdb_id)
    ) STRICT
    """,
    "CREATE INDEX title_sort_title ON title (sort_title)",
    "CREATE INDEX title_release_date ON title (release_date)",
    "CREATE INDEX title_popularity ON title (popularity)",
    "CREATE INDEX title_vote_average ON title (vote_average)",
    "CREATE INDEX title_completeness ON title (completeness)",
    "CREATE INDEX title_fetched_at ON title (fetched_at)",
    "CREATE INDEX title_no_overview ON title (id) WHERE overview IS NULL",
    "CREATE INDEX title_no_poster ON title (id) WHERE poster_path IS NULL",
    "CREATE INDEX title_imdb_id ON title (imdb_id) WHERE imdb_id IS NOT NULL",
    "CREATE INDEX title_collection ON title (collection_id) WHERE collection_id IS NOT NULL",
    # ---- lists of a title, in TMDb's order
    """
    CREATE TABLE title_genre (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        genre_id INTEGER NOT NULL REFERENCES genre (id),
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX title_genre_genre ON title_genre (genre_id)",
    """
    CREATE TABLE origin_country (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        country  TEXT    NOT NULL,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX origin_country_country ON origin_country (country)",
    """
    CREATE TABLE production_country (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        country  TEXT    NOT NULL,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE spoken_language (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        language TEXT    NOT NULL,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE tv_language (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        language TEXT    NOT NULL,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE episode_run_time (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        minutes  INTEGER NOT NULL,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE title_company (
        title_id   INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position   INTEGER NOT NULL,
        company_id INTEGER NOT NULL REFERENCES company (id),
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX title_company_company ON title_company (company_id)",
    """
    CREATE TABLE title_network (
        title_id   INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position   INTEGER NOT NULL,
        network_id INTEGER NOT NULL REFERENCES network (id),
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX title_network_network ON title_network (network_id)",
    """
    CREATE TABLE title_keyword (
        title_id   INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position   INTEGER NOT NULL,
        keyword_id INTEGER NOT NULL REFERENCES keyword (id),
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX title_keyword_keyword ON title_keyword (keyword_id)",
    """
    CREATE TABLE credit (
        title_id            INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position            INTEGER NOT NULL,
        kind                TEXT    NOT NULL CHECK (kind IN ('cast', 'crew', 'creator')),
        person_id           INTEGER NOT NULL REFERENCES person (id),
        credit_id           TEXT,
        cast_id             INTEGER,
        billing             INTEGER,
        character           TEXT,
        department          TEXT,
        job                 TEXT,
        episode_count       INTEGER,
        total_episode_count INTEGER,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX credit_person ON credit (person_id)",
    """
    CREATE TABLE image (
        title_id     INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position     INTEGER NOT NULL,
        kind         TEXT    NOT NULL CHECK (kind IN ('backdrop', 'logo', 'poster')),
        file_path    TEXT    NOT NULL,
        language     TEXT,
        country      TEXT,
        width        INTEGER,
        height       INTEGER,
        aspect_ratio REAL,
        vote_average REAL,
        vote_count   INTEGER,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE video (
        title_id     INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position     INTEGER NOT NULL,
        video_id     TEXT,
        name         TEXT,
        site         TEXT,
        key          TEXT,
        type         TEXT,
        official     INTEGER,
        size         INTEGER,
        language     TEXT,
        country      TEXT,
        published_at INTEGER,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE external_id (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        source   TEXT    NOT NULL,
        value    TEXT    NOT NULL,
        PRIMARY KEY (title_id, source)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX external_id_value ON external_id (value)",
    """
    CREATE TABLE alternative_title (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        country  TEXT,
        title    TEXT    NOT NULL,
        type     TEXT,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE translation (
        title_id      INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position      INTEGER NOT NULL,
        language      TEXT,
        country       TEXT,
        language_name TEXT,
        english_name  TEXT,
        title         TEXT,
        overview      TEXT,
        tagline       TEXT,
        homepage      TEXT,
        runtime       INTEGER,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE title_release (
        title_id      INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position      INTEGER NOT NULL,
        country       TEXT,
        type          INTEGER,
        release_date  TEXT,
        certification TEXT,
        language      TEXT,
        note          TEXT,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE release_descriptor (
        title_id         INTEGER NOT NULL,
        release_position INTEGER NOT NULL,
        position         INTEGER NOT NULL,
        descriptor       TEXT    NOT NULL,
        PRIMARY KEY (title_id, release_position, position),
        FOREIGN KEY (title_id, release_position) REFERENCES title_release (title_id, position) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE content_rating (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        country  TEXT,
        rating   TEXT,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE rating_descriptor (
        title_id        INTEGER NOT NULL,
        rating_position INTEGER NOT NULL,
        position        INTEGER NOT NULL,
        descriptor      TEXT    NOT NULL,
        PRIMARY KEY (title_id, rating_position, position),
        FOREIGN KEY (title_id, rating_position) REFERENCES content_rating (title_id, position) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE watch_offer (
        title_id         INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        position         INTEGER NOT NULL,
        country          TEXT    NOT NULL,
        kind             TEXT    NOT NULL,
        provider_id      INTEGER NOT NULL REFERENCES provider (id),
        display_priority INTEGER,
        PRIMARY KEY (title_id, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE watch_link (
        title_id INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        country  TEXT    NOT NULL,
        link     TEXT    NOT NULL,
        PRIMARY KEY (title_id, country)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE season (
        title_id      INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        season_number INTEGER NOT NULL,
        tmdb_id       INTEGER,
        name          TEXT,
        overview      TEXT,
        air_date      TEXT,
        poster_path   TEXT,
        episode_count INTEGER,
        vote_average  REAL,
        PRIMARY KEY (title_id, season_number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE episode (
        id              INTEGER PRIMARY KEY,
        title_id        INTEGER NOT NULL REFERENCES title (id) ON DELETE CASCADE,
        season_number   INTEGER,
        episode_number  INTEGER,
        name            TEXT,
        overview        TEXT,
        air_date        TEXT,
        runtime         INTEGER,
        still_path      TEXT,
        production_code TEXT,
        episode_type    TEXT,
        vote_average    REAL,
        vote_count      INTEGER
    ) STRICT
    """,
    "CREATE INDEX episode_title ON episode (title_id, season_number, episode_number)",
    # ---- search: all forms of a title, folded, beside an index over them that triggers keep
    """
    CREATE TABLE title_search (
        title_id INTEGER PRIMARY KEY REFERENCES title (id) ON DELETE CASCADE,
        text     TEXT    NOT NULL
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE title_fts USING fts5 (
        text, content = 'title_search', content_rowid = 'title_id', columnsize = 0, prefix = '1 2 3',
        tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* S* Co'"
    )
    """,
    """
    CREATE TRIGGER title_search_added AFTER INSERT ON title_search BEGIN
        INSERT INTO title_fts (rowid, text) VALUES (new.title_id, new.text);
    END
    """,
    """
    CREATE TRIGGER title_search_changed AFTER UPDATE ON title_search BEGIN
        INSERT INTO title_fts (title_fts, rowid, text) VALUES ('delete', old.title_id, old.text);
        INSERT INTO title_fts (rowid, text) VALUES (new.title_id, new.text);
    END
    """,
    """
    CREATE TRIGGER title_search_removed AFTER DELETE ON title_search BEGIN
        INSERT INTO title_fts (title_fts, rowid, text) VALUES ('delete', old.title_id, old.text);
    END
    """,
)
