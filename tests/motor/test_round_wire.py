"""Round-wire windings: end turns of real machines, strand loss against its field, heat through a bundle."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import jv

from edu_opt.materials.conductors import resistivity
from edu_opt.motor import round_wire
from edu_opt.motor.copper_loss import slot_resistance_ratio
from edu_opt.motor.mass import motor_materials
from edu_opt.motor.model import current_limits, motor_losses
from edu_opt.motor.results import uniform_temperatures
from edu_opt.motor.thermal_network import bundle_conductivity, wall_resistance
from edu_opt.motor.winding import bar, end_winding_overhang, resistances, slot_fill
from tests.motor.reference_motors import analytic_motor


@pytest.fixture(scope="module")
def motor():
    hairpins = analytic_motor("ipm")
    return dataclasses.replace(hairpins, winding=dataclasses.replace(hairpins.winding, wire=True))


# Bore, slot depth [mm], slots, throw; end winding of both ends of a turn and overhang [mm] of TUMFTM's files.
@pytest.mark.parametrize(
    ("throw_mm", "both_ends", "overhang"), [(46.0, 165.17, 28.10), (81.1, 277.55, 45.99), (126.5, 419.30, 68.55)]
)
def test_end_turns_of_motor_cad_machines(throw_mm, both_ends, overhang):
    throw = jnp.asarray(1e-3 * throw_mm)
    assert 2e3 * float(round_wire.end_turn_length(throw)) == pytest.approx(both_ends, rel=0.01)
    assert 1e3 * float(round_wire.end_winding_overhang(throw)) == pytest.approx(overhang, rel=0.01)


def test_strand_loss_is_that_of_the_slots_field(motor):
    """Sum over 200 heights of the eddy loss pi d^4 w^2 B^2 / (128 rho) a metre of strand (B peak) over the DC loss."""
    size, winding, celsius = motor.dimensions, motor.winding, jnp.asarray(120.0)
    speed, ohm_metre = 2.0 * np.pi * 300.0, float(resistivity(winding.metal, celsius))
    turn, turns, current = bar(winding, size), float(winding.conductors_per_slot), 100.0
    strand_area = 0.25 * np.pi * round_wire.STRAND_DIAMETER**2
    strands = turns * float(turn.area) / strand_area
    heights = (np.arange(200) + 0.5) / 200
    field = 4e-7 * np.pi * turns * current * heights / float(size.slot_winding_area / size.winding_height)
    per_strand = np.pi * round_wire.STRAND_DIAMETER**4 * speed**2 * np.mean(field**2) / (128.0 * ohm_metre)
    direct = 0.5 * turns * current**2 * ohm_metre / float(turn.area)
    ratio = slot_resistance_ratio(winding, size, jnp.asarray(speed), celsius)
    assert float(ratio) - 1.0 == pytest.approx(strands * per_strand / direct, rel=2e-3)
    twice = slot_resistance_ratio(winding, size, jnp.asarray(2.0 * speed), celsius)
    assert float(twice) - 1.0 == pytest.approx(4.0 * (float(ratio) - 1.0), rel=2e-3)


@pytest.mark.parametrize("ratio", [0.01, 0.5, 2.0, 8.0])
def test_factors_of_a_strand_against_bessel_functions(ratio):
    """Skin: Re(x J0 / (2 J1)); proximity: (4 / r^2) Re(-j J2 / J0), x = (1 - j) r."""
    x = (1.0 - 1.0j) * ratio
    skin = (x * jv(0, x) / (2.0 * jv(1, x))).real
    proximity = 4.0 / ratio**2 * (-1.0j * jv(2, x) / jv(0, x)).real
    assert float(round_wire.strand_skin_factor(jnp.asarray(ratio))) == pytest.approx(skin, rel=1e-10)
    assert float(round_wire.strand_proximity_factor(jnp.asarray(ratio))) == pytest.approx(abs(proximity), rel=1e-6)


def test_wire_against_hairpins(motor):
    """Less copper and less AC loss in the slots, a shorter overhang of thin strands, no trimmed ends."""
    hairpins = dataclasses.replace(motor, winding=dataclasses.replace(motor.winding, wire=False))
    size, speed, celsius = motor.dimensions, jnp.asarray(2.0 * np.pi * 1500.0), jnp.asarray(120.0)
    fills = [float(slot_fill(m.winding, size)) for m in (motor, hairpins)]
    assert 0.3 < fills[0] < round_wire.BARE_FILL < fills[1]
    ratios = [float(slot_resistance_ratio(m.winding, size, speed, celsius)) for m in (motor, hairpins)]
    assert 1.0 < ratios[0] < 0.5 * ratios[1]
    slots = [float(resistances(m.winding, size, m.stack_length, celsius, celsius)[0]) for m in (motor, hairpins)]
    assert slots[0] / slots[1] == pytest.approx(fills[1] / fills[0])
    assert float(end_winding_overhang(motor.winding, size)) > 0.0
    materials = motor_materials(motor)
    assert float(materials.copper_gross) == pytest.approx(float(materials.copper_net))


def test_heat_of_a_bundle_leaves_through_its_flanks(motor):
    """Evenly heated slab: the mean lies q b^2 / (12 k) over its flanks; q b / 2 leaves through each."""
    width, conductivity = jnp.asarray(5e-3), float(bundle_conductivity(motor.winding))
    assert 0.4 < conductivity < 0.9  # impregnated wire at a fill of 0.45
    thin = float(wall_resistance(motor.winding, 0.0 * width))
    inside = (float(wall_resistance(motor.winding, width)) - thin) * 0.5 * 5e-3
    assert inside == pytest.approx(5e-3**2 / (12.0 * conductivity))


def test_losses_and_limits_are_finite_with_slopes(motor):
    currents, speed = jnp.array([-100.0, 200.0, 0.0]), jnp.asarray(800.0)
    total = jax.jit(jax.value_and_grad(lambda i: motor_losses(motor, i, speed, uniform_temperatures(120.0)).total))
    value, slope = total(currents)
    assert np.isfinite(value) and np.all(np.isfinite(slope)) and value > 0.0
    limits = type("Limits", (), {"stator": jnp.asarray(20e6), "field": jnp.asarray(10e6)})
    assert 0.0 < float(current_limits(motor, limits)[0])
