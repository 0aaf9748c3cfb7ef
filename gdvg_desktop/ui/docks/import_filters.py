"""The filters of an import: what to list, in which order to fetch it, what to do with titles already here.

Its state is plain data, an `ImportRequest`, both ways. Nothing here asks TMDb: the preview does, when told to.
"""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDate, QEvent, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QSlider, QVBoxLayout, QWidget

from gdvg_desktop.commands import imports
from gdvg_desktop.commands.imports import Choices, ImportRequest
from gdvg_desktop.core.kinds import Existing, Match, MediaType
from gdvg_desktop.ui.bridge import Bridge
from gdvg_desktop.ui.docks.refresh import Refresh
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.import_choices import COMMON_COUNTRIES, common_genres, country_names, genre_names
from gdvg_desktop.ui.models.import_draft import ImportDraft
from gdvg_desktop.ui.models.periods import FIRST_YEAR, Period, quick_periods, widen
from gdvg_desktop.ui.phrases import counted
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.chip_choice import ChipChoice
from gdvg_desktop.ui.widgets.chips import Chip
from gdvg_desktop.ui.widgets.dock_panel import DockPanel
from gdvg_desktop.ui.widgets.fields import FormField, SpinBox
from gdvg_desktop.ui.widgets.flow import FlowLayout
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.month_picker import MonthPicker
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import RadioButton

translate = QCoreApplication.translate

GROUP_GAP = 20
MIN_WIDTH, WIDEST_MIN = 408, 620  # what the switches need; beyond the second, large text scrolls sideways
MAX_LIMIT = 10_000_000


class ImportFiltersDock(DockPanel):
    """The left half of the import screen. `draft` hears of every change."""

    KEY = "import_filters"

    def __init__(self, host: Host, bridge: Bridge, draft: ImportDraft, parent: QWidget | None = None) -> None:
        title = translate("ImportFiltersDock", "Import filters")
        super().__init__(self.KEY, title, "sliders-horizontal", padding=0, parent=parent)
        self._draft = draft
        self._choices = Choices({}, {MediaType.MOVIE: {}, MediaType.TV: {}})
        self._filling = False
        self._limit_problem = ""
        self._build()
        self._connect()
        self._refresh = Refresh(self, host, lambda: imports.choices, self._set_choices)
        bridge.library_replaced.connect(self._refresh.ask)
        draft.changed.connect(self._on_draft)
        draft.filters_asked.connect(self.set_request)
        self._refresh.ask()
        self.set_request(ImportRequest())

    # building --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        reset = Button(self.tr("Reset"), kind=ButtonKind.LINK)
        reset.setAccessibleName(self.tr("Reset all filters"))
        reset.clicked.connect(self._on_reset)
        self.add_title_widget(reset)
        scroll = ScrollColumn(spacing=GROUP_GAP)
        self._scroll = scroll
        scroll.column.setContentsMargins(16, 16, 16, 16)
        for group in (
            self._build_type(),
            self._build_countries(),
            self._build_period(),
            self._build_genres(),
            self._build_priority(),
            self._build_existing(),
            self._build_limit(),
        ):
            scroll.column.addWidget(group)
        scroll.column.addStretch(1)
        self.set_content(scroll)
        self._fit()

    def _build_type(self) -> QWidget:
        self._type = Segmented(
            [
                ("movie", self.tr("Movies"), "film"),
                ("tv", self.tr("TV series"), "tv"),
                ("all", self.tr("Both")),
            ],
            stretch=True,
            name=self.tr("Content type"),
        )
        return _group(SectionHeader(self.tr("Content type")), self._type)

    def _build_countries(self) -> QWidget:
        head = SectionHeader(self.tr("Origin country"))
        self._country_note = label("", Role.HINT)
        head.add_right(self._country_note)
        self._countries = ChipChoice(
            opener=self.tr("More countries"),
            placeholder=self.tr("Search countries"),
            name=self.tr("Origin country"),
        )
        return _group(head, self._countries)

    def _build_period(self) -> QWidget:
        head = SectionHeader(self.tr("Release period"))
        head.add_right(label(self.tr("by month"), Role.HINT))
        last = QDate.currentDate().year() + 5
        self._from = MonthPicker(self.tr("From"), self.tr("Any month"), FIRST_YEAR, last)
        self._to = MonthPicker(self.tr("To"), self.tr("Any month"), FIRST_YEAR, last)
        months = QWidget()
        row = QHBoxLayout(months)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(self.tr("From"), Role.QUIET))
        row.addWidget(self._from, 1)
        row.addWidget(label(self.tr("to"), Role.QUIET))
        row.addWidget(self._to, 1)
        self._period = FormField("", months)
        quick = QWidget()
        flow = FlowLayout(quick)
        self._quick: list[tuple[Chip, Period]] = []
        for period in quick_periods(datetime.now().astimezone().date()):
            chip = Chip(period.name, small=True)
            chip.clicked.connect(lambda _checked, one=period: self._set_period(one.date_from, one.date_to))
            flow.addWidget(chip)
            self._quick.append((chip, period))
        return _group(head, self._period, quick)

    def _build_genres(self) -> QWidget:
        head = SectionHeader(self.tr("Genres"))
        self._match = Segmented(
            [(Match.ANY.value, self.tr("Any of these")), (Match.ALL.value, self.tr("All of these"))],
            small=True,
            name=self.tr("Match genres"),
        )
        head.add_right(self._match)
        self._genres = ChipChoice(
            opener=self.tr("{0} more"), placeholder=self.tr("Search genres"), name=self.tr("Genres")
        )
        return _group(head, self._genres)

    def _build_priority(self) -> QWidget:
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.setMinimumWidth(64)
        self._slider.setAccessibleName(self.tr("Popularity priority"))
        self._priority = SpinBox(0, 100, name=self.tr("Popularity priority"))
        row_widget = QWidget()
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(self.tr("Least popular first"), Role.HINT))
        row.addWidget(self._slider, 1)
        row.addWidget(label(self.tr("Most popular first"), Role.HINT))
        row.addWidget(self._priority)
        self._order_note = InlineMessage(icon="arrow-down-wide-narrow")
        return _group(SectionHeader(self.tr("Popularity priority")), row_widget, self._order_note)

    def _build_existing(self) -> QWidget:
        self._skip = RadioButton(self.tr("Skip titles already in the library"))
        self._update = RadioButton(self.tr("Update titles already in the library"))
        self._existing = QButtonGroup(self)
        self._skip_hint = Paragraph(self.tr("Compares by TMDb ID only. Costs no requests."), Role.HINT)
        self._update_hint = Paragraph("", Role.HINT)
        column_widget = QWidget()
        column = QVBoxLayout(column_widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for button, hint in ((self._skip, self._skip_hint), (self._update, self._update_hint)):
            self._existing.addButton(button)
            hint.setContentsMargins(28, 0, 0, 4)
            column.addWidget(button)
            column.addWidget(hint)
        return _group(SectionHeader(self.tr("Existing titles")), column_widget)

    def _build_limit(self) -> QWidget:
        self._limit = QLineEdit()
        self._limit.setPlaceholderText(self.tr("No limit"))
        self._limit.setAccessibleName(self.tr("Limit"))
        self._limit_field = FormField(
            "",
            self._limit,
            self.tr("Only so many titles, the first in fetch order after duplicates are set aside."),
        )
        head = SectionHeader(self.tr("Limit"), self.tr("optional"))
        head.add_right(self._limit)  # beside its name; hint and error stay below
        return _group(head, self._limit_field)

    def _connect(self) -> None:
        self._type.chosen.connect(self._on_type)
        self._countries.changed.connect(self._on_changed)
        self._from.changed.connect(self._on_changed)
        self._to.changed.connect(self._on_changed)
        self._match.chosen.connect(self._on_changed)
        self._genres.changed.connect(self._on_changed)
        self._slider.valueChanged.connect(self._priority.setValue)
        self._priority.valueChanged.connect(self._slider.setValue)
        self._priority.valueChanged.connect(self._on_changed)
        self._existing.buttonToggled.connect(self._on_changed)
        self._limit.editingFinished.connect(self._on_limit)

    def _fit(self) -> None:
        theme = theme_of(self)
        self._scroll.setMinimumWidth(min(theme.px(MIN_WIDTH), WIDEST_MIN))
        self._priority.setFixedWidth(theme.px(64))
        self._limit.setFixedWidth(theme.px(120))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_limit"):
            self._fit()

    # the request -----------------------------------------------------------------------------------------------

    def request(self) -> ImportRequest:
        """The filters as plain data. While `problem()` is not empty the part concerned is left out."""
        return ImportRequest(
            type=self._type.value(),
            countries=tuple(sorted(self._countries.values())),
            date_from=self._from.value() or None,
            date_to=self._to.value() or None,
            genres=tuple(sorted(self._genres.values())),
            match=self._match.value(),
            priority=self._priority.value(),
            existing=(Existing.UPDATE if self._update.isChecked() else Existing.SKIP).value,
            limit=None if self._limit_problem else self._limit_value(),
        )

    def set_request(self, request: ImportRequest) -> None:
        """Show other filters. Months may be years, as in the command line; unknown genres stay out."""
        self._filling = True
        self._type.choose(request.type)
        self._offer_genres()
        self._countries.set_values(request.countries)
        self._genres.set_values(request.genres)
        self._from.set_value(widen(request.date_from, end=False))
        self._to.set_value(widen(request.date_to, end=True))
        self._match.choose(request.match)
        self._priority.setValue(request.priority)
        (self._update if request.existing == Existing.UPDATE else self._skip).setChecked(True)
        self._limit.setText("" if request.limit is None else str(request.limit))
        self._filling = False
        self._on_limit()

    def _on_reset(self) -> None:
        """No filters, and so no preset either."""
        self._draft.set_preset(None)
        self.set_request(ImportRequest())

    def problem(self) -> str:
        """Why the filters make no import, in a sentence saying what to enter; "" when they do."""
        return self._period_problem() or self._limit_problem

    def _period_problem(self) -> str:
        first, last = self._from.value(), self._to.value()
        if first and last and first > last:
            return self.tr("The period ends before it begins. Choose a later end or swap the two months.")
        return ""

    def _limit_value(self) -> int | None:
        text = "".join(char for char in self._limit.text() if char not in " ,.'\u00a0\u202f")
        return int(text) if text else None

    # changes ---------------------------------------------------------------------------------------------------

    def _set_choices(self, choices: Choices) -> None:
        """TMDb's countries and genres are known: offer them."""
        self._choices = choices
        self._countries.set_options(country_names(choices), COMMON_COUNTRIES, codes=True)
        self._offer_genres()
        self._on_changed()

    def _offer_genres(self) -> None:
        """The genres of the chosen type. One that does not exist there is kept in mind for when it does again."""
        names = genre_names(self._choices, self._type.value())
        self._genres.set_options({name: name for name in names}, common_genres(names))

    def _on_type(self, _value: str) -> None:
        if not self._filling:
            self._offer_genres()
            self._on_changed()

    def _set_period(self, date_from: str, date_to: str) -> None:
        self._filling = True
        self._from.set_value(date_from)
        self._to.set_value(date_to)
        self._filling = False
        self._on_changed()

    def _on_limit(self) -> None:
        """The limit was left: it is a whole number from 1, or nothing."""
        self._limit_problem = ""
        try:
            value = self._limit_value()
        except ValueError:
            value = 0
        if value is not None and not 1 <= value <= MAX_LIMIT:
            self._limit_problem = self.tr("{0} is not a limit. Write a whole number from 1, or leave it empty.").format(
                self._limit.text().strip()
            )
        self._limit_field.set_error(self._limit_problem)
        self._on_changed()

    def _on_changed(self, *_values: object) -> None:
        if self._filling:
            return
        period = (self._from.value(), self._to.value())
        for chip, one in self._quick:
            chip.setChecked(period == (one.date_from, one.date_to))
        problem = self._period_problem()
        for picker in (self._from, self._to):
            picker.setProperty("error", bool(problem))
            picker.update()
        self._period.set_error(problem)
        chosen = len(self._countries.values())
        self._country_note.setText(
            counted(chosen, self.tr("{0} selected"), self.tr("{0} selected")) if chosen else self.tr("any country")
        )
        self._match.setVisible(len(self._genres.values()) > 1)
        self._explain_order()
        self._draft.set_request(self.request(), self.problem())
        self._on_draft()

    def _explain_order(self) -> None:
        priority = self._priority.value()
        if priority >= 75:
            rest = self.tr("Popular titles arrive first, so a paused import already holds the ones people look for.")
        elif priority > 25:
            rest = self.tr("New titles arrive first; popularity counts the more the further you are from 50.")
        else:
            rest = self.tr("Titles few people look for arrive first; the well-known ones come at the end.")
        self._order_note.set_message(
            Accent.BLUE,
            self.tr("Every matching title is imported.") + " " + rest,
            lead=self.tr("This sets the order, not a filter."),
            icon="arrow-down-wide-narrow",
        )

    def _on_draft(self) -> None:
        """Say what skip and update cost, with the preview's figures while they belong to these filters."""
        known = self._draft.known_duplicates
        if known:
            text = counted(
                known,
                self.tr("Fetches {0} existing title again and overwrites changed fields."),
                self.tr("Fetches {0} existing titles again and overwrites changed fields."),
            )
        else:
            text = self.tr("Fetches existing titles again and overwrites changed fields.")
        self._update_hint.set_text(text)


def _group(head: QWidget, *parts: QWidget) -> QWidget:
    """A section: its header and what belongs to it."""
    result = QWidget()
    column = QVBoxLayout(result)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(head)
    for part in parts:
        column.addWidget(part)
    return result
