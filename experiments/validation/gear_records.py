"""Worked gear examples as records: what they state, and what stands in where they are silent (named, never hidden).

Units of the records: mm, degrees, N m, MPa, rpm, um, h; lists are per gear.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.gearbox.load_factors import Deviations, Steels, counted_relief
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, make_pair
from edu_opt.materials.gear_steels import GearSteel, gear_steel, vickers_of_flank_limit
from edu_opt.materials.oils import Oil
from edu_opt.numerics.pytree import replace

HARD_STEEL_LIMIT = 1000.0  # MPa: above it a record's flank limit means a surface-hardened gear
BRINELL_PER_VICKERS = 0.95
RACKS = {"ISO 53 A": (1.25, 0.38), "ISO 53 B": (1.25, 0.30), "ISO 53 C": (1.25, 0.25), "ISO 53 D": (1.4, 0.39)}
TUBE_DENSITY = 7.83e-6  # kg/mm^3

Record = dict[str, Any]


class Report:
    """Prints one line a quantity and keeps the error with its tolerance; collects failures and defaults."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float]] = []
        self.failed: list[str] = []
        self.defaults: dict[str, Record] = {}

    def add(
        self, case: str, quantity: str, model: object, reference: object, tolerance: float, absolute: bool = False
    ) -> None:
        """Compare scalars or lists entry by entry; a reference that is absent is left out."""
        if reference is None:
            return
        mine, theirs = np.broadcast_arrays(
            np.atleast_1d(np.asarray(model, float)), np.atleast_1d(np.asarray(reference, float))
        )
        for k, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            error = float(a - b if absolute or b == 0.0 else a / b - 1.0)
            name = quantity if theirs.size == 1 else f"{quantity}[{k}]"
            line = {"case": case, "quantity": name, "model": float(a), "reference": float(b), "error": error}
            print(json.dumps(line))
            self.rows.append((abs(error) if np.isfinite(error) else np.inf, tolerance))

    def fail(self, case: str, reason: str) -> None:
        """A case that cannot be computed counts as outside, with its reason."""
        line = {"case": case, "quantity": f"failed: {reason}", "model": None, "reference": None, "error": 1.0}
        print(json.dumps(line))
        self.failed.append(case)
        self.rows.append((1.0, 0.0))

    def summary(self) -> dict[str, Any]:
        """Counts and errors over all lines."""
        errors = np.array([e for e, _ in self.rows]) if self.rows else np.zeros(1)
        outside = sum(not e <= t for e, t in self.rows)
        return {
            "cases": len(self.rows),
            "median_abs_error": float(np.median(errors)),
            "p90_abs_error": float(np.quantile(errors, 0.9)),
            "worst": float(errors.max()),
            "outside": outside,
            "failed": self.failed,
            "defaults": self.defaults,
            "within_tolerance": outside == 0,
        }


@dataclasses.dataclass
class Example:
    """One record; `get` notes every default that it hands out."""

    record: Record
    report: Report

    @property
    def case(self) -> str:
        """Name of the case."""
        return str(self.record["id"])

    @property
    def inputs(self) -> Record:
        """What the record states as given."""
        return self.record["inputs"]

    @property
    def outputs(self) -> Record:
        """What the record prints as result."""
        return self.record.get("outputs", {})

    @property
    def after_din(self) -> bool:
        """Whether the record says that it follows DIN 3990 (Z_beta = sqrt(cos beta), root load at the tip)."""
        named = " ".join(str(self.record.get(key, "")) for key in ("id", "title", "method"))
        return "DIN 3990" in named.replace("DIN3990", "DIN 3990")

    def get(self, names: str | tuple[str, ...], default: object) -> Any:
        """First of the inputs that exists, else the default, noted under the first name."""
        names = (names,) if isinstance(names, str) else names
        for name in names:
            if self.inputs.get(name) is not None:
                return self.inputs[name]
        self.report.defaults.setdefault(self.case, {})[names[0]] = default
        return default

    def of_gear(self, names: str | tuple[str, ...], gear: int, default: object) -> float:
        """Entry of one gear of a list, or the scalar."""
        value = np.atleast_1d(np.asarray(self.get(names, default), float))
        return float(value[min(gear, value.size - 1)])

    def add(
        self, quantity: str, model: object, tolerance: float, name: str | None = None, absolute: bool = False
    ) -> None:
        """Compare with the record's output of that name."""
        self.report.add(self.case, quantity, model, self.outputs.get(name or quantity), tolerance, absolute)


def pairwise(value: object, k: int) -> np.ndarray:
    """Entries k, k+1 of a list, or a scalar twice."""
    entries = np.asarray(value, float)
    return np.array([entries, entries]) if entries.ndim == 0 else entries[k : k + 2]


def build_pair(example: Example, k: int = 0) -> GearPair:
    """Mesh of gears k and k+1 of a record; tips as given, else by the rack."""
    inputs = example.inputs
    rack = next((v for name, v in RACKS.items() if str(inputs.get("rack", "")).startswith(name)), RACKS["ISO 53 A"])
    teeth = pairwise(inputs["z"], k)
    pair = make_pair(
        normal_module=jnp.asarray(inputs["mn"] * 1e-3),
        helix_angle=jnp.deg2rad(float(example.get("beta", 0.0))),
        teeth=jnp.array(teeth),
        profile_shift=jnp.array(pairwise(example.get("x", 0.0), k)),
        face_width=jnp.array(pairwise(inputs["b"], k) * 1e-3),
        pressure_angle=jnp.deg2rad(float(example.get("alpha_n", 20.0))),
        addendum=float(np.mean(pairwise(inputs.get("haP", 1.0), k))),
    )
    sign = np.sign(teeth)
    changes: Record = {
        "dedendum": jnp.array(pairwise(example.get("hfP", rack[0]), k)),
        "root_radius": jnp.array(pairwise(example.get("rhofP", rack[1]), k)),
    }
    if "a_mm" in inputs:
        changes["centre_distance"] = jnp.asarray(abs(inputs["a_mm"]) * 1e-3 * sign[1])
    if "da" in inputs:
        changes["tip_diameter"] = jnp.array(np.abs(pairwise(inputs["da"], k)) * sign * 1e-3)
    return replace(pair, **changes)


def steel_of(example: Example, gear: int) -> GearSteel:
    """Steel of a gear: limits of the record on the life curve of case-hardened or through-hardened steel.

    Brinell hardness of a soft gear: as stated, else from its flank limit by ISO 6336-5's line of quality MQ; its
    running-in follows the limit.
    """
    flank = example.of_gear("sigHlim", gear, 1500.0)
    root = example.of_gear("sigFlim", gear, 430.0)
    hard = flank > HARD_STEEL_LIMIT
    base = gear_steel("case_hardened_mq" if hard else "through_hardened")
    changes = {
        "flank_limit": flank * 1e6,
        "root_limit": root * 1e6,
        "young_modulus": example.of_gear("E", gear, 206000.0) * 1e6,
        "poisson_ratio": example.of_gear("nu", gear, 0.3),
    }
    if not hard:
        estimated = round(BRINELL_PER_VICKERS * vickers_of_flank_limit(flank * 1e6), 1)
        changes["brinell_hardness"] = example.of_gear("HB", gear, estimated)
        changes["running_in_share"] = 160.0 / flank
    limits = base.running_in_limit if hard else jnp.array([12800.0, 6400.0]) / flank * 1e-6
    return replace(base, running_in_limit=limits, **{k: jnp.asarray(v) for k, v in changes.items()})


def relief_of(example: Example, k: int, steels: Steels) -> float:
    """Mean tip relief of two gears [m]: as stated, else by running-in, (sigma_Hlim/97 - 18.45)^2/18 + 1.5 um (ISO
    6336-1 clause 6.5.5)."""
    worn = [float((s.flank_limit * 1e-6 / 97.0 - 18.45) ** 2 / 18.0 + 1.5) for s in steels]
    stated = np.atleast_1d(np.asarray(example.get("Ca_um", np.round(worn, 2).tolist()), float))
    entries = stated if stated.size == 1 else stated[k : k + 2]
    return float(np.mean(entries)) * 1e-6


def deviations_1995(pair: GearPair, geometry: PairGeometry, accuracy_class: float) -> tuple[float, float, float]:
    """(f_pb, f_f alpha, f_H beta) [um] of the larger gear, ISO 1328-1:1995 (the edition that ISO 6336:2006 cites),
    without its steps of size."""
    module = float(pair.normal_module) * 1e3
    diameter = float(jnp.max(jnp.abs(geometry.reference_diameter))) * 1e3
    width = float(geometry.common_face_width) * 1e3
    step = 2.0 ** (0.5 * (accuracy_class - 5.0))
    pitch = (0.3 * (module + 0.4 * np.sqrt(diameter)) + 4.0) * step * float(jnp.cos(geometry.transverse_angle))
    form = (2.5 * np.sqrt(module) + 0.17 * np.sqrt(diameter) + 0.5) * step
    helix = (0.07 * np.sqrt(diameter) + 0.45 * np.sqrt(width) + 3.0) * step
    return pitch, form, helix


def deviations_of(example: Example, k: int, pair: GearPair, geometry: PairGeometry, relief: float) -> Deviations:
    """Deviations of the record, else by its accuracy class."""
    accuracy = example.of_gear("Q", k, 6.0)
    pitch, form, helix = deviations_1995(pair, geometry, accuracy)
    stated = [float(np.max(pairwise(example.inputs[n], k))) if n in example.inputs else None for n in STATED]
    values = [(s if s is not None else v) * 1e-6 for s, v in zip(stated, (pitch, form, helix), strict=True)]
    return Deviations(
        base_pitch=jnp.asarray(values[0]),
        profile_form=jnp.asarray(values[1]),
        helix_slope=jnp.asarray(values[2]),
        tip_relief=counted_relief(relief, accuracy),
    )


STATED = ("fpb_um", "ffalpha_um", "fHbeta_um")


def roughness_depth(example: Example, k: int, steels: Steels) -> float:
    """Mean Rz of two flanks [m]: as stated, else 6 Ra, else 4.8 um of ground hard and 8 um of cut soft gears (what
    KISSsoft sets)."""
    average = example.inputs.get("Ra_um", example.inputs.get("Ra_flank_um"))
    if example.inputs.get("Rz_flank_um") is None and average is not None:
        return 6.0 * float(np.mean(pairwise(average, k))) * 1e-6
    cut = [4.8 if float(s.flank_limit) > HARD_STEEL_LIMIT * 1e6 else 8.0 for s in steels]
    if example.inputs.get("Rz_flank_um") is None:
        example.get(f"Rz_flank_um (gears {k + 1}, {k + 2})", cut)
        return float(np.mean(cut)) * 1e-6
    return float(np.mean(pairwise(example.inputs["Rz_flank_um"], k))) * 1e-6


def bore_ratios(example: Example, pair: GearPair, geometry: PairGeometry, k: int) -> np.ndarray:
    """Inner over mean diameter of both bodies: from `di`, else from the printed masses, else solid."""
    means = 0.5e3 * np.abs(np.asarray(pair.tip_diameter) + np.asarray(geometry.root_diameter))
    if "di" in example.inputs:
        return pairwise(example.inputs["di"], k) / means
    masses = example.outputs.get("mass_kg")
    names = ("sun", "planet", "ring")[k : k + 2]
    if isinstance(masses, dict) and all(n in masses for n in names):
        volume = np.array([masses[n] for n in names]) / TUBE_DENSITY / pairwise(example.inputs["b"], k)
        return (
            np.sqrt(np.clip(1.0 - volume / (0.25 * np.pi * means**2), 0.0, None))
            if k == 0
            else np.array([np.sqrt(max(1.0 - volume[0] / (0.25 * np.pi * means[0] ** 2), 0.0)), 0.0])
        )
    example.get("di", 0.0)
    return np.zeros(2)


def oil_of(example: Example) -> Oil:
    """The record's oil; a mineral oil of VG 220 where it is silent."""
    return Oil(
        viscosity_40=jnp.asarray(float(example.get("nu40", 220.0)) * 1e-6),
        viscosity_100=jnp.asarray(float(example.get("nu100", 19.0)) * 1e-6),
        density_15=jnp.asarray(float(example.get("rho15", 890.0))),
        lubricant_factor=jnp.asarray(float(example.inputs.get("X_L", 1.0))),
    )
