"""Laminations of the reference machines; sources and assumed dimensions stand in `edu_opt.motor.reference_machines`."""

from __future__ import annotations

import dataclasses
import math
from typing import TypeVar

import jax.numpy as jnp

from edu_opt.motor.cage import CageRotor
from edu_opt.motor.field.grid_ipm import web_share
from edu_opt.motor.geometry import Lamination, Rotor, SalientPoleRotor, SingleVRotor, StatorGeometry, Template
from edu_opt.motor.reference_rotors import BMW_I3, JAGUAR_I_PACE, MILLIMETRE, layered_rotor

R = TypeVar("R", SingleVRotor, SalientPoleRotor, CageRotor)


def _stator(*lengths: float) -> StatorGeometry:
    """In mm: outer radius, bore radius, opening, tip, wedge, slot width at top and bottom, depth, corner radius."""
    names = [field.name for field in dataclasses.fields(StatorGeometry)]
    return StatorGeometry(**{n: jnp.asarray(x * MILLIMETRE) for n, x in zip(names, lengths, strict=True)})


def _rotor(kind: type[R], **lengths: float) -> R:
    """Rotor from lengths in mm."""
    return kind(**{name: jnp.asarray(value * MILLIMETRE) for name, value in lengths.items()})


def _parallel_teeth(slots: int, tooth: float, start: float, depth: float) -> tuple[float, float]:
    """Slot widths at the start and the bottom of the winding space between parallel teeth; same unit as the radii."""
    return tuple(2.0 * math.tan(math.pi / slots) * radius - tooth for radius in (start, start + depth))  # type: ignore[return-value]


def _lamination(template: Template, stator: StatorGeometry, rotor: Rotor, pole_pairs: int) -> Lamination:
    return Lamination(template=template, stator=stator, rotor=rotor, pole_pairs=jnp.asarray(float(pole_pairs)))


def toyota_prius_2004() -> Lamination:
    """See `reference_machines`."""
    rotor = _rotor(
        SingleVRotor,
        outer_radius=80.2,
        shaft_radius=55.32,
        bridge=1.5,
        post_width=0.0,
        web_width=14.0,
        pocket_chord=42.0,
        depth=10.96,
        inner_gap=0.6,  # 0 in the source: the least that the grid holds
        magnet_width=18.9,
        magnet_thickness=6.5,
        magnet_recess=1.0,
    )
    template = Template(rotor="ipm", slots_per_pole=6, slot_shape="shoulder", post=False)
    return _lamination(template, _stator(134.62, 80.95, 1.93, 1.0, 0.0, 5.0, 8.0, 33.3, 4.0), rotor, 4)


def bmw_i3() -> Lamination:
    """See `reference_machines`."""
    template = Template(rotor="ipm", slots_per_pole=6, barriers=tuple(layer.barrier for layer in BMW_I3))
    stator = _stator(121.0, 90.0, 2.0, 0.6, 1.2, 4.0, 5.0, 21.6, 0.0)
    return _lamination(template, stator, layered_rotor(BMW_I3, 89.3, 60.0), 6)


def jaguar_i_pace() -> Lamination:
    """See `reference_machines`."""
    template = Template(rotor="ipm", slots_per_pole=6, barriers=tuple(layer.barrier for layer in JAGUAR_I_PACE))
    stator = _stator(102.0, 68.4, 2.04, 0.87, 0.51, 4.58, 5.14, 15.93, 0.5)
    return _lamination(template, stator, layered_rotor(JAGUAR_I_PACE, 68.0, 25.0), 4)


def bmw_gen5() -> Lamination:
    """See `reference_machines`."""
    rotor = _rotor(
        SalientPoleRotor,
        outer_radius=75.3,
        shaft_radius=25.0,
        face_radius=70.0,
        shoe_width=54.0,
        shoe_height=4.0,
        body_width=34.0,
        body_height=24.0,
        coil_clearance_top=0.5,
        coil_clearance_side=1.0,
        coil_clearance_bottom=0.5,
    )
    stator = _stator(112.5, 76.0, 1.8, 0.8, 0.6, 4.4, 4.4, 19.0, 0.5)
    return _lamination(Template(rotor="eesm", slots_per_pole=9), stator, rotor, 3)


def vw_app310() -> Lamination:
    """See `reference_machines`."""
    rotor = _rotor(
        SingleVRotor,
        outer_radius=81.0,
        shaft_radius=31.5,
        bridge=1.3,
        post_width=5.0,
        web_width=6.4,
        pocket_chord=41.26,
        depth=14.06,
        inner_gap=1.29,
        magnet_width=18.0,
        magnet_thickness=6.0,
        magnet_recess=-2.17,
    )
    template = Template(rotor="ipm", slots_per_pole=6, slot_shape="shoulder", web_share=web_share(rotor, math.pi / 8.0))
    return _lamination(template, _stator(110.04, 81.5, 2.18, 1.0, 0.0, 6.1, 6.1, 14.51, 1.5), rotor, 4)


def tesla_model3_rear() -> Lamination:
    """See `reference_machines`."""
    # Magnets 21.66 deg off the tangent and a pocket 10 % longer than they are give chord and depth.
    rotor = _rotor(
        SingleVRotor,
        outer_radius=74.95,
        shaft_radius=34.75,
        bridge=1.2,
        post_width=1.5,
        web_width=18.0,
        pocket_chord=46.6,
        depth=13.95,
        inner_gap=1.0,
        magnet_width=21.47,
        magnet_thickness=6.5,
        magnet_recess=0.3,
    )
    top, bottom = _parallel_teeth(54, 4.3, 77.15, 17.35)
    stator = _stator(112.5, 75.65, 2.42, 1.0, 0.5, top, bottom, 17.35, 1.5)
    return _lamination(Template(rotor="ipm", slots_per_pole=9), stator, rotor, 3)


def tesla_model_s_im() -> Lamination:
    """See `reference_machines`."""
    top, bottom = _parallel_teeth(60, 4.0, 79.5, 19.0)
    bar_top, bar_bottom = _parallel_teeth(74, 3.5, 61.8, 15.1)[::-1]
    rotor = _rotor(
        CageRotor,
        outer_radius=77.9,
        shaft_radius=25.0,
        bridge=1.0,
        opening_width=2.0,
        bar_width_top=bar_top,
        bar_width_bottom=bar_bottom,
        bar_depth=15.1,
        corner_radius_top=0.5,
        corner_radius_bottom=0.5,
    )
    template = Template(
        rotor="im", slots_per_pole=15, coil_pitch=14, poles_per_sector=2, bars_per_sector=37, open_bars=True
    )
    return _lamination(template, _stator(127.0, 78.5, 2.9, 0.5, 0.5, top, bottom, 19.0, 0.5), rotor, 2)
