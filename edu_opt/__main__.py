"""`python -m edu_opt`: the same command as `edu-opt`."""

from edu_opt.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
