"""Inverter against published waveforms, curves, tools: `python -m experiments.validation.inverter [--data FILE]`.

Waveforms: closed forms of space-vector modulation against numeric averages (error over a quantity's largest value).
Devices: rows of the catalogue against the curves of their part; other parts of the file are fitted to the same forms at
the same points first, so that their error is that of the forms. Switching energies are compared averaged over a sine.
Vendor: watts per switch of the manufacturer's online tool. Designs: efficiency of reference inverters (a lower bound).
Tolerances: waveforms 1 % (median) and 5 % (worst), curves 3 % (median) and 10 % (90 %), vendor 15 % (worst).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.inverter.losses import channel_loss, efficiency, evaluate, inverter_losses, switching_loss
from edu_opt.inverter.model import Inverter
from edu_opt.inverter.modulation import capacitor_current, conduction_average, half_wave_average, ripple_flux
from edu_opt.materials.semiconductors import Channel, Device, SwitchingEnergy, device, wolfspeed_cab450m12xm3

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gearbox_inverter.json"
CATALOGUE = {"2MBI600XEE065": "fuji_2mbi600xee065", "CAB530M12BM3": "wolfspeed_cab530m12bm3"}
KNEE = 20.0  # A, of rows fitted here
SMALLEST = 50.0  # A: currents from which on curves are compared
Curves = list[tuple[float, np.ndarray]]  # (degC, values over the currents)
Laws = tuple[dict[str, Channel], dict[str, SwitchingEnergy]]  # of one part: conduction, energies


def line(case: str, quantity: str, model: float, reference: float, scale: float | None = None) -> float:
    """Print one comparison; returns its absolute relative error."""
    error = (model - reference) / abs(reference if scale is None else scale)
    print(json.dumps({"case": case, "quantity": quantity, "model": model, "reference": reference, "error": error}))
    return abs(error)


def waveforms(data: dict) -> list[float]:
    """Current shares and capacitor current at the file's space-vector points; ripple flux."""
    points = [p for p in data["waveform_tests"]["points"] if p["pwm"] == "SVPWM"]
    scale = {k: max(abs(p["numeric"][k]) for p in points) for k in points[0]["numeric"]}
    errors = []
    for point in points:
        index, cosine = jnp.asarray(point["M"]), jnp.asarray(point["cosphi"])
        mean, square = (conduction_average(p, index, cosine) for p in (1.0, 2.0))
        ours = {"Tav": mean[0], "Dav": mean[1], "Trms2": square[0], "Drms2": square[1]}
        ours["Icap"] = capacitor_current(index, cosine, jnp.asarray(1.0))
        name = f"M={point['M']} cos={point['cosphi']}"
        errors += [line(name, k, float(v), point["numeric"][k], scale[k]) for k, v in ours.items()]
    for index, square in data["ripple_flux_test"]["lambda2_numeric_SVPWM"].items():
        ours_square = float(ripple_flux(jnp.asarray(float(index)), 1.0, 1.0)) ** 2
        errors.append(line(f"M={index}", "ripple_flux_squared", ours_square, square))
    return errors


def voltage_curves(record: dict, key: str) -> Curves:
    """On-state curves of a record by temperature."""
    return [(float(k.split("@")[0]), np.array(v, float)) for k, v in record[key].items()]


def energies(record: dict, keys: tuple[str, ...], dc_voltage: float) -> Curves:
    """Sum of the named energies [J] at one voltage by temperature."""
    tables = [[e for e in record[k] if e["V"] == dc_voltage] for k in keys]
    return [(float(row[0]["Tj"]), np.sum([e["E"] for e in row], axis=0) * 1e-3) for row in zip(*tables, strict=True)]


def averaged(current: np.ndarray, energy: np.ndarray, peak: float) -> float:
    """Energies averaged over a sine's half wave, nothing in the other half."""
    instant = peak * np.sin((np.arange(2000) + 0.5) / 2000.0 * np.pi)
    return 0.5 * float(np.interp(instant, np.append(0.0, current), np.append(0.0, energy)).mean())


def fit_channel(current: np.ndarray, curves: Curves) -> Channel:
    """Least relative squares of threshold, root and resistance, each linear in temperature."""
    base = np.stack([np.ones_like(current), np.sqrt(current), current], axis=1)
    rows = np.concatenate([np.hstack([base, base * (t - 25.0)]) / v[:, None] for t, v in curves])
    keep = np.any(np.array([t for t, _ in curves]) != curves[0][0])
    solved = np.linalg.lstsq(rows if keep else rows[:, :3], np.ones(len(rows)), rcond=None)[0]
    c = np.append(solved, np.zeros(6 - len(solved)))
    return Channel(
        threshold=c[0],
        root=c[1],
        resistance=c[2],
        threshold_slope=c[3],
        root_slope=c[4],
        resistance_slope=c[5],
        resistance_curvature=0.0,
    )


def fit_energy(current: np.ndarray, curves: Curves, peaks: np.ndarray, dc_voltage: float) -> SwitchingEnergy:
    """Constant, root, linear part of the averaged energies (not negative), one temperature slope."""
    steady = 0.5 * peaks**2 / (peaks**2 + KNEE**2)
    forms = np.stack([steady, half_wave_average(0.5) * np.sqrt(peaks), half_wave_average(1.0) * peaks], axis=1)
    targets = [(t, np.array([averaged(current, e, p) for p in peaks])) for t, e in curves]
    slope, best = 0.0, np.zeros(3)
    for _ in range(30):
        rows = np.concatenate([forms * (1.0 + slope * (t - 25.0)) / y[:, None] for t, y in targets])
        choices = []
        for use in ([0, 2], [1, 2], [1], [2], [0]):
            part = np.linalg.lstsq(rows[:, use], np.ones(len(rows)), rcond=None)[0]
            if (part >= 0.0).all():
                full = np.zeros(3)
                full[use] = part
                choices.append((float(((rows @ full - 1.0) ** 2).sum()), full))
        best = min(choices, key=lambda c: c[0])[1]
        shape = [(t, forms @ best / y) for t, y in targets]
        below = sum(float(((s * (t - 25.0)) ** 2).sum()) for t, s in shape)
        slope = sum(float(((1.0 - s) * s * (t - 25.0)).sum()) for t, s in shape) / below if below > 0.0 else 0.0
    return SwitchingEnergy(
        constant=best[0],
        knee_current=KNEE,
        root=best[1],
        linear=best[2],
        quadratic=0.0,
        reference_voltage=dc_voltage,
        voltage_exponent=1.3,
        temperature_slope=slope,
    )


def device_curves(record: dict) -> tuple[list[float], Laws]:
    """Errors of a part's row on its published curves, and the laws that were used."""
    current = np.array(record["currents_A"], float)
    peaks = np.array([c for c in current if c >= SMALLEST])
    part = record["part"]
    named = next((v for k, v in CATALOGUE.items() if k in part), None)
    row: Device | None = None if named is None else device(named)
    dc_voltage = record["Eon_mJ"][0]["V"]
    on_off, recovery = (energies(record, k, dc_voltage) for k in (("Eon_mJ", "Eoff_mJ"), ("Err_mJ",)))
    channels = {"forward": row.forward if row else fit_channel(current, voltage_curves(record, "Von_V"))}
    switching = {
        "on_off": row.switching if row else fit_energy(current, on_off, peaks, dc_voltage),
        "recovery": row.recovery if row else fit_energy(current, recovery, peaks, dc_voltage),
    }
    curves = {"forward": voltage_curves(record, "Von_V")}
    if record["type"] == "IGBT":
        curves["reverse"] = voltage_curves(record, "Vdiode_V")
        channels["reverse"] = row.reverse if row else fit_channel(current, curves["reverse"])
    errors = []
    for key, table in curves.items():
        for celsius, values in table:
            loss = channel_loss(channels[key], (1.0, 1.0, 1.0), jnp.asarray(current))
            ours = np.asarray(evaluate(loss, jnp.asarray(celsius))) / current
            for k in np.flatnonzero(current >= SMALLEST):
                errors.append(line(f"{part} {celsius:g} degC {current[k]:g} A", f"{key}_V", float(ours[k]), values[k]))
    for key, table in (("on_off", on_off), ("recovery", recovery)):
        for celsius, values in table:
            for peak in peaks:
                loss = switching_loss(switching[key], jnp.asarray(peak), jnp.asarray(float(dc_voltage)), 1.0)
                ours_energy = float(evaluate(loss, jnp.asarray(celsius)))
                reference = averaged(current, values, peak)
                errors.append(line(f"{part} {celsius:g} degC {peak:g} A", f"{key}_mean_J", ours_energy, reference))
    return errors, (channels, switching)


def vendor(data: dict, laws_by_part: dict[str, Laws]) -> list[float]:
    """Watts per switch of the vendor's tool for every part of the comparison whose curves the file holds."""
    record = data["vendor_tool_comparison"]
    condition, errors = record["cond"], []
    peak, celsius = jnp.asarray(condition["I_rms"] * np.sqrt(2.0)), jnp.asarray(float(condition["T_ref"]))
    for name, (channels, switching) in laws_by_part.items():
        keys = [k for k in record if k.lower() == name.lower().replace("-50", "")]
        for key in keys:
            for label, index, cosine in zip(("PF0", "PF095"), condition["M_approx"], condition["PF"], strict=True):
                index, cosine = jnp.asarray(index), jnp.asarray(cosine)
                shares = [conduction_average(p, index, cosine) for p in (1.0, 1.5, 2.0)]
                for k, frequency in enumerate(condition["fsw"]):
                    side = {"igbt_con": ("forward", 0), "dio_con": ("reverse", 1)}
                    ours = {
                        q: channel_loss(channels[c], (shares[0][i], shares[1][i], shares[2][i]), peak)
                        for q, (c, i) in side.items()
                    }
                    voltage = jnp.asarray(float(condition["Vdc"]))
                    ours["igbt_sw"] = switching_loss(switching["on_off"], peak, voltage, frequency)
                    ours["dio_sw"] = switching_loss(switching["recovery"], peak, voltage, frequency)
                    for quantity, loss in ours.items():
                        watt = float(evaluate(loss, celsius))
                        case = f"{key} {label} {frequency} Hz"
                        errors.append(line(case, f"{quantity}_W", watt, record[key][label][quantity][k]))
    return errors


def designs(data: dict) -> list[bool]:
    """Reference inverters of the catalogue's module with a stated lower bound of efficiency, at 10 kHz (not stated)."""
    kept = []
    for record in data["reference_designs"]:
        if "XM3" not in record["name"] or "eff" not in record:
            continue
        inverter = Inverter(
            device=wolfspeed_cab450m12xm3(),
            parallel_area=1.0,
            switching_frequency=1e4,
            capacitance=3e-4,
            dead_time=1e-6,
        )
        peak, index, voltage = record["I_rms"] * np.sqrt(2.0), 1.1, float(record["Vdc"])
        cosine = record["P_kW"] * 1e3 / (0.75 * index * voltage * peak)
        losses = inverter_losses(inverter, peak, index, cosine, voltage, 65.0)
        ours, bound = float(efficiency(losses, peak, index, cosine, voltage)), float(record["eff"].lstrip(">"))
        line(record["name"], "efficiency_lower_bound", ours, bound)
        kept.append(ours > bound and float(losses.junction_celsius_switch) < record["Tj"])
    return kept


def main() -> int:
    """All comparisons of the file; 0 within the tolerances stated above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    path = parser.parse_args().data
    if not path.is_file():
        print(json.dumps({"summary": {"skipped": f"reference data not here: {path.name}"}}))
        return 0
    data = json.loads(path.read_text())["inverter"]
    wave = waveforms(data)
    curves: list[float] = []
    laws: dict[str, Laws] = {}
    for record in (r for r in data["devices"] if "currents_A" in r):
        errors, laws[record["part"]] = device_curves(record)
        curves += errors
    tool = vendor(data, laws)
    kept = designs(data)
    within = (
        (not wave or (np.median(wave) <= 0.01 and max(wave) <= 0.05))
        and (not curves or (np.median(curves) <= 0.03 and np.quantile(curves, 0.9) <= 0.10))
        and (not tool or max(tool) <= 0.15)
        and all(kept)
    )
    everything = wave + curves + tool
    summary = {
        "cases": len(everything) + len(kept),
        "median_abs_error": float(np.median(everything)),
        "p90_abs_error": float(np.quantile(everything, 0.9)),
        "worst": float(max(everything)),
        "within_tolerance": bool(within),
        "waveforms_worst": float(max(wave, default=0.0)),
        "curves_median": float(np.median(curves)) if curves else 0.0,
        "curves_p90": float(np.quantile(curves, 0.9)) if curves else 0.0,
        "vendor_worst": float(max(tool, default=0.0)),
    }
    print(json.dumps({"summary": summary}))
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
