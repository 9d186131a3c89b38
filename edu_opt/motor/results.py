"""Result records of the motor: losses, temperatures, masses, dimensions, strength (one frozen pytree each)."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@pytree
class MotorTemperatures:
    """Node temperatures [degC] that the losses depend on.

    `winding` is the mean stator copper in the slot, `end_winding` the mean stator copper outside it, `hot_spot` the
    hottest stator copper (limit checks), `field_winding` the mean rotor copper (eesm) or the cage (im), `magnet` the
    magnets (ipm), `rotor` the rotor iron, `stator_iron` the teeth and `housing` the yoke with the housing.
    """

    winding: jax.Array
    end_winding: jax.Array
    hot_spot: jax.Array
    field_winding: jax.Array
    magnet: jax.Array
    rotor: jax.Array
    stator_iron: jax.Array
    housing: jax.Array


def uniform_temperatures(celsius: float | jax.Array) -> MotorTemperatures:
    """Every node at one temperature [degC] (a cold start, a reference state)."""
    nodes = (field.name for field in dataclasses.fields(MotorTemperatures))
    return MotorTemperatures(**dict.fromkeys(nodes, jnp.asarray(celsius, float)))


@pytree
class MotorLosses:
    """Losses [W] of one operating point; which of them the shaft pays is stated in `edu_opt.motor.model`. `exciter` and
    the switching ripple's are zero until a drive unit fills them in."""

    stator_copper_dc: jax.Array
    stator_copper_ac: jax.Array
    stator_iron_tooth: jax.Array
    stator_iron_yoke: jax.Array
    rotor_iron: jax.Array
    magnet: jax.Array
    field_copper: jax.Array
    exciter: jax.Array
    windage: jax.Array
    bearing: jax.Array
    cage: jax.Array
    pwm_iron: jax.Array
    pwm_copper: jax.Array

    @property
    def stator_iron(self) -> jax.Array:
        """Teeth and yoke [W]."""
        return self.stator_iron_tooth + self.stator_iron_yoke

    @property
    def stator_copper(self) -> jax.Array:
        """Stator copper, direct and alternating part [W]."""
        return self.stator_copper_dc + self.stator_copper_ac

    @property
    def pwm(self) -> jax.Array:
        """What the inverter's switching adds in stator iron and copper [W]."""
        return self.pwm_iron + self.pwm_copper

    @property
    def terminal(self) -> jax.Array:
        """Stator copper, cage and switching ripple [W]: paid at the stator terminals beside the shaft's power."""
        return self.stator_copper + self.cage + self.pwm

    @property
    def excitation(self) -> jax.Array:
        """Field winding and its exciter [W]: paid from the DC side apart from the stator inverter."""
        return self.field_copper + self.exciter

    @property
    def drag(self) -> jax.Array:
        """Iron, magnet, windage, bearing [W]: they brake the shaft."""
        return self.stator_iron + self.rotor_iron + self.magnet + self.windage + self.bearing

    @property
    def total(self) -> jax.Array:
        """All losses [W]."""
        return self.terminal + self.excitation + self.drag


@pytree
class MotorMasses:
    """Masses [kg] by part of the bill of materials (net, without scrap)."""

    stator_steel: jax.Array
    rotor_steel: jax.Array
    stator_copper: jax.Array
    field_copper: jax.Array
    magnets: jax.Array
    shaft: jax.Array
    bearings: jax.Array
    insulation: jax.Array
    housing: jax.Array
    exciter: jax.Array
    cage: jax.Array

    @property
    def active_rotor(self) -> jax.Array:
        """Electromagnetically active mass of the rotor [kg]: steel, field copper, magnets, cage."""
        return self.rotor_steel + self.field_copper + self.magnets + self.cage

    @property
    def active(self) -> jax.Array:
        """Electromagnetically active mass [kg]."""
        return self.stator_steel + self.stator_copper + self.active_rotor

    @property
    def total(self) -> jax.Array:
        """Whole motor [kg] including its share of the housing (jacket cylinder and end shields)."""
        return self.active + self.shaft + self.bearings + self.insulation + self.housing + self.exciter


@pytree
class MotorDimensions:
    """Outer dimensions [m]: lamination diameter, housing diameter over the jacket, stack, overhangs, whole length."""

    lamination_diameter: jax.Array
    housing_diameter: jax.Array
    stack_length: jax.Array
    end_winding_overhang: jax.Array
    length: jax.Array
    shaft_diameter: jax.Array


@pytree
class RotorStrength:
    """Rotor: tip speed [m/s] at top speed, stresses [Pa] at 1.2 x top speed, allowed stress [Pa]."""

    tip_speed: jax.Array
    ring_stress: jax.Array
    retention_stress: jax.Array
    allowed_stress: jax.Array
