"""Submit a screen to a Ray cluster as a job, follow it, and say how it ended.

    python workflows/ray/submit_job.py [--no-wait] [--working-dir DIR] -- LIBRARY --out s3://BUCKET/runs/1 ...
    python workflows/ray/submit_job.py --follow JOB

After ``--`` stands what `molscreen screen` is given; ``--executor ray`` is added. Where the run exists it is
gone on with, so that the same line starts a run and continues it. The token is found as Ray finds it: in
RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token. Exit code 0: the job
succeeded, or goes on; 1: it did not succeed; 2: nothing was submitted.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

EXCLUDES = ("*.smi*", "*.sdf*", "*.csv*", "*.parquet", ".git/", ".venv/", "data/", "runs/")  # never uploaded


def entrypoint(program: str, words: Sequence[str]) -> str:
    """The shell command of the job: start the run, or go on with it where that is refused.

    `molscreen screen` refuses a folder that holds a run unless told to resume it, and refuses to resume
    where there is none: whichever half does not apply changes nothing.

    Examples
    --------
    >>> entrypoint("molscreen", ["my library.smi", "--out", "s3://lab/1"])
    "molscreen screen 'my library.smi' --out s3://lab/1 --executor ray || molscreen screen 'my library.smi' \
--out s3://lab/1 --executor ray --resume"
    """
    start = f"{program} screen {shlex.join([*words, '--executor', 'ray'])}"
    return f"{start} || {start} --resume"


def runtime_env(working_dir: str | None) -> dict[str, Any]:
    """What the job takes along: a folder with plans or plugins, without data."""
    return {"working_dir": working_dir, "excludes": list(EXCLUDES)} if working_dir else {}


def follow(client: JobSubmissionClient, job: str) -> int:
    """Print the log of a job until it ends; 0 if it succeeded."""
    try:
        asyncio.run(_print_log(client, job))
    except KeyboardInterrupt:
        print(f"\n{job} goes on; follow it with --follow {job}, end it with: ray job stop {job}")
        return 0
    info = client.get_job_info(job)
    print(f"{job}: {info.status}. {(info.message or '').partition(', last')[0]}".rstrip())
    return 0 if info.status == "SUCCEEDED" else 1


async def _print_log(client: JobSubmissionClient, job: str) -> None:
    async for lines in client.tail_job_logs(job):
        print(lines, end="", flush=True)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("--address", default="http://127.0.0.1:8265", help="of the cluster's dashboard")
    parser.add_argument(
        "--program", default="molscreen", help="as it is called there; or PYTHON -m molscreen"
    )
    parser.add_argument("--working-dir", help="folder with plans or plugins to take along")
    parser.add_argument("--no-wait", action="store_true", help="submit, print the job's name, and leave")
    parser.add_argument("--follow", metavar="JOB", help="one that was submitted before")
    parser.add_argument("screen", nargs="*", help="what `molscreen screen` is given")
    asked = parser.parse_args(arguments)
    if not asked.follow and not any(word.partition("=")[0] == "--out" for word in asked.screen):
        parser.error("after -- there must be a library and --out, a place that all nodes see")
    return asked


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parse(arguments)
    from ray.exceptions import RayError
    from ray.job_submission import JobSubmissionClient

    job = asked.follow
    try:
        client = JobSubmissionClient(asked.address)
        if not job:
            job = client.submit_job(
                entrypoint=entrypoint(asked.program, asked.screen),
                runtime_env=runtime_env(asked.working_dir),
                metadata={"application": "molscreen"},
            )
            print(f"submitted {job}")
        return 0 if asked.no_wait and not asked.follow else follow(client, job)
    except (RayError, OSError, RuntimeError, ValueError) as error:
        print(f"submit_job: {asked.address}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        if job and not asked.follow:
            print(f"{job} may go on without us; follow it with --follow {job}", file=sys.stderr)
            return 1
        return 2


if __name__ == "__main__":
    sys.exit(main())
