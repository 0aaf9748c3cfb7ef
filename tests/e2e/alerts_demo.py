"""Alerts and targets as a week of runs leaves them, for pictures."""

from gdvg_desktop.app import App
from gdvg_desktop.commands import alerts
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import AlertsChanged
from gdvg_desktop.core.secrets import SecretStore
from gdvg_desktop.store import alerts as rows
from gdvg_desktop.store.alerts import Finding

HOUR_MS = 3_600_000
ALERTS = (
    (31, "popular_missing", "info", {"count": 1312, "limit": 0, "popularity": 10.0}),
    (5, "missed_run", "warning", {"task": "Changes sync", "count": 1, "planned_at": 0, "reason": "offline"}),
    (1, "error_rate", "warning", {"rate": 6.3, "limit": 5.0, "failed": 412, "attempts": 6541, "open": 47}),
)


class Nowhere(SecretStore):
    """Secrets of a picture are kept by nobody."""

    def save(self, name: str, secret: str) -> None:
        pass

    def load(self, name: str) -> str | None:
        return "http://127.0.0.1:9/hook"


async def raise_some(app: App) -> None:
    """Three alerts, the oldest of yesterday."""
    now_ms = to_millis(app.clock.now())
    for hours, rule, severity, args in ALERTS:
        at = now_ms - hours * HOUR_MS
        found = Finding("", 1, args | ({"planned_at": at} if "planned_at" in args else {}))
        await app.store.write(lambda db, r=rule, s=severity, f=found, t=at: rows.raise_one(db, r, s, f, t))
    app.bus.publish(AlertsChanged())


async def add_targets(app: App) -> None:
    """One that works and one that does not, beside the desktop's."""
    app.secrets = Nowhere()
    now_ms = to_millis(app.clock.now())
    phone = await alerts.add_target(app, "Phone", "apprise", "json://127.0.0.1:9/x", events=("error", "digest"))
    hook = await alerts.add_target(app, "Home server", "webhook", "http://127.0.0.1:9/hook")
    await app.store.write(lambda db: rows.got_through(db, phone.id, now_ms - HOUR_MS))
    await app.store.write(lambda db: rows.did_not(db, hook.id, "The receiver answered 503.", now_ms - 2 * HOUR_MS))
