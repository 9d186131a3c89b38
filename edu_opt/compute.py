"""The machine that a run uses: device, cache of compiled programs, versions."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from edu_opt.config.run_settings import ComputeSettings
from edu_opt.tracking.progress import Reporter


def start_device(compute: ComputeSettings, reporter: Reporter) -> str:
    """Choose the platform, open the compile cache, name the device."""
    import jax

    if compute.platform != "automatic":
        jax.config.update("jax_platforms", compute.platform)
    if compute.compile_cache_folder is not None:
        line = open_compile_cache(compute.compile_cache_folder)
        if line:
            reporter.line(line)
    device = jax.devices()[0]
    return f"{device.platform} {device.device_kind} x{jax.device_count()}"


def open_compile_cache(folder: Path) -> str:
    """Keep compiled programs in a private folder: their content is code that later runs trust."""
    import jax

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = folder.stat()
        if owner.st_uid != os.getuid():
            return f"Compile cache {folder} belongs to another user and is not used."
        if stat.S_IMODE(owner.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        return f"Compile cache {folder} cannot be used ({error.strerror})."
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
    return ""


def versions() -> dict[str, str]:
    """Versions that the result depends on."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from edu_opt import __version__

    result = {"edu_opt": __version__, "python": platform.python_version()}
    for name in ("jax", "jaxlib", "numpy", "optax", "moocore", "hydra-core", "mlflow"):
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            continue
    return result
