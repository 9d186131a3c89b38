"""Whole gearboxes of the newer layouts: losses, loads, masses over their ranges; two speeds, clutches, disconnect."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.clutch import GAP_FLOW, dog_clutch, open_drag, torque_capacity, wet_clutch
from edu_opt.gearbox.disconnect import disconnected_loss, with_disconnect
from edu_opt.gearbox.layouts import layout_named
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.margins import rating_margins
from edu_opt.gearbox.model import (
    at_speed,
    gearbox_from_values,
    gearbox_space,
    gearbox_state,
    highest_shaft_speeds,
    ratio,
    second_gear,
    shaft_speed_ratios,
    stacked_geometry,
    stage_loads,
)
from edu_opt.gearbox.packaging import (
    gearbox_dimensions,
    gearbox_inertias,
    gearbox_masses,
    ground_clearance,
    oil_volume,
)
from edu_opt.gearbox.rating import rate
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.shaft_checks import shaft_margins
from edu_opt.gearbox.shaft_forces import bearing_loads, planet_pin_load
from edu_opt.gearbox.shifting import clutch_loss, shift_energy
from tests.gearbox.test_units import spectrum

NEW = ("simple_planetary", "planetary_layshaft", "two_speed")
SPECTRUM = LoadSpectrum(
    axle_torque=jnp.array([3200.0, 1500.0, 300.0, 0.0, -800.0]),
    axle_speed=jnp.array([25.0, 35.0, 60.0, 90.0, 40.0]),
    duration=jnp.array([2e3, 8e4, 1.2e6, 4e5, 2e5]),
)
OIL = {"dynamic_viscosity": jnp.asarray(0.012), "density": jnp.asarray(820.0)}


def middle(layout: str, share: float = 0.5):
    space = gearbox_space(layout)
    return gearbox_from_values(layout, space.to_physical(jnp.full(len(space), share)))


def everything(layout: str, values: jax.Array) -> dict[str, jax.Array]:
    """Every result that a layout owes."""
    gearbox = gearbox_from_values(layout, values)
    size, losses = gearbox_dimensions(gearbox), gearbox_losses(gearbox, 1500.0, 40.0, 70.0)
    rating = rate(gearbox, SPECTRUM, jnp.asarray(3200.0))
    return {
        **rating_margins(rating),
        **shaft_margins(gearbox, stacked_geometry(gearbox), rating.bearings, SPECTRUM, jnp.asarray(3200.0)),
        **{f"loss_{name}": value for name, value in vars(losses).items()},
        "mass": gearbox_masses(gearbox, 3200.0).total,
        "inertia": gearbox_inertias(gearbox).total,
        "oil": oil_volume(gearbox, size),
        **{f"size_{name}": value for name, value in vars(size).items()},
        "ratio": ratio(gearbox),
    }


@pytest.mark.slow
@pytest.mark.parametrize("layout", NEW)
def test_values_and_gradients_are_finite_and_true_over_the_range(layout: str) -> None:
    space = gearbox_space(layout)
    names = sorted(jax.eval_shape(lambda v: everything(layout, v), jnp.asarray(space.low)))

    def stacked(unit: jax.Array) -> jax.Array:
        results = everything(layout, space.low + unit * (space.high - space.low))
        return jnp.stack([results[name] for name in names])

    # One derivative along a random direction a lane: what is not finite in any variable is not finite along it.
    generator = np.random.default_rng(5)
    inside = generator.uniform(0.02, 0.98, (12, len(space)))
    corners = generator.integers(0, 2, (12, len(space))).astype(float)
    directions, step = generator.normal(size=(24, len(space))), 1e-6
    points = np.concatenate([inside, corners])
    moved = [points[:3] + sign * step * directions[:3] for sign in (1.0, -1.0)]
    program = jax.jit(jax.vmap(lambda u, d: jax.jvp(stacked, (u,), (d,))))
    everywhere = np.concatenate([points, *moved]), np.concatenate([directions, directions[:6]])
    value, slope = (np.asarray(a) for a in program(*everywhere))
    bad = [n for k, n in enumerate(names) if not (np.isfinite(value[:, k]).all() and np.isfinite(slope[:, k]).all())]
    assert bad == []
    difference = (value[24:27] - value[27:]) / (2.0 * step)
    scale = np.abs(slope[:24]).max(axis=0) + 1e-12
    error = np.abs(slope[:3] - difference).max(axis=0) / scale
    assert error.max() < 1e-4, dict(zip(names, error.round(6), strict=True))
    assert set(names) >= {"gear_stage_1_flank", "gear_stage_2_root", "bearing_life", "gear_collision", "loss_clutch"}


@pytest.mark.slow
def test_sizes_masses_and_losses_of_new_layouts_are_those_of_such_units() -> None:
    for layout, ratios, masses in (
        ("simple_planetary", (2.6, 6.5), (12.0, 35.0)),
        ("planetary_layshaft", (5.0, 20.0), (15.0, 40.0)),
        ("two_speed", (9.0, 16.0), (25.0, 45.0)),  # GKN's for 250 N m weighs 27 kg (notes A1)
    ):
        gearbox = middle(layout)
        assert ratios[0] < float(ratio(gearbox)) < ratios[1]
        assert masses[0] < float(gearbox_masses(gearbox, 3200.0).total) < masses[1]
        loss = float(gearbox_losses(gearbox, 1500.0, 40.0, 70.0).total)
        assert 0.95 < 60e3 / (60e3 + loss) < 0.997


@pytest.mark.slow
def test_the_lightest_two_speed_gearbox_weighs_as_much_as_gkns() -> None:
    """GKN's two-speed unit of the BMW i8 takes 250 N m to 2800 N m and weighs 27 kg (notes A1). Here: the lightest
    feasible relaxed design that a cross-entropy search over the whole space finds, rated over the spectrum of
    `test_units`."""
    layout, peak = "two_speed", 2800.0
    space, loads = gearbox_space(layout), spectrum(peak)

    def fitness(unit: jax.Array) -> tuple[jax.Array, jax.Array]:
        gearbox = gearbox_from_values(layout, space.low + unit * (space.high - space.low))
        rating = rate(gearbox, loads, jnp.asarray(peak), maximum_output_speed=150.0)
        worst = jnp.stack(list(rating_margins(rating).values()))
        return jnp.sum(jnp.minimum(worst, 0.0)), gearbox_masses(gearbox, peak).total

    program, generator = jax.jit(jax.vmap(fitness)), np.random.default_rng(0)
    mean, spread, lightest = np.full(len(space), 0.5), np.full(len(space), 0.3), np.inf
    for _ in range(50):
        units = np.clip(mean + spread * generator.normal(size=(256, len(space))), 0.0, 1.0)
        missing, mass = (np.asarray(a) for a in program(units))
        lightest = min(lightest, mass[missing >= 0].min(initial=np.inf))
        elite = units[np.argsort(mass - 100.0 * missing)[:26]]
        mean, spread = elite.mean(axis=0), elite.std(axis=0) + 0.01
    assert 0.85 * 27.0 < lightest < 1.15 * 27.0


def test_forces_of_new_layouts_balance() -> None:
    gearbox = middle("planetary_layshaft")
    geometries, torque, speed = stacked_geometry(gearbox), jnp.asarray(2000.0), jnp.asarray(30.0)
    loads = bearing_loads(gearbox, geometries, torque, speed)
    tangential = 2.0 * 2000.0 / float(geometries.working_diameter[-1, 1])
    radial = tangential * float(jnp.tan(geometries.working_angle[-1]))
    # the pinion stands in the middle: without its tilting moment each bearing takes half of the lateral force
    assert float(loads.radial[0].sum()) >= np.hypot(tangential, radial)
    assert float(loads.radial[0].min()) < 0.5 * np.hypot(tangential, radial) < float(loads.radial[0].max())
    pin, thrust = planet_pin_load(gearbox, geometries, torque, jnp.zeros(()))
    carrier = 2000.0 / float(gearbox.stages[-1].teeth[1] / gearbox.stages[-1].teeth[0])
    expected = carrier / float(gearbox.planets) / float(gearbox.stage_1.centre_distance)
    assert float(pin) == pytest.approx(expected, rel=2e-2)  # separating forces of sun and ring nearly cancel
    assert float(thrust) < 2e-2 * expected  # so do the axial ones of one step


def test_a_ring_and_its_planets_belong_to_one_part_in_the_layshaft_unit() -> None:
    assert layout_named("planetary_layshaft").mesh_parts == (1, 1, 2)
    assert layout_named("two_speed").mesh_parts == (1, 1, 2)
    assert layout_named("simple_planetary").mesh_parts == (1, 2)


def test_two_speeds_change_at_their_shift_point() -> None:
    gearbox = middle("two_speed")
    shift = float(gearbox.shift_speed)
    below, above = at_speed(gearbox, shift - 3.0), at_speed(gearbox, shift + 3.0)
    (high, low, last) = [np.asarray(pair.teeth) for pair in gearbox.stages]
    assert float(ratio(gearbox)) == pytest.approx(low[1] / low[0] * last[1] / last[0], rel=1e-12)
    assert float(ratio(below)) == pytest.approx(float(ratio(gearbox)), rel=1e-4)
    assert float(ratio(above)) == pytest.approx(high[1] / high[0] * last[1] / last[0], rel=1e-4)
    assert float(second_gear(gearbox, shift)) == pytest.approx(0.5)
    # axle torque is carried by one of the pairs, at the shift by each for half of the time
    torque, speed = jnp.full(3, 1000.0), jnp.array([shift - 5.0, shift, shift + 5.0])
    loads = stage_loads(gearbox, torque, speed)
    pinion = 1000.0 / np.array([float(ratio(above)), float(ratio(below))])[:, None] * [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
    np.testing.assert_allclose(loads.pinion_torque[:2], pinion, rtol=0.07, atol=1e-3)
    np.testing.assert_allclose(loads.pinion_torque[2], 1000.0 * last[0] / last[1], rtol=1e-12)
    one = middle("parallel_axis")
    assert at_speed(one, 50.0) is one and float(second_gear(one, 200.0)) == 0.0


def test_highest_shaft_speeds_are_those_of_either_gear() -> None:
    gearbox = middle("two_speed")
    shift = float(gearbox.shift_speed)
    slow = highest_shaft_speeds(gearbox, jnp.asarray(shift + 5.0))
    assert float(slow[0]) == pytest.approx(float(ratio(gearbox)) * shift, rel=1e-3)  # just before the shift
    fast = highest_shaft_speeds(gearbox, jnp.asarray(4.0 * shift))
    np.testing.assert_allclose(fast, 4.0 * shift * shaft_speed_ratios(at_speed(gearbox, 4.0 * shift)), rtol=1e-3)


def test_clutch_of_the_second_gear_drags_open_and_is_held_closed() -> None:
    gearbox = middle("two_speed")
    for speed, gear in ((15.0, 0.0), (110.0, 1.0)):
        engaged = at_speed(gearbox, speed)
        loss = float(clutch_loss(engaged, jnp.asarray(speed), OIL["dynamic_viscosity"], OIL["density"]))
        if gear:
            assert loss == pytest.approx(float(gearbox.shift_clutch.holding_power), rel=1e-6)
        else:
            shafts = dict(
                zip(gearbox.structure.train.shafts, np.asarray(gearbox_state(engaged).shaft_speed), strict=True)
            )
            slip = abs(shafts["loose"] - shafts["intermediate"]) * speed
            drag = float(open_drag(gearbox.shift_clutch, jnp.asarray(slip), *OIL.values()))
            assert loss == pytest.approx(drag * slip, rel=1e-6) and loss > 1.0
    assert float(clutch_loss(middle("parallel_axis"), jnp.asarray(50.0), *OIL.values())) == 0.0
    energy = float(shift_energy(gearbox.shift_clutch, 0.05, jnp.asarray(1000.0), jnp.asarray(600.0)))
    assert energy == pytest.approx(40.0 + 0.5 * 0.05 * 400.0**2)


def test_clutches_carry_their_torque_and_drag_as_full_gaps_at_low_slip() -> None:
    clutch = wet_clutch(900.0)
    assert float(torque_capacity(clutch)) == pytest.approx(1.3 * 900.0, rel=1e-9)
    slip = jnp.asarray(0.5)
    film = 10.0 * np.pi * 0.012 * 0.5 * float(clutch.outer_radius**4 - clutch.inner_radius**4) / (2.0 * 0.2e-3)
    assert float(open_drag(clutch, slip, *OIL.values())) == pytest.approx(film, rel=1e-3)
    slips = jnp.linspace(1.0, 1500.0, 400)
    drag = np.asarray(jax.vmap(lambda s: open_drag(clutch, s, *OIL.values(), GAP_FLOW))(slips))
    peak = int(np.argmax(drag))
    assert 20.0 < float(slips[peak]) < 200.0 and drag[-1] < 0.2 * drag[peak]  # rises, then the gaps run dry
    assert float(open_drag(dog_clutch(3000.0), slip, *OIL.values())) == 0.0


def test_a_disconnected_unit_leaves_little_drag_and_weighs_its_clutch() -> None:
    unit = REFERENCE_GEARBOXES["vw_app310"].gearbox()
    with pytest.raises(ValueError, match="no disconnect clutch"):
        disconnected_loss(unit, jnp.asarray(80.0), 60.0)
    apart = with_disconnect(unit, 3500.0)
    loss = float(disconnected_loss(apart, jnp.asarray(80.0), 60.0))
    idle = float(gearbox_losses(unit, 0.0, 80.0, 60.0).total)
    assert 0.0 < loss < 0.3 * idle
    extra = float(gearbox_masses(apart, 3500.0).total - gearbox_masses(unit, 3500.0).total)
    assert extra == pytest.approx(float(apart.disconnect.mass)) and 1.0 < extra < 3.5  # 2.5 kg assumed of GKN's unit
    wet = with_disconnect(unit, 3500.0, wet_clutch(3500.0))
    assert float(disconnected_loss(wet, jnp.asarray(80.0), 60.0)) > loss
    assert float(disconnected_loss(apart, jnp.asarray(0.0), 60.0)) == pytest.approx(0.0, abs=1e-9)


def test_inertias_are_energies_of_the_turning_parts() -> None:
    """Against a solid-disc estimate of the APP310's largest contributors, and the rigid orbit of planets."""
    unit = REFERENCE_GEARBOXES["vw_app310"].gearbox()
    inertias = gearbox_inertias(unit)
    assert 5e-4 < float(inertias.total) < 2e-3
    assert float(inertias.gears_stage_1) > float(inertias.gears_stage_2) > float(inertias.differential)
    planetary = middle("simple_planetary")
    carrier = 1.0 / float(ratio(planetary))
    planets = float(planetary.planets)
    orbit = planets * 0.5 * float(planetary.stage_1.centre_distance) ** 2 * carrier**2  # of half a kilogram each
    assert float(gearbox_inertias(planetary).gears_stage_1) > orbit


def test_oil_and_ground_clearance_follow_the_housing() -> None:
    for name in ("vw_app310", "jaguar_i_pace"):
        gearbox = REFERENCE_GEARBOXES[name].gearbox()
        size = gearbox_dimensions(gearbox)
        assert 0.7e-3 < float(oil_volume(gearbox, size)) < 2.5e-3  # a Leaf's reducer takes 1.4 litres (recalled)
        lowest = 0.5 * float(gearbox.stage_2.tip_diameter[1]) if name == "vw_app310" else 0.5 * float(size.diameter)
        assert float(ground_clearance(size, 0.33)) == pytest.approx(0.33 - lowest, abs=0.012)
        assert float(ground_clearance(size, 0.33)) > 0.18
