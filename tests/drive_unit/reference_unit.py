"""Drive units for tests: the analytic motor with a realistic flux, a gearbox and an inverter from mid-range values."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, conditions
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.gearbox.model import gearbox_from_values, gearbox_space
from edu_opt.inverter.model import inverter_from_values
from edu_opt.materials.semiconductors import device
from tests.motor.reference_motors import analytic_motor

FLUX_FACTOR = 4.0  # the analytic motor's map is weak; this brings about 190 N m and flux weakening below 17 000 rpm


def warm(motor_celsius: float = 90.0) -> Conditions:
    """400 V, coolant 65 degC at 10 l/min, oil 80 degC."""
    return conditions(
        dc_voltage=400.0,
        coolant_celsius=65.0,
        coolant_flow=10.0 / 60e3,
        oil_celsius=80.0,
        motor_celsius=motor_celsius,
    )


def analytic_unit(kind: str, layout: str = "parallel_axis") -> DriveUnit:
    """Unit around the analytic motor with `FLUX_FACTOR` times its flux."""
    motor = analytic_motor(kind)
    fields = motor.lamination_map
    flux_map = dataclasses.replace(fields.flux_map, weights=FLUX_FACTOR * fields.flux_map.weights)
    iron = fields.iron_loss_map  # same losses at the scaled flux; a realistic ripple in the magnets (about 0.03 T)
    iron = dataclasses.replace(
        iron,
        flux_scale=FLUX_FACTOR * iron.flux_scale,
        squares=iron.squares.at[:, -1].multiply(1e-3),
        residuals=iron.residuals.at[:, -1].multiply(1e-3),
        width=iron.width.at[-1].multiply(1e-3),
    )
    motor = dataclasses.replace(
        motor, lamination_map=dataclasses.replace(fields, flux_map=flux_map, iron_loss_map=iron)
    )
    space = gearbox_space(layout)
    return DriveUnit(
        motor=motor,
        gearbox=gearbox_from_values(layout, space.to_physical(jnp.full(len(space), 0.5))),
        inverter=inverter_from_values(device("fuji_2mbi600xee065"), jnp.array([1.2, 5e-4, 10e3, 1.0])),
    )
