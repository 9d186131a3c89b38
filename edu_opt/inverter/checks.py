"""Refusal of inverters that cannot be meant: called once with concrete numbers, before anything is compiled."""

from __future__ import annotations

from edu_opt.inverter.dc_link import CAPACITOR_LIMIT_CELSIUS
from edu_opt.inverter.model import Inverter
from edu_opt.materials.semiconductors import DEVICES, Device, device

# Largest DC voltage over the blocking voltage: overshoot at turn-off and cosmic rays (750 V of 1200 V, 450 V of 650 V
# are usual; assumed limit for continuous operation).
BLOCKING_SHARE = 0.75


def voltage_findings(name: str, row: Device, dc_voltage: float) -> list[str]:
    """What is wrong with a device at a DC voltage [V]."""
    limit = BLOCKING_SHARE * float(row.blocking_voltage)
    if not dc_voltage > 0.0:
        return [f"DC voltage must be positive, got {dc_voltage:g} V"]
    if dc_voltage <= limit:
        return []
    fitting = [n for n in DEVICES if BLOCKING_SHARE * float(device(n).blocking_voltage) >= dc_voltage]
    hint = f"; devices for it: {', '.join(fitting)}" if fitting else "; no device of the catalogue blocks that much"
    return [
        f"{name} blocks {float(row.blocking_voltage):g} V and serves up to {limit:g} V DC, got {dc_voltage:g} V{hint}"
    ]


def inverter_findings(name: str, inverter: Inverter, dc_voltage: float, coolant_celsius: float) -> list[str]:
    """Everything that is wrong with an inverter of device `name`, a line each; empty where it can be built."""
    row = inverter.device
    findings = voltage_findings(name, row, dc_voltage)
    for key, unit in (
        ("parallel_area", ""),
        ("capacitance", " F"),
        ("switching_frequency", " Hz"),
        ("frequency_ratio", ""),
        ("rated_voltage", " V"),
    ):
        value = float(getattr(inverter, key))
        if not value > 0.0:
            findings.append(f"{key} must be positive, got {value:g}{unit}")
    for key in ("overmodulation", "discontinuous"):
        value = float(getattr(inverter, key))
        if not 0.0 <= value <= 1.0:
            findings.append(f"{key} must be a share between 0 and 1, got {value:g}")
    dead_time, period = float(inverter.dead_time), 1.0 / max(float(inverter.switching_frequency), 1e-9)
    if not 0.0 <= dead_time < 0.1 * period:
        findings.append(f"dead_time must lie between 0 and a tenth of the carrier period, got {dead_time:g} s")
    rated = float(inverter.rated_voltage)
    if rated < dc_voltage:
        findings.append(f"the capacitor is rated {rated:g} V, below the DC voltage of {dc_voltage:g} V")
    limit = float(row.junction_limit_celsius)
    if coolant_celsius >= limit:
        findings.append(f"coolant of {coolant_celsius:g} degC is hotter than {name}'s junction limit of {limit:g} degC")
    elif coolant_celsius >= CAPACITOR_LIMIT_CELSIUS:
        findings.append(
            f"coolant of {coolant_celsius:g} degC is hotter than the film capacitor's limit of "
            f"{CAPACITOR_LIMIT_CELSIUS:g} degC"
        )
    return findings


def checked_inverter(name: str, inverter: Inverter, dc_voltage: float, coolant_celsius: float) -> Inverter:
    """The inverter itself; ValueError naming everything that is wrong with it."""
    findings = inverter_findings(name, inverter, dc_voltage, coolant_celsius)
    if findings:
        raise ValueError("; ".join(findings))
    return inverter
