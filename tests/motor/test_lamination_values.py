"""Design values of given laminations: the inverse of the design space's own."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_values import lamination_values
from edu_opt.motor.reference_laminations import bmw_gen5, bmw_i3

TEMPLATES = {
    "eesm": Template(rotor="eesm", slots_per_pole=9),
    "ipm": Template(rotor="ipm", slots_per_pole=6),
}


@pytest.mark.parametrize("pole_pairs", [2.0, 4.0])
@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_a_lamination_of_the_space_comes_back(kind: str, pole_pairs: float) -> None:
    space = lamination_space(TEMPLATES[kind])
    for point in np.random.default_rng(5).uniform(0.1, 0.9, (5, len(space))):
        values = np.asarray(space.to_physical(jnp.asarray(point)))
        found = lamination_values(lamination_from_values(TEMPLATES[kind], jnp.asarray(pole_pairs), jnp.asarray(values)))
        np.testing.assert_allclose(space.from_mapping(found), values, rtol=1e-9)


def test_a_real_lamination_keeps_its_main_lengths() -> None:
    """Radii, air gap, pole body and shoe of the Gen5-like machine; its slot taper lies outside the range (not here)."""
    lamination = bmw_gen5()
    space = lamination_space(lamination.template)
    again = lamination_from_values(
        lamination.template, lamination.pole_pairs, jnp.asarray(space.from_mapping(lamination_values(lamination)))
    )
    for part, names in {
        "stator": ("outer_radius", "bore_radius", "opening_width", "slot_width_top", "slot_depth", "wedge_height"),
        "rotor": ("outer_radius", "shaft_radius", "shoe_width", "body_width", "body_height", "face_radius"),
    }.items():
        for name in names:
            expected = float(getattr(getattr(lamination, part), name))
            assert float(getattr(getattr(again, part), name)) == pytest.approx(expected, rel=1e-6), name


def test_layers_have_no_inverse() -> None:
    assert all(name.startswith("lamination.") for name in lamination_values(bmw_i3()))
