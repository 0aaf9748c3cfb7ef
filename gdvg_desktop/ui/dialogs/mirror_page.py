"""The Mirror page of the settings: what the mirror is to hold, in words with a way to change it, and its settings."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as command
from gdvg_desktop.commands import presets
from gdvg_desktop.commands.coverage import FIRST_YEAR, LAST_YEAR, RuleRequest
from gdvg_desktop.commands.imports import Choices, ImportRequest
from gdvg_desktop.core.errors import GdvgError
from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.core.scope import BOTH, Scope, ScopeRule
from gdvg_desktop.ui.dialogs.scope_form import ScopeForm
from gdvg_desktop.ui.dialogs.setting_editors import LABEL_WIDTH, SettingRow
from gdvg_desktop.ui.host import Host
from gdvg_desktop.ui.models.import_choices import COMMON_LANGUAGES, common_genres, genre_names, language_names
from gdvg_desktop.ui.theme import theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.chip_choice import ChipChoice
from gdvg_desktop.ui.widgets.fields import SpinBox
from gdvg_desktop.ui.widgets.labels import Paragraph, SectionHeader, label
from gdvg_desktop.ui.widgets.layouts import ScrollColumn
from gdvg_desktop.ui.widgets.messages import InlineMessage
from gdvg_desktop.ui.widgets.segmented import Segmented
from gdvg_desktop.ui.widgets.toggles import CheckBox

WIDTH, HEIGHT, LEAST_WIDTH = 680, 840, 600
_TYPES = {"movie": (MediaType.MOVIE,), "tv": (MediaType.TV,), "all": BOTH}


class ScopeDialog(QDialog):
    """Choosing the scope. `chosen(Scope)` comes once it was understood and saved."""

    chosen = Signal(object)

    def __init__(self, host: Host, scope: Scope, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self.setWindowTitle(self.tr("What the mirror holds"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        theme = theme_of(self)
        self.setMinimumWidth(theme.px(LEAST_WIDTH))
        self.resize(theme.px(WIDTH), min(theme.px(HEIGHT), self.screen().availableGeometry().height()))
        self.form = ScopeForm(host)
        self.languages = ChipChoice(
            opener=self.tr("Add language"), placeholder=self.tr("Search languages"), name=self.tr("Original languages")
        )
        self.genres = ChipChoice(
            opener=self.tr("{0} more"), placeholder=self.tr("Search genres"), name=self.tr("Genres")
        )
        self.match = Segmented(
            [(Match.ANY, self.tr("Any of them")), (Match.ALL, self.tr("All of them"))], name=self.tr("Match genres")
        )
        self._choices: Choices | None = None
        self.year_from = self._year(self.tr("First year"))
        self.year_to = self._year(self.tr("Last year"))
        self.votes = SpinBox(0, 10_000_000, name=self.tr("Votes at least"))
        self.votes.setFixedWidth(theme.px(120))
        self.adult = CheckBox(self.tr("Adult entries as well"))
        self.video = CheckBox(self.tr("Video entries as well (music videos, recordings)"))
        self.message = InlineMessage(Accent.RED)
        self.message.hide()
        self.save = Button(self.tr("Use this scope"), kind=ButtonKind.PRIMARY)
        self.save.clicked.connect(self._on_save)
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self._build()
        self._show(scope)
        self.form.offered.connect(self._offer)
        self.form.types.chosen.connect(self._offer_genres)
        self.form.changed.connect(self._on_changed)
        self.match.chosen.connect(self._on_narrowed)
        for choice in (self.languages, self.genres):
            choice.changed.connect(self._on_narrowed)
        for year in (self.year_from, self.year_to):
            year.valueChanged.connect(self._on_narrowed)
        self._on_narrowed()
        self._on_changed()
        self.setTabOrder(self.video, self.form.estimate_button)  # it stands below what narrows the choice

    def _year(self, name: str) -> SpinBox:
        """A year; the lowest value means any."""
        box = SpinBox(FIRST_YEAR, LAST_YEAR, name=name)
        box.setSpecialValueText(self.tr("any"))
        box.setFixedWidth(theme_of(self).px(96))
        return box

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("What the mirror holds"), Role.TITLE))
        scroll = ScrollColumn()
        scroll.column.addWidget(self.form, 1)
        column.addWidget(scroll, 1)
        self._narrow = QWidget()
        narrow = QVBoxLayout(self._narrow)
        narrow.setContentsMargins(0, 0, 0, 0)
        narrow.setSpacing(8)
        narrow.addWidget(label(self.tr("Original languages"), Role.STRONG))
        narrow.addWidget(self.languages)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.tr("Genres"), Role.STRONG))
        head.addStretch(1)
        head.addWidget(self.match)
        narrow.addLayout(head)
        narrow.addWidget(self.genres)
        row = QHBoxLayout()
        row.setSpacing(8)
        narrow.addLayout(row)
        row.addWidget(label(self.tr("Years"), Role.STRONG))
        row.addWidget(self.year_from)
        row.addWidget(label(self.tr("to"), Role.BODY))
        row.addWidget(self.year_to)
        row.addSpacing(16)
        row.addWidget(label(self.tr("Votes at least"), Role.STRONG))
        row.addWidget(self.votes)
        row.addStretch(1)
        self.form.more.setSpacing(8)
        for part in (self._narrow, self.adult, self.video):
            self.form.more.addWidget(part)
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        column.addLayout(buttons)

    def _show(self, scope: Scope) -> None:
        self.adult.setChecked(scope.adult)
        self.video.setChecked(scope.video)
        if scope.presets:
            self.form.choose_presets(scope.presets)
            return
        rule = scope.rules[0] if scope.rules and not scope.everything else ScopeRule()
        types = next(key for key, value in _TYPES.items() if value == tuple(sorted(rule.types, key=BOTH.index)))
        self.form.types.choose(types)
        if rule.countries:
            self.form.by_country.choose()
            self.form.countries.set_values(rule.countries)
        else:
            self.form.everything.choose()
        self.year_from.setValue(rule.year_from or FIRST_YEAR)
        self.year_to.setValue(rule.year_to or FIRST_YEAR)
        self.votes.setValue(rule.min_votes)
        self.languages.set_values(rule.languages)
        self.genres.set_values(rule.genres)
        self.match.choose(rule.match)
        if len(scope.rules) > 1 or rule.date_from or rule.date_to:
            self._tell(
                Accent.AMBER,
                self.tr("The present scope has more to it ({0}). What you choose here replaces it.").format(
                    scope.words
                ),
            )

    def request(self) -> RuleRequest:
        """The rule chosen; one that narrows nothing is everything."""
        first, last = self._years()
        by_country = self.form.by_country.radio.isChecked()
        return RuleRequest(
            type=self.form.types.value(),
            countries=tuple(sorted(self.form.countries.values())) if by_country else (),
            languages=self.languages.values(),
            year_from=first,
            year_to=last,
            genres=self.genres.values(),
            match=self.match.value(),
            min_votes=self.votes.value(),
        )

    def _years(self) -> tuple[int | None, int | None]:
        first, last = self.year_from.value(), self.year_to.value()
        return first if first > FIRST_YEAR else None, last if last > FIRST_YEAR else None

    def _offer(self, choices: Choices) -> None:
        """TMDb's languages and genres are known."""
        self._choices = choices
        self.languages.set_options(language_names(choices), COMMON_LANGUAGES, codes=True)
        self._offer_genres()

    def _offer_genres(self) -> None:
        """The genres of the chosen type. One that does not exist there is kept in mind for when it does again."""
        if self._choices is not None:
            names = genre_names(self._choices, self.form.types.value())
            self.genres.set_options({name: name for name in names}, common_genres(names))
            self._on_narrowed()

    def _on_narrowed(self) -> None:
        self.match.setVisible(len(self.genres.values()) > 1)
        first, last = (None if year is None else f"{year:04}" for year in self._years())
        request = ImportRequest(date_from=first, date_to=last, genres=self.genres.values(), match=self.match.value())
        self.form.narrow(request, every_language=not self.languages.values())

    def _on_changed(self) -> None:
        self.save.setEnabled(not self.form.problem())
        self._narrow.setVisible(not self.form.by_preset.radio.isChecked())

    def _on_save(self) -> None:
        request, adult, video = self.request(), self.adult.isChecked(), self.video.isChecked()
        chosen = self.form.preset_ids()

        async def save(app: App) -> Scope:
            if chosen:
                union = await presets.scope_of(app, chosen, Scope(adult=adult, video=video))
                await command.set_scope(app, union)
                return union
            rule = await command.understand_rule(app, request)
            whole = rule.is_everything and rule.types == BOTH
            scope = Scope(everything=whole, rules=() if whole else (rule,), adult=adult, video=video)
            await command.set_scope(app, scope)
            return scope

        self.save.setEnabled(False)
        self._host.call(self, save, self._on_saved, self._on_failed)

    def _on_saved(self, scope: Scope) -> None:
        self.chosen.emit(scope)
        self.accept()

    def _on_failed(self, error: GdvgError) -> None:
        self.save.setEnabled(True)
        self._tell(Accent.RED, str(error))

    def _tell(self, accent: Accent, text: str) -> None:
        self.message.set_message(accent, text)
        self.message.show()


class ScopeSummary(QWidget):
    """The scope in words and the button that changes it."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host
        self.scope = Scope()
        self.dialog: ScopeDialog | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = label(self.tr("Scope"))
        name.setFixedWidth(theme_of(self).px(LABEL_WIDTH))
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        self.words = Paragraph("", Role.STRONG)
        column.addWidget(self.words)
        column.addWidget(
            Paragraph(
                self.tr("Coverage, gaps and the mirror are relative to it. A smaller scope deletes nothing."), Role.HINT
            )
        )
        row.addLayout(column, 1)
        self.change = Button(self.tr("Change…"))
        self.change.setAccessibleName(self.tr("Change the scope"))
        self.change.clicked.connect(self._on_change)
        row.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        host.opened.connect(self.read)
        self.read()

    def read(self) -> None:
        """Look what the scope is."""
        self._host.call(self, command.get_scope, self._show)

    def _show(self, scope: Scope) -> None:
        self.scope = scope
        self.words.set_text(scope.words)
        self.words.setAccessibleName(self.tr("Scope: {0}").format(scope.words))

    def _on_change(self) -> None:
        self.dialog = ScopeDialog(self._host, self.scope, self.window())
        self.dialog.chosen.connect(self._show)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self) -> None:
        self.dialog = None


class MirrorPage(QWidget):
    """The scope, then the settings in groups."""

    GROUPS = (
        ("mirror_daily_requests", "mirror_daily_minutes", "movie_share"),
        ("popular_threshold", "popular_top", "required_fields", "gap_max_tries"),
        ("refresh_after_days",),
    )

    def __init__(self, host: Host, rows: tuple[SettingRow, ...]) -> None:
        super().__init__()
        self.scope = ScopeSummary(host)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(SectionHeader(self.tr("What it holds"), role=Role.HINT_STRONG, rule=True))
        column.addWidget(self.scope)
        left = list(rows)
        heads = (self.tr("Budget"), self.tr("Gaps"), self.tr("Freshness"))
        for head, names in zip(heads, self.GROUPS, strict=True):
            column.addWidget(SectionHeader(head, role=Role.HINT_STRONG, rule=True))
            for row in [one for one in rows if one.field.name in names]:
                column.addWidget(row)
                left.remove(row)
        for row in left:
            column.addWidget(row)
