"""The named vehicles as cited parameter sets, apart from the models.

Every number carries a source key of `SOURCES`; ASSUMED marks what no source was found for. Masses: curb mass as the
source states it (DIN, without driver); test mass = curb + 136 kg as the EPA's equivalent test weight has it (or that
weight itself), which also stands for the driver and luggage of the acceleration run less 50 kg (ASSUMED). Pack
resistance, height of the centre of gravity, wheelbase, recuperation limits, auxiliaries and charger are ASSUMED where
no fact says otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from edu_opt.duty.road_load import RoadLoad, assumed_road_load, from_lbf_and_mph
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.model import Axle, Battery, BrakeBlending, Vehicle

KILOWATT_HOUR = 3.6e6
EPA_LOAD = 136.0  # kg, equivalent test weight over curb mass (EPA test-car list; 300 lb)

SOURCES: dict[str, str] = {
    "EPA22": "US EPA MY2022 test-car list (public domain): target coefficients, equivalent test weight, N/V, MPGe",
    "BMWMO": "bmw.com.mo, i3 technical data (2016)",
    "EMOBPY": "emobpy 0.6.2, evspecs.json (MIT); contains errors, cross-checked where used",
    "TUMLDS": "TUMFTM Modular-Quasi-Static-Longitudinal-Simulation-for-BEV, input parameters of i3 and I-PACE",
    "INSIDEEVS_IX3": "insideevs.com/news/433310 (BMW iX3 reveal, 2020)",
    "TRENDING_IX3": "trendingmotors.com, 2021 BMW iX3 revealed",
    "MYEV_IX3": "myevreview.com, BMW iX3 first drive",
    "VISAO_IX3": "visao.pt, 2020-07-14, BMW iX3",
    "BMWBLOG_IX": "bmwblog.com, 2021-09-16, workshop BMW iX",
    "WEBCARTOP_IX": "webcartop.jp, 2021-11",
    "EVBRIEF_I4": "evbrief.com, BMW i4 M50 and i4 eDrive40",
    "EVAUTO_I4": "evautoexplorer.com, BMW i4 eDrive40",
    "INDIATODAY_I4": "indiatoday.in, 2021-06-02, BMW i4 eDrive40",
    "GAMEING_I4": "gameingnow.com, first drive of the BMW i4 M50 prototype",
    "BMWIE_I4": "bmw.ie, i4 technical data",
    "ATR_IPACE": "autotechreview.com, Propulsion system of the new Jaguar I-PACE",
    "TTAC_IPACE": "thetruthaboutcars.com, 2018-06, single motor electric vehicles",
    "ENGOTY_IPACE": "International Engine of the Year 2018, I-PACE",
    "NRCAN": "NRCan fuel-consumption ratings, battery-electric vehicles 2012-2024",
    "BRAMAN_MINI": "blog.bramanmini.com, Mini Cooper SE",
    "CARSRADARS_MINI": "carsradars.com, Mini Cooper SE debut",
    "WAPCAR_MINI": "wapcar.my, Mini SE",
    "ID3_DRAG": "loss of a two-stage reducer at 20 N m: 106 W at 310, 283 W at 760, 590 W at 1510 wheel rpm "
    "(WTplus/TUM, VW ID.3 gear set)",
    "CALC": "computed from the cited figures",
    "ASSUMED": "assumed by this project; no source found",
}


@dataclasses.dataclass(frozen=True)
class Fact:
    """A published figure: value in the unit of its key's suffix, source key, note."""

    value: float
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise KeyError(f"unknown source {self.source!r}")


@dataclasses.dataclass(frozen=True)
class VehicleEntry:
    """A named vehicle: how it is built, what is published about it, what its road load rests on.

    `band` gives a factor on road load (low, high) where it is assumed, else (1, 1).
    """

    build: Callable[[], Vehicle]
    facts: dict[str, Fact]
    road_load_note: str
    band: tuple[float, float] = (1.0, 1.0)


def without_unit_drag(road_load: RoadLoad, units: int, magnets: bool) -> RoadLoad:
    """Road load with the estimated drag of `units` drive units taken off: it comes back as their own no-load loss.

    Per unit, at the wheels: reducer and seals 8 N + 0.04 N/(m/s) [ID3_DRAG less the 2 % mesh loss of its 20 N m, at
    0.35 m], motor bearings and windage 0.15 N/(m/s) and, with permanent magnets, iron loss of the turning rotor
    0.5 N/(m/s) (ASSUMED: about 385 W at 100 km/h).
    """
    linear = 0.04 + 0.15 + (0.5 if magnets else 0.0)
    return replace(road_load, unit_drag=8.0 * units, unit_drag_linear=linear * units)


def _vehicle(name: str, axles: tuple[Axle, ...], road_load: RoadLoad, test_mass: float, **rest) -> Vehicle:
    """Vehicle with what all cars here share: auxiliaries, charger, dry road (ASSUMED)."""
    shared = {
        "performance_mass": test_mass - 50.0,
        "gross_mass": test_mass + 350.0,
        "friction": 1.0,
        "auxiliary_power": 250.0,
        "charger_efficiency": 0.90,
        "cg_height": 0.58,
    }
    return Vehicle(name=name, axles=axles, road_load=road_load, test_mass=test_mass, **(shared | rest))


def bmw_ix3() -> Vehicle:
    """BMW iX3 (G08, 2020), rear drive. No coast-down is published: see `IX3_ROAD_LOAD`."""
    test_mass = 2185.0 + EPA_LOAD
    rolling = assumed_road_load(test_mass, 0.0080, 0.29 * 2.66)
    road_load = replace(rolling, linear=0.5)
    return _vehicle(
        "bmw_ix3",
        (Axle(position="rear"),),
        without_unit_drag(road_load, 1, magnets=False),
        test_mass,
        wheel_radius=0.357,
        front_share=0.43,
        wheelbase=2.864,
        battery=Battery(usable_energy=74.0 * KILOWATT_HOUR, nominal_voltage=400.0, resistance=0.09),
        braking=BrakeBlending(power=150e3, deceleration=2.5),
    )


IX3_ROAD_LOAD = (
    "assumed: c_d 0.29 [TRENDING_IX3], frontal area 2.66 m^2 (ASSUMED), rolling 0.0080 m g and 0.5 N/(m/s), between "
    "the EPA coefficients of its Gen 5 relatives i4 eDrive40 (0.0068-0.0084 m g) and iX xDrive50 (0.0073 m g); "
    "band -8 %, +10 %"
)


def jaguar_i_pace() -> Vehicle:
    """Jaguar I-PACE EV400 with two identical concentric units; EPA coefficients of test car JLX10070984."""
    return _vehicle(
        "jaguar_i_pace",
        (Axle(position="front", share=0.5), Axle(position="rear", share=0.5)),
        without_unit_drag(from_lbf_and_mph(48.599, 0.64016, 0.01862), 2, magnets=True),
        2381.4,
        wheel_radius=0.3704,
        front_share=0.50,
        wheelbase=2.990,
        battery=Battery(usable_energy=84.7 * KILOWATT_HOUR, nominal_voltage=388.0, resistance=0.08),
        braking=BrakeBlending(power=150e3, deceleration=4.0),
    )


def bmw_i4() -> Vehicle:
    """BMW i4 eDrive40, 18-inch wheels, rear drive."""
    return _vehicle(
        "bmw_i4",
        (Axle(position="rear"),),
        without_unit_drag(from_lbf_and_mph(33.9, 0.034, 0.01668), 1, magnets=False),
        2268.0,
        wheel_radius=0.3334,
        front_share=0.45,
        wheelbase=2.856,
        cg_height=0.53,
        battery=Battery(usable_energy=80.7 * KILOWATT_HOUR, nominal_voltage=398.5, resistance=0.08),
        braking=BrakeBlending(power=150e3, deceleration=2.5),
    )


def bmw_ix() -> Vehicle:
    """BMW iX xDrive50 (the iNEXT), 20-inch wheels; two excited-synchronous units of different size."""
    return _vehicle(
        "bmw_ix",
        (
            Axle(position="front", unit="bmw_gen5_front", share=0.3),
            Axle(position="rear", unit="bmw_gen5_rear", share=0.7),
        ),
        without_unit_drag(from_lbf_and_mph(43.7, 0.175, 0.01995), 2, magnets=False),
        2721.6,
        wheel_radius=0.378,
        front_share=0.48,
        wheelbase=3.000,
        battery=Battery(usable_energy=105.2 * KILOWATT_HOUR, nominal_voltage=369.0, resistance=0.06),
        braking=BrakeBlending(power=200e3, deceleration=4.0),
        system_power=385e3,
    )


def bmw_i3() -> Vehicle:
    """BMW i3 94 Ah, rear drive. No coast-down: rolling 0.0090 m g (ASSUMED; TUM's model has 0.0065), c_d A 0.69 m^2."""
    test_mass = 1245.0 + EPA_LOAD
    return _vehicle(
        "bmw_i3",
        (Axle(position="rear"),),
        without_unit_drag(replace(assumed_road_load(test_mass, 0.0090, 0.29 * 2.38), linear=0.8), 1, magnets=True),
        test_mass,
        wheel_radius=0.350,
        front_share=0.47,
        wheelbase=2.570,
        battery=Battery(usable_energy=27.2 * KILOWATT_HOUR, nominal_voltage=353.0, resistance=0.10),
        braking=BrakeBlending(power=50e3, deceleration=2.0),
    )


def mini_cooper_se() -> Vehicle:
    """MINI Cooper SE, front drive."""
    return _vehicle(
        "mini_cooper_se",
        (Axle(position="front"),),
        without_unit_drag(from_lbf_and_mph(27.4, 0.431, 0.01495), 1, magnets=True),
        1587.6,
        wheel_radius=0.3007,
        front_share=0.54,
        wheelbase=2.495,
        cg_height=0.50,
        battery=Battery(usable_energy=29.0 * KILOWATT_HOUR, nominal_voltage=350.4, resistance=0.11),
        braking=BrakeBlending(power=60e3, deceleration=2.0),
    )


VEHICLES: dict[str, VehicleEntry] = {
    "bmw_ix3": VehicleEntry(
        bmw_ix3,
        {
            "curb_mass_kg": Fact(2185.0, "INSIDEEVS_IX3"),
            "drag_coefficient_1": Fact(0.29, "TRENDING_IX3"),
            "front_share_1": Fact(0.43, "MYEV_IX3"),
            "battery_net_kwh": Fact(74.0, "INSIDEEVS_IX3"),
            "battery_voltage_v": Fact(400.0, "INSIDEEVS_IX3"),
            "wheel_radius_m": Fact(0.357, "ASSUMED", "245/50 R19 nominal 0.364 less 2 % deflection"),
            "wheelbase_m": Fact(2.864, "ASSUMED", "commonly stated, not checked"),
            "frontal_area_m2": Fact(2.66, "ASSUMED"),
            "peak_power_kw": Fact(210.0, "INSIDEEVS_IX3"),
            "motor_torque_nm": Fact(400.0, "INSIDEEVS_IX3"),
            "acceleration_0_100_s": Fact(6.8, "INSIDEEVS_IX3"),
            "top_speed_km_per_h": Fact(180.0, "INSIDEEVS_IX3"),
            "wltp_range_km": Fact(460.0, "INSIDEEVS_IX3"),
            "wltp_kwh_per_100km": Fact(19.0, "VISAO_IX3", "approximate, wall"),
        },
        IX3_ROAD_LOAD,
        (0.92, 1.10),
    ),
    "jaguar_i_pace": VehicleEntry(
        jaguar_i_pace,
        {
            "curb_mass_kg": Fact(2133.0, "TUMLDS", "DIN; 2208 kg EU"),
            "test_mass_kg": Fact(2381.4, "EPA22"),
            "wheel_radius_m": Fact(0.3704, "CALC", "EPA N/V 104.2 and ratio 9.04"),
            "battery_net_kwh": Fact(84.7, "ASSUMED", "commonly stated, not checked; 90 kWh gross [EMOBPY]"),
            "battery_voltage_v": Fact(388.0, "EMOBPY"),
            "wheelbase_m": Fact(2.990, "ASSUMED", "commonly stated, not checked"),
            "unit_peak_power_kw": Fact(147.0, "CALC", "294 kW over two units"),
            "motor_torque_nm": Fact(348.0, "TUMLDS"),
            "gear_ratio_1": Fact(9.06, "ATR_IPACE"),
            "regeneration_power_kw": Fact(150.0, "TTAC_IPACE"),
            "acceleration_0_100_s": Fact(4.8, "ATR_IPACE"),
            "top_speed_km_per_h": Fact(200.0, "ATR_IPACE"),
            "wltp_range_km": Fact(470.0, "ENGOTY_IPACE"),
            "udds_wall_kwh_per_100km": Fact(20.18, "EPA22", "103.8 MPGe unadjusted"),
            "hwfet_wall_kwh_per_100km": Fact(21.39, "EPA22", "97.9 MPGe unadjusted"),
        },
        "EPA target coefficients 48.599 lbf, 0.64016 lbf/mph, 0.01862 lbf/mph^2 [EPA22]; they contain both units' drag",
    ),
    "bmw_i4": VehicleEntry(
        bmw_i4,
        {
            "test_mass_kg": Fact(2268.0, "EPA22"),
            "wheel_radius_m": Fact(0.3334, "CALC", "EPA N/V 142.3 and ratio 11.115"),
            "battery_net_kwh": Fact(80.7, "GAMEING_I4", "of the i4 M50 with the same pack; 81.5 [INDIATODAY_I4]"),
            "battery_voltage_v": Fact(398.5, "EVAUTO_I4"),
            "peak_power_kw": Fact(250.0, "EVBRIEF_I4"),
            "continuous_power_kw": Fact(105.0, "BMWIE_I4", "30 minutes"),
            "motor_torque_nm": Fact(430.0, "EVBRIEF_I4"),
            "acceleration_0_100_s": Fact(5.7, "EVBRIEF_I4"),
            "top_speed_km_per_h": Fact(190.0, "EVAUTO_I4"),
            "wltp_range_km": Fact(590.0, "EVBRIEF_I4"),
            "udds_wall_kwh_per_100km": Fact(13.40, "EPA22", "156.3 MPGe unadjusted"),
            "hwfet_wall_kwh_per_100km": Fact(13.53, "EPA22", "154.8 MPGe unadjusted"),
        },
        "EPA target coefficients 33.9 lbf, 0.034 lbf/mph, 0.01668 lbf/mph^2 [EPA22]; they contain the unit's drag",
    ),
    "bmw_ix": VehicleEntry(
        bmw_ix,
        {
            "test_mass_kg": Fact(2721.6, "EPA22"),
            "wheel_radius_m": Fact(0.378, "CALC", "EPA N/V 125.5 and ratio 11.115"),
            "battery_net_kwh": Fact(105.2, "BMWBLOG_IX"),
            "system_power_kw": Fact(385.0, "BMWBLOG_IX"),
            "wltp_range_km": Fact(650.0, "WEBCARTOP_IX"),
            "udds_wall_kwh_per_100km": Fact(17.85, "EPA22", "117.3 MPGe unadjusted"),
            "hwfet_wall_kwh_per_100km": Fact(17.79, "EPA22", "117.7 MPGe unadjusted"),
        },
        "EPA target coefficients 43.7 lbf, 0.175 lbf/mph, 0.01995 lbf/mph^2 [EPA22]; they contain both units' drag",
    ),
    "bmw_i3": VehicleEntry(
        bmw_i3,
        {
            "curb_mass_kg": Fact(1245.0, "CALC", "1320 kg with driver [BMWMO] less 75 kg"),
            "drag_coefficient_1": Fact(0.29, "EMOBPY"),
            "wheel_radius_m": Fact(0.350, "TUMLDS"),
            "battery_net_kwh": Fact(27.2, "BMWMO"),
            "peak_power_kw": Fact(125.0, "BMWMO"),
            "motor_torque_nm": Fact(250.0, "BMWMO"),
            "gear_ratio_1": Fact(9.665, "EMOBPY"),
            "acceleration_0_100_s": Fact(7.3, "BMWMO"),
            "top_speed_km_per_h": Fact(150.0, "BMWMO"),
        },
        "assumed: c_d 0.29 [EMOBPY], area 2.38 m^2 (ASSUMED), rolling 0.0090 m g and 0.8 N/(m/s); band -12 %, +8 %",
        (0.88, 1.08),
    ),
    "mini_cooper_se": VehicleEntry(
        mini_cooper_se,
        {
            "test_mass_kg": Fact(1587.6, "EPA22"),
            "wheel_radius_m": Fact(0.3007, "CALC", "EPA N/V 127.2 and ratio 8.96"),
            "front_share_1": Fact(0.54, "BRAMAN_MINI"),
            "battery_net_kwh": Fact(29.0, "BRAMAN_MINI"),
            "battery_voltage_v": Fact(350.4, "EMOBPY"),
            "peak_power_kw": Fact(135.0, "CARSRADARS_MINI"),
            "motor_torque_nm": Fact(270.0, "CARSRADARS_MINI"),
            "acceleration_0_100_s": Fact(7.3, "CARSRADARS_MINI"),
            "top_speed_km_per_h": Fact(150.0, "EMOBPY"),
            "wltp_range_km": Fact(235.0, "WAPCAR_MINI", "235 to 270"),
            "udds_wall_kwh_per_100km": Fact(12.35, "EPA22", "169.6 MPGe unadjusted"),
            "hwfet_wall_kwh_per_100km": Fact(14.59, "EPA22", "143.5 MPGe unadjusted"),
        },
        "EPA target coefficients 27.4 lbf, 0.431 lbf/mph, 0.01495 lbf/mph^2 [EPA22]; they contain the unit's drag",
    ),
}


def vehicle_entry(name: str) -> VehicleEntry:
    """Catalogue entry by name; an unknown name raises KeyError with the known ones."""
    if name not in VEHICLES:
        raise KeyError(f"unknown vehicle {name!r}; known: {', '.join(VEHICLES)}")
    return VEHICLES[name]


def vehicle(name: str) -> Vehicle:
    """Vehicle by name, at its nominal road load."""
    return vehicle_entry(name).build()


def with_road_load_factor(car: Vehicle, factor: float) -> Vehicle:
    """Vehicle with its road load scaled, to show the band of an assumed one (the unit's drag stays)."""
    load = car.road_load
    scaled = replace(
        load, constant=load.constant * factor, linear=load.linear * factor, quadratic=load.quadratic * factor
    )
    return replace(car, road_load=scaled)


def top_speed_target(name: str) -> float:
    """Published top speed [m/s]."""
    return vehicle_entry(name).facts["top_speed_km_per_h"].value * KILOMETRE_PER_HOUR
