"""Faults: back-EMF of a free-running rotor, three-phase short circuits, loss of field control.

Everything follows from the motor's flux map (fundamental, saturated); voltages are terminal line-to-line peaks, to be
held against what DC link and devices stand. Sources: T. Jahns, V. Caliskan, "Uncontrolled generator operation of
interior PM synchronous machines", IEEE Trans. Ind. Appl. 35 (1999) 1347 (recalled); B. Welchko, T. Jahns, W. Soong, J.
Nagashima, "IPM synchronous machine drive response to symmetrical and asymmetrical short circuit faults", IEEE Trans.
Energy Conv. 18 (2003) 291 (abstract read): steady short circuit; asymmetrical shorts, which reach higher negative d
currents, are not covered.

The magnets' temperature shifts the map: a change of remanence acts like a d-axis current (`magnet_equivalent_current`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.materials.magnets import remanence
from edu_opt.motor.excitation import field_resistance
from edu_opt.motor.flux_map import FIELD_FACTOR, coenergy_unit
from edu_opt.motor.geometry import winding_fundamental
from edu_opt.motor.model import MAP_MAGNET_CELSIUS
from edu_opt.motor.parts import Motor
from edu_opt.motor.winding import end_winding_inductance, resistances
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.small_root import small_root, small_solve
from edu_opt.numerics.smooth import smooth_step

# Share of a magnet's change of magnetomotive force that acts like stator current on the d axis; the rest feeds bridges
# and pockets. Mean of random V laminations on grid XS, 0.49 to 0.61 (tests/motor/test_faults.py solves again).
MAGNET_MMF_SHARE = 0.54
DECAY_REACH, DECAY_NODES = 4.0, 97  # field decay is followed down to exp(-4) of its start
VOLTAGE_WIDTH = 0.02  # of the limit: smooth step of "above the safe voltage"
SCAN_REACH, SCAN_POINTS, SCAN_ROUNDS = 3.0, 13, 4  # search for the speed of the largest braking torque (logarithm)


@pytree
class ShortCircuit:
    """Steady three-phase short circuit at one speed: currents (3,) [A peak, A DC], electromagnetic torque [N m] (it
    brakes: negative), phase current [A peak], stator copper loss [W]."""

    currents: jax.Array
    torque: jax.Array
    current: jax.Array
    copper_loss: jax.Array


@pytree
class FieldDecay:
    """Loss of field supply at no stator current: voltage [V] before, time [s] until the limit, time constants [s].

    `open_time_constant` with the stator open, `shorted_time_constant` with it shorted, both incremental at the start.
    """

    voltage: jax.Array
    time_to_limit: jax.Array
    open_time_constant: jax.Array
    shorted_time_constant: jax.Array


def magnet_equivalent_current(motor: Motor, magnet_celsius: jax.Array) -> jax.Array:
    """d-axis current [A peak] that acts on the map like the magnets' temperature (0 at the map's own, > 0 when colder).

    Change of magnetomotive force Delta B_r h / (mu0 mu_r) of one pole over the amplitude (3 / pi) k_w q of the stator's
    fundamental per ampere-turn of a slot (`winding_fundamental` is k_w q).
    """
    template = motor.lamination.template
    if not template.has_magnets:
        return jnp.zeros(())
    wave = 3.0 / np.pi * np.abs(winding_fundamental(template))
    change = remanence(motor.magnet, magnet_celsius) - remanence(motor.magnet, jnp.asarray(MAP_MAGNET_CELSIUS))
    force = change * motor.dimensions.magnet_thickness / (VACUUM_PERMEABILITY * motor.magnet.relative_permeability)
    per_current = motor.winding.conductors_per_slot / motor.winding.parallel_paths
    return MAGNET_MMF_SHARE * force / (wave * per_current)


def flux_at_temperature(motor: Motor, currents: jax.Array, magnet_celsius: jax.Array) -> jax.Array:
    """Flux linkages (3,) [Wb] at currents (3,) [A] and a magnet temperature [degC]; `flux_linkage` at the map's own.

    The gradient of the map's co-energy by differentiation: its own derivatives, of which faults need up to the second,
    compile faster than those of the written-out fluxes.
    """
    winding, fields = motor.winding, motor.lamination_map.flux_map
    share = winding.conductors_per_slot / winding.parallel_paths
    turns = jnp.stack([share, share, motor.field_winding.turns])
    shift = jnp.array([1.0, 0.0, 0.0]) * magnet_equivalent_current(motor, magnet_celsius)
    unit = jax.grad(coenergy_unit, argnums=1)(fields, turns * (currents + shift))
    leakage = end_winding_inductance(winding, motor.dimensions) * np.array([1.0, 1.0, 0.0])  # real current only
    return motor.stack_length * turns * unit * np.array([1.0, 1.0, FIELD_FACTOR]) + leakage * currents


def back_emf(motor: Motor, speed: jax.Array, field_current: jax.Array, magnet_celsius: jax.Array) -> jax.Array:
    """Terminal voltage [V, line-to-line peak of the fundamental] without stator current at mechanical speed [rad/s]."""
    psi = flux_at_temperature(motor, jnp.array([0.0, 0.0, 1.0]) * field_current, magnet_celsius)
    return 3.0**0.5 * motor.pole_pairs * speed * jnp.abs(psi[0])


def uncontrolled_generation_speed(
    motor: Motor, dc_voltage: jax.Array, field_current: jax.Array, magnet_celsius: jax.Array
) -> jax.Array:
    """Mechanical speed [rad/s] above which a motor whose inverter is blocked charges a DC voltage [V] by itself."""
    return dc_voltage / back_emf(motor, jnp.ones(()), field_current, magnet_celsius)


def _stator_resistance(motor: Motor, winding_celsius: jax.Array) -> jax.Array:
    slots, ends = resistances(motor.winding, motor.dimensions, motor.stack_length, winding_celsius, winding_celsius)
    return slots + ends


def _with_field(stator: jax.Array, field_current: jax.Array) -> jax.Array:
    return jnp.concatenate([stator, jnp.reshape(field_current, 1)])


def _incremental(motor: Motor, currents: jax.Array, magnet_celsius: jax.Array) -> jax.Array:
    """Incremental inductances (3, 3) [H]."""
    return jax.jacfwd(lambda at: flux_at_temperature(motor, at, magnet_celsius))(currents)


def _linear_short(motor: Motor, electrical_speed, resistance, field_current, magnet_celsius) -> jax.Array:
    """(i_d, i_q) [A] of the machine linearized at no stator current: a start, and exact without saturation."""
    rest = _with_field(jnp.zeros(2), field_current)
    inductance = _incremental(motor, rest, magnet_celsius)
    psi = flux_at_temperature(motor, rest, magnet_celsius)[0]
    l_d, l_q = inductance[0, 0], inductance[1, 1]
    divisor = resistance**2 + electrical_speed**2 * l_d * l_q
    return -electrical_speed * psi / divisor * jnp.stack([electrical_speed * l_q, resistance])


def steady_short_circuit(
    motor: Motor,
    speed: jax.Array,
    field_current: jax.Array,
    winding_celsius: jax.Array,
    magnet_celsius: jax.Array,
) -> ShortCircuit:
    """Steady symmetrical short circuit at mechanical speed [rad/s] >= 0, field current [A] held.

    R i_d - omega psi_q(i) = 0, R i_q + omega psi_d(i) = 0. The iron loss torque (`drag_torque`) comes on top.
    """
    omega, resistance = motor.pole_pairs * speed, _stator_resistance(motor, winding_celsius)

    def voltage(stator: jax.Array) -> jax.Array:
        psi = flux_at_temperature(motor, _with_field(stator, field_current), magnet_celsius)
        return resistance * stator + omega * jnp.stack([-psi[1], psi[0]])

    start = _linear_short(motor, omega, resistance, field_current, magnet_celsius)
    stator = small_root(voltage, start)
    currents = _with_field(stator, field_current)
    psi = flux_at_temperature(motor, currents, magnet_celsius)
    square = jnp.sum(stator**2)
    return ShortCircuit(
        currents=currents,
        torque=1.5 * motor.pole_pairs * (psi[0] * stator[1] - psi[1] * stator[0]),
        current=jnp.sqrt(square + 1e-12),
        copper_loss=1.5 * resistance * square,
    )


def largest_braking(
    motor: Motor, field_current: jax.Array, winding_celsius: jax.Array, magnet_celsius: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """(largest braking torque [N m] of the steady short circuit, > 0; mechanical speed [rad/s] where it acts).

    A scan over the logarithm of speed around R / sqrt(L_d L_q) of the linear machine finds the place; the stationarity
    of the torque there, together with the circuit, gives the exact maximum and its derivatives.
    """
    resistance = _stator_resistance(motor, winding_celsius)
    psi_of = lambda stator: flux_at_temperature(motor, _with_field(stator, field_current), magnet_celsius)[:2]  # noqa: E731
    turn = jnp.array([[0.0, 1.0], [-1.0, 0.0]])  # psi + (R / omega) turn i = 0 is the shorted circuit

    def equations(unknown: jax.Array) -> jax.Array:
        """Circuit, and d(ratio |i|^2)/d ratio = 0, of (i_d, i_q, logarithm of ratio = R / omega)."""
        stator, ratio = unknown[:2], jnp.exp(unknown[2])
        slope = small_solve(jax.jacfwd(psi_of)(stator) + ratio * turn, -(turn @ stator))
        flux = psi_of(stator) + ratio * (turn @ stator)
        square = jnp.sum(stator**2)
        scaled = (square + 2.0 * ratio * stator @ slope) / lax.stop_gradient(square + 1e-12)
        return jnp.append(flux / lax.stop_gradient(jnp.abs(psi_of(jnp.zeros(2))[0]) + 1e-9), scaled)

    inductance = _incremental(motor, _with_field(jnp.zeros(2), field_current), magnet_celsius)
    l_d, l_q = inductance[0, 0], inductance[1, 1]
    magnet_flux = psi_of(jnp.zeros(2))[0]

    def shorted(log_ratio: jax.Array) -> jax.Array:
        """(i_d, i_q) at a ratio R / omega."""
        ratio = jnp.exp(log_ratio)
        start = -magnet_flux / (ratio**2 + l_d * l_q) * jnp.stack([l_q, ratio])
        return small_root(lambda stator: psi_of(stator) + ratio * (turn @ stator), start, steps=10)

    def zoom(k, carry):
        reach = SCAN_REACH * (2.0 / (SCAN_POINTS - 1)) ** k
        tried = carry[2] + reach * np.linspace(-1.0, 1.0, SCAN_POINTS)
        stators = jax.vmap(shorted)(tried)
        best = jnp.argmax(jnp.exp(tried) * jnp.sum(stators**2, 1))
        return jnp.append(stators[best], tried[best])

    first = jnp.append(jnp.zeros(2), 0.5 * jnp.log(l_d * l_q))
    exact = small_root(equations, lax.fori_loop(0, SCAN_ROUNDS, zoom, lax.stop_gradient(first)), steps=3)
    torque = 1.5 * motor.pole_pairs * jnp.exp(exact[2]) * jnp.sum(exact[:2] ** 2)
    return torque, resistance * jnp.exp(-exact[2]) / motor.pole_pairs


def transient_short_circuit(motor: Motor, currents: jax.Array, magnet_celsius: jax.Array) -> jax.Array:
    """Currents (3,) [A] at the most negative d current after a sudden three-phase short at currents (3,) [A].

    Without resistance the stator's flux linkage keeps its length and turns backwards in dq coordinates; it crosses the
    negative d axis with i_q = 0 and psi_d = -|psi_0|. Resistance only shortens the vector, so |i_d| is an upper bound
    (tests/motor/test_faults.py integrates the circuit). Without saturation i_d = -(psi_m + |psi_0|) / L_d. Magnets: on
    the saturated map, which extrapolates where |i_d| exceeds `map_range`. Field winding: it keeps its own linkage, so
    i_d and i_f grow together far out of the map; its inductances at the same field current without stator current
    then give i_d with L_d' = L_d - L_df L_fd / L_f (constant flux linkages: P. Krause, Analysis of Electric Machinery,
    ch. 5, recalled).
    """
    before = flux_at_temperature(motor, currents, magnet_celsius)
    length = jnp.sqrt(before[0] ** 2 + before[1] ** 2 + 1e-18)
    rest = jnp.array([0.0, 0.0, 1.0]) * currents[2]
    psi = flux_at_temperature(motor, rest, magnet_celsius)
    inductance = _incremental(motor, rest, magnet_celsius)
    if motor.kind == "eesm":
        change = small_solve(inductance[::2, ::2], jnp.stack([-length, before[2]]) - psi[::2])
        return rest + jnp.stack([change[0], jnp.zeros(()), change[1]])
    along_d = lambda i_d: flux_at_temperature(motor, rest + jnp.array([1.0, 0.0, 0.0]) * i_d[0], magnet_celsius)[:1]  # noqa: E731
    start = (-length - psi[:1]) / inductance[0, 0]
    found = small_root(lambda i_d: (along_d(i_d) + length) / lax.stop_gradient(length), start)
    return rest + jnp.array([1.0, 0.0, 0.0]) * found[0]


def blocked_field_current(motor: Motor, currents: jax.Array) -> jax.Array:
    """Field current [A] just after the inverter blocks at currents (3,) [A]: the field keeps its flux linkage (eesm).

    Its back-EMF is what the terminals show first; a held field supply then brings it back to the value before.
    """
    celsius, unit = jnp.asarray(MAP_MAGNET_CELSIUS), jnp.array([0.0, 0.0, 1.0])
    kept = flux_at_temperature(motor, currents, celsius)[2]
    linkage = lambda field: flux_at_temperature(motor, unit * field[0], celsius)[2:]  # noqa: E731
    scale = lax.stop_gradient(jnp.abs(kept) + 1e-9)
    return small_root(lambda field: (linkage(field) - kept) / scale, currents[2:])[0]


def field_decay(
    motor: Motor,
    speed: jax.Array,
    field_current: jax.Array,
    field_celsius: jax.Array,
    voltage_limit: jax.Array,
) -> FieldDecay:
    """What happens when the field supply of an eesm is switched off and freewheels, stator open, at speed [rad/s].

    d psi_f / dt = -R_f i_f gives dt = L_f(i_f) / R_f ds along i_f = i_0 exp(-s): a quadrature, no time steps. The time
    counts while the back-EMF exceeds `voltage_limit` [V line-to-line peak]; with a field converter that can apply
    negative voltage it is shorter. Followed down to exp(-4) of the start: a limit below 2 % of the voltage is not seen.
    """
    resistance = field_resistance(motor.field_winding, motor.dimensions, motor.stack_length, field_celsius)
    unit, celsius = jnp.array([0.0, 0.0, 1.0]), jnp.asarray(MAP_MAGNET_CELSIUS)
    logarithm = np.linspace(0.0, DECAY_REACH, DECAY_NODES)

    def at(share: jax.Array) -> tuple[jax.Array, jax.Array]:
        current = field_current * share
        linkages, slopes = jax.jvp(lambda i: flux_at_temperature(motor, unit * i, celsius), (current,), (1.0,))
        return 3.0**0.5 * motor.pole_pairs * speed * jnp.abs(linkages[0]), slopes[2]

    voltages, inductances = jax.vmap(at)(jnp.exp(-logarithm))
    above = smooth_step(voltages - voltage_limit, VOLTAGE_WIDTH * voltage_limit)
    matrix = _incremental(motor, unit * field_current, celsius)
    coupled = matrix[2, 2] - matrix[2, 0] * matrix[0, 2] / matrix[0, 0]
    return FieldDecay(
        voltage=voltages[0],
        time_to_limit=jnp.trapezoid(above * inductances, logarithm) / resistance,
        open_time_constant=matrix[2, 2] / resistance,
        shorted_time_constant=coupled / resistance,
    )
