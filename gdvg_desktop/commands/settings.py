"""Change settings."""

import asyncio
from dataclasses import replace
from typing import Any

from gdvg_desktop.app import App
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.settings import Settings, env_overrides, save_settings, validate


async def change(app: App, **values: Any) -> Settings:
    """Check, save and apply settings. Raises UsageError naming the value; then nothing is changed.

    The rate applies at once; addresses, proxy, attempts, languages and connections at the next start.
    """
    locked = sorted(env_overrides().keys() & values.keys())
    if locked:
        raise UsageError(f"{', '.join(locked)} is set by the environment.", "Change it there.")
    changed = replace(app.settings, **values)
    validate(changed)
    await asyncio.to_thread(save_settings, app.paths.settings, changed)
    app.settings = changed
    app.client.apply(changed)
    if app.engine is not None:
        app.engine.apply(changed)
    return changed
