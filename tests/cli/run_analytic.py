"""The command on the analytic problem, as a process of its own (signals, exit codes)."""

from __future__ import annotations

from edu_opt import cli, tasks
from tests.cli.analytic_problem import analytic_problems

tasks.build_problems = analytic_problems

if __name__ == "__main__":
    raise SystemExit(cli.main())
