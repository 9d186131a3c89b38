"""Materials: stored loss coefficients are the fit they claim to be; curves rise; knees and resistivities are sane."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import nnls

from edu_opt.materials.conductors import conductor, resistivity
from edu_opt.materials.magnets import MAGNETS, knee_flux_density, magnet, remanence
from edu_opt.materials.steel_tables import STEELS
from edu_opt.materials.steels import electrical_steel, loss_per_mass


def _rows(data):
    for frequency, densities, losses in data.loss_table:
        if frequency <= data.fit_range_hertz:
            for b, p in zip(densities, losses, strict=True):
                if b >= 0.2:
                    yield frequency, b, p


@pytest.mark.parametrize("name", sorted(STEELS))
def test_loss_coefficients_repeat_the_fit(name):
    data = STEELS[name]
    f, b, p = np.array(list(_rows(data))).T
    terms = np.stack([f * b**1.5, f * b**2, f * b**4, f**2 * b**2, (f * b) ** 1.5], 1) / p[:, None]
    fitted, _ = nnls(terms, np.ones(p.size))
    stored = np.array([*data.hysteresis, data.classical, data.excess])
    np.testing.assert_allclose(stored, fitted, rtol=1e-3, atol=1e-9)
    error = np.asarray(loss_per_mass(electrical_steel(name), f, b)) / p - 1.0
    assert np.sqrt(np.mean(error**2)) == pytest.approx(data.fit_rms_error, abs=2e-3)
    assert np.abs(error).max() == pytest.approx(data.fit_max_error, abs=2e-3)


@pytest.mark.parametrize("name", sorted(STEELS))
def test_magnetization_curves_rise_and_saturate(name):
    data = STEELS[name]
    h, b = np.array(data.field_strength), np.array(data.flux_density)
    assert np.all(np.diff(h) > 0) and np.all(np.diff(b) > 0)
    assert 1.9 < b[-1] - 4e-7 * np.pi * h[-1] < 2.15  # polarization at saturation [T]


def test_classical_coefficient_is_near_the_sheet_formula():
    """pi^2 t^2 / (6 rho density) within a factor that anomalous loss explains; NO20: 1.65e-5 from the sheet."""
    data = STEELS["NO20"]
    sheet = np.pi**2 * data.thickness**2 / (6 * data.resistivity * data.density)
    assert 0.7 < data.classical / sheet < 1.4


def test_magnets_against_their_tables():
    grade = magnet("N42UH")
    assert float(remanence(grade, jnp.asarray(150.0))) == pytest.approx(1.10564, rel=2e-3)
    assert float(knee_flux_density(grade, jnp.asarray(100.0))) == pytest.approx(-0.3730605, abs=0.01)
    for name in MAGNETS:
        assert float(knee_flux_density(magnet(name), jnp.asarray(150.0))) < 0.3


def test_ferrite_is_weakest_cold_and_neodymium_hot():
    cold, hot = jnp.asarray(-40.0), jnp.asarray(150.0)
    ferrite, neodymium = (magnet(name) for name in ("FB9B", "N42UH"))
    above = lambda grade, at: float(remanence(grade, at) - knee_flux_density(grade, at))  # noqa: E731
    assert above(ferrite, cold) < above(ferrite, hot) and above(neodymium, hot) < above(neodymium, cold)
    # 0.95 HcJ in reverse field reaches the knee: Br - knee = 0.95 mu0 mu_r HcJ, HcJ 358 kA/m + 0.3 %/K
    expected = 0.95 * 4e-7 * np.pi * 1.046 * 358e3 * (1.0 - 0.003 * 60.0)
    assert above(ferrite, cold) == pytest.approx(expected, rel=0.01)
    assert float(ferrite.holds_rare_earths) == 0.0 and float(neodymium.holds_rare_earths) == 1.0


def test_copper_at_158_celsius():
    assert float(resistivity(conductor("copper"), jnp.asarray(158.0))) == pytest.approx(2.6428e-8, rel=1e-3)


def test_unknown_names_list_the_known_ones():
    for call in (electrical_steel, magnet, conductor):
        with pytest.raises(KeyError, match="is not among"):
            call("unobtainium")
