"""Everything of a session that needs more than Qt: host, docks and dialogs, and what leads from one to another.

Imported after the first paint. `Session` owns the window; this fills it and empties it again.
"""

import os
import secrets
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from gdvg_desktop.commands import jobs
from gdvg_desktop.commands.alerts import ensure_desktop
from gdvg_desktop.core.autostart import Autostart, login_start
from gdvg_desktop.core.credentials import CredentialStore, parse_credential
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.events import Bus, Notified
from gdvg_desktop.core.settings import load_settings
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.ui.actions import MenuKey
from gdvg_desktop.ui.alert_bell import AlertBell
from gdvg_desktop.ui.background import Background
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.closing import ClosingGuard
from gdvg_desktop.ui.demo_process import DemoProcess
from gdvg_desktop.ui.dialogs.settings import ABOUT, API, CONNECTION, SCHEDULE, SettingsDialog
from gdvg_desktop.ui.dialogs.wizard import KEY, SCOPE, Wizard
from gdvg_desktop.ui.docks import DOCKS, DockTools
from gdvg_desktop.ui.docks.alerts import AlertsDock
from gdvg_desktop.ui.docks.errors import ErrorsDock
from gdvg_desktop.ui.docks.gap_cards import GapCards
from gdvg_desktop.ui.docks.gap_fill import GapFill
from gdvg_desktop.ui.docks.gap_month import GapMonthDock
from gdvg_desktop.ui.docks.gap_months import GapMonthsDock
from gdvg_desktop.ui.docks.gap_table import GapTableDock
from gdvg_desktop.ui.docks.history import HistoryDock
from gdvg_desktop.ui.docks.import_footer import ImportFooter
from gdvg_desktop.ui.docks.import_presets import PresetsBar
from gdvg_desktop.ui.docks.import_preview import ImportPreviewDock
from gdvg_desktop.ui.docks.job_inspector import JobInspectorDock
from gdvg_desktop.ui.docks.library import LibraryDock
from gdvg_desktop.ui.docks.overview import SETTINGS, OverviewDock
from gdvg_desktop.ui.docks.queue import QueueDock
from gdvg_desktop.ui.docks.run_detail import RunDetailDock
from gdvg_desktop.ui.docks.sync_health import SyncHealthDock
from gdvg_desktop.ui.docks.title_details import TitleDetailsDock
from gdvg_desktop.ui.failure_count import FailureCount
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.alert_feed import AlertFeed
from gdvg_desktop.ui.models.alert_words import ACCENTS
from gdvg_desktop.ui.models.gap_feed import GapFeed
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.models.library_search import LibrarySearch
from gdvg_desktop.ui.news import News
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.recovery import Recovery
from gdvg_desktop.ui.schedule_bar import ScheduleBar
from gdvg_desktop.ui.schedule_feed import ScheduleFeed
from gdvg_desktop.ui.screens import GAPS, HISTORY, IMPORT, LIBRARY, OVERVIEW, QUEUE, screens
from gdvg_desktop.ui.status_feed import StatusFeed
from gdvg_desktop.ui.sync_actions import SyncActions
from gdvg_desktop.ui.tokens import Accent
from gdvg_desktop.ui.tray import Tray
from gdvg_desktop.ui.widgets.dock_panel import DockPanel

if TYPE_CHECKING:
    from gdvg_desktop.ui.session import Session

ON_GUI_THREAD = {"thread": False, "qasync": True}
DEFAULT_LOOP = "thread"  # the smoother of the two: benchmarks/heartbeat.py


class Contents(QObject):
    """`closed()` comes when everything is stored and shut, after `close`."""

    closed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__()
        self._session, self._window = session, session.window
        self._environment: dict[str, str | None] = {}
        self._dialog: SettingsDialog | Wizard | None = None
        self._demo: DemoProcess | None = None
        self._shut = False
        self._told_link = "alerts"
        self.bus = Bus()
        self.bridge = Bridge(self.bus)
        loop = os.environ.get("GDVG_ENGINE_LOOP", DEFAULT_LOOP)
        self.credentials = CredentialStore(environ={}) if session.demo else CredentialStore()
        if session.demo:  # any well-shaped key opens the demo; a real one never goes there
            self.credentials.save(parse_credential(secrets.token_hex(16)), session_only=True)
        self.host = Host(
            session.paths,
            session.settings,
            self.bus,
            self.credentials,
            on_gui_thread=ON_GUI_THREAD.get(loop, ON_GUI_THREAD[DEFAULT_LOOP]),
        )
        self.feed = OverviewFeed(self.host, self.bridge, self)
        self.posters = Posters(self.host, session.paths.posters, parent=self)
        self.draft = ImportDraft(self.host, self.bridge, self)
        self.search = LibrarySearch(self.host, self.bridge, self)
        self.gaps = GapFeed(self.host, self.bridge, self)
        self.alerts = AlertFeed(self.host, self.bridge, self)
        self._furnish()
        self.status = StatusFeed(self._window, self.host, self.feed, self.replace_key)
        self.news = News(self._window, self.host, self.feed)
        self.sync = SyncActions(self._window, self.host)
        self.sync.job_asked.connect(self.show_job)
        self._join_background()
        self._join_alerts()
        self.guard = ClosingGuard(self._window, self.host, self.feed, self.tray, session.settings.on_close)
        self.guard.decided.connect(lambda choice: session.change_settings(on_close=choice))
        self.recovery = Recovery(self._window, self.host)
        self.recovery.gave_up.connect(self._on_gave_up)
        self._connect()
        self._start()

    # building --------------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        tools = DockTools(
            self.host, self.bridge, self.feed, self.draft, self.search, self.posters, self.gaps, self.alerts
        )
        self.docks: dict[str, DockPanel] = {key: build(tools) for key, build in DOCKS.items()}
        self.footer = ImportFooter(self.draft)
        self.presets = PresetsBar(self.host, self.bridge, self.draft)
        self.presets.told.connect(self._window.toast)
        self.gap_cards = GapCards(self.host, self.gaps)
        self.gap_fill = GapFill(self.host, self.gaps)
        self._window.furnish(
            list(self.docks.values()), screens(self.footer, self.gap_cards, self.gap_fill, self.presets)
        )
        self._window.add_menu_action(MenuKey.SYNC, self.footer.preview_action)
        self._window.add_menu_action(MenuKey.SYNC, self.footer.start_action)
        self._window.add_menu_action(MenuKey.LIBRARY, cast(LibraryDock, self.docks[LibraryDock.KEY]).find_action)
        text = self.tr("Open your &own library") if self._session.demo else self.tr("Open the &demo catalogue")
        self.other = QAction(text, self._window)
        self.other.triggered.connect(self._session.switch)
        self._window.add_menu_action(MenuKey.FILE, self.other)
        if not self._session.demo:
            setup = QAction(self.tr("First-time &setup"), self._window)
            setup.triggered.connect(lambda: self.open_wizard(KEY))
            self._window.add_menu_action(MenuKey.HELP, setup)

    def _join_alerts(self) -> None:
        """The bell, and where an alert leads."""
        self.bell = AlertBell(self._window, self.alerts)
        dock = cast(AlertsDock, self.docks[AlertsDock.KEY])
        for asker in (self.bell.link_asked, dock.link_asked):
            asker.connect(self.follow_link)
        self.bridge.link_asked.connect(self._come_to_link)
        self.bridge.notified.connect(self._show_notified)
        self.tray.message_clicked.connect(lambda: self._come_to_link(self._told_link))
        self.host.opened.connect(lambda: self.host.call(self, ensure_desktop))
        self.alerts.changed.connect(lambda: self.background.set_alerts(len(self.alerts.open)))

    def follow_link(self, link: str) -> None:
        """Go where an alert leads: a screen, a page of the settings, or the errors and the alerts themselves."""
        where, _, page = link.partition(":")
        if where == SETTINGS:
            self.open_settings(page or CONNECTION)
        elif where == "errors":
            self._window.show_screen(HISTORY)
            self._window.host.dock(ErrorsDock.KEY).take_focus()
        elif where in self._window.screen_names():
            self._window.show_screen(where)
        else:
            self._window.show_screen(OVERVIEW)
            self._window.host.dock(AlertsDock.KEY).take_focus()

    def _show_notified(self, news: Notified) -> None:
        """A notification of the desktop where the tray icon shows them; without a tray it is a toast."""
        self._told_link = news.link
        accent = ACCENTS.get(news.severity, Accent.BLUE)
        if not self.tray.show_message(accent, news.title, news.text):
            self._window.toast(accent, news.title, news.text, (self.tr("Open"), lambda: self.follow_link(news.link)))

    def _come_to_link(self, link: str) -> None:
        self._window.bring_back()
        self.follow_link(link)

    def _join_background(self) -> None:
        """What goes on with the window closed, and who steers it."""
        self.tray = Tray(self)
        self.schedule = ScheduleFeed(self.host, self.bridge, self)
        self.background = Background(
            self._window, self.host, self.feed, self.schedule, self.tray, demo=self._session.demo
        )
        self.schedule_bar = ScheduleBar(self._window, self.schedule)
        self.tray.sync_asked.connect(self.sync.now)
        self.schedule_bar.settings_asked.connect(lambda: self.open_settings(SCHEDULE))
        overview = cast(OverviewDock, self.docks[OverviewDock.KEY])
        self.schedule.changed.connect(overview.show_schedule)
        self.tray.queue_asked.connect(lambda: self._come_to(QUEUE))
        self.tray.alerts_asked.connect(lambda: self._come_to(OVERVIEW))
        self.tray.settings_asked.connect(self._come_to_settings)

    def _come_to(self, screen: str) -> None:
        self._window.bring_back()
        self._window.show_screen(screen)

    def _come_to_settings(self) -> None:
        self._window.bring_back()
        self.open_settings()

    def _connect(self) -> None:
        window, show = self._window, self._window.show_screen
        overview = cast(OverviewDock, self.docks[OverviewDock.KEY])
        health = cast(SyncHealthDock, self.docks[SyncHealthDock.KEY])
        preview = cast(ImportPreviewDock, self.docks[ImportPreviewDock.KEY])
        self._queue = cast(QueueDock, self.docks[QueueDock.KEY])
        inspector = cast(JobInspectorDock, self.docks[JobInspectorDock.KEY])
        self._library = cast(LibraryDock, self.docks[LibraryDock.KEY])
        details = cast(TitleDetailsDock, self.docks[TitleDetailsDock.KEY])
        overview.opened.connect(lambda where: self.open_settings() if where == SETTINGS else show(where))
        health.queue_asked.connect(lambda: show(QUEUE))
        health.import_asked.connect(lambda: show(IMPORT))
        health.key_asked.connect(lambda: self.open_wizard(KEY))
        health.scope_asked.connect(lambda: self.open_wizard(SCOPE))
        self.key_changed = health.steps.read_key
        preview.settings_asked.connect(self.replace_key)
        self.draft.started.connect(self._on_started)
        self._queue.new_import_asked.connect(lambda: show(IMPORT))
        self._queue.job_chosen.connect(inspector.show_job)
        self._library.title_chosen.connect(details.show_title)
        self._library.title_opened.connect(details.open_title)
        self._library.import_asked.connect(lambda: show(IMPORT))
        self._library.resync_asked.connect(self.sync.refresh)
        details.resync_asked.connect(lambda title_id: self.sync.refresh([title_id]))
        self._join_gaps()
        self.news.job_asked.connect(self.show_job)
        self.news.titles_asked.connect(lambda: show(LIBRARY))
        self.news.gaps_asked.connect(lambda: show(GAPS))
        window.new_import_asked.connect(lambda: show(IMPORT))
        window.search_edited.connect(self._on_search_edited)
        window.search_submitted.connect(self._on_search_submitted)
        window.settings_asked.connect(self.open_settings)
        window.about_asked.connect(lambda: self.open_settings(ABOUT))
        self._connect_history()
        self.host.opened.connect(self._on_opened)
        self.host.crashed.connect(self._session.crashed)
        self.host.closed.connect(self._on_host_closed)

    def _join_gaps(self) -> None:
        months = cast(GapMonthsDock, self.docks[GapMonthsDock.KEY])
        month = cast(GapMonthDock, self.docks[GapMonthDock.KEY])
        table = cast(GapTableDock, self.docks[GapTableDock.KEY])
        month.follow(months)
        self.gap_cards.kind_chosen.connect(table.show_kind)
        self.gap_fill.job_asked.connect(self.show_job)
        self.gaps.started.connect(self._on_gap_job)

    def _connect_history(self) -> None:
        runs = cast(HistoryDock, self.docks[HistoryDock.KEY])
        detail = cast(RunDetailDock, self.docks[RunDetailDock.KEY])
        runs.run_chosen.connect(detail.show_run)
        runs.run_opened.connect(detail.take_focus)
        detail.started.connect(lambda job, new: self._on_started(job.id, new))
        self.failures = FailureCount(self._window, self.host, self.bridge)
        cast(ErrorsDock, self.docks[ErrorsDock.KEY]).failed_changed.connect(self.failures.show)
        self.bridge.job_stalled.connect(self._on_stalled)
        self.bridge.api_changed.connect(self._on_api)

    def _start(self) -> None:
        if not self._session.demo:
            self.host.start()
            return
        self._demo = DemoProcess(self)
        self._demo.ready.connect(self._on_demo_ready)
        self._demo.failed.connect(self.recovery.tell)
        self._demo.start()

    def _on_demo_ready(self, url: str) -> None:
        """Point this process at the demo, as the environment would: such settings are shown as set and never saved."""
        for name, value in (("GDVG_TMDB_URL", url), ("GDVG_EXPORTS_URL", f"{url.rsplit('/', 1)[0]}/p/exports")):
            self._environment[name] = os.environ.get(name)
            os.environ[name] = value
        self._session.settings = load_settings(self._session.paths.settings)
        self.host.use_settings(self._session.settings)
        self.host.start()

    # ways from one thing to another ----------------------------------------------------------------------------

    def _on_opened(self) -> None:
        app = self.host.app
        if app is None or self._session.demo or self._session.settings.wizard_done or app.credential is not None:
            return
        self.open_wizard(KEY)

    def show_job(self, job_id: int) -> None:
        """Turn to the queue, at one job."""
        self._window.show_screen(QUEUE)
        self._queue.choose(job_id)

    def _on_started(self, job_id: int, new: bool) -> None:
        self.show_job(job_id)
        if not new:
            self.news.tell_same_job()

    def _on_api(self, problem: str) -> None:
        if problem:
            way = (self.tr("Settings"), lambda: self.open_settings(API))
            self._window.toast(Accent.RED, self.tr("The control API cannot answer"), problem, way)

    def _on_gap_job(self, job: Job, new: bool) -> None:
        if not new:
            sentence = self.tr("{0} is one job until it has finished.").format(job.name)
            self._window.toast(Accent.BLUE, self.tr("This is in the queue already"), sentence)

    def _on_stalled(self, job_id: int) -> None:
        self._window.toast(
            Accent.AMBER,
            self.tr("A job makes no progress"),
            self.tr("Nothing was fetched or listed for ten minutes. A restart goes on where it stands."),
            (
                self.tr("Restart"),
                lambda: self.host.call(self, lambda app: jobs.restart(app, job_id), lambda _job: None),
            ),
            (self.tr("Open queue"), lambda: self.show_job(job_id)),
        )

    def _on_search_edited(self, text: str) -> None:
        if self._window.screen_name() == LIBRARY:
            self._library.search_for(text)

    def _on_search_submitted(self, text: str) -> None:
        self._window.show_screen(LIBRARY)
        self._library.search_for(text)

    # dialogs ---------------------------------------------------------------------------------------------------

    def open_settings(self, page: str = CONNECTION) -> SettingsDialog:
        """Open the settings at a page, or turn the open ones to it."""
        if isinstance(self._dialog, SettingsDialog):
            self._dialog.show_page(page)
            return self._dialog
        app = self.host.app
        settings = app.settings if app is not None else self._session.settings
        dialog = SettingsDialog(self.host, settings, page=page, login=self._login(), parent=self._window)
        dialog.applied.connect(self._on_settings)
        dialog.key_changed.connect(self.key_changed)
        self.bridge.remote_changed.connect(dialog.remote.on_remote_changed)
        self._open(dialog)
        return dialog

    def _login(self) -> Autostart | None:
        """What starts the program at login; the demo is not to be."""
        return None if self._session.demo else login_start(self._session.paths.data_dir)

    def replace_key(self) -> None:
        """Open the settings where another key is entered."""
        self.open_settings(CONNECTION).replace_key()

    def open_wizard(self, step: int = KEY) -> None:
        """Open the first-run wizard at a step."""
        if self._dialog is not None:
            return
        wizard = Wizard(self.host, step=step, tray=self.tray.available, login=self._login(), parent=self._window)
        wizard.decided.connect(self._on_settings)
        wizard.key_saved.connect(self.key_changed)
        wizard.started.connect(self._on_first_import)
        wizard.told.connect(self._window.toast)
        wizard.demo_asked.connect(self._session.switch)
        wizard.finished.connect(self._on_wizard_over)
        self._open(wizard)

    def _open(self, dialog: SettingsDialog | Wizard) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _on_first_import(self, job: Job) -> None:
        self.show_job(job.id)

    def _on_wizard_over(self) -> None:
        """Finished or put off: the checklist of an empty library shows the way from now on."""
        if not self._session.settings.wizard_done:
            self.guard.save(wizard_done=True)
            self._session.change_settings(wizard_done=True)

    def _on_settings(self, values: dict[str, object]) -> None:
        self._session.change_settings(**values)
        if "on_close" in values:
            self.guard.choice = str(values["on_close"])

    # the end ---------------------------------------------------------------------------------------------------

    def _on_gave_up(self, error: GdvgError) -> None:
        self._session.exit_code = error.exit_code
        self._window.quit()

    def close(self) -> None:
        """Stop everything; `closed` follows."""
        self.status.stop()
        self.background.stop()
        self.schedule.stop()
        self.alerts.stop()
        self.feed.stop()
        self.gaps.stop()
        self.posters.close()
        self.host.close()

    def _on_host_closed(self) -> None:
        if self._shut:
            return
        self._shut = True
        self.bridge.close()
        if self._demo is not None:
            self._demo.stop()
        self.closed.emit()

    def release(self) -> None:
        """Wait for the engine's thread, and leave the environment as it was."""
        self.host.join()
        for name, value in self._environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
