"""What a gearbox layout declares: its structure, its design variables, how values become its parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import Bearing, ball_bearing, relaxed_rows
from edu_opt.gearbox.tooth_geometry import STANDARD_PRESSURE_ANGLE, GearPair, centre_distance, make_pair
from edu_opt.gearbox.train import Train
from edu_opt.numerics.design_space import DesignSpace, Variable

PINION_OVERHANG = 2e-3  # m, pinion wider than its wheel (production gears: 2 to 4 mm)
Ranges = dict[str, tuple[float, float]]
Values = dict[str, jax.Array]


@dataclasses.dataclass(frozen=True)
class GearBody:
    """One gear as a body: member (0, 1) of a mesh, on a shaft of the train, of part `gear_stage_{part}`.

    form: "shaft" (solid or bored, cut on its shaft), "wheel" (rim and web over a hub) or "ring". bore: what its middle
    leaves free: "none", "half_shaft", "intermediate", "flange" or "pin". planet: one on each planet.
    """

    mesh: int
    member: int
    shaft: str
    part: int
    form: str
    bore: str = "none"
    planet: bool = False


@dataclasses.dataclass(frozen=True)
class Layout:
    """One layout. Everything here is static: it decides the compiled program.

    train: meshes from motor to axle; bodies: all gears; bearing_shafts: shafts of the pairs of ball bearings, in the
    order (input, intermediate, output) of those that exist; teeth: values by name -> (pinion, wheel) of every mesh, a
    ring's negative; build: values by name and number of planets -> fields of `Gearbox`; ratio_range: what the layout
    can do in a car, the reason in `ratio_reason`; high_train: structure in the second gear of a two-speed gearbox.
    """

    name: str
    train: Train
    bodies: tuple[GearBody, ...]
    bearing_shafts: tuple[str, ...]
    coaxial: bool
    space: DesignSpace
    teeth: Callable[[Mapping[str, Any]], tuple[tuple[Any, Any], ...]]
    build: Callable[[Values, jax.Array], dict[str, Any]]
    ratio_range: tuple[float, float]
    ratio_reason: str
    high_train: Train | None = None

    @property
    def mesh_parts(self) -> tuple[int, ...]:
        """Part number of each mesh: that of its wheel, or ring."""
        wheels = {b.mesh: b.part for b in self.bodies if b.member == 1}
        return tuple(wheels[k] for k in range(len(self.train.meshes)))

    @property
    def has_planets(self) -> bool:
        """Whether planets share the torque of some mesh."""
        return any(mesh.planet is not None for mesh in self.train.meshes)


def stage_variables(part: str, pinion: str, wheel: str, ranges: Ranges, suffix: str = "") -> tuple[Variable, ...]:
    """Variables of a mesh, those that `ranges` names; `suffix` tells a second mesh of the same part apart."""
    described = {
        f"teeth_{pinion}": ("1", f"teeth of the {pinion}"),
        f"teeth_{wheel}": ("1", f"teeth of the {wheel}"),
        "normal_module": ("m", "normal module"),
        "helix_angle": ("rad", "helix angle at the reference circle"),
        "face_width": ("m", "common face width"),
        "profile_shift": ("1", f"profile shift of the {pinion}, in modules"),
        "profile_shift_sum": ("1", "sum of profile shifts (sets the centre distance), in modules"),
    }
    return tuple(
        Variable(part, quantity + suffix, unit, *ranges[quantity], text, integer=quantity.startswith("teeth"))
        for quantity, (unit, text) in described.items()
        if quantity in ranges
    )


def bearing_variables(shaft: str, bore: tuple[float, float], section: tuple[float, float]) -> tuple[Variable, ...]:
    """Bore and section of a pair of equal bearings; they end on a row of the catalogue within both ranges, which
    therefore reach as far as the row that the most loaded shafts need."""
    sizes = [(row.bore, round(0.5 * (row.outer - row.bore), 7)) for row in relaxed_rows()]
    inside = [(b, s) for b, s in sizes if bore[0] <= b <= bore[1] and section[0] <= s <= section[1]]
    bores, sections = zip(*inside, strict=True)
    return (
        Variable(
            "bearing_set",
            f"{shaft}_bore",
            "m",
            *bore,
            f"bore of the {shaft} bearings and shaft diameter there",
            listed=bores,
            list_name=shaft,
        ),
        Variable(
            "bearing_set",
            f"{shaft}_section",
            "m",
            *section,
            f"half of outer diameter less bore, {shaft} bearings",
            listed=sections,
            list_name=shaft,
        ),
    )


def pair_from_values(
    teeth: tuple[jax.Array, jax.Array], module: jax.Array, values: Values, part: str, suffix: str = ""
) -> GearPair:
    """Pair from named values of one part; ring teeth come in negative."""
    shift, total = values[f"{part}.profile_shift{suffix}_1"], values[f"{part}.profile_shift_sum{suffix}_1"]
    width = values[f"{part}.face_width{suffix}_m"]
    return make_pair(
        normal_module=module,
        helix_angle=values[f"{part}.helix_angle{suffix}_rad"],
        teeth=jnp.stack(teeth),
        profile_shift=jnp.stack([shift, total - shift]),
        face_width=jnp.stack([width + PINION_OVERHANG, width]),
        pressure_angle=STANDARD_PRESSURE_ANGLE,
    )


PLANETS = Variable(
    "gear_stage_1", "planets", "1", 3.0, 5.0, "equally spaced planets (relaxed while searching)", integer=True
)


def pinion_and_wheel(values: Mapping[str, Any], part: str) -> tuple[Any, Any]:
    """Teeth of a part's external pair."""
    return values[f"{part}.teeth_pinion_1"], values[f"{part}.teeth_wheel_1"]


def helical_stage(values: Values, part: str) -> GearPair:
    """Pinion and wheel of a part that names all seven variables."""
    return pair_from_values(pinion_and_wheel(values, part), values[f"{part}.normal_module_m"], values, part)


def module_of_distance(
    distance: jax.Array, teeth: tuple[jax.Array, jax.Array], values: Values, part: str, suffix: str = ""
) -> jax.Array:
    """Normal module [m] that puts a pair at a centre distance [m] > 0 with its own helix and shift sum."""
    helix, shift = values[f"{part}.helix_angle{suffix}_rad"], values[f"{part}.profile_shift_sum{suffix}_1"]
    per_module = centre_distance(jnp.ones(()), STANDARD_PRESSURE_ANGLE, helix, teeth[0] + teeth[1], shift)
    return distance / jnp.abs(per_module)


def shaft_bearing(values: Values, shaft: str) -> Bearing:
    """Ball bearing of a shaft from its bore and section."""
    bore = values[f"bearing_set.{shaft}_bore_m"]
    return ball_bearing(bore, bore + 2.0 * values[f"bearing_set.{shaft}_section_m"])
