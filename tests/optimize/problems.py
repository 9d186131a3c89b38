"""Analytic problems with the two-level structure of the real one.

The "field" of a candidate is a nonlinear, one-to-one warp of its masked variables; its expansion is the exact
linearization of the warp, so that first-order models err away from their centre as the real ones do, while the
fronts stay those of the literature. Formulas from the public papers: Deb et al. (DTLZ), Jain and Deb (C2-DTLZ2),
Tanabe and Ishibuchi, Appl. Soft Comput. 89 (2020) 106078 (RE, CRE).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.optimize import Evaluation

WARP = 0.1
Values = tuple[jax.Array, jax.Array]


def warp(y: jax.Array, height: float = WARP) -> jax.Array:
    """Smooth bijection of [0, 1]."""
    return y + height * jnp.sin(2.0 * jnp.pi * y)


def expanded(height: float, x: np.ndarray) -> dict[str, np.ndarray]:
    """Centre, value and slope of the warp at points (B, n)."""
    curve = functools.partial(warp, height=height)
    value, slope = jax.vmap(curve)(jnp.asarray(x)), jax.vmap(jax.vmap(jax.grad(curve)))(jnp.asarray(x))
    return {"centre": np.asarray(x), "value": np.asarray(value), "slope": np.asarray(slope)}


@dataclasses.dataclass(eq=False)
class TwoLevelProblem:
    """A function of the unit cube (before scaling to the space) whose masked variables are seen through the warp."""

    function: Callable[[jax.Array, jax.Array], Values]  # (x (n,) physical, branch) -> objectives, margins >= 0
    space: DesignSpace
    trust_region_mask: np.ndarray
    objective_names: tuple[str, ...]
    margin_names: tuple[str, ...]
    branch_count: int = 1
    field_solves_per_expansion: int = 3
    poison: Callable[[jax.Array], jax.Array] | None = None  # x -> where evaluation turns NaN
    final_warp: float | None = None  # height of the warp that the reported front sees

    def expand(self, x: np.ndarray, branch: np.ndarray) -> dict[str, np.ndarray]:
        """Centre, value and slope of the warp."""
        return expanded(WARP, x)

    @property
    def expand_final(self) -> Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]] | None:
        """The same with the final warp, where there is one."""
        return None if self.final_warp is None else lambda x, branch: expanded(float(self.final_warp or 0.0), x)

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: dict[str, jax.Array]) -> Evaluation:
        """The function behind the linearized warp."""
        seen = expansion["value"] + expansion["slope"] * (x - expansion["centre"])
        inner = jnp.where(self.trust_region_mask, seen, x)
        objectives, margins = self.function(self.space.to_physical(inner), branch)
        if self.poison is not None:
            objectives = jnp.where(self.poison(x), jnp.nan, objectives)
        return Evaluation(objectives=objectives, margins=margins, valid=jnp.array(True))


def box(low: list[float], high: list[float], integer: tuple[int, ...] = ()) -> DesignSpace:
    """Space of anonymous variables."""
    ranges = enumerate(zip(low, high, strict=True))
    return DesignSpace(tuple(Variable("test", f"x{k}", "1", a, b, "", integer=k in integer) for k, (a, b) in ranges))


def make(
    function: Callable[..., Values],
    space: DesignSpace,
    masked: list[int],
    objectives: int,
    margins: int,
    **more: object,
) -> TwoLevelProblem:
    """Problem with numbered names."""
    mask = np.isin(np.arange(len(space)), masked)
    names = tuple(f"objective{k}" for k in range(objectives)), tuple(f"margin{k}" for k in range(margins))
    return TwoLevelProblem(function, space, mask, *names, **more)  # type: ignore[arg-type]


def dtlz2_objectives(x: jax.Array) -> jax.Array:
    """DTLZ2 with three objectives: the front is an eighth of the unit sphere."""
    g = jnp.sum((x[2:] - 0.5) ** 2)
    a, b = x[0] * jnp.pi / 2, x[1] * jnp.pi / 2
    return (1 + g) * jnp.array([jnp.cos(a) * jnp.cos(b), jnp.cos(a) * jnp.sin(b), jnp.sin(a)])


def dtlz2() -> TwoLevelProblem:
    """12 variables, no margins."""
    return make(lambda x, _: (dtlz2_objectives(x), jnp.ones(1)), box([0.0] * 12, [1.0] * 12), [0, 3, 5, 7], 3, 1)


def c2dtlz2() -> TwoLevelProblem:
    """DTLZ2 on four separate pieces of the sphere."""

    def function(x: jax.Array, branch: jax.Array) -> Values:
        f, r = dtlz2_objectives(x), 0.4
        corner = jnp.min((f - 1) ** 2 + jnp.sum(f**2) - f**2 - r**2)
        centre = jnp.sum((f - 1 / np.sqrt(3)) ** 2) - r**2
        return f, -jnp.minimum(corner, centre)[None]

    return make(function, box([0.0] * 12, [1.0] * 12), [0, 3, 5, 7], 3, 1)


def re37() -> TwoLevelProblem:
    """Rocket injector: 4 variables, 3 objectives."""

    def function(x: jax.Array, branch: jax.Array) -> Values:
        a, h, o, p = x
        f1 = 0.692 + 0.477 * a - 0.687 * h - 0.080 * o - 0.065 * p - 0.167 * a * a - 0.0129 * h * a + 0.0796 * h * h
        f1 += -0.0634 * o * a - 0.0257 * o * h + 0.0877 * o * o - 0.0521 * p * a + 0.00156 * p * h
        f1 += 0.00198 * p * o + 0.0184 * p * p
        f2 = 0.153 - 0.322 * a + 0.396 * h + 0.424 * o + 0.0226 * p + 0.175 * a * a + 0.0185 * h * a - 0.0701 * h * h
        f2 += -0.251 * o * a + 0.179 * o * h + 0.015 * o * o + 0.0134 * p * a + 0.0296 * p * h
        f2 += 0.0752 * p * o + 0.0192 * p * p
        f3 = 0.370 - 0.205 * a + 0.0307 * h + 0.108 * o + 1.019 * p - 0.135 * a * a + 0.0141 * h * a + 0.0998 * h * h
        f3 += 0.208 * o * a - 0.0301 * o * h - 0.226 * o * o + 0.353 * p * a - 0.0497 * p * o - 0.423 * p * p
        f3 += 0.202 * h * a * a - 0.281 * o * a * a - 0.342 * h * h * a - 0.245 * h * h * o + 0.281 * o * o * h
        f3 += -0.184 * p * p * a - 0.281 * h * a * o
        return jnp.stack([f1, f2, f3]), jnp.ones(1)

    return make(function, box([0.0] * 4, [1.0] * 4), [1, 2], 3, 1)


def cre22() -> TwoLevelProblem:
    """Welded beam: 4 variables, 2 objectives, 4 margins."""

    def function(x: jax.Array, branch: jax.Array) -> Values:
        x1, x2, x3, x4 = x
        load, length, young, shear = 6000.0, 14.0, 30e6, 12e6
        f1 = 1.10471 * x1 * x1 * x2 + 0.04811 * x3 * x4 * (14 + x2)
        f2 = 4 * load * length**3 / (young * x4 * x3**3)
        moment, q = load * (length + x2 / 2), ((x1 + x3) / 2) ** 2
        radius = jnp.sqrt(x2 * x2 / 4 + q)
        polar = 2 * np.sqrt(2) * x1 * x2 * (x2 * x2 / 12 + q)
        t2, t1 = moment * radius / polar, load / (np.sqrt(2) * x1 * x2)
        tau = jnp.sqrt(t1 * t1 + 2 * t1 * t2 * x2 / (2 * radius) + t2 * t2)
        sigma = 6 * load * length / (x4 * x3 * x3)
        slender = 1 - x3 / (2 * length) * np.sqrt(young / (4 * shear))
        critical = 4.013 * young * x3 * x4**3 / 6 / (length * length) * slender
        margins = jnp.stack([-jnp.log(tau / 13600), -jnp.log(sigma / 30000), (x4 - x1) / 5, critical / load - 1])
        return jnp.stack([f1, f2]), margins

    return make(function, box([0.125, 0.1, 0.1, 0.125], [5.0, 10.0, 10.0, 5.0]), [2], 2, 4)


BARS = tuple((height, thickness) for height in (3.0, 4.5, 6.0, 8.0, 10.0) for thickness in (0.3, 0.5, 0.9, 1.6, 3.0))


def welded_bars() -> TwoLevelProblem:
    """CRE22 with bars from stock: height and thickness stand on a row of `BARS`."""
    problem = cre22()
    free = problem.space.variables
    sizes = zip(free[2:], zip(*BARS, strict=True), strict=True)
    listed = tuple(dataclasses.replace(v, listed=values, list_name="bar") for v, values in sizes)
    return dataclasses.replace(problem, space=DesignSpace(free[:2] + listed))


def cre24() -> TwoLevelProblem:
    """Speed reducer: 7 variables, one of them a number of teeth, 2 objectives, 11 margins."""

    def function(x: jax.Array, branch: jax.Array) -> Values:
        x1, x2, x3, x4, x5, x6, x7 = x
        f1 = 0.7854 * x1 * x2**2 * (10 * x3 * x3 / 3 + 14.933 * x3 - 43.0934) - 1.508 * x1 * (x6**2 + x7**2)
        f1 += 7.477 * (x6**3 + x7**3) + 0.7854 * (x4 * x6**2 + x5 * x7**2)
        f2 = jnp.sqrt((745 * x4 / (x2 * x3)) ** 2 + 1.69e7) / (0.1 * x6**3)
        g = [27 / (x1 * x2**2 * x3) - 1, 397.5 / (x1 * x2**2 * x3**2) - 1, 1.93 * x4**3 / (x2 * x3 * x6**4) - 1]
        g += [1.93 * x5**3 / (x2 * x3 * x7**4) - 1, x2 * x3 / 40 - 1, x1 / x2 / 12 - 1, 1 - x1 / x2 / 5]
        g += [(1.9 - x4 + 1.5 * x6) / 1.9, (1.9 - x5 + 1.1 * x7) / 1.9, f2 / 1300 - 1]
        g += [jnp.sqrt((745 * x5 / (x2 * x3)) ** 2 + 1.575e8) / (0.1 * x7**3) / 1100 - 1]
        return jnp.stack([f1, f2]), -jnp.stack(g)

    space = box([2.6, 0.7, 17.0, 7.3, 7.3, 2.9, 5.0], [3.6, 0.8, 28.0, 8.3, 8.3, 3.9, 5.5], integer=(2,))
    return make(function, space, [5, 6], 2, 11)


def cre31() -> TwoLevelProblem:
    """Car side impact: 7 variables, 3 objectives, 10 margins."""

    def function(x: jax.Array, branch: jax.Array) -> Values:
        x1, x2, x3, x4, x5, x6, x7 = x
        f1 = 1.98 + 4.9 * x1 + 6.67 * x2 + 6.98 * x3 + 4.01 * x4 + 1.78 * x5 + 0.00001 * x6 + 2.73 * x7
        f2 = 4.72 - 0.5 * x4 - 0.19 * x2 * x3
        vm, vf = 10.58 - 0.674 * x1 * x2 - 0.67275 * x2, 16.45 - 0.489 * x3 * x7 - 0.843 * x5 * x6
        v = 0.214 + 0.00817 * x5 - 0.045195 * x1 - 0.0135168 * x1 + 0.03099 * x2 * x6 - 0.018 * x2 * x7
        v += 0.007176 * x3 + 0.023232 * x3 - 0.00364 * x5 * x6 - 0.018 * x2 * x2
        u = 0.261 - 0.0159 * x1 * x2 - 0.06486 * x1 - 0.019 * x2 * x7 + 0.0144 * x3 * x5 + 0.0154464 * x6
        g = [1.16 - 0.3717 * x2 * x4 - 0.0092928 * x3 - 1, u / 0.32 - 1, v / 0.32 - 1]
        g += [(0.74 - 0.61 * x2 - 0.031296 * x3 - 0.031872 * x7 + 0.227 * x2 * x2) / 0.32 - 1]
        g += [(28.98 + 3.818 * x3 - 4.2 * x1 * x2 + 1.27296 * x6 - 2.68065 * x7) / 32 - 1]
        g += [(33.86 + 2.95 * x3 - 5.057 * x1 * x2 - 3.795 * x2 - 3.4431 * x7 + 1.45728) / 32 - 1]
        g += [(46.36 - 9.9 * x2 - 4.4505 * x1) / 32 - 1, f2 / 4 - 1, vm / 9.9 - 1, vf / 15.7 - 1]
        return jnp.stack([f1, f2, 0.5 * (vm + vf)]), -jnp.stack(g)

    space = box([0.5, 0.45, 0.5, 0.5, 0.875, 0.4, 0.4], [1.5, 1.35, 1.5, 1.5, 2.625, 1.2, 1.2])
    return make(function, space, [1, 2], 3, 10)
