"""What runs before an install or upgrade: its order, and that nothing of it stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.chart import Manifest, Rendered, render

pytestmark = pytest.mark.render


def hooks(rendered: Rendered) -> dict[str, Manifest]:
    marked = [each for each in rendered if "helm.sh/hook" in each["metadata"].get("annotations", {})]
    return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["annotations"] for each in marked}


def test_the_order_of_the_hooks(default: Rendered) -> None:
    found = hooks(default)
    runs = {
        name: int(note["helm.sh/hook-weight"]) for name, note in found.items() if name.startswith(("Job", "Daemon"))
    }
    assert sorted(runs, key=lambda name: runs[name]) == [
        "Job/hub-preflight",
        "DaemonSet/hook-image-puller",
        "Job/hook-image-awaiter",
        "Job/hub-credentials",
    ]
    assert {int(note["helm.sh/hook-weight"]) for name, note in found.items() if name not in runs} == {-20}
    assert len(set(runs.values())) == len(runs)


def test_nothing_of_a_hook_stays_whether_it_succeeds_or_fails(default: Rendered) -> None:
    for note in hooks(default).values():
        assert note["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert note["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded,hook-failed"


def test_helm_prints_what_a_job_that_failed_said(default: Rendered) -> None:
    for job in default.all("Job"):
        policy = job["metadata"]["annotations"]["helm.sh/hook-output-log-policy"]
        # The preflight job may have something to tell of a network without policies, too.
        told = job["metadata"]["name"] == "hub-preflight"
        assert policy == ("hook-failed,hook-succeeded" if told else "hook-failed")
        assert job["spec"]["activeDeadlineSeconds"] > 0


def test_what_a_hook_needs_is_a_hook_too(default: Rendered) -> None:
    found = hooks(default)
    for name in ("hub-preflight", "hub-credentials", "hook-image-awaiter"):
        assert {f"{kind}/{name}" for kind in ("ServiceAccount", "Role", "RoleBinding", "Job")} <= set(found)
    assert "ConfigMap/hub-preflight" in found
    given = hooks(render({"hub": {"cookieSecret": "00" * 32}}))
    assert set(given) - set(found) == {"Secret/hub-preflight"}


def test_the_registrys_login_is_there_before_the_first_pod_and_stays(full: Rendered) -> None:
    found = hooks(full)
    login = found["Secret/science-image-pull-secret"]
    assert login["helm.sh/hook-delete-policy"] == "before-hook-creation"
    assert int(login["helm.sh/hook-weight"]) == min(int(note["helm.sh/hook-weight"]) for note in found.values())


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"preflight": {"enabled": False}}, {"hook-image-awaiter", "hook-image-puller", "hub-credentials", "jobs"}),
        ({"prePuller": {"hook": {"enabled": False}}}, {"hub-preflight", "hub-credentials", "jobs"}),
    ],
)
def test_what_is_switched_off_leaves_nothing_behind(values: dict[str, Any], left: set[str]) -> None:
    assert {name.split("/")[1] for name in hooks(render(values))} == left


def test_pullers_pull_each_image_once(full: Rendered) -> None:
    spec = full.get("DaemonSet", "science-continuous-image-puller")["spec"]["template"]["spec"]
    user = "jupyterhub-chart/singleuser:"
    images = [each["image"] for each in spec["initContainers"]]
    assert images[0].startswith(user)
    assert images[1:] == ["busybox:1", "one:1", "two:2", "more:3"]
    assert spec["containers"][0]["image"] == "pause:4"
    assert [each["name"] for each in spec["imagePullSecrets"]] == [
        "science-image-pull-secret",
        "another",
        "user-login",
        "pause-login",
    ]


def test_pullers_run_where_user_pods_may(full: Rendered) -> None:
    spec = full.get("DaemonSet", "science-hook-image-puller")["spec"]["template"]["spec"]
    required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    purpose = {"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}
    assert required["nodeSelectorTerms"] == [{"matchExpressions": [{"key": "kind", "operator": "Exists"}, purpose]}]
    assert {each["value"] for each in spec["tolerations"]} == {"user"}
