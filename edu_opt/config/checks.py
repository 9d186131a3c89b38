"""Rules that tie several settings together, or that need a registry of the physics: one line each finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from edu_opt.config import convert, models
from edu_opt.config.errors import unknown
from edu_opt.settings import Branch, MotorOffer, Program

# Quantities that are shares of a whole.
SHARES = ("continuous_to_peak_power", "unit_efficiency_cycle", "slot_fill", "cycle_torque_shortfall")
# Quantities of which less is better: objectives are minimized.
OBJECTIVES = (
    "unit_cost",
    "energy_wltc",
    "unit_mass",
    "acceleration_0_100",
    "package_diameter",
    "package_length",
    "package_height",
    "rare_earth_mass",
    "embodied_co2e",
    "lifecycle_co2e",
)


def findings(tree: models.Settings) -> list[str]:
    """All lines; empty where the settings can be used."""
    lines = [*task_findings(tree)]
    if tree.task.name in ("optimize", "evaluate"):
        lines += [*name_findings(tree), *requirement_findings(tree.brand), *rating_findings(tree.ratings)]
        lines += [*objective_findings(tree), *cogging_findings(tree), *programme_findings(tree)]
        lines += [] if lines else reachable_findings(tree)
        lines += drive_unit_findings(tree)
        lines += [] if lines else other_unit_findings(tree)
    if tree.task.name == "optimize":
        lines += offer_findings(tree)
        lines += [] if lines else start_findings(tree)
    return lines


def task_findings(tree: models.Settings) -> Iterator[str]:
    """What each task needs besides its settings."""
    if tree.task.name == "evaluate" and tree.design is None and tree.drive_unit is None:
        yield (
            "design: task=evaluate needs design=PATH, the path of a design file (designs/ID.json of a study folder), "
            "or drive_unit=NAME"
        )
    if tree.task.name == "evaluate" and tree.design is not None and tree.drive_unit is not None:
        yield f"drive_unit: task=evaluate computes design=PATH or drive_unit=NAME, got both ({tree.drive_unit.name})"
    if tree.task.name == "compare" and not tree.studies:
        yield "studies: task=compare needs studies=[A,B], study folders or sweep folders, got []"
    limits = tree.task.axis_limits or []
    if limits and len(limits) != len(tree.objectives.names):
        yield f"task.axis_limits: needs one [low, high] per objective ({len(tree.objectives.names)}), got {len(limits)}"
    for low, high in limits:
        if low >= high:
            yield f"task.axis_limits: low must be below high, got [{low:g}, {high:g}]"


def drive_unit_findings(tree: models.Settings) -> Iterator[str]:
    """A drive unit by name, and whether its module bears the voltage where it is the one that is computed."""
    from edu_opt.drive_unit.reference_units import REFERENCE_UNITS
    from edu_opt.inverter.checks import voltage_findings
    from edu_opt.materials.semiconductors import device as device_data

    if tree.drive_unit is None:
        return
    name = tree.drive_unit.name
    if name not in REFERENCE_UNITS:
        yield unknown("drive_unit.name", "reference drive unit", name, REFERENCE_UNITS)
    elif tree.task.name == "evaluate" and REFERENCE_UNITS[name].device not in tree.inverter.devices:  # else asked there
        module = REFERENCE_UNITS[name].device
        lines = voltage_findings(module, device_data(module), tree.inverter.dc_voltage_v)
        yield from (f"inverter.dc_voltage_v: drive_unit={name}: {line}" for line in lines)


def other_unit_findings(tree: models.Settings) -> Iterator[str]:
    """A second unit by name: of a finished design in a car of two driven axles, on a voltage that its module bears."""
    from edu_opt.drive_unit.reference_units import REFERENCE_UNITS
    from edu_opt.inverter.checks import voltage_findings
    from edu_opt.materials.semiconductors import device as device_data
    from edu_opt.problem.unlike_axles import findings as unlike_findings

    name = tree.vehicle.other_unit
    if name is None:
        return
    if name not in REFERENCE_UNITS:
        yield unknown("vehicle.other_unit", "reference drive unit", name, REFERENCE_UNITS)
        return
    if tree.task.name != "evaluate":
        yield "vehicle.other_unit: a search designs alike axles; only task=evaluate takes a second unit"
    yield from unlike_findings(convert.problem_settings(tree))
    module = REFERENCE_UNITS[name].device
    lines = voltage_findings(module, device_data(module), tree.inverter.dc_voltage_v)
    yield from (f"inverter.dc_voltage_v: vehicle.other_unit={name}: {line}" for line in lines)


def start_findings(tree: models.Settings) -> Iterator[str]:
    """The drive unit that a search shall start at lies in its design space (asked once all else is sound)."""
    if tree.drive_unit is None:
        return
    from edu_opt.problem.reference_design import start_refusals

    settings = convert.problem_settings(tree)
    for line in start_refusals(tree.drive_unit.name, settings):
        yield f"drive_unit: {line}; offer its kind (motor, gearbox) or leave drive_unit out"


def name_findings(tree: models.Settings) -> Iterator[str]:
    """Names of vehicle, cycle, materials and devices."""
    from edu_opt.inverter.checks import voltage_findings
    from edu_opt.materials.magnets import MAGNETS
    from edu_opt.materials.semiconductors import DEVICES
    from edu_opt.materials.semiconductors import device as device_data
    from edu_opt.materials.steel_tables import STEELS
    from edu_opt.motor.round_wire import HIGHEST_DC_VOLTAGE

    yield from vehicle_findings(tree.vehicle)
    yield from cycle_findings(tree.cycle.name)
    for device in tree.inverter.devices:
        if device not in DEVICES:
            yield unknown("inverter.devices", "power module", device, DEVICES)
        else:
            lines = voltage_findings(device, device_data(device), tree.inverter.dc_voltage_v)
            yield from (f"inverter.devices: {line}" for line in lines)
    for label, offer in tree.motor.offers.items():
        key = f"motor.offers.{label}"
        if offer.steel not in STEELS:
            yield unknown(f"{key}.steel", "electrical steel", offer.steel, STEELS)
        if offer.magnet is not None and offer.magnet not in MAGNETS:
            yield unknown(f"{key}.magnet", "magnet", offer.magnet, MAGNETS)
        yield from rotor_findings(key, offer)
        yield from slot_findings(key, offer)
        yield from cage_findings(key, offer)
        yield from exciter_findings(key, offer)
        if offer.winding == "wire" and tree.inverter.dc_voltage_v > HIGHEST_DC_VOLTAGE:
            yield (
                f"{key}.winding: wire has too little insulation above {HIGHEST_DC_VOLTAGE:g} V "
                f"(inverter.dc_voltage_v={tree.inverter.dc_voltage_v:g}), got wire; choose hairpin"
            )


def rotor_findings(key: str, offer: models.Offer) -> Iterator[str]:
    """The rotor is one of its kind, and has a magnet grade where it holds magnets."""
    from edu_opt.materials.magnets import MAGNETS
    from edu_opt.motor.rotor_layouts import DEFAULT_LAYOUTS, ROTOR_LAYOUTS, layouts_of

    kind, rotor = offer.kind, offer.rotor
    known = layouts_of(kind)
    if rotor is not None and rotor not in known:
        yield unknown(f"{key}.rotor", f"rotor of kind {kind}", rotor, known)
    elif ROTOR_LAYOUTS[rotor or DEFAULT_LAYOUTS[kind]].has_magnets and offer.magnet is None:
        yield f"{key}.magnet: rotor {rotor or DEFAULT_LAYOUTS[kind]} needs a magnet, got null; known: " + ", ".join(
            sorted(MAGNETS)
        )


def slot_findings(key: str, offer: models.Offer) -> Iterator[str]:
    """Slots per pole make three equal phases: 3 n / b, where the winding repeats after b poles."""
    exact = Fraction(convert.slots_per_pole(offer.slots_per_pole))
    if exact.numerator % 3 or abs(float(exact) - offer.slots_per_pole) > 1e-9:
        most, got = convert.MOST_POLES_THAT_REPEAT, f"{offer.slots_per_pole:g}"
        yield f"{key}.slots_per_pole: must be a multiple of 3 (or 3 n/b, b <= {most} poles: 4.5, 3.75, 7.2), got {got}"


def exciter_findings(key: str, offer: models.Offer) -> Iterator[str]:
    """Only a wound rotor has an exciter."""
    if offer.kind != "eesm" and offer.exciter is not None:
        yield f"{key}.exciter: must be null for {offer.kind} (only an eesm has one), got {offer.exciter}"


def cage_findings(key: str, offer: models.Offer) -> Iterator[str]:
    """An induction motor, and only it, has a cage: bars that are not as many as the slots, and their metal."""
    from edu_opt.materials.conductors import CONDUCTORS

    if offer.kind != "im":
        for name in ("bars_per_pole", "cage"):
            if getattr(offer, name) is not None:
                yield f"{key}.{name}: must be null for {offer.kind} (only an im has a cage), got {getattr(offer, name)}"
        return
    if offer.bars_per_pole is None:
        yield f"{key}.bars_per_pole: an im needs a number of rotor bars per pole, got null; 11 go with 9 slots per pole"
    elif offer.bars_per_pole == offer.slots_per_pole:
        slots = f"{offer.slots_per_pole:g}"
        yield f"{key}.bars_per_pole: must differ from slots_per_pole ({slots}), else the rotor locks, got {slots}"
    if offer.skew_slot_pitches:
        got = f"{offer.skew_slot_pitches:g}"
        yield f"{key}.skew_slot_pitches: must be 0 for im (slices of a cage have no model), got {got}"
    if offer.cage not in CONDUCTORS:
        yield unknown(f"{key}.cage", "conductor", str(offer.cage), CONDUCTORS)


def known_cycles() -> list[str]:
    """Cycles whose data the package ships."""
    from importlib.resources import files

    names = [entry.name for entry in files("edu_opt.duty").joinpath("data").iterdir()]
    return sorted(name.removesuffix(".csv") for name in names if name.endswith(".csv"))


def cycle_findings(name: str) -> Iterator[str]:
    """A cycle of the package, or a file that can be driven."""
    from edu_opt.duty.cycles import CycleError, load_cycle

    if name.endswith(".csv"):
        try:
            load_cycle(name)
        except CycleError as error:
            yield from (f"cycle.name: {line}" for line in str(error).splitlines())
    elif name not in (cycles := known_cycles()):
        yield unknown("cycle.name", "cycle", name, cycles)


def reachable_findings(tree: models.Settings) -> Iterator[str]:
    """Targets that no drive unit meets in this vehicle (asked once both are sound)."""
    from edu_opt.duty.cycles import load_cycle
    from edu_opt.vehicle.catalogue import vehicle_entry
    from edu_opt.vehicle.reachable import unreachable

    targets = {key: entry.limit for key, entry in tree.brand.requirements.items()}
    entry = vehicle_entry(tree.vehicle.name, tree.vehicle.data)
    lines = unreachable(entry.build(), targets, load_cycle(tree.cycle.name), entry.unit_mass)
    yield from (f"brand.requirements.{line}" for line in lines)


def vehicle_findings(vehicle: models.Vehicle) -> Iterator[str]:
    """The vehicle is in the catalogue and has a road load, or its own description is sound."""
    from edu_opt.vehicle import catalogue, description

    name, known = vehicle.name, catalogue.VEHICLES
    if vehicle.data is not None:
        yield from description.findings(vehicle.data, "vehicle.data")
    elif name not in known:
        yield unknown("vehicle.name", "vehicle", name, known)
    elif known[name].build().road_load is None:
        yield f"vehicle.name: '{name}' has no road load, so neither energy nor acceleration can be computed"


def requirement_findings(brand: models.Brand) -> Iterator[str]:
    """Requirement names, units and limits that contradict each other."""
    from edu_opt.requirements import PHYSICAL_LIMITS, QUANTITIES, contradictions, merge

    sound = True
    for key, entry in brand.requirements.items():
        place = f"brand.requirements.{key}"
        quantity, sense = convert.requirement_name(key)
        names = [f"{q}_{s}" for q in QUANTITIES for s in ("min", "max")]
        if not sense or quantity not in QUANTITIES:
            sound = False
            yield unknown(place, "requirement (QUANTITY_min or QUANTITY_max)", key, names)
        elif entry.unit != QUANTITIES[quantity].unit:
            yield f"{place}.unit: must be {QUANTITIES[quantity].unit}, got '{entry.unit}'"
        elif entry.limit == 0.0 and QUANTITIES[quantity].scale is None:
            sound = False
            yield f"{place}.limit: must not be 0 (margins are relative to it), got 0"
        else:
            yield from range_findings(place, quantity, entry.limit)
    if sound:
        own = convert.requirements(brand)
        lines = contradictions(own) or contradictions(merge(PHYSICAL_LIMITS, own))
        yield from (f"brand.requirements.{line}" for line in lines)


def cogging_findings(tree: models.Settings) -> Iterator[str]:
    """Cogging needs fields fine enough not to show that of their own grid (figures: `edu_opt.motor.ripple`)."""
    grids = [tree.fidelity.grid, tree.fidelity.final_grid]
    for key in tree.brand.requirements:
        if convert.requirement_name(key)[0] == "cogging_torque" and {"XS", "S"} & set(grids):
            need = "fidelity.grid and fidelity.final_grid must be M or L (coarser grids show their own cogging)"
            yield f"brand.requirements.{key}: {need}, got {', '.join(grids)}"


def programme_findings(tree: models.Settings) -> Iterator[str]:
    """A plant has all its rates, a programme ends, and uncertainties belong to prices."""
    from edu_opt.programme.schedule import MOST_YEARS

    missing = [key for key in convert.PLANT_KEYS.values() if getattr(tree.plant, key) is None]
    if missing:
        yield f"plant: '{tree.plant.name}' has no {', '.join(missing)}; give each a value, as plant=dingolfing does"
    years = tree.programme.ramp_years + tree.programme.run_years
    if years > MOST_YEARS:
        yield f"programme.run_years: ramp and run must not exceed {MOST_YEARS} years together, got {years:g}"
    keys = [key for key, _ in convert.PRICE_KEYS.values()]
    for key in tree.price.uncertainty:
        if key not in keys:
            yield unknown("price.uncertainty", "price", key, keys)


def range_findings(place: str, quantity: str, limit: float) -> Iterator[str]:
    """Limits that no design can have: magnitudes below 0, shares above 1."""
    from edu_opt.requirements import QUANTITIES

    if limit < 0.0 and QUANTITIES[quantity].scale is None:
        yield f"{place}.limit: must be > 0, got {limit:g}"
    if limit > 1.0 and quantity in SHARES:
        yield f"{place}.limit: must be <= 1 (it is a share), got {limit:g}"


def rating_findings(ratings: models.RatingConditions) -> Iterator[str]:
    """Temperatures that stand in the wrong order."""
    order = [
        ("winding_continuous_celsius", "winding_limit_celsius"),
        ("junction_continuous_celsius", "junction_limit_celsius"),
        ("start_celsius", "winding_limit_celsius"),
        ("cycle_celsius", "winding_limit_celsius"),
        ("coolant_celsius", "junction_continuous_celsius"),
        ("ambient_celsius", "winding_limit_celsius"),
    ]
    for low, high in order:
        if getattr(ratings, low) > getattr(ratings, high):
            yield f"ratings.{low}: must not be above {high} ({getattr(ratings, high):g}), got {getattr(ratings, low):g}"
    yield from radiator_findings(ratings)


def radiator_findings(ratings: models.RatingConditions) -> Iterator[str]:
    """A radiator takes at most what the coolant carries per kelvin above the air (its effectiveness is below 1)."""
    from edu_opt.motor.thermal import jacket_fluid

    given, fluid = ratings.radiator_conductance_w_per_k, jacket_fluid()
    flow = ratings.coolant_flow_l_per_min
    most = float(fluid.density * fluid.specific_heat) * flow * convert.LITRES_PER_MINUTE
    if given is not None and given > most:
        yield (
            f"ratings.radiator_conductance_w_per_k: must be at most {most:.0f}, what {flow:g} l/min of coolant carry "
            f"(null: the coolant comes at coolant_celsius), got {given:g}"
        )


def offer_findings(tree: models.Settings) -> Iterator[str]:
    """Something must be left to search (asked once the rotors themselves are sound)."""
    offers = convert.motor_offers(tree.motor)
    checks = (rotor_findings, slot_findings, cage_findings, exciter_findings)
    if any(True for offer in tree.motor.offers.values() for check in checks for _ in check("", offer)):
        return
    left = [offer for offer in offers if not ("rare_earths" in tree.brand.forbids and offer.holds_rare_earths)]
    if not left:
        kinds = ", ".join(offer.kind for offer in offers)
        yield (
            f"motor.offers: brand '{tree.brand.name}' forbids rare_earths and every motor kind on offer ({kinds}) "
            "holds them; offer eesm, im or synrm, or set brand.forbids=[]"
        )
    for label, offer in zip(tree.motor.offers, offers, strict=True):
        key = f"motor.offers.{label}"
        if offer.coil_pitch > offer.slots_per_pole:
            pole = f"{float(offer.slots_per_pole):g}"
            yield f"{key}.coil_pitch_slots: must not exceed slots_per_pole ({pole}), got {offer.coil_pitch}"
        if not has_branches(offer):
            poles = [2 * pairs for pairs in offer.pole_pairs]
            repeat, got = offer.poles_per_sector, list(offer.parallel_paths)
            each = f" (in groups of {repeat}, after which slots repeat)" if repeat > 1 else ""
            yield f"{key}.parallel_paths: must divide a pole count on offer {poles}{each}, got {got}"


def has_branches(offer: MotorOffer) -> bool:
    """Some number of parallel paths divides some number of poles."""
    return any(offer.allows(pairs, paths) for pairs in offer.pole_pairs for paths in offer.parallel_paths)


def design_findings(program: Program, branch: Branch) -> Iterator[str]:
    """Names and counts in a design file that no problem can be built of."""
    from edu_opt.materials.semiconductors import DEVICES
    from edu_opt.materials.steel_tables import STEELS
    from edu_opt.motor.excitation import EXCITERS
    from edu_opt.motor.rotor_layouts import layouts_of

    named: list[tuple[str, str, str, Iterable[str]]] = [
        ("program.motor.kind", "motor kind", program.motor.kind, models.MOTOR_KINDS),
        ("program.motor.rotor", "rotor", program.motor.rotor, ("", *layouts_of(program.motor.kind))),
        ("program.motor.exciter", "exciter", program.motor.exciter, EXCITERS),
        ("program.motor.steel", "electrical steel", program.motor.steel, STEELS),
        ("program.gearbox_layout", "gearbox layout", program.gearbox_layout, models.GEARBOX_LAYOUTS),
        ("branch.device", "power module", branch.device, DEVICES),
    ]
    yield from (unknown(f"design: {key}", kind, name, known) for key, kind, name, known in named if name not in known)
    for key, count in (("pole_pairs", branch.pole_pairs), ("parallel_paths", branch.parallel_paths)):
        if not isinstance(count, int) or count < 1:
            yield f"design: branch.{key}: must be an integer >= 1, got {count!r}"
            return
    if not program.motor.allows(branch.pole_pairs, branch.parallel_paths):
        poles = 2 * branch.pole_pairs
        yield f"design: branch.parallel_paths: must divide the pole count ({poles}), got {branch.parallel_paths}"


def objective_findings(tree: models.Settings) -> Iterator[str]:
    """Objectives are quantities of which less is better, named once; a reference point has one value for each."""
    names = tree.objectives.names
    for name in names:
        if name not in OBJECTIVES:
            yield unknown("objectives.names", "quantity to be minimized", name, OBJECTIVES)
    if len(set(names)) < len(names):
        yield f"objectives.names: every objective stands once, got {names}"
    point = tree.optimizer.model_dump()["reference_point"]
    if point is not None and len(point) != len(names):
        yield f"optimizer.reference_point: needs one value per objective ({len(names)}), got {len(point)}"
