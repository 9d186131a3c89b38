"""One motor after its fields: flux linkage, torque, voltage, losses, limits, masses, strength.

Currents are `[i_d, i_q, i_f]`: peak terminal phase current [A] with the d axis on the rotor's N pole, field current
[A DC] (0 for ipm). Fluxes are `[psi_d, psi_q, psi_f]` [Wb peak, amplitude invariant; psi_f of the whole field winding].

Power balance (motor convention, steady state), exact for every operating point:

    P_stator   = omega_m T_em + terminal losses                (stator terminals; from `voltage` and the currents)
    P_field    = excitation losses                             (DC side: field copper + exciter)
    T_shaft    = T_em - drag / omega_m                         (`drag_torque`; finite at standstill)
    P_stator + P_field = T_shaft omega_m + losses.total

Static fields know no iron loss, so T_em is the torque before it; a rotor that turns in its own (or the magnets')
field feels stator and rotor iron loss, magnet loss, windage and bearings as a brake: `drag`.
"""

from __future__ import annotations

import jax

from edu_opt.motor.results import MotorDimensions, MotorLosses, MotorMasses, MotorTemperatures, RotorStrength
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.pytree import pytree, static


@pytree
class Motor:
    """One motor: `kind` is static ("eesm" or "ipm"), everything else is data."""

    kind: str = static()
    pole_pairs: jax.Array
    stack_length: jax.Array  # m, length of the lamination stack
    lamination: object  # edu_opt.motor.geometry.Lamination
    lamination_map: object  # edu_opt.motor.lamination_map.LaminationMap
    winding: object  # edu_opt.motor.winding.Winding
    field_winding: object  # edu_opt.motor.excitation.FieldWinding (ipm: zero turns)
    steel: object
    magnet: object


@pytree
class CurrentDensityLimits:
    """RMS current density limits [A/m2] in stator copper and (DC) in field copper, named by the rating that sets them."""

    stator: jax.Array
    field: jax.Array


def flux_linkage(motor: Motor, currents: jax.Array) -> jax.Array:
    """Flux linkages (3,) [Wb] at currents (3,) [A], end-winding leakage included."""
    raise NotImplementedError


def torque(motor: Motor, currents: jax.Array) -> jax.Array:
    """Electromagnetic torque [N m] = 1.5 p (psi_d i_q - psi_q i_d)."""
    raise NotImplementedError


def voltage(motor: Motor, currents: jax.Array, electrical_speed: jax.Array, winding_celsius: jax.Array) -> jax.Array:
    """Phase voltage (2,) [V peak], (v_d, v_q), at electrical speed [rad/s]; DC resistance at the winding temperature."""
    raise NotImplementedError


def motor_losses(motor: Motor, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures) -> MotorLosses:
    """Losses [W] at currents (3,) [A] and mechanical speed [rad/s] >= 0."""
    raise NotImplementedError


def drag_torque(motor: Motor, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures) -> jax.Array:
    """Brake torque [N m] of iron, magnet, windage and bearing losses; finite and smooth down to standstill."""
    raise NotImplementedError


def shaft_torque(motor: Motor, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures) -> jax.Array:
    """Torque at the shaft [N m] = electromagnetic torque - drag torque (drag acts against +speed also when braking)."""
    raise NotImplementedError


def current_limits(motor: Motor, limits: CurrentDensityLimits) -> tuple[jax.Array, jax.Array]:
    """(largest phase current [A peak], largest field current [A DC]) from current densities in the bare copper."""
    raise NotImplementedError


def motor_masses(motor: Motor) -> MotorMasses:
    """Masses [kg] by part."""
    raise NotImplementedError


def motor_dimensions(motor: Motor) -> MotorDimensions:
    """Outer dimensions [m]."""
    raise NotImplementedError


def rotor_inertia(motor: Motor) -> jax.Array:
    """Moment of inertia of the rotor with its shaft [kg m2]."""
    raise NotImplementedError


def rotor_strength(motor: Motor, speed_max: jax.Array) -> RotorStrength:
    """Tip speed and stresses at 1.2 x `speed_max` [mechanical rad/s]."""
    raise NotImplementedError


def demagnetization_margin(motor: Motor, magnet_celsius: jax.Array, current_max: jax.Array) -> jax.Array:
    """Smallest flux density in the magnet minus its knee [T] at the worst corner (ipm); positive is good, inf-free: eesm 1 T."""
    raise NotImplementedError


def motor_space(kind: str) -> DesignSpace:
    """Design variables of the motor beside its lamination: stack length, conductor pairs per slot, field turns."""
    raise NotImplementedError


def motor_from_values(kind: str, values: jax.Array, *, lamination, lamination_map, pole_pairs, coil_pitch, parallel_paths, steel, magnet) -> Motor:
    """Motor from the values (n,) of `motor_space(kind)`, its lamination and its discrete data (leaves)."""
    raise NotImplementedError
