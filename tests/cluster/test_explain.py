"""`hub-config explain` equals, field by field, what the API server stored when the real hub made the pods and claims.

The pods ask for a node that does not exist, so they are made and never run. What the API server holds and `explain`
does not say must be in `_ADDED`, with the value that it adds.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.utils.quantity import parse_quantity

from hub_config.cli import main
from hub_config.commands.pod import MADE_AT_START
from tests.harness.hub import Hub
from tests.harness.kube import Object
from tests.harness.release import Release

pytestmark = pytest.mark.cluster

VALUES = Path(__file__).parent / "explain"
PODS_SECONDS = 90
_ANY = object()
_CONTAINER = r"pod\.spec\.(init)?[cC]ontainers\[.*?\]"
_ADDED: list[tuple[str, Any]] = [
    # Who and when an object is.
    (r"(pod|claim)\.metadata\.(uid|creationTimestamp|resourceVersion|generation|managedFields)", _ANY),
    (r"(pod|claim)\.metadata\.namespace", _ANY),
    (r"(pod|claim)\.status", _ANY),
    # Known at the start alone, when the spawner has looked which claims there are: the mark by which it finds a home.
    (r"claim\.metadata\.labels\.hub\.jupyter\.org/home-key", _ANY),
    # Kubernetes' defaults of a pod (API reference, PodSpec).
    (r"pod\.spec\.dnsPolicy", "ClusterFirst"),
    (r"pod\.spec\.enableServiceLinks", True),
    (r"pod\.spec\.schedulerName", "default-scheduler"),
    (r"pod\.spec\.terminationGracePeriodSeconds", 30),
    # Of a container.
    (rf"{_CONTAINER}\.imagePullPolicy", re.compile("IfNotPresent|Always")),
    (rf"{_CONTAINER}\.terminationMessagePath", "/dev/termination-log"),
    (rf"{_CONTAINER}\.terminationMessagePolicy", "File"),
    (rf"{_CONTAINER}\.ports\[.*\]\.protocol", "TCP"),
    (rf"{_CONTAINER}\.env\[.*\]\.valueFrom\.fieldRef\.apiVersion", "v1"),
    (rf"{_CONTAINER}\.resources", {}),
    # Of a volume and of a claim.
    (r"pod\.spec\.volumes\[.*\]\.(secret|configMap)\.defaultMode", 420),
    (r"claim\.spec\.volumeMode", "Filesystem"),
    # Admission plugins: ServiceAccount, Priority, DefaultTolerationSeconds; of claims DefaultStorageClass, and the
    # protection of a claim that is in use.
    (r"pod\.spec\.serviceAccount(Name)?", "default"),
    (r"pod\.spec\.priority", 0),
    (r"pod\.spec\.preemptionPolicy", "PreemptLowerPriority"),
    (r"pod\.spec\.tolerations\[node\.kubernetes\.io/(not-ready|unreachable)\]", _ANY),
    (r"claim\.spec\.storageClassName", _ANY),
    (r"claim\.metadata\.finalizers", ["kubernetes.io/pvc-protection"]),
]
"""What the API server adds: fields, as patterns, and their values."""


@dataclass(frozen=True)
class Case:
    """A server that is started."""

    values: str
    user: str
    server: str = ""
    profile: str = ""
    options: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """The command line's."""
        pairs = [("--server", self.server), ("--profile", self.profile)]
        pairs += [("--option", f"{key}={value}") for key, value in self.options]
        pairs += [("--group", group) for group in self.groups]
        return [self.user, *(word for key, value in pairs if value for word in (key, value))]


NAMES = ("ada", "grace.hopper", "zoë", "someone@example.org", "12345", "a-b_c", "UPPER".lower(), "x" * 70, "o'neil")


def cases(values: str) -> list[Case]:
    """Return the servers of a value file, no two with one user and name."""
    found = [Case(values, f"{values}-{name}") for name in NAMES[:5]]
    found += [Case(values, f"{values}-{name}", server) for name, server in zip(NAMES[4:], NAMED, strict=False)]
    if values == "rich":
        choices = itertools.product(("one", "two"), ("few", "many"), ((), ("physics",), ("physics", "art")))
        found += [
            Case(values, f"chooser{at}", "", "big", (("image", image), ("cores", cores)), groups)
            for at, (image, cores, groups) in enumerate(choices)
        ]
        found += [
            Case(values, f"profile-{slug}", server, slug)
            for slug in ("small", "big", "elsewhere")
            for server in ("", "s")
        ]
        found += [Case(values, "member", groups=("physics",)), Case(values, "painter", groups=("art",))]
    return found


NAMED = ("two", "named-server", "s3", "y" * 30, "last")


@pytest.fixture(scope="module")
def release(new_release: Callable[[str], Release]) -> Release:
    return new_release("explain")


@pytest.mark.parametrize("values", ["plain", "rich", "shared"])
def test_explain_says_what_the_api_server_holds(values: str, release: Release, tmp_path: Path) -> None:
    own = yaml.safe_load((VALUES / f"{values}.yaml").read_text(encoding="utf-8"))
    name, _, tag = release.access.images["singleuser"].rpartition(":")
    own["singleuser"]["image"] = {"name": name, "tag": tag}
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(own), encoding="utf-8")
    release.install(own)
    hub = Hub(
        f"{release.url()}{own['hub'].get('baseUrl', '/').rstrip('/')}",
        release.credentials()["hub.services.tests.apiToken"],
    )
    started = cases(values)
    for case in started:
        start(hub, case)
    stored = made(release, started)
    problems = []
    for case in started:
        explained = explain(release, file, case)
        for kind, told in explained.items():
            held = stored[kind][told["metadata"]["name"]]
            problems += [f"{case}: {line}" for line in differences(told, held, kind)]
    assert problems == []


def test_there_are_enough_cases() -> None:
    found = [case for values in ("plain", "rich", "shared") for case in cases(values)]
    assert len({(case.user, case.server) for case in found}) == len(found) >= 50


def start(hub: Hub, case: Case) -> None:
    """Ask the hub for the server, as the form does."""
    hub.user(case.user)
    for group in case.groups:
        if hub.client.get(f"groups/{group}").is_error:
            hub.call("POST", f"groups/{group}")
        hub.call("POST", f"groups/{group}/users", json={"users": [case.user]})
    options = ({"profile": case.profile} if case.profile else {}) | dict(case.options)
    hub.call(
        "POST", f"users/{case.user}/servers/{case.server}" if case.server else f"users/{case.user}/server", json=options
    )


def made(release: Release, started: list[Case]) -> dict[str, dict[str, Object]]:
    """Return the pods and claims of the servers by their names, once all pods are there."""
    users = {case.user for case in started}

    def of_these(pods: list[Object]) -> list[Object] | None:
        mine = [pod for pod in pods if pod["metadata"]["annotations"]["hub.jupyter.org/username"] in users]
        return mine if len(mine) == len(started) else None

    pods = release.kube.wait(
        f"{len(started)} pods of users",
        "Pod",
        of_these,
        timeout=PODS_SECONDS,
        namespace=release.namespace,
        selector="component=singleuser-server",
    )
    claims = release.kube.list("PersistentVolumeClaim", release.namespace, "component=singleuser-storage")
    return {
        kind: {each["metadata"]["name"]: each for each in found} for kind, found in (("pod", pods), ("claim", claims))
    }


def explain(release: Release, file: Path, case: Case) -> dict[str, Object]:
    """Return what the command prints, by kind."""
    printed = io.StringIO()
    place = ["--release", release.name, "--namespace", release.namespace]
    with contextlib.redirect_stdout(printed):
        assert main(["explain", *case.words, *place, "-f", str(file)]) == 0
    documents = list(yaml.safe_load_all(printed.getvalue()))
    return dict(zip(("pod", "claim"), documents, strict=False))


def differences(told: Any, held: Any, path: str) -> Iterator[str]:
    """Yield a line for each field that differs, and for each that was added and is in no list."""
    if isinstance(told, dict) and isinstance(held, dict):
        yield from _in_maps(told, held, path, ".{}")
    elif isinstance(told, list) and isinstance(held, list) and _keyed(told + held):
        yield from _in_maps(_by_key(told), _by_key(held), path, "[{}]")
    elif not (told == held or (told == MADE_AT_START and held) or _same_quantity(path, told, held)):
        yield f"{path}: explained {told!r}, stored {held!r}"


def _in_maps(told: dict[str, Any], held: dict[str, Any], path: str, form: str) -> Iterator[str]:
    for key in sorted(told.keys() | held.keys()):
        at = path + form.format(key)
        if key in told and key in held:
            yield from differences(told[key], held[key], at)
        elif key in told and told[key] not in ({}, [], None, ""):
            yield f"{at}: explained {told[key]!r}, stored not at all"
        elif key in held and not _is_added(at, held[key]):
            yield f"{at}: not explained, stored {held[key]!r}"


def _is_added(path: str, value: Any) -> bool:
    """Tell whether a field is one that the API server adds, with the value that it adds."""
    for pattern, expected in _ADDED:
        if re.fullmatch(pattern, path):
            return expected is _ANY or (
                bool(expected.fullmatch(value)) if isinstance(expected, re.Pattern) else bool(value == expected)
            )
    return False


def _keyed(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(each, dict) and _key(each) for each in items)


def _key(item: dict[str, Any]) -> str:
    """Return what tells an item from the others of its list; nothing where nothing does."""
    return str(next((item[key] for key in ("mountPath", "name", "containerPort", "key") if key in item), ""))


def _by_key(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a list of named things as a map: containers, variables, volumes, mounts, tolerations."""
    found = {_key(each): each for each in items}
    assert len(found) == len(items), f"two of one name among {items}"
    return found


def _same_quantity(path: str, told: Any, held: Any) -> bool:
    """The API server writes amounts in a form of its own (Kubernetes "Quantity"): 1073741824 as 1Gi."""
    return ".resources." in path and parse_quantity(told) == parse_quantity(held)
