"""Kernel forms of the flux map: where currents are sampled, and how the co-energy bends between the samples.

Sample points and hyperparameters were found once by a search over dense maps of machines solved on grid XS (eesm, ipm:
CMA-ES; synrm: `experiments.validation.flux_map_forms`, which also prints the errors on machines not searched over).
"""

from __future__ import annotations

import dataclasses

import numpy as np

MIRROR = np.array([1.0, -1.0, 1.0])
_D_MIRRORS = (np.array([-1.0, 1.0, 1.0]), np.array([-1.0, -1.0, 1.0]))
LINEAR = 1.0e3  # a warp this large leaves a feature linear (asinh(x/w) w = x to 2e-7 at |x| = 1)


@dataclasses.dataclass(frozen=True)
class Block:
    """One squared-exponential kernel over features u_a = warp_a/length_a asinh((direction_a . x + offset_a)/warp_a).

    A direction has either no i_q part or only one (and then no offset), so that mirroring i_q mirrors single features.
    """

    amplitude: float
    directions: tuple[tuple[float, float, float], ...]
    offsets: tuple[float, ...]
    warps: tuple[float, ...]
    lengths: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class KernelForm:
    """Sample points (per unit of the largest currents), kernel blocks, polynomial terms, relative noise.

    `quadratic`, `linear`: standard deviations of the polynomial terms; `rest_point` adds the known state of an
    unexcited machine (no current, no flux; not solved). `even_in_d`: a rotor without magnets or field winding, whose
    map is mirrored in i_d as well (then without linear term and offsets).
    """

    points: tuple[tuple[float, float, float], ...]
    blocks: tuple[Block, ...]
    quadratic: float
    linear: float
    noise: float = 1e-6
    rest_point: bool = False
    even_in_d: bool = False

    def __post_init__(self) -> None:
        if self.even_in_d and (self.linear or any(any(block.offsets) for block in self.blocks)):
            raise ValueError("a form that is even in i_d has neither a linear term nor offsets")

    @property
    def mirrors(self) -> tuple[np.ndarray, ...]:
        """Signs (3,) of the currents in every mirror image of the sample points."""
        return (MIRROR, *_D_MIRRORS) if self.even_in_d else (MIRROR,)


FORMS: dict[str, KernelForm] = {
    "eesm_12": KernelForm(
        points=(
            (-0.825, 0.362, 0.351),
            (0.11, 0.041, 0.14),
            (0.027, 0.295, 0.564),
            (0.128, 0.517, 0.802),
            (0.25, 0.246, 0.9),
            (-0.126, 0.865, 0.289),
            (0.045, 0.834, 0.435),
            (-0.411, 0.402, 0.626),
            (-0.67, 0.162, 0.338),
            (0.25, 0.851, 0.95),
            (-0.737, 0.214, 0.566),
            (-0.13, 0.923, 0.171),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.682), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.290, 0.403),
                lengths=(0.460, 0.555),
            ),
            Block(
                amplitude=0.163,
                directions=((1.0, 0.0, 0.682), (0.0, 1.0, 0.0), (0.957, 0.0, 1.0)),
                offsets=(0.0, 0.0, 0.0),
                warps=(1.451, LINEAR, 0.422),
                lengths=(0.850, 0.405, 0.258),
            ),
        ),
        quadratic=2.551,
        linear=0.0,
        rest_point=True,
    ),
    "ipm_6": KernelForm(
        points=(
            (-0.208, 0.213, 0.0),
            (-0.674, 0.172, 0.0),
            (-0.021, 0.932, 0.0),
            (-0.259, 0.372, 0.0),
            (-0.987, 0.144, 0.0),
            (-0.62, 0.682, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.000,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.163, 0.0),
                warps=(0.904, 0.542),
                lengths=(1.722, 0.593),
            ),
            Block(
                amplitude=0.045,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.163, 0.0),
                warps=(0.904, 0.542),
                lengths=(0.618, 0.216),
            ),
        ),
        quadratic=1.547,
        linear=3.510,
        noise=1e-7,
    ),
    "ipm_8": KernelForm(
        points=(
            (-0.061, 0.939, 0.0),
            (-0.515, 0.482, 0.0),
            (-0.028, 0.561, 0.0),
            (-0.512, 0.812, 0.0),
            (-0.49, 0.109, 0.0),
            (-0.238, 0.34, 0.0),
            (-0.97, 0.351, 0.0),
            (-0.126, 0.163, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.000,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.226, 0.0),
                warps=(0.629, 0.513),
                lengths=(1.113, 0.526),
            ),
            Block(
                amplitude=0.065,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.226, 0.0),
                warps=(0.629, 0.513),
                lengths=(0.451, 0.248),
            ),
        ),
        quadratic=1.191,
        linear=2.206,
        noise=1e-7,
    ),
    "synrm_6": KernelForm(
        points=(
            (-0.45, 0.8, 0.0),
            (-0.2, 0.8, 0.0),
            (-0.674, 0.172, 0.0),
            (-0.2, 0.1, 0.0),
            (-0.8, 0.45, 0.0),
            (-0.987, 0.144, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.549, 0.170),
                lengths=(0.434, 0.237),
            ),
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.549, 0.170),
                lengths=(4.72, 0.285),
            ),
        ),
        quadratic=0.703,
        linear=0.0,
        noise=1e-7,
        even_in_d=True,
    ),
    "assist_8": KernelForm(
        points=(
            (0.0, 0.6, 0.0),
            (-0.45, 0.8, 0.0),
            (-0.3, 0.6, 0.0),
            (-0.3, 0.1, 0.0),
            (-1.0, 0.1, 0.0),
            (-0.6, 0.3, 0.0),
            (-1.0, 0.2, 0.0),
            (-0.3, 1.0, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.216, 0.0),
                warps=(0.754, 0.132),
                lengths=(1.447, 2.717),
            ),
            Block(
                amplitude=0.156,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.216, 0.0),
                warps=(0.754, 0.132),
                lengths=(0.813, 0.171),
            ),
        ),
        quadratic=1.015,
        linear=4.284,
        noise=1e-7,
    ),
    "im_9": KernelForm(
        points=(
            (0.04, 0.15, 0.0),
            (0.04, 0.9, 0.0),
            (0.12, 0.15, 0.0),
            (0.12, 0.9, 0.0),
            (0.25, 0.35, 0.0),
            (0.25, 0.9, 0.0),
            (0.4, 0.6, 0.0),
            (0.6, 0.35, 0.0),
            (0.6, 0.9, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.067, 0.229),
                lengths=(0.517, 1.107),
            ),
            Block(
                amplitude=0.007,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.067, 0.229),
                lengths=(0.074, 0.318),
            ),
        ),
        quadratic=1.0,
        linear=0.0,
        noise=1e-7,
        even_in_d=True,
    ),
}
# The six points leave light load to extrapolation, where iron loss came out up to half too large and the magnets' small
# ripple tens of times (APP310, i3 against direct solves, XS): the unloaded machine and a lightly loaded one join.
FORMS["ipm_6_and_light"] = dataclasses.replace(
    FORMS["ipm_6"], points=(*FORMS["ipm_6"].points, (0.0, 0.0, 0.0), (-0.22, 0.1, 0.0))
)
