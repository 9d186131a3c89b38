"""Ctrl-C and SIGTERM, answered even while XLA compiles: the work runs in a thread, the main thread counts signals.

First signal: the work is told to stop, which it does at its next report; it has `PATIENCE_S` to do so. Then, or at a
second signal, the state is recorded from here and the process is left by the caller. Third signal: it is left at once.
Signals are counted, not raised: a KeyboardInterrupt out of `Thread.join` makes Python 3.11 take a running thread for
ended (bpo-45274 and its repair), and anywhere else it could hit the lines that record the interruption.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edu_opt.tasks import Outcome

PATIENCE_S = 3.0  # how long a running compilation or field sweep may hold up an interruption
POLL_S = 0.1
EXIT_CODE = 130
STUDY_THREAD = "study"
raised: list[int] = []  # signals of this command that came while no work ran
Handler = Callable[[int, FrameType | None], None]


def interruptible(work: Callable[[Callable[[Any], None]], Outcome]) -> Outcome:
    """Run work in a thread and return its outcome, or that of its interruption.

    The work hands its reporter out as soon as it has a folder; a signal before that raises KeyboardInterrupt.
    """
    if threading.current_thread() is not threading.main_thread():
        return work(lambda reporter: None)
    reporters: list[Any] = []
    results: list[Outcome] = []
    errors: list[BaseException] = []
    ended = threading.Event()
    signals: list[int] = []

    def body() -> None:
        try:
            results.append(work(reporters.append))
        except BaseException as error:
            errors.append(error)
        finally:
            ended.set()

    def count(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        if len(signals) > 2:
            os._exit(EXIT_CODE)

    if raised:
        raise KeyboardInterrupt
    restore = handle_signals(count)
    threading.Thread(target=body, name=STUDY_THREAD, daemon=True).start()
    while not ended.wait(POLL_S):
        if signals:  # later ones are counted until the process is left
            return interrupted(reporters, ended, signals)
    restore()
    if errors:
        raise errors[0]
    return results[0]


def interrupted(reporters: Sequence[Any], ended: threading.Event, signals: Sequence[int]) -> Outcome:
    """Wait a little for an orderly end, else record the interruption from outside."""
    from edu_opt.tasks import INTERRUPTED, Outcome, record_interruption

    if not reporters:
        raise KeyboardInterrupt
    reporter = reporters[0]
    reporter.stop()
    reporter.line(f"Stopping: at the next report, or in {PATIENCE_S:g} s; a second signal stops at once.")
    deadline = time.monotonic() + PATIENCE_S
    while len(signals) < 2 and time.monotonic() < deadline and not ended.wait(POLL_S):
        pass
    if reporter.folder.status().get("state") != "interrupted":
        record_interruption(reporter.folder, reporter)
    reporter.close()
    return Outcome(INTERRUPTED, reporter.folder.path)


def leave_if_working() -> None:
    """Leave the process at once where work is still running: its thread cannot be ended in order."""
    if any(thread.name == STUDY_THREAD for thread in threading.enumerate()):
        os._exit(EXIT_CODE)


def raise_interrupt(number: int, frame: FrameType | None) -> None:
    """The handler while no work runs: SIGTERM is answered as Ctrl-C is.

    It notes the signal too: an exception that is raised in a callback of a library (while jax is imported) is lost.
    """
    raised.append(number)
    raise KeyboardInterrupt


def handle_signals(handler: Handler) -> Callable[[], None]:
    """Send SIGINT and SIGTERM to a handler; returns what restores the handlers before.

    SIGTERM is left to a launcher that has a handler of its own. SIGINT is always taken: a shell without job control
    starts background processes with SIGINT ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if before[signal.SIGTERM] not in (signal.SIG_DFL, None, raise_interrupt):
        del before[signal.SIGTERM]
    for number in before:
        signal.signal(number, handler)

    def restore() -> None:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)

    return restore
