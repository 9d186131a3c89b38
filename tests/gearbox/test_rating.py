"""Rating of whole gearboxes: bodies of every layout, optional requirements, what more load and worse oil do."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.margins import GearboxRequirements, rating_margins
from edu_opt.gearbox.model import Gearbox, gearbox_from_values, gearbox_space, stacked_geometry
from edu_opt.gearbox.noise import motor_orders
from edu_opt.gearbox.rating import rate
from edu_opt.gearbox.rating_bodies import mesh_bodies
from edu_opt.gearbox.scuffing import Lubrication
from edu_opt.numerics.pytree import replace
from tests.contract_cases.gearbox import SPECTRUM

PEAK = jnp.asarray(3200.0)


def middle(layout: str) -> Gearbox:
    """Design in the middle of a layout's box."""
    space = gearbox_space(layout)
    return gearbox_from_values(layout, jnp.asarray(0.5 * (space.low + space.high)))


@pytest.mark.parametrize(
    ("layout", "idlers", "meshes"),
    [
        ("parallel_axis", [[0, 0], [0, 0]], [[1, 1], [1, 1]]),
        ("planetary", [[0, 0], [0, 0]], [[4, 1], [1, 0]]),  # four planets in the middle of the range
        ("simple_planetary", [[0, 1], [1, 0]], [[4, 1], [1, 0]]),
    ],
)
def test_planets_of_one_step_idle_and_rings_stand(layout: str, idlers: list, meshes: list) -> None:
    gearbox = middle(layout)
    bodies = mesh_bodies(gearbox, stacked_geometry(gearbox))
    np.testing.assert_array_equal(bodies.idler, idlers)
    np.testing.assert_array_equal(bodies.meshes, meshes)
    assert np.all(np.asarray(bodies.rim_thickness) > 0.0) and np.all(np.asarray(bodies.bore_ratio) < 1.0)


@pytest.fixture(scope="module")
def rated():
    """A simple planetary, rated with a good and with a poor oil."""
    gearbox = middle("simple_planetary")
    poor = Lubrication(fzg_stage=9.0, micropitting_stage=7.0, oil_temperature=95.0)
    return rate(gearbox, SPECTRUM, PEAK), rate(gearbox, SPECTRUM, PEAK, lubrication=poor)


@pytest.mark.slow
def test_idlers_lose_strength_and_poor_oil_loses_safety(rated) -> None:
    good, poor = rated
    factor = np.asarray(good.meshes.mean_stress_factor)
    np.testing.assert_array_equal(factor[[0, 1], [0, 1]], 1.0)
    assert np.all((factor[[0, 1], [1, 0]] > 0.6) & (factor[[0, 1], [1, 0]] < 0.75))
    for name in ("scuffing_integral", "scuffing_flash", "micropitting", "specific_film"):
        better, worse = getattr(good.lubrication, name), getattr(poor.lubrication, name)
        assert np.all(np.asarray(worse) < np.asarray(better)), name
    np.testing.assert_allclose(good.meshes.flank_safety, poor.meshes.flank_safety)


@pytest.mark.slow
def test_optional_requirements_are_left_out_until_set(rated) -> None:
    good, _ = rated
    plain = rating_margins(good)
    optional = {"micropitting", "overlap_mismatch", "total_mismatch", "order_separation"}
    assert not optional & set(plain) and "scuffing" in plain
    limits = GearboxRequirements(
        micropitting_safety=1.0,
        overlap_mismatch=0.5,
        total_mismatch=0.5,
        order_separation=0.05,
        motor_orders=motor_orders(4.0, 48.0),
    )
    margins = rating_margins(good, limits)
    assert set(margins) == set(plain) | optional
    smallest = float(np.min(np.asarray(good.lubrication.micropitting)))
    assert float(margins["micropitting"]) == pytest.approx(smallest - 1.0, abs=0.02)
    with pytest.raises(ValueError, match="motor_orders"):
        rating_margins(good, replace(limits, motor_orders=None))
