"""A Ray of one's own: closed to the other users of the machine, and gone when it is no longer needed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from molscreen.errors import UsageError
from molscreen.screening.cluster import session
from molscreen.screening.cluster.home import FILES, private_home, token_path
from molscreen.screening.cluster.session import ray_session


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class Loader:
    """Where Ray remembers the token that it has read."""

    def __init__(self) -> None:
        self.tokens: list[str | None] = []

    def instance(self) -> Loader:
        return self

    def reset_cache(self) -> None:
        self.tokens.append(os.environ.get("RAY_AUTH_TOKEN_PATH"))


def stand_in(init: Callable[..., None]) -> SimpleNamespace:
    """As much of ray as a session of one's own needs."""
    return SimpleNamespace(
        init=init,
        is_initialized=lambda: False,
        shutdown=lambda: None,
        cluster_resources=dict,
        _raylet=SimpleNamespace(AuthenticationTokenLoader=Loader()),
    )


@pytest.fixture
def umask_of_a_shared_host():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask_of_a_shared_host")
def test_nobody_else_may_enter_or_read_the_token():
    """Whoever has it runs code as this user; Ray opens its own folder to all, wherever it lies."""
    with private_home() as home:
        assert (mode(home), mode(token_path(home))) == (0o700, 0o600)
        assert len(token_path(home).read_text()) == 64
        (home / FILES).mkdir()
        (home / FILES).chmod(0o777)
    assert not home.exists()


def test_what_still_runs_in_the_folder_ends_with_it():
    """An agent that Ray forgot would make the folder anew, when it has just been removed.

    Some have a title in place of their arguments, and are known by where their token lies.
    """
    wait = "import time; time.sleep(600)"
    with private_home() as home:
        environment = {**os.environ, "RAY_AUTH_TOKEN_PATH": str(token_path(home))}
        agent = subprocess.Popen([sys.executable, "-c", wait, f"--temp-dir={home / FILES}"])
        titled = subprocess.Popen(["ray::IDLE", "-c", wait], executable=sys.executable, env=environment)
        other = subprocess.Popen([sys.executable, "-c", wait, "--temp-dir=/tmp/elsewhere"])
        mine = subprocess.Popen([sys.executable, "-c", wait], env=environment)
    assert (agent.wait(10), titled.wait(10)) == (-signal.SIGKILL, -signal.SIGKILL)
    assert not home.exists()
    for each in (other, mine):
        assert each.poll() is None
        each.kill()
        each.wait()


def test_session_has_a_token_of_its_own_and_leaves_that_of_the_user(monkeypatch):
    """The user's opens all their clusters; and what a later session reads is not this one's."""
    monkeypatch.setenv("RAY_AUTH_TOKEN", "of the cluster")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", "/home/me/token")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    seen = {}

    def init(*, _temp_dir: str, **_: object) -> None:
        seen.update(os.environ, folder=_temp_dir)

    ray = stand_in(init)
    monkeypatch.setattr(session, "_import_ray", lambda: ray)
    with ray_session("", workers=1, gpus=0):
        own = os.environ["RAY_AUTH_TOKEN_PATH"]
    assert "RAY_AUTH_TOKEN" not in seen
    assert seen["RAY_AUTH_TOKEN_PATH"] == own
    assert os.path.dirname(seen["folder"]) == os.path.dirname(own)
    assert os.environ["RAY_AUTH_TOKEN"] == "of the cluster"
    assert ray._raylet.AuthenticationTokenLoader.tokens == [own, own]


def test_ray_that_does_not_start_is_a_sentence(monkeypatch):
    """Ray raises a bare exception, after half a minute, on a machine with much to do."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def init(**_: object) -> None:
        raise Exception("The current node timed out during startup.\nSee the logs")

    monkeypatch.setattr(session, "_import_ray", lambda: stand_in(init))
    said = r"Ray could not be started on this machine: The current node timed out during startup\. .*'local'"
    with pytest.raises(UsageError, match=said), ray_session("", workers=1, gpus=0):
        pass


def test_signal_that_ray_takes_is_given_back(monkeypatch):
    """Also while it starts: it answers SIGTERM by leaving, with a code of its own."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    heard = []

    def ours(number: int, frame: object) -> None:
        heard.append(number)

    def init(**_: object) -> None:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(number))
        if not heard:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(session, "_import_ray", lambda: stand_in(init))
    before = signal.signal(signal.SIGTERM, ours)
    try:
        with pytest.raises(SystemExit), ray_session("", workers=1, gpus=0):
            pass
        assert heard == [signal.SIGTERM]
        with ray_session("", workers=1, gpus=0):
            assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)
