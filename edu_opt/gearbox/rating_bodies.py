"""What the rating of a mesh must know of its gears as bodies: rims, bores, how many meshes load them, who idles."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.gear_bodies import cylinders
from edu_opt.gearbox.layouts.layout import GearBody, Layout
from edu_opt.gearbox.model import Gearbox
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.gearbox.train import HOUSING
from edu_opt.numerics.pytree import pytree


@pytree
class MeshBodies:
    """Bodies of M meshes (M, 2): bore over mean diameter, rim below the root circle [m], meshes that load the gear at
    once (0: it does not turn), 1 where its teeth bend both ways in every turn (idler)."""

    bore_ratio: jax.Array
    rim_thickness: jax.Array
    meshes: jax.Array
    idler: jax.Array


def body_of(structure: Layout, mesh: int, member: int) -> tuple[GearBody, bool]:
    """(body of a mesh's gear, whether it is an idler): a gear without a body of its own is that of the neighbouring
    mesh on the same shaft, which then meshes on two sides."""
    own = [b for b in structure.bodies if (b.mesh, b.member) == (mesh, member)]
    shaft = getattr(structure.train.meshes[mesh], ("pinion", "wheel")[member])
    body = own[0] if own else next(b for b in structure.bodies if b.shaft == shaft)
    shared = [
        (k, m)
        for k, other in enumerate(structure.train.meshes)
        for m, name in enumerate((other.pinion, other.wheel))
        if name == body.shaft and not any((b.mesh, b.member) == (k, m) for b in structure.bodies)
    ]
    return body, bool(shared) and (not own or (mesh, member) == (body.mesh, body.member))


def mesh_bodies(gearbox: Gearbox, geometries: PairGeometry) -> MeshBodies:
    """Bodies of all meshes; geometries with leading axis M."""
    structure = gearbox.structure
    rims, bores, meshes, idlers = [], [], [], []
    for k, mesh in enumerate(structure.train.meshes):
        for member, shaft in enumerate((mesh.pinion, mesh.wheel)):
            body, idle = body_of(structure, k, member)
            outermost = cylinders(gearbox, geometries, body)[0]
            root = jnp.abs(geometries.root_diameter[k, member])
            edge = outermost.outer if body.form == "ring" else outermost.inner
            rims.append(0.5 * jnp.abs(root - edge))
            bores.append(jnp.zeros(()) if body.form == "ring" else outermost.inner / outermost.outer)
            shared = mesh.planet is not None and not body.planet
            count = gearbox.planets if shared else jnp.ones(())
            meshes.append(jnp.zeros(()) if shaft == HOUSING else count)
            idlers.append(jnp.asarray(float(idle)))

    def table(values: list[jax.Array]) -> jax.Array:
        return jnp.stack([jnp.asarray(v, float) for v in values]).reshape(-1, 2)

    return MeshBodies(bore_ratio=table(bores), rim_thickness=table(rims), meshes=table(meshes), idler=table(idlers))
