"""Inverter against published waveforms, curves, tools: `python -m experiments.validation.inverter [--data FILE]`.

Waveforms: closed forms against numeric averages of switched sine-triangle and space-vector bridges (difference at unit
peak current); the DC-link ripple current and the ripple flux also relative to their own value.
Devices: on-state voltages and switching energies (averaged over a sine, which is what losses see) of catalogue rows
against the curves of their part; parts of the file that the catalogue lacks are fitted to the same forms first, so that
their error is that of the forms.
Vendor: losses of a device (IGBT, diode: what heats its junction) by the manufacturer's online tool, from the file's
curves alone. Conduction and switching apart are printed too and not scored: the published energies integrated over the
current lie up to a tenth above the tool's, its conduction above the published curves.
Designs: simulated losses a switch of a reference inverter, and its efficiency as a lower bound. Conditions that the
record does not hold are those of its source: 16 kHz, coolant 65 degC; that simulation's losses are taken with the case
held at the coolant (its conduction loss means 3.2 mOhm, a junction near 97 degC; the 175 degC quoted with it were
computed afterwards). The junction that the whole chain gives is printed, not scored.
Tolerances: waveforms 1e-4, ripple current and flux 1 %, curves 3 % (median) and 10 % (90 %), vendor 6 %, losses of the
design 8 % in total and 10 % each.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.inverter.chip_losses import (
    Polynomial,
    channel_loss,
    evaluate,
    position_losses,
    switching_loss,
    total_of,
)
from edu_opt.inverter.duty_waveform import duty_waveform, sine_triangle_waveform
from edu_opt.inverter.losses import efficiency, inverter_losses
from edu_opt.inverter.model import Inverter
from edu_opt.inverter.modulation import (
    capacitor_current,
    conduction_average,
    current_shares,
    dc_link_current,
    ripple_flux,
    sine_triangle_ripple_flux,
)
from edu_opt.materials.semiconductors import Channel, Device, SwitchingEnergy, device, wolfspeed_cab450m12xm3
from experiments.validation.semiconductor_fits import (
    SMALLEST,
    averaged,
    energies,
    fit_record,
    published_voltages,
    voltage_curves,
)

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gearbox_inverter.json"
CATALOGUE = {
    "2MBI600XEE065": "fuji_2mbi600xee065",
    "2MBI400XBE065": "fuji_2mbi400xbe065",
    "2MBI300XBE120": "fuji_2mbi300xbe120",
    "CAB530M12BM3": "wolfspeed_cab530m12bm3",
    "WAB300M12BM3": "wolfspeed_wab300m12bm3",
}
DESIGN_FREQUENCY, DESIGN_COOLANT, DESIGN_INDEX = 16e3, 65.0, 1.1  # Hz, degC, 1
Laws = dict[str, Channel | SwitchingEnergy]
TOLERANCES = {"waveform": 1e-4, "ripple": 0.01, "vendor": 0.06, "design_total": 0.08, "design_part": 0.10}
CURVES_MEDIAN, CURVES_MOST = 0.03, 0.10
Scored = tuple[str, float]  # group of TOLERANCES, "curve" or "" where a line is not scored; absolute error


def line(group: str, case: str, quantity: str, model: float, reference: float, scale: float | None = None) -> Scored:
    """Print one comparison; its group and absolute error (relative unless a scale is given)."""
    error = (model - reference) / abs(reference if scale is None else scale)
    print(json.dumps({"case": case, "quantity": quantity, "model": model, "reference": reference, "error": error}))
    return group, abs(error)


def waveforms(data: dict) -> Iterator[Scored]:
    """Current shares, DC current and capacitor current at the file's points."""
    for point in data.get("waveform_tests", {}).get("points", []):
        index, cosine = jnp.asarray(point["M"]), jnp.asarray(point["cosphi"])
        waveform = (sine_triangle_waveform if point["pwm"] == "SPWM" else duty_waveform)(index)
        mean, square = (current_shares(p, waveform, cosine) for p in (1.0, 2.0))
        ours = {"Tav": mean[0], "Dav": mean[1], "Trms2": square[0], "Drms2": square[1]}
        ours |= {"Idc": dc_link_current(index, cosine, 1.0), "Icap": capacitor_current(index, cosine, 1.0)}
        name = f"{point['pwm']} M={point['M']} cos={point['cosphi']}"
        for key, value in ours.items():
            if key in point["numeric"]:
                yield line("waveform", name, key, float(value), point["numeric"][key], 1.0)
        if "Icap" in point["numeric"]:
            yield line("ripple", name, "Icap_relative", float(ours["Icap"]), point["numeric"]["Icap"])
    flux = data.get("ripple_flux_test", {})
    laws = {"lambda2_numeric_SVPWM": ripple_flux, "lambda2_numeric_SPWM": sine_triangle_ripple_flux}
    for key, law in laws.items():
        for index, square in flux.get(key, {}).items():
            ours_square = float(law(float(index), 1.0, 1.0)) ** 2
            yield line("ripple", f"{key[-5:]} M={index}", "ripple_flux_squared", ours_square, square)


def laws_of(record: dict) -> tuple[Laws, Laws]:
    """(catalogue row where there is one, else the fit; fit) of a part with curves."""
    fitted = fit_record(record)
    named = next((v for k, v in CATALOGUE.items() if k in record["part"]), None)
    if named is None:
        return fitted, fitted
    row: Device = device(named)
    return {k: getattr(row, k) for k in fitted}, fitted


def device_curves(record: dict, laws: Laws) -> Iterator[Scored]:
    """Errors of a part's laws on its published curves."""
    current = np.array(record["currents_A"], float)
    kept = np.flatnonzero(current >= SMALLEST * current[-1])
    part = record["part"]
    channels = {"forward": "Von_V", ("body_diode" if "body_diode" in laws else "reverse"): "Vdiode_V"}
    for name, key in ((n, k) for n, k in channels.items() if n in laws):
        for celsius, values in voltage_curves(record, key):
            loss = channel_loss(laws[name], (1.0, 1.0, 1.0), jnp.asarray(current))  # type: ignore[arg-type]
            ours = np.asarray(evaluate(loss, celsius)) / current
            for k in kept:
                case = f"{part} {celsius:g} degC {current[k]:g} A"
                yield line("curve", case, f"{name}_V", float(ours[k]), values[k])
    quantities = {"switching": ("Eon_mJ", "Eoff_mJ"), "recovery": ("Err_mJ",)}
    for name, keys in ((n, k) for n, k in quantities.items() if n in laws):
        for voltage in published_voltages(record):
            for celsius, values in energies(record, keys, voltage):
                for peak in current[kept]:
                    loss = switching_loss(laws[name], jnp.asarray(peak), voltage, 1.0)  # type: ignore[arg-type]
                    case = f"{part} {celsius:g} degC {voltage:g} V {peak:g} A"
                    reference = averaged(current, values, peak)
                    yield line("curve", case, f"{name}_mean_J", float(evaluate(loss, celsius)), reference)


def part_code(name: str) -> str:
    """Manufacturer's code in a name: the last word of it, without the suffix after a dash."""
    return name.replace(" ", "_").split("_")[-1].split("-")[0].lower()


def vendor(data: dict, laws_by_part: dict[str, Laws]) -> Iterator[Scored]:
    """Watts per device by the vendor's tool for every part of the comparison whose curves the file holds."""
    record = data.get("vendor_tool_comparison", {})
    fits = {part_code(name): laws for name, laws in laws_by_part.items()}
    for key in (k for k in record if part_code(k) in fits and isinstance(record[k], dict)):
        yield from vendor_part(record["cond"], key, record[key], fits[part_code(key)])


def vendor_part(condition: dict, name: str, record: dict, laws: Laws) -> Iterator[Scored]:
    """One part of the comparison."""
    peak, celsius = jnp.asarray(condition["I_rms"] * math.sqrt(2.0)), float(condition["T_ref"])
    parts = {"igbt": ("forward", "switching"), "dio": ("reverse" if "reverse" in laws else "forward", "recovery")}
    for label, index, cosine in zip(record, condition["M_approx"], condition["PF"], strict=False):
        shares = [conduction_average(p, index, jnp.asarray(float(cosine))) for p in (1.0, 1.5, 2.0)]
        for k, frequency in enumerate(condition["fsw"]):
            watts: dict[str, Polynomial] = {}
            for side, (short, (chip, energy)) in enumerate(parts.items()):
                conduction = channel_loss(laws[chip], tuple(s[side] for s in shares), peak)  # type: ignore[arg-type]
                watts[f"{short}_con"] = conduction
                if energy in laws:
                    voltage = float(condition["Vdc"])
                    watts[f"{short}_sw"] = switching_loss(laws[energy], peak, voltage, frequency)  # type: ignore[arg-type]
            case = f"{name} {label} {frequency} Hz"
            values = {q: float(evaluate(loss, celsius)) for q, loss in watts.items()}
            for quantity, value in values.items():
                line("", case, f"{quantity}_W", value, record[label][quantity][k])
            for short in parts:
                mine = [q for q in values if q.startswith(short)]
                ours, theirs = sum(values[q] for q in mine), sum(record[label][q][k] for q in mine)
                yield line("vendor", case, f"{short}_device_W", ours, theirs)


def design_losses(inverter: Inverter, peak: float, index: float, cosine: float, voltage: float) -> tuple[float, float]:
    """(conduction, switching) loss a switch [W] with the case at the coolant's temperature."""
    parts = position_losses(inverter, jnp.asarray(peak), index, cosine, voltage)
    whole = total_of(parts.forward, parts.reverse), total_of(parts.on_off, parts.recovery)
    celsius = DESIGN_COOLANT
    for _ in range(30):
        loss = sum(float(evaluate(w, celsius)) for w in whole)
        celsius = DESIGN_COOLANT + float(inverter.device.switch_to_case) * loss
    conduction, switched = (float(evaluate(w, celsius)) for w in whole)
    return conduction, switched


def designs(data: dict) -> Iterator[Scored]:
    """Reference inverters built with the catalogue's XM3 module."""
    for record in data.get("reference_designs", []):
        if "XM3" not in record["name"]:
            continue
        inverter = Inverter(
            device=wolfspeed_cab450m12xm3(),
            parallel_area=1.0,
            switching_frequency=DESIGN_FREQUENCY,
            capacitance=3e-4,
            dead_time=0.0,
            rated_voltage=900.0,
        )
        peak, voltage, index = record["I_rms"] * math.sqrt(2.0), float(record["Vdc"]), DESIGN_INDEX
        cosine = record["P_kW"] * 1e3 / (0.75 * index * voltage * peak)
        conduction, switched = design_losses(inverter, peak, index, cosine, voltage)
        name = record["name"]
        if "loss_W_per_switch_sim" in record:
            total, simulated = conduction + switched, record["loss_W_per_switch_sim"]
            yield line("design_total", name, "loss_per_switch_W", total, simulated)
        if "split" in record:
            yield line("design_part", name, "conduction_per_switch_W", conduction, record["split"]["cond"])
            yield line("design_part", name, "switching_per_switch_W", switched, record["split"]["sw"])
        losses = inverter_losses(inverter, peak, index, cosine, voltage, DESIGN_COOLANT)
        if "Tj" in record:
            line("", name, "junction_celsius_whole_chain", float(losses.junction_celsius_switch), record["Tj"])
        if "eff" in record:
            bound = float(str(record["eff"]).lstrip(">"))
            ours = float(efficiency(losses, peak, index, cosine, voltage))
            line("", name, "efficiency_lower_bound", ours, bound)
            yield "bound", 0.0 if ours > bound else 1.0


def compare(data: dict) -> list[Scored]:
    """All comparisons that the file holds."""
    scored = list(waveforms(data))
    fits: dict[str, Laws] = {}
    for record in (r for r in data.get("devices", []) if "currents_A" in r):
        laws, fits[record["part"]] = laws_of(record)
        scored += list(device_curves(record, laws))
    return scored + list(vendor(data, fits)) + list(designs(data))


def main() -> int:
    """All comparisons of the file; 0 within the tolerances stated above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    path = parser.parse_args().data
    if not path.is_file():
        print(json.dumps({"summary": {"skipped": f"reference data not here: {path.name}"}}))
        return 0
    scored = compare(json.loads(path.read_text())["inverter"])
    groups: dict[str, list[float]] = {}
    for group, error in scored:
        groups.setdefault(group, []).append(error)
    curves = groups.get("curve", [0.0])
    within = bool(scored) and all(max(groups.get(g, [0.0])) <= limit for g, limit in TOLERANCES.items())
    within &= float(np.median(curves)) <= CURVES_MEDIAN and float(np.quantile(curves, 0.9)) <= CURVES_MOST
    within &= max(groups.pop("bound", [0.0])) == 0.0
    errors = [e for g in groups.values() for e in g]
    summary = {
        "cases": len(errors),
        "median_abs_error": float(np.median(errors)) if errors else 0.0,
        "p90_abs_error": float(np.quantile(errors, 0.9)) if errors else 0.0,
        "worst": max(errors, default=0.0),
        "within_tolerance": bool(within),
        **{f"{g}_worst": max(values) for g, values in groups.items()},
        "curve_median": float(np.median(curves)),
        "curve_p90": float(np.quantile(curves, 0.9)),
    }
    print(json.dumps({"summary": summary}))
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
