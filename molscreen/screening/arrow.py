"""Arrow in a process that is all ours: what it need not import."""

from __future__ import annotations

import sys

import pyarrow as pa


class _NoPandas:
    """Says that there is no pandas, to whoever imports it."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not wanted yet", name=name)


def postpone_pandas() -> None:
    """Let Arrow work without pandas until it is asked for one of its tables.

    At the first array that it makes of anything, pyarrow imports pandas, to know it when it is given some
    of it: 0.3 s in the driver and in every worker, which never are. Where it finds none it goes on without,
    and looks again when ``to_pandas`` is called.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(finder)
