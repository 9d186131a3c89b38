"""Wall energy of the same cars by FASTSim 3.1 (pip `fastsim`, extra `bench`), the peer of `vehicle_energy`.

Every car gets what FASTSim's own battery-electric models have in common: one efficiency curve of the machine, gear
0.98, battery 0.985 one way; and from its row weight, air drag and rolling resistance fitted to the coast-down.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

BASE = "2022_Renault_Zoe_ZE50_R135.yaml"  # its efficiency curve is that of all battery-electric models there
AIR_DENSITY, GRAVITY = 1.2, 9.81
FIT_SPEEDS = np.linspace(20.0, 110.0, 46) / 3.6  # m/s


def available() -> bool:
    """True where FASTSim 3 is installed."""
    return find_spec("fastsim") is not None


def fitted_body(row: dict[str, Any]) -> tuple[float, float]:
    """(rolling coefficient, c_d A m^2) with the least force error over the speeds of the cycles."""
    force = row["A_N"] + row["B_Nspm"] * FIT_SPEEDS + row["C_Ns2pm2"] * FIT_SPEEDS**2
    columns = np.stack([np.full_like(FIT_SPEEDS, row["ETW_kg"] * GRAVITY), 0.5 * AIR_DENSITY * FIT_SPEEDS**2], axis=1)
    rolling, area = np.linalg.lstsq(columns, force, rcond=None)[0]
    return float(rolling), float(area)


def battery_energy(row: dict[str, Any], cycle: str, power_w: float, auxiliaries: float) -> float:
    """Energy out of the cells [kWh/100 km] on udds or hwfet."""
    import fastsim

    tree = fastsim.Vehicle.from_resource(BASE).to_dict()
    rolling, area = fitted_body(row)
    radius = tree["chassis"]["wheel_radius_meters"]
    tree["chassis"] |= {
        "drag_coef": area,
        "frontal_area_square_meters": 1.0,
        "wheel_rr_coef": rolling,
        "wheel_inertia_kilogram_square_meters": 0.015 * row["ETW_kg"] * radius**2 / 4.0,
        "glider_mass_kilograms": None,
        "cargo_mass_kilograms": None,
    }
    tree |= {"mass_kilograms": row["ETW_kg"], "pwr_aux_base_watts": auxiliaries}
    parts = tree["pt_type"]["BEV"]
    parts["transmission"]["eff_interp"] = 0.98
    parts["res"] |= {"eff_interp": {"Constant": 0.985}, "energy_capacity_joules": 100.0 * 3.6e6}
    parts["em"]["pwr_out_max_watts"] = power_w
    trace = fastsim.Cycle.from_resource(f"{cycle}.csv")
    run = fastsim.SimDrive(fastsim.Vehicle.from_dict(tree), trace)
    run.run()
    joule = run.to_dict()["veh"]["pt_type"]["BEV"]["res"]["state"]["energy_out_chemical_joules"]
    return joule / 36.0 / float(np.sum(trace.to_dict()["speed_meters_per_second"]))
