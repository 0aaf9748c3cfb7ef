"""What proves and mends the mirror: exports, scope, change lists, tombstones, gaps, release months, run history."""

STATEMENTS: tuple[str, ...] = (
    # ---- the queue learns more kinds of work: phases, where a job came from, what it found unchanged
    """
    CREATE TABLE job_new (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        kind         TEXT    NOT NULL,
        key          TEXT    NOT NULL,
        name         TEXT    NOT NULL,
        config       TEXT    NOT NULL,
        origin       TEXT    NOT NULL DEFAULT 'user',
        state        TEXT    NOT NULL CHECK (state IN ('pending', 'running', 'paused', 'interrupted',
                                                       'completed', 'failed', 'cancelled')),
        wanted       TEXT    NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel')),
        phase        TEXT    NOT NULL DEFAULT 'plan' CHECK (phase IN ('plan', 'list', 'order', 'fetch', 'close',
                                                                      'done')),
        position     REAL    NOT NULL,
        total        INTEGER NOT NULL DEFAULT 0,
        added        INTEGER NOT NULL DEFAULT 0,
        updated      INTEGER NOT NULL DEFAULT 0,
        unchanged    INTEGER NOT NULL DEFAULT 0,
        skipped      INTEGER NOT NULL DEFAULT 0,
        failed       INTEGER NOT NULL DEFAULT 0,
        gone         INTEGER NOT NULL DEFAULT 0,
        recovered    INTEGER NOT NULL DEFAULT 0,
        requests     INTEGER NOT NULL DEFAULT 0,
        reported     INTEGER,
        unlisted     INTEGER,
        split_total  INTEGER,
        reason       TEXT,
        reason_args  TEXT,
        summary      TEXT,
        cleared      INTEGER NOT NULL DEFAULT 0 CHECK (cleared IN (0, 1)),
        created_at   INTEGER NOT NULL,
        started_at   INTEGER,
        progress_at  INTEGER,
        updated_at   INTEGER NOT NULL,
        completed_at INTEGER
    ) STRICT
    """,
    """
    INSERT INTO job_new (id, kind, key, name, config, state, wanted, phase, position, total, added, updated, skipped,
        failed, gone, requests, reported, unlisted, split_total, reason, reason_args, created_at, started_at,
        progress_at, updated_at, completed_at)
    SELECT id, kind, key, name, config, state, wanted, phase, position, total, added, updated, skipped,
        failed, gone, requests, reported, unlisted, split_total, reason, reason_args, created_at, started_at,
        updated_at, updated_at, completed_at FROM job
    """,
    "DROP TABLE job",
    "ALTER TABLE job_new RENAME TO job",
    """
    CREATE UNIQUE INDEX job_unfinished_key ON job (key)
        WHERE state NOT IN ('completed', 'failed', 'cancelled')
    """,
    "CREATE INDEX job_state_position ON job (state, position)",
    "CREATE INDEX job_completed_at ON job (completed_at)",
    # ---- the run of a job as History shows it
    """
    CREATE TABLE job_phase (
        id         INTEGER PRIMARY KEY,
        job_id     INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        phase      TEXT    NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at   INTEGER
    ) STRICT
    """,
    "CREATE INDEX job_phase_job ON job_phase (job_id)",
    """
    CREATE TABLE job_incident (
        id         INTEGER PRIMARY KEY,
        job_id     INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        kind       TEXT    NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at   INTEGER,
        count      INTEGER NOT NULL DEFAULT 1,
        note       TEXT    CHECK (length(note) <= 500)
    ) STRICT
    """,
    "CREATE INDEX job_incident_job ON job_incident (job_id)",
    # every failed try of a title that in the end failed, kept until the failure is resolved
    """
    CREATE TABLE attempt (
        id         INTEGER PRIMARY KEY,
        job_id     INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        tmdb_id    INTEGER NOT NULL,
        at         INTEGER NOT NULL,
        category   TEXT    NOT NULL,
        message    TEXT    NOT NULL
    ) STRICT
    """,
    "CREATE INDEX attempt_title ON attempt (media_type, tmdb_id)",
    "CREATE INDEX attempt_job ON attempt (job_id)",
    # failed titles over all jobs; whether it was the user who had one tried again; why a listing failed
    "CREATE INDEX job_item_failed ON job_item (media_type, tmdb_id) WHERE state = 'failed'",
    "ALTER TABLE job_item ADD COLUMN by_user INTEGER NOT NULL DEFAULT 0 CHECK (by_user IN (0, 1))",
    "ALTER TABLE listing_window ADD COLUMN category TEXT",
    # ---- what a title is known to lack at TMDb, and titles in the order of their last check
    "ALTER TABLE title ADD COLUMN unavailable INTEGER",
    "CREATE INDEX title_checked_at ON title (checked_at)",
    # titles without a field, with what TMDb lacks: a search for gaps reads these instead of the titles
    "CREATE INDEX title_unavailable ON title (id, unavailable)",
    "DROP INDEX title_no_overview",
    "DROP INDEX title_no_poster",
    "CREATE INDEX title_no_title ON title (id, unavailable, title) WHERE title IS NULL",
    "CREATE INDEX title_no_poster ON title (id, unavailable, poster_path) WHERE poster_path IS NULL",
    "CREATE INDEX title_no_backdrop ON title (id, unavailable, backdrop_path) WHERE backdrop_path IS NULL",
    "CREATE INDEX title_no_overview ON title (id, unavailable, overview) WHERE overview IS NULL",
    "CREATE INDEX title_no_date ON title (id, unavailable, release_date) WHERE release_date IS NULL",
    "CREATE INDEX title_no_runtime ON title (id, unavailable, runtime, media_type) WHERE runtime IS NULL",
    # ---- the catalogue as TMDb's newest trusted export lists it, one row a type
    """
    CREATE TABLE export (
        media_type    TEXT    NOT NULL PRIMARY KEY CHECK (media_type IN ('movie', 'tv')),
        date          TEXT    NOT NULL,
        rows          INTEGER NOT NULL,
        blank         INTEGER NOT NULL,
        broken        INTEGER NOT NULL,
        previous_rows INTEGER,
        etag          TEXT,
        length        INTEGER,
        read_at       INTEGER NOT NULL,
        ids           BLOB    NOT NULL,
        video_ids     BLOB    NOT NULL,
        adult_ids     BLOB    NOT NULL,
        popularity    BLOB    NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # exports that were not taken over, and why
    """
    CREATE TABLE export_refusal (
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        date       TEXT    NOT NULL,
        at         INTEGER NOT NULL,
        rows       INTEGER,
        code       TEXT    NOT NULL,
        reason     TEXT    NOT NULL,
        PRIMARY KEY (media_type, date)
    ) STRICT, WITHOUT ROWID
    """,
    # ---- what discover listed for a rule of the scope
    """
    CREATE TABLE scope_listing (
        rule       TEXT    NOT NULL,
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        listed_at  INTEGER NOT NULL,
        complete   INTEGER NOT NULL CHECK (complete IN (0, 1)),
        unlisted   INTEGER NOT NULL,
        ids        BLOB    NOT NULL,
        judged     BLOB    NOT NULL,
        walk       TEXT,
        PRIMARY KEY (rule, media_type)
    ) STRICT, WITHOUT ROWID
    """,
    # ---- change lists: what TMDb listed for a UTC day and what was fetched on its account
    """
    CREATE TABLE change_day (
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        day        TEXT    NOT NULL,
        first_at   INTEGER NOT NULL,
        last_at    INTEGER NOT NULL,
        closed_at  INTEGER,
        ids        BLOB    NOT NULL,
        fetched    BLOB    NOT NULL,
        PRIMARY KEY (media_type, day)
    ) STRICT, WITHOUT ROWID
    """,
    # field by field what changed of a title; lists as the keys that went (old) and came (new)
    """
    CREATE TABLE title_change (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        title_id INTEGER NOT NULL,
        at       INTEGER NOT NULL,
        job_id   INTEGER,
        field    TEXT    NOT NULL,
        old      TEXT,
        new      TEXT
    ) STRICT
    """,
    "CREATE INDEX title_change_title ON title_change (title_id, at)",
    "CREATE INDEX title_change_at ON title_change (at) WHERE old IS NOT NULL OR new IS NOT NULL",
    # ---- titles TMDb has deleted. Their data stays in `title` until `data_until`, then only this row is left
    """
    CREATE TABLE tombstone (
        title_id     INTEGER PRIMARY KEY,
        media_type   TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        tmdb_id      INTEGER NOT NULL,
        imdb_id      TEXT,
        gone_at      INTEGER NOT NULL,
        export_date  TEXT    NOT NULL,
        made_at      INTEGER NOT NULL,
        job_id       INTEGER,
        content_hash BLOB,
        fetched_at   INTEGER,
        data_until   INTEGER,
        successor_id INTEGER,
        successor_checked_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX tombstone_made_at ON tombstone (made_at)",
    "CREATE INDEX tombstone_data_until ON tombstone (data_until)",
    # the last answer about a title that did not give it: 404 or a failure; gone again once it is stored
    """
    CREATE TABLE title_answer (
        title_id INTEGER PRIMARY KEY,
        asked_at INTEGER NOT NULL,
        answer   TEXT    NOT NULL CHECK (answer IN ('gone', 'failed')),
        category TEXT,
        message  TEXT,
        tries    INTEGER NOT NULL,
        job_id   INTEGER
    ) STRICT
    """,
    # titles a job did not ask for, one compressed id set a job, type and reason
    """
    CREATE TABLE skip (
        job_id     INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        reason     TEXT    NOT NULL,
        count      INTEGER NOT NULL,
        at         INTEGER NOT NULL,
        ids        BLOB    NOT NULL,
        PRIMARY KEY (job_id, media_type, reason)
    ) STRICT, WITHOUT ROWID
    """,
    # ---- gaps: one row a title and kind
    """
    CREATE TABLE gap (
        title_id    INTEGER NOT NULL,
        kind        TEXT    NOT NULL CHECK (kind IN ('sequential', 'popularity', 'temporal', 'metadata')),
        status      TEXT    NOT NULL CHECK (status IN ('open', 'ignored', 'gave_up')),
        score       REAL    NOT NULL,
        popularity  REAL    NOT NULL,
        recency     REAL    NOT NULL,
        found_at    INTEGER NOT NULL,
        name        TEXT,
        month       TEXT,
        fields      INTEGER,
        tries       INTEGER NOT NULL DEFAULT 0,
        last_try_at INTEGER,
        next_try_at INTEGER,
        category    TEXT,
        message     TEXT,
        PRIMARY KEY (title_id, kind)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX gap_score ON gap (status, score)",
    "CREATE INDEX gap_kind ON gap (kind, status)",
    "CREATE INDEX gap_month ON gap (month) WHERE month IS NOT NULL",
    # release months as discover lists them for a rule of the scope
    """
    CREATE TABLE release_month (
        rule       TEXT    NOT NULL,
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        month      TEXT    NOT NULL,
        reported   INTEGER NOT NULL,
        asked_at   INTEGER NOT NULL,
        last_page  INTEGER NOT NULL DEFAULT 0,
        listed_at  INTEGER,
        ids        BLOB,
        note       TEXT    CHECK (length(note) <= 500),
        PRIMARY KEY (rule, media_type, month)
    ) STRICT, WITHOUT ROWID
    """,
)
