"""The panels of the window, one module each, and the one table that says how each is built.

Where they stand on each screen is said in `ui.screens`, which names them by the keys of `DOCKS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.alerts import AlertsDock
from gdvg_desktop.ui.docks.analytics import AnalyticsDock
from gdvg_desktop.ui.docks.errors import ErrorsDock
from gdvg_desktop.ui.docks.facets import FacetsDock
from gdvg_desktop.ui.docks.gap_month import GapMonthDock
from gdvg_desktop.ui.docks.gap_months import GapMonthsDock
from gdvg_desktop.ui.docks.gap_table import GapTableDock
from gdvg_desktop.ui.docks.history import HistoryDock
from gdvg_desktop.ui.docks.import_filters import ImportFiltersDock
from gdvg_desktop.ui.docks.import_preview import ImportPreviewDock
from gdvg_desktop.ui.docks.job_inspector import JobInspectorDock
from gdvg_desktop.ui.docks.library import LibraryDock
from gdvg_desktop.ui.docks.overview import OverviewDock
from gdvg_desktop.ui.docks.queue import QueueDock
from gdvg_desktop.ui.docks.run_detail import RunDetailDock
from gdvg_desktop.ui.docks.sync_health import SyncHealthDock
from gdvg_desktop.ui.docks.title_details import TitleDetailsDock
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.alert_feed import AlertFeed
from gdvg_desktop.ui.models.gap_feed import GapFeed
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.models.library_search import LibrarySearch
from gdvg_desktop.ui.overview_feed import OverviewFeed
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.widgets.dock_panel import DockPanel


@dataclass(frozen=True, slots=True)
class DockTools:
    """What docks are built from."""

    host: Host
    bridge: Bridge
    feed: OverviewFeed
    draft: ImportDraft
    search: LibrarySearch
    posters: Posters
    gaps: GapFeed
    alerts: AlertFeed


DOCKS: dict[str, Callable[[DockTools], DockPanel]] = {
    OverviewDock.KEY: lambda use: OverviewDock(use.feed),
    SyncHealthDock.KEY: lambda use: SyncHealthDock(use.host, use.feed),
    AlertsDock.KEY: lambda use: AlertsDock(use.alerts),
    AnalyticsDock.KEY: lambda use: AnalyticsDock(use.feed, use.bridge),
    ImportFiltersDock.KEY: lambda use: ImportFiltersDock(use.host, use.bridge, use.draft),
    ImportPreviewDock.KEY: lambda use: ImportPreviewDock(use.host, use.bridge, use.draft, use.posters),
    QueueDock.KEY: lambda use: QueueDock(use.host, use.bridge),
    JobInspectorDock.KEY: lambda use: JobInspectorDock(use.host, use.bridge),
    GapMonthsDock.KEY: lambda use: GapMonthsDock(use.host, use.bridge, use.gaps),
    GapMonthDock.KEY: lambda use: GapMonthDock(use.host, use.bridge, use.gaps),
    GapTableDock.KEY: lambda use: GapTableDock(use.host, use.bridge, use.gaps),
    HistoryDock.KEY: lambda use: HistoryDock(use.host, use.bridge),
    RunDetailDock.KEY: lambda use: RunDetailDock(use.host, use.bridge),
    ErrorsDock.KEY: lambda use: ErrorsDock(use.host, use.bridge),
    FacetsDock.KEY: lambda use: FacetsDock(use.host, use.search),
    LibraryDock.KEY: lambda use: LibraryDock(use.host, use.search, use.posters),
    TitleDetailsDock.KEY: lambda use: TitleDetailsDock(use.host, use.bridge, use.posters),
}
