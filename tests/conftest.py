"""What every test shares: the same examples and one thread on every machine, however busy."""

import os
import signal

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads on a busy machine wait for each other
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background inherits deafness
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

pytest_plugins = ["tests.small_run", "tests.object_store"]  # fixtures that several rooms use

collect_ignore_glob = [
    "*conftest.py"
]  # has no doctests; several modules of one name confuse their collection
