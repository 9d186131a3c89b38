"""edu_opt: gradient-based design-space optimization of electric drive units.

Importing the package switches JAX to double precision: the field solver needs it, and one precision for the
whole package keeps gradients comparable between components.
"""

import jax

jax.config.update("jax_enable_x64", True)

__version__ = "0.1.0"
