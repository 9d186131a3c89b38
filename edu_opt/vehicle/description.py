"""How a vehicle is written down: keys with units and ranges, the same for the catalogue and for a user's own car.

A description is a mapping with `application` (bev, phev), `axles` (a list of mappings) and `values` (numbers by key;
the unit stands in the key: `KEYS`). `findings` names everything that is wrong with one, a line each; `vehicle_from`
builds the vehicle. Nothing here is traced. A user's car as YAML (with a coast-down, or instead of it
drag_coefficient_1, frontal_area_m2 and rolling_coefficient_1; a phev also needs engine_power_kw and
engine_displacement_l):

    application: bev
    axles:
      - {position: rear, unit: bmw_gen5_rear}  # whose drag the coast-down contains; left out where it had no such unit
    values:
      test_mass_kg: 2268
      road_load_constant_n: 150.8
      road_load_linear_n_s_per_m: 0.338
      road_load_quadratic_n_s2_per_m2: 0.3713
      wheel_radius_m: 0.3334
      wheelbase_m: 2.856
      battery_net_kwh: 80.7
      battery_voltage_v: 398.5
      battery_resistance_ohm: 0.08
      regeneration_power_kw: 150
      regeneration_deceleration_m_per_s2: 2.5
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from edu_opt.duty.road_load import RoadLoad, assumed_road_load, from_lbf_and_mph
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.engine import Engine
from edu_opt.vehicle.model import SLIP_STIFFNESS, Axle, Battery, BrakeBlending, Vehicle
from edu_opt.vehicle.sources import Fact, Facts
from edu_opt.vehicle.unit_drag import UNIT_DRAG, with_unit_drag

KILOWATT_HOUR = 3.6e6
APPLICATIONS = ("bev", "phev")
POSITIONS = ("front", "rear")


@dataclasses.dataclass(frozen=True)
class Key:
    """Allowed range of a number and what it is; `default` None where it must be given or has a rule of its own."""

    low: float
    high: float
    text: str
    default: float | None = None
    required: bool = False


KEYS: dict[str, Key] = {
    "test_mass_kg": Key(600.0, 5000.0, "mass on the dynamometer (US: equivalent test weight)", required=True),
    "performance_mass_kg": Key(600.0, 5000.0, "mass of the acceleration run; else test mass less 50 kg"),
    "gross_mass_kg": Key(600.0, 7000.0, "mass on grades; else test mass plus 350 kg"),
    "road_load_constant_n": Key(20.0, 900.0, "coast-down A"),
    "road_load_linear_n_s_per_m": Key(-6.0, 25.0, "coast-down B"),
    "road_load_quadratic_n_s2_per_m2": Key(0.1, 2.0, "coast-down C"),
    "drag_coefficient_1": Key(0.1, 0.9, "c_d; with area and rolling coefficient instead of a coast-down"),
    "frontal_area_m2": Key(1.0, 5.0, "frontal area"),
    "rolling_coefficient_1": Key(0.004, 0.03, "rolling resistance over weight, the unit's drag in it"),
    "rolling_linear_n_s_per_m": Key(0.0, 10.0, "what rolling and drag grow with speed", 0.0),
    "wheel_radius_m": Key(0.22, 0.50, "rolling radius of the tyre", required=True),
    "front_share_1": Key(0.30, 0.70, "static load on the front axle", 0.5),
    "wheelbase_m": Key(1.8, 4.2, "wheelbase", required=True),
    "cg_height_m": Key(0.30, 1.20, "height of the centre of gravity", 0.58),
    "friction_1": Key(0.2, 1.5, "friction of dry road", 1.0),
    "slip_stiffness_1": Key(5.0, 100.0, "force over load per slip of the driven tyres", SLIP_STIFFNESS),
    "battery_net_kwh": Key(0.5, 250.0, "usable energy", required=True),
    "battery_voltage_v": Key(48.0, 1000.0, "mean open-circuit voltage", required=True),
    "battery_resistance_ohm": Key(0.005, 1.0, "resistance of the pack", required=True),
    "battery_power_kw": Key(10.0, 1e4, "greatest power at the terminals", 1e4),
    "auxiliary_power_w": Key(0.0, 5000.0, "auxiliaries on the cycle", 250.0),
    "charger_efficiency_1": Key(0.6, 1.0, "wall to battery terminals (FASTSim 2.1, chg_eff)", 0.86),
    "regeneration_power_kw": Key(1.0, 1000.0, "greatest recuperation at the wheels", required=True),
    "regeneration_deceleration_m_per_s2": Key(0.2, 9.0, "deceleration that the units take alone", required=True),
    "system_power_kw": Key(10.0, 1e4, "greatest power at the wheels of all units", 1e4),
    "towing_kg": Key(0.0, 5000.0, "braked trailer", 0.0),
    "unit_mass_kg": Key(20.0, 400.0, "mass of one drive unit that the car's mass contains", 100.0),
    "engine_power_kw": Key(20.0, 600.0, "engine of a plug-in hybrid"),
    "engine_displacement_l": Key(0.5, 8.0, "its displacement"),
    "fuel_slope_l_per_kwh": Key(0.18, 0.40, "its Willans slope", 0.280),
}

# Published figures that a car is compared with; no model reads them.
PUBLISHED: dict[str, Key] = {
    name: Key(0.0, 1e5, "published")
    for name in (
        *("curb_mass_kg", "battery_gross_kwh", "charging_power_kw", "peak_power_kw", "unit_peak_power_kw"),
        *("continuous_power_kw", "motor_torque_nm", "motor_speed_max_rpm", "gear_ratio_1", "system_torque_nm"),
        *("acceleration_0_100_s", "acceleration_0_60_s", "top_speed_km_per_h", "electric_top_speed_km_per_h"),
        *("wltp_range_km", "wltp_kwh_per_100km", "label_range_km", "label_kwh_per_100km", "electric_range_km"),
        *("udds_wall_kwh_per_100km", "hwfet_wall_kwh_per_100km", "wading_mm", "wltp_range_high_km"),
    )
}
AXLE_KEYS = ("position", "unit", "count", "share", "disconnect_speed_km_per_h", "decouples")
COAST_DOWN = ("road_load_constant_n", "road_load_linear_n_s_per_m", "road_load_quadratic_n_s2_per_m2")
BODY = ("drag_coefficient_1", "frontal_area_m2", "rolling_coefficient_1")
ENGINE = ("engine_power_kw", "engine_displacement_l")


def epa_coast_down(a_lbf: float, b_lbf_per_mph: float, c_lbf_per_mph2: float, source: str = "EPA22") -> Facts:
    """Coast-down facts from US target coefficients [lbf, lbf/mph, lbf/mph^2]."""
    load = from_lbf_and_mph(a_lbf, b_lbf_per_mph, c_lbf_per_mph2)
    values = (load.constant, load.linear, load.quadratic)
    raw = (f"{a_lbf:g} lbf", f"{b_lbf_per_mph:g} lbf/mph", f"{c_lbf_per_mph2:g} lbf/mph^2")
    return {key: Fact(float(v), source, note) for key, v, note in zip(COAST_DOWN, values, raw, strict=True)}


def numbers(facts: Mapping[str, Fact]) -> dict[str, float]:
    """Values without their sources."""
    return {key: fact.value for key, fact in facts.items()}


def findings(description: Mapping[str, Any], place: str = "vehicle") -> list[str]:
    """Everything wrong with a description, one line each: key, rule, value received. Empty where it can be built."""
    known = ("application", "axles", "values", "road_load_note")
    lines = [_no_such_key(place, key, known) for key in description if key not in known]
    application = description.get("application")
    if application not in APPLICATIONS:
        lines.append(f"{place}.application: must be one of {', '.join(APPLICATIONS)}, got {application!r}")
    values = description.get("values")
    if not isinstance(values, Mapping):
        return [*lines, f"{place}.values: must be a mapping of numbers, got {values!r}"]
    lines += _value_findings(values, f"{place}.values")
    axles = description.get("axles")
    lines += _axle_findings(axles, f"{place}.axles")
    missing = [key for key in ENGINE if key not in values]
    if application == "phev" and missing:
        lines.append(f"{place}.values: a plug-in hybrid needs its engine: {', '.join(missing)} missing")
    elif application == "phev" and isinstance(axles, (list, tuple)) and len(axles) > 1:
        # fuel, range and sprint of a hybrid know its first axle and an engine at the other end
        lines.append(
            f"{place}.axles: a plug-in hybrid must have one electric axle, got {len(axles)}: its fuel and range have "
            "no model with more, its report would be a battery-electric car's; leave one out"
        )
    if application == "bev" and len(missing) < len(ENGINE):
        lines.append(f"{place}.application: must be phev for a car with an engine, got 'bev'")
    return lines


def _no_such_key(place: str, key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f"{place}.{key}: no such key" + (f"; nearest: {near[0]}" if near else "")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _value_findings(values: Mapping[str, Any], place: str) -> Iterator[str]:
    every = KEYS | PUBLISHED
    for key, value in values.items():
        if key not in every:
            yield _no_such_key(place, key, every)
        elif not _is_number(value):
            yield f"{place}.{key}: must be a number, got {value!r}"
        elif not every[key].low <= value <= every[key].high:  # NaN fails too
            yield f"{place}.{key}: must be between {every[key].low:g} and {every[key].high:g}, got {value:g}"
    yield from (f"{place}.{key}: is missing" for key, rule in KEYS.items() if rule.required and key not in values)
    given = [all(key in values for key in keys) for keys in (COAST_DOWN, BODY)]
    if not any(given):
        yield f"{place}: a road load is missing: {', '.join(COAST_DOWN)}, or {', '.join(BODY)}"
    gross, test = values.get("gross_mass_kg"), values.get("test_mass_kg")
    if _is_number(gross) and _is_number(test) and gross < test:
        yield (
            f"{place}.gross_mass_kg: must be at least test_mass_kg ({test:g}), got {gross:g}; give the mass of the "
            "fully loaded car, or leave it out"
        )


def _axle_findings(axles: Any, place: str) -> Iterator[str]:
    if not isinstance(axles, (list, tuple)) or not 1 <= len(axles) <= 2:
        yield f"{place}: must be a list of one or two axles, got {axles!r}"
        return
    shares = 0.0
    for k, axle in enumerate(axles):
        if not isinstance(axle, Mapping):
            yield f"{place}[{k}]: must be a mapping, got {axle!r}"
            return
        yield from (_no_such_key(f"{place}[{k}]", key, AXLE_KEYS) for key in axle if key not in AXLE_KEYS)
        if axle.get("position") not in POSITIONS:
            yield f"{place}[{k}].position: must be front or rear, got {axle.get('position')!r}"
        if axle.get("unit", "drive_unit") not in UNIT_DRAG:
            yield f"{place}[{k}].unit: unknown reference unit {axle['unit']!r}; known: {', '.join(UNIT_DRAG)}"
        count = axle.get("count", 1)
        if not _is_number(count) or count not in (1, 2):
            yield f"{place}[{k}].count: must be 1 or 2 units on an axle, got {count!r}"
        for key in ("share", "disconnect_speed_km_per_h"):
            value = axle.get(key, 1.0)
            if not _is_number(value) or not value > 0.0:
                yield f"{place}[{k}].{key}: must be a number > 0, got {value!r}"
                return
        if not isinstance(axle.get("decouples", False), bool):
            yield f"{place}[{k}].decouples: must be true or false, got {axle['decouples']!r}"
        shares += axle.get("share", 1.0)
    places = [axle.get("position") for axle in axles]
    if len(axles) == 2 and places[0] == places[1] and places[0] in POSITIONS:
        text = "two axles must be one front and one rear, got"
        yield f"{place}: {text} both {places[0]}; two units on one axle are one entry with count: 2"
    if abs(shares - 1.0) > 1e-6:
        yield f"{place}: the shares of all axles must sum to 1, got {shares:g}"


def vehicle_from(name: str, description: Mapping[str, Any]) -> Vehicle:
    """Vehicle of a description; raises ValueError with every finding where it has one."""
    lines = findings(description, name)
    if lines:
        raise ValueError("\n".join(lines))
    given: Mapping[str, float] = description["values"]

    def value(key: str, default: float | None = None) -> float:
        fallback = KEYS[key].default if default is None else default
        return float(given[key] if key in given else fallback)  # type: ignore[arg-type]

    test_mass = value("test_mass_kg")
    return Vehicle(
        axles=tuple(_axle(axle) for axle in description["axles"]),
        road_load=_road_load(given, description["axles"]),
        test_mass=test_mass,
        performance_mass=value("performance_mass_kg", test_mass - 50.0),
        gross_mass=value("gross_mass_kg", test_mass + 350.0),
        wheel_radius=value("wheel_radius_m"),
        front_share=value("front_share_1"),
        cg_height=value("cg_height_m"),
        wheelbase=value("wheelbase_m"),
        friction=value("friction_1"),
        slip_stiffness=value("slip_stiffness_1"),
        battery=Battery(
            usable_energy=value("battery_net_kwh") * KILOWATT_HOUR,
            nominal_voltage=value("battery_voltage_v"),
            resistance=value("battery_resistance_ohm"),
            power=value("battery_power_kw") * 1e3,
        ),
        braking=BrakeBlending(
            power=value("regeneration_power_kw") * 1e3, deceleration=value("regeneration_deceleration_m_per_s2")
        ),
        auxiliary_power=value("auxiliary_power_w"),
        charger_efficiency=value("charger_efficiency_1"),
        system_power=value("system_power_kw") * 1e3,
        towing_mass=value("towing_kg"),
        engine=_engine(given) if description["application"] == "phev" else None,
    )


def _axle(axle: Mapping[str, Any]) -> Axle:
    return Axle(
        rear=float(axle["position"] == "rear"),
        count=float(axle.get("count", 1.0)),
        share=float(axle.get("share", 1.0)),
        disconnect_speed=float(axle.get("disconnect_speed_km_per_h", 1e3)) * KILOMETRE_PER_HOUR,
        decouples=float(axle.get("decouples", False)),
    )


def _engine(values: Mapping[str, float]) -> Engine:
    return Engine(
        power=values["engine_power_kw"] * 1e3,
        displacement=values["engine_displacement_l"] * 1e-3,
        slope=values.get("fuel_slope_l_per_kwh", KEYS["fuel_slope_l_per_kwh"].default or 0.0) * 1e-3 / KILOWATT_HOUR,
    )


def _road_load(values: Mapping[str, float], axles: list[Mapping[str, Any]]) -> RoadLoad:
    """Measured coast-down where there is one, else from body and tyres; with the drag of the car's own units."""
    if all(key in values for key in COAST_DOWN):
        constant, linear, quadratic = (float(values[key]) for key in COAST_DOWN)
        load = RoadLoad(constant=constant, linear=linear, quadratic=quadratic)
    else:
        drag_area = values["drag_coefficient_1"] * values["frontal_area_m2"]
        body = assumed_road_load(values["test_mass_kg"], values["rolling_coefficient_1"], drag_area)
        load = replace(body, linear=float(values.get("rolling_linear_n_s_per_m", 0.0)))
    drags = [(UNIT_DRAG[axle.get("unit", "drive_unit")], float(axle.get("count", 1.0))) for axle in axles]
    return with_unit_drag(load, drags, values["wheel_radius_m"])
