"""2-D nonlinear magnetostatic field of one lamination: batched by vmap, differentiable in everything but topology.

Use: `grid = FieldGrid(template, "XS")`; `models = nested_models(grid, lamination, materials)` once per lamination;
`solution = solve_model(grid, models, excitation)` per operating point; `field_quantities(grid, models[0], excitation,
solution)`. Everything is per metre of stack, one conductor per slot, one field turn per pole (scalings are exact).
"""

from edu_opt.motor.field.cage import CageQuantities, cage_quantities
from edu_opt.motor.field.grid import FieldGrid, Region, rotor_regions, stator_regions
from edu_opt.motor.field.model import Excitation, FieldMaterials, FieldModel, field_model
from edu_opt.motor.field.newton import FieldSolution, SolverSettings, nested_models, solve_field, solve_model
from edu_opt.motor.field.quantities import (
    ElementFields,
    FieldQuantities,
    element_fields,
    field_quantities,
    phase_flux_linkages,
)
from edu_opt.motor.field.reluctivity import Reluctivity, linear_reluctivity, reluctivity_from_curve

__all__ = [
    "CageQuantities",
    "ElementFields",
    "Excitation",
    "FieldGrid",
    "FieldMaterials",
    "FieldModel",
    "FieldQuantities",
    "FieldSolution",
    "Region",
    "Reluctivity",
    "SolverSettings",
    "cage_quantities",
    "element_fields",
    "field_model",
    "field_quantities",
    "linear_reluctivity",
    "nested_models",
    "phase_flux_linkages",
    "reluctivity_from_curve",
    "rotor_regions",
    "solve_field",
    "solve_model",
    "stator_regions",
]
