"""Ctrl-C and SIGTERM while work runs that cannot be ended: state, exit code, what later signals do."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edu_opt import interruption
from edu_opt.tasks import Outcome, record_interruption
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.study_folder import StudyFolder

ROOT = Path(__file__).resolve().parents[2]
Listen = Callable[[Any], None]


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An interruption leaves its handlers in place, as the process ends then."""
    monkeypatch.setattr(interruption, "raised", [])
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def reporter(tmp_path: Path) -> Iterator[Reporter]:
    """Reporter of a study that runs."""
    folder = StudyFolder(tmp_path / "s")
    folder.open({}, "hash")
    folder.set_status("running", "compile")
    yield Reporter(folder)
    folder.close()


def kill(*signals: signal.Signals, pause: float = 0.3) -> None:
    """Signals to this process, one after the other, from a thread of their own."""

    def send() -> None:
        for number in signals:
            time.sleep(pause)
            os.kill(os.getpid(), number)

    threading.Thread(target=send, daemon=True).start()


def test_work_that_stops_is_waited_for(reporter: Reporter) -> None:
    ended: list[bool] = []

    def work(listen: Listen) -> Outcome:
        listen(reporter)
        while not reporter.stopped:
            time.sleep(0.05)
        time.sleep(0.5)  # what it takes to end in order
        assert reporter.folder is not None
        code = record_interruption(reporter.folder, reporter)
        ended.append(True)
        return Outcome(code, reporter.folder.path)

    kill(signal.SIGINT)
    outcome = interruption.interruptible(work)
    assert ended == [True]
    assert outcome == Outcome(130, reporter.folder.path)  # type: ignore[union-attr]


@pytest.mark.parametrize("signals", [(signal.SIGINT,), (signal.SIGTERM, signal.SIGINT)])
def test_work_that_cannot_stop_is_left(
    reporter: Reporter, signals: tuple[signal.Signals, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interruption, "PATIENCE_S", 1.0 if len(signals) == 1 else 60.0)
    forever = threading.Event()

    def work(listen: Listen) -> Outcome:
        listen(reporter)
        forever.wait()
        raise AssertionError

    kill(*signals)
    began = time.monotonic()
    outcome = interruption.interruptible(work)
    assert time.monotonic() - began < 20.0
    status = StudyFolder(outcome.folder).status()
    assert outcome.exit_code == 130
    assert (status["state"], status["exit_code"]) == ("interrupted", 130)
    assert "no checkpoint yet" in status["message"]


def test_a_complete_study_stays_complete(reporter: Reporter) -> None:
    folder, shown = reporter.folder, io.StringIO()
    reporter.stream = shown
    assert folder is not None
    folder.set_status("done", "done", "3 designs", 0)
    assert record_interruption(folder, reporter) == 130
    assert folder.status()["state"] == "done"
    assert "edu-opt task=sync" in shown.getvalue()


def test_before_there_is_a_folder() -> None:
    kill(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        interruption.interruptible(lambda listen: time.sleep(2.0))  # type: ignore[arg-type,return-value]


def test_a_signal_that_a_library_swallowed_is_not_lost() -> None:
    restore = interruption.handle_signals(interruption.raise_interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    restore()
    with pytest.raises(KeyboardInterrupt):
        interruption.interruptible(lambda listen: Outcome(0, Path()))


def test_the_handler_of_a_launcher_is_kept() -> None:
    def requeue(number: int, frame: object) -> None: ...

    signal.signal(signal.SIGTERM, requeue)
    restore = interruption.handle_signals(interruption.raise_interrupt)
    assert signal.getsignal(signal.SIGTERM) is requeue
    assert signal.getsignal(signal.SIGINT) is interruption.raise_interrupt
    restore()
    assert signal.getsignal(signal.SIGINT) is not interruption.raise_interrupt


def test_signal_while_xla_compiles(tmp_path: Path) -> None:
    path = tmp_path / "s"
    arguments = ["optimizer=small", "tracking=off", "compute.compile_cache=false", f"study={path}"]
    command = [sys.executable, "-m", "tests.cli.run_slow_compile", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "XLA compiles" in line:
                break
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 130, rest
    assert time.monotonic() - began < 15.0
    assert rest.splitlines()[-1] == str(path)
    assert "no checkpoint yet" in rest and "Traceback" not in rest and "compiled" not in rest
    status = StudyFolder(path).status()
    assert (status["state"], status["exit_code"]) == ("interrupted", 130)
