"""Junction temperatures of a switch position: the fixed point of losses and heat conduction.

T = T_coolant + R P(T) for switch and diode, R by name in `Device`. P is a parabola of T, so the map is monotone: Newton
steps from the coolant climb to the lowest fixed point. Where the map's gain nears one (a module about to run away) the
step is limited; laws are capped at 250 to 300 degC, so that a runaway ends at a finite, plainly infeasible temperature.
Derivatives of any order by the implicit function theorem.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from edu_opt.inverter.chip_losses import Polynomial, evaluate
from edu_opt.materials.semiconductors import Device
from edu_opt.numerics.smooth import saturate_above

NEWTON_STEPS = 10
LARGEST_GAIN = 0.8  # of the temperature map in a Newton step
CAP_CELSIUS = (250.0, 300.0)  # laws follow the junction up to the first and never exceed the second
Pair = tuple[jax.Array, jax.Array]  # switch, diode
Square = tuple[Pair, Pair]


def sensible(celsius: jax.Array) -> jax.Array:
    """Temperature at which device laws are evaluated: capped where a module that runs away means nothing any more."""
    return saturate_above(celsius, *CAP_CELSIUS)


def thermal_resistances(device: Device) -> Square:
    """Resistances of (switch, diode) junctions over the coolant for (switch, diode) losses [K/W]."""
    shared, crossed = jnp.asarray(device.case_to_coolant), device.case_to_coolant + device.cross_to_case
    return (
        (shared + device.switch_to_case, jnp.asarray(crossed)),
        (jnp.asarray(crossed), shared + device.diode_to_case),
    )


def _solve(matrix: Square, right: Pair) -> Pair:
    """2 x 2 system by Cramer's rule."""
    (a, b), (c, d) = matrix
    determinant = a * d - b * c
    return (d * right[0] - b * right[1]) / determinant, (a * right[1] - c * right[0]) / determinant


def _slopes(function, at: Pair) -> tuple[Pair, Square]:
    """Value of a function of a pair and its matrix of slopes."""
    one, zero = jnp.ones_like(at[0]), jnp.zeros_like(at[0])
    value, first = jax.jvp(function, (at,), ((one, zero),))
    _, second = jax.jvp(function, (at,), ((zero, one),))
    return value, ((first[0], second[0]), (first[1], second[1]))


def junction_temperatures(
    device: Device, switch: Polynomial, diode: Polynomial, coolant_celsius: jax.Array
) -> tuple[Pair, jax.Array]:
    """Steady junction temperatures of switch and diode [degC], and the largest residual [K] of their balance."""
    resistances = thermal_resistances(device)

    def balance(celsius: Pair) -> Pair:
        losses = evaluate(switch, sensible(celsius[0])), evaluate(diode, sensible(celsius[1]))
        (a, b), (c, d) = resistances
        return (
            celsius[0] - coolant_celsius - a * losses[0] - b * losses[1],
            celsius[1] - coolant_celsius - c * losses[0] - d * losses[1],
        )

    def newton(function, start: Pair) -> Pair:
        def step(_, celsius: Pair) -> Pair:
            value, ((a, b), (c, d)) = _slopes(function, celsius)
            gain = jnp.maximum(jnp.abs(1.0 - a) + jnp.abs(b), jnp.abs(c) + jnp.abs(1.0 - d))
            limit = jnp.minimum(1.0, LARGEST_GAIN / jnp.maximum(gain, 1e-30))
            limited = ((1.0 - limit * (1.0 - a), limit * b), (limit * c, 1.0 - limit * (1.0 - d)))
            move = _solve(limited, value)
            return celsius[0] - move[0], celsius[1] - move[1]

        return lax.fori_loop(0, NEWTON_STEPS, step, start)

    def tangent(linear, right: Pair) -> Pair:
        one, zero = jnp.ones_like(right[0]), jnp.zeros_like(right[0])
        first, second = linear((one, zero)), linear((zero, one))
        return _solve(((first[0], second[0]), (first[1], second[1])), right)

    start = lax.stop_gradient(coolant_celsius + 0.0 * (switch[0] + diode[0]))
    celsius = lax.custom_root(balance, (start, start), newton, tangent)
    left = balance(lax.stop_gradient(celsius))
    return celsius, lax.stop_gradient(jnp.maximum(jnp.abs(left[0]), jnp.abs(left[1])))
