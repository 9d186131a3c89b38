"""The command on an analytic problem whose field program takes XLA a minute to compile, as a process of its own."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt import cli, tasks
from edu_opt.settings import ProblemSettings, programs_of
from tests.cli.analytic_problem import AnalyticProblem

SORTS = 1000


def unrolled(x: jax.Array) -> jax.Array:
    """Many operations that XLA cannot fuse."""
    for k in range(SORTS):
        x = jnp.sort(jnp.sin(x + k))
    return x


class SlowlyCompiledProblem(AnalyticProblem):
    """Compiles before its first expansion."""

    def expand(self, x: np.ndarray, branch: np.ndarray) -> dict[str, np.ndarray]:
        """As the analytic problem, after the compilation."""
        lowered = jax.jit(unrolled).lower(jnp.ones(64))
        print("XLA compiles", flush=True)
        lowered.compile()
        print("compiled", flush=True)
        return super().expand(x, branch)


def slow_problems(settings: ProblemSettings) -> list[AnalyticProblem]:
    """The factory that stands in for the drive unit."""
    return [SlowlyCompiledProblem(settings, program) for program in programs_of(settings)]


tasks.build_problems = slow_problems

if __name__ == "__main__":
    raise SystemExit(cli.main())
