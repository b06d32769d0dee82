"""The embedded cluster survives being killed, and goes without a trace.

These drills end with a running cluster that is new and empty, so they run after everything else. They expect a running
embedded cluster, and never touch another backend's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci.cluster import choose
from ci.cluster.embedded import api, cgroups, cilium, cleanup, namespace, processes
from ci.cluster.embedded.cluster import Embedded
from ci.cluster.embedded.images import SANDBOX
from ci.cluster.embedded.settings import Settings
from ci.progress import run, wait_until

pytestmark = pytest.mark.drill

ROOT = Path(__file__).parents[2]
HEALTHY_LIMIT = 5.0
"""Seconds for `up` to leave a healthy cluster alone; it takes half a second."""
RECOVERY_LIMIT = 60.0
"""Seconds for `up` to bring a killed cluster back, Ready; it takes about ten on two idle cores."""
DOWN_LIMIT = 20.0
"""Seconds for `down`; it takes two."""

POD_WITH_VOLUME = [
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "drill", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    },
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "drill", "namespace": "default"},
        "spec": {
            "containers": [
                {
                    "name": "drill",
                    "image": SANDBOX,
                    "imagePullPolicy": "Never",
                    "ports": [{"containerPort": 80, "hostPort": 16999}],
                    "volumeMounts": [{"name": "home", "mountPath": "/home"}],
                }
            ],
            "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": "drill"}}],
        },
    },
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Embedded]:
    backend = os.environ.get("CLUSTER", "auto")
    chosen = choose(backend)
    if not isinstance(chosen, Embedded):
        pytest.skip(f"the backend is {chosen.name}: only the embedded cluster's processes are ours to kill")
    if not api.healthy(chosen.settings):
        pytest.skip("no embedded cluster is up: run `make up` first")
    yield chosen
    chosen.up()


def seconds_of_up(cluster: Embedded) -> float:
    begin = time.monotonic()
    cluster.up()
    elapsed = time.monotonic() - begin
    assert api.lacking(cluster.settings) == []
    return elapsed


def kubectl(cluster: Embedded, *words: str, stdin: str | None = None) -> str:
    environment = cluster.environment()
    return run(["kubectl", *words], timeout=60, env=environment, stdin=stdin).stdout


def start_pod(cluster: Embedded) -> None:
    """Run a pod with a volume and a host port, so that there are mounts, devices and rules to clean up."""
    objects = {"apiVersion": "v1", "kind": "List", "items": POD_WITH_VOLUME}
    kubectl(cluster, "apply", "--filename=-", stdin=json.dumps(objects))
    kubectl(cluster, "wait", "--for=condition=Ready", "pod/drill", "--timeout=50s")


def test_up_leaves_a_healthy_cluster_alone(cluster: Embedded) -> None:
    before = processes.ours(cluster.settings)
    assert seconds_of_up(cluster) < HEALTHY_LIMIT
    assert set(before) <= set(processes.ours(cluster.settings))


@pytest.mark.parametrize(
    "victims",
    [
        pytest.param(None, id="everything"),
        pytest.param(processes.DAEMONS, id="daemons, not containers"),
        pytest.param(("etcd",), id="etcd"),
        pytest.param(("containerd-shim-runc-v2", "containerd"), id="containerd and shims"),
    ],
)
def test_up_after_kill(cluster: Embedded, victims: tuple[str, ...] | None) -> None:
    start_pod(cluster)
    killed = 0
    for pid in processes.ours(cluster.settings):
        if victims is None or Path(f"/proc/{pid}/exe").readlink().name in victims:
            os.kill(pid, signal.SIGKILL)
            killed += 1
    assert killed >= (1 if victims is None else len(victims))
    elapsed = seconds_of_up(cluster)
    sys.stdout.write(f"killed {killed} processes; Ready again after {elapsed:.1f} s\n")
    assert elapsed < RECOVERY_LIMIT


@pytest.mark.parametrize("moment", ["pki/ca.crt", "run/etcd.json", "run/kube-apiserver.json", "run/kube-proxy.json"])
def test_up_after_a_killed_up(cluster: Embedded, moment: str) -> None:
    cluster.down()
    program = subprocess.Popen(
        [sys.executable, "-m", "ci.cluster", "up", "--backend=embedded"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "KUBE_VERSION": cluster.kubernetes.version},
    )
    try:
        wait_until(f"{moment} to be written", (cluster.settings.state / moment).exists, timeout=60, interval=0.01)
    finally:
        program.kill()
        program.wait()
    assert seconds_of_up(cluster) < RECOVERY_LIMIT


def test_down_leaves_nothing_and_up_works_again(cluster: Embedded) -> None:
    settings = cluster.settings
    start_pod(cluster)
    others = foreign_rules()
    begin = time.monotonic()
    cluster.down()
    elapsed = time.monotonic() - begin
    assert processes.ours(settings) == []
    assert cleanup.mounts(settings) == []
    assert str(settings.state) not in Path("/proc/mounts").read_text()
    assert not settings.state.exists()
    assert not namespace.exists(settings)
    assert settings.machine_address not in run(["ip", "-json", "address", "show"], timeout=10).stdout
    assert our_rules(settings) == []
    assert foreign_rules() == others
    assert list(Path("/var/lib/cni/results").glob(f"{settings.name}-{'[0-9a-f]' * 12}*")) == []
    group = cgroups.root(settings).strip("/") or "kubepods"
    assert list(Path("/sys/fs/cgroup").glob(f"**/{group}")) == []
    assert not cilium.RUN.exists() or list(cilium.RUN.iterdir()) == []
    assert elapsed < DOWN_LIMIT
    cluster.down()
    assert seconds_of_up(cluster) < RECOVERY_LIMIT


def rules() -> list[str]:
    lines: list[str] = []
    for command in ("iptables-save", "ip6tables-save"):
        lines += run([command], timeout=10, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}).stdout.splitlines()
    return lines


def our_rules(settings: Settings) -> list[str]:
    return [line for line in rules() if f"JHUB{settings.instance}-" in line]


def foreign_rules() -> list[str]:
    """Return Docker's rules, which must stay as they are; counters and comments with times are left out."""
    return [line for line in rules() if line.startswith("-A") and "DOCKER" in line]
