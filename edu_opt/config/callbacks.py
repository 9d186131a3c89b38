"""Hydra callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

sweep_folders: list[Path] = []  # of the sweep that this process launches


class RememberSweepFolder(Callback):
    """Notes in the launching process where the sweep writes."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Called once, before the first job."""
        sweep_folders[:] = [Path(str(config.hydra.sweep.dir)).absolute()]
