"""Torque over a few rotor angles: what program 1 adds where torque ripple or cogging is asked for.

Torque by virtual work (the exact derivative of the discrete energy) at 13 rotor angles of 60 electrical degrees, its
period with three symmetric phases. 13 has no factor in common with the slots of a period, so the slots' ripple, whose
periods are shorter, is met in 13 different phases; 12 angles meet it in 4 to 6 (eesm on XS: correlation 0.27 with grid
L in place of 0.85). The samples follow a first-order model of the fields, their extremes would not: `peak_to_peak`
takes these from the samples. With skew each slice is solved by itself (see `edu_opt.motor.skew`), which multiplies the
solves.

Peak to peak on coarse grids over that of 39 angles on grid L: smallest, median and largest of five random designs, and
the correlation over these designs (`experiments.validation.torque_ripple`):

    load      single V, 2 slots a pole and phase   eesm, 3 slots                    synrm of 3 barriers, 2 slots
    XS        0.97  1.23  1.44   0.92              0.84  1.17  1.30   0.85          0.82  0.93  1.36   0.95
    S         1.16  1.18  1.28   1.00              0.79  0.86  1.03   0.96          0.94  1.37  1.67   0.83
    M         0.96  0.97  1.01   1.00              0.90  0.91  1.01   1.00          1.00  1.04  1.16   0.99
    no load
    XS        1.33  4.1  14.4    0.43              1.90  5.9   8.1    0.45
    S         1.64  2.5   8.2    0.85              1.43  2.8   5.9    0.36
    M         0.93  1.06  1.85   0.99              0.95  2.0   2.5    0.64

So a search on XS may rank designs by torque ripple under load, but reads 0.8 to 1.6 times its size (1.6: the optimized
eesm of a study, 17.6 % on XS, 11.1 % on M). Cogging on XS and S is mostly the grid's own (its columns of stator and
rotor pass each other), and settings that ask for it there are refused; on M it is right to a factor of 2.5. First-order
models of the samples give the peak to peak within 3 % after 0.02 of every variable's range, 25 % after 0.05, 75 % after
0.1 (one ipm and one eesm on XS, load, eight directions each).
"""

from __future__ import annotations

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field import Excitation, FieldGrid, FieldModel, SolverSettings, field_quantities, solve_model
from edu_opt.motor.geometry import Template
from edu_opt.motor.skew import slice_turn
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_maximum, soft_maximum, soft_minimum

RIPPLE_ANGLES, OTHER_ANGLES = 13, 11  # the other number for 39, 78, 117 slots on a few poles
# Operating points, per unit of the map's bases (slot d, slot q, field per pole). Load: half the largest current at a
# usual angle. No load: magnets alone, or half the largest field current.
LOAD = {
    "ipm": (-0.35, 0.35, 0.0),
    "synrm": (-0.35, 0.35, 0.0),
    "eesm": (-0.1, 0.5, 0.5),
    "im": (0.2, 0.45, 0.0),
}
NO_LOAD = (0.0, 0.0, 0.5)
RIPPLE_RESULTS = {"torque_ripple_share": "load", "cogging_torque": "no_load"}  # results and the samples they need
SHARPNESS = 0.05  # width of the smooth extremes over the samples' standard deviation
LEAST_SPREAD = 1e-3  # N m/m, keeps slopes finite where no torque ripples
LEAST_TORQUE = 10.0  # N m/m, mean below which a share means nothing


@pytree
class TorqueSamples:
    """Torque (angles,) [N m/m] of the whole machine over 60 electrical degrees, at `LOAD` and at `NO_LOAD`; None where
    it was not asked for."""

    load: jax.Array | None = None
    no_load: jax.Array | None = None


def ripple_angles(template: Template) -> int:
    """Number of rotor angles; no factor in common with the slots that repeat."""
    return OTHER_ANGLES if Fraction(template.slots_per_pole).numerator % RIPPLE_ANGLES == 0 else RIPPLE_ANGLES


def points_for(results: set[str]) -> tuple[str, ...]:
    """Fields of `TorqueSamples` that some results need; empty where none of them is about ripple."""
    return tuple(sorted(RIPPLE_RESULTS[name] for name in results & set(RIPPLE_RESULTS)))


def solved_points(template: Template, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the points asked for that need solving: a rotor that does not excite itself has no cogging."""
    excited = template.rotor == "eesm" or template.has_magnets
    return tuple(name for name in asked if excited or name != "no_load")


def torque_samples(
    asked: tuple[str, ...],
    grid: FieldGrid,
    models: tuple[FieldModel, ...],
    scale: jax.Array,
    slices: np.ndarray,
    solver: SolverSettings,
) -> tuple[TorqueSamples, jax.Array, jax.Array]:
    """Samples at the points asked for, from the per-unit bases (3,) [A]; rest as in `sampled_torque`."""
    angles = ripple_angles(grid.template)
    found = dict.fromkeys(asked, jnp.zeros(angles))
    points, names = {"load": LOAD[grid.template.rotor], "no_load": NO_LOAD}, solved_points(grid.template, asked)
    if not names:
        return TorqueSamples(**found), jnp.zeros(()), jnp.asarray(True)
    ampere_turns = jnp.asarray([points[name] for name in names]) * scale
    torque, residual, converged = sampled_torque(grid, models, ampere_turns, slices, solver, angles)
    return TorqueSamples(**found | dict(zip(names, torque, strict=True))), residual, converged


def slice_excitation(
    template: Template, ampere_turns: jax.Array, ahead: jax.Array, electrical_angle: jax.Array
) -> Excitation:
    """What a slice `ahead` [rad] of the rotor's mean axes sees of ampere-turns (3,) [A] given in these axes, with the
    rotor at an electrical angle [rad]. The phase currents are the same in all slices."""
    seen = slice_turn(ahead) @ ampere_turns
    return Excitation(
        slot_ampere_turns_d=seen[0],
        slot_ampere_turns_q=seen[1],
        field_ampere_turns=seen[2],
        rotor_angle_electrical=electrical_angle + ahead,
        bar_angle_electrical=jnp.zeros(()) if template.rotor == "im" else None,
    )


def sampled_torque(
    grid: FieldGrid,
    models: tuple[FieldModel, ...],
    ampere_turns: jax.Array,
    slices: np.ndarray,
    solver: SolverSettings,
    angles: int,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Torque (points, angles) [N m/m] at ampere-turns (points, 3) [A], mean of slices at electrical angles [rad] (one
    at 0: no skew); largest residual and whether all solves converged.

    A cage's bars carry sinusoidal current and keep their place on the d axis: the torque of the harmonic bar currents,
    which damp the slots' ripple, is not in it.
    """

    def one(point: jax.Array, ahead: jax.Array, angle: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        excitation = slice_excitation(grid.template, point, ahead, angle)
        solution = solve_model(grid, models, excitation, None, solver)
        torque = field_quantities(grid, models[0], excitation, solution).torque_virtual_work
        return torque, solution.residual, solution.converged

    over_angles = jax.vmap(one, in_axes=(None, None, 0))
    over_slices = jax.vmap(over_angles, in_axes=(None, 0, None))
    over_points = jax.vmap(over_slices, in_axes=(0, None, None))
    turned = jnp.asarray(np.arange(angles) / angles * np.pi / 3.0)
    torque, residual, converged = over_points(ampere_turns, jnp.asarray(slices), turned)
    return jnp.mean(torque, 1), jnp.max(residual), jnp.all(converged)


def peak_to_peak(torque: jax.Array) -> jax.Array:
    """Smooth largest minus smallest of samples (J,), in their unit; above the sharp one by 1 % of a sinusoid's, by
    0.26 standard deviations at most."""
    width = SHARPNESS * safe_sqrt(jnp.var(torque), LEAST_SPREAD**2)
    return soft_maximum(torque, width) - soft_minimum(torque, width)


def torque_ripple_share(torque: jax.Array) -> jax.Array:
    """Peak to peak over mean of torque samples (J,) [N m/m]."""
    return peak_to_peak(torque) / smooth_maximum(jnp.mean(torque), LEAST_TORQUE, LEAST_TORQUE)
