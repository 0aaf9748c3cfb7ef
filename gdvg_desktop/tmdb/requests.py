"""What a request to TMDb is, before it has a server, a credential or a connection."""

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Request:
    """One GET. `path` begins with a slash and follows the base address; each parameter is sent once.

    `kind` names the request in logs: discover, details, reference, authentication.
    """

    path: str
    params: dict[str, str] = field(default_factory=dict)
    kind: str = "reference"

    def target(self) -> str:
        """Path and query, encoded: a pipe as %7C, commas and slashes as they are (TMDB.md 2)."""
        if not self.params:
            return self.path
        return f"{self.path}?" + "&".join(f"{name}={quote(value, safe=',/')}" for name, value in self.params.items())
