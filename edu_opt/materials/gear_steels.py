"""Gear steels: endurance limits and life curves for flank (pitting) and root (bending), by ISO 6336-5's classes.

Limits are ISO 6336-5:2003 values (Hertz pressure and nominal stress number of the standard test gears, 1 % damage). Of
the through-hardening steels they are straight lines of the hardness. Life curves are the corner points of ISO
6336-2:2006 table 2 and ISO 6336-3:2006 table 1, straight in log-log between them. The last ordinate (0.85 at 1e10) is
the standard's cautious value; 1.0 needs optimum lubrication, material and experience. The standard's tables are
recalled; the limits of quality ME were compared with a public table, MQ with the KISSsoft reports of the NREL 5 MW
gearbox (1500 and 700 MPa; Y_X, Z_W, running-in of both classes).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

Corners = tuple[float, float, float]

# Life curves (cycles, factors): flank ISO 6336-2 table 2 without permitted pitting, root ISO 6336-3 table 1
FLANK_HARD = ((1e5, 5e7, 1e10), (1.6, 1.0, 0.85))  # St, V, Eh, IF
FLANK_NITRIDED = ((1e5, 2e6, 1e10), (1.3, 1.0, 0.85))  # NT, NV (nitrided)
FLANK_NITROCARBURIZED = ((1e5, 2e6, 1e10), (1.1, 1.0, 0.85))
ROOT_HARD = ((1e3, 3e6, 1e10), (2.5, 1.0, 0.85))  # Eh, IF
ROOT_TEMPERED = ((1e4, 3e6, 1e10), (2.5, 1.0, 0.85))  # St, V
ROOT_NITRIDED = ((1e3, 3e6, 1e10), (1.6, 1.0, 0.85))
ROOT_NITROCARBURIZED = ((1e3, 3e6, 1e10), (1.1, 1.0, 0.85))


@dataclasses.dataclass(frozen=True)
class GearSteelData:
    """One quality. `flank_cycles`/`flank_factors` and the root pair are the three corners of the life curve; None where
    no life curve is known (such a material is refused). Running-in: a share of the base pitch deviation, at most the
    two limits below and above 10 m/s (ISO 6336-1 clause 8.3.5; helix deviations run in by twice both). M of the mean
    stress influence = first - second Y_S (ISO 6336-3 table B.1)."""

    name: str
    source: str
    flank_limit: float
    root_limit: float
    brinell_hardness: float
    flank_cycles: Corners | None
    flank_factors: Corners | None
    root_cycles: Corners | None
    root_factors: Corners | None
    slip_layer: float  # m, thickness rho' of ISO 6336-3 table 3
    static_notch_slope: float  # Y_delta rel T static = 1 + slope (Y_S - 2), ISO 6336-3 eqs. 47 to 51
    size_line: tuple[float, float, float]  # Y_X = first - second m_n [mm] from 5 mm to the third (ISO 6336-3 table 5)
    roughness_law: tuple[float, float, float]  # Y_R rel T = first - second (Rz [um] + 1)^third (eqs. 55 to 57)
    mean_stress: tuple[float, float] = (0.8, 0.15)
    running_in_share: float = 0.075
    running_in_limit: tuple[float, float] = (3e-6, 3e-6)
    density: float = 7830.0
    young_modulus: float = 206e9
    poisson_ratio: float = 0.3


@pytree
class GearSteel:
    """One quality as data of a program; fields as in `GearSteelData`. Limits [Pa], cycles and factors (3,) corners of
    the life curves, slip layer and running-in limits [m], density [kg/m^3], Young's modulus [Pa]."""

    flank_limit: jax.Array
    root_limit: jax.Array
    brinell_hardness: jax.Array
    flank_cycles: jax.Array
    flank_factors: jax.Array
    root_cycles: jax.Array
    root_factors: jax.Array
    slip_layer: jax.Array
    static_notch_slope: jax.Array
    size_line: jax.Array
    roughness_law: jax.Array
    mean_stress: jax.Array
    running_in_share: jax.Array
    running_in_limit: jax.Array
    density: jax.Array
    young_modulus: jax.Array
    poisson_ratio: jax.Array


HARD_ROUGHNESS = (1.674, 0.529, 0.1)
NITRIDED_ROUGHNESS = (4.299, 3.259, 0.0058)

CASE_HARDENED = GearSteelData(
    name="case_hardened_mq",
    source="ISO 6336-5:2003 case carburized wrought steel, quality MQ, core hardness >= 25 HRC, Jominy >= HRC 28",
    flank_limit=1500e6,
    root_limit=461e6,
    brinell_hardness=650.0,
    flank_cycles=FLANK_HARD[0],
    flank_factors=FLANK_HARD[1],
    root_cycles=ROOT_HARD[0],
    root_factors=ROOT_HARD[1],
    slip_layer=0.0030e-3,
    static_notch_slope=0.44,
    size_line=(1.05, 0.010, 25.0),
    roughness_law=HARD_ROUGHNESS,
)

NITRIDED = GearSteelData(
    name="nitrided_mq",
    source="ISO 6336-5:2003 nitriding steel (NT), gas nitrided, 650 to 900 HV, quality MQ",
    flank_limit=1250e6,
    root_limit=420e6,
    brinell_hardness=650.0,
    flank_cycles=FLANK_NITRIDED[0],
    flank_factors=FLANK_NITRIDED[1],
    root_cycles=ROOT_NITRIDED[0],
    root_factors=ROOT_NITRIDED[1],
    slip_layer=0.1005e-3,
    static_notch_slope=0.20,
    size_line=(1.05, 0.010, 25.0),
    roughness_law=NITRIDED_ROUGHNESS,
    mean_stress=(0.3, 0.0),
)


def through_hardened_data(vickers: float, yield_strength: float, slip_layer: float) -> GearSteelData:
    """Alloyed through-hardened wrought steel (V), quality MQ, ISO 6336-5:2003: limits in MPa 1.313 HV + 373 and
    0.425 HV + 187 (200 to 360 HV); 0.95 HB a HV; yield strength [Pa], slip layer [m] of that strength."""
    flank = 1.313 * vickers + 373.0
    notch = 0.82 * (300e6 / yield_strength) ** 0.25
    return GearSteelData(
        name=f"through_hardened_mq_{vickers:.0f}hv",
        source=f"ISO 6336-5:2003 alloyed through-hardened wrought steel, quality MQ, {vickers:.0f} HV",
        flank_limit=flank * 1e6,
        root_limit=(0.425 * vickers + 187.0) * 1e6,
        brinell_hardness=0.95 * vickers,
        flank_cycles=FLANK_HARD[0],
        flank_factors=FLANK_HARD[1],
        root_cycles=ROOT_TEMPERED[0],
        root_factors=ROOT_TEMPERED[1],
        slip_layer=slip_layer,
        static_notch_slope=notch / (1.0 + notch),
        size_line=(1.03, 0.006, 30.0),
        roughness_law=HARD_ROUGHNESS,
        mean_stress=(0.3, 0.0),
        running_in_share=160.0 / flank,
        running_in_limit=(12800.0 / flank * 1e-6, 6400.0 / flank * 1e-6),
    )


def vickers_of_flank_limit(flank_limit: float) -> float:
    """HV of an alloyed through-hardened steel, quality MQ, from its flank limit [Pa]: the inverse of ISO 6336-5's
    line."""
    return (flank_limit * 1e-6 - 373.0) / 1.313


_ALL = (
    CASE_HARDENED,
    dataclasses.replace(
        CASE_HARDENED,
        name="case_hardened_ml",
        source="ISO 6336-5:2003 case carburized wrought steel, quality ML",
        flank_limit=1300e6,
        root_limit=312e6,
    ),
    dataclasses.replace(
        CASE_HARDENED,
        name="case_hardened_me",
        source="ISO 6336-5:2003 case carburized wrought steel, quality ME",
        flank_limit=1650e6,
        root_limit=525e6,
    ),
    dataclasses.replace(
        CASE_HARDENED,
        name="case_hardened_mq_peened",
        source="case_hardened_mq, roots shot peened: M = 0.4 (ISO 6336-3 table B.1); no higher limit is taken for it",
        mean_stress=(0.4, 0.0),
    ),
    dataclasses.replace(
        CASE_HARDENED,
        name="18crnimo7_6_kisssoft",
        source="KISSsoft 03/2017 data base 18CrNiMo7-6 as printed in the NREL 5 MW reports (1500 / 430 MPa)",
        root_limit=430e6,
    ),
    NITRIDED,
    dataclasses.replace(
        NITRIDED,
        name="nitrided_me",
        source="ISO 6336-5:2003 nitriding steel (NT), gas nitrided, 650 to 900 HV, quality ME",
        flank_limit=1450e6,
        root_limit=468e6,
    ),
    dataclasses.replace(
        NITRIDED,
        name="through_hardened_nitrided_mq",
        source="ISO 6336-5:2003 through-hardening steel (NV), gas nitrided, 450 to 650 HV, quality MQ",
        flank_limit=998e6,
        root_limit=363e6,
        brinell_hardness=520.0,
    ),
    dataclasses.replace(
        NITRIDED,
        name="carbonitrided_mq",
        source="ISO 6336-5:2003 through-hardening steel (NV), nitrocarburized (ISO 6336-5:1996: carbonitrided), "
        "450 to 650 HV, qualities MQ and ME",
        flank_limit=950e6,
        root_limit=388e6,
        brinell_hardness=520.0,
        flank_cycles=FLANK_NITROCARBURIZED[0],
        flank_factors=FLANK_NITROCARBURIZED[1],
        root_cycles=ROOT_NITROCARBURIZED[0],
        root_factors=ROOT_NITROCARBURIZED[1],
    ),
    dataclasses.replace(
        through_hardened_data(249.0, 800e6, 0.0064e-3),
        name="through_hardened",
        source="limits 700 / 290 MPa of the KISSsoft NREL 5 MW stage 2 ring (240 HB); ISO 6336-5 line MQ at 249 HV",
        flank_limit=700e6,
        root_limit=290e6,
    ),
    through_hardened_data(300.0, 800e6, 0.0064e-3),
)
GEAR_STEELS: dict[str, GearSteelData] = {data.name: data for data in _ALL}


def steel_leaves(data: GearSteelData) -> GearSteel:
    """Leaves of a quality; one without life curves is refused by name."""
    missing = [
        field for field in ("flank_cycles", "flank_factors", "root_cycles", "root_factors") if not getattr(data, field)
    ]
    if missing:
        raise ValueError(f"gear steel {data.name!r} has no life data ({', '.join(missing)}): it cannot be rated")
    return GearSteel(**{f.name: jnp.asarray(getattr(data, f.name), float) for f in dataclasses.fields(GearSteel)})


def gear_steel(name: str) -> GearSteel:
    """Leaves of a quality by name; an unknown name raises KeyError with the names that exist."""
    if name not in GEAR_STEELS:
        raise KeyError(f"gear steel {name!r} is not among {', '.join(sorted(GEAR_STEELS))}")
    return steel_leaves(GEAR_STEELS[name])


def elasticity_factor(first: GearSteel, second: GearSteel) -> jax.Array:
    """Z_E of a pair [sqrt(Pa)] = 1/sqrt(pi ((1 - nu_1^2)/E_1 + (1 - nu_2^2)/E_2)), ISO 6336-2 eq. 22."""
    compliance = [(1.0 - steel.poisson_ratio**2) / steel.young_modulus for steel in (first, second)]
    return 1.0 / jnp.sqrt(jnp.pi * (compliance[0] + compliance[1]))
