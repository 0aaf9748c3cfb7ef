"""The asyncio loop that runs inside Qt's own: the one place that knows qasync.

Needed only where the engine is to live on the GUI thread (`ui.host`). The loop is taken as running for as long as Qt's
is; it is made once the QApplication exists and closed before it ends.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import qasync
from PySide6.QtCore import QObject, Signal

_WORKERS = 4


class _Stand(QObject):
    """What qasync asks of the application. Ending its loop must not end Qt's, which goes on for the window."""

    aboutToQuit = Signal()  # noqa: N815  (the name qasync looks for)

    def exit(self) -> None:
        self.aboutToQuit.emit()


class GuiLoop:
    """A running asyncio loop on the GUI thread. `close` it when its last task is done."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_WORKERS, thread_name_prefix="gui-loop")
        self._stand = _Stand()
        self.loop: asyncio.AbstractEventLoop = qasync.QEventLoop(self._stand, already_running=True)
        self.loop.set_default_executor(self._executor)  # qasync's own are QThreads, which coverage cannot see

    def close(self) -> None:
        """End the loop and its threads; Qt's loop goes on."""
        asyncio.events._set_running_loop(None)
        self.loop.stop()
        self.loop.close()
        asyncio.set_event_loop(None)
        self._executor.shutdown()
