"""The named plug-in hybrids as facts with sources.

The Evoque P300e has what this project designs: an electric rear axle (P4) with a disconnect. The others carry a disc
motor in their automatic gearbox (P2), which is no drive unit: they are entered with an electric rear axle in its place
(ours), their own electric figures stand among the published ones. Their coast-downs are those of conventional cars of
the same body, so nothing is taken off them for an electric axle; where the mass differs, A is in proportion to it.
Engines: power and displacement as commonly stated, Willans slope that of a turbocharged petrol engine.
"""

from __future__ import annotations

from edu_opt.vehicle.description import epa_coast_down
from edu_opt.vehicle.entry import VehicleEntry, entries
from edu_opt.vehicle.sources import Fact, Facts

EPA_LOAD = "curb mass + 136 kg (EPA equivalent test weight over curb mass: 300 lb)"
UNCHECKED = "commonly stated, not checked"
TOP_GEAR = "EPA N/V, axle ratio and top gear of the automatic (ASSUMED)"
P2_NOTE = "electric part of the car is a P2 disc motor; the electric rear axle is ours"


def _assumed(**values: float) -> Facts:
    """Facts without a source."""
    return {key: Fact(value, "ASSUMED", UNCHECKED) for key, value in values.items()}


def _electric_axle(disconnect: float) -> tuple[dict[str, object], ...]:
    """One electric rear axle that lets go above a speed [km/h]."""
    return ({"position": "rear", "disconnect_speed_km_per_h": disconnect},)


RANGE_ROVER_EVOQUE_PHEV = VehicleEntry(
    name="range_rover_evoque_phev",  # P300e
    application="phev",
    axles=_electric_axle(135.0),  # CARWALE_EVOQUE
    facts={
        **_assumed(curb_mass_kg=2085.0),
        "test_mass_kg": Fact(2221.0, "CALC", EPA_LOAD),
        **epa_coast_down(35.981 * 2221.0 / 2041.2, 0.45717, 0.021451),
        "wheel_radius_m": Fact(0.358, "CALC", "EPA N/V 26.0, 4.54, ninth gear 0.480: " + TOP_GEAR),
        **_assumed(front_share_1=0.55, wheelbase_m=2.681, cg_height_m=0.65),
        "battery_gross_kwh": Fact(15.0, "PAULTAN_EVOQUE", "84 cells of 50 A h"),
        "battery_net_kwh": Fact(12.2, "ASSUMED"),
        "battery_voltage_v": Fact(306.0, "CALC", "84 cells of 3.65 V"),
        **_assumed(battery_resistance_ohm=0.12, regeneration_power_kw=60.0, regeneration_deceleration_m_per_s2=1.5),
        **_assumed(engine_power_kw=147.0, engine_displacement_l=1.498),
        "peak_power_kw": Fact(80.0, "PAULTAN_EVOQUE", "electric axle"),
        "motor_torque_nm": Fact(260.0, "PAULTAN_EVOQUE"),
        "system_power_kw": Fact(227.0, "PAULTAN_EVOQUE"),
        "system_torque_nm": Fact(540.0, "PAULTAN_EVOQUE"),
        "acceleration_0_100_s": Fact(6.4, "MEDIA_EVOQUE"),
        "electric_top_speed_km_per_h": Fact(135.0, "CARWALE_EVOQUE", "the axle disconnects"),
        "electric_range_km": Fact(66.0, "PAULTAN_EVOQUE", "WLTP"),
    },
    road_load_note="assumed: EPA target coefficients of the Evoque 249 hp AWD (35.981 lbf, 0.45717 lbf/mph, 0.021451 "
    "lbf/mph^2 at 2041 kg [EPA22]), A in proportion to mass; band -10 %, +5 %",
    band=(0.90, 1.05),
)

RANGE_ROVER_PHEV = VehicleEntry(
    name="range_rover_phev",  # P400e (L405)
    application="phev",
    axles=_electric_axle(137.0),
    facts={
        "curb_mass_kg": Fact(2509.0, "OCTANE_RR", "Sport 2471 kg"),
        "test_mass_kg": Fact(2721.6, "EPA22", "Range Rover Sport 2.0, 400 hp, which has charge-depleting tests"),
        **epa_coast_down(58.077, 0.26206, 0.027459),
        "wheel_radius_m": Fact(0.382, "CALC", "EPA N/V 27.8, 3.73, eighth gear 0.667: " + TOP_GEAR),
        **_assumed(front_share_1=0.50, wheelbase_m=2.922, cg_height_m=0.72),
        "battery_gross_kwh": Fact(13.1, "OCTANE_RR"),
        "battery_net_kwh": Fact(10.5, "ASSUMED", "80 % of gross"),
        **_assumed(battery_voltage_v=355.0, battery_resistance_ohm=0.15),
        **_assumed(regeneration_power_kw=60.0, regeneration_deceleration_m_per_s2=1.5),
        **_assumed(engine_power_kw=221.0, engine_displacement_l=1.997),
        "peak_power_kw": Fact(85.0, "OCTANE_RR", "P2"),
        "system_power_kw": Fact(297.0, "HOBART_RR"),
        "system_torque_nm": Fact(640.0, "HOBART_RR"),
        "top_speed_km_per_h": Fact(220.0, "OCTANE_RR"),
        "electric_top_speed_km_per_h": Fact(137.0, "GOODWOOD_RRS"),
        "electric_range_km": Fact(51.0, "HOBART_RR", "NEDC"),
        "wading_mm": Fact(850.0, "GOODWOOD_RRS", "Sport"),
        "towing_kg": Fact(2500.0, "ASSUMED", UNCHECKED),
    },
    road_load_note="EPA target coefficients of the Range Rover Sport P400e: 58.077 lbf, 0.26206 lbf/mph, 0.027459 "
    "lbf/mph^2 [EPA22], taken over to the Range Rover; " + P2_NOTE,
)

LAND_ROVER_DEFENDER_PHEV = VehicleEntry(
    name="land_rover_defender_phev",  # Defender 110 P400e
    application="phev",
    axles=_electric_axle(137.0),
    facts={
        "curb_mass_kg": Fact(2525.0, "KENT_DEF"),
        "test_mass_kg": Fact(2661.0, "CALC", EPA_LOAD),
        **epa_coast_down(47.83 * 2661.0 / 2494.8, 0.40945, 0.034871),
        "wheel_radius_m": Fact(0.396, "CALC", "EPA N/V 24.5, 3.55, eighth gear 0.640: " + TOP_GEAR),
        **_assumed(front_share_1=0.50, wheelbase_m=3.022, cg_height_m=0.80),
        "battery_gross_kwh": Fact(19.2, "KENT_DEF"),
        "battery_net_kwh": Fact(15.4, "ASSUMED", "80 % of gross"),
        **_assumed(battery_voltage_v=355.0, battery_resistance_ohm=0.12),
        **_assumed(regeneration_power_kw=75.0, regeneration_deceleration_m_per_s2=1.5),
        **_assumed(engine_power_kw=221.0, engine_displacement_l=1.997),
        "peak_power_kw": Fact(105.0, "KENT_DEF", "P2"),
        "system_power_kw": Fact(297.0, "HT_DEF"),
        "system_torque_nm": Fact(640.0, "KENT_DEF"),
        "acceleration_0_100_s": Fact(5.6, "HT_DEF"),
        "top_speed_km_per_h": Fact(209.0, "HT_DEF"),
        "electric_range_km": Fact(43.0, "KENT_DEF", "WLTP"),
        "wading_mm": Fact(900.0, "GTSPIRIT_DEF"),
        "towing_kg": Fact(3000.0, "KENT_DEF", "diesel 3500 kg"),
    },
    road_load_note="assumed: EPA target coefficients of the Defender 110 P400 (47.83 lbf, 0.40945 lbf/mph, 0.034871 "
    "lbf/mph^2 at 2495 kg [EPA22]), A in proportion to mass; band -5 %, +5 %; " + P2_NOTE,
    band=(0.95, 1.05),
)

BMW_X5_PHEV = VehicleEntry(
    name="bmw_x5_phev",  # xDrive45e
    application="phev",
    axles=_electric_axle(140.0),
    facts={
        "test_mass_kg": Fact(2721.6, "EPA22"),
        **epa_coast_down(60.9, 0.158, 0.02824),
        "wheel_radius_m": Fact(0.367, "CALC", "EPA N/V 28.2, 3.63, eighth gear 0.667: " + TOP_GEAR),
        **_assumed(front_share_1=0.49, wheelbase_m=2.975, cg_height_m=0.68),
        "battery_gross_kwh": Fact(24.0, "ZAP_X5"),
        "battery_net_kwh": Fact(20.9, "BMWBLOG_X5"),
        **_assumed(battery_voltage_v=355.0, battery_resistance_ohm=0.10),
        **_assumed(regeneration_power_kw=70.0, regeneration_deceleration_m_per_s2=1.5),
        **_assumed(engine_power_kw=210.0, engine_displacement_l=2.998),
        "peak_power_kw": Fact(83.0, "ZAP_X5", "P2"),
        "system_power_kw": Fact(290.0, "ZAP_X5"),
        "system_torque_nm": Fact(600.0, "ZAP_X5"),
        "acceleration_0_100_s": Fact(5.6, "ZAP_X5"),
        "electric_top_speed_km_per_h": Fact(140.0, "INSIDEEVS_X5"),
        "wltp_kwh_per_100km": Fact(23.1, "ZAP_X5", "23.1 to 28.3, charge-depleting"),
        "towing_kg": Fact(3266.0, "AXD_X5", "7200 lb in the US"),
    },
    road_load_note="EPA target coefficients 60.9 lbf, 0.158 lbf/mph, 0.02824 lbf/mph^2 [EPA22]; " + P2_NOTE,
)

PLUG_IN_HYBRIDS = entries(RANGE_ROVER_EVOQUE_PHEV, RANGE_ROVER_PHEV, LAND_ROVER_DEFENDER_PHEV, BMW_X5_PHEV)
