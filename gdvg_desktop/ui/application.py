"""The QApplication of the program: quitting goes through the window, whoever asks for it.

Qt's own quit would end the loop under the engine's feet, before what it holds is stored. So `quit()`, the end of the
desktop session and the system's signals only say so; the loop ends when `finish` is called.
"""

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from gdvg_desktop.core.resources import resource_path


class Application(QApplication):
    """See the module."""

    quit_asked = Signal()
    end_demanded = Signal()  # by a signal of the system: nobody may be there to answer a question

    def __init__(self) -> None:
        super().__init__(["gdvg-desktop"])
        self.setApplicationName("gdvg-desktop")
        self.setApplicationDisplayName("GDVG Desktop")
        self.setDesktopFileName("gdvg-desktop")
        self.setQuitOnLastWindowClosed(False)
        if QLocale.system().language() is QLocale.Language.C:
            # a bare system speaks no language; numbers are still to be read by people
            QLocale.setDefault(QLocale(QLocale.Language.English))
        self._translators = [
            _translator(self, QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase"),
            _translator(self, str(resource_path("translations")), "gdvg"),
        ]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            event.ignore()
            self.quit_asked.emit()
            return True
        return super().event(event)

    def finish(self) -> None:
        """End the loop: everything is stored and shut."""
        self.exit(0)


def _translator(app: QApplication, folder: str, prefix: str) -> QTranslator:
    """Texts in the user's language; where there is no file for it, the program speaks English."""
    translator = QTranslator(app)
    if translator.load(QLocale(), prefix, "_", folder):
        app.installTranslator(translator)
    return translator
