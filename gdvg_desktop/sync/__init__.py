"""The engine and what it does: planning, listing, fetching, mapping and committing, one file per job kind."""
