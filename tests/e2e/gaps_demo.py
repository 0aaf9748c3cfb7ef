"""A library of the whole demo catalogue with holes a designer can judge: stretches of months, ages, failed tries."""

import asyncio
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from gdvg_desktop.commands import gaps
from gdvg_desktop.core.kinds import MediaType
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.sync.filters import build_filter
from tests.support.library import app_on, queue_import

HOUR_MS = 3_600_000
CAUSES = (("network", "Detail request timed out"), ("rate_limit", "Rate limit (429)"), ("server", "TMDb answered 502"))


def lost_share(day: date | None) -> float:
    """How much of a release month goes missing."""
    if day is None:
        return 0.03
    if day.year == 2003 and day.month in (2, 3, 4):
        return 0.7
    if day.year in (2011, 2012) and 6 <= day.month <= 10:
        return 0.6
    if 2001 <= day.year <= 2004:
        return 0.45
    if day.year >= 2025:
        return 0.3
    return 0.12 if 1990 <= day.year <= 1995 else 0.03


def prepare(demo: DemoServer, folder: Path) -> None:
    """Import everything, lose titles and fields, analyse, and let some of the best have been tried before."""

    async def work() -> None:
        async with app_on(demo, folder) as app:
            assert app.engine is not None
            await queue_import(app, build_filter(types=tuple(MediaType)))
            await app.engine.run(until_idle=True)
            await app.store.write(_damage)
            await gaps.analyze(app)
            await app.engine.run(until_idle=True)
            best = await gaps.gap_ids(app, gaps.GapFilter(), 20)
            now_ms = round(app.clock.now() * 1000)
            await app.store.write(lambda db: _try(db, [int(key) >> 2 for key in best], now_ms))

    asyncio.run(work())


def _damage(db: Any) -> None:
    dice = Random(7)
    for title_id, day in db.execute_sql("SELECT id, release_date FROM title ORDER BY id").fetchall():
        if dice.random() < lost_share(date.fromisoformat(day) if day else None):
            db.execute_sql("DELETE FROM title WHERE id = ?", (title_id,))
        elif dice.random() < 0.05:
            field = dice.choice(("overview", "poster_path"))
            db.execute_sql(f"UPDATE title SET {field} = NULL WHERE id = ?", (title_id,))


def _try(db: Any, titles: list[int], now_ms: int) -> None:
    db.execute_sql("UPDATE gap SET found_at = found_at - ? * (title_id % 40)", (HOUR_MS,))
    for place, (category, message) in enumerate(CAUSES):
        title_id = list(dict.fromkeys(titles))[2 * place]
        values = (3 - place, category, message, now_ms - 2 * HOUR_MS, now_ms - HOUR_MS, title_id)
        db.execute_sql(
            "UPDATE gap SET tries = ?, category = ?, message = ?, last_try_at = ?, next_try_at = ? WHERE title_id = ?",
            values,
        )
