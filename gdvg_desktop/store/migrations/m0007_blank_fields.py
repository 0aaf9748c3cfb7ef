"""A field somebody emptied by hand holds an empty text or 0 instead of NULL; a search for gaps has to find it too."""

STATEMENTS: tuple[str, ...] = (
    "DROP INDEX title_no_title",
    "DROP INDEX title_no_poster",
    "DROP INDEX title_no_backdrop",
    "DROP INDEX title_no_overview",
    "DROP INDEX title_no_date",
    "DROP INDEX title_no_runtime",
    "CREATE INDEX title_no_title ON title (id, unavailable, title) WHERE coalesce(title, '') = ''",
    "CREATE INDEX title_no_poster ON title (id, unavailable, poster_path) WHERE coalesce(poster_path, '') = ''",
    "CREATE INDEX title_no_backdrop ON title (id, unavailable, backdrop_path) WHERE coalesce(backdrop_path, '') = ''",
    "CREATE INDEX title_no_overview ON title (id, unavailable, overview) WHERE coalesce(overview, '') = ''",
    "CREATE INDEX title_no_date ON title (id, unavailable, release_date) WHERE coalesce(release_date, '') = ''",
    "CREATE INDEX title_no_runtime ON title (id, unavailable, runtime, media_type) WHERE coalesce(runtime, 0) = 0",
)
