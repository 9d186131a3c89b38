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
from yaml import YAMLError

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
    except (HydraException, OmegaConfBaseException, ValueError, YAMLError) as error:
        raise SettingsError(translated(error, overrides, config_dir, config_name)) from None


def jobs_of(overrides: Sequence[str], config_dir: str | None = None, config_name: str = ROOT) -> list[list[str]]:
    """Overrides of every job of a sweep (Hydra's own node left out)."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    try:
        with _hydra(config_dir) as hydra:
            parsed = OverridesParser.create(config_loader=hydra.config_loader).parse_overrides(list(overrides))
            own = [o for o in parsed if not o.is_hydra_override()]
            return BasicSweeper.split_arguments(own, None)[0]
    except (HydraException, OmegaConfBaseException, ValueError, YAMLError) as error:
        raise SettingsError(translated(error, overrides, config_dir, config_name)) from None


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


def translated(
    error: BaseException, overrides: Sequence[str] = (), config_dir: str | None = None, config_name: str = ROOT
) -> str:
    """One line for an error of Hydra or OmegaConf."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing_option(str(error.missing_cfg_file), [str(o) for o in error.options or []])
    if isinstance(error, OverrideParseException):
        return f"{error.override}: cannot be read as KEY=VALUE ({_first_line(text)})"
    if isinstance(error, YAMLError):
        return _yaml_line(error)
    key = re.search(r"Could not (?:override|delete from config\.) '([^']+)'", text)
    if "Config group override must be" in text or (key and is_group(key[1])):
        return _wrong_group_value(overrides)
    if isinstance(error, ConfigCompositionException) and key:
        chosen = [o for o in overrides if o.partition("=")[2] in _options(o.partition("=")[0])]
        return f"{key[1]}: no such key; {_nearest_key(key[1].lstrip('~'), config_dir, config_name, chosen)}"
    for pattern, rule in RULES_OF_HYDRA.items():
        found = re.search(pattern, text)
        if found:
            return f"{found[1]}: {rule}"
    place = re.search(r"full_key: (\S+)", text)
    return f"{place[1]}: {_first_line(text)}" if place else " ".join(text.split())


RULES_OF_HYDRA = {
    r"Ambiguous value for argument '([^']+)'": "several values need -m (a sweep), or brackets for one list: KEY=[A,B]",
    r"Could not append to config\. An item is already at '([^']+)'": "is there already; leave out the + in front of it",
    r"(\S+) appears more than once in the final defaults": "has an option already; leave out the + in front of it",
    r"Multiple values for ([^\s.]+)\.": "has an option already; leave out the + in front of it",
    r"force-add of config groups is not supported: '\++([^'=]+)": "has an option already; leave out the ++",
    r"Error merging override ([^=\s]+)": "cannot take a value of this kind",
    r"Could not delete '([^']+)'": "is not among the options chosen; leave out the option after ~GROUP",
}


def is_group(name: str) -> bool:
    """True for the name of a group of the shipped configs."""
    return bool(name) and (config_folder() / name).is_dir()


def _missing_option(file: str, options: Sequence[str]) -> str:
    group, _, option = file.rpartition("/")
    if not group:
        known = [path.stem for path in config_folder().glob("*.yaml")]
        return f"--config-name: no configuration '{option}'; {suggestion(option, known)}"
    return f"{group}: no option '{option}'; {suggestion(option, options or _options(group))}"


def _options(group: str) -> list[str]:
    return [path.stem for path in (config_folder() / group).glob("*.yaml")]


def _wrong_group_value(overrides: Sequence[str]) -> str:
    """Line for an override that gives a group no name of an option (a number, a mapping, null)."""
    for override in overrides:
        group, _, value = override.lstrip("+~").partition("=")
        if is_group(group) and value not in _options(group):
            return f"{group}: no option '{value}'; {suggestion(value, _options(group))}"
        if not group:
            return f"{override}: cannot be read as KEY=VALUE (there is no key)"
    return "an override of a group names no option: write GROUP=OPTION, or ~GROUP to leave a group out"


def _yaml_line(error: YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    place = f"{mark.name}, line {mark.line + 1}" if mark else "configuration"
    return f"{place}: is not YAML ({problem or _first_line(str(error))})"


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "empty"


def _nearest_key(key: str, config_dir: str | None, config_name: str, chosen: Sequence[str]) -> str:
    """Names that are known where the key was looked for, with the options chosen; the same name elsewhere."""
    if key.startswith("hydra."):
        return "Hydra's own keys: edu-opt --info config"
    tree: Any = compose(chosen, config_dir, config_name)
    everywhere = list(key_names(tree))
    *parents, last = key.split("@")[0].replace("/", ".").split(".")
    elsewhere = [name for name in everywhere if name.split(".")[-1] == last]
    if elsewhere:
        return f"nearest: {', '.join(elsewhere[:5])}"
    for parent in parents:
        if not isinstance(tree, Mapping) or parent not in tree:
            return suggestion(key, everywhere)
        tree = tree[parent]
    if not isinstance(tree, Mapping):
        return f"{'.'.join(parents)} is a single value"
    return suggestion(last, [str(name) for name in tree])


def key_names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """All dotted keys of a tree."""
    for name, value in tree.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from key_names(value, f"{prefix}{name}.")
