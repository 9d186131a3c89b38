"""Production gearboxes as values of the design space: what was read, and what had to be assumed."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.layouts.layout import PLANETS
from edu_opt.gearbox.model import Gearbox, gearbox_from_values, gearbox_space
from edu_opt.numerics.constants import RPM


@dataclasses.dataclass(frozen=True)
class ReferenceGearbox:
    """One unit: layout, values by design-variable name, planets, source, assumptions.

    peak_torque [N m] and maximum_speed [rad/s] of its motor. Values may lie outside the layout's search range (Leaf).
    """

    name: str
    layout: str
    values: dict[str, float]
    source: str
    assumed: str
    peak_torque: float
    maximum_speed: float
    planets: int = 3

    def vector(self) -> np.ndarray:
        """Values in the order of the layout's space (n,)."""
        space = gearbox_space(self.layout)
        return space.from_mapping(self.values | {n: self.planets for n in space.names if n == PLANETS.name})

    def gearbox(self) -> Gearbox:
        """The unit as a `Gearbox`."""
        return gearbox_from_values(self.layout, jnp.asarray(self.vector()))


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
    "helix 23.4/18.4 deg (TUM/Gao), x1 = -x2, module and shift from the tip diameters; bearings as balls that last the "
    "life (production units have rollers on the intermediate shaft), fold angle, steel quality, accuracy"
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
            bearings=((35e-3, 75e-3), (46e-3, 98e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="A2Mac1 teardown values quoted in TUMFTM Getriebedesign.m: teeth, tip diameters, faces; 310 N m",
        assumed=PARALLEL_ASSUMED,
        peak_torque=310.0,
        maximum_speed=16000.0 * RPM,
    ),
    "tesla_model3_rear": ReferenceGearbox(
        name="tesla_model3_rear",
        layout="parallel_axis",
        values=_parallel(
            teeth=(31, 81, 24, 83),
            modules=(1.587e-3, 2.389e-3),
            shifts=(0.39, 0.37),
            widths=(37e-3, 46e-3),
            bearings=((35e-3, 75e-3), (46e-3, 98e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="A2Mac1 teardown values quoted in TUMFTM Getriebedesign.m: teeth, tip diameters, faces",
        assumed=PARALLEL_ASSUMED + "; 375 N m, 18000 rpm",
        peak_torque=375.0,
        maximum_speed=18000.0 * RPM,
    ),
    "bmw_i3": ReferenceGearbox(
        name="bmw_i3",
        layout="parallel_axis",
        values=_parallel(
            teeth=(26, 85, 23, 68),
            modules=(1.5e-3, 2.4e-3),
            shifts=(0.40, 0.45),
            widths=(31e-3, 42e-3),
            bearings=((35e-3, 72e-3), (40e-3, 90e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="two helical stages with an intermediate shaft, 9.665 (press; notes A1), 250 N m, 11400 rpm",
        assumed="teeth: a coprime pair of stages that gives 9.6656; modules, faces, shifts sized as the APP310; "
        + PARALLEL_ASSUMED,
        peak_torque=250.0,
        maximum_speed=11400.0 * RPM,
    ),
    "nissan_leaf": ReferenceGearbox(
        name="nissan_leaf",
        layout="parallel_axis",
        values=_parallel(
            teeth=(17, 31, 17, 74),
            modules=(2.6e-3, 2.5e-3),
            shifts=(0.40, 0.45),
            widths=(30e-3, 32e-3),
            bearings=((35e-3, 72e-3), (40e-3, 90e-3), (55e-3, 90e-3)),
            fold_angle=0.6,
        ),
        source="7.9377, ring gear 200 x 32 mm (teardowns; notes A1), 280 N m, 10390 rpm (2011)",
        assumed="teeth 17/31, 17/74 fit the ratio exactly (recalled); module of stage 2 from the ring gear's diameter; "
        + PARALLEL_ASSUMED,
        peak_torque=280.0,
        maximum_speed=10390.0 * RPM,
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
        peak_torque=348.0,
        maximum_speed=13000.0 * RPM,
    ),
}
