"""The demo catalogue's server as a process of its own, started for a window in demo mode and ended with it."""

import sys

from PySide6.QtCore import QObject, QProcess, Signal

from gdvg_desktop.core.errors import GdvgError

END_MS = 3000


class DemoProcess(QObject):
    """`ready(str)` carries the API's address; `failed(GdvgError)` says why there is none or that it ended."""

    ready = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._url = ""
        self._ending = False
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", "gdvg_desktop.demo", "--port", "0"])
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.errorOccurred.connect(self._on_error)
        self._process.finished.connect(self._on_finished)

    def start(self) -> None:
        """Start the server; its first line tells where it listens."""
        self._process.start()

    def stop(self) -> None:
        """End the process and wait for its end."""
        self._ending = True
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._process.terminate()  # does nothing to a console program on Windows
        if sys.platform == "win32" or not self._process.waitForFinished(END_MS):
            self._process.kill()
            self._process.waitForFinished(END_MS)

    def _on_output(self) -> None:
        if not self._url and self._process.canReadLine():
            words = bytes(self._process.readLine().data()).decode("utf-8", "replace").split()
            self._url = next((word for word in words if word.startswith("http")), "")
            if self._url:
                self.ready.emit(self._url)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._tell(self._process.errorString())

    def _on_finished(self) -> None:
        words = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        self._tell(words[-1] if words else "")

    def _tell(self, why: str) -> None:
        if self._ending:
            return
        first = self.tr("The demo catalogue has stopped.") if self._url else self.tr("The demo did not start.")
        self.failed.emit(GdvgError(f"{first} {why}".strip(), self.tr("Close the window and open the demo again.")))
