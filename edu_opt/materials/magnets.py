"""Sintered magnets, NdFeB and ferrite: remanence and knee over temperature, resistivity, density.

Straight lines in temperature between the cited end points; the knee is the flux density on the demagnetization line
below which part of the magnetization is lost for good. That of NdFeB rises with temperature (hot is the worst case),
that of ferrite falls (cold is).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

REFERENCE_CELSIUS = 20.0


@dataclasses.dataclass(frozen=True)
class MagnetData:
    """One grade. `knee_line` = (flux density [T] at 20 degC, slope [T/K]); `remanence_slope` [1/K] relative."""

    name: str
    source: str
    remanence: float
    remanence_slope: float
    relative_permeability: float
    knee_line: tuple[float, float]
    resistivity: float
    density: float
    holds_rare_earths: bool = True


@pytree
class Magnet:
    """One grade as data of a program: every field a scalar leaf, `knee_line` (2,); `holds_rare_earths` is 1 or 0."""

    remanence: jax.Array
    remanence_slope: jax.Array
    relative_permeability: jax.Array
    knee_line: jax.Array
    resistivity: jax.Array
    density: jax.Array
    holds_rare_earths: jax.Array


MAGNETS: dict[str, MagnetData] = {
    "N42UH": MagnetData(
        name="N42UH",
        source="SyR-e layer_material.mat N42UH (table -40 to 180 degC; knee slope from its 20 and 180 degC rows)",
        remanence=1.31,
        remanence_slope=-0.0012,
        relative_permeability=1.051932,
        knee_line=(-1.320575, (0.5744542 + 1.320575) / 160.0),
        resistivity=1.40e-6,
        density=7600.0,
    ),
    "N42EH": MagnetData(
        name="N42EH",
        source=(
            "Motor-CAD data base in TUMFTM PSM_ID3_Deininger.mot: Br, slope, HcJ 2308 kA/m, -0.42 %/K, resistivity; "
            "knee = mu0 mu_r (-HcJ) + Br at 0.95 HcJ between 20 and 150 degC, straight line (derived)"
        ),
        remanence=1.31,
        remanence_slope=-0.0012,
        relative_permeability=1.05,
        knee_line=(-1.5831, 0.01059),
        resistivity=1.80e-6,
        density=7500.0,
    ),
    "N40EH": MagnetData(
        name="N40EH",
        source="SyR-e layer_material.mat N40EH (knee slope from its 20 and 180 degC rows)",
        remanence=1.27,
        remanence_slope=-0.0012,
        relative_permeability=1.04,
        knee_line=(-1.850883, (0.002510286 + 1.850883) / 160.0),
        resistivity=1.40e-6,
        density=7500.0,
    ),
    "FB9B": MagnetData(
        name="FB9B",
        source=(
            "TDK catalogue of strontium ferrites, grade FB9B (recalled): Br 0.45 T, HcB 342, HcJ 358 kA/m, -0.18 and "
            "+0.3 %/K, density 4.9 g/cm3; knee = Br - 0.95 mu0 mu_r HcJ at -40 and 150 degC, straight line (derived)"
        ),
        remanence=0.45,
        remanence_slope=-0.0018,
        relative_permeability=1.046,
        knee_line=(0.003, -0.00215),
        resistivity=1.0e4,
        density=4900.0,
        holds_rare_earths=False,
    ),
}


def magnet(name: str) -> Magnet:
    """Leaves of a grade by name; an unknown name raises KeyError with the names that exist."""
    if name not in MAGNETS:
        raise KeyError(f"magnet {name!r} is not among {', '.join(sorted(MAGNETS))}")
    data = MAGNETS[name]
    fields = {f.name: jnp.asarray(getattr(data, f.name), float) for f in dataclasses.fields(Magnet)}
    return Magnet(**fields)


def remanence(grade: Magnet, celsius: jax.Array) -> jax.Array:
    """Remanent flux density [T] at a temperature [degC]; valid -40 to 180 degC."""
    return grade.remanence * (1.0 + grade.remanence_slope * (celsius - REFERENCE_CELSIUS))


def knee_flux_density(grade: Magnet, celsius: jax.Array) -> jax.Array:
    """Flux density of the knee [T] at a temperature [degC]; a working point below it demagnetizes."""
    return grade.knee_line[0] + grade.knee_line[1] * (celsius - REFERENCE_CELSIUS)
