"""Shafts of gearboxes with planets: bending and tilt of the planets, DIN 743 of sun, planets, carrier and layshaft.

Sun: torsion, and bending by what the heaviest planet carries above the mean. A planet with two steps is a shaft in
needle rows at its ends; planets of one step turn on pins held in the carrier's flanges. Carrier: its hub at the bearing
seat. Flanges and webs of the carrier are no shafts and not rated. Loads count times K_gamma; bending counts as reversed
once a turn, for the pins too (they stand still in the carrier: conservative).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.gear_bodies import SIDE_GAP, SUN_GAP
from edu_opt.gearbox.model import Gearbox, ball_bearings, gearbox_state, load_sharing, require
from edu_opt.gearbox.rating_bearings import PLANET_ROW_LENGTH
from edu_opt.gearbox.shaft_deflection import CAGE_OUTER, SEAT_STEP, bent_shaft, second_moment, support_displacement
from edu_opt.gearbox.shaft_forces import (
    CARRIER_RADIAL_FORCE,
    SMALLEST_FORCE,
    GearForce,
    ShaftLoad,
    bending_moments,
    layshaft_loads,
    planet_pin_load,
    stage_forces,
    support_forces,
)
from edu_opt.gearbox.shaft_strength import (
    SHAFT_STEELS,
    SHOULDER_RADIUS,
    TORQUE_WIDTH,
    Notch,
    SectionLoad,
    ShaftRating,
    ShaftSteelData,
    equivalent_amplitude,
    section_safety,
    shoulder_notch,
    size_factor,
    toothed_notch,
)
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm, smooth_maximum, soft_maximum

SUN_OVERHANG = 15e-3  # m, from the sun's face to the motor's bearing (assumed)
FLANGE_STEP = 1.2  # diameter of the carrier's flange beside its bearing over the seat (at least; assumed)


@pytree
class Section:
    """A round section: outer and inner diameter [m], notch, bending moment and torque over the load points [N m] (K,),
    turns a turn of the axle."""

    outer: jax.Array
    inner: jax.Array
    notch: Notch
    moment: jax.Array
    torque: jax.Array
    turns: jax.Array


def _section(*values: jax.Array | Notch) -> Section:
    """A section from its fields in order."""
    return Section(**dict(zip(("outer", "inner", "notch", "moment", "torque", "turns"), values, strict=True)))  # type: ignore[arg-type]


def stepped(gearbox: Gearbox) -> bool:
    """Whether the planets have a step of their own for the ring."""
    return len({body.mesh for body in gearbox.structure.bodies if body.planet}) == 2


def planet_load(gearbox: Gearbox, geometries: PairGeometry, forces: GearForce) -> ShaftLoad:
    """Load of one planet of two steps between its needle rows: x points away from the sun, y along the turning.

    The large step stands at the first row; the sun pushes it outwards, the ring the small step inwards, both round.
    """
    share = load_sharing(gearbox)[0]
    widths, row = [gearbox.stage_1.face_width[1], gearbox.stage_2.face_width[0]], PLANET_ROW_LENGTH
    places = jnp.stack([0.5 * (row + widths[0]), 0.5 * row + widths[0] + SIDE_GAP + 0.5 * widths[1]])
    radii = 0.5 * jnp.stack([-geometries.working_diameter[0, 1], geometries.working_diameter[1, 0]])
    return ShaftLoad(
        lateral=share
        * jnp.stack(
            [
                jnp.stack([forces.radial[0], forces.tangential[0]]),
                jnp.stack([-forces.radial[1], forces.tangential[1]]),
            ]
        ),
        axial=share * jnp.stack([forces.axial[0], -forces.axial[1]]),
        arms=jnp.stack([radii, jnp.zeros(2)], axis=1),
        positions=places,
        span=row + widths[0] + SIDE_GAP + widths[1],
    )


def _tilt(slope: jax.Array, action: jax.Array, width: jax.Array) -> jax.Array:
    """Misalignment (...) [m] over a face by slopes (2, ...) in the plane of action of lateral forces (2, ...)."""
    along = jnp.sum(slope * action, axis=0) / safe_norm(action, SMALLEST_FORCE, axis=0)
    return jnp.sqrt((along * width) ** 2 + 1e-18)


def planet_misalignments(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> jax.Array:
    """Misalignment (M, K) [m] of the meshes by shafts beside their pinions: planets of two steps tilt in their rows
    (rows taken as rigid, the shaft as thick as the small step's root), pinion 3 and wheel 4 as two beams in their
    bearings; 0 for planets of one step, which load their pins in the middle."""
    forces = stage_forces(gearbox, geometries, output_torque, output_speed)
    zero, widths = jnp.zeros_like(forces.tangential[0]), geometries.common_face_width
    found = [zero] * len(gearbox.stages)
    if stepped(gearbox):
        load = planet_load(gearbox, geometries, forces)
        still = jnp.zeros(load.lateral.shape[1:])
        slope = bent_shaft(load, second_moment(geometries.root_diameter[1, 0]), still, still).slope
        found[:2] = [_tilt(slope[k], load.lateral[k], widths[k]) for k in (0, 1)]
    if not gearbox.coaxial:
        _, thrust = planet_pin_load(gearbox, geometries, output_torque, output_speed)
        loads, bearings = layshaft_loads(gearbox, geometries, output_torque, thrust), ball_bearings(gearbox)
        cage = second_moment(CAGE_OUTER * bearings.bore[1], bearings.bore[1])
        moments = jnp.stack([second_moment(bearings.bore[0] + SEAT_STEP), cage])

        def slopes(load: ShaftLoad, moment: jax.Array, bearing: jax.Array) -> jax.Array:
            near, far = (support_displacement(bearing, force) for force in support_forces(load))
            return bent_shaft(load, moment, near, far).slope[0]

        slope = jax.vmap(slopes)(loads, moments, bearings)
        found[-1] = _tilt(slope[0] - slope[1], loads.lateral[0, 0], widths[-1])
    return jnp.stack(found)


def _toothed(diameter: jax.Array, steel: ShaftSteelData) -> Notch:
    return toothed_notch(steel.tensile * size_factor(diameter, 0.26))


def _shoulder(diameter: jax.Array, larger: jax.Array, steel: ShaftSteelData) -> Notch:
    larger = smooth_maximum(larger, diameter + 2.0 * SHOULDER_RADIUS, 1e-3)
    elastic = steel.yield_strength * size_factor(diameter, 0.34)
    return shoulder_notch(diameter, larger, jnp.asarray(SHOULDER_RADIUS), elastic)


def _planet_sections(
    gearbox: Gearbox,
    geometries: PairGeometry,
    forces: GearForce,
    pin_force: jax.Array,
    turns: jax.Array,
    steel: ShaftSteelData,
) -> list[Section]:
    """Of one planet: journal and small step, or its pin half-way between the flanges."""
    pin, solid, share = require(gearbox.planet_pin), jnp.zeros(()), load_sharing(gearbox)[0]
    root = geometries.root_diameter[1, 0]
    if not stepped(gearbox):
        width = gearbox.stage_1.face_width[1]
        moment = share * pin_force * (0.25 * (width + PLANET_ROW_LENGTH) - 0.125 * width)
        smooth = Notch(bending=jnp.ones(()), torsion=jnp.ones(()))
        return [_section(pin, solid, smooth, moment, jnp.zeros_like(moment), turns)]
    load = planet_load(gearbox, geometries, forces)
    rows = jnp.stack([safe_norm(force, SMALLEST_FORCE, axis=0) for force in support_forces(load)])
    journal = 0.5 * PLANET_ROW_LENGTH * soft_maximum(rows, 10.0, axis=0)
    sides = jnp.stack([safe_norm(moment[1], SMALLEST_FORCE, axis=0) for moment in bending_moments(load)])
    twist = share * jnp.sqrt((0.5 * forces.tangential[1] * geometries.working_diameter[1, 0]) ** 2 + 1e-4)
    return [
        _section(pin, solid, _shoulder(pin, root, steel), journal, jnp.zeros_like(journal), turns),
        _section(root, solid, _toothed(root, steel), soft_maximum(sides, 1.0, axis=0), twist, turns),
    ]


def _carrier_sections(
    gearbox: Gearbox,
    geometries: PairGeometry,
    torque: jax.Array,
    thrust: jax.Array,
    turns: jax.Array,
    steel: ShaftSteelData,
) -> list[Section]:
    """The carrier's hub at its bearing; of a layshaft its pinion too. torque (K,) [N m] of the axle."""
    bearings = ball_bearings(gearbox)
    seat, width = bearings.bore[0], bearings.width[0]
    if gearbox.coaxial:
        hollow = gearbox.half_shaft_diameter + 2.0 * SUN_GAP
        bent = jnp.full_like(torque, 0.5 * CARRIER_RADIAL_FORCE) * width
        passed = jnp.sqrt(torque**2 + 1e-4)
        return [_section(seat, hollow, _shoulder(seat, FLANGE_STEP * seat, steel), bent, passed, turns)]
    load = jax.tree.map(lambda leaf: leaf[0], layshaft_loads(gearbox, geometries, torque, thrust))
    rows = jnp.stack([safe_norm(force, SMALLEST_FORCE, axis=0) for force in support_forces(load)])
    sides = jnp.stack([safe_norm(moment[0], SMALLEST_FORCE, axis=0) for moment in bending_moments(load)])
    root, passed = geometries.root_diameter[-1, 0], jnp.sqrt((torque * turns_ratio(gearbox)) ** 2 + 1e-4)
    at_seat = 0.5 * width * soft_maximum(rows, 10.0, axis=0)
    solid = jnp.zeros(())
    return [
        _section(seat, solid, _shoulder(seat, root, steel), at_seat, passed, turns),
        _section(root, solid, _toothed(root, steel), soft_maximum(sides, 1.0, axis=0), passed, turns),
    ]


def turns_ratio(gearbox: Gearbox) -> jax.Array:
    """Torque of a layshaft over the axle's: teeth of pinion 3 over those of wheel 4."""
    return gearbox.stages[-1].teeth[0] / gearbox.stages[-1].teeth[1]


def planet_shaft_sections(
    gearbox: Gearbox, geometries: PairGeometry, torque: jax.Array, speed: jax.Array, steel: ShaftSteelData
) -> list[Section]:
    """All sections at axle torques (K,) [N m] and speeds (K,) [rad/s]; geometries with leading axis M."""
    state, train = gearbox_state(gearbox), gearbox.structure.train
    forces = stage_forces(gearbox, geometries, torque, speed)
    pin_force, thrust = planet_pin_load(gearbox, geometries, torque, speed)
    sun = geometries.root_diameter[0, 0]
    hollow = gearbox.half_shaft_diameter + 2.0 * SUN_GAP if gearbox.coaxial else jnp.zeros(())
    hollow = hollow if not gearbox.coaxial else sun - smooth_maximum(sun - hollow, 2e-3, 1e-4)
    uneven = (load_sharing(gearbox)[0] - 1.0) * safe_norm(
        jnp.stack([forces.tangential[0], forces.radial[0]]), SMALLEST_FORCE, axis=0
    )
    twist = jnp.sqrt((torque / state.ratio) ** 2 + 1e-4)
    lever = 0.5 * gearbox.stage_1.face_width[0] + SUN_OVERHANG
    carrier = jnp.abs(state.shaft_speed[train.shafts.index(train.meshes[0].arm)])
    return [
        _section(sun, hollow, _toothed(sun, steel), uneven * lever, twist, state.ratio),
        *_planet_sections(gearbox, geometries, forces, pin_force, state.wheel_speed[0], steel),
        *_carrier_sections(gearbox, geometries, torque, thrust, carrier, steel),
    ]


def planet_shaft_rating(
    gearbox: Gearbox,
    geometries: PairGeometry,
    spectrum: LoadSpectrum,
    peak_output_torque: jax.Array,
    steel: str = "18crnimo7_6",
) -> ShaftRating:
    """Safeties (sections,): sun, planet (journal and small step, or pin), carrier's hub, pinion of the layshaft; by
    DIN 743 as in `shaft_strength.shaft_rating`."""
    data = SHAFT_STEELS[steel]
    torque = jnp.append(spectrum.axle_torque, peak_output_torque)
    speed = jnp.append(spectrum.axle_speed, 0.0)
    parts = planet_shaft_sections(gearbox, geometries, torque, speed, data)
    section: Section = jax.tree.map(lambda *leaves: jnp.stack(leaves), *parts)
    modulus = jnp.pi / 32.0 * (section.outer**4 - section.inner**4) / section.outer
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi) * section.turns[:, None]
    largest = soft_maximum(section.torque[:, :-1], TORQUE_WIDTH, axis=1)
    shear = 0.5 / modulus
    load = SectionLoad(
        bending_amplitude=equivalent_amplitude(section.moment[:, :-1], turns) / modulus,
        torsion_amplitude=0.5 * largest * shear,
        torsion_mean=0.5 * largest * shear,
        bending_largest=section.moment[:, -1] / modulus,
        torsion_largest=section.torque[:, -1] * shear,
    )
    fatigue, static = section_safety(load, section.notch, section.outer, data)
    return ShaftRating(fatigue_safety=fatigue, static_safety=static)
