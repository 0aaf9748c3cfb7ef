"""TMDb lists adult titles in exports of their own, each trusted or refused by itself: one row a type and file."""

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE export_new (
        media_type    TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        adult         INTEGER NOT NULL DEFAULT 0 CHECK (adult IN (0, 1)),
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
        popularity    BLOB    NOT NULL,
        PRIMARY KEY (media_type, adult)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO export_new (media_type, date, rows, blank, broken, previous_rows, etag, length, read_at, ids,
        video_ids, adult_ids, popularity)
    SELECT media_type, date, rows, blank, broken, previous_rows, etag, length, read_at, ids, video_ids, adult_ids,
        popularity FROM export
    """,
    "DROP TABLE export",
    "ALTER TABLE export_new RENAME TO export",
    """
    CREATE TABLE export_refusal_new (
        media_type TEXT    NOT NULL CHECK (media_type IN ('movie', 'tv')),
        adult      INTEGER NOT NULL DEFAULT 0 CHECK (adult IN (0, 1)),
        date       TEXT    NOT NULL,
        at         INTEGER NOT NULL,
        rows       INTEGER,
        code       TEXT    NOT NULL,
        reason     TEXT    NOT NULL,
        PRIMARY KEY (media_type, adult, date)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO export_refusal_new (media_type, date, at, rows, code, reason)
    SELECT media_type, date, at, rows, code, reason FROM export_refusal
    """,
    "DROP TABLE export_refusal",
    "ALTER TABLE export_refusal_new RENAME TO export_refusal",
)
