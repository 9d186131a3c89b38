"""Hydra's composition without its side effects, and its errors as one line each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.singleton import Singleton
from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    MissingConfigException,
    OverrideParseException,
)
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from edu_opt.config import HYDRA_VERSION_BASE
from edu_opt.config.errors import SettingsError, suggestion

ROOT = "config"


def config_folder() -> Path:
    """The shipped configs: beside the package in a checkout, inside it once installed."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parent / "configs", package / "configs"):
        if (folder / f"{ROOT}.yaml").is_file():
            return folder
    raise SettingsError(f"configs: the shipped configuration is missing beside {package}")


def compose(overrides: Sequence[str], config_dir: str | None = None, config_name: str = ROOT) -> dict[str, Any]:
    """Composed and resolved tree of one run, without Hydra's own node."""
    try:
        with _hydra(config_dir) as hydra:
            config = hydra.compose_config(config_name, list(overrides), run_mode=RunMode.RUN, from_shell=True)
            with read_write(config), open_dict(config):
                del config["hydra"]
            return OmegaConf.to_container(config, resolve=True, throw_on_missing=True)  # type: ignore[return-value]
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise SettingsError(translated(error, config_dir, config_name)) from None


def jobs_of(overrides: Sequence[str], config_dir: str | None = None, config_name: str = ROOT) -> list[list[str]]:
    """Overrides of every job of a sweep (Hydra's own node left out)."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    try:
        with _hydra(config_dir) as hydra:
            parsed = OverridesParser.create(config_loader=hydra.config_loader).parse_overrides(list(overrides))
            own = [o for o in parsed if not o.is_hydra_override()]
            return BasicSweeper.split_arguments(own, None)[0]
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise SettingsError(translated(error, config_dir, config_name)) from None


class _hydra:
    """A Hydra instance over the shipped configs, gone again afterwards."""

    def __init__(self, config_dir: str | None) -> None:
        self.config_dir = config_dir

    def __enter__(self) -> Hydra:
        version.setbase(HYDRA_VERSION_BASE)
        self.saved = Singleton.get_state()
        GlobalHydra.instance().clear()
        search_path = create_config_search_path(str(config_folder()))
        if self.config_dir is not None:
            folder = Path(self.config_dir).absolute()
            if not folder.is_dir():
                Singleton.set_state(self.saved)
                raise SettingsError(f"--config-dir: no such folder, got '{folder}'")
            anchor = SearchPathQuery(provider="schema")
            search_path.prepend(provider="command-line", path=f"file://{folder}", anchor=anchor)
        return Hydra.create_main_hydra2(task_name="edu-opt", config_search_path=search_path)

    def __exit__(self, *exception: object) -> None:
        GlobalHydra.instance().clear()
        Singleton.set_state(self.saved)


def translated(error: BaseException, config_dir: str | None = None, config_name: str = ROOT) -> str:
    """One line for an error of Hydra or OmegaConf."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, option = str(error.missing_cfg_file).rpartition("/")
        options = [str(o) for o in error.options or []]
        return f"{group or 'config'}: no option '{option}'; {suggestion(option, options)}"
    if isinstance(error, OverrideParseException):
        return f"{error.override}: cannot be read as KEY=VALUE ({_first_line(text)})"
    key = re.search(r"Could not (?:override|delete from config\.) '([^']+)'", text)
    if isinstance(error, ConfigCompositionException) and key:
        return f"{key[1]}: no such key; {_nearest_key(key[1].lstrip('~'), config_dir, config_name)}"
    ambiguous = re.search(r"Ambiguous value for argument '([^']+)'", text)
    if ambiguous:
        return f"{ambiguous[1]}: several values need -m (a sweep), or brackets for one list: KEY=[A,B]"
    if "Config group override must be" in text:
        return "an override of a group names no option: write GROUP=OPTION, or ~GROUP to leave a group out"
    append = re.search(r"Could not append to config\. An item is already at '([^']+)'", text)
    if append:
        return f"{append[1]}: is there already; leave out the + in front of it"
    return " ".join(text.split())


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "empty"


def _nearest_key(key: str, config_dir: str | None, config_name: str) -> str:
    """Names that are known where the key was looked for."""
    tree: Any = compose([], config_dir, config_name)
    *parents, last = key.split("@")[0].replace("/", ".").split(".")
    for parent in parents:
        if not isinstance(tree, Mapping) or parent not in tree:
            return suggestion(key, key_names(compose([], config_dir, config_name)))
        tree = tree[parent]
    if not isinstance(tree, Mapping):
        return f"{'.'.join(parents)} is a single value"
    return suggestion(last, [str(name) for name in tree], limit=30)


def key_names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """All dotted keys of a tree."""
    for name, value in tree.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from key_names(value, f"{prefix}{name}.")
