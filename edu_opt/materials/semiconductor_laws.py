"""Power modules as rows of coefficients: one form for IGBT and MOSFET, so both technologies go through one program.

Conduction of a channel: v(i, T) = threshold + root sqrt(i) + resistance i, each linear (the resistance quadratic) in
T - 25 degC. Switching energy of one on-off pair: (s (constant + root sqrt(i)) + linear i + quadratic i^2)
(V/V_ref)^exponent (1 + slope dT + curvature dT^2), s = I^2 / (I^2 + knee^2) of the peak current I; recovery alike. The
coefficients are fitted to energies averaged over a sine (`experiments/validation/semiconductor_fits`). A field that a
technology does not have is zero.
"""

from __future__ import annotations

from typing import Any

import jax

from edu_opt.numerics.pytree import pytree, replace

Number = float | jax.Array
REFERENCE_CELSIUS = 25.0


@pytree
class Channel:
    """Conducting path at 25 degC: threshold [V], root [V/A^0.5], resistance [Ohm]; slopes per K, curvature 1/K^2."""

    threshold: Number = 0.0
    root: Number = 0.0
    resistance: Number = 0.0
    threshold_slope: Number = 0.0
    root_slope: Number = 0.0
    resistance_slope: Number = 0.0
    resistance_curvature: Number = 0.0


@pytree
class SwitchingEnergy:
    """Energy of one on-off pair [J]; `voltage_exponent` on V/V_ref; factor 1 + `temperature_slope` dT +
    `temperature_curvature` dT^2 over the rise dT from 25 degC.

    constant [J] above the knee current [A], root [J/A^0.5], linear [J/A], quadratic [J/A^2].
    """

    constant: Number = 0.0
    knee_current: Number = 20.0
    root: Number = 0.0
    linear: Number = 0.0
    quadratic: Number = 0.0
    reference_voltage: Number
    voltage_exponent: Number
    temperature_slope: Number = 0.0
    temperature_curvature: Number = 0.0


@pytree
class ThermalResponse:
    """Foster network between junction and case: shares of the resistance [1] and time constants [s], five stages."""

    shares: tuple[Number, ...]
    times: tuple[Number, ...]


@pytree
class Device:
    """One switch position (half of a half-bridge module) with its free-wheeling path. All fields are data.

    Thermal resistances [K/W]: junctions to case as a 2 x 2 matrix by name (a MOSFET conducts both ways in one chip: all
    four equal); `case_to_coolant` is the rise of the case over the coolant per watt of *this* position while the other
    position of the module loses as much (both heat one base plate: twice the module's resistance).
    `switch_response`, `diode_response`: transients of junction over case; `case_time` [s] of the case over the coolant.
    current_limit [A peak] repetitive; die areas [m^2] a position; package_volume [m^3] a half-bridge module;
    gate_charge [C]; gate_swing [V]. dead_time_conduction is 1 where a body diode replaces the channel during the dead
    time, else 0.
    """

    forward: Channel
    reverse: Channel
    switching: SwitchingEnergy
    recovery: SwitchingEnergy
    body_diode: Channel
    dead_time_conduction: Number
    switch_to_case: Number
    diode_to_case: Number
    cross_to_case: Number
    case_to_coolant: Number
    switch_response: ThermalResponse
    diode_response: ThermalResponse
    case_time: Number
    blocking_voltage: Number
    current_limit: Number
    junction_limit_celsius: Number
    silicon_area: Number
    silicon_carbide_area: Number
    package_volume: Number
    gate_charge: Number
    gate_swing: Number


def _channel_in_parallel(channel: Channel, count: Number) -> Channel:
    """`count` equal channels that share a current."""
    return replace(
        channel,
        root=channel.root / count**0.5,
        root_slope=channel.root_slope / count**0.5,
        resistance=channel.resistance / count,
        resistance_slope=channel.resistance_slope / count,
        resistance_curvature=channel.resistance_curvature / count,
    )


def _energy_in_parallel(energy: SwitchingEnergy, count: Number) -> SwitchingEnergy:
    """Energy of `count` equal chips that share a current."""
    return replace(
        energy,
        constant=energy.constant * count,
        knee_current=energy.knee_current * count,
        root=energy.root * count**0.5,
        quadratic=energy.quadratic / count,
    )


def in_parallel(device: Device, count: Number) -> Device:
    """A position of `count` equal chips (a real number scales the chip area): currents share, energies add, thermal
    resistances divide, areas, gate charge, limit and package grow. Even sharing; no coupling between the chips."""
    changes: dict[str, Any] = {
        k: _channel_in_parallel(getattr(device, k), count) for k in ("forward", "reverse", "body_diode")
    }
    changes |= {k: _energy_in_parallel(getattr(device, k), count) for k in ("switching", "recovery")}
    for k in ("switch_to_case", "diode_to_case", "cross_to_case", "case_to_coolant"):
        changes[k] = getattr(device, k) / count
    for k in ("current_limit", "silicon_area", "silicon_carbide_area", "package_volume", "gate_charge"):
        changes[k] = getattr(device, k) * count
    return replace(device, **changes)
