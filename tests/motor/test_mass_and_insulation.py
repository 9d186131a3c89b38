"""Masses and materials from geometry, housing and shaft closed forms; insulation over the DC voltage and its price."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.insulation import SMALLEST_COATING, SMALLEST_LINER, discharge_free_thickness, insulation_for
from edu_opt.motor.mass import (
    CHANNEL_SHARE,
    JACKET_THICKNESS,
    SHAFT_WALL,
    housing_mass,
    motor_dimensions,
    motor_masses,
    motor_materials,
    rotor_inertia,
    shaft_mass,
)
from edu_opt.motor.winding import bar, end_turn_length, end_winding_overhang, slot_fill
from edu_opt.numerics.pytree import replace
from tests.motor.reference_motors import analytic_motor

VOLTAGES = np.array([100.0, 300.0, 400.0, 500.0, 650.0, 800.0, 900.0])


@pytest.fixture(scope="module", params=["eesm", "ipm"])
def motor(request):
    return analytic_motor(request.param)


def _at_voltage(motor, dc_voltage):
    return replace(motor, winding=replace(motor.winding, insulation=insulation_for(dc_voltage)))


def test_coating_follows_dakins_law():
    """163 V rms start discharges at 2 t / eps = 1 micrometre; twice the voltage needs 2^(1/0.46) = 4.5 times that."""
    one = float(discharge_free_thickness(163.0 * 2.0**0.5))
    assert 2.0 * one / 3.5 == pytest.approx(1e-6)
    assert float(discharge_free_thickness(1000.0) / discharge_free_thickness(500.0)) == pytest.approx(2.0 ** (1 / 0.46))


def test_insulation_over_voltage():
    """400 V: the thinnest parts that are made; then growing; 800 V hairpins carry 0.15 to 0.25 mm of coating."""
    found = jax.vmap(insulation_for)(jnp.asarray(VOLTAGES))
    coating, liner = np.asarray(found.coating), np.asarray(found.liner)
    assert coating[2] == pytest.approx(SMALLEST_COATING, rel=0.01)
    assert liner[2] == pytest.approx(SMALLEST_LINER, rel=0.01)
    assert np.all(np.diff(coating) > 0) and np.all(np.diff(liner) > 0)
    assert 0.15e-3 < coating[5] < 0.25e-3 and coating[6] > 2.0 * coating[2]
    slopes = np.asarray(jax.vmap(jax.grad(lambda v: insulation_for(v).coating))(jnp.asarray(VOLTAGES)))
    assert np.all(np.isfinite(slopes)) and np.all(slopes > 0)


def test_high_voltage_costs_slot_fill(motor):
    """800 V insulation takes copper area in proportion to the layers, and leaves the slot as it is."""
    low, high = (_at_voltage(motor, v) for v in (400.0, 800.0))
    fills = [float(slot_fill(m.winding, m.dimensions)) for m in (low, high)]
    assert 0.03 < 1.0 - fills[1] / fills[0] < 0.25
    thin, thick = (bar(m.winding, m.dimensions) for m in (low, high))
    grown = high.winding.insulation.coating - low.winding.insulation.coating
    grown_liner = high.winding.insulation.liner - low.winding.insulation.liner
    assert float(thin.width - thick.width) == pytest.approx(2.0 * float(grown + grown_liner), rel=1e-4)
    layers = motor.winding.conductors_per_slot
    assert float(thin.height - thick.height) == pytest.approx(2.0 * float(grown + grown_liner / layers), rel=1e-4)
    assert float(motor_masses(high).stator_copper) < float(motor_masses(low).stator_copper)


def test_a_slot_too_small_for_its_insulation_holds_a_hair(motor):
    """Positive, tiny, with a slope back to a bar; a real bar is what is left of the slot to 1e-5."""
    size, around = motor.dimensions, motor.winding.insulation
    width = lambda slot: bar(motor.winding, replace(size, slot_width=slot)).width  # noqa: E731
    area = lambda slot: bar(motor.winding, replace(size, slot_width=slot)).area  # noqa: E731
    narrow = 0.5e-3
    assert 0.0 < float(width(narrow)) < 1e-6 and 0.0 < float(area(narrow)) < 1e-9
    assert float(jax.grad(width)(narrow)) > 0.0 and np.isfinite(float(jax.grad(area)(narrow)))
    left = size.slot_width - 2.0 * (around.liner + around.coating + around.side_play)
    assert float(width(size.slot_width)) == pytest.approx(float(left), rel=1e-5)


def test_housing_and_shaft_closed_forms():
    """A jacket without stack is a plain tube with two shields; a channel takes its share of the ring; a solid shaft."""
    radius, wall = 0.1, JACKET_THICKNESS
    ring = 2700.0 * np.pi * ((radius + wall) ** 2 - radius**2)
    bare = float(housing_mass(radius, 0.0, 0.3))
    assert bare - float(housing_mass(radius, 0.0, 0.2)) == pytest.approx(0.1 * ring)
    assert bare - float(housing_mass(radius, 0.15, 0.3)) == pytest.approx(0.15 * CHANNEL_SHARE * ring)
    assert 0.3 < CHANNEL_SHARE < 0.45
    assert float(shaft_mass(0.03, 0.4, wall=0.03)) == pytest.approx(7850.0 * np.pi * 0.03**2 * 0.4)
    assert float(shaft_mass(0.03, 0.4)) == pytest.approx(7850.0 * np.pi * (0.03**2 - (0.03 - SHAFT_WALL) ** 2) * 0.4)


def test_parts_add_up_and_scale_with_length(motor):
    """Active parts but end windings are proportional to the stack; the total is the sum of its parts."""
    masses, longer = motor_masses(motor), motor_masses(replace(motor, stack_length=2.0 * motor.stack_length))
    parts = [float(getattr(masses, name)) for name in masses.__dataclass_fields__]
    assert float(masses.total) == pytest.approx(sum(parts))
    for name in ("stator_steel", "rotor_steel", "magnets"):
        assert float(getattr(longer, name)) == pytest.approx(2.0 * float(getattr(masses, name)))
    ends = end_turn_length(motor.winding, motor.dimensions) / motor.stack_length
    assert float(longer.stator_copper / masses.stator_copper) == pytest.approx(float((2.0 + ends) / (1.0 + ends)))


def test_end_windings_lengthen_the_motor(motor):
    outer = motor_dimensions(motor)
    overhang = float(end_winding_overhang(motor.winding, motor.dimensions))
    assert float(outer.length - outer.stack_length) == pytest.approx(2.0 * (overhang + 15e-3))
    assert 0.02 < overhang < 0.07  # 18 to 56 mm in the Motor-CAD files
    full = replace(motor, winding=replace(motor.winding, coil_pitch=motor.winding.coil_pitch + 1.0))
    assert float(end_winding_overhang(full.winding, motor.dimensions)) > overhang


def test_inertia_lies_between_its_bounds(motor):
    masses, size = motor_masses(motor), motor.dimensions
    rotating = masses.rotor_steel + masses.field_copper + masses.magnets
    square = size.rotor_radius**2
    assert 0.5 * float(rotating * square) < float(rotor_inertia(motor)) < float((rotating + masses.shaft) * square)


def test_gross_exceeds_net_by_what_is_cut_away(motor):
    materials, masses = motor_materials(motor), motor_masses(motor)
    for name in ("electrical_steel", "copper", "shaft_steel"):
        assert float(getattr(materials, f"{name}_gross")) > float(getattr(materials, f"{name}_net")) > 0.0
    solid = motor.steel.stacking_factor * motor.steel.density * motor.stack_length
    square = 4.0 * motor.dimensions.outer_radius**2 * solid
    assert 1.0 < float(materials.electrical_steel_gross / square) < 1.1
    assert float(materials.electrical_steel_net) == pytest.approx(float(masses.stator_steel + masses.rotor_steel))
    assert 0.4 < float(materials.electrical_steel_net / materials.electrical_steel_gross) < 0.75
    assert float(materials.copper_gross / materials.copper_net) < 1.1
