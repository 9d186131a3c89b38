"""Motors made by hand for the tests of everything after the fields: a linear, analytic lamination map."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.magnets import magnet
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.bar_current import fit_bar_current_map
from edu_opt.motor.flux_map import fit_flux_map
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.iron_loss import CHANNELS, fit_iron_loss_map
from edu_opt.motor.lamination_map import LaminationMap, LaminationMapSettings, ampere_turn_scale
from edu_opt.motor.model import Motor, motor_from_values, motor_space

TEMPLATES = {
    "eesm": Template(rotor="eesm", slots_per_pole=9, coil_pitch=8),
    "ipm": Template(rotor="ipm", slots_per_pole=6),
    "im": Template(rotor="im", slots_per_pole=9, coil_pitch=8, bars_per_sector=11),
}
POLE_PAIRS = {"eesm": 3.0, "ipm": 4.0, "im": 3.0}
MOTOR_VALUES = {"eesm": (0.15, 4.0, 110.0), "ipm": (0.15, 3.0), "im": (0.15, 3.0, 1.0)}
BAR_CURRENT_RATIO = 1.1  # bars' current over the q ampere-turns of a slot, unsaturated


def saturating_fluxes(kind: str, x: jax.Array) -> jax.Array:
    """Per-unit fluxes (n, 3) of an analytic saturating machine at per-unit currents (n, 3); gradient of a co-energy."""

    def coenergy(point):
        d, q, f = point
        if kind == "im":  # magnetized from the stator alone, leakage in the q axis
            return 0.12 * jnp.sqrt(1.0 + (8.0 * d) ** 2 + (0.5 * q) ** 2) + 0.05 * (d * d + q * q)
        mmf = 0.45 * d + (f if kind == "eesm" else 0.55)
        main = jnp.sqrt(1.0 + (1.6 * mmf) ** 2 + (1.1 * q) ** 2)
        leak = 0.05 * (d * d + q * q) + (0.08 * f * f if kind == "eesm" else 0.0)
        return main + leak

    return jax.vmap(jax.grad(coenergy))(x) * jnp.array([1.0, 1.0, 1.5])


def analytic_map(kind: str, scale: jax.Array) -> LaminationMap:
    """Lamination map whose fluxes are `saturating_fluxes` x 0.05 Wb/m and whose losses grow with flux squared."""
    form = {"eesm": "eesm_12", "ipm": "ipm_6", "im": "im_9"}[kind]
    points = jnp.asarray(FORMS[form].points)
    flux = 0.05 * saturating_fluxes(kind, points) * jnp.array([1.0, 1.0, 1.0]) * scale[0] / scale
    size = jnp.sum(flux[:, :2] ** 2, -1, keepdims=True) / 0.05**2
    base = np.array([2.0, 2e-3, 0.02, 5e-9, 2.0, 2e-3, 0.02, 1e-9, 0.1, 4e-4, 1e-3, 1e-8, 1.0])
    assert base.size == CHANNELS
    flux_map = fit_flux_map(form, scale, TEMPLATES[kind].slots_per_pole, flux)
    ratio = BAR_CURRENT_RATIO / (1.0 + 0.1 * points[:, 0] ** 2)
    return LaminationMap(
        form=form,
        field_solves=0,
        flux_map=flux_map,
        iron_loss_map=fit_iron_loss_map(flux_map, flux, size * base),
        magnet_flux_density=jnp.array([0.9, 0.3]) if kind == "ipm" else jnp.zeros(2),
        residual=jnp.zeros(()),
        converged=jnp.asarray(True),
        corner_jacobian=jnp.asarray(0.5),
        bar_current=fit_bar_current_map(form, ratio) if kind == "im" else None,
    )


@functools.cache
def analytic_motor(kind: str, parallel_paths: float = 2.0) -> Motor:
    """Motor on the lamination at the middle of its box with the analytic map; its values are constants wherever
    it is first asked for, inside a trace too (the cache must not keep a tracer)."""
    space = lamination_space(TEMPLATES[kind])
    with jax.ensure_compile_time_eval():
        return build_motor(
            kind, space.to_physical(0.5 * jnp.ones(len(space))), jnp.asarray(MOTOR_VALUES[kind]), parallel_paths
        )


@functools.partial(jax.jit, static_argnums=0)
def build_motor(kind: str, lamination_values: jax.Array, motor_values: jax.Array, parallel_paths: float) -> Motor:
    """Motor from values of its two design spaces, with the analytic map."""
    template = TEMPLATES[kind]
    assert motor_values.shape == (len(motor_space(kind)),)
    lamination = lamination_from_values(template, POLE_PAIRS[kind], lamination_values)
    scale = ampere_turn_scale(LaminationMapSettings(template=template), lamination)
    return motor_from_values(
        kind,
        motor_values,
        lamination=lamination,
        lamination_map=analytic_map(kind, scale),
        steel=electrical_steel("M235-35A"),
        magnet=magnet("N42UH"),
        parallel_paths=parallel_paths,
    )


def motor_with_constant_map(kind: str, lamination_values: jax.Array, motor_values: jax.Array) -> Motor:
    """Motor whose values vary while its map stays that of `analytic_motor`."""
    with jax.ensure_compile_time_eval():
        fields = analytic_motor(kind).lamination_map
    return motor_from_values(
        kind,
        motor_values,
        lamination=lamination_from_values(TEMPLATES[kind], POLE_PAIRS[kind], lamination_values),
        lamination_map=fields,
        steel=electrical_steel("M235-35A"),
        magnet=magnet("N42UH"),
        parallel_paths=2.0,
    )


__all__ = [
    "POLE_PAIRS",
    "TEMPLATES",
    "analytic_map",
    "analytic_motor",
    "build_motor",
    "motor_with_constant_map",
    "saturating_fluxes",
]
