"""Settings of a run: Hydra composes YAML, pydantic validates it once, frozen dataclasses in SI units come out."""

HYDRA_VERSION_BASE = "1.3"
