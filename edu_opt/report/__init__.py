"""Figures, self-contained HTML reports and comparisons of fronts."""
