"""Induction motor after its fields: the cage at one operating point, in rotor-flux orientation.

Currents are [i_sd, i_sq, 0] with the d axis on the rotor's flux; the flux map serves as for every other kind, at the
stator's electrical speed

    omega = p omega_m + omega_slip.

Power balance: P_stator = copper + omega_m T + P_cage with P_cage = omega_slip T / p, the slip power.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import Conductor
from edu_opt.motor.bar_current import bar_current_ratio
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.cage_loss import Cage, slip_speed
from edu_opt.motor.flux_linkage import ampere_turns, conductors_per_path, flux_linkage, map_range, torque_of
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.parts import Motor
from edu_opt.numerics.pytree import pytree

UNLOADED_SHARE = 1e-3  # of the map's current range: below it the rotor flux forgets the leakage of the q axis
FLUX_FLOOR_SHARE = 1e-3  # of the rotor flux at `RATED_SHARE`: far below it the slip goes to zero, not to infinity
RATED_SHARE = (0.3, 0.5, 0.0)  # of the map's current range, a point in the saturated middle of the map


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


def end_ring(lamination: Lamination, section_ratio: jax.Array) -> EndRing:
    """Ring against the stack, as high as the bars, whose current density is the bars' over `section_ratio`: the ring
    carries a bar's current over 2 sin(pi p / bars)."""
    rotor = lamination.rotor
    assert isinstance(rotor, CageRotor)
    step = 2.0 * jnp.sin(jnp.pi * lamination.pole_pairs / rotor_bars(lamination))
    width = section_ratio * bar_area(rotor) / (step * rotor.bar_depth)
    return EndRing(width=width, height=rotor.bar_depth, overhang=0.5 * width)


def rotor_bars(lamination: Lamination) -> jax.Array:
    """Number of bars (a float, since pole pairs are data)."""
    template = lamination.template
    return 2.0 * lamination.pole_pairs * (template.bars_per_sector / template.poles_per_sector)


def cage_of_lamination(lamination: Lamination, stack_length: jax.Array, ring: EndRing, metal: Conductor) -> Cage:
    """Cage of a lamination whose rings lie under the bars' tops."""
    rotor = lamination.rotor
    if not isinstance(rotor, CageRotor):
        raise TypeError(f"no cage in a rotor of kind {lamination.template.rotor!r}")
    return Cage(
        bars=rotor_bars(lamination),
        pole_pairs=lamination.pole_pairs,
        bar_area=bar_area(rotor),
        bar_height=rotor.bar_depth,
        bar_length=stack_length + 2.0 * ring.overhang,
        ring_area=ring.width * ring.height,
        ring_radius=rotor.outer_radius - rotor.bridge - 0.5 * ring.height,
        metal=metal,
    )


def bar_ratio(motor: Motor, currents: jax.Array) -> jax.Array:
    """Bar current amplitude over the q ampere-turns of a slot at currents (3,) [A]."""
    fields = motor.lamination_map
    assert fields.bar_current is not None, f"a motor of kind {motor.kind} has no cage"
    return bar_current_ratio(fields.bar_current, fields.flux_map, ampere_turns(motor, currents))


def rotor_flux(motor: Motor, currents: jax.Array, flux: jax.Array, ratio: jax.Array) -> jax.Array:
    """Rotor flux [Wb] conjugate to the bar current, T / (p I_bar), finite and smooth at no load: with i_q the leakage
    term psi_q i_d / i_q (a few per cent) goes to zero below `UNLOADED_SHARE` instead of to its limit."""
    least = UNLOADED_SHARE * map_range(motor)[0]
    leakage = flux[1] * currents[0] * currents[1] / (currents[1] ** 2 + least**2)
    return 1.5 * (flux[0] - leakage) / (ratio * conductors_per_path(motor))


def flux_floor(motor: Motor) -> jax.Array:
    """Rotor flux [Wb] below which the slip is rounded to zero; carries no derivative."""
    motor = jax.lax.stop_gradient(motor)
    currents = jnp.array(RATED_SHARE) * map_range(motor)[0]
    return FLUX_FLOOR_SHARE * rotor_flux(motor, currents, flux_linkage(motor, currents), bar_ratio(motor, currents))


def state_of_cage(
    motor: Motor,
    currents: jax.Array,
    flux: jax.Array,
    ratio: jax.Array,
    floor: jax.Array,
    cage_celsius: jax.Array,
) -> CageState:
    """State at currents (3,) [A] whose flux linkages (2 or 3,) [Wb], bar ratio and flux floor [Wb] are known."""
    assert motor.cage is not None, f"a motor of kind {motor.kind} has no cage"
    bar_current = ratio * conductors_per_path(motor) * currents[1]
    linked = rotor_flux(motor, currents, flux, ratio)
    slip = slip_speed(motor.cage, bar_current, linked, cage_celsius, floor)
    return CageState(
        bar_current=bar_current,
        rotor_flux=linked,
        slip_speed=slip,
        loss=slip * torque_of(motor, currents, flux) / motor.pole_pairs,
    )


def cage_state(motor: Motor, currents: jax.Array, cage_celsius: jax.Array) -> CageState:
    """State of the cage at stator currents (3,) [A] and a cage temperature [degC]."""
    flux, ratio = flux_linkage(motor, currents), bar_ratio(motor, currents)
    return state_of_cage(motor, currents, flux, ratio, flux_floor(motor), cage_celsius)


def stator_speed(motor: Motor, state: CageState, speed: jax.Array) -> jax.Array:
    """Electrical angular frequency [rad/s] of the stator at a mechanical speed [rad/s]."""
    return motor.pole_pairs * speed + state.slip_speed
