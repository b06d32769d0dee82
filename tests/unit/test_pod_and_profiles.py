"""`singleuser.pod`, `.network` and `.profiles`: name, labels, containers and choices."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.problems import problems
from tests.unit.composed import composed, pod, singleuser, spawner_traits, values

pytestmark = pytest.mark.unit

NETWORK = {"hub.jupyter.org/network-access-hub": "true"}


def test_labels() -> None:
    """Those that dashboards and network policies select on, and Kubernetes' own."""
    assert pod(singleuser(extraLabels={"team": "science"}))["metadata"]["labels"] == {
        "app": "jupyterhub",
        "component": "singleuser-server",
        "release": "test",
        "app.kubernetes.io/name": "jupyterhub",
        "app.kubernetes.io/component": "singleuser-server",
        "app.kubernetes.io/instance": "test",
        "app.kubernetes.io/managed-by": "kubespawner",
        "hub.jupyter.org/username": "ada",
        "hub.jupyter.org/servername": "",
        "team": "science",
        **NETWORK,
    }


def test_name_override_is_the_application_in_labels() -> None:
    labels = pod({"nameOverride": "lab"})["metadata"]["labels"]
    assert (labels["app"], labels["app.kubernetes.io/name"]) == ("lab", "lab")


@pytest.mark.parametrize(("template", "name"), [(None, "jupyter-ada"), ("lab-{user_server}", "lab-ada")])
def test_pod_name(template: str | None, name: str) -> None:
    assert pod(singleuser(podNameTemplate=template))["metadata"]["name"] == name


def test_pods_are_made_in_the_releases_namespace() -> None:
    assert composed(namespace="elsewhere").KubeSpawner.namespace == "elsewhere"


@pytest.mark.parametrize(
    ("value", "key", "content"),
    [
        ("initContainers", "initContainers", [{"name": "prepare", "image": "busybox"}]),
        ("extraPodConfig", "terminationGracePeriodSeconds", 3),
        ("extraPodConfig", "hostAliases", [{"ip": "10.0.0.1", "hostnames": ["db"]}]),
    ],
)
def test_parts_of_the_pod(value: str, key: str, content: Any) -> None:
    own = {key: content} if value == "extraPodConfig" else content
    assert pod(singleuser(**{value: own}))["spec"][key] == content


def test_containers_beside_the_users_and_hooks() -> None:
    helper = {"name": "helper", "image": "busybox"}
    hooks = {"postStart": {"exec": {"command": ["echo"]}}}
    first, second = pod(singleuser(extraContainers=[helper], lifecycleHooks=hooks))["spec"]["containers"]
    assert (first["name"], first["lifecycle"], second) == ("notebook", hooks, helper)


@pytest.mark.parametrize(
    ("own", "trait", "value"),
    [
        ({}, "start_timeout", 300),
        ({"startTimeout": 9}, "start_timeout", 9),
        ({}, "events_enabled", True),
        ({"events": False}, "events_enabled", False),
        ({"extraAnnotations": {"a": "b"}}, "extra_annotations", {"a": "b"}),
    ],
)
def test_start(own: dict[str, Any], trait: str, value: Any) -> None:
    assert spawner_traits({"singleuser": own})[trait] == value


PROFILES = [
    {"display_name": "Small", "slug": "small", "default": True},
    {
        "display_name": "Large",
        "slug": "large",
        "kubespawner_override": {"mem_guarantee": None, "mem_limit": "8G", "node_selector": {"disk": "huge"}},
        "profile_options": {
            "image": {
                "display_name": "Language",
                "unlisted_choice": {"enabled": True, "kubespawner_override": {"image": "{value}"}},
                "choices": {
                    "r": {"display_name": "R", "default": True, "kubespawner_override": {"image": "r:1"}},
                    "julia": {"display_name": "Julia", "kubespawner_override": {"image": "julia:1"}},
                },
            }
        },
    },
]


def test_kubespawner_gets_profiles_as_they_are_written() -> None:
    """Without the keys that nobody wrote; a null inside an override stays, as it takes a guarantee away."""
    assert spawner_traits(singleuser(profileList=PROFILES))["profile_list"] == PROFILES


def test_without_profiles_there_is_no_choice() -> None:
    assert "profile_list" not in spawner_traits()


@pytest.mark.parametrize(
    ("choice", "image", "memory"),
    [
        ({"profile": "small"}, "jupyterhub-chart/singleuser:set-by-chartpress", {"requests": {"memory": 1024**3}}),
        ({"profile": "large"}, "r:1", {"limits": {"memory": 8 * 1024**3}}),
        ({"profile": "large", "image": "julia"}, "julia:1", {"limits": {"memory": 8 * 1024**3}}),
        ({"profile": "large", "image--unlisted-choice": "own:2"}, "own:2", {"limits": {"memory": 8 * 1024**3}}),
    ],
)
def test_a_users_choice(choice: dict[str, str], image: str, memory: dict[str, Any]) -> None:
    spec = pod(singleuser(profileList=PROFILES), **choice)["spec"]
    assert spec["containers"][0]["image"] == image
    assert spec["containers"][0]["resources"] == {"requests": {}, "limits": {}, **memory}
    assert spec.get("nodeSelector") == ({"disk": "huge"} if choice["profile"] == "large" else None)


def test_a_key_that_kubespawner_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        values(singleuser(profileList=[{"displayName": "Small"}]))
    assert problems(caught.value) == [
        "singleuser.profileList[0].displayName: unknown key; did you mean display_name?",
    ]


def test_questions_and_choices_come_in_helms_order() -> None:
    """What has no default takes the first by its key, offline as in a hub, whose values Helm has sorted."""
    choices = {key: {"display_name": key, "kubespawner_override": {"image": f"{key}:1"}} for key in ("torch", "base")}
    options = {"z": {"display_name": "Z"}, "image": {"display_name": "Image", "choices": choices}}
    own = singleuser(profileList=[{"display_name": "a", "profile_options": options}])
    (profile,) = spawner_traits(own)["profile_list"]
    assert list(profile["profile_options"]) == ["image", "z"]
    assert list(profile["profile_options"]["image"]["choices"]) == ["base", "torch"]
