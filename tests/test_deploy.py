"""Images, compose files and cluster files say what the code and its pinned versions say; no engine needed."""

from __future__ import annotations

import importlib.metadata
import json
import re
import runpy
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

import molscreen
from molscreen.cli.app import app

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for folder in ("docker", "workflows/ray") for path in (ROOT / folder).glob("*") if path.is_file()
)
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
CONSTRAINTS = dict(
    re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M)
)
COMPOSE, COMPOSE_GPU = (
    yaml.safe_load((ROOT / "docker" / name).read_text(encoding="utf-8"))
    for name in ("compose.yaml", "compose.gpu.yaml")
)
CLUSTER = yaml.safe_load((ROOT / "workflows/ray/cluster.yaml").read_text(encoding="utf-8"))
KUBE = list(yaml.safe_load_all((ROOT / "workflows/ray/rayjob.yaml").read_text(encoding="utf-8")))
JOB: dict[str, Any] = next(each["spec"] for each in KUBE if each["kind"] == "RayJob")
GROUPS = [JOB["rayClusterSpec"]["headGroupSpec"], *JOB["rayClusterSpec"]["workerGroupSpecs"]]
SUBMIT = runpy.run_path(str(ROOT / "workflows/ray/submit_job.py"))
COMMAND = re.compile(r"(?:^|exec head |-- |^docker run .*)molscreen(?::\S+)? (screen .*|doctor)$")
SUBMISSION = re.compile(r"submit_job\.py .*-- (\S.*)$")
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def halves(entrypoint: str) -> list[list[str]]:
    """The commands of an entrypoint ``sh -c 'A || B'``, or ``A || B``, as words."""
    words = shlex.split(entrypoint)
    return [shlex.split(half) for half in (words[2] if words[0] == "sh" else entrypoint).split("||")]


def commands() -> Iterator[list[str]]:
    """Every ``molscreen …`` in the files, as words."""
    yield from halves(JOB["entrypoint"])
    yield from halves(SUBMIT["entrypoint"]("molscreen", ["library.smi", "--out", "runs/1"]))
    for path in FILES:
        for line in lines(path):
            if found := COMMAND.search(line):
                yield ["molscreen", *shlex.split(found[1], comments=True)]
            if found := SUBMISSION.search(line):
                yield ["molscreen", "screen", *shlex.split(found[1], comments=True)]


def lines(path: Path) -> list[str]:
    """What a file tells its reader to type: blocks of a guide, comments of another file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return "".join(re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S)).splitlines()
    return [line.strip("# ") for line in text.splitlines() if line.startswith("#")]


def pods() -> Iterator[dict[str, Any]]:
    """The pod specs of the RayJob."""
    yield JOB["submitterPodTemplate"]["spec"]
    yield from (group["template"]["spec"] for group in GROUPS)


def pinned_ray() -> str:
    """The version of Ray that was tested."""
    if "ray" in CONSTRAINTS:
        return CONSTRAINTS["ray"]
    try:
        return importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("ray is neither in constraints.txt nor installed: there is nothing to compare with")


@pytest.mark.parametrize("words", [pytest.param(words, id=" ".join(words)) for words in commands()])
def test_command_parses(words: list[str]) -> None:
    """No option or verb that does not exist; nothing is run."""
    group = typer.main.get_command(app)
    context = group.make_context("molscreen", words[1:])
    name, verb, rest = group.resolve_command(context, words[1:])
    assert verb is not None
    verb.make_context(name, rest, parent=context)


def test_there_are_commands_to_check() -> None:
    """An empty list would let the test above pass for nothing."""
    assert len(list(commands())) >= 10


@each_file
def test_versions_are_ours(path: Path) -> None:
    """An image of another version would be refused by the probe of every node."""
    text = path.read_text(encoding="utf-8")
    tags = set(re.findall(r"molscreen:(\S+?)-(?:cpu|gpu|launcher)", text))
    assert tags <= {molscreen.__version__}
    assert set(re.findall(r"boto3==([\d.]+\d)", text)) <= {CONSTRAINTS["botocore"]}  # released together


def test_ray_of_the_cluster_is_the_pinned_one() -> None:
    assert JOB["rayClusterSpec"]["rayVersion"] == pinned_ray()


def test_image_has_the_python_that_was_tested() -> None:
    tested = re.search(r"on Python (\d\.\d+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    base = re.search(r"^ARG BASE=python:(\d\.\d+)-slim-[a-z]+$", DOCKERFILE, re.M)
    assert tested
    assert base
    assert base[1] == tested[1]
    assert f"ARG VERSION={molscreen.__version__}\n" in DOCKERFILE


@each_file
def test_nothing_secret_open_or_floating(path: Path) -> None:
    """No token, no registry, no moving tag, nothing that listens on every interface."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b[0-9a-fA-F]{32,}\b", text), "looks like a token"
    assert not re.search(r"RAY_AUTH_TOKEN[=:] *[^\s$`\"']", text), "the token comes from a file or a Secret"
    assert not re.search(r"\b(ghcr|docker|quay|gcr|nvcr|pypi|pytorch)\.(io|org|com|dev)\b", text)
    assert not re.search(r":latest\b", text)
    assert "0.0.0.0" not in text
    assert set(re.findall(r"--dashboard-host=(\S+)", text)) <= {"127.0.0.1"}


def test_image_runs_as_an_unprivileged_user() -> None:
    """In every stage that is a target; a stage without USER has its parent's."""
    stages = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S))
    last = {name: re.findall(r"^USER (\S+)", body, re.M)[-1:] for name, body in stages.items()}
    assert last == {"runtime": ["1000:1000"], "gpu": [], "launcher": ["1000:1000"], "cpu": []}


def test_image_installs_pinned_versions_only() -> None:
    """pip without constraints may only install what is there already: our own package."""
    for command in re.findall(r"pip install ([^&]*)", DOCKERFILE.replace("\\\n", "")):
        assert "--constraint" in command or "--no-deps ." in command


@pytest.mark.parametrize("name", ["head", "worker"])
def test_compose_service_is_locked_down(name: str) -> None:
    service = COMPOSE["services"][name]
    assert "ports" not in service
    assert (service["user"], service["read_only"], service["init"]) == ("1000:1000", True, True)
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["environment"] == {"RAY_AUTH_TOKEN_PATH": f"/run/secrets/{service['secrets'][0]}"}
    assert COMPOSE["secrets"]["ray_token"]["file"].startswith("${RAY_TOKEN_FILE:?")


def test_compose_with_gpus_gives_head_and_workers_one_image() -> None:
    assert COMPOSE_GPU["services"].keys() == COMPOSE["services"].keys()
    assert len({service["image"] for service in COMPOSE_GPU["services"].values()}) == 1
    assert {service["build"]["target"] for service in COMPOSE_GPU["services"].values()} == {"gpu"}


def test_object_store_fits_into_shared_memory() -> None:
    """Else Ray puts it on a disk, and says so in a log that nobody reads."""
    asked = [
        word
        for service in COMPOSE["services"].values()
        for word in service["command"]
        if "object-store" in word
    ]
    assert {int(word.partition("=")[2]) for word in asked} == {256 << 20}
    assert len(asked) == 2
    assert COMPOSE["services"]["head"]["shm_size"] == "512m"


def test_pods_are_locked_down() -> None:
    """One image; no root, no privileges, no writing but to /tmp, a limit on everything."""
    containers = [container for pod in pods() for container in pod["containers"]]
    assert len({container["image"] for container in containers}) == 1
    for pod in pods():
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 1000)
    for container in containers:
        context = container["securityContext"]
        assert (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"]) == (False, True)
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"].keys() >= {"cpu", "memory"}


def test_job_needs_a_token_and_ends() -> None:
    assert JOB["rayClusterSpec"]["authOptions"] == {"mode": "token"}
    assert JOB["shutdownAfterJobFinishes"]
    assert JOB["activeDeadlineSeconds"] > JOB["preRunningDeadlineSeconds"] > 0


@pytest.mark.parametrize(
    "entrypoint", [JOB["entrypoint"], SUBMIT["entrypoint"]("molscreen", ["a b.smi", "--out", "c"])]
)
def test_entrypoint_starts_or_resumes_one_run(entrypoint: str) -> None:
    """A retry starts the same entrypoint: its second half goes on with what the first began."""
    start, again = halves(entrypoint)
    assert [*start, "--resume"] == again
    assert "ray" in start


def test_every_worker_asked_for_finds_a_place() -> None:
    """Workers without a place for 15 minutes end the run; idle GPUs cost money."""
    words = halves(JOB["entrypoint"])[0]
    workers, share = (float(words[words.index(option) + 1]) for option in ("--workers", "--gpus"))
    group = next(group for group in GROUPS if group.get("groupName") == "gpu")
    limits = group["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert workers * share == group["maxReplicas"] * int(limits["nvidia.com/gpu"])
    assert workers <= group["maxReplicas"] * int(limits["cpu"])


def test_no_actor_runs_on_a_head() -> None:
    """The driver's core is its own, and heads are never preemptible."""
    assert GROUPS[0]["rayStartParams"]["num-cpus"] == "0"
    assert "--num-cpus=0" in COMPOSE["services"]["head"]["command"]
    head = CLUSTER["available_node_types"][CLUSTER["head_node_type"]]
    assert head["resources"] == {"CPU": 0}
    assert "InstanceMarketOptions" not in head["node_config"]
    assert "--num-cpus=0" in CLUSTER["head_start_ray_commands"][-1]


def test_cluster_file_is_what_ray_reads() -> None:
    """By the schema that Ray itself ships."""
    ray = pytest.importorskip("ray")
    jsonschema = pytest.importorskip("jsonschema")
    schema = Path(ray.__file__).parent / "autoscaler" / "ray-schema.json"
    jsonschema.validate(CLUSTER, json.loads(schema.read_text(encoding="utf-8")))


def test_submission_wants_a_place_for_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        SUBMIT["parse"](["--", "library.smi"])
    assert "--out, a place that all nodes see" in capsys.readouterr().err


def test_the_place_may_follow_an_equals_sign() -> None:
    words = ["s3://lab/library.smi", "--out=s3://lab/1"]
    assert SUBMIT["parse"](["--", *words]).screen == words


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--working-dir", "/nowhere", "--", "a.smi", "--out", "b"], 2), (["--follow", "J"], 2),
     (["--", "a.smi", "--out", "b"], 1)],
)  # fmt: skip
def test_what_a_cluster_refuses_is_a_sentence(
    arguments: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a job that was submitted may go on, whatever happens to whoever follows it."""
    jobs = pytest.importorskip("ray.job_submission")

    class Client:
        def __init__(self, address: str) -> None:
            self.address = address

        def submit_job(self, *, runtime_env: dict[str, object], **_: object) -> str:
            if runtime_env:
                raise ValueError("/nowhere must be a valid working_dir")
            return "J"

        async def tail_job_logs(self, job: str) -> AsyncIterator[str]:
            yield f"{job} began\n"
            raise ConnectionResetError("the tunnel is gone")

    monkeypatch.setattr(jobs, "JobSubmissionClient", Client)
    assert SUBMIT["main"](arguments) == status
    said = capsys.readouterr().err
    assert said.startswith("submit_job: http://127.0.0.1:8265: ")
    assert ("J may go on without us" in said) == (status == 1)


def test_libraries_are_never_uploaded() -> None:
    """Ray zips a working directory and sends it: plans may travel so, data may not."""
    assert SUBMIT["runtime_env"](None) == {}
    assert {"*.smi*", "*.sdf*", "*.csv*", "*.parquet", ".git/"} <= set(
        SUBMIT["runtime_env"]("plans")["excludes"]
    )
