"""Inverter over its design box and operating range: steady losses, and everything that follows in time."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.inverter import dc_link
from edu_opt.inverter.exciter import (
    brush_field_exciter,
    control_law,
    exciter_losses,
    field_voltage_ratio,
    rotary_field_exciter,
)
from edu_opt.inverter.lifetime import BayererLaw, cycling_damage, ripple_damage
from edu_opt.inverter.losses import inverter_losses
from edu_opt.inverter.model import (
    Inverter,
    dc_link_ripple,
    inverter_masses,
    inverter_space,
    inverter_volume,
    voltage_limit,
)
from edu_opt.inverter.modulation import phase_ripple_current
from edu_opt.inverter.transient import fundamental_ripple, stall_junctions
from edu_opt.materials.semiconductors import device
from tests.contract import ContractCase

SPACE = inverter_space()
# discontinuous, share of silicon carbide, current peak [A], modulation index, cos(phi), DC voltage [V]
# and coolant [degC]
OPERATION_LOW = np.array([0.0, 0.0, 0.0, 0.0, -1.0, 250.0, -20.0])
OPERATION_HIGH = np.array([1.0, 1.0, 900.0, 1.27, 1.0, 450.0, 90.0])
SILICON, SILICON_CARBIDE = device("fuji_2mbi600xee065"), device("wolfspeed_cab450m12xm3")


def mixed_inverter(x: jax.Array, share: jax.Array, **changes) -> Inverter:
    """The device rows are data: a mixture has no meaning but both ends as corners."""
    row = jax.tree.map(lambda a, b: a + share * (b - a), SILICON, SILICON_CARBIDE)
    return Inverter(
        device=row,
        parallel_area=x[0],
        capacitance=x[1],
        switching_frequency=x[2],
        frequency_ratio=x[3],
        **changes,
    )


def all_results(x: jax.Array) -> Mapping[str, jax.Array]:
    """Everything the inverter reports at a steady point."""
    discontinuous, share, current, index, cosine, voltage, coolant = x[len(SPACE) :]
    inverter = mixed_inverter(x, share, discontinuous=discontinuous)
    losses = inverter_losses(inverter, current, index, cosine, voltage, coolant)
    return {
        "total": losses.total,
        "switch": losses.junction_celsius_switch,
        "diode": losses.junction_celsius_diode,
        "voltage_limit": voltage_limit(inverter, voltage, current),
        "link_ripple": dc_link_ripple(inverter, current, index, cosine, voltage),
        "phase_ripple": phase_ripple_current(index, voltage, inverter.switching_frequency, 2e-4, discontinuous),
        "mass": inverter_masses(inverter).total,
        "volume": inverter_volume(inverter),
    }


# share of silicon carbide, stall current [A], DC voltage [V], coolant [degC], seconds, field current [A], output [Hz]
TIME_LOW = np.array([0.0, 0.0, 250.0, -20.0, 0.2, 0.0, 1.0])
TIME_HIGH = np.array([1.0, 500.0, 450.0, 70.0, 20.0, 25.0, 600.0])


def results_in_time(x: jax.Array) -> Mapping[str, jax.Array]:
    """Stall, ripple of the fundamental, life, exciter, capacitor."""
    share, current, voltage, coolant, seconds, field, output = x[len(SPACE) :]
    inverter = mixed_inverter(x, share)
    switch, diode = stall_junctions(inverter, current, voltage, coolant, seconds)
    ripple, _ = fundamental_ripple(inverter.device, 0.5 * current, 0.2 * current, output)
    celsius = coolant + jnp.stack([jnp.zeros(()), 20.0 + 0.02 * current, 50.0 + 0.1 * current])
    shares, law = jnp.array([0.5, 0.3, 0.2]), BayererLaw()
    damage = cycling_damage(law, celsius, shares, 5.0, 650.0)
    damage += ripple_damage(law, celsius, ripple * jnp.ones(3), output * jnp.ones(3), shares, 650.0)
    return {
        "switch": switch,
        "diode": diode,
        "ripple": ripple,
        "damage_log": jnp.log(damage),
        "brush": exciter_losses(brush_field_exciter(), field, 5.0, voltage).total,
        "rotary": exciter_losses(rotary_field_exciter(), field, 5.0, voltage).total,
        "field_voltage": field_voltage_ratio(rotary_field_exciter(), field, 5.0, voltage),
        "law": control_law(rotary_field_exciter(), voltage, 90.0),
        "capacitor": dc_link.capacitor_celsius(x[1], voltage, current, coolant),
        "ripple_limit": dc_link.ripple_current_limit(x[1], voltage, coolant),
    }


CASES = [
    ContractCase(
        name="inverter",
        low=np.concatenate([SPACE.low, OPERATION_LOW]),
        high=np.concatenate([SPACE.high, OPERATION_HIGH]),
        function=all_results,
    ),
    ContractCase(
        name="inverter_in_time",
        low=np.concatenate([SPACE.low, TIME_LOW]),
        high=np.concatenate([SPACE.high, TIME_HIGH]),
        function=results_in_time,
        eager=False,  # two dozen intervals of some hundred operations each
    ),
]
