"""Contract cases of the gearbox: losses of the parallel layout, rating, mass and size of the planetary one.

One case a layout keeps the compile time of the default tier small; the slow tests of the gearbox cross the other way.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.margins import rating_margins
from edu_opt.gearbox.model import Manufacture, gearbox_from_values, gearbox_space, ratio, stacked_geometry
from edu_opt.gearbox.packaging import gearbox_dimensions, gearbox_masses
from edu_opt.gearbox.rating import rate
from edu_opt.gearbox.shaft_checks import shaft_margins
from tests.contract import ContractCase

SPECTRUM = LoadSpectrum(
    axle_torque=jnp.array([3200.0, 1500.0, 300.0, 0.0, -800.0]),
    axle_speed=jnp.array([25.0, 35.0, 60.0, 60.0, 40.0]),
    duration=jnp.array([2e3, 8e4, 1.2e6, 4e5, 2e5]),
)


def losses_parallel_axis(values: jax.Array) -> dict[str, jax.Array]:
    """Losses driving, coasting and idle with a dipping wheel, plus the ratio."""
    gearbox = gearbox_from_values("parallel_axis", values, manufacture=Manufacture(immersion=0.02))
    torque, speed = jnp.array([1500.0, -300.0, 0.0]), jnp.array([40.0, 90.0, 120.0])
    losses = jax.vmap(lambda t, n: gearbox_losses(gearbox, t, n, 70.0))(torque, speed)
    names = ("mesh", "bearing", "churning", "windage", "seal")
    parts = {f"{name}_{k}": getattr(losses, name)[k] for name in names for k in range(3)}
    return {**parts, "ratio": ratio(gearbox)}


def rating_planetary(values: jax.Array) -> dict[str, jax.Array]:
    """Every margin, total mass, length and diameter."""
    gearbox = gearbox_from_values("planetary", values)
    size = gearbox_dimensions(gearbox)
    rating = rate(gearbox, SPECTRUM, jnp.asarray(3200.0))
    return {
        **rating_margins(rating),
        **shaft_margins(gearbox, stacked_geometry(gearbox), rating.bearings, SPECTRUM, jnp.asarray(3200.0)),
        "mass": gearbox_masses(gearbox, 3200.0).total,
        "length": size.length,
        "diameter": size.diameter,
    }


NO_EAGER = "thousands of small operations: eager, each compiles alone"
CASES = [
    ContractCase.from_space(
        "gearbox losses, parallel axis", gearbox_space("parallel_axis"), losses_parallel_axis, eager=not NO_EAGER
    ),
    ContractCase.from_space(
        "gearbox rating, planetary", gearbox_space("planetary"), rating_planetary, eager=not NO_EAGER, slow=True
    ),
]
