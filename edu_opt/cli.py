"""The `edu-opt` command: Hydra composes, `config` validates, `tasks` works; here are arguments, signals and exit codes.

A single run is composed and validated before anything is written. A sweep (`-m`) goes through Hydra's launchers; its
jobs return their exit code and never leave the sweep, which returns the highest one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from edu_opt.interruption import handle_signals, interruptible, leave_if_working, raise_interrupt, raised

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from edu_opt.tasks import Outcome

STARTED = time.perf_counter()
PREFLIGHT_JOBS = 64  # jobs of a sweep that are validated before the first one starts


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; the return value is the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    raised.clear()
    restore = handle_signals(raise_interrupt)
    try:
        return answered(arguments)
    except KeyboardInterrupt:
        print("edu-opt: interrupted", file=sys.stderr, flush=True)
        leave_if_working()
        return 130
    except BrokenPipeError:
        return 4
    finally:
        restore()


def answered(arguments: Sequence[str]) -> int:
    """Exit code of the command; settings that are wrong are one line an error."""
    from edu_opt.config.errors import SettingsError

    try:
        return command(arguments)
    except SettingsError as error:
        for line in error.lines:
            print(f"edu-opt: error: {line}", file=sys.stderr)
        return 2


def command(arguments: Sequence[str]) -> int:
    """Do what the arguments say."""
    if "--version" in arguments:
        from edu_opt import __version__

        print(f"edu_opt {__version__}")
        return 0
    options = parsed(arguments)
    if any([options.help, options.hydra_help, options.cfg, options.info, options.shell_completion]):
        return hydra_page(arguments)
    if options.multirun or "hydra.mode=MULTIRUN" in options.overrides:
        return sweep(arguments, options)
    from edu_opt.config.compose import ROOT, compose
    from edu_opt.config.family import with_member_settings

    name = options.config_name or ROOT
    composed = compose(options.overrides, options.config_dir, name)
    tree = with_member_settings(composed, options.overrides, options.config_dir, name)
    outcome = run_tree(tree, options.overrides)
    finish(outcome)
    return outcome.exit_code


def parsed(arguments: Sequence[str]) -> Any:
    """Hydra's own command line; what it cannot read is a settings error."""
    from hydra._internal.utils import get_args_parser

    from edu_opt.config.errors import SettingsError

    def refuse(message: str) -> NoReturn:
        raise SettingsError(f"{message}; see edu-opt --help")

    parser = get_args_parser()
    parser.error = refuse  # type: ignore[method-assign]
    return parser.parse_args(list(arguments))


def finish(outcome: Outcome) -> None:
    """The last line printed, whatever came before, is the folder."""
    sys.stderr.flush()
    print(outcome.folder, flush=True)
    if outcome.exit_code == 130:  # a compilation may still run in its thread: leave without waiting for it
        os._exit(130)


# -- one run


def run_tree(
    tree: Mapping[str, Any], overrides: Sequence[str], folder: Path | None = None, sweep_name: str = ""
) -> Outcome:
    """Validate a composed tree and run its task."""
    from edu_opt.config.load import load

    settings = load(with_settings_of_design(tree, overrides))
    from edu_opt import tasks

    import_s = time.perf_counter() - STARTED
    return interruptible(lambda listen: tasks.run(settings, folder, sweep_name, import_s=import_s, on_reporter=listen))


def with_settings_of_design(tree: Mapping[str, Any], overrides: Sequence[str]) -> Mapping[str, Any]:
    """For `evaluate`: the settings that the design was made under, except for sections named on the command line."""
    task = tree.get("task")
    path = tree.get("design")
    if not isinstance(task, Mapping) or task.get("name") != "evaluate" or not isinstance(path, str) or not path:
        return tree
    from edu_opt.config.convert import absolute
    from edu_opt.config.run_settings import PROBLEM_SECTIONS
    from edu_opt.tracking.study_folder import read_design

    stored = read_design(absolute(path))["settings"]
    named = {o.lstrip("+~").split("=")[0].split(".")[0].split("@")[0].strip("/") for o in overrides}
    groups = {o.lstrip("+~").split("=")[0] for o in overrides}
    if "experiment" in named:
        return tree
    named |= {"vehicle", "plant"} if "brand" in groups else set()
    return {**tree, **{name: stored[name] for name in PROBLEM_SECTIONS if name not in named and name in stored}}


# -- sweeps


def sweep(arguments: Sequence[str], options: Any) -> int:
    """Run a sweep and return the highest exit code of its jobs."""
    from edu_opt.config.callbacks import sweep_folders
    from edu_opt.config.errors import SettingsError

    jobs = checked_jobs(options)
    sweep_folders.clear()
    interrupted = False
    try:
        call_hydra(arguments)
    except KeyboardInterrupt:
        interrupted = True
    except OSError as error:  # Hydra's own: jobs answer for theirs
        if not sweep_folders or not sweep_folders[0].is_dir():
            raise SettingsError(f"hydra.sweep.dir: cannot be written ({error.strerror}): {error.filename}") from None
        print(f"edu-opt: failed: {error}", file=sys.stderr, flush=True)
    if not sweep_folders:
        return 130 if interrupted else 4
    folder = sweep_folders[0]
    codes = job_codes(folder, None if jobs is None else len(jobs))
    code = 130 if interrupted else max(codes, default=4)
    for name, value in codes_by_job(folder).items():
        print(f"job {name}: exit code {value}")
    sys.stderr.flush()
    print(folder, flush=True)
    if interrupted:
        os._exit(130)
    return code


def checked_jobs(options: Any) -> list[list[str]] | None:
    """Overrides of all jobs, composed once before anything is written; None for sweepers that choose jobs themselves.

    A job that cannot be composed stops the sweep; so do settings of which not one job can be used.
    """
    from edu_opt.config.compose import ROOT, compose, jobs_of
    from edu_opt.config.errors import SettingsError
    from edu_opt.config.family import with_member_settings
    from edu_opt.config.load import load

    if any(o.lstrip("+").split("=")[0] in ("study", "++study") for o in options.overrides):
        raise SettingsError("study: cannot be set under -m, every job has a folder of its own; leave it out")
    if any(o.startswith(("hydra/sweeper=", "hydra.sweeper")) for o in options.overrides):
        return None
    name = options.config_name or ROOT
    jobs = jobs_of(options.overrides, options.config_dir, name)
    wrong: list[SettingsError] = []
    for job in jobs[:PREFLIGHT_JOBS]:
        tree = compose(job, options.config_dir, name)
        if tree.get("study") is not None:
            raise SettingsError("study: cannot be set under -m, every job has a folder of its own; leave it out")
        try:
            load(with_settings_of_design(with_member_settings(tree, job, options.config_dir, name), job))
        except SettingsError as error:
            wrong.append(error)
    if len(wrong) == len(jobs):
        raise SettingsError(list(dict.fromkeys(line for error in wrong for line in error.lines)))
    return jobs


def call_hydra(arguments: Sequence[str]) -> None:
    """Hydra's own main function; its errors come out as settings errors, not as exits."""
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from edu_opt.config import HYDRA_VERSION_BASE
    from edu_opt.config.compose import ROOT, config_folder, translated
    from edu_opt.config.errors import SettingsError

    saved = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    sys.argv, os.environ["HYDRA_FULL_ERROR"] = ["edu-opt", *arguments], "1"
    try:
        hydra.main(config_path=str(config_folder()), config_name=ROOT, version_base=HYDRA_VERSION_BASE)(job)()
    except (HydraException, OmegaConfBaseException) as error:
        raise SettingsError(translated(error, arguments)) from None
    finally:
        sys.argv = saved[0]
        os.environ.pop("HYDRA_FULL_ERROR")
        if saved[1] is not None:
            os.environ["HYDRA_FULL_ERROR"] = saved[1]


def job(config: DictConfig) -> int:
    """One job of a sweep, in the launching process or in one of its own: always returns its exit code."""
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import OmegaConf

    from edu_opt.config.errors import SettingsError
    from edu_opt.config.family import with_member_settings

    node = HydraConfig.get()
    folder = Path(node.runtime.output_dir)
    try:
        tree: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
        overrides = list(node.overrides.task)
        outcome = run_tree(with_member_settings(tree, overrides), overrides, folder, Path(node.sweep.dir).name)
        print(outcome.folder, flush=True)
    except SettingsError as error:
        return refused(folder, error.lines)
    except (Exception, SystemExit) as error:
        return broken(folder, error)
    if outcome.exit_code == 130:
        raise KeyboardInterrupt
    return outcome.exit_code


def refused(folder: Path, lines: Sequence[str]) -> int:
    """A job whose settings are wrong: its folder says so, the sweep goes on."""
    from edu_opt.tracking.study_folder import StudyFolder

    for line in lines:
        print(f"edu-opt: error: {line}", file=sys.stderr, flush=True)
    if StudyFolder(folder).status().get("state") in (None, "failed"):
        StudyFolder(folder).set_status("failed", "settings", " ".join(lines), 2)
    return 2


def broken(folder: Path, error: BaseException) -> int:
    """A job that failed outside its study."""
    from edu_opt.tracking.study_folder import StudyFolder

    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    print(f"edu-opt: failed: {reason}", file=sys.stderr, flush=True)
    try:
        StudyFolder(folder).set_status("failed", "failed", reason, 4)
    except OSError:
        pass
    return 4


def codes_by_job(folder: Path) -> dict[str, int]:
    """Exit code by job folder; a job that left none was killed (4)."""
    from edu_opt.tracking.study_folder import StudyFolder

    found = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    codes = {path.name: StudyFolder(path).status().get("exit_code") for path in found}
    return {name: 4 if code is None else int(code) for name, code in codes.items()}


def job_codes(folder: Path, expected: int | None) -> list[int]:
    """Exit codes of all jobs, 4 for those that never came to write one."""
    codes = list(codes_by_job(folder).values())
    return codes + [4] * max(0, (expected or 0) - len(codes))


def hydra_page(arguments: Sequence[str]) -> int:
    """`--help`, `--cfg`, `--info` and the like: Hydra prints, nothing runs."""
    try:
        call_hydra(arguments)
    except SystemExit as error:
        return int(error.code or 0) if not isinstance(error.code, str) else 2
    return 0
