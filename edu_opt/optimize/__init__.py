"""Constrained multi-objective optimization of two-level problems, batched over candidates.

Seeds, a first-order phase and batched sequential quadratic programming per reference direction, on first-order models
of the expensive part; integers fixed and the rest polished again; an archive of exact designs with hypervolume,
multipliers and KKT residuals. The problem is known only through `protocol.Problem`.
"""

from edu_opt.optimize.driver import optimize
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import Evaluation, EvaluationCounts, Expansion, Problem
from edu_opt.optimize.result import Closest, Front, OptimizationResult, Progress
from edu_opt.optimize.settings import OptimizerSettings

__all__ = [
    "Closest",
    "Evaluation",
    "EvaluationCounts",
    "Expansion",
    "Front",
    "ModelPrograms",
    "OptimizationResult",
    "OptimizerSettings",
    "Problem",
    "Progress",
    "optimize",
]
