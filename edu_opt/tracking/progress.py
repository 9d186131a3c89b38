"""What a user sees while a study runs: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import dataclasses
import math
import sys
import time
from typing import Any, TextIO

from edu_opt.optimize.result import Progress
from edu_opt.tracking.study_folder import StudyFolder

PLAIN_INTERVAL_S = 5.0  # between plain lines of one phase
STATUS_INTERVAL_S = 2.0  # between writes of status.json


def duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, or `?` while unknown."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def describe(progress: Progress, program: str = "") -> str:
    """One line: phase, step, feasible count, hypervolume, candidates/s, field solves, time left."""
    name = f"{program}: " if program else ""
    detail = f" ({progress.detail})" if progress.detail else ""
    volume = "-" if not math.isfinite(progress.hypervolume) else f"{progress.hypervolume:.4g}"
    return (
        f"{name}{progress.phase}{detail} | step {progress.step}/{progress.steps} | feasible {progress.feasible}"
        f"/{progress.candidates}, front {progress.front} | hypervolume {volume} | {progress.candidates_per_second:.3g} "
        f"candidates/s | {progress.field_solves} field solves | failed {progress.failed} | "
        f"{duration(progress.elapsed_s)}, left {duration(progress.eta_s)}"
    )


@dataclasses.dataclass
class Reporter:
    """Shows progress on `stream` and keeps status.json fresh."""

    folder: StudyFolder | None = None
    stream: TextIO = dataclasses.field(default_factory=lambda: sys.stdout)
    program: str = ""
    stopped: bool = False

    def __post_init__(self) -> None:
        self._live: Any = None
        self._phase, self._shown_at, self._status_at = "", -math.inf, -math.inf
        self._text = "starting"
        self._began = time.monotonic()

    def __enter__(self) -> Reporter:
        if self.stream.isatty():
            from rich.console import Console
            from rich.live import Live
            from rich.spinner import Spinner

            self._spinner = Spinner("dots", text=self._text)
            self._live = Live(self._spinner, console=Console(file=self.stream), refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back as it was (the live line hides the cursor)."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def line(self, text: str) -> None:
        """A line that stays."""
        if self._live is not None:
            self._live.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            print(text, file=self.stream, flush=True)

    def phase(self, name: str, detail: str = "") -> None:
        """A phase outside the search (starting, compiling, writing)."""
        if self.stopped:
            raise KeyboardInterrupt
        text = f"{name}: {detail}" if detail else name
        self._show(name, text, always=True)

    def stop(self) -> None:
        """Let the next report raise KeyboardInterrupt in the thread that makes it."""
        self.stopped = True

    def __call__(self, progress: Progress) -> None:
        """Callback of the optimizer."""
        if self.stopped:
            raise KeyboardInterrupt
        kind = "".join(c for c in progress.detail if not c.isdigit())  # a new count is no new phase
        self._show(f"{self.program} {progress.phase} {progress.step} {kind}", describe(progress, self.program))

    def _show(self, phase: str, text: str, always: bool = False) -> None:
        at = time.monotonic()
        self._text = text
        if self._live is not None:
            self._spinner.update(text=text)
        elif always or phase != self._phase or at - self._shown_at > PLAIN_INTERVAL_S:
            print(f"[{at - self._began:7.1f} s] {text}", file=self.stream, flush=True)
            self._shown_at = at
        if self.folder is not None and (always or at - self._status_at > STATUS_INTERVAL_S):
            self.folder.set_status("running", text)
            self._status_at = at
        self._phase = phase
