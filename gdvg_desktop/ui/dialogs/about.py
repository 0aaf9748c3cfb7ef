"""What the program is, whose data it shows, and whose work it stands on."""

from importlib import metadata

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from gdvg_desktop import __version__
from gdvg_desktop.core.resources import resource_path
from gdvg_desktop.ui.tokens import Role
from gdvg_desktop.ui.widgets.buttons import Button, ButtonKind
from gdvg_desktop.ui.widgets.labels import Paragraph, label

# TMDb's terms ask for this very sentence, so it is not translated.
NOTICE = "This application uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB."

TMDB_SITE = "https://www.themoviedb.org"
LIBRARIES = (
    "PySide6-Essentials",
    "qasync",
    "pyqtgraph",
    "numpy",
    "httpx",
    "httpx-aiohttp",
    "aiohttp",
    "msgspec",
    "peewee",
    "keyring",
    "platformdirs",
    "pycountry",
    "pyroaring",
    "typer",
    "rich",
    "tomli-w",
    "starlette",
    "uvicorn",
)
# These ship their licence's text and do not name it.
_UNNAMED = {"peewee": "MIT", "httpx-aiohttp": "BSD-3-Clause"}
FILES = (("fonts", "Inter-OFL.txt"), ("fonts", "JetBrainsMono-OFL.txt"), ("icons", "LICENSE-lucide.txt"))


def licence_of(name: str) -> str:
    """Name, version and licence of an installed library; "" when it is not installed."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    licence: str = next((about[key] for key in ("License-Expression", "License") if key in about), "")
    if not licence or "\n" in licence:  # some put the whole text there
        if name in _UNNAMED:
            return f"{about['Name']} {about['Version']}  {_UNNAMED[name]}"
        kinds = [line.rsplit("::", 1)[-1].strip() for line in about.get_all("Classifier") or () if "License ::" in line]
        licence = ", ".join(kinds) or licence.partition("\n")[0]
    return f"{about['Name']} {about['Version']}  {licence}"


def licences_text() -> str:
    """Every library with its licence, then the licence texts of the fonts and icons that are shipped."""
    lines = [text for text in map(licence_of, LIBRARIES) if text]
    parts = ["\n".join(lines)]
    for folder, name in FILES:
        parts.append(f"{name}\n\n{resource_path(folder, name).read_text(encoding='utf-8').strip()}")
    return "\n\n----\n\n".join(parts)


class AboutPage(QWidget):
    """The page of the settings dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(f"GDVG Desktop {__version__}", Role.SECTION))
        column.addWidget(Paragraph(self.tr("A local mirror of TMDb that you can search, filter and keep."), Role.BODY))
        notice = Paragraph(NOTICE, Role.BODY)
        notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(notice)
        link = Button("www.themoviedb.org", icon="external-link", kind=ButtonKind.LINK, small=True)
        link.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(TMDB_SITE)))
        column.addWidget(link)
        column.addWidget(
            Paragraph(
                self.tr(
                    "TMDb asks that its data is not kept longer than six months without being refreshed, "
                    "and that it is used for non-commercial purposes only."
                ),
                Role.HINT,
            )
        )
        column.addSpacing(8)
        column.addWidget(label(self.tr("Licences"), Role.STRONG))
        self.licences = QPlainTextEdit(licences_text())
        self.licences.setReadOnly(True)
        self.licences.setTabChangesFocus(True)
        self.licences.setAccessibleName(self.tr("Licences"))
        self.licences.setProperty("role", Role.LOG.value)
        column.addWidget(self.licences, 1)
