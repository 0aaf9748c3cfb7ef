"""The library file: opening, migrations, backups, the one writer, and what is read from and written to its tables."""
