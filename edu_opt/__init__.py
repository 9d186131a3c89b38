"""edu_opt: gradient-based design-space optimization of electric drive units.

Importing the package switches JAX to double precision (the field solver needs it, and one precision for the whole
package keeps gradients comparable between components) and sets the CPU compiler for programs of this size: its older
code generator takes about half the time, without unrolled loops and packed straight-line code a fifth less again, at
the same speed of what comes out.
"""

import os

import jaxlib

_FLAGS = {
    # A program runs in the thread that calls it, and chunks run side by side from threads of our own (in
    # optimize/programs.py, problem/fields.py): operations that share a pool can wait for each other (JAX issue 25861).
    "xla_cpu_multi_thread_eigen": "false",
    "xla_backend_extra_options": "xla_cpu_disable_loop_unrolling,xla_cpu_disable_slp_vectorizer",
}
# An unknown flag ends the process, so this one is set only for the jaxlib releases in which it was tried.
if tuple(int(part) for part in jaxlib.__version__.split(".")[:2]) == (0, 10):
    _FLAGS["xla_cpu_use_fusion_emitters"] = "false"
_given = os.environ.get("XLA_FLAGS", "")
os.environ["XLA_FLAGS"] = " ".join(
    [_given, *(f"--{name}={value}" for name, value in _FLAGS.items() if name not in _given)]
).strip()

import jax  # noqa: E402  (after the flags)

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_cpu_enable_async_dispatch", False)

__version__ = "0.1.0"
