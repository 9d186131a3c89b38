"""Settings of a study's optimizer: frozen, checked where they are made."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class OptimizerSettings:
    """What the search may spend and how it moves.

    Work per study (B = candidates): expansions: seeds + up to B per refresh; gradients: B * gradient_steps;
    Jacobians: up to B * (refreshes * polish_steps + final_polish_steps) + front; converged candidates stop paying.
    """

    candidates: int = 128
    seed: int = 0
    chunk: int = 32  # lanes of every compiled program
    expand_chunk: int = 32  # lanes handed to `expand` at once (not padded)
    compile_workers: int = 2

    seeds: int = 64  # expanded Sobol points
    screen_variations: int = 16  # evaluations around each seed with its expansion (variables outside the mask move)
    screen_oversampling: int = 8  # Sobol points per seed that `problem.screen` chooses from, where it exists
    refreshes: int = 3  # expansions of all candidates after the seeds
    gradient_steps: int = 10
    gradient_rate: float = 0.03  # Adam step in the unit cube
    polish_steps: int = 7  # SQP iterations between refreshes
    final_polish_steps: int = 4  # with the expanded variables frozen: exact
    restoration_steps: int = 3  # shortest steps that make the remaining violations good, exact as well

    field_radius: float = 0.15  # trust region of the expansion, unit cube, infinity norm
    field_radius_decay: float = 0.6  # its upper limit shrinks by this factor every refresh: late moves must come true
    step_radius: float = 0.2  # first trust region of the SQP steps
    direction_extension: float = 0.12
    penalty: float = 100.0  # of the elastic rows: must exceed the largest multiplier
    penalty_limit: float = 1e4
    margin_target: float = 1e-4  # margins are pushed above this, so that reported margins are >= 0
    convergence: float = 1e-5  # predicted merit decrease (front spans) below which a candidate rests until a refresh
    final_convergence: float = 1e-8  # the same in the final polish
    front_resolution: float = (
        0.01  # share of the span by which an earlier point must beat all final ones to be reported
    )
    quadratic_iterations: int = 28
    integer_neighbours: int = 16  # roundings per candidate that are scored by a quadratic subproblem
    integer_trials: int = 3  # best of them that are evaluated
    branch_share: float = 0.5  # share of the candidates that is spread evenly over branches at the start
    reference_point: tuple[float, ...] | None = None  # of the hypervolume; None: from the final front

    def __post_init__(self) -> None:
        for name in (
            "candidates",
            "chunk",
            "expand_chunk",
            "seeds",
            "refreshes",
            "polish_steps",
            "quadratic_iterations",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"optimizer.{name} must be at least 1, got {getattr(self, name)}")
        for name in ("field_radius", "step_radius", "penalty", "gradient_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"optimizer.{name} must be positive, got {getattr(self, name)}")
        if self.penalty_limit < self.penalty:
            raise ValueError(f"optimizer.penalty_limit {self.penalty_limit} must be at least penalty {self.penalty}")
