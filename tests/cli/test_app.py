"""The command line as a whole: exit codes, streams, speed."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

import molscreen
import molscreen.__main__ as module
from molscreen.cli.app import UNREAD, app
from molscreen.cli.interrupt import INTERRUPTED, TERMINATED, Terminated
from molscreen.errors import BundleError, RunError

VERBS = tuple(typer.main.get_command(app).commands)
COMMAND = [sys.executable, "-m", "molscreen"]


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call, in this process."""
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def raise_from(verb: str, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a verb fail in a chosen way."""
    [command] = [each for each in app.registered_commands if each.name == verb]

    def fail() -> None:
        raise error

    monkeypatch.setattr(command, "callback", fail)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    code, out, _ = run(verb, "--help")
    assert code == 0
    assert f"molscreen {verb}" in out or f"root {verb}" in out


def test_version() -> None:
    assert run("--version")[:2] == (0, f"molscreen {molscreen.__version__}\n")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (BundleError("no bundle 'x'"), 2, "molscreen: no bundle 'x'\n"),
        (RunError("the disk is full"), 1, "molscreen: the disk is full\n"),
        (KeyboardInterrupt(), INTERRUPTED, "molscreen: interrupted\n"),
        (Terminated(), TERMINATED, "molscreen: terminated\n"),
        (PermissionError(13, "Permission denied", "/etc/x"), 1, "molscreen: /etc/x: Permission denied\n"),
    ],
)
def test_error_is_one_message_and_a_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chemist gets a sentence, not a traceback; a script gets a number."""
    raise_from("doctor", error, monkeypatch)
    assert run("doctor") == (code, "", message)


def test_unforeseen_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mends it needs to know where."""
    raise_from("doctor", ZeroDivisionError("x"), monkeypatch)
    result = CliRunner().invoke(app, ["doctor"])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    "arguments",
    [("sreen",), ("screen", "library.smi"), ("predict",), ("screen", "x", "--out", "y", "--top", "0")],
)
def test_bad_usage_exits_2(arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Error" in err


def test_help_is_quick() -> None:
    """No room is entered before its verb is called. Of the processor's time: machines may be busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("verb", VERBS)
def test_help_enters_no_room(verb: str) -> None:
    """What makes it quick, on a slow machine too."""
    heavy = {"torch", "rdkit", "numpy", "pandas", "pyarrow", "jinja2"}
    code = (
        "import sys\nfrom molscreen.cli.app import app\n"
        f"try: app([{verb!r}, '--help'])\n"
        f"finally: print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_closed_pipe_is_quiet() -> None:
    """`molscreen … | head` ends without a word, as any Unix program does."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*COMMAND, "datasets"], stdout=write, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (UNREAD, "")


def test_no_colour_when_asked(tmp_path: Path) -> None:
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "", "TERM": "xterm-256color"}
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert "\x1b[3" not in done.stdout


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, INTERRUPTED, "interrupted"), (signal.SIGTERM, TERMINATED, "terminated")],
)
def test_interrupt_of_the_first_second_is_one_line(sent: int, code: int, said: str) -> None:
    """While libraries are imported, the user who sees a mistake in what was typed stops it."""
    script = (
        "import os, sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == 'typer': os.kill(os.getpid(), {int(sent)})\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from molscreen.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script, "--help"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"molscreen: {said}\n")


def test_module_and_command_are_one() -> None:
    assert module.main is molscreen.cli.main
