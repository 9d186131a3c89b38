"""Gears as solid bodies: masses and moments of inertia of every gear of any layout, from hollow cylinders."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.layouts import GearBody
from edu_opt.gearbox.model import Gearbox, gearbox_state, require
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum

RIM_MODULES = 3.5  # rim of a wheel or ring beyond its root circle, in modules
WEB_SHARE = 0.35  # web's thickness over face width (assumed)
FLANGE_SHARE = 0.55  # bolt-on diameter of the last wheel over its reference diameter (assumed)
HUB_WALL = 5e-3  # m, hub of a wheel around the intermediate shaft (assumed)
LARGEST_BORE = 0.95  # of the root circle
SUN_GAP = 3e-3  # m between half shaft and hollow sun
SIDE_GAP = 6e-3  # m between gears and housing
NEEDLE = 3.5e-3  # m, needle between a planet and its pin, where it runs on the pin


@pytree
class Cylinder:
    """Hollow cylinder [m]."""

    outer: jax.Array
    inner: jax.Array
    length: jax.Array

    def mass(self, density: float | jax.Array) -> jax.Array:
        """rho b pi/4 (d_o^2 - d_i^2) [kg]."""
        return 0.25 * jnp.pi * density * self.length * (self.outer**2 - self.inner**2)

    def inertia(self, density: float | jax.Array) -> jax.Array:
        """About its own axis, rho b pi/32 (d_o^4 - d_i^4) [kg m^2]."""
        return jnp.pi / 32.0 * density * self.length * (self.outer**4 - self.inner**4)


def toothed(tip: jax.Array, root: jax.Array, bore: float | jax.Array, width: jax.Array) -> Cylinder:
    """A gear as a cylinder up to the middle of its teeth: KISSsoft masses 200.47 and 971.2 kg of KS03."""
    return Cylinder(outer=0.5 * (tip + root), inner=jnp.asarray(bore), length=width)


def bore_of(gearbox: Gearbox, geometries: PairGeometry, body: GearBody) -> jax.Array:
    """What the middle of a gear leaves free [m] (diameter); at most `LARGEST_BORE` of its root circle: a gear that
    cannot hold what it should is refused by the margins of `rating_geometry`, its body stays one."""
    return smooth_minimum(_free_middle(gearbox, geometries, body), LARGEST_BORE * _root(geometries, body), 1e-4)


def _root(geometries: PairGeometry, body: GearBody) -> jax.Array:
    return jnp.abs(geometries.root_diameter[body.mesh, body.member])


def _free_middle(gearbox: Gearbox, geometries: PairGeometry, body: GearBody) -> jax.Array:
    """Diameter [m] that the layout asks a gear to leave free."""
    if body.bore == "half_shaft":
        return gearbox.half_shaft_diameter + 2.0 * SUN_GAP
    if body.bore == "intermediate":
        return require(gearbox.intermediate_bearing).bore + 2.0 * HUB_WALL
    if body.bore == "flange":
        return FLANGE_SHARE * geometries.reference_diameter[body.mesh, 1]
    if body.bore == "pin":
        return require(gearbox.planet_pin) + (0.0 if body.form == "wheel" else 2.0 * NEEDLE)
    return jnp.zeros(())


def cylinders(gearbox: Gearbox, geometries: PairGeometry, body: GearBody) -> tuple[Cylinder, ...]:
    """The cylinders that make up one gear; geometries with leading axis M."""
    pair = gearbox.stages[body.mesh]
    tip, root = jnp.abs(pair.tip_diameter[body.member]), _root(geometries, body)
    width, rim_depth = pair.face_width[body.member], 2.0 * RIM_MODULES * pair.normal_module
    if body.form == "ring":
        return (Cylinder(outer=root + rim_depth, inner=0.5 * (tip + root), length=width),)
    bore = bore_of(gearbox, geometries, body)
    if body.form == "shaft":
        return (toothed(tip, root, bore, width),)
    rim = smooth_maximum(root - rim_depth, bore, 1e-4)
    return toothed(tip, root, rim, width), Cylinder(outer=rim, inner=bore, length=WEB_SHARE * width)


def body_mass(gearbox: Gearbox, geometries: PairGeometry, body: GearBody) -> jax.Array:
    """Mass of one gear [kg] (of one planet)."""
    rho = gearbox.steel.density
    return sum((c.mass(rho) for c in cylinders(gearbox, geometries, body)), jnp.zeros(()))


def planet_mass(gearbox: Gearbox, geometries: PairGeometry) -> jax.Array:
    """Mass of all steps of one planet [kg]."""
    planets = [body for body in gearbox.structure.bodies if body.planet]
    return sum((body_mass(gearbox, geometries, body) for body in planets), jnp.zeros(()))


def part_masses(gearbox: Gearbox, geometries: PairGeometry) -> tuple[jax.Array, jax.Array]:
    """Masses of all gears of gear_stage_1 and gear_stage_2 [kg]."""
    parts = [jnp.zeros(()), jnp.zeros(())]
    for body in gearbox.structure.bodies:
        count = gearbox.planets if body.planet else 1.0
        parts[body.part - 1] = parts[body.part - 1] + count * body_mass(gearbox, geometries, body)
    return parts[0], parts[1]


def part_inertias(gearbox: Gearbox, geometries: PairGeometry) -> tuple[jax.Array, jax.Array]:
    """Moments of inertia of gear_stage_1 and gear_stage_2 seen at the motor shaft [kg m^2].

    Each gear turns about its axis with its shaft; planets go round with their arm besides.
    """
    train, state = gearbox.structure.train, gearbox_state(gearbox)
    relative = dict(zip(train.shafts, state.shaft_speed / state.shaft_speed[0], strict=True))
    rho, parts = gearbox.steel.density, [jnp.zeros(()), jnp.zeros(())]
    for body in gearbox.structure.bodies:
        if body.shaft not in relative:
            continue
        own = sum((c.inertia(rho) for c in cylinders(gearbox, geometries, body)), jnp.zeros(()))
        seen = own * relative[body.shaft] ** 2
        if body.planet:
            orbit = body_mass(gearbox, geometries, body) * gearbox.stage_1.centre_distance**2
            seen = gearbox.planets * (seen + orbit * relative[train.meshes[body.mesh].arm] ** 2)
        parts[body.part - 1] = parts[body.part - 1] + seen
    return parts[0], parts[1]


def planetary_diameter(gearbox: Gearbox, geometries: PairGeometry) -> jax.Array:
    """Diameter [m] over the planets or the ring's body, whichever is larger."""
    planets = 2.0 * gearbox.stage_1.centre_distance + gearbox.stage_1.tip_diameter[1] + 2.0 * SIDE_GAP
    ring = jnp.abs(geometries.root_diameter[1, 1]) + 2.0 * RIM_MODULES * gearbox.stage_2.normal_module
    return smooth_maximum(planets, ring, 1e-3)
