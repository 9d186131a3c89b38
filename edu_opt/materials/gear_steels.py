"""Gear steels: endurance limits and life curves for flank (pitting) and root (bending).

Limits are ISO 6336-5 values (Hertz pressure and nominal stress number of the standard test gears, 1 % damage); life
curves are the corner points of ISO 6336-2:2006 table 2 and ISO 6336-3:2006 table 1, straight in log-log between
them. The last ordinate (0.85 at 1e10) is the standard's cautious value; 1.0 needs optimum lubrication, material and
experience.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@dataclasses.dataclass(frozen=True)
class GearSteelData:
    """One quality. `flank_cycles`/`flank_factors` and the root pair are the three corners of the life curve."""

    name: str
    source: str
    flank_limit: float
    root_limit: float
    flank_cycles: tuple[float, float, float]
    flank_factors: tuple[float, float, float]
    root_cycles: tuple[float, float, float]
    root_factors: tuple[float, float, float]
    slip_layer: float  # m, thickness rho' of ISO 6336-3 table 3
    size_line: tuple[float, float, float]  # Y_X = first - second m_n [mm] from 5 mm to the third (ISO 6336-3 table 5)
    density: float = 7830.0
    young_modulus: float = 206e9
    poisson_ratio: float = 0.3


@pytree
class GearSteel:
    """One quality as data of a program. Limits [Pa], cycles and factors (3,) corners of the life curves, slip layer
    [m], density [kg/m^3], Young's modulus [Pa]."""

    flank_limit: jax.Array
    root_limit: jax.Array
    flank_cycles: jax.Array
    flank_factors: jax.Array
    root_cycles: jax.Array
    root_factors: jax.Array
    slip_layer: jax.Array
    size_line: jax.Array
    density: jax.Array
    young_modulus: jax.Array
    poisson_ratio: jax.Array


CASE_HARDENED = GearSteelData(
    name="case_hardened_mq",
    source="ISO 6336-5:2003 case carburized wrought steel, quality MQ, core hardness >= 25 HRC, Jominy >= HRC 28",
    flank_limit=1500e6,
    root_limit=461e6,
    flank_cycles=(1e5, 5e7, 1e10),
    flank_factors=(1.6, 1.0, 0.85),
    root_cycles=(1e3, 3e6, 1e10),
    root_factors=(2.5, 1.0, 0.85),
    slip_layer=0.0030e-3,
    size_line=(1.05, 0.010, 25.0),
)

GEAR_STEELS: dict[str, GearSteelData] = {
    "case_hardened_mq": CASE_HARDENED,
    "case_hardened_me": dataclasses.replace(
        CASE_HARDENED,
        name="case_hardened_me",
        source="ISO 6336-5:2003 case carburized wrought steel, quality ME",
        flank_limit=1650e6,
        root_limit=525e6,
    ),
    "18crnimo7_6_kisssoft": dataclasses.replace(
        CASE_HARDENED,
        name="18crnimo7_6_kisssoft",
        source="KISSsoft 03/2017 data base 18CrNiMo7-6 as printed in the NREL 5 MW reports (1500 / 430 MPa)",
        root_limit=430e6,
    ),
    "nitrided_mq": GearSteelData(
        name="nitrided_mq",
        source="ISO 6336-5:2003 gas nitrided nitriding steel, quality MQ (limits recalled, confidence C)",
        flank_limit=1250e6,
        root_limit=420e6,
        flank_cycles=(1e5, 2e6, 1e10),
        flank_factors=(1.3, 1.0, 0.85),
        root_cycles=(1e3, 3e6, 1e10),
        root_factors=(1.6, 1.0, 0.85),
        slip_layer=0.1005e-3,
        size_line=(1.05, 0.010, 25.0),
    ),
    "through_hardened": GearSteelData(
        name="through_hardened",
        source="limits 700 / 290 MPa of the KISSsoft NREL 5 MW stage 2 ring; life corners ISO 6336-2/-3 for St, V",
        flank_limit=700e6,
        root_limit=290e6,
        flank_cycles=(1e5, 5e7, 1e10),
        flank_factors=(1.6, 1.0, 0.85),
        root_cycles=(1e4, 3e6, 1e10),
        root_factors=(2.5, 1.0, 0.85),
        slip_layer=0.0064e-3,  # yield strength 800 MPa
        size_line=(1.03, 0.006, 30.0),
    ),
}


def gear_steel(name: str) -> GearSteel:
    """Leaves of a quality by name; an unknown name raises KeyError with the names that exist."""
    if name not in GEAR_STEELS:
        raise KeyError(f"gear steel {name!r} is not among {', '.join(sorted(GEAR_STEELS))}")
    data = GEAR_STEELS[name]
    return GearSteel(**{f.name: jnp.asarray(getattr(data, f.name), float) for f in dataclasses.fields(GearSteel)})


def elasticity_factor(steel: GearSteel) -> jax.Array:
    """Z_E of a pair of this steel [sqrt(Pa)] = sqrt(E / (2 pi (1 - nu^2))), ISO 6336-2 eq. 23."""
    return jnp.sqrt(steel.young_modulus / (2.0 * jnp.pi * (1.0 - steel.poisson_ratio**2)))
