"""Settings: declared once, read by the dialog, the command line and the documentation.

A setting is a field of `Settings` with metadata made by `setting()`. Values come from the defaults, then the settings
file (TOML), then the operating system's environment, which wins. Secrets are never settings: see `core.credentials`.
"""

import ipaddress
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import tomli_w

from gdvg_desktop.core.errors import UsageError

HARD_CAP_RPS = 40.0
TITLES_A_PAGE = 20
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+"
_REPOSITORY = re.compile(f"{_NAME}/{_NAME}")
_WORKFLOW = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]*\.ya?ml|[0-9]+")
_BRANCH = re.compile(r"[^\s~^:?*\[\\-][^\s~^:?*\[\\]*")
_VARIABLE = re.compile(r"(?!(?i:GITHUB_))[A-Za-z_][A-Za-z0-9_]*")
_ADDRESSES = ("tmdb_url", "exports_url", "proxy", "github_url")
RATE_PRESETS = {"gentle": 4.0, "balanced": 20.0, "fast": 40.0}


def setting(
    default: Any,
    label: str,
    help_text: str,
    *,
    page: str,
    env: str | tuple[str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one setting: what it is called, what it means, where it is shown and what it may be.

    `env` are the variables that set it, the one that wins first.
    """
    metadata = {
        "label": label,
        "help": help_text,
        "page": page,
        "env": (env,) if isinstance(env, str) else env or (),
        "low": low,
        "high": high,
        "choices": choices,
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults. `page` is the settings page a field is shown on ("" = not shown)."""

    tmdb_url: str = setting(
        "https://api.themoviedb.org/3",
        "TMDb address",
        "Where requests go. Change it only for a proxy of your own or the demo.",
        page="connection",
        env="GDVG_TMDB_URL",
    )
    exports_url: str = setting(
        "https://files.tmdb.org/p/exports",
        "Export files address",
        "Where the daily id files are. The key is never sent there.",
        page="connection",
        env="GDVG_EXPORTS_URL",
    )
    requests_per_second: float = setting(
        RATE_PRESETS["balanced"],
        "Requests per second",
        "TMDb allows about 40. A lower figure is kinder to your line; 0 means unpaced and works on loopback only.",
        page="connection",
        env=("GDVG_REQUESTS_PER_SECOND", "TMDB_REQUESTS_PER_SECOND"),
        low=0,
    )
    max_connections: int = setting(
        10,
        "Connections at once",
        "TMDb counts at most 20 connections for one address.",
        page="connection",
        low=1,
        high=20,
    )
    max_attempts: int = setting(
        9,
        "Attempts for one title",
        "How often a request is tried before it counts as failed.",
        page="connection",
        low=1,
        high=20,
    )
    timeout_s: float = setting(
        30.0,
        "Time-out in seconds",
        "How long an answer may take.",
        page="connection",
        low=1,
        high=300,
    )
    proxy: str = setting(
        "",
        "Proxy",
        "An http or https proxy, for example http://proxy.example:3128. Empty: the system's environment decides.",
        page="connection",
    )
    languages: tuple[str, ...] = setting(
        ("en-US",),
        "Metadata languages",
        "In this order; where TMDb has no text in any of them the original is shown.",
        page="connection",
    )
    mirror_daily_requests: int = setting(
        0,
        "Requests a day for the mirror",
        "The mirror stops for the day after this many; 0 is no limit but the pace.",
        page="mirror",
        env=("GDVG_MIRROR_DAILY_REQUESTS", "GDVG_BULK_DAILY_PAGES", "TMDB_BULK_DAILY_PAGES"),
        low=0,
    )
    mirror_daily_minutes: int = setting(
        0,
        "Minutes a day for the mirror",
        "The mirror stops for the day after this long; 0 is no limit.",
        page="mirror",
        low=0,
        high=1440,
    )
    movie_share: int = setting(
        50,
        "Share of movies in percent",
        "Movies and TV series are fetched by turns in this proportion; what one does not use goes to the other.",
        page="mirror",
        low=0,
        high=100,
    )
    popular_threshold: float = setting(
        10.0,
        "Popular from",
        "A missing title of this popularity or more is a gap of its own kind.",
        page="mirror",
        low=0,
    )
    popular_top: int = setting(
        0,
        "Popular: the first",
        "Instead of a threshold: the first so many titles of each type; 0 uses the threshold.",
        page="mirror",
        low=0,
    )
    required_fields: tuple[str, ...] = setting(
        ("poster", "overview", "credits", "runtime", "date", "genres", "external_ids"),
        "Fields a complete title has",
        "A held title without one of these is a gap, unless TMDb itself has nothing there.",
        page="mirror",
        choices=(
            "title",
            "poster",
            "backdrop",
            "overview",
            "date",
            "genres",
            "countries",
            "runtime",
            "credits",
            "external_ids",
            "keywords",
            "images",
            "videos",
            "translations",
            "certification",
        ),
    )
    gap_max_tries: int = setting(
        5, "Tries for one gap", "After this many a gap is given up, with the reason.", page="mirror", low=1, high=50
    )
    refresh_after_days: int = setting(
        150,
        "Refresh after days",
        "TMDb's terms forbid keeping data longer than six months, so titles are fetched again in time.",
        page="mirror",
        low=1,
        high=179,
    )
    keep_runs_days: int = setting(
        30, "Keep finished runs for days", "Failures stay until they are resolved.", page="database", low=1, high=3650
    )
    min_free_mb: int = setting(
        500,
        "Free space to keep, in MB",
        "With less room on the disk all work pauses and says so; 0 lets it go on until the disk is full.",
        page="database",
        low=0,
    )
    quiet_from: str = setting(
        "",
        "Quiet from",
        "No scheduled work starts from this time of the day, written 22:30; empty is never.",
        page="schedule",
        env="GDVG_QUIET_FROM",
    )
    quiet_to: str = setting(
        "",
        "Quiet until",
        "Scheduled work that was due in the quiet hours starts after this time.",
        page="schedule",
        env="GDVG_QUIET_TO",
    )
    delta_lookback_days: int = setting(
        1,
        "Days of changes to read again",
        "Each changes sync reads at least so many days of TMDb's change lists; more when it has not run for longer.",
        page="schedule",
        env=("GDVG_DELTA_LOOKBACK_DAYS", "TMDB_DELTA_LOOKBACK_DAYS"),
        low=1,
        high=14,
    )
    tmdb_daily_requests: int = setting(
        0,
        "Requests to TMDb a day",
        "All work together stops for the UTC day after this many; 0 is no limit but the pace.",
        page="schedule",
        env="GDVG_TMDB_DAILY_REQUESTS",
        low=0,
    )
    reserved_manual_percent: int = setting(
        20,
        "Kept for manual work, in percent",
        "Scheduled work leaves this share of the day's requests to what you start yourself.",
        page="schedule",
        env="GDVG_RESERVED_MANUAL_PERCENT",
        low=0,
        high=100,
    )
    error_rate_threshold: float = setting(
        5.0,
        "Error rate that alerts, in percent",
        "An alert is raised when more of a day's titles fail than this, of at least 50.",
        page="alerts",
        env=("GDVG_ERROR_RATE_THRESHOLD", "TMDB_ERROR_RATE_THRESHOLD"),
        low=0,
        high=100,
    )
    alert_email: str = setting(
        "",
        "E-mail address for alerts",
        "Alerts are sent there once a mail server is set up; empty is nowhere.",
        page="alerts",
        env=("GDVG_SYNC_ALERT_EMAIL", "TMDB_SYNC_ALERT_EMAIL"),
    )
    notify_quiet_from: str = setting(
        "",
        "No notifications from",
        "Messages are held back from this time of the day, written 22:30, and sent afterwards; empty is never.",
        page="alerts",
    )
    notify_quiet_to: str = setting(
        "",
        "No notifications until",
        "What was held back is sent after this time.",
        page="alerts",
    )
    digest_at: str = setting(
        "08:00",
        "Daily summary at",
        "When the one message of a day goes to the targets that want it, written 08:00.",
        page="alerts",
    )
    api_enabled: bool = setting(
        False,
        "Control API",
        "Other programs of this computer may see and steer the mirror, with a token. Nothing outside it is let in.",
        page="api",
        env="GDVG_API_ENABLED",
    )
    api_port: int = setting(
        8790,
        "Port",
        "Where the control API listens on 127.0.0.1.",
        page="api",
        env="GDVG_API_PORT",
        low=1,
        high=65535,
    )
    github_repository: str = setting(
        "",
        "Repository",
        "The repository on GitHub that holds the workflow, written owner/name. Empty: there is no remote workflow.",
        page="remote",
        env="GDVG_GITHUB_REPOSITORY",
    )
    github_workflow: str = setting(
        "sync.yml",
        "Workflow",
        "The file name of the workflow in .github/workflows, or its number.",
        page="remote",
        env="GDVG_GITHUB_WORKFLOW",
    )
    github_branch: str = setting(
        "main",
        "Branch",
        "Run now starts the workflow on this branch. GitHub runs schedules on the default branch only.",
        page="remote",
        env="GDVG_GITHUB_BRANCH",
    )
    github_pause_by: str = setting(
        "workflow",
        "Pause by",
        "Disabling the workflow stops its schedule and Run now; a variable is checked by the workflow itself.",
        page="remote",
        env="GDVG_GITHUB_PAUSE_BY",
        choices=("workflow", "variable"),
    )
    github_variable: str = setting(
        "GDVG_SYNC_PAUSED",
        "Variable",
        "The repository variable that says true while paused and false otherwise.",
        page="remote",
        env="GDVG_GITHUB_VARIABLE",
    )
    remote_follows_pause: bool = setting(
        False,
        "Follow the schedule's pause",
        "When the schedule here is paused or resumed, so is the workflow. GitHub out of reach never keeps the schedule "
        "from pausing; the workflow follows as soon as it can.",
        page="remote",
        env="GDVG_REMOTE_FOLLOWS_PAUSE",
    )
    github_url: str = setting(
        "https://api.github.com",
        "GitHub API address",
        "Change it only for a GitHub Enterprise server. The token is sent there.",
        page="remote",
        env="GDVG_GITHUB_URL",
    )
    theme: str = setting(
        "system",
        "Theme",
        "Follow the system or choose one.",
        page="appearance",
        choices=("system", "dark", "light", "contrast"),
    )
    on_close: str = setting(
        "ask",
        "When the window is closed",
        "Only a program that runs keeps the schedule; in the tray it needs no window.",
        page="schedule",
        choices=("ask", "tray", "stop", "minimise"),
    )
    reduced_motion: bool = setting(
        False, "Reduce motion", "No animations; the spinner is a still picture.", page="appearance"
    )
    wizard_done: bool = setting(False, "Set-up finished", "The first-run wizard has been completed.", page="")


def env_overrides(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Raw values of settings given by the environment, by field name. Empty values count as not given."""
    source = os.environ if environ is None else environ
    return {field: _raw(variable, source[variable].strip()) for field, variable in env_sources(source).items()}


def env_sources(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variable that sets a setting, by field name, for the settings the environment sets."""
    source = os.environ if environ is None else environ
    found = {}
    for one in fields(Settings):
        given = [name for name in one.metadata["env"] if source.get(name, "").strip()]
        if given:
            found[one.name] = given[0]
    return found


def _raw(variable: str, text: str) -> str:
    """A variable's text in the setting's own unit: pages are of twenty titles, each of which is a request."""
    if variable.endswith("_DAILY_PAGES") and text.isascii() and text.isdigit():
        return str(int(text) * TITLES_A_PAGE)
    return text


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Defaults, then the file, then the environment. Raises UsageError naming the value that cannot be."""
    known = {one.name for one in fields(Settings)}
    settings = _convert({key: value for key, value in _stored(path).items() if key in known}, str(path))
    sources = env_sources(environ)
    for name, raw in env_overrides(environ).items():
        settings = replace(settings, **{name: getattr(_convert({name: raw}, f"{sources[name]}={raw}"), name)})
    return settings


def _stored(path: Path) -> dict[str, Any]:
    """What the file says; nothing when there is none. Raises UsageError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(
            f"The settings file {path} cannot be read: {error}.",
            "Mend it or delete it to use the defaults.",
        ) from None


def _convert(values: dict[str, Any], source: str) -> Settings:
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: {error}.") from None
    return settings


def validate(settings: Settings) -> None:
    """Refuse values out of range, naming the value and what is accepted. Nothing is ever clamped silently."""
    given = env_sources()
    for one in fields(Settings):
        value, meta = getattr(settings, one.name), one.metadata
        label = f"{meta['label']} ({given[one.name]})" if one.name in given else meta["label"]
        for part in (value if isinstance(value, tuple) else (value,)) if meta["choices"] else ():
            if part not in meta["choices"]:
                raise UsageError(f"{label}: {part} is not one of {', '.join(meta['choices'])}.")
        if meta["low"] is not None and not value >= meta["low"]:
            raise UsageError(f"{label}: {value} is below {meta['low']}.")
        if meta["high"] is not None and not value <= meta["high"]:
            raise UsageError(f"{label}: {value} is above {meta['high']}.")
    if not settings.digest_at.strip():
        raise UsageError("The daily summary needs a time.", "Write it as 08:00.")
    times = (settings.quiet_from, settings.quiet_to, settings.notify_quiet_from, settings.notify_quiet_to)
    for text in (*times, settings.digest_at):
        clock_time(text)
    if settings.alert_email and not _EMAIL.fullmatch(settings.alert_email):
        raise UsageError(f"{settings.alert_email} is not an e-mail address.", "Write it as name@example.org.")
    for one in fields(Settings):
        url = getattr(settings, one.name)
        if one.name in _ADDRESSES and url != one.default:  # among them that there is no proxy
            _check_address(one.metadata["label"], url)
    _check_remote(settings)
    check_rate(settings.requests_per_second, settings.tmdb_url)


def _check_address(label: str, url: str) -> None:
    """Refuse what is no http or https address of a server, naming the setting."""
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.port != 0  # reading the port is what checks it
    except ValueError:
        whole = False
    if not whole:
        raise UsageError(f"{label}: this is not an http or https address.", "Write it as https://example.org.")
    if parts.scheme not in ("http", "https"):
        raise UsageError(
            f"{label}: {parts.scheme} is not supported.",
            "Give an http:// or https:// address; a SOCKS proxy needs a local bridge.",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:  # they hold passwords and keys, and this goes into a file
        raise UsageError(
            f"{label}: an address with a user name, a password or a query is not kept.",
            "Leave them out. A proxy with a password can be given by the environment, in HTTPS_PROXY and HTTP_PROXY.",
        )


def _check_remote(settings: Settings) -> None:
    """Refuse names GitHub cannot have: they become parts of addresses the token is sent to."""
    if urlsplit(settings.github_url).scheme == "http" and not is_loopback(settings.github_url):
        raise UsageError("The GitHub API address has to begin with https, because the token is sent there.")
    names = (
        (settings.github_repository, _REPOSITORY, "is not a repository.", "Write it as owner/name."),
        (settings.github_workflow, _WORKFLOW, "is not a workflow.", "Give its file name, sync.yml, or its number."),
        (settings.github_branch, _BRANCH, "is not the name of a branch.", "For example main."),
        (settings.github_variable, _VARIABLE, "is not the name of a variable.", "Use A-Z, 0-9 and _, not GITHUB_."),
    )
    for text, shape, problem, hint in names:
        if not shape.fullmatch(text) and not (text == "" and shape is _REPOSITORY):
            raise UsageError(f"{text or 'Nothing'} {problem}", hint)


def clock_time(text: str) -> time | None:
    """Read a time of the day written HH:MM; None for an empty text. Raises UsageError."""
    if not text.strip():
        return None
    hours, colon, minutes = text.strip().partition(":")
    whole = all(part.isascii() and part.isdigit() and len(part) <= 2 for part in (hours, minutes))
    if colon and whole and int(hours) < 24 and int(minutes) < 60:
        return time(int(hours), int(minutes))
    raise UsageError(f"{text} is not a time of the day.", "Write it as 22:30, or leave it empty.")


def check_rate(rate: float, tmdb_url: str) -> None:
    """Refuse a rate the server must not be asked at (TMDb's own limit is about 40 requests/s)."""
    if is_loopback(tmdb_url):
        if not 0 <= rate < float("inf"):
            raise UsageError(f"{rate:g} requests per second is not possible.", "Use 0 (unpaced) or more.")
    elif not 0 < rate <= HARD_CAP_RPS:
        raise UsageError(
            f"{rate:g} requests per second is not accepted.",
            f"Use more than 0 and at most {HARD_CAP_RPS:g}; only a server on this machine takes other rates.",
        )


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine, by name or address; nothing is resolved."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def save_settings(path: Path, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
    """Write what differs from the defaults, leaving out what the environment sets. Raises UsageError.

    The file is replaced whole, and whoever fails leaves it as it was; it is for its owner's eyes only.
    """
    validate(settings)
    default = asdict(Settings())
    skipped = env_overrides(environ)
    kept = _stored(path)
    for name, value in asdict(settings).items():
        if name in skipped:
            continue
        if value == default[name]:
            kept.pop(name, None)
        else:
            kept[name] = list(value) if isinstance(value, tuple) else value
    number, partial = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".new")  # of mode 0600
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(tomli_w.dumps(kept))
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
