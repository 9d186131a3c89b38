"""Derivatives formed once as matrices are those of the plain function: forward, reverse, forward over reverse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics.shared_derivatives import shared_derivatives


def plain(power: float, few: jax.Array, many: jax.Array) -> jax.Array:
    """Linear in `many` (4, 2), nonlinear in `few` (2,)."""
    return jnp.stack([jnp.sum(many[:, 0] * jnp.sin(few[0])), few[1] ** power * jnp.sum(many @ jnp.array([1.0, 2.0]))])


FEW, MANY = jnp.array([0.4, 1.3]), jnp.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize("order", ["value", "forward", "reverse", "hessian"])
def test_equals_the_plain_function(order):
    shared = shared_derivatives(plain)
    operation = {
        "value": lambda f: f,
        "forward": lambda f: jax.jacfwd(f, argnums=(0, 1)),
        "reverse": lambda f: jax.jacrev(f, argnums=(0, 1)),
        "hessian": lambda f: jax.jacfwd(jax.jacrev(f, argnums=(0, 1)), argnums=(0, 1)),
    }[order]
    ours, expected = (operation(lambda a, b, f=f: f(3.0, a, b))(FEW, MANY) for f in (shared, plain))
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)


def test_batch_of_tangents_forms_them_once():
    """The number of sines does not grow with the number of tangents."""
    shared = shared_derivatives(plain)
    pushed = jax.make_jaxpr(lambda t: jax.vmap(lambda d: jax.jvp(lambda a: shared(3.0, a, MANY), (FEW,), (d,))[1])(t))
    assert "sin" in str(pushed(jnp.eye(2)))
    for count in (2, 40):
        text = str(pushed(jnp.ones((count, 2))))
        assert not [line for line in text.splitlines() if " sin " in line and f"[{count}" in line]
