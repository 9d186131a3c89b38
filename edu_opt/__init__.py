"""edu_opt: gradient-based design-space optimization of electric drive units.

Importing the package switches JAX to double precision (the field solver needs it, and one precision for the whole
package keeps gradients comparable between components) and chooses the CPU compiler's older code generator, which
compiles programs of this size in about half the time at the same speed.
"""

import os

import jaxlib

_FASTER_COMPILE = "--xla_cpu_use_fusion_emitters=false"
# An unknown flag ends the process, so it is set only for the jaxlib releases in which it was tried.
if tuple(int(part) for part in jaxlib.__version__.split(".")[:2]) == (0, 10):
    _flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_use_fusion_emitters" not in _flags:
        os.environ["XLA_FLAGS"] = f"{_flags} {_FASTER_COMPILE}".strip()

import jax  # noqa: E402  (after the flags)

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
