"""Flux linkages with their first and second derivatives to the currents, in closed form.

The motor's flux map is the gradient of a sum of kernels k = A exp(-|d|^2/2) times w = d . v over sample points, with
d = u(x) - u_k and features u_a that each depend on one linear combination s_a of the currents. Second derivatives of
the fluxes are third derivatives of that sum: a few moments of (k, d, v), symmetric in all indices. Automatic
differentiation gives the same numbers (tests/drive_unit/test_flux_derivatives.py) at ten times the cost, and the
control asks for them at every step. Moments are scalars per operating point, written out, so that a batch is the long
axis.
"""

from __future__ import annotations

import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.flux_map import (
    FIELD_FACTOR,
    FluxMap,
    _block_velocities,
    _polynomial_gradients,
    flux_linkage_unit,
    kernel_arguments,
    sample_points,
)
from edu_opt.motor.flux_map_forms import FORMS, Block
from edu_opt.motor.induction import bar_ratio
from edu_opt.motor.iron_loss import iron_drag_per_length, loss_coefficients
from edu_opt.motor.model import Motor, _magnet_loss_per_speed, ampere_turns, flux_linkage
from edu_opt.motor.winding import end_winding_inductance
from edu_opt.numerics.shared_derivatives import shared_derivatives

Tensor = dict[tuple[int, ...], jax.Array]  # entries of a symmetric tensor by sorted index


def _entry(tensor: Tensor, *index: int) -> jax.Array:
    return tensor[tuple(sorted(index))]


def _moments(block: Block, difference: list[jax.Array], velocity: list[jax.Array], orders: int) -> list[Tensor]:
    """First, second (and third) derivatives to the features of sum over points of A exp(-|d|^2/2) (d . v)."""
    count = len(difference)
    square = sum(d * d for d in difference)
    along = sum(d * v for d, v in zip(difference, velocity, strict=True))
    kernel = block.amplitude**2 * jnp.exp(-0.5 * square)
    weighted = kernel * along
    kernel_velocity = [kernel * v for v in velocity]
    first: Tensor = {(a,): jnp.sum(kernel_velocity[a] - weighted * difference[a]) for a in range(count)}
    total = jnp.sum(weighted)
    second: Tensor = {}
    for a, b in itertools.combinations_with_replacement(range(count), 2):
        mixed = kernel_velocity[a] * difference[b] + kernel_velocity[b] * difference[a]
        second[a, b] = jnp.sum(weighted * difference[a] * difference[b] - mixed) - (total if a == b else 0.0)
    if orders == 2:
        return [first, second]
    third: Tensor = {}
    for a, b, c in itertools.combinations_with_replacement(range(count), 3):
        d, kv = difference, kernel_velocity
        cubic = kv[a] * d[b] * d[c] + kv[b] * d[a] * d[c] + kv[c] * d[a] * d[b] - weighted * d[a] * d[b] * d[c]
        third[a, b, c] = jnp.sum(cubic) - sum(
            first[other,] for pair, other in (((a, b), c), ((a, c), b), ((b, c), a)) if pair[0] == pair[1]
        )
    return [first, second, third]


def _feature_slopes(block: Block, x: jax.Array) -> tuple[list[jax.Array], list[list[jax.Array]]]:
    """Features and their first three derivatives to their own linear combination of currents."""
    values, slopes = [], []
    for row, offset, warp, length in zip(block.directions, block.offsets, block.warps, block.lengths, strict=True):
        argument = (sum(c * x[k] for k, c in enumerate(row) if c != 0.0) + offset) / warp
        root = 1.0 / jnp.sqrt(1.0 + argument * argument)
        values.append(jnp.arcsinh(argument) * warp / length)
        cube = root * root * root
        slopes.append(
            [
                root / length,
                -argument * cube / (warp * length),
                (2.0 * argument * argument - 1.0) * cube * root * root / (warp * warp * length),
            ]
        )
    return values, slopes


def _along_combinations(moments: list[Tensor], slopes: list[list[jax.Array]]) -> list[Tensor]:
    """Chain rule from features to their linear combinations (each feature depends on its own)."""
    first, second = moments[:2]
    count = len(slopes)
    f1, f2, f3 = ([s[k] for s in slopes] for k in range(3))
    one: Tensor = {(a,): first[a,] * f1[a] for a in range(count)}
    two: Tensor = {(a, b): g * f1[a] * f1[b] + (first[a,] * f2[a] if a == b else 0.0) for (a, b), g in second.items()}
    if len(moments) == 2:
        return [one, two]
    three: Tensor = {}
    for (a, b, c), g in moments[2].items():
        value = g * f1[a] * f1[b] * f1[c]
        for same, other in (((a, b), c), ((a, c), b), ((b, c), a)):
            if same[0] == same[1]:
                value = value + _entry(second, same[0], other) * f2[same[0]] * f1[other]
        three[a, b, c] = value + (first[a,] * f3[a] if a == b == c else 0.0)
    return [one, two, three]


def _to_currents(tensor: Tensor, directions: np.ndarray, order: int) -> Tensor:
    """Symmetric tensor over combinations -> over the three currents; zeros of the directions are skipped."""
    result: Tensor = {}
    for index in itertools.combinations_with_replacement(range(3), order):
        total = jnp.zeros(())
        for path in itertools.product(range(len(directions)), repeat=order):
            factor = float(np.prod([directions[a, i] for a, i in zip(path, index, strict=True)]))
            if factor != 0.0:
                total = total + factor * _entry(tensor, *path)
        result[index] = total
    return result


def _coenergy_tensors(form_name: str, arguments: jax.Array, weights: jax.Array, orders: int) -> list[Tensor]:
    """Derivatives of V to the per-unit currents up to `orders`, as symmetric tensors; linear in the weights."""
    form = FORMS[form_name]
    x, points = arguments[:3], sample_points(form, arguments[3], jnp)
    sums: list[Tensor] = [
        {i: jnp.zeros(()) for i in itertools.combinations_with_replacement(range(3), k + 1)} for k in range(orders)
    ]
    for block in form.blocks:
        centres, velocities = _block_velocities(form, block, points, weights)
        values, slopes = _feature_slopes(block, x)
        difference = [value - centres[:, a] for a, value in enumerate(values)]
        moments = _moments(block, difference, [velocities[:, a] for a in range(len(values))], orders)
        directions = np.array(block.directions)
        for order, tensor in enumerate(_along_combinations(moments, slopes)):
            for index, value in _to_currents(tensor, directions, order + 1).items():
                sums[order][index] = sums[order][index] + value
    terms = jnp.einsum("nti,ni->t", _polynomial_gradients(form, points, jnp), weights)
    d, q, f = x[0], x[1], x[2]
    sums[0][0,] += form.quadratic * (2.0 * d * terms[0] + f * terms[3]) + form.linear * terms[4]
    sums[0][1,] += form.quadratic * 2.0 * q * terms[1]
    sums[0][2,] += form.quadratic * (2.0 * f * terms[2] + d * terms[3])
    for index, term in (
        ((0, 0), 2.0 * terms[0]),
        ((1, 1), 2.0 * terms[1]),
        ((2, 2), 2.0 * terms[2]),
        ((0, 2), terms[3]),
    ):
        sums[1][index] += form.quadratic * term
    return sums


def unit_flux_expansion(flux_map: FluxMap, turns: jax.Array) -> tuple[Tensor, Tensor, Tensor]:
    """Derivatives of the unit co-energy V to ampere-turns (3,) [A]: first, second, third (symmetric tensors)."""
    tensors = _coenergy_tensors(flux_map.form, kernel_arguments(flux_map, turns), flux_map.weights, 3)
    first, second, third = (_per_ampere_turn(tensor, flux_map.base) for tensor in tensors)
    return first, second, third


@shared_derivatives
def _two_orders(form_name: str, arguments: jax.Array, weights: jax.Array) -> jax.Array:
    """The first two tensors, flat (9,)."""
    first, second = _coenergy_tensors(form_name, arguments, weights, 2)
    return jnp.stack([*first.values(), *second.values()])


def unit_flux_slopes(flux_map: FluxMap, turns: jax.Array) -> tuple[Tensor, Tensor]:
    """The first two tensors of `unit_flux_expansion`, for a Jacobian over many variables."""
    flat = _two_orders(flux_map.form, kernel_arguments(flux_map, turns), flux_map.weights)
    index = [(i,) for i in range(3)] + list(itertools.combinations_with_replacement(range(3), 2))
    tensors: Tensor = dict(zip(index, flat, strict=True))
    first, second = ({i: v for i, v in tensors.items() if len(i) == order} for order in (1, 2))
    return _per_ampere_turn(first, flux_map.base), _per_ampere_turn(second, flux_map.base)


def _per_ampere_turn(tensor: Tensor, base: jax.Array) -> Tensor:
    return {index: value / _product(base, index) for index, value in tensor.items()}


def _product(vector: jax.Array, index: tuple[int, ...]) -> jax.Array:
    total = vector[index[0]]
    for k in index[1:]:
        total = total * vector[k]
    return total


def field_values(motor: Motor, currents: jax.Array, speed: jax.Array) -> jax.Array:
    """(psi_d [Wb], psi_q [Wb], drag torque of iron and magnets [N m]) at currents (3,) and mechanical speed > 0; with a
    cage its bars' current over the q ampere-turns follows as the fourth."""
    psi = flux_linkage(motor, currents)
    turns = ampere_turns(motor, currents)
    unit_flux = flux_linkage_unit(motor.lamination_map.flux_map, turns)
    values = [psi[0], psi[1], field_drag(motor, turns, unit_flux, speed)]
    return jnp.stack(values + ([bar_ratio(motor, currents)] if motor.cage else []))


def field_drag(motor: Motor, turns: jax.Array, unit_flux: jax.Array, speed: jax.Array) -> jax.Array:
    """Brake torque [N m] of iron and magnet losses at ampere-turns (3,) [A] and unit fluxes (3,) [Wb/m]."""
    maps, electrical = motor.lamination_map, motor.pole_pairs * speed
    coefficients = loss_coefficients(maps.iron_loss_map, maps.flux_map, turns, unit_flux)
    iron = motor.stack_length * jnp.sum(iron_drag_per_length(coefficients, electrical))
    return motor.pole_pairs * (iron + _magnet_loss_per_speed(motor, coefficients, electrical))


@dataclasses.dataclass(frozen=True)
class _Fluxes:
    """Unit fluxes (3,), their slopes [3][3] to the currents, and currents -> ampere-turns factors, of one motor."""

    per_current: list[jax.Array]
    scale: jax.Array
    leakage: jax.Array
    unit_flux: jax.Array
    unit_slope: list[list[jax.Array]]


FACTOR = (1.0, 1.0, FIELD_FACTOR)


def _fluxes(motor: Motor, first: Tensor, second: Tensor) -> _Fluxes:
    share = motor.winding.conductors_per_slot / motor.winding.parallel_paths
    per_current = [share, share, jnp.asarray(motor.field_winding.turns)]
    return _Fluxes(
        per_current=per_current,
        scale=motor.stack_length * share,
        leakage=end_winding_inductance(motor.winding, motor.dimensions),
        unit_flux=jnp.stack([FACTOR[i] * first[i,] for i in range(3)]),
        unit_slope=[[FACTOR[i] * _entry(second, i, j) * per_current[j] for j in range(3)] for i in range(3)],
    )


def _value_and_slope(motor: Motor, currents: jax.Array, speed: jax.Array, at: _Fluxes) -> tuple[jax.Array, jax.Array]:
    slope = [[at.scale * at.unit_slope[i][j] + (at.leakage if i == j else 0.0) for j in range(3)] for i in range(2)]
    turns = ampere_turns(motor, currents)
    drag, push = jax.linearize(lambda t, u: field_drag(motor, t, u, speed), turns, at.unit_flux)
    tangents = (jnp.diag(jnp.stack(at.per_current)), _stack(at.unit_slope).T)
    value = jnp.stack([at.scale * at.unit_flux[i] + at.leakage * currents[i] for i in range(2)] + [drag])
    slopes = jnp.concatenate([_stack(slope), jax.vmap(push)(*tangents)[None]])
    if not motor.cage:
        return value, slopes
    ratio, ratio_slope = jax.value_and_grad(bar_ratio, argnums=1)(motor, currents)
    return jnp.append(value, ratio), jnp.concatenate([slopes, ratio_slope[None]])


def _unit_curvature(third: Tensor, at: _Fluxes) -> list[list[list[jax.Array]]]:
    """Second derivatives [3][3][3] of the unit fluxes to the currents."""
    c = at.per_current
    return [
        [[FACTOR[i] * _entry(third, i, j, k) * c[j] * c[k] for k in range(3)] for j in range(3)] for i in range(3)
    ]


def field_slopes(motor: Motor, currents: jax.Array, speed: jax.Array) -> tuple[jax.Array, jax.Array]:
    """`field_values` with slopes (k, 3) to the currents; cheap to differentiate in many variables at once."""
    at = _fluxes(motor, *unit_flux_slopes(motor.lamination_map.flux_map, ampere_turns(motor, currents)))
    return _value_and_slope(motor, currents, speed, at)


def field_expansion(motor: Motor, currents: jax.Array, speed: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """`field_values` with slopes (k, 3) to the currents, and the curvature (2, 3, 3) of the two flux linkages."""
    first, second, third = unit_flux_expansion(motor.lamination_map.flux_map, ampere_turns(motor, currents))
    at = _fluxes(motor, first, second)
    return *_value_and_slope(motor, currents, speed, at), at.scale * _stack(_unit_curvature(third, at)[:2])


def field_curvature(motor: Motor, currents: jax.Array, speed: jax.Array) -> jax.Array:
    """Second derivatives (k, 3, 3) of `field_values` to the currents."""
    turns = ampere_turns(motor, currents)
    first, second, third = unit_flux_expansion(motor.lamination_map.flux_map, turns)
    at = _fluxes(motor, first, second)
    slope, curvature = _stack(at.unit_slope), _stack(_unit_curvature(third, at))

    def drag(step: jax.Array) -> jax.Array:
        unit_flux = at.unit_flux + slope @ step + 0.5 * jnp.sum(jnp.sum(curvature * step, -1) * step, -1)
        return field_drag(motor, turns + jnp.stack(at.per_current) * step, unit_flux, speed)

    bends = [jax.jacfwd(jax.jacfwd(drag))(jnp.zeros(3))[None]]
    if motor.cage:
        bends.append(jax.jacfwd(jax.jacfwd(lambda i: bar_ratio(motor, i)))(currents)[None])
    return jnp.concatenate([at.scale * curvature[:2], *bends])


def _stack(nested: list) -> jax.Array:
    return jnp.stack([_stack(n) if isinstance(n, list) else n for n in nested])
