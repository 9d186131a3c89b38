"""Loss laws: mixed slots of chorded windings, magnet blocks, oil mist, windage across its regimes."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.coolants import Fluid, air_warm
from edu_opt.motor.copper_loss import layers_resistance_ratio, mixed_slot_share, proximity_factor, skin_factor
from edu_opt.motor.magnet_loss import block_factor, magnet_eddy_loss_per_speed
from edu_opt.motor.mechanical_loss import (
    cylinder_torque_coefficient,
    disc_torque_coefficient,
    oil_mist,
    windage_torque,
)

GEAR_OIL = Fluid(
    density=jnp.asarray(820.0),
    specific_heat=jnp.asarray(2100.0),
    thermal_conductivity=jnp.asarray(0.14),
    viscosity=jnp.asarray(0.008),
)


def layer_sum(layers, reduced, upper_phase):
    """Mean of phi + psi (|I_u|^2 + Re(I_u* I)) / |I|^2 over the layers of one slot, upper half turned by a phase."""
    currents = np.exp(1j * np.where(np.arange(layers) < layers // 2, 0.0, upper_phase))
    below = np.concatenate([[0.0], np.cumsum(currents)[:-1]])
    share = np.mean(np.abs(below) ** 2 + np.real(np.conj(below) * currents))
    return float(skin_factor(jnp.asarray(reduced)) + share * proximity_factor(jnp.asarray(reduced)))


@pytest.mark.parametrize("layers", [2, 4, 6, 8])
@pytest.mark.parametrize("reduced", [0.2, 1.1, 2.5])
def test_mixed_slots_are_the_sum_over_layers(layers, reduced):
    full, mixed = (
        float(layers_resistance_ratio(jnp.asarray(reduced), jnp.asarray(float(layers)), jnp.asarray(share)))
        for share in (0.0, 1.0)
    )
    assert full == pytest.approx(layer_sum(layers, reduced, 0.0), rel=1e-12)
    assert mixed == pytest.approx(layer_sum(layers, reduced, np.pi / 3.0), rel=1e-12)
    assert 1.0 < mixed < full


def test_chording_mixes_its_share_of_the_slots():
    """54 slots on 6 poles, three slots a belt: one slot of chording mixes a third of the slots, three mix all."""
    size = SimpleNamespace(slots=54.0, pole_pairs=3.0)
    share = [mixed_slot_share(SimpleNamespace(coil_pitch=pitch), size) for pitch in (9.0, 8.0, 6.0)]
    assert share == pytest.approx([0.0, 1.0 / 3.0, 1.0], abs=1e-12)


def test_magnet_blocks():
    """Long strip w^2/12; symmetric in width and length; n segments of a long magnet lose 1/n^2; zero at standstill."""
    assert float(block_factor(0.01, 10.0)) == pytest.approx(0.01**2 / 12.0, rel=1e-5)
    assert float(block_factor(0.02, 0.05)) == float(block_factor(0.05, 0.02))
    per_speed = lambda width, length, speed=3000.0: magnet_eddy_loss_per_speed(  # noqa: E731
        jnp.asarray(1e-2), jnp.asarray(speed), width=width, length=length, volume=1e-4, resistivity=1.8e-6
    )
    assert float(per_speed(0.02, 5.0) / per_speed(0.01, 5.0)) == pytest.approx(4.0, rel=1e-4)
    assert float(per_speed(0.02, 0.12)) > float(per_speed(0.02, 0.03)) > float(per_speed(0.01, 0.03))
    strip = 3000.0**2 * 1e-2 * 0.01**2 / (12.0 * 1.8e-6) * 1e-4  # omega^2 <B~^2> w^2 / (12 rho) per volume
    assert 3000.0 * float(per_speed(0.01, 10.0)) == pytest.approx(strip, rel=1e-5)
    assert float(per_speed(0.02, 0.03, 0.0)) == 0.0


def test_oil_mist_lies_between_air_and_oil():
    """No oil: air. Windage grows with the oil in the gap and is differentiable in its share."""
    air = air_warm()
    none = oil_mist(air, GEAR_OIL, jnp.zeros(()))
    for name in ("density", "specific_heat", "thermal_conductivity", "viscosity"):
        assert float(getattr(none, name)) == pytest.approx(float(getattr(air, name)), rel=1e-12)
    torque = lambda share: windage_torque(  # noqa: E731
        jnp.asarray(1500.0), jnp.asarray(0.075), jnp.asarray(0.02), 0.7e-3, 0.15, oil_mist(air, GEAR_OIL, share)
    )
    torques, slopes = jax.jit(jax.vmap(jax.value_and_grad(torque)))(jnp.array([0.0, 1e-3, 5e-3, 2e-2, 0.1]))
    assert np.all(np.diff(torques) > 0.0) and np.all(np.isfinite(slopes))


@pytest.mark.parametrize("coefficient", [lambda r: cylinder_torque_coefficient(r, 0.01), disc_torque_coefficient])
def test_windage_regimes_are_continuous(coefficient):
    """Over Reynolds numbers 1 to 1e7: steps of 1 % change the coefficient by no more than the steepest law (laminar,
    1/Re) allows; the blends' own slopes stay below twice that."""
    reynolds = jnp.exp(jnp.linspace(0.0, 16.0, 1601))
    logarithm, slope = jax.jit(jax.vmap(jax.value_and_grad(lambda r: jnp.log(coefficient(r)))))(reynolds)
    assert np.all(np.isfinite(logarithm))
    assert np.max(np.abs(np.diff(logarithm))) < 0.02
    assert np.max(np.abs(slope * reynolds)) < 2.0
