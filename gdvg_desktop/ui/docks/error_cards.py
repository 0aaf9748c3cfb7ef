"""The cards of Error recovery: one a category, with its count, what happens by itself, and its button."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gdvg_desktop.core.kinds import FailureCategory
from gdvg_desktop.store.errors import CategoryCount
from gdvg_desktop.ui.models import error_words, job_words
from gdvg_desktop.ui.phrases import number
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button
from gdvg_desktop.ui.widgets.cards import Card
from gdvg_desktop.ui.widgets.labels import ElidedLabel, IconLabel, label
from gdvg_desktop.ui.widgets.layouts import CardGrid


class CategoryCard(Card):
    """One category. `retry_asked(FailureCategory)` or `review_asked(FailureCategory)` is its button."""

    retry_asked = Signal(object)
    review_asked = Signal(object)

    def __init__(self, category: FailureCategory, parent: QWidget | None = None) -> None:
        super().__init__(padding=0, parent=parent)
        self.category = category
        self._reviewed = category in error_words.REVIEWED
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 14)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(8)
        accent = error_words.card_accent(category)
        token = "text_secondary" if accent is Accent.SLATE else f"text_{accent.value}"
        head.addWidget(IconLabel(error_words.ICONS[category], 16, token))
        head.addWidget(ElidedLabel(job_words.category(category), Role.HINT_STRONG), 1)
        column.addLayout(head)
        self._count = label("0", Role.TILE)
        self._hint = ElidedLabel("", Role.HINT)
        self.button = Button("", icon="eye" if self._reviewed else "rotate-ccw", small=True)
        asked = self.review_asked if self._reviewed else self.retry_asked
        self.button.clicked.connect(lambda: asked.emit(category))
        column.addWidget(self._count)
        column.addWidget(self._hint)
        column.addSpacing(8)
        foot = QHBoxLayout()
        foot.addWidget(self.button)
        foot.addStretch(1)
        column.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_count(self, count: CategoryCount) -> None:
        """Show how many there are and what happens to them."""
        figure = number(count.count)
        self._count.setText(figure)
        self._hint.setText(error_words.card_hint(self.category, count))
        act = self.tr("Review {0}") if self._reviewed else self.tr("Retry {0}")
        if count.automatic and count.automatic == count.count:
            act = self.tr("Retry now")
        self.button.setText(
            act.format(figure) if count.count else self.tr("Review") if self._reviewed else self.tr("Retry")
        )
        self.button.setEnabled(bool(count.count))
        self.button.updateGeometry()
        name = job_words.category(self.category)
        self.setAccessibleName(f"{name}: {figure}")
        self.setAccessibleDescription(self._hint.text())


class CategoryCards(QWidget):
    """A card for each category that has failures, and for the first three always."""

    retry_asked = Signal(object)
    review_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.cards: list[CategoryCard] = []
        self._grid: QWidget | None = None

    def show_counts(self, counts: Mapping[FailureCategory, CategoryCount]) -> None:
        """Show these counts; the cards are made anew only when other categories have failures."""
        wanted = [one for one in error_words.ORDER if one in counts]
        wanted += [one for one in error_words.FIRST if one not in counts][: max(0, 3 - len(wanted))]
        wanted.sort(key=error_words.ORDER.index)
        if wanted != [card.category for card in self.cards]:
            self._make(wanted)
        for card in self.cards:
            card.set_count(counts.get(card.category, CategoryCount()))

    def _make(self, wanted: list[FailureCategory]) -> None:
        if self._grid is not None:
            self._column.removeWidget(self._grid)
            self._grid.setParent(None)
            self._grid.deleteLater()
        self.cards = [CategoryCard(category) for category in wanted]
        for card in self.cards:
            card.retry_asked.connect(self.retry_asked)
            card.review_asked.connect(self.review_asked)
        grid = QWidget()
        rows = QVBoxLayout(grid)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        across = 3 if len(self.cards) != 4 else 2
        for start in range(0, len(self.cards), across):
            rows.addWidget(CardGrid(self.cards[start : start + across], least=132, gap=8))
        self._grid = grid
        self._column.addWidget(grid)
