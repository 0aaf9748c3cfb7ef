"""Ids that exports named once and do not name any more: `dropped_ids`, NULL before a second export was read."""

STATEMENTS: tuple[str, ...] = ("ALTER TABLE export ADD COLUMN dropped_ids BLOB",)
