"""Families: several drive units of two or more brands that share parts, optimized together."""
