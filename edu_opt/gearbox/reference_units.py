"""Production gearboxes as values of the design space: what was read, and what had to be assumed."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.model import Gearbox, gearbox_from_values, gearbox_space


@dataclasses.dataclass(frozen=True)
class ReferenceGearbox:
    """One unit: layout, values by design-variable name, planets, source, assumptions."""

    name: str
    layout: str
    values: dict[str, float]
    source: str
    assumed: str
    planets: int = 3

    def vector(self) -> np.ndarray:
        """Values in the order of the layout's space (n,)."""
        return gearbox_space(self.layout).from_mapping(self.values)

    def gearbox(self) -> Gearbox:
        """The unit as a `Gearbox`."""
        return gearbox_from_values(self.layout, jnp.asarray(self.vector()), planets=float(self.planets))


def _parallel(
    teeth: tuple[int, int, int, int],
    modules: tuple[float, float],
    shifts: tuple[float, float],
    widths: tuple[float, float],
    bearings: tuple[tuple[float, float], tuple[float, float], tuple[float, float]],
    fold_angle: float,
    helix_degrees: tuple[float, float] = (23.4, 18.4),
) -> dict[str, float]:
    values: dict[str, float] = {"housing.fold_angle_rad": fold_angle}
    for k in (0, 1):
        part = f"gear_stage_{k + 1}"
        values |= {
            f"{part}.teeth_pinion_1": teeth[2 * k],
            f"{part}.teeth_wheel_1": teeth[2 * k + 1],
            f"{part}.normal_module_m": modules[k],
            f"{part}.helix_angle_rad": float(np.deg2rad(helix_degrees[k])),
            f"{part}.face_width_m": widths[k],
            f"{part}.profile_shift_1": shifts[k],
            f"{part}.profile_shift_sum_1": 0.0,
        }
    for shaft, (bore, outer) in zip(("input", "intermediate", "output"), bearings, strict=True):
        values[f"bearing_set.{shaft}_bore_m"] = bore
        values[f"bearing_set.{shaft}_section_m"] = 0.5 * (outer - bore)
    return values


PARALLEL_ASSUMED = (
    "helix 23.4/18.4 deg (TUM/Gao), x1 = -x2, module and shift from the tip diameters; bearings (6207, 6307, "
    "6011), fold angle, steel quality, accuracy"
)

REFERENCE_GEARBOXES: dict[str, ReferenceGearbox] = {
    "vw_app310": ReferenceGearbox(
        name="vw_app310",
        layout="parallel_axis",
        values=_parallel(
            teeth=(23, 68, 20, 78),
            modules=(1.79e-3, 2.61e-3),
            shifts=(0.41, 0.53),
            widths=(32e-3, 45e-3),
            bearings=((35e-3, 72e-3), (35e-3, 80e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="A2Mac1 teardown values quoted in TUMFTM Getriebedesign.m: teeth, tip diameters, faces",
        assumed=PARALLEL_ASSUMED,
    ),
    "tesla_model3_rear": ReferenceGearbox(
        name="tesla_model3_rear",
        layout="parallel_axis",
        values=_parallel(
            teeth=(31, 81, 24, 83),
            modules=(1.587e-3, 2.389e-3),
            shifts=(0.39, 0.37),
            widths=(37e-3, 46e-3),
            bearings=((35e-3, 72e-3), (35e-3, 80e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="A2Mac1 teardown values quoted in TUMFTM Getriebedesign.m: teeth, tip diameters, faces",
        assumed=PARALLEL_ASSUMED,
    ),
    "jaguar_i_pace": ReferenceGearbox(
        name="jaguar_i_pace",
        layout="planetary",
        values={
            "gear_stage_1.teeth_sun_1": 33,
            "gear_stage_1.teeth_planet_1": 52,
            "gear_stage_1.normal_module_m": 1.35e-3,
            "gear_stage_1.helix_angle_rad": 0.35,
            "gear_stage_1.face_width_m": 34e-3,
            "gear_stage_1.profile_shift_1": 0.25,
            "gear_stage_1.profile_shift_sum_1": 0.2,
            "gear_stage_2.teeth_planet_1": 17,
            "gear_stage_2.teeth_ring_1": 87,
            "gear_stage_2.helix_angle_rad": 0.17,
            "gear_stage_2.face_width_m": 46e-3,
            "gear_stage_2.profile_shift_1": 0.5,
            "gear_stage_2.profile_shift_sum_1": -0.25,
            "bearing_set.planet_pin_m": 0.020,
            "bearing_set.carrier_bore_m": 0.065,
            "bearing_set.carrier_section_m": 0.0125,
        },
        source="ratio 9.06, coaxial, ring fixed, envelope 234 mm (press on the AAM unit)",
        assumed="stepped planets, all teeth, modules, widths, bearings: fitted to the published ratio and envelope",
    ),
}
