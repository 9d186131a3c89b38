"""Bending of the shafts between their bearings: deflection and slope at every gear, misalignment of every mesh.

Beam on two elastic supports under lateral forces and the tilting moments of the axial forces, integrated with
Macaulay's brackets; forces of gears in a row are ordered, so no bracket has a kink. Bearings give way by Palmgren's
4.4e-4 (Q^2/D_w)^(1/3) mm, Q = 5 F_r/z (A. Palmgren, Grundlagen der Waelzlagertechnik, 1964; recalled), clearance 0.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import Bearing
from edu_opt.gearbox.model import Gearbox, ball_bearings
from edu_opt.gearbox.shaft_forces import (
    FACE_TO_BEARING,
    SMALLEST_FORCE,
    ShaftLoad,
    SupportForces,
    shaft_layouts,
    support_forces,
    under,
)
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm

YOUNG, SHEAR = 206e9, 79.3e9  # Pa, steel
SEAT_STEP = 5e-3  # m, shaft beside a bearing over the bearing's bore
CAGE_OUTER = 1.6  # differential cage over the bearings' bore, hollow by the bore (assumed)
BALL_SHARE, BALL_COUNT = 0.30, 3.1  # ball size over D - d, count over (D + d)/(D - d): the relaxation of `bearings`


@pytree
class ShaftLine:
    """Deflection [m] and slope [rad] in x and y at every gear of a shaft, (gears, 2, ...)."""

    deflection: jax.Array
    slope: jax.Array


def second_moment(outer: jax.Array, inner: float | jax.Array = 0.0) -> jax.Array:
    """Of a hollow circle [m^4]."""
    return jnp.pi / 64.0 * (outer**4 - jnp.asarray(inner) ** 4)


def equivalent_moment(lengths: tuple[jax.Array, ...], moments: tuple[jax.Array, ...]) -> jax.Array:
    """Second moment of a uniform beam as flexible as pieces in a row: harmonic mean over their lengths [m^4]."""
    flexible = sum(length / moment for length, moment in zip(lengths[1:], moments[1:], strict=True))
    return sum(lengths[1:], lengths[0]) / (lengths[0] / moments[0] + flexible)


def support_displacement(bearing: Bearing, force: jax.Array) -> jax.Array:
    """Displacement (2, ...) [m] of a shaft in its bearing, against the lateral force (2, ...) [N] on the shaft."""
    ball = BALL_SHARE * (bearing.outer - bearing.bore) * 1e3
    count = BALL_COUNT * (bearing.outer + bearing.bore) / (bearing.outer - bearing.bore)
    size = safe_norm(force, SMALLEST_FORCE, axis=0)
    return force * (-4.4e-7 / size * power((5.0 * size / count) ** 2 / ball, 1.0 / 3.0))


def bent_shaft(load: ShaftLoad, moment: jax.Array, near: jax.Array, far: jax.Array) -> ShaftLine:
    """Line of a shaft of uniform second moment [m^4]; near, far: displacements (2, ...) of its bearings [m]."""
    first, _ = support_forces(load)
    places, span, tilting = load.positions, load.span, load.tilting

    def integrals(place: jax.Array, gears: int) -> tuple[jax.Array, jax.Array]:
        """E I times slope and deflection at a place behind so many gears, without the free tilt."""
        slope, bent = first * place**2 / 2.0, first * place**3 / 6.0
        for j in range(gears):
            beyond = place - places[j]
            slope = slope + load.lateral[j] * beyond**2 / 2.0 + tilting[j] * beyond
            bent = bent + load.lateral[j] * beyond**3 / 6.0 + tilting[j] * beyond**2 / 2.0
        return slope, bent

    stiffness = YOUNG * moment
    _, end = integrals(span, len(places))
    tilt = (far - near - end / stiffness) / span
    lines = [integrals(places[k], k) for k in range(len(places))]
    return ShaftLine(
        deflection=jnp.stack(
            [near + tilt * place + bent / stiffness for place, (_, bent) in zip(places, lines, strict=True)]
        ),
        slope=jnp.stack([tilt + slope / stiffness for slope, _ in lines]),
    )


def shaft_moments(gearbox: Gearbox, geometries: PairGeometry) -> jax.Array:
    """Equivalent second moments (3,) [m^4] of input, intermediate and output shaft of the parallel layout.

    Pinions are cut on their shafts (solid to the root circle), wheel 2 sits on its shaft without stiffening it.
    """
    bearings, layouts = ball_bearings(gearbox), shaft_layouts(gearbox)
    roots = second_moment(geometries.root_diameter[:, 0])
    faces = [pair.face_width[0] for pair in gearbox.stages]
    free = [layouts[0].span - sum(faces[1:-1], faces[0]), layouts[1].span - faces[-1] - FACE_TO_BEARING]
    seats = second_moment(bearings.bore + SEAT_STEP)
    return jnp.stack(
        [
            equivalent_moment((*faces[:-1], free[0]), (*roots[:-1], seats[0])),
            equivalent_moment((faces[-1], free[1], jnp.asarray(FACE_TO_BEARING)), (roots[-1], seats[1], seats[1])),
            second_moment(CAGE_OUTER * bearings.bore[2], bearings.bore[2]),
        ]
    )


def mesh_misalignment(
    gearbox: Gearbox, geometries: PairGeometry, loads: ShaftLoad, forces: jax.Array, at_bearings: SupportForces
) -> jax.Array:
    """Misalignment f_sh [m] over the face of every mesh (M, ...) from the slopes of both shafts, in the plane of
    action; >= 0; what a lead correction is ground for; layouts without planets (ValueError else).

    loads: `unit_shaft_loads`; forces: `mesh_forces` (2 M, ...); at_bearings: their `supports`. The shafts bend in
    proportion to the forces, their bearings do not give way so. The pinion's own torsion is `pinion_torsion`.
    """
    if gearbox.structure.has_planets:
        raise ValueError(f"shaft lines of layout {gearbox.layout!r}: only shafts without planets are beams")
    still = jnp.zeros((3, 2, len(forces)))
    bent = jax.vmap(bent_shaft)(loads, shaft_moments(gearbox, geometries), still, still).slope
    moved = jax.vmap(jax.vmap(support_displacement, (None, 0)))(ball_bearings(gearbox), at_bearings.lateral)
    tilt = (moved[:, 1] - moved[:, 0]) / loads.span.reshape(-1, *(1,) * (moved.ndim - 2))
    relative = under(jnp.concatenate([bent[0, :-1] - bent[1, :-1], bent[1, -1:] - bent[2, :1]]), forces)
    first, last = tilt[0] - tilt[1], tilt[1] - tilt[2]
    relative = relative + jnp.stack([first] * (len(geometries.contact_ratio) - 1) + [last])
    action = under(jnp.concatenate([loads.lateral[0, :-1], loads.lateral[1, -1:]]), forces)
    along = jnp.sum(relative * action, axis=1) / safe_norm(action, SMALLEST_FORCE, axis=1)
    shape = (-1,) + (1,) * (along.ndim - 1)
    return jnp.sqrt((along * geometries.common_face_width.reshape(shape)) ** 2 + 1e-18)


def pinion_torsion(geometries: PairGeometry, pinion_torque: jax.Array) -> jax.Array:
    """Wind-up of the pinions over their faces at the base circle [m], (M, ...): T b r_b/(2 G I_p), load even over the
    face; signed like the torque [N m] (M, ...)."""
    shape = (-1,) + (1,) * (jnp.ndim(pinion_torque) - 1)
    polar = 2.0 * second_moment(geometries.root_diameter[:, 0])
    radius = 0.5 * geometries.reference_diameter[:, 0] * jnp.cos(geometries.transverse_angle)
    flexibility = geometries.common_face_width * radius / (2.0 * SHEAR * polar)
    return pinion_torque * flexibility.reshape(shape)
