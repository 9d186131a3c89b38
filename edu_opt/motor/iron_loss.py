"""Iron loss over current and frequency from coefficients at the sampled current points.

At each sample point the fields give twelve coefficients a metre of stack: regions (stator tooth, stator yoke, rotor) x
terms (hysteresis [W/m/Hz], classical [W/m/Hz^2], excess [W/m/Hz^1.5], and how soon the skin effect in the sheets takes
from the classical loss: that loss x x^4 / f^2 [W/m/Hz^4]), and one mean square ripple in the magnets. Over
current each is a few squares of flux linkages (and currents, ipm), fitted by weighted least squares, plus a kernel
interpolation of the residuals with the features of the flux map: linear in the samples. A smooth positive part keeps it
above zero.

On ten laminations that took no part in the choice (XS, 60 random currents each, at 400 Hz): rms error 4 to 9 % of the
largest loss, about 10 % of the loss itself, against fields solved at those currents.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.materials.steels import ElectricalSteel
from edu_opt.motor.flux_map import FluxMap, features, form_and_points, kernel_arguments, sample_points
from edu_opt.motor.flux_map_forms import FORMS, KernelForm
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.linear import symmetric_solve
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.series import horner, power_series
from edu_opt.numerics.shared_derivatives import shared_derivatives
from edu_opt.numerics.smooth import smooth_positive

REGIONS = ("tooth", "yoke", "rotor")
TERMS = ("hysteresis", "classical", "excess", "sheet")
CHANNELS = len(REGIONS) * len(TERMS) + 1  # the last: magnet flux-density ripple
BUILD_FACTOR = 1.25  # Motor-CAD `StatorIronLossBuildFactor`, `RotorIronLossBuildFactor` of every TUMFTM machine
RESIDUAL_SHARE = {"eesm": 0.6, "ipm": 1.0}  # of the flux map's feature scale (larger: more local)
RIDGE = {"eesm": 1e-3, "ipm": 1e-2}
NOISE = 1e-3  # of the residual kernel's variance
FLOOR_SHARE = 0.01  # width of the positive part, of a channel's mean over the samples
SHEET_TERMS = 6
SHEET_PERMEABILITY = 1000.0  # relative, for the sheets' skin effect (assumed: 500 to 2000 to 1.5 T and in small loops)


@pytree
class IronLossMap:
    """`squares` (terms, channels): weights of the squares; `residuals` (points, channels): kernel weights; `width`
    (channels,) of the positive part; `flux_scale` [Wb/m]: largest sampled flux. Features as in the flux map."""

    squares: jax.Array
    residuals: jax.Array
    width: jax.Array
    flux_scale: jax.Array


def _kind(form: KernelForm) -> str:
    return "eesm" if form.rest_point else "ipm"


def _squares(form: KernelForm, x: jax.Array, flux: jax.Array) -> jax.Array:
    """Terms (..., t) at per-unit currents (..., 3) and per-unit fluxes (..., 3)."""
    d, q = flux[..., 0] ** 2, flux[..., 1] ** 2
    terms = [d, q, (d + q) ** 2]
    if not form.rest_point:
        terms += [x[..., 1] ** 2, x[..., 0] ** 2]
    return jnp.stack(terms, -1)


def _kernel(form: KernelForm, x, points, numeric):
    """Kernel values (..., points) between per-unit currents x (..., 3) and sample points (n, 3); even in i_q."""
    share, total = RESIDUAL_SHARE[_kind(form)], 0.0
    for image in (points, *(points * mirror for mirror in form.mirrors)):
        square = 0.0
        for block, columns in _feature_columns(form):
            u, centres = (features(block, at, numeric)[0][..., columns] for at in (x, image))
            square = square + numeric.sum((u[..., None, :] - centres) ** 2, -1)
        total = total + numeric.exp(-0.5 * share**2 * square)
    return total


@shared_derivatives
def _kernel_at(form_name: str, arguments: jax.Array, _: None) -> jax.Array:
    """Kernel (points,) at per-unit currents and field ratio (4,)."""
    form = FORMS[form_name]
    return _kernel(form, arguments[:3], sample_points(form, arguments[3], jnp), jnp)


@shared_derivatives
def _kernel_matrix(form_name: str, field_ratio: jax.Array, _: None) -> jax.Array:
    """Kernel (points, points) among the sample points at a field ratio (1,)."""
    form = FORMS[form_name]
    points = sample_points(form, field_ratio[0], jnp)
    return _kernel(form, points, points, jnp)


def _feature_columns(form: KernelForm):
    """Blocks and their features that the residual kernel sees: both of the first block, for eesm the field's too."""
    first = (form.blocks[0], slice(0, 2))
    return (first, (form.blocks[-1], slice(2, 3))) if form.rest_point else (first,)


def fit_iron_loss_map(flux_map: FluxMap, flux: jax.Array, coefficients: jax.Array) -> IronLossMap:
    """Map from sampled unit fluxes (points, 3) [Wb/m] and coefficients (points, channels) per metre of stack."""
    form, points = form_and_points(flux_map)
    scale = jnp.sqrt(jnp.max(jnp.sum(flux[:, :2] ** 2, -1)))
    if form.rest_point:
        flux, coefficients = (jnp.concatenate([v, jnp.zeros((1, v.shape[1]))]) for v in (flux, coefficients))
    mean = jnp.mean(coefficients, 0) + 1e-12
    size = jnp.mean(coefficients / mean, -1, keepdims=True)
    weight = 1.0 / (size + 0.05)  # about equal relative errors, without letting the smallest losses rule
    terms = _squares(form, jnp.asarray(points), flux / scale)
    normal = terms.T @ (weight * terms)
    normal = normal + RIDGE[_kind(form)] * jnp.trace(normal) / len(normal) * jnp.eye(len(normal))
    squares = symmetric_solve(normal, terms.T @ (weight * coefficients))
    gram = _kernel_matrix(flux_map.form, flux_map.field_ratio[None], None) + NOISE * jnp.eye(len(points))
    residuals = symmetric_solve(gram, coefficients - terms @ squares)
    return IronLossMap(squares=squares, residuals=residuals, width=FLOOR_SHARE * mean, flux_scale=scale)


def loss_coefficients(iron: IronLossMap, flux_map: FluxMap, ampere_turns: jax.Array, flux: jax.Array) -> jax.Array:
    """Coefficients (channels,) per metre at ampere-turns (3,) [A] and the unit fluxes (3,) [Wb/m] there."""
    arguments = kernel_arguments(flux_map, ampere_turns)
    squares = _squares(FORMS[flux_map.form], arguments[:3], flux / iron.flux_scale)
    values = squares @ iron.squares + _kernel_at(flux_map.form, arguments, None) @ iron.residuals
    return smooth_positive(values, iron.width)


def sheet_thickness_in_skin_depths(steel: ElectricalSteel) -> jax.Array:
    """Thickness over skin depth at 1 Hz [s^0.5]; x grows with the root of frequency."""
    permeability = SHEET_PERMEABILITY * VACUUM_PERMEABILITY
    return steel.thickness * jnp.sqrt(math.pi * permeability / steel.resistivity)


def sheet_skin_factor(fourth_power: jax.Array) -> jax.Array:
    """Classical loss of a sheet over its value without skin effect, at equal mean flux density: 3/x (sinh x - sin x) /
    (cosh x - cos x) from x^4, x thickness over skin depth (J. Lammeraner, M. Stafl, Eddy Currents (1966), recalled).
    Few terms, since the control differentiates it thrice: 1e-5 up to x = 7.5, 1e-3 up to 10."""
    return 3.0 * horner(power_series(3, SHEET_TERMS), fourth_power) / horner(power_series(2, SHEET_TERMS), fourth_power)


def coefficient_table(coefficients: jax.Array) -> jax.Array:
    """Coefficients (..., channels) of the iron as (..., region, term)."""
    return coefficients[..., :-1].reshape(*coefficients.shape[:-1], len(REGIONS), len(TERMS))


def iron_losses_per_length(coefficients: jax.Array, frequency: jax.Array) -> jax.Array:
    """Losses (3,) [W/m] of (tooth, yoke, rotor) at electrical frequency [Hz] >= 0, build factor included."""
    return _losses_per_frequency(coefficients, frequency) * frequency


def iron_drag_per_length(coefficients: jax.Array, electrical_speed: jax.Array) -> jax.Array:
    """Losses over electrical speed (3,) [N m/m per pole pair]: finite at standstill (hysteresis torque)."""
    return _losses_per_frequency(coefficients, electrical_speed / (2.0 * math.pi)) / (2.0 * math.pi)


def _losses_per_frequency(coefficients: jax.Array, frequency: jax.Array) -> jax.Array:
    hysteresis, classical, excess, sheet = jnp.moveaxis(coefficient_table(coefficients), -1, 0)
    eddies = classical * frequency * sheet_skin_factor(frequency**2 * sheet / classical)
    return BUILD_FACTOR * (hysteresis + eddies + excess * _root(frequency))


def _root(frequency: jax.Array) -> jax.Array:
    """sqrt(f) with a finite slope at standstill (exact to 1e-3 above 1 Hz)."""
    return frequency / jnp.sqrt(frequency + 1e-3)
