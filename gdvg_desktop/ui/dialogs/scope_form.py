"""Choosing what a first import brings or the mirror holds: everything, some countries or presets; with an estimate."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, overview, presets
from gdvg_desktop.commands.imports import Choices, ImportRequest
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.ui.host import Call, Host
from gdvg_desktop.ui.models.import_choices import COMMON_COUNTRIES, country_names
from gdvg_desktop.ui.phrases import data_size, decimal, duration, number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.chip_choice import ChipChoice
from gdvg_desktop.ui.widgets.choice_card import ChoiceCard
from gdvg_desktop.ui.widgets.labels import Fact, FactLine, IconLabel, Paragraph, label
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.segmented import Segmented

# Bytes a title takes in the library with its credits, images and search entries: 5,800 in an import of the whole demo
# catalogue, and real titles carry more translations. A library that holds many titles is measured itself.
BYTES_A_TITLE = 8_000
ENOUGH_TITLES = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What imports would cost. `seconds` is None unpaced, `disk` are bytes they would add, `free` bytes left on the
    library's disk. With `at_most` the figures are those of several imports, whose titles may overlap.
    """

    titles: int
    new: int
    exact: bool
    seconds: float | None
    rate: float | None
    disk: int
    free: int
    at_most: bool = False


async def estimate(app: App, requests: Sequence[ImportRequest]) -> Estimate:
    """Ask TMDb what the imports would bring (a few requests each) and reckon the disk they take."""
    found = [await imports.preview(app, one) for one in requests]
    held = await overview.status(app)
    each = held.database_bytes / held.titles if held.titles >= ENOUGH_TITLES else BYTES_A_TITLE
    free = (await asyncio.to_thread(shutil.disk_usage, app.paths.data_dir)).free
    new = sum(one.new for one in found)
    times = [one.seconds for one in found if one.seconds is not None]
    return Estimate(
        titles=sum(one.estimated for one in found),
        new=new,
        exact=all(one.exact for one in found),
        seconds=sum(times) if len(times) == len(found) else None,
        rate=found[0].rate if found else None,
        disk=round(new * each),
        free=free,
        at_most=len(found) > 1,
    )


class ScopeForm(QWidget):
    """`changed()` follows every choice. What narrows it further may be added to `more`."""

    changed = Signal()
    offered = Signal(object)  # the Choices TMDb gives

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._call: Call | None = None
        self._presets: dict[str, PresetView] = {}
        self.everything = ChoiceCard(
            self.tr("Everything"), self.tr("All titles on TMDb, most popular first."), icon="globe"
        )
        self.by_country = ChoiceCard(
            self.tr("By country"),
            self.tr("Only titles from the countries you choose. You can add more later."),
            icon="map-pinned",
        )
        self.countries = ChipChoice(
            opener=self.tr("Add country"), placeholder=self.tr("Search countries"), name=self.tr("Countries")
        )
        self.by_preset = ChoiceCard(
            self.tr("Presets"), self.tr("Every title that any of the chosen presets names."), icon="bookmark"
        )
        self.presets = ChipChoice(
            opener=self.tr("{0} more"), placeholder=self.tr("Search presets"), name=self.tr("Presets")
        )
        self.types = Segmented(
            [
                ("all", self.tr("Movies and TV series")),
                ("movie", self.tr("Movies"), "film"),
                ("tv", self.tr("TV series"), "tv"),
            ],
            name=self.tr("Types"),
        )
        self.estimate_button = Button(self.tr("Estimate"), icon="scan-search", small=True)
        self.estimate_button.clicked.connect(self.ask)
        self._facts = FactLine()
        self._hint = Paragraph("", Role.HINT)
        self._problem = InlineMessage(Accent.RED)
        self._problem.hide()
        self._group = QButtonGroup(self)
        self._narrowed = ImportRequest()
        self._every_language = True
        self.more = QVBoxLayout()
        self._build()
        self.by_country.choose()
        for hint in (
            self.by_country.toggled,
            self.by_preset.toggled,
            self.countries.changed,
            self.presets.changed,
            self.types.chosen,
        ):
            hint.connect(self._on_changed)
        host.opened.connect(self._read_choices)
        self._read_choices()
        self._on_changed()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in (self.everything, self.by_country, self.by_preset):
            self._group.addButton(card.radio)
            column.addWidget(card)
        self.by_country.body.addSpacing(8)
        self.by_country.body.addWidget(self.countries)
        self.by_preset.body.addSpacing(8)
        self.by_preset.body.addWidget(self.presets)
        self._types_row = QWidget()
        row = QHBoxLayout(self._types_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(label(self.tr("Titles"), Role.STRONG))
        row.addWidget(self.types)
        row.addStretch(1)
        column.addSpacing(4)
        column.addWidget(self._types_row)
        column.addLayout(self.more)
        costs = QHBoxLayout()
        costs.setSpacing(16)
        costs.addWidget(self.estimate_button)
        costs.addWidget(self._facts, 1, Qt.AlignmentFlag.AlignVCenter)
        column.addSpacing(4)
        column.addLayout(costs)
        column.addWidget(self._problem)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(IconLabel("info", 16))
        foot.addWidget(self._hint, 1)
        column.addLayout(foot)

    def _read_choices(self) -> None:
        self._host.call(self, imports.choices, self._on_choices)
        self._host.call(self, presets.listing, self._on_presets)

    def _on_choices(self, choices: Choices) -> None:
        self.countries.set_options(country_names(choices), COMMON_COUNTRIES, codes=True)
        self.offered.emit(choices)

    def _on_presets(self, found: list[PresetView]) -> None:
        self._presets = {str(one.id): one for one in found}
        names = {key: one.name for key, one in self._presets.items()}
        self.presets.set_options(names, tuple(names))
        self.by_preset.set_available(bool(found))
        if self.by_preset.radio.isChecked():  # else an estimate under way stays what it is of
            self._on_changed()

    # the request -----------------------------------------------------------------------------------------------

    def request(self) -> ImportRequest:
        """The import chosen."""
        countries = self.countries.values() if self.by_country.radio.isChecked() else ()
        return replace(self._narrowed, type=self.types.value(), countries=tuple(sorted(countries)))

    def preset_ids(self) -> tuple[int, ...]:
        """The presets chosen; () when something else is."""
        if not self.by_preset.radio.isChecked():
            return ()
        return tuple(int(key) for key in self.presets.values())

    def choose_presets(self, preset_ids: Sequence[int]) -> None:
        """Show these presets as the choice."""
        self.by_preset.choose()
        self.presets.set_values(str(one) for one in preset_ids)
        self._on_changed()

    def _requests(self) -> list[ImportRequest]:
        """What the estimate is for."""
        if not self.by_preset.radio.isChecked():
            return [self.request()]
        return [self._presets[key].request for key in self.presets.values() if key in self._presets]

    def narrow(self, request: ImportRequest, *, every_language: bool = True) -> None:
        """Narrow the choice, and with it the estimate, to the years and genres of a request.

        An import knows no original languages, so of a choice narrowed to some the estimate is too high, and says so.
        """
        if (request, every_language) != (self._narrowed, self._every_language):
            self._narrowed, self._every_language = request, every_language
            self._on_changed()

    def problem(self) -> str:
        """Why this is no choice yet, or ""."""
        if self.by_country.radio.isChecked() and not self.countries.values():
            return self.tr("Choose at least one country.")
        if self.by_preset.radio.isChecked() and not self.presets.values():
            return self.tr("Choose at least one preset.")
        return ""

    def show_problem(self, text: str, lead: str = "") -> None:
        """Say why it cannot go on; "" takes it away."""
        self._problem.set_message(Accent.RED, text, lead=lead)
        self._problem.setVisible(bool(text))

    def _on_changed(self) -> None:
        """An estimate belongs to one choice only."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
        self.countries.setEnabled(self.by_country.radio.isChecked())
        self.presets.setEnabled(self.by_preset.radio.isChecked())
        self._types_row.setVisible(not self.by_preset.radio.isChecked())
        self.show_problem("")
        self.estimate_button.setEnabled(not self.problem())
        self._facts.set_facts([])
        narrowed = bool(self._narrowed.genres or self._narrowed.date_from or self._narrowed.date_to)
        if not self._every_language and not self.by_preset.radio.isChecked():
            self._hint.set_text(self.tr("The estimate counts titles in every language."))
        elif self.everything.radio.isChecked() and not narrowed and self._host.app is not None:
            self._hint.set_text(self.tr("The estimate downloads today's id lists from TMDb, which needs no key."))
        else:
            self._hint.set_text(self.tr("The estimate takes a few requests to TMDb."))
        self.changed.emit()

    # the estimate ----------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask TMDb for counts."""
        requests = self._requests()
        self.estimate_button.setEnabled(False)
        self._facts.set_facts([Fact(self.tr("Asking TMDb"))])
        self._call = self._host.call(
            self, lambda app: estimate(app, requests), self._on_estimate, self._on_estimate_failed
        )

    def _on_estimate(self, found: Estimate) -> None:
        self._call = None
        self.estimate_button.setEnabled(True)
        titles = number(found.titles)
        facts = [Fact(self.tr("Titles"), self.tr("at most {0}").format(titles) if found.at_most else titles)]
        if found.new != found.titles:
            facts.append(Fact(self.tr("New"), number(found.new)))
        if found.seconds is not None:
            facts.append(Fact(self.tr("First import"), self.tr("about {0}").format(duration(found.seconds))))
        facts.append(Fact(self.tr("Disk"), self.tr("about {0}").format(data_size(found.disk))))
        self._facts.set_facts(facts)
        exact = self.tr("Counted in today's id lists.") if found.exact else self.tr("Titles as TMDb counts them.")
        free = self.tr("{0} free on this disk.").format(data_size(found.free))
        pace = self.tr("Time at {0} requests per second.").format(decimal(found.rate, 0)) if found.rate else ""
        self._hint.set_text(" ".join(part for part in (exact, pace, free) if part))

    def _on_estimate_failed(self, error: GdvgError) -> None:
        self._call = None
        self.estimate_button.setEnabled(True)
        self._facts.set_facts([])
        self.show_problem(str(error), error.title)
