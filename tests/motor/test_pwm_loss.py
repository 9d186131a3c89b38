"""Losses by the inverter's ripple: voltage and flux of a simulated modulator, limits and laws of the losses."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.modulation import ripple_flux, ripple_voltage_square
from edu_opt.materials.steels import ElectricalSteel, electrical_steel
from edu_opt.motor.iron_loss import sheet_skin_factor, sheet_thickness_in_skin_depths
from edu_opt.motor.pwm_loss import PhaseRipple, leakage_inductance, pwm_copper_loss, pwm_iron_loss
from edu_opt.motor.results import uniform_temperatures
from tests.motor.reference_motors import analytic_motor

VOLTS, CARRIER = 400.0, 10e3


def simulated(index: float) -> tuple[float, float]:
    """Mean square ripple voltage [V^2] and RMS ripple flux [Wb] of a phase: naturally sampled space-vector modulation,
    200 carrier periods of 400 steps."""
    carriers, steps = 200, 400
    angle = 2.0 * np.pi * (np.arange(carriers)[:, None] + 0.5) / carriers
    reference = 0.5 * index * np.cos(angle - np.array([0.0, 2.0, 4.0]) * np.pi / 3.0)
    reference = reference - 0.5 * (reference.max(1) + reference.min(1))[:, None]
    triangle = np.abs(2.0 * ((np.arange(steps) + 0.5) / steps) - 1.0) - 0.5  # of the DC voltage
    legs = VOLTS * ((reference[:, None] > triangle[None, :, None]) - 0.5)
    phase = legs[..., 0] - legs.mean(-1)
    wanted = VOLTS * (reference[:, 0] - reference.mean(1))
    ripple = phase - wanted[:, None]
    flux = np.cumsum(ripple, 1) / (CARRIER * steps)
    return float(np.mean(ripple**2)), float(np.sqrt(np.mean((flux - flux.mean(1)[:, None]) ** 2)))


@pytest.mark.parametrize("index", [0.2, 0.6, 1.0])
def test_ripple_of_a_simulated_modulator(index: float) -> None:
    square, flux = simulated(index)
    assert float(ripple_voltage_square(jnp.asarray(index), VOLTS)) == pytest.approx(square, rel=0.02)
    assert float(ripple_flux(jnp.asarray(index), VOLTS, CARRIER)) == pytest.approx(flux, rel=0.02)


def skin_at(steel: ElectricalSteel, frequency: float) -> float:
    """Skin factor of a sheet at a frequency [Hz]."""
    return float(sheet_skin_factor(sheet_thickness_in_skin_depths(steel) ** 4 * frequency**2))


def test_skin_factor_of_a_sheet() -> None:
    """One at low frequency; 3 / x far above, as if only two skins carried the loss."""
    steel = electrical_steel("NO27")
    assert skin_at(steel, 10.0) == pytest.approx(1.0, abs=1e-6)
    depth = np.sqrt(float(steel.resistivity) / (np.pi * 100e3 * 1000.0 * 4e-7 * np.pi))
    x = float(steel.thickness) / depth
    exact = 3.0 / x * (np.sinh(x) - np.sin(x)) / (np.cosh(x) - np.cos(x))
    assert skin_at(steel, 100e3) == pytest.approx(exact, rel=1e-5)
    assert exact == pytest.approx(3.0 / x, rel=0.01)


@pytest.fixture(scope="module", params=["ipm", "eesm", "im"])
def motor(request):
    return analytic_motor(request.param)


def ripple(index: float, carrier: float = CARRIER) -> PhaseRipple:
    at = jnp.asarray(index)
    return PhaseRipple(
        voltage_square=ripple_voltage_square(at, VOLTS),
        flux=ripple_flux(at, VOLTS, carrier),
        frequency=jnp.asarray(carrier),
    )


def test_laws_of_the_losses(motor) -> None:
    currents = jnp.array([100.0 if motor.cage else -100.0, 200.0, 4.0 if float(motor.field_turns) else 0.0])
    temperatures, inductances = uniform_temperatures(100.0), jnp.array([2e-4, 3e-4])
    iron = jax.jit(lambda r: pwm_iron_loss(motor, currents, r))
    copper = jax.jit(lambda r: pwm_copper_loss(motor, inductances, r, temperatures))
    here = ripple(0.8)
    assert float(iron(here)) > 0.0 and float(copper(here)) > 0.0
    twice = dataclasses.replace(here, voltage_square=2.0 * here.voltage_square, flux=2.0 * here.flux)
    assert float(iron(twice)) == pytest.approx(2.0 * float(iron(here)))
    assert float(copper(twice)) == pytest.approx(4.0 * float(copper(here)))
    assert float(copper(ripple(0.8, 2.0 * CARRIER))) < float(copper(here))  # less current, though more skin effect
    skin = [skin_at(motor.steel, f) for f in (CARRIER, 2.0 * CARRIER)]
    assert float(iron(ripple(0.8, 2.0 * CARRIER))) / float(iron(here)) == pytest.approx(skin[1] / skin[0])
    least = float(leakage_inductance(motor))
    saturated = jax.jit(lambda values: pwm_copper_loss(motor, values, here, temperatures))
    assert 0.0 < least < 2e-4
    bound = saturated(jnp.full(2, least))
    assert float(saturated(jnp.array([-1e-5, 0.0]))) < 1.3 * float(bound)  # a map's slip is no short circuit
    none = PhaseRipple(voltage_square=jnp.zeros(()), flux=jnp.zeros(()), frequency=jnp.asarray(CARRIER))
    assert float(iron(none)) == 0.0 == float(copper(none))
    slope = jax.jit(jax.grad(lambda i: pwm_iron_loss(motor, i, here)))(jnp.zeros(3))
    assert np.all(np.isfinite(slope))
