"""Induction motor after its fields: slip, cage loss, terminal quantities in rotor-flux orientation.

`Motor.kind` is "im", its `lamination_map` that of `InductionMap`; currents are [i_sd, i_sq, 0]. Everything of
`edu_opt.motor.model` that knows only fluxes and currents serves it as it is, at the stator's electrical speed

    omega = p omega_m + omega_slip.

Power balance: P_stator = copper + omega_m T + P_cage with P_cage = omega_slip T / p, the slip power.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import Conductor
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.cage_loss import Cage, slip_speed
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.induction_map import InductionMap, bar_current_ratio
from edu_opt.motor.model import ampere_turns, flux_linkage, map_range, torque, voltage
from edu_opt.motor.parts import Motor
from edu_opt.numerics.pytree import pytree

UNLOADED_SHARE = 1e-3  # of the map's range: the rotor flux is read at no less q current (error of its square)


@pytree
class CageState:
    """Rotor of one operating point: bar current amplitude [A], rotor flux [Wb] conjugate to it (torque = p flux x
    current), slip speed [electrical rad/s], loss of bars and rings [W]."""

    bar_current: jax.Array
    rotor_flux: jax.Array
    slip_speed: jax.Array
    loss: jax.Array


@pytree
class EndRing:
    """Section of one ring: axial width and radial height [m]; `overhang` [m] from stack to the ring's middle."""

    width: jax.Array
    height: jax.Array
    overhang: jax.Array


def cage_of_lamination(lamination: Lamination, stack_length: jax.Array, ring: EndRing, metal: Conductor) -> Cage:
    """Cage of a lamination whose rings lie under the bars' tops."""
    rotor, template = lamination.rotor, lamination.template
    if not isinstance(rotor, CageRotor):
        raise TypeError(f"no cage in a rotor of kind {template.rotor!r}")
    return Cage(
        bars=2.0 * lamination.pole_pairs * (template.bars_per_sector / template.poles_per_sector),
        pole_pairs=lamination.pole_pairs,
        bar_area=bar_area(rotor),
        bar_height=rotor.bar_depth,
        bar_length=stack_length + 2.0 * ring.overhang,
        ring_area=ring.width * ring.height,
        ring_radius=rotor.outer_radius - rotor.bridge - 0.5 * ring.height,
        metal=metal,
    )


def cage_state(
    motor: Motor, induction: InductionMap, cage: Cage, currents: jax.Array, cage_celsius: jax.Array
) -> CageState:
    """State of the cage at stator currents (3,) [A], i_sd > 0, and a cage temperature [degC].

    The rotor flux T / (p I_bar) has a limit at i_sq = 0: it is read at sqrt(i_sq^2 + (1e-3 range)^2) instead.
    """
    ratio = bar_current_ratio(induction, ampere_turns(motor, currents))
    share = motor.winding.conductors_per_slot / motor.winding.parallel_paths
    least = UNLOADED_SHARE * map_range(motor)[0]
    loaded = jnp.stack([currents[0], jnp.sqrt(currents[1] ** 2 + least**2), jnp.zeros(())])
    psi = flux_linkage(motor, loaded)
    unloaded_ratio = bar_current_ratio(induction, ampere_turns(motor, loaded))
    flux = 1.5 * (psi[0] * loaded[1] - psi[1] * loaded[0]) / (unloaded_ratio * share * loaded[1])
    bar_current = ratio * share * currents[1]
    slip = slip_speed(cage, bar_current, flux, cage_celsius)
    return CageState(
        bar_current=bar_current,
        rotor_flux=flux,
        slip_speed=slip,
        loss=slip * torque(motor, currents) / motor.pole_pairs,
    )


def stator_speed(motor: Motor, state: CageState, speed: jax.Array) -> jax.Array:
    """Electrical angular frequency [rad/s] of the stator at a mechanical speed [rad/s]."""
    return motor.pole_pairs * speed + state.slip_speed


def induction_voltage(
    motor: Motor, state: CageState, currents: jax.Array, speed: jax.Array, winding_celsius: jax.Array
) -> jax.Array:
    """Phase voltage (2,) [V peak] in rotor-flux orientation at a mechanical speed [rad/s]."""
    return voltage(motor, currents, stator_speed(motor, state, speed), winding_celsius)
