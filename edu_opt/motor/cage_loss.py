"""Electrical side of a cage: resistance with skin effect and end rings, slip, loss.

The bars carry a sinusoidal current layer of amplitude I; its flux linkage psi (conjugate to I: torque = p psi I) lies
on the d axis. In steady state the slip speed induces just the voltage that drives it through the cage,

    omega_slip psi = N/2 R I        loss = N/2 R I^2 = omega_slip torque / p,

so the loss is the slip power. R is one bar's resistance with skin effect at the slip frequency plus its share of the
rings: R_ring / (2 sin^2(pi p / N)) with R_ring of one ring's segment between two bars (notes 6.11; Pyrhonen, Jokinen,
Hrabovcova, Design of Rotating Electrical Machines, ch. 7, recalled). The rings' leakage flux is neglected.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from edu_opt.materials.conductors import Conductor, resistivity
from edu_opt.motor.copper_loss import skin_factor
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import pytree

_SLIP_STEPS = 8  # Newton steps for the slip; the skin effect changes the resistance slowly
_DERIVATIVES = 3  # orders that are exact: the control's second derivatives are differentiated once more
_FLUX_FLOOR = 1e-9  # Wb, far below any rotor flux: zero flux gives zero slip, not an infinite one


@pytree
class Cage:
    """Cage [m, m2]: counts (floats), section and radial height of a bar, its length between the rings' middles, section
    and mean radius of one ring, metal."""

    bars: jax.Array
    pole_pairs: jax.Array
    bar_area: jax.Array
    bar_height: jax.Array
    bar_length: jax.Array
    ring_area: jax.Array
    ring_radius: jax.Array
    metal: Conductor


def bar_resistance_ratio(height: jax.Array, resistivity_now: jax.Array, slip_speed: jax.Array) -> jax.Array:
    """AC over DC resistance of a bar `height` [m] deep at a slip speed [electrical rad/s, any sign] in an infinitely
    permeable slot as wide as the bar; valid up to height = 10 skin depths (`skin_factor`)."""
    reduced_square = height**2 * VACUUM_PERMEABILITY / (2.0 * resistivity_now) * slip_speed
    # skin_factor is a function of the fourth power of its argument: even in the slip and smooth at zero.
    return skin_factor((reduced_square**2 + 1e-24) ** 0.25)


def cage_resistance(cage: Cage, slip_speed: jax.Array, celsius: jax.Array) -> jax.Array:
    """Resistance [ohm] of one bar with its share of both rings at a slip speed [electrical rad/s] and temperature."""
    rho = resistivity(cage.metal, celsius)
    bar = rho * cage.bar_length / cage.bar_area * bar_resistance_ratio(cage.bar_height, rho, slip_speed)
    segment = rho * 2.0 * jnp.pi * cage.ring_radius / (cage.bars * cage.ring_area)
    return bar + segment / (2.0 * jnp.sin(jnp.pi * cage.pole_pairs / cage.bars) ** 2)


def cage_loss(cage: Cage, bar_current: jax.Array, slip_speed: jax.Array, celsius: jax.Array) -> jax.Array:
    """Loss [W] of bars and rings at a bar current amplitude [A]."""
    return 0.5 * cage.bars * cage_resistance(cage, slip_speed, celsius) * bar_current**2


def additional_load_loss_share(rated_power: jax.Array) -> jax.Array:
    """Additional load loss over the power converted at that load, of a machine of rated output [W] from 1 kW to 10 MW.

    Assigned allowance of IEC 60034-2-1 (2.5 % - 0.5 % per decade of kW; recalled, MEAPA codes the same law): harmonic
    currents of the bars, surface and end-region losses, which the fields in rotor-flux orientation do not hold.
    """
    return 0.025 - 0.005 * jnp.log10(rated_power / 1e3)


def slip_speed(
    cage: Cage,
    bar_current: jax.Array,
    rotor_flux: jax.Array,
    celsius: jax.Array,
    flux_floor: float | jax.Array = _FLUX_FLOOR,
) -> jax.Array:
    """Slip speed [electrical rad/s], positive motoring, at a bar current [A, signed] and rotor flux [Wb] (machine).

    Below `flux_floor` [Wb] it goes to zero, smoothly.

    Newton steps on omega = N/2 R(omega) I / psi from the direct-current value (the resistance grows with omega at most
    like its root, so the slope stays above one half). They are not differentiated: a few steps with the slope held
    follow, each of which makes one more order of derivatives exact.
    """
    gain = 0.5 * cage.bars * bar_current * rotor_flux / (rotor_flux**2 + flux_floor**2)
    fixed_gain, fixed_cage, fixed_celsius = lax.stop_gradient((gain, cage, celsius))

    def slope_at(omega: jax.Array) -> tuple[jax.Array, jax.Array]:
        one = jnp.ones_like(omega)
        resistance, slope = jax.jvp(lambda w: cage_resistance(fixed_cage, w, fixed_celsius), (omega,), (one,))
        return resistance, 1.0 - fixed_gain * slope

    def step(omega: jax.Array, _: None) -> tuple[jax.Array, None]:
        resistance, slope = slope_at(omega)
        return omega - (omega - fixed_gain * resistance) / slope, None

    start = fixed_gain * cage_resistance(fixed_cage, jnp.zeros_like(gain), fixed_celsius)
    omega = lax.scan(step, start, None, length=_SLIP_STEPS)[0]
    slope = slope_at(omega)[1]
    for _ in range(_DERIVATIVES):
        omega = omega - (omega - gain * cage_resistance(cage, omega, celsius)) / slope
    return omega


def cage_mass(cage: Cage) -> jax.Array:
    """Mass of bars (to the rings' middles) and rings [kg]."""
    rings = 2.0 * cage.ring_area * 2.0 * jnp.pi * cage.ring_radius
    return cage.metal.density * (cage.bars * cage.bar_area * cage.bar_length + rings)
