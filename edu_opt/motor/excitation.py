"""Field winding of an electrically excited rotor, and what its exciter puts on the shaft.

The exciter's electrical side, bridge to brushes or rotary transformer, is `edu_opt.inverter.exciter`."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import Conductor, resistivity
from edu_opt.motor.dimensions import LaminationDimensions
from edu_opt.numerics.pytree import pytree

FIELD_SLOT_FILL = 0.60  # bare copper over coil space; notes on EESM: 0.55 to 0.65 (orthocyclic or flat wire)


@pytree
class Exciter:
    """What transfers the field current, as the motor carries it (leaves; brushes and a rotary transformer are two rows
    of data): `brush_friction_torque` [N m], `mass` [kg]."""

    brush_friction_torque: jax.Array
    mass: jax.Array


@pytree
class FieldWinding:
    """Field winding: turns per pole (0 for ipm), copper fill of the coil space, metal, exciter."""

    turns: jax.Array
    fill: jax.Array
    metal: Conductor
    exciter: Exciter


def brush_exciter() -> Exciter:
    """Two slip rings with carbon brushes: 20 mN m friction, 0.8 kg (assumed)."""
    return Exciter(brush_friction_torque=jnp.asarray(0.02), mass=jnp.asarray(0.8))


def inductive_exciter() -> Exciter:
    """Rotary transformer with rectifier: 1.8 kg (assumed)."""
    return Exciter(brush_friction_torque=jnp.asarray(0.0), mass=jnp.asarray(1.8))


EXCITERS = {"brush": brush_exciter, "inductive": inductive_exciter}


def mean_turn_length(dimensions: LaminationDimensions, stack_length: jax.Array) -> jax.Array:
    """Mean turn of a pole coil [m]: stack and body width as straights, quarter circles of half the coil width."""
    return 2.0 * (stack_length + dimensions.pole_body_width) + jnp.pi * dimensions.coil_side_width


def field_turn_area(field: FieldWinding, dimensions: LaminationDimensions) -> jax.Array:
    """Copper cross-section of one turn [m2]; an ipm's is a harmless 1 m2 (its field current is zero)."""
    wound = field.turns > 0.0
    area = dimensions.coil_side_area * field.fill / jnp.where(wound, field.turns, 1.0)
    return jnp.where(wound, area, 1.0)


def field_resistance(
    field: FieldWinding, dimensions: LaminationDimensions, stack_length: jax.Array, celsius: jax.Array
) -> jax.Array:
    """Resistance of all pole coils in series [ohm] at a copper temperature [degC]."""
    length = 2.0 * dimensions.pole_pairs * field.turns * mean_turn_length(dimensions, stack_length)
    return resistivity(field.metal, celsius) * length / field_turn_area(field, dimensions)


def field_copper_volume(field: FieldWinding, dimensions: LaminationDimensions, stack_length: jax.Array) -> jax.Array:
    """Copper volume of all pole coils [m3]."""
    section = dimensions.coil_side_area * field.fill * jnp.where(field.turns > 0.0, 1.0, 0.0)
    return 2.0 * dimensions.pole_pairs * section * mean_turn_length(dimensions, stack_length)
