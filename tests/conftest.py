"""Strict while testing: implicit rank promotion and weak dtypes are errors only where a test asks; x64 is always on."""

from __future__ import annotations

import matplotlib

import edu_opt  # noqa: F401  (switches JAX to double precision before any test traces)

matplotlib.use("Agg")
