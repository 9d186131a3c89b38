"""The named battery-electric cars as facts with sources.

Masses: curb mass as the source states it (DIN, without driver); test mass = curb + 136 kg as the EPA's equivalent test
weight has it (or that weight itself). Pack resistance, height of the centre of gravity, wheelbase and recuperation
limits are ASSUMED where no fact says otherwise; auxiliaries 250 W, charger 0.86 and friction 1.0 are the defaults of
`edu_opt.vehicle.description.KEYS`, the same for all cars.
"""

from __future__ import annotations

from edu_opt.vehicle.description import epa_coast_down
from edu_opt.vehicle.entry import VehicleEntry, entries
from edu_opt.vehicle.sources import Fact, Facts

EPA_LOAD = "curb mass + 136 kg (EPA equivalent test weight over curb mass: 300 lb)"
UNCHECKED = "commonly stated, not checked"


def _assumed(**values: float) -> Facts:
    """Facts without a source."""
    return {key: Fact(value, "ASSUMED") for key, value in values.items()}


BMW_IX3 = VehicleEntry(
    name="bmw_ix3",  # G08, 2020
    application="bev",
    axles=({"position": "rear", "unit": "bmw_gen5_rear"},),
    facts={
        "curb_mass_kg": Fact(2185.0, "INSIDEEVS_IX3"),
        "test_mass_kg": Fact(2321.0, "CALC", EPA_LOAD),
        "drag_coefficient_1": Fact(0.29, "TRENDING_IX3"),
        "frontal_area_m2": Fact(2.66, "ASSUMED"),
        "rolling_coefficient_1": Fact(0.0080, "ASSUMED"),
        "rolling_linear_n_s_per_m": Fact(0.5, "ASSUMED"),
        "front_share_1": Fact(0.43, "MYEV_IX3"),
        "wheel_radius_m": Fact(0.357, "ASSUMED", "245/50 R19 nominal 0.364 less 2 % deflection"),
        "wheelbase_m": Fact(2.864, "ASSUMED", UNCHECKED),
        "battery_gross_kwh": Fact(80.0, "INSIDEEVS_IX3"),
        "battery_net_kwh": Fact(74.0, "INSIDEEVS_IX3"),
        "battery_voltage_v": Fact(400.0, "INSIDEEVS_IX3"),
        **_assumed(battery_resistance_ohm=0.09, regeneration_power_kw=150.0, regeneration_deceleration_m_per_s2=2.5),
        "unit_mass_kg": Fact(117.0, "CALC", "of the i4's rear unit of the same family: 250 kW at 2.14 kW/kg"),
        "peak_power_kw": Fact(210.0, "INSIDEEVS_IX3"),
        "motor_torque_nm": Fact(400.0, "INSIDEEVS_IX3"),
        "gear_ratio_1": Fact(11.115, "ASSUMED", "that of the i4's unit (EPA N/V)"),
        "acceleration_0_100_s": Fact(6.8, "INSIDEEVS_IX3"),
        "top_speed_km_per_h": Fact(180.0, "INSIDEEVS_IX3"),
        "wltp_range_km": Fact(460.0, "INSIDEEVS_IX3"),
        "wltp_kwh_per_100km": Fact(19.0, "VISAO_IX3", "approximate, wall"),
        "towing_kg": Fact(750.0, "ASSUMED", UNCHECKED),
    },
    road_load_note="assumed: c_d 0.29 [TRENDING_IX3], frontal area 2.66 m^2 (ASSUMED), rolling 0.0080 m g and 0.5 "
    "N/(m/s), between the EPA coefficients of its Gen 5 relatives i4 eDrive40 (0.0068-0.0084 m g) and iX xDrive50 "
    "(0.0073 m g); band -8 %, +10 %",
    band=(0.92, 1.10),
)

JAGUAR_I_PACE = VehicleEntry(
    name="jaguar_i_pace",  # EV400, two identical concentric units; EPA test car JLX10070984
    application="bev",
    axles=(
        {"position": "front", "unit": "jaguar_i_pace", "share": 0.5},
        {"position": "rear", "unit": "jaguar_i_pace", "share": 0.5},
    ),
    facts={
        "curb_mass_kg": Fact(2133.0, "TUMLDS", "DIN; 2208 kg EU"),
        "test_mass_kg": Fact(2381.4, "EPA22"),
        **epa_coast_down(48.599, 0.64016, 0.01862),
        "front_share_1": Fact(0.50, "ATR_IPACE"),
        "wheel_radius_m": Fact(0.3704, "CALC", "EPA N/V 104.2 and ratio 9.04"),
        "wheelbase_m": Fact(2.990, "ASSUMED", UNCHECKED),
        "battery_gross_kwh": Fact(90.0, "EMOBPY"),
        "battery_net_kwh": Fact(84.7, "ASSUMED", UNCHECKED),
        "battery_voltage_v": Fact(388.0, "EMOBPY"),
        **_assumed(battery_resistance_ohm=0.08, regeneration_deceleration_m_per_s2=4.0),
        "regeneration_power_kw": Fact(150.0, "TTAC_IPACE"),
        "unit_mass_kg": Fact(88.0, "CALC", "76 kg without inverter [ATR_IPACE] and 12 kg of inverter (ASSUMED)"),
        "unit_peak_power_kw": Fact(147.0, "CALC", "294 kW over two units"),
        "motor_torque_nm": Fact(348.0, "TUMLDS"),
        "motor_speed_max_rpm": Fact(13000.0, "CALC", "12949 rpm at 200 km/h"),
        "gear_ratio_1": Fact(9.06, "ATR_IPACE"),
        "acceleration_0_100_s": Fact(4.8, "ATR_IPACE"),
        "top_speed_km_per_h": Fact(200.0, "ATR_IPACE"),
        "wltp_range_km": Fact(470.0, "ENGOTY_IPACE"),
        "label_range_km": Fact(377.0, "NRCAN"),
        "label_kwh_per_100km": Fact(27.5, "NRCAN"),
        "udds_wall_kwh_per_100km": Fact(20.18, "EPA22", "103.8 MPGe unadjusted"),
        "hwfet_wall_kwh_per_100km": Fact(21.39, "EPA22", "97.9 MPGe unadjusted"),
        "wading_mm": Fact(500.0, "CARGLANCER_IPACE"),
        "towing_kg": Fact(750.0, "ASSUMED", UNCHECKED),
    },
    road_load_note="EPA target coefficients 48.599 lbf, 0.64016 lbf/mph, 0.01862 lbf/mph^2 [EPA22]; they contain both "
    "units' drag",
)

BMW_I4 = VehicleEntry(
    name="bmw_i4",  # eDrive40, 18-inch wheels
    application="bev",
    axles=({"position": "rear", "unit": "bmw_gen5_rear"},),
    facts={
        "test_mass_kg": Fact(2268.0, "EPA22"),
        **epa_coast_down(33.9, 0.034, 0.01668),
        "wheel_radius_m": Fact(0.3334, "CALC", "EPA N/V 142.3 and ratio 11.115"),
        **_assumed(front_share_1=0.45, wheelbase_m=2.856, cg_height_m=0.53),
        "battery_gross_kwh": Fact(83.9, "INDIATODAY_I4"),
        "battery_net_kwh": Fact(80.7, "GAMEING_I4", "of the i4 M50 with the same pack; 81.5 [INDIATODAY_I4]"),
        "battery_voltage_v": Fact(398.5, "EVAUTO_I4"),
        **_assumed(battery_resistance_ohm=0.08, regeneration_power_kw=150.0, regeneration_deceleration_m_per_s2=2.5),
        "unit_mass_kg": Fact(117.0, "CALC", "250 kW at 2.14 kW/kg"),
        "peak_power_kw": Fact(250.0, "EVBRIEF_I4"),
        "continuous_power_kw": Fact(105.0, "BMWIE_I4", "30 minutes"),
        "motor_torque_nm": Fact(430.0, "EVBRIEF_I4"),
        "gear_ratio_1": Fact(11.115, "CALC", "EPA N/V 142.3 at a tyre of 0.3334 m"),
        "acceleration_0_100_s": Fact(5.7, "EVBRIEF_I4"),
        "top_speed_km_per_h": Fact(190.0, "EVAUTO_I4"),
        "wltp_range_km": Fact(590.0, "EVBRIEF_I4"),
        "label_range_km": Fact(484.0, "NRCAN"),
        "label_kwh_per_100km": Fact(19.2, "NRCAN"),
        "udds_wall_kwh_per_100km": Fact(13.40, "EPA22", "156.3 MPGe unadjusted"),
        "hwfet_wall_kwh_per_100km": Fact(13.53, "EPA22", "154.8 MPGe unadjusted"),
        "towing_kg": Fact(1600.0, "ASSUMED", UNCHECKED),
    },
    road_load_note="EPA target coefficients 33.9 lbf, 0.034 lbf/mph, 0.01668 lbf/mph^2 [EPA22]; they contain the "
    "unit's drag",
)

BMW_IX = VehicleEntry(
    name="bmw_ix",  # xDrive50 (the iNEXT), 20-inch wheels; two excited-synchronous units of different size
    application="bev",
    axles=(
        {"position": "front", "unit": "bmw_gen5_front", "share": 0.3},
        {"position": "rear", "unit": "bmw_gen5_rear", "share": 0.7},
    ),
    facts={
        "test_mass_kg": Fact(2721.6, "EPA22"),
        **epa_coast_down(43.7, 0.175, 0.01995),
        "wheel_radius_m": Fact(0.378, "CALC", "EPA N/V 125.5 and ratio 11.115"),
        **_assumed(front_share_1=0.48, wheelbase_m=3.000),
        "battery_gross_kwh": Fact(111.5, "BMWBLOG_IX"),
        "battery_net_kwh": Fact(105.2, "BMWBLOG_IX"),
        **_assumed(battery_voltage_v=369.0, battery_resistance_ohm=0.06),
        **_assumed(regeneration_power_kw=200.0, regeneration_deceleration_m_per_s2=4.0),
        "system_power_kw": Fact(385.0, "BMWBLOG_IX"),
        "system_torque_nm": Fact(765.0, "WEBCARTOP_IX"),
        "acceleration_0_100_s": Fact(4.6, "ASSUMED", UNCHECKED),
        "top_speed_km_per_h": Fact(200.0, "SENTRY_IX"),
        "wltp_range_km": Fact(650.0, "WEBCARTOP_IX"),
        "label_range_km": Fact(521.0, "NRCAN"),
        "label_kwh_per_100km": Fact(24.2, "NRCAN"),
        "udds_wall_kwh_per_100km": Fact(17.85, "EPA22", "117.3 MPGe unadjusted"),
        "hwfet_wall_kwh_per_100km": Fact(17.79, "EPA22", "117.7 MPGe unadjusted"),
    },
    road_load_note="EPA target coefficients 43.7 lbf, 0.175 lbf/mph, 0.01995 lbf/mph^2 [EPA22]; they contain both "
    "units' drag",
)

BMW_I3 = VehicleEntry(
    name="bmw_i3",  # 94 Ah
    application="bev",
    axles=({"position": "rear", "unit": "bmw_i3"},),
    facts={
        "curb_mass_kg": Fact(1245.0, "CALC", "1320 kg with driver [BMWMO] less 75 kg"),
        "test_mass_kg": Fact(1381.0, "CALC", EPA_LOAD),
        "drag_coefficient_1": Fact(0.29, "EMOBPY"),
        "frontal_area_m2": Fact(2.38, "ASSUMED"),
        "rolling_coefficient_1": Fact(0.0090, "ASSUMED", "0.0065 in TUM's model"),
        "rolling_linear_n_s_per_m": Fact(0.8, "ASSUMED"),
        "wheel_radius_m": Fact(0.350, "TUMLDS"),
        **_assumed(front_share_1=0.47, wheelbase_m=2.570),
        "battery_gross_kwh": Fact(33.2, "BMWMO"),
        "battery_net_kwh": Fact(27.2, "BMWMO"),
        "battery_voltage_v": Fact(353.0, "EMOBPY"),
        **_assumed(battery_resistance_ohm=0.10, regeneration_power_kw=50.0, regeneration_deceleration_m_per_s2=2.0),
        "peak_power_kw": Fact(125.0, "BMWMO"),
        "motor_torque_nm": Fact(250.0, "BMWMO"),
        "motor_speed_max_rpm": Fact(11400.0, "TUMLDS"),
        "gear_ratio_1": Fact(9.665, "EMOBPY"),
        "acceleration_0_100_s": Fact(7.3, "BMWMO"),
        "top_speed_km_per_h": Fact(150.0, "BMWMO"),
        "wltp_range_km": Fact(235.0, "BMWMO", "235 to 255"),
        "label_range_km": Fact(183.0, "NRCAN"),
        "label_kwh_per_100km": Fact(17.8, "NRCAN"),
    },
    road_load_note="assumed: c_d 0.29 [EMOBPY], area 2.38 m^2 (ASSUMED), rolling 0.0090 m g and 0.8 N/(m/s); band "
    "-12 %, +8 %",
    band=(0.88, 1.08),
)

MINI_COOPER_SE = VehicleEntry(
    name="mini_cooper_se",
    application="bev",
    axles=({"position": "front", "unit": "bmw_i3"},),  # the i3s unit
    facts={
        "curb_mass_kg": Fact(1365.0, "BRAMAN_MINI", "DIN; 1440 kg EU"),
        "test_mass_kg": Fact(1587.6, "EPA22"),
        **epa_coast_down(27.4, 0.431, 0.01495),
        "wheel_radius_m": Fact(0.3007, "CALC", "EPA N/V 127.2 and ratio 8.96"),
        "front_share_1": Fact(0.54, "BRAMAN_MINI"),
        **_assumed(wheelbase_m=2.495, cg_height_m=0.50),
        "battery_gross_kwh": Fact(32.6, "BRAMAN_MINI"),
        "battery_net_kwh": Fact(29.0, "BRAMAN_MINI"),
        "battery_voltage_v": Fact(350.4, "EMOBPY"),
        **_assumed(battery_resistance_ohm=0.11, regeneration_power_kw=60.0, regeneration_deceleration_m_per_s2=2.0),
        "peak_power_kw": Fact(135.0, "CARSRADARS_MINI"),
        "motor_torque_nm": Fact(270.0, "CARSRADARS_MINI"),
        "gear_ratio_1": Fact(8.96, "EPA22"),
        "acceleration_0_60_s": Fact(3.9, "BRAMAN_MINI", "0 to 60 km/h"),
        "acceleration_0_100_s": Fact(7.3, "CARSRADARS_MINI"),
        "top_speed_km_per_h": Fact(150.0, "EMOBPY"),
        "wltp_range_km": Fact(235.0, "WAPCAR_MINI", "235 to 270"),
        "label_range_km": Fact(183.0, "NRCAN"),
        "label_kwh_per_100km": Fact(19.1, "NRCAN"),
        "udds_wall_kwh_per_100km": Fact(12.35, "EPA22", "169.6 MPGe unadjusted"),
        "hwfet_wall_kwh_per_100km": Fact(14.59, "EPA22", "143.5 MPGe unadjusted"),
    },
    road_load_note="EPA target coefficients 27.4 lbf, 0.431 lbf/mph, 0.01495 lbf/mph^2 [EPA22]; they contain the "
    "unit's drag",
)

RANGE_ROVER_ELECTRIC = VehicleEntry(
    name="range_rover_electric",  # prototype; two units, 800 V
    application="bev",
    axles=({"position": "front", "share": 0.5}, {"position": "rear", "share": 0.5}),
    facts={
        "curb_mass_kg": Fact(3000.0, "AUTOPUB_RREV", "approximate"),
        "test_mass_kg": Fact(3136.0, "CALC", EPA_LOAD),
        **epa_coast_down(50.872 * 3136.0 / 2948.4, -0.11133, 0.03423),
        **_assumed(wheel_radius_m=0.385, front_share_1=0.49, wheelbase_m=2.997, cg_height_m=0.68),
        "battery_gross_kwh": Fact(117.0, "AUTOPUB_RREV"),
        "battery_net_kwh": Fact(108.0, "ASSUMED", "92 % of gross"),
        "battery_voltage_v": Fact(800.0, "DT_RREV"),
        **_assumed(battery_resistance_ohm=0.16, regeneration_power_kw=250.0, regeneration_deceleration_m_per_s2=4.0),
        "charging_power_kw": Fact(350.0, "AUTOPUB_RREV"),
        "system_power_kw": Fact(405.0, "AUTOPUB_RREV", "550 PS"),
        "system_torque_nm": Fact(850.0, "AUTOPUB_RREV"),
        "wading_mm": Fact(850.0, "DT_RREV"),
        "towing_kg": Fact(3500.0, "ASSUMED", "that of the diesel car: a target of ours"),
    },
    road_load_note="assumed: EPA target coefficients of the new Range Rover with V8 (50.872 lbf, -0.11133 lbf/mph, "
    "0.03423 lbf/mph^2 at 2948 kg [EPA22]), A in proportion to mass; they contain its transfer box and axle drives, "
    "which the electric car has not; band -15 %, +5 %",
    band=(0.85, 1.05),
)

BATTERY_ELECTRIC = entries(BMW_IX3, JAGUAR_I_PACE, BMW_I4, BMW_IX, BMW_I3, MINI_COOPER_SE, RANGE_ROVER_ELECTRIC)
