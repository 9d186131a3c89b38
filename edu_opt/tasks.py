"""What the command does, one function a task: validated settings in, exit code and folder out.

This file connects settings, problem, optimizer, record, report and mirror. The problem comes from a factory that
tests replace, so that the whole path runs on a tiny analytic problem.
"""

from __future__ import annotations

import dataclasses
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from edu_opt.compute import start_device, versions
from edu_opt.config.checks import design_findings
from edu_opt.config.convert import slots_per_pole
from edu_opt.config.errors import SettingsError
from edu_opt.config.run_settings import PROBLEM_SECTIONS, RunSettings
from edu_opt.family_resume import EarlierMembers, earlier_members
from edu_opt.named_units import add_starts, computable, reference_problem
from edu_opt.report.console import print_evaluation, print_front
from edu_opt.search import (
    ProblemFactory,
    StudyProblem,
    design_of,
    evaluated_columns,
    limits_of,
    objectives_of,
    record_of,
    search_programs,
    wall_times,
)
from edu_opt.settings import Branch, MotorOffer, ProblemSettings, Program
from edu_opt.tracking import mlflow_mirror
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.record import StudyRecord
from edu_opt.tracking.study_folder import FINISHED, StudyFolder, generated_name, read_design, study_folders

# Variables that design files of before lack, and what was meant.
LATER_VARIABLES = {"inverter_control.frequency_ratio_1": 1.0}
DONE, WRONG_SETTINGS, INFEASIBLE, MACHINE_FAILED, INTERRUPTED = 0, 2, 3, 4, 130


Step = Callable[[StudyFolder, Reporter, Any], int]  # (folder, reporter, what `prepare` read) -> exit code


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a task ended and the folder it is about."""

    exit_code: int
    folder: Path


def build_problems(settings: ProblemSettings) -> Sequence[StudyProblem]:
    """The drive-unit problems of a study, one a program."""
    from edu_opt import problem

    return list(problem.build_problems(settings))  # type: ignore[arg-type]


def single_problem(
    factory: ProblemFactory, settings: ProblemSettings, program: Program, branch: Branch
) -> StudyProblem:
    """The problem of one design: one program, one branch, nothing forbidden."""
    paths, pairs = (branch.parallel_paths,), (branch.pole_pairs,)
    narrowed = dataclasses.replace(
        settings,
        motors=(dataclasses.replace(program.motor, pole_pairs=pairs, parallel_paths=paths),),
        gearbox_layouts=(program.gearbox_layout,),
        devices=(branch.device,),
        forbids=(),
    )
    problems = factory(narrowed)
    if len(problems) != 1 or len(problems[0].branches) != 1:
        raise SettingsError("design: its program and branch do not make one problem; was the file changed by hand?")
    return problems[0]


def run(
    settings: RunSettings,
    folder: Path | None = None,
    sweep: str = "",
    factory: ProblemFactory | None = None,
    stream: TextIO | None = None,
    import_s: float = 0.0,
    on_reporter: Callable[[Reporter], None] = lambda reporter: None,
) -> Outcome:
    """Run the task of the settings. `folder`: as a sweep gives it; else `study`, else a generated one."""
    stream = stream or sys.stdout
    task = Task(settings, folder, sweep, factory or build_problems, stream, import_s, on_reporter)
    if settings.task == "sync":
        return task.sync()
    steps: dict[str, Step] = {
        "optimize": task.optimize,
        "evaluate": task.evaluate,
        "family": task.family,
        "compare": task.compare,
    }
    return task.in_folder(steps[settings.task])


@dataclasses.dataclass(frozen=True)
class Task:
    """One run of the command."""

    settings: RunSettings
    given_folder: Path | None
    sweep: str
    factory: ProblemFactory
    stream: TextIO
    import_s: float
    on_reporter: Callable[[Reporter], None]

    def folder(self) -> StudyFolder:
        """The study folder; nothing is created here."""
        problem, task = self.settings.problem, self.settings.task
        words = ["compare"] if task == "compare" else [problem.brand, problem.vehicle]
        if task == "evaluate":
            words += [self.settings.drive_unit or "", "evaluate"] if self.settings.drive_unit else ["evaluate"]
        words = ["family", self.settings.family.name] if self.settings.family else words
        path = self.given_folder or self.settings.study or self.settings.studies_folder / generated_name(*words)
        return StudyFolder(path)

    def in_folder(self, step: Step) -> Outcome:
        """Open the folder, run a step in it, record how it ended, mirror it."""
        folder = self.folder()
        prepared = self.prepare()
        key = "study" if self.settings.study or self.given_folder else "studies_folder"
        finished = folder.open(self.settings.tree, run_hash(self.settings), key)
        outcome = Outcome(MACHINE_FAILED, folder.path)
        try:
            with Reporter(folder, self.stream) as reporter:
                self.on_reporter(reporter)
                if finished and self.settings.task in ("optimize", "family"):
                    return self.read_again(folder, reporter)
                code = self.guarded(step, folder, reporter, prepared)
                outcome = Outcome(code, folder.path)
                if code in (DONE, INFEASIBLE):
                    self.mirror(folder, reporter)
        finally:
            folder.close()
        return outcome

    def prepare(self) -> Any:
        """Whatever can still be wrong with the settings is found before a folder is made."""
        if self.settings.task == "evaluate" and self.settings.design is not None:
            return computable(read_design(self.settings.design))
        if self.settings.task == "compare":
            return comparable_folders(self.settings.studies)
        if self.settings.task == "family":
            return earlier_members(self.settings)
        return None

    def guarded(self, step: Step, folder: StudyFolder, reporter: Reporter, prepared: Any) -> int:
        """Run a step; every way to fail becomes a state, an exit code and one line."""
        try:
            folder.set_status("running", "starting")
            return step(folder, reporter, prepared)
        except KeyboardInterrupt:
            return record_interruption(folder, reporter)
        except SettingsError as error:  # found while the task was at work
            if not folder.discard():
                folder.set_status("failed", "settings", " ".join(error.lines), WRONG_SETTINGS)
            raise
        except Exception as error:
            if reporter.stopped:  # the interruption broke something on its way out
                return record_interruption(folder, reporter)
            return record_failure(folder, reporter, error)

    # -- tasks

    def optimize(self, folder: StudyFolder, reporter: Reporter, prepared: None) -> int:
        """Find the front and write the study."""
        settings = self.settings
        reporter.line(f"Study of brand {settings.problem.brand}, vehicle {settings.problem.vehicle} in {folder.path}")
        reporter.phase("starting", "device and compile cache")
        device = start_device(settings.compute, reporter)
        reporter.line(f"Device: {device}; {settings.optimizer.candidates} candidates, seed {settings.optimizer.seed}")
        problems = self.factory(settings.problem)
        if settings.drive_unit is not None:
            add_starts(problems, settings.drive_unit, settings.problem, reporter)
        found = search_programs(problems, settings.optimizer, reporter, folder.checkpoint(), folder.save_checkpoint)
        reporter.phase("report", "describing the front")
        began = time.perf_counter()
        record = record_of(
            found,
            settings.problem,
            settings.optimizer,
            device=device,
            versions=versions(),
            config_hash=settings.config_hash,
            assumptions=settings.assumptions,
        )
        walls = {"import": self.import_s, **wall_times(found), "report": 0.0}
        self.write(folder, dataclasses.replace(record, wall_s=walls), began)
        print_front(record, reporter)
        if record.designs:
            message = f"{len(record.designs)} designs on the front"
            folder.set_status("done", "done", message, DONE)
            return DONE
        message = "no feasible design: " + "; ".join(record.conflicts)
        folder.set_status("infeasible", "done", message, INFEASIBLE)
        return INFEASIBLE

    def write(self, folder: StudyFolder, record: StudyRecord, began: float) -> None:
        """Tables and designs, figures and report; the time of it all is part of study.json."""
        from edu_opt.report.study_report import write_study_report

        sections = {name: self.settings.tree.get(name) for name in (*PROBLEM_SECTIONS, "optimizer")}
        if record.kind == "evaluation" and self.settings.drive_unit is not None:
            sections["drive_unit"] = self.settings.tree.get("drive_unit")
        folder.write_record(record, sections)
        write_study_report(folder)
        walls = {**record.wall_s, "report": time.perf_counter() - began}
        folder.write_record(dataclasses.replace(record, wall_s=walls), sections)

    def evaluate(self, folder: StudyFolder, reporter: Reporter, content: Mapping[str, Any] | None) -> int:
        """Compute one design again, or a unit that exists, under the settings given."""
        settings = self.settings
        known = program_and_branch(content) if content is not None else None
        reporter.phase("starting", "device and compile cache")
        device = start_device(settings.compute, reporter)
        problem, evaluation, columns = self.computed(reporter, content, known)
        objectives, margins = np.asarray(evaluation.objectives)[0], np.asarray(evaluation.margins)[0]
        name = str(content.get("id", "design")) if content is not None else str(settings.drive_unit)
        design = design_of(problem, name, 0, objectives, margins, columns)
        faults = list(getattr(problem, "faults", lambda _: [])(columns))
        record = StudyRecord(
            brand=settings.problem.brand,
            vehicle=settings.problem.vehicle,
            objectives=objectives_of(problem),
            designs=[design],
            limits=limits_of([problem]),
            feasible_candidates=int(design.feasible),
            failed_candidates=int(not bool(np.asarray(evaluation.valid)[0])),
            wall_s={"import": self.import_s},
            device=device,
            versions=versions(),
            config_hash=settings.config_hash,
            programs=[problem.program.name],
            branches=[design.branch],
            assumptions=(*settings.assumptions, *getattr(problem, "assumptions", ())),
            conflicts=[f"cannot be built: {line}" for line in faults],
            kind="evaluation",
        )
        self.write(folder, record, time.perf_counter())
        print_evaluation(record, reporter)
        folder.set_status("done", "done", f"design {design.id} evaluated", DONE)
        return DONE

    def family(self, folder: StudyFolder, reporter: Reporter, earlier: EarlierMembers | None) -> int:
        """Drive units of several brands that share parts."""
        from edu_opt.family_task import run_family

        return run_family(self.settings, self.factory, folder, reporter, self.import_s, earlier)

    def computed(
        self, reporter: Reporter, content: Mapping[str, Any] | None, known: tuple[Program, Branch] | None
    ) -> tuple[Any, Any, Mapping[str, float]]:
        """Problem, evaluation (batch axis of one) and report columns of a design file, or of the unit by its name."""
        doing = "solving the fields and the operating points (the first run compiles)"
        if content is None or known is None:
            unit = reference_problem(str(self.settings.drive_unit), self.settings.problem)
            reporter.phase("evaluate", doing)
            found = unit.evaluation()
            return unit, found, unit.columns(found)
        problem = single_problem(self.factory, self.settings.problem, *known)
        x = unit_cube(problem, content["design"])
        reporter.phase("evaluate", doing)
        found, (columns,) = evaluated(problem, x)
        return problem, found, columns

    def compare(self, folder: StudyFolder, reporter: Reporter, folders: Sequence[StudyFolder]) -> int:
        """Overlay the fronts of several studies."""
        from edu_opt.report.compare import compare
        from edu_opt.report.comparison_report import write_comparison
        from edu_opt.report.fronts import read_front, unique_labels

        comparison = compare(unique_labels([read_front(f) for f in folders]))
        write_comparison(folder.path, comparison, self.settings.axis_limits)
        for row in comparison.rows:
            reporter.line(
                f"{row['label']}: {row['designs']} designs, hypervolume {row['hypervolume']:.5g}, "
                f"{row['on_combined_front']} on the combined front"
            )
        folder.set_status("done", "done", f"{len(folders)} studies compared", DONE)
        return DONE

    def sync(self) -> Outcome:
        """Mirror study folders to MLflow; none named means all under the studies folder."""
        paths = self.settings.studies or (self.settings.studies_folder,)
        folders = study_folders(paths)
        failed = 0
        for folder in folders:
            line = mlflow_mirror.mirror(folder, self.settings.tracking)
            print(line or f"mirrored {folder.path}", file=self.stream, flush=True)
            failed += line is not None
        target = paths[0] if len(paths) == 1 else self.settings.studies_folder
        return Outcome(MACHINE_FAILED if failed else DONE, target)

    def read_again(self, folder: StudyFolder, reporter: Reporter) -> Outcome:
        """A finished study: say what it holds."""
        status = folder.status()
        reporter.line(f"This study is finished ({status['state']}): {status.get('message', '')}")
        return Outcome(int(status.get("exit_code") or 0), folder.path)

    def mirror(self, folder: StudyFolder, reporter: Reporter) -> None:
        """Mirror to MLflow; a failure is one line."""
        if not self.settings.tracking.mlflow:
            return
        if reporter.stream.isatty():
            reporter.line("Mirroring to MLflow ...")
        line = mlflow_mirror.mirror(folder, self.settings.tracking, self.sweep)
        reporter.line(line or f"MLflow: {self.settings.tracking.uri}, experiment {self.settings.tracking.experiment}")


def run_hash(settings: RunSettings) -> str:
    """Hash of a folder's settings: of the study, of the evaluated design too, or of the studies compared."""
    if settings.task in ("optimize", "family"):
        return settings.config_hash
    what = (
        str(settings.design or settings.drive_unit)
        if settings.task == "evaluate"
        else ",".join(map(str, settings.studies))
    )
    return f"{settings.task} {what} {settings.config_hash if settings.task == 'evaluate' else ''}".strip()


def comparable_folders(paths: Sequence[Path]) -> list[StudyFolder]:
    """Study folders with a front; sweeps are opened, failed studies are an error only where nothing is left."""
    folders = [f for f in study_folders(paths) if (f.path / "study.json").is_file()]
    if not folders:
        raise SettingsError(f"studies: no finished study in {', '.join(map(str, paths))}")
    return folders


def record_interruption(folder: StudyFolder, reporter: Reporter) -> int:
    """Ctrl-C or SIGTERM: what was reached is kept; a study that is complete stays so."""
    if folder.status().get("state") in FINISHED:
        later = mlflow_mirror.sync_hint(folder.path)
        reporter.line(f"Interrupted; the study is complete. MLflow may miss it: {later}")
        return INTERRUPTED
    kept = "checkpoint kept" if (folder.path / "checkpoint.npz").is_file() else "no checkpoint yet"
    folder.set_status("interrupted", "interrupted", f"interrupted, {kept}", INTERRUPTED)
    reporter.line(f"Interrupted, {kept}. Continue with: edu-opt study={folder.path} and the same settings.")
    return INTERRUPTED


def record_failure(folder: StudyFolder, reporter: Reporter, error: Exception) -> int:
    """The machine failed: one line for the user, the traceback in a file of the folder."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    try:
        (folder.path / "traceback.txt").write_text("".join(traceback.format_exception(error)))
        folder.set_status("failed", "failed", reason, MACHINE_FAILED)
    except OSError:
        reason += " (and the folder could not be written)"
    print(f"edu-opt: failed: {reason}; details: {folder.path / 'traceback.txt'}", file=sys.stderr, flush=True)
    return MACHINE_FAILED


def program_and_branch(content: Mapping[str, Any]) -> tuple[Program, Branch]:
    """Program and branch of a design file."""
    try:
        motor = dict(content["program"]["motor"])
        motor["pole_pairs"], motor["parallel_paths"] = tuple(motor["pole_pairs"]), tuple(motor["parallel_paths"])
        motor["slots_per_pole"] = slots_per_pole(motor["slots_per_pole"])
        program = Program(MotorOffer(**motor), content["program"]["gearbox_layout"])
        branch = Branch(**content["branch"])
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"design: program or branch cannot be understood ({error})") from None
    lines = list(design_findings(program, branch))
    if lines:
        raise SettingsError(lines)
    return program, branch


def unit_cube(problem: StudyProblem, design: Mapping[str, float]) -> np.ndarray:
    """Design values by name (SI) -> unit cube (n,); names and ranges are checked."""
    import jax.numpy as jnp

    from edu_opt.config.errors import unknown

    space = problem.space
    design = {name: value for name, value in LATER_VARIABLES.items() if name in space.names} | dict(design)
    lines = [unknown("design", "variable", name, space.names) for name in design if name not in space.names]
    lines += [f"design: {name} is missing" for name in space.names if name not in design]
    for variable in space.variables:
        value = float(design.get(variable.name, variable.low))
        slack = 1e-9 * (variable.high - variable.low)
        if not variable.low - slack <= value <= variable.high + slack:
            lines.append(f"design: {variable.name} must lie in [{variable.low:g}, {variable.high:g}], got {value:g}")
    if lines:
        raise SettingsError(lines)
    return np.clip(np.asarray(space.to_unit(jnp.asarray(space.from_mapping(design)))), 0.0, 1.0)


def evaluated(problem: StudyProblem, x: np.ndarray) -> tuple[Any, Sequence[Mapping[str, float]]]:
    """Evaluation of one design with a batch axis of one, and its report columns."""
    from edu_opt.optimize.programs import ModelPrograms

    programs = ModelPrograms(problem, chunk=1, target=0.0)
    return evaluated_columns(problem, programs, x[None], np.zeros(1, dtype=np.int64))
