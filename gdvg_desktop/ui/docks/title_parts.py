"""The parts of the title panel: poster, completeness, cast and ids. They take plain values and show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from gdvg_desktop.store.detail import Person, Point
from gdvg_desktop.ui import phrases
from gdvg_desktop.ui.posters import Posters
from gdvg_desktop.ui.theme import font, theme_of
from gdvg_desktop.ui.tokens import Accent, Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind, IconButton
from gdvg_desktop.ui.widgets.labels import ElidedLabel, IconLabel, label
from gdvg_desktop.ui.widgets.paint import antialiased, box, draw_icon
from gdvg_desktop.ui.widgets.progress import SLIM, ProgressBar
from gdvg_desktop.ui.widgets.tables import paint_poster

POSTER_WIDTH, POSTER_HEIGHT = 112, 168
FIRST_CAST = 6
_FACES = (Accent.AMBER, Accent.BLUE, Accent.PURPLE, Accent.GREEN, Accent.RED, Accent.SLATE)


class PosterBox(QWidget):
    """The poster of one title, or a quiet frame while there is none."""

    def __init__(self, posters: Posters, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._posters = posters
        self._path: str | None = None
        self._icon = "film"
        self.setFixedSize(POSTER_WIDTH, POSTER_HEIGHT)
        posters.arrived.connect(self.update)

    def set_poster(self, path: str | None, icon: str, name: str) -> None:
        """Show the poster at a TMDb path; `icon` stands for the type while it is not here."""
        self._path, self._icon = path, icon
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        frame = QRectF(self.rect())
        found = self._posters.poster(self._path, round(self.width() * self.devicePixelRatioF()))
        if found is not None:
            paint_poster(painter, frame, found, 8)
        else:
            box(painter, frame, 8, theme.color("bg_raised"), theme.color("border_subtle"))
            mark = QRectF(frame.center().x() - 14, frame.center().y() - 14, 28, 28)
            draw_icon(painter, self._icon, mark, theme.color("text_secondary"))
        painter.end()


class Section(QWidget):
    """A heading with something at its right, and rows under it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(label(title, Role.STRONG))
        self.head.addStretch(1)
        self.column.addLayout(self.head)


class CompletenessSection(Section):
    """The points a title can have, in two columns, with a bar and a count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Completeness"), parent)
        self._bar = ProgressBar(SLIM, Accent.GREEN, name=self.tr("Completeness"))
        self._bar.setFixedWidth(64)
        self._count = label("", Role.STRONG)
        self.head.addWidget(self._bar)
        self.head.addWidget(self._count)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.column.addLayout(self._grid)

    def set_points(self, points: Sequence[Point]) -> None:
        """Show which points are met."""
        met = sum(point.met for point in points)
        whole = met == len(points)
        self._bar.set_share(met, len(points))
        self._bar.set_accent(Accent.GREEN if whole else Accent.AMBER)
        self._count.setText(self.tr("{0} of {1}").format(met, len(points)))
        empty(self._grid)
        rows = (len(points) + 1) // 2
        for place, point in enumerate(points):
            self._grid.addWidget(self._point(point), place % rows, place // rows)

    def _point(self, point: Point) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        name = self._point_name(point.name)
        if point.met:
            icon, note, accent = "circle-check", point.note or phrases.number(point.count), Accent.GREEN
        elif point.upstream:
            icon, note, accent = "circle-alert", self.tr("missing"), Accent.AMBER
        else:
            icon, note, accent = "circle-slash", self.tr("none"), Accent.SLATE
            line.setToolTip(self.tr("TMDb has none"))
        row.addWidget(IconLabel(icon, 16, f"text_{accent.value}"))
        row.addWidget(ElidedLabel(name), 1)
        row.addWidget(label(note, Role.HINT, accent=Accent.AMBER if accent is Accent.AMBER else None))
        line.setAccessibleName(f"{name}: {line.toolTip() or note}")
        return line

    def _point_name(self, name: str) -> str:
        return {
            "overview": self.tr("Overview"),
            "poster": self.tr("Poster"),
            "backdrop": self.tr("Backdrop"),
            "cast_and_crew": self.tr("Cast and crew"),
            "seasons": self.tr("Seasons"),
            "external_ids": self.tr("External IDs"),
            "keywords": self.tr("Keywords"),
            "videos": self.tr("Videos"),
            "age_ratings": self.tr("Age ratings"),
            "translations": self.tr("Translations"),
        }.get(name, name)


class Avatar(QWidget):
    """A disc with a person's initials."""

    SIZE = 28

    def __init__(self, person: Person, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._initials = initials(person.name)
        self._accent = _FACES[person.person_id % len(_FACES)]
        self.setFixedSize(self.SIZE, self.SIZE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self)
        painter = antialiased(self)
        box(painter, QRectF(self.rect()), self.SIZE / 2, theme.badge(self._accent), theme.badge_border(self._accent))
        painter.setFont(font(theme, Role.BADGE))
        painter.setPen(theme.accent_text(self._accent))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self._initials)
        painter.end()


def initials(name: str | None) -> str:
    """The first letters of the first and last word of a name: "Ryu Seung-ryong" is RS."""
    words = (name or "").split()
    if not words:
        return "?"
    return words[0][0].upper() if len(words) == 1 else f"{words[0][0]}{words[-1][0]}".upper()


class CastSection(Section):
    """The cast in two columns: the first six, or all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Cast"), parent)
        self._people: Sequence[Person] = ()
        self._all = False
        self._more = Button("", kind=ButtonKind.LINK)
        self._more.clicked.connect(self._on_more)
        self.head.addWidget(self._more)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.column.addLayout(self._grid)

    def set_people(self, people: Sequence[Person]) -> None:
        """Show another title's cast, in billing order."""
        self._people, self._all = people, False
        self._show()

    def _on_more(self) -> None:
        self._all = not self._all
        self._show()

    def _show(self) -> None:
        empty(self._grid)
        shown = self._people if self._all else self._people[:FIRST_CAST]
        for place, person in enumerate(shown):
            self._grid.addWidget(self._person(person), place // 2, place % 2)
        self._more.setVisible(len(self._people) > FIRST_CAST)
        every = self.tr("All {0}").format(phrases.number(len(self._people)))
        self._more.setText(self.tr("Show fewer") if self._all else every)
        self.setVisible(bool(self._people))

    def _person(self, person: Person) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Avatar(person), 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(0)
        name = person.name or self.tr("Without a name")
        words.addWidget(ElidedLabel(name, Role.HINT_STRONG))
        if person.role:
            words.addWidget(ElidedLabel(person.role, Role.AXIS))
        row.addLayout(words, 1)
        line.setAccessibleName(", ".join(part for part in (name, person.role) if part))
        return line


@dataclass(frozen=True, slots=True)
class IdLine:
    """An id of a title: whose, its value."""

    name: str
    value: str


class IdsSection(QWidget):
    """Ids with a copy button each. `copied(str)` tells what went to the clipboard."""

    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)

    def set_ids(self, ids: Sequence[IdLine]) -> None:
        """Show other ids."""
        empty(self._grid)
        for place, one in enumerate(ids):
            name = label(one.name, Role.HINT)
            name.setMinimumWidth(88)
            self._grid.addWidget(name, place, 0)
            value = ElidedLabel(one.value, Role.LOG)
            self._grid.addWidget(value, place, 1)
            copy = IconButton("copy", self.tr("Copy {0} ID").format(one.name), small=True)
            copy.clicked.connect(lambda _on=False, text=one.value: self._copy(text))
            self._grid.addWidget(copy, place, 2)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)


def empty(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
