"""Electrical steels: smooth loss law of the grades in `edu_opt.materials.steel_tables`.

Loss per mass at sinusoidal flux density of amplitude B [T] and frequency f [Hz] (Bertotti's three terms; the hysteresis
energy as a sum of powers keeps the law linear in its coefficients and smooth at zero):

    p = f (h0 B^1.5 + h1 B^2 + h2 B^4) + c f^2 B^2 + e (f B)^1.5      [W/kg]

Coefficients: non-negative least squares of the relative error over the table from 0.2 T and up to `fit_range_hertz`
(`tests/motor/test_materials.py` repeats the fit); `fit_rms_error`, `fit_max_error` are its relative errors. Above that
range the classical term overstates (skin effect in the sheet).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.steel_tables import STEELS
from edu_opt.numerics.pytree import pytree


@pytree
class ElectricalSteel:
    """One grade as data of a program: every field a scalar leaf, `hysteresis` (3,)."""

    thickness: jax.Array
    density: jax.Array
    resistivity: jax.Array
    yield_strength: jax.Array
    stacking_factor: jax.Array
    hysteresis: jax.Array
    classical: jax.Array
    excess: jax.Array


HYSTERESIS_EXPONENTS = (1.5, 2.0, 4.0)


def electrical_steel(name: str) -> ElectricalSteel:
    """Leaves of a grade by name; an unknown name raises KeyError with the names that exist."""
    if name not in STEELS:
        raise KeyError(f"steel {name!r} is not among {', '.join(sorted(STEELS))}")
    data = STEELS[name]
    return ElectricalSteel(
        thickness=jnp.asarray(data.thickness),
        density=jnp.asarray(data.density),
        resistivity=jnp.asarray(data.resistivity),
        yield_strength=jnp.asarray(data.yield_strength),
        stacking_factor=jnp.asarray(data.stacking_factor),
        hysteresis=jnp.asarray(data.hysteresis),
        classical=jnp.asarray(data.classical),
        excess=jnp.asarray(data.excess),
    )


def loss_per_mass(steel: ElectricalSteel, frequency: jax.Array, flux_density: jax.Array) -> jax.Array:
    """Loss [W/kg] at sinusoidal flux density amplitude [T] >= 0 and frequency [Hz] (form in the module's head)."""
    b = flux_density
    energy = steel.hysteresis[0] * b**1.5 + steel.hysteresis[1] * b**2 + steel.hysteresis[2] * b**4
    return frequency * energy + steel.classical * (frequency * b) ** 2 + steel.excess * (frequency * b) ** 1.5
