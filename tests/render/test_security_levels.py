"""Values above the level that `singleuser.security.level` chooses: Helm and `hub-config` say the same sentences."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.pod_security.contradictions import contradictions
from hub_config.pod_security.standards import Level, violations
from tests.pod_specs import POD_SPECS
from tests.render.chart import merged, nested, template
from tests.unit.composed import values

pytestmark = pytest.mark.render

ROOT = {
    "name": "chown",
    "image": "i",
    "securityContext": {"runAsUser": 0, "capabilities": {"add": ["CHOWN", "SYS_ADMIN"]}},
}
NFS = {"name": "shared", "nfs": {"server": "s", "path": "/p"}}
NODE = {"name": "node", "hostPath": {"path": "/"}}
UNSAID = {"escalation unsaid", "perhaps root", "capabilities kept", "no seccomp"}
"""Pods that lack what the level `restricted` wants to be said."""
TRAITS: dict[str, Any] = {
    "uid": 0,
    "privileged": True,
    "allow_privilege_escalation": None,
    "container_security_context": {"seccompProfile": {"type": "Unconfined"}, "procMount": "Unmasked"},
    "pod_security_context": {"seLinuxOptions": {"type": "spc_t", "user": "u"}, "runAsNonRoot": False},
    "extra_pod_config": {"hostPID": True, "volumes": [NODE]},
    "extra_container_config": {"ports": [{"hostPort": 80, "containerPort": 80}]},
    "init_containers": [ROOT],
    "extra_containers": {"a": ROOT},
    "volumes": {"a": NFS, "b": NODE},
}
USER: dict[str, Any] = {
    "uid": 0,
    "privileged": True,
    "allowPrivilegeEscalation": True,
    "containerSecurityContext": {"capabilities": {"drop": ["NET_RAW"], "add": ["SYS_PTRACE", "KILL"]}},
    "podSecurityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}], "runAsUser": 0},
    "extraPodConfig": {
        "hostNetwork": True,
        "hostIPC": True,
        "securityContext": {"windowsOptions": {"hostProcess": True}},
        "initContainers": [ROOT],
    },
    "extraContainerConfig": {
        "livenessProbe": {"httpGet": {"port": 80, "host": "10.0.0.1"}},
        "securityContext": {"appArmorProfile": {"type": "Unconfined"}},
    },
    "initContainers": [ROOT],
    "extraContainers": [{"name": "b", "image": "b", "lifecycle": {"preStop": {"tcpSocket": {"port": 1, "host": "h"}}}}],
    "storage": {"extraVolumes": [NFS, NODE]},
    "security": {
        "seLinuxOptions": {"role": "r"},
        "appArmorProfile": {"type": "Unconfined"},
        "seccompProfile": {"type": "Unconfined"},
    },
    "groupOverrides": {"staff": {"groups": ["staff"], "spawner_override": TRAITS}},
    "profileList": [
        {
            "display_name": "a",
            "kubespawner_override": TRAITS,
            "profile_options": {
                "o": {
                    "display_name": "o",
                    "choices": {"c": {"display_name": "c", "kubespawner_override": TRAITS}},
                    "unlisted_choice": {"enabled": True, "kubespawner_override": {"uid": 0}},
                }
            },
        },
        {"display_name": "admins", "kubespawner_override": {"security_level": "privileged", **TRAITS}},
    ],
}
OWN: dict[str, Any] = {"singleuser": USER, "hub": {"config": {"KubeSpawner": TRAITS}}}


def told(own: dict[str, Any]) -> list[str]:
    """Return what `hub-config` says."""
    return sorted(f"{key}: {text}" for key, text in contradictions(values(own)))


def told_by_helm(own: dict[str, Any]) -> list[str]:
    answer = template(own)
    return sorted(line for line in answer.error.splitlines() if "singleuser.security.level: " in line)


@pytest.mark.parametrize(("level", "number"), [("restricted", 102), ("baseline", 59), ("privileged", 0), (None, 0)])
def test_helm_and_the_command_say_the_same(level: str | None, number: int) -> None:
    own = merged(OWN, nested("singleuser.security.level", level))
    assert told_by_helm(own) == told(own)
    assert len(told(own)) == number


@pytest.mark.parametrize("level", ["restricted", "baseline"])
def test_what_a_pod_may_not_say_values_may_not_say(level: Level) -> None:
    """Each rule of the standards, as a profile of its own; what is only missing is filled in at the start."""
    profiles = [
        {"display_name": name, "kubespawner_override": {"extra_pod_config": spec}}
        for name, (_, spec, _) in POD_SPECS.items()
    ]
    own = {"singleuser": {"security": {"level": level}, "profileList": profiles}}
    assert told_by_helm(own) == told(own)
    refused = {name for number, name in enumerate(POD_SPECS) if f"profileList[{number}]" in "\n".join(told(own))}
    assert refused == {name for name, (_, spec, _) in POD_SPECS.items() if violations(spec, level)} - UNSAID


def test_a_sentence_names_the_value_and_the_lowest_level_that_allows_it() -> None:
    own = {"singleuser": {"security": {"level": "restricted"}, "uid": 0, "storage": {"extraVolumes": {"n": NODE}}}}
    forbids = "which singleuser.security.level: restricted forbids: remove it, or write singleuser.security.level:"
    assert told_by_helm(own) == [
        f"singleuser.storage.extraVolumes.n: volume node: hostPath, {forbids} privileged",
        f"singleuser.uid: runAsUser is 0, {forbids} baseline",
    ]
