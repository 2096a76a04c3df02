"""An S3-compatible server on loopback (moto's), and a new bucket in it for each test that asks."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator

import pytest

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Its address; whatever is started while it runs, worker processes too, finds it by the environment."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "nobody")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str) -> str:
    """URL of an empty bucket."""
    import s3fs

    name = f"lab-{next(_NUMBER)}"
    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"
