"""What works by itself: scheduled tasks and their runs, presets, alerts and where they are sent."""

STATEMENTS: tuple[str, ...] = (
    """
    CREATE TABLE task (
        name        TEXT    NOT NULL PRIMARY KEY,
        kind        TEXT    NOT NULL,
        config      TEXT    NOT NULL DEFAULT '{}',
        cron        TEXT    NOT NULL,
        zone        TEXT    NOT NULL,
        enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
        catch_up    TEXT    NOT NULL DEFAULT 'run_once' CHECK (catch_up IN ('run_once', 'skip')),
        on_network  INTEGER NOT NULL DEFAULT 1 CHECK (on_network IN (0, 1)),
        on_mains    INTEGER NOT NULL DEFAULT 0 CHECK (on_mains IN (0, 1)),
        unmetered   INTEGER NOT NULL DEFAULT 0 CHECK (unmetered IN (0, 1)),
        jitter_s    INTEGER NOT NULL DEFAULT 0,
        checked_at  INTEGER NOT NULL,
        owed_at     INTEGER,
        run_now     TEXT CHECK (run_now IN ('manual', 'api')),
        updated_at  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE task_run (
        id         INTEGER PRIMARY KEY,
        task       TEXT    NOT NULL,
        planned_at INTEGER,
        started_at INTEGER,
        ended_at   INTEGER,
        trigger    TEXT    NOT NULL CHECK (trigger IN ('schedule', 'catch_up', 'manual', 'api')),
        status     TEXT    NOT NULL CHECK (status IN ('running', 'done', 'failed', 'missed')),
        reason     TEXT,
        summary    TEXT,
        job_id     INTEGER
    ) STRICT
    """,
    "CREATE INDEX task_run_task ON task_run (task, id)",
    """
    CREATE TABLE preset (
        id         INTEGER PRIMARY KEY,
        name       TEXT    NOT NULL UNIQUE,
        filter     TEXT    NOT NULL,
        shipped    INTEGER NOT NULL DEFAULT 0 CHECK (shipped IN (0, 1)),
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        used_at    INTEGER,
        use_count  INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE alert (
        id                 INTEGER PRIMARY KEY,
        rule               TEXT    NOT NULL,
        subject            TEXT    NOT NULL DEFAULT '',
        severity           TEXT    NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
        level              REAL    NOT NULL DEFAULT 0,
        args               TEXT    NOT NULL DEFAULT '{}',
        raised_at          INTEGER NOT NULL,
        updated_at         INTEGER NOT NULL,
        count              INTEGER NOT NULL DEFAULT 1,
        acknowledged_at    INTEGER,
        acknowledged_level REAL,
        snoozed_until      INTEGER,
        resolved_at        INTEGER
    ) STRICT
    """,
    "CREATE UNIQUE INDEX alert_open ON alert (rule, subject) WHERE resolved_at IS NULL",
    "CREATE INDEX alert_resolved ON alert (resolved_at)",
    """
    CREATE TABLE alert_rule (
        name      TEXT    NOT NULL PRIMARY KEY,
        enabled   INTEGER NOT NULL CHECK (enabled IN (0, 1)),
        threshold REAL,
        severity  TEXT    CHECK (severity IN ('info', 'warning', 'error')),
        muted     INTEGER NOT NULL DEFAULT 0 CHECK (muted IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE alert_target (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        name       TEXT    NOT NULL UNIQUE,
        channel    TEXT    NOT NULL,
        enabled    INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
        events     TEXT    NOT NULL DEFAULT '[]',
        digest     INTEGER NOT NULL DEFAULT 0 CHECK (digest IN (0, 1)),
        last_ok_at INTEGER,
        failed_at  INTEGER,
        problem    TEXT    CHECK (length(problem) <= 500)
    ) STRICT
    """,
    """
    CREATE TABLE alert_delivery (
        id         INTEGER PRIMARY KEY,
        alert_id   INTEGER REFERENCES alert (id) ON DELETE CASCADE,
        target_id  INTEGER NOT NULL REFERENCES alert_target (id) ON DELETE CASCADE,
        event      TEXT    NOT NULL,
        args       TEXT    NOT NULL DEFAULT '{}',
        created_at INTEGER NOT NULL,
        due_at     INTEGER NOT NULL,
        sent_at    INTEGER,
        dropped_at INTEGER,
        tries      INTEGER NOT NULL DEFAULT 0,
        problem    TEXT    CHECK (length(problem) <= 500)
    ) STRICT
    """,
    "CREATE INDEX alert_delivery_due ON alert_delivery (due_at) WHERE sent_at IS NULL AND dropped_at IS NULL",
    "CREATE INDEX alert_delivery_target ON alert_delivery (target_id)",
    "CREATE INDEX alert_delivery_alert ON alert_delivery (alert_id)",
    # what the work did in each hour, for alerts about its pace: titles, failures and time worked
    """
    CREATE TABLE work_hour (
        at         INTEGER PRIMARY KEY,
        handled    INTEGER NOT NULL DEFAULT 0,
        failed     INTEGER NOT NULL DEFAULT 0,
        imported   INTEGER NOT NULL DEFAULT 0,
        working_ms INTEGER NOT NULL DEFAULT 0,
        idle_ms    INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
)
