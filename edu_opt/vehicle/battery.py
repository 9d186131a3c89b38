"""The traction battery: open-circuit curve, internal loss, range to empty.

Cell voltage over charge from the half-cell potentials of a graphite-SiO_x/NMC811 cell: Chen et al., "Development of
Experimental Techniques for Parameterization of Multi-scale Lithium-ion Battery Models", J. Electrochem. Soc. 167
(2020) 080534, eqs. 8 and 9 with the paper's stoichiometry limits (recalled). Its shape is scaled to the pack's mean
voltage; resistance is constant.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.smooth import safe_sqrt, smooth_positive
from edu_opt.vehicle.model import Battery, Number

# Stoichiometry of the electrodes in the empty and the full cell.
NEGATIVE_EMPTY, NEGATIVE_FULL = 0.0279, 0.9014
POSITIVE_EMPTY, POSITIVE_FULL = 0.9084, 0.27
# Part of the cell's charge between which cars are driven (ASSUMED; net over gross energy of the named cars: 0.92).
CELL_EMPTY, CELL_FULL = 0.05, 0.97
CHARGE_NODES = 6  # Gauss points of a discharge


def cell_voltage(charge: Number) -> jax.Array:
    """Open-circuit voltage of one cell [V] over its state of charge in [0, 1] (Chen 2020, eqs. 8, 9)."""
    x = NEGATIVE_EMPTY + jnp.asarray(charge) * (NEGATIVE_FULL - NEGATIVE_EMPTY)
    y = POSITIVE_EMPTY + jnp.asarray(charge) * (POSITIVE_FULL - POSITIVE_EMPTY)
    positive = (
        4.4875
        - 0.8090 * y
        - 0.0428 * jnp.tanh(18.5138 * (y - 0.5542))
        - 17.7326 * jnp.tanh(15.7890 * (y - 0.3117))
        + 17.5842 * jnp.tanh(15.9308 * (y - 0.3120))
    )
    negative = (
        0.2482
        + 1.9793 * jnp.exp(-39.3631 * x)
        - 0.0909 * jnp.tanh(29.8538 * (x - 0.1234))
        - 0.04478 * jnp.tanh(14.9159 * (x - 0.2769))
        - 0.0205 * jnp.tanh(30.4444 * (x - 0.6103))
    )
    return positive - negative


def gauss_charges() -> tuple[jax.Array, jax.Array]:
    """(states of charge, weights) for a mean over a full discharge, shapes (CHARGE_NODES,)."""
    nodes, weights = np.polynomial.legendre.leggauss(CHARGE_NODES)
    return jnp.asarray(0.5 * (1.0 + nodes)), jnp.asarray(0.5 * weights)


def open_circuit_voltage(battery: Battery, charge: Number) -> jax.Array:
    """Pack voltage without current [V] over its usable state of charge in [0, 1]; its mean is the nominal voltage."""

    def shape(usable: Number) -> jax.Array:
        return cell_voltage(CELL_EMPTY + jnp.asarray(usable) * (CELL_FULL - CELL_EMPTY))

    nodes, weights = gauss_charges()
    return battery.nominal_voltage * shape(charge) / jnp.sum(weights * shape(nodes))


def battery_current(voltage: Number, resistance: Number, terminal_power: jax.Array) -> jax.Array:
    """Current [A] at an open-circuit voltage [V] for a power at the terminals [W]; > 0 discharges.

    From V I = P + R I^2; the root is kept real far beyond any rating (at P above V^2/4R it is floored).
    """
    square = smooth_positive(jnp.asarray(voltage) ** 2 - 4.0 * jnp.asarray(resistance) * terminal_power, 1.0)
    return 2.0 * terminal_power / (voltage + safe_sqrt(square, 1e-12))


def battery_internal_power(battery: Battery, terminal_power: jax.Array, voltage: Number | None = None) -> jax.Array:
    """Power drawn from (or stored in) the cells [W] for a power at the terminals [W]; else at the nominal voltage."""
    at = jnp.asarray(battery.nominal_voltage if voltage is None else voltage)
    return at * battery_current(at, battery.resistance, terminal_power)


def range_to_empty(
    battery: Battery, power: jax.Array, duration: jax.Array, rest_power: Number, rest: Number, distance: Number
) -> jax.Array:
    """Distance [m] from full to empty of a cycle driven again and again: charge over the mean of charge per distance.

    power (K,) [W] at the terminals for duration (K,) [s], rest_power [W] for `rest` [s], over `distance` [m]. At a low
    charge the voltage is low and the current high; the discharge is integrated over the charge (dx = Q ds / q(s)).
    """
    nodes, weights = gauss_charges()

    def charge_per_metre(charge: jax.Array) -> jax.Array:
        voltage = open_circuit_voltage(battery, charge)
        driven = jnp.sum(battery_current(voltage, battery.resistance, power) * duration)
        return (driven + battery_current(voltage, battery.resistance, jnp.asarray(rest_power)) * rest) / distance

    capacity = battery.usable_energy / battery.nominal_voltage
    return capacity * jnp.sum(weights / jax.vmap(charge_per_metre)(nodes))
