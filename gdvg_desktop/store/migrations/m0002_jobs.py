"""The queue, the ledger of listing windows, and the daily counts."""

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE job (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        kind         TEXT    NOT NULL,
        key          TEXT    NOT NULL,
        name         TEXT    NOT NULL,
        config       TEXT    NOT NULL,
        state        TEXT    NOT NULL CHECK (state IN ('pending', 'running', 'paused', 'interrupted',
                                                       'completed', 'failed', 'cancelled')),
        wanted       TEXT    NOT NULL DEFAULT 'run' CHECK (wanted IN ('run', 'pause', 'cancel')),
        phase        TEXT    NOT NULL DEFAULT 'plan' CHECK (phase IN ('plan', 'list', 'order', 'fetch', 'done')),
        position     REAL    NOT NULL,
        total        INTEGER NOT NULL DEFAULT 0,
        added        INTEGER NOT NULL DEFAULT 0,
        updated      INTEGER NOT NULL DEFAULT 0,
        skipped      INTEGER NOT NULL DEFAULT 0,
        failed       INTEGER NOT NULL DEFAULT 0,
        gone         INTEGER NOT NULL DEFAULT 0,
        requests     INTEGER NOT NULL DEFAULT 0,
        reported     INTEGER,
        unlisted     INTEGER,
        split_total  INTEGER,
        reason       TEXT,
        reason_args  TEXT,
        created_at   INTEGER NOT NULL,
        started_at   INTEGER,
        updated_at   INTEGER NOT NULL,
        completed_at INTEGER
    ) STRICT
    """,
    # asking for the same unfinished job twice gives that one
    """
    CREATE UNIQUE INDEX job_unfinished_key ON job (key)
        WHERE state NOT IN ('completed', 'failed', 'cancelled')
    """,
    "CREATE INDEX job_state_position ON job (state, position)",
    """
    CREATE TABLE job_item (
        job_id      INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        media_type  TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        tmdb_id     INTEGER NOT NULL,
        state       TEXT    NOT NULL CHECK (state IN ('listed', 'pending', 'done', 'failed')),
        rank        INTEGER,
        popularity  REAL,
        date        TEXT,
        window_id   INTEGER,
        attempts    INTEGER NOT NULL DEFAULT 0,
        category    TEXT,
        message     TEXT,
        failed_at   INTEGER,
        next_try_at INTEGER,
        PRIMARY KEY (job_id, media_type, tmdb_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX job_item_order ON job_item (job_id, state, rank)",
    """
    CREATE TABLE listing_window (
        id             INTEGER PRIMARY KEY,
        job_id         INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
        media_type     TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        date_from      TEXT,
        date_to        TEXT,
        undated        TEXT    NOT NULL CHECK (undated IN ('with', 'without', 'only')),
        votes_from     INTEGER,
        votes_to       INTEGER,
        language       TEXT,
        last_page      INTEGER NOT NULL DEFAULT 0,
        total_pages    INTEGER,
        total_results  INTEGER,
        passes         INTEGER NOT NULL DEFAULT 0,
        complete       INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
        failed         INTEGER NOT NULL DEFAULT 0 CHECK (failed IN (0, 1)),
        last_synced_at INTEGER,
        note           TEXT    CHECK (length(note) <= 500)
    ) STRICT
    """,
    "CREATE INDEX listing_window_job ON listing_window (job_id, complete)",
    """
    CREATE TABLE daily_count (
        day    TEXT    NOT NULL,
        metric TEXT    NOT NULL,
        value  INTEGER NOT NULL,
        PRIMARY KEY (day, metric)
    ) STRICT, WITHOUT ROWID
    """,
    # small facts with a date, such as how many ids the last export held
    """
    CREATE TABLE fact (
        name  TEXT    NOT NULL PRIMARY KEY,
        value TEXT    NOT NULL,
        at    INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)
