"""How a run says that it goes on by itself, but not before a moment."""


class Postponed(Exception):
    """Raised by a run once all it fetched is stored. `until_ms` is unix milliseconds, `reason` goes with the job."""

    def __init__(self, until_ms: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.until_ms = until_ms
        self.reason = reason
        self.message = message
