"""Blocking calls that nobody has to wait for."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def left_behind(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread of its own, which a cancellation and the end of the program leave behind.

    For what may wait for its user without end, as a keyring that asks to be unlocked: the threads of
    `asyncio.to_thread` would keep the program from ending. Raises what the call raises.
    """
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()  # from here on it takes its result, whoever still waits for it

    def work() -> None:
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=work, name="left-behind", daemon=True).start()
    return await asyncio.wrap_future(answer)
