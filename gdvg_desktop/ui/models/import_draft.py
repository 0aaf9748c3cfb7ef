"""The import being put together: its request, its preview and its start, shared by filters, preview and footer.

A preview costs requests, so it runs only when asked for; the draft knows whether it still belongs to the request.
"""

import time
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, jobs, presets
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.preview import Preview
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.host import Call, Host


class PreviewState(StrEnum):
    """None yet, being asked, belonging to the filters, or to earlier filters."""

    NONE = "none"
    ASKING = "asking"
    CURRENT = "current"
    OUTDATED = "outdated"


class ImportDraft(QObject):
    """Everything the import screen knows.

    `changed()` follows every change. `started(int, bool)` carries the id of the queued job, and whether it is new or an
    unfinished job of the same filters. `filters_asked(ImportRequest)` are filters to be shown, those of a preset.
    `problem` says why the filters make no import, "" when they do. `preset` is the one chosen, None for none.
    """

    changed = Signal()
    started = Signal(int, bool)
    filters_asked = Signal(object)

    def __init__(self, host: Host, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._call: Call | None = None
        self._asked = ImportRequest()
        self.request = ImportRequest()
        self.problem = ""
        self.preview: Preview | None = None
        self.previewed: ImportRequest | None = None
        self.previewed_at = 0.0  # monotonic seconds
        self.error: GdvgError | None = None
        self.starting = False
        self.jobs_ahead: int | None = None
        self.preset: PresetView | None = None
        bridge.queue_changed.connect(self.count_jobs)
        host.opened.connect(self._on_opened)
        host.crashed.connect(self._let_go)
        self.count_jobs()

    @property
    def state(self) -> PreviewState:
        """How the preview stands to the filters."""
        if self._call is not None:
            return PreviewState.ASKING
        if self.preview is None:
            return PreviewState.NONE
        return PreviewState.CURRENT if self.previewed == self.request else PreviewState.OUTDATED

    @property
    def can_start(self) -> bool:
        """Whether the filters make an import that could begin now."""
        return not self.problem and not self.starting

    @property
    def known_duplicates(self) -> int | None:
        """Titles already here, as long as the filters list the same titles as the preview did."""
        if self.preview is None or self.previewed is None:
            return None
        same = replace(
            self.previewed, existing=self.request.existing, priority=self.request.priority, limit=self.request.limit
        )
        return self.preview.duplicates if same == self.request else None

    @property
    def age_s(self) -> float:
        """Seconds since the preview came."""
        return time.monotonic() - self.previewed_at

    def set_request(self, request: ImportRequest, problem: str) -> None:
        """The filters were changed. An error shown belongs to the former filters and goes."""
        request = replace(request, name=None)
        if request == self.request and problem == self.problem:
            return
        self.request, self.problem, self.error = request, problem, None
        self.changed.emit()

    # presets ---------------------------------------------------------------------------------------------------

    @property
    def edited(self) -> bool:
        """Whether the filters differ from those of the preset chosen."""
        return self.preset is not None and _plain(self.request) != _plain(self.preset.request)

    def choose_preset(self, preset: PresetView) -> None:
        """Show the filters of a preset; edits of the former one are given up."""
        self.preset = preset
        self.filters_asked.emit(preset.request)
        self.changed.emit()

    def set_preset(self, preset: PresetView | None) -> None:
        """Belong to a preset, or (None) to none, with the filters as they are."""
        if preset != self.preset:
            self.preset = preset
            self.changed.emit()

    # preview ---------------------------------------------------------------------------------------------------

    def ask_preview(self) -> None:
        """Ask TMDb what the import would do; nothing while an answer is under way."""
        if self.problem or self._call is not None:
            return
        request = self.request
        self._asked, self.error = request, None
        self._call = self._host.call(
            self, lambda app: imports.preview(app, request), self._on_preview, self._on_preview_failed
        )
        self.changed.emit()

    def stop_preview(self) -> None:
        """Wait no longer for an answer."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
            self.changed.emit()

    def _on_preview(self, preview: Preview) -> None:
        self._call = None
        self.preview, self.previewed, self.previewed_at = preview, self._asked, time.monotonic()
        self.changed.emit()

    def _on_preview_failed(self, error: GdvgError) -> None:
        self._call, self.error = None, error
        self.changed.emit()

    # start -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Put the import into the queue."""
        if not self.can_start:
            return
        request, preset = self.request, None if self.edited else self.preset
        self.starting, self.error = True, None

        async def begin(app: App) -> tuple[Job, bool]:
            if preset is not None:
                return await presets.use(app, preset.id)
            return await imports.start(app, request)

        self._host.call(self, begin, self._on_started, self._on_start_failed)
        self.changed.emit()

    def _on_started(self, answer: tuple[Job, bool]) -> None:
        job, new = answer
        self.starting = False
        self.changed.emit()
        self.started.emit(job.id, new)

    def _on_start_failed(self, error: GdvgError) -> None:
        self.starting, self.error = False, error
        self.changed.emit()

    def _let_go(self, _error: object = None) -> None:
        """Calls that ended on a bug, or with an app that closed, answer nobody."""
        self.starting = False
        self.stop_preview()
        self.changed.emit()

    # the queue -------------------------------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self._let_go()
        self.count_jobs()

    def count_jobs(self) -> None:
        """Look how many jobs a new one would wait behind."""

        async def count(app: App) -> int:
            return len((await jobs.queue(app, finished_since_ms=2**62)).jobs)

        if self._host.app is not None:
            self._host.call(self, count, self._on_counted)

    def _on_counted(self, count: int) -> None:
        if count != self.jobs_ahead:
            self.jobs_ahead = count
            self.changed.emit()


def _plain(request: ImportRequest) -> ImportRequest:
    """A request without what means nothing in it: a name, and how a single genre is to match."""
    return replace(request, name=None, match=request.match if len(request.genres) > 1 else "any")
