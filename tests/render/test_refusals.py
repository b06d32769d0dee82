"""Bad values, and what a person is told: by the schema what it can say, by `validate.yaml` all the rest at once."""

from __future__ import annotations

from typing import Any

import pytest

from hub_config.commands.rules import broken
from hub_config.generate import not_null_paths
from hub_config.z2jh_keys import GONE, TAKEN, NotYet
from tests.render.chart import Said, merged, nested, render, schema_errors, template
from tests.render.together import key, refusals
from tests.unit.composed import values

pytestmark = pytest.mark.render

BY_SCHEMA = [
    ("hub.basUrl", "/", "at '/hub': additional properties 'basUrl' not allowed"),
    ("nonsense", 1, "at '': additional properties 'nonsense' not allowed"),
    ("hub.concurrentSpawnLimit", "64", "at '/hub/concurrentSpawnLimit': got string, want null or integer"),
    ("hub.baseUrl", "jupyter", "at '/hub/baseUrl'"),
    ("hub.tolerations", [{"kee": "x"}], "at '/hub/tolerations/0': additional properties 'kee' not allowed"),
    ("hub.extraContainers", [{"image": "a"}], "at '/hub/extraContainers/0': missing property 'name'"),
    ("singleuser.storage.type", "dinamic", "at '/singleuser/storage/type': value must be one of"),
    ("singleuser.memory.limit", "1Gi", "at '/singleuser/memory/limit'"),
    ("proxy.service.nodePorts.http", 99999, "at '/proxy/service/nodePorts/http': maximum"),
    ("scheduling.userPods.nodeAffinity.matchNodePurpose", "always", "value must be one of"),
    (
        "hub.config.JupyterHub.admin_acess",
        True,
        "at '/hub/config/JupyterHub': additional properties 'admin_acess' not allo",
    ),
    (
        "hub.config.Authenticator.admin_user",
        ["a"],
        "at '/hub/config/Authenticator': additional properties 'admin_user' not",
    ),
    ("hub.config.KubeSpawner.mem_limit", "1Gi", "at '/hub/config/KubeSpawner/mem_limit'"),
    (
        "hub.config.JupyterHub.template_paths",
        "/a",
        "at '/hub/config/JupyterHub/template_paths': got string, want array",
    ),
    ("quota", {"hards": {}}, "at '/quota': additional properties 'hards' not allowed"),
    ("limitRange.limits", [{"max": {}}], "at '/limitRange/limits/0': missing property 'type'"),
    ("quota.hard", {"requests.memory": "4xi"}, "at '/quota/hard/requests.memory': '4xi' does not match pattern"),
    ("hub.resources.requests", {"cpu": "100mm"}, "at '/hub/resources/requests/cpu'"),
    ("budgets.a", {"serverss": 2}, "at '/budgets/a': additional properties 'serverss' not allowed"),
    ("ingress.tls", [{"host": "x"}], "at '/ingress/tls/0': additional properties 'host' not allowed"),
    ("networkPolicy.kubernetesApi.cidrs", ["10.0.0.1"], "at '/networkPolicy/kubernetesApi/cidrs/0'"),
    ("networkPolicy.kubernetesApi.cidrs", ["10.0.0.256/32"], "at '/networkPolicy/kubernetesApi/cidrs/0'"),
    ("networkPolicy.kubernetesApi.ports", [65536], "at '/networkPolicy/kubernetesApi/ports/0'"),
    ("singleuser.cloudMetadata.ip", "metadata.google.internal", "at '/singleuser/cloudMetadata/ip'"),
    (
        "singleuser.networkPolicy.egressAllowRules.privateIps",
        True,
        "at '/singleuser/networkPolicy/egressAllowRules': additional properties 'privateIps' not allowed",
    ),
]

FILE = {"mountPath": "/a.yaml"}
TENANTS = [
    (
        "quota.hard",
        {"requests.memory": "512Mi"},
        (
            "quota.hard: requests.memory: 512Mi does not hold a server (1Gi) beside the 456Mi of hub, proxy and hooks: "
            "write 1480Mi or more"
        ),
    ),
    ("quota.hard", {"request.memory": "9Gi"}, "quota.hard.request.memory: Kubernetes counts nothing of this name"),
    (
        "quota.hard",
        {"requests.cpu": 4},
        "quota.hard: requests.cpu: Kubernetes then refuses every pod that does not say",
    ),
    ("quota.hard", {"limits.cpu": 4}, "limits.cpu, and hub.resources and"),
    ("quota.hard", {"pods": 4}, "quota.hard: pods: 4 does not hold the pods of the chart and one user's: write 5 or m"),
    ("quota.hard", {"requests.storage": "5Gi"}, "5Gi does not hold a user's home (10Gi): write 10Gi or more"),
    (
        "singleuser.namespace",
        {"name": "users", "quota": {"hard": {"requests.memory": "0.5Gi"}}},
        "singleuser.namespace.quota.hard: requests.memory: 0.5Gi does not hold a server (1Gi): write 1Gi or more",
    ),
    (
        "limitRange.limits",
        [{"type": "Container", "max": {"memory": "3Gi", "cpu": "50m"}}],
        "limitRange.limits: max.cpu of Container: the guarantee or request of hub.resources, 0.1, is above 50m",
    ),
    (
        "singleuser.namespace",
        {"name": "users", "limitRange": {"limits": [{"type": "Container", "max": {"memory": "1000Mi"}}]}},
        "max.memory of Container: the guarantee or request of a server, 1Gi, is above 1000Mi",
    ),
    (
        "singleuser.namespace",
        {"name": "users", "limitRange": {"limits": [{"type": "Pod", "min": {"memory": "2Gi"}}]}},
        "min.memory of Pod: the guarantee or request of a server, 1Gi, is below 2Gi",
    ),
    (
        "limitRange.limits",
        [{"type": "Node"}],
        "limitRange.limits: type: write one of Container, Pod, PersistentVolumeC",
    ),
    ("singleuser.namespace.name", "lab-{username}", "singleuser.namespace.perUser: is missing: the hub has rights in"),
    (
        "singleuser.namespace",
        {"name": "lab-{servername}", "perUser": ["lab-a"]},
        "singleuser.namespace.name: lab-{servername} would be one namespace for several users",
    ),
    ("singleuser.namespace.name", "-lab", "singleuser.namespace.name: -lab is no name of a namespace"),
    ("singleuser.namespace.perUser", ["lab-a"], "singleuser.namespace.perUser: is set, but name has no {username}"),
    ("singleuser.namespace.former", ["lab-a"], "singleuser.namespace.former: is set, but name is not"),
    ("budgets.a", {"groups": ["a"]}, "budgets.a: the budget limits nothing: write servers, cpu, memory or extraRes"),
    ("budgets.a", {"memory": "512M"}, "budgets.a.memory: the smallest server takes 1Gi, more than 512Mi: write 1Gi"),
    ("budgets.a", {"cpu": 4}, "budgets.a.cpu: counts cpu, of which no server has a guarantee or limit"),
]
BY_CHART = [
    ("singleuser.memory.limit", "512M", "singleuser.memory: guarantee 1G is above limit 512M: raise limit or lower"),
    ("singleuser.memory.limit", 1000, "singleuser.memory: guarantee 1G is above limit 1000"),
    ("singleuser.memory", {"limit": "1.5K", "guarantee": 1537}, "guarantee 1537 is above limit 1.5K"),
    ("singleuser.cpu", {"limit": 0.5, "guarantee": 1}, "singleuser.cpu: guarantee 1 is above limit 0.5"),
    ("singleuser.storage.type", "static", "singleuser.storage.static.pvcName: singleuser.storage.type static needs it"),
    ("singleuser.storage.static.pvcName", "homes", "singleuser.storage.static.pvcName: is set, but"),
    (
        "singleuser.storage",
        {"type": "none", "dynamic": {"storageClass": "x"}},
        "singleuser.storage.dynamic.storageClass: is set, but singleuser.storage.type is none",
    ),
    ("singleuser.storage.type", "csi", "singleuser.storage.csi.driver: singleuser.storage.type csi needs it"),
    ("singleuser.storage.nfs.server", "files", "singleuser.storage.nfs.server: is set, but"),
    ("singleuser.storage.type", "volume", "singleuser.storage.volume.source: singleuser.storage.type volume needs it"),
    (
        "singleuser.storage.groupShares.A",
        {"volume": {"emptyDir": {}}, "mountPath": "/a", "readOnly": ["g"]},
        "singleuser.storage.groupShares.A: a name of a share may have lower-case letters",
    ),
    (
        "singleuser.storage.groupShares.a",
        {"volume": {"name": "x", "emptyDir": {}}, "mountPath": "/a"},
        "singleuser.storage.groupShares.a.volume: write one kind of volume",
    ),
    ("hub.db.type", "mysql", "hub.db.url: hub.db.type mysql needs it"),
    ("hub.db.url", "x", "hub.db.url: hub.db.type sqlite-pvc takes none"),
    (
        "networkPolicy",
        {"required": True, "enabled": False},
        "which needs networkPolicy.enabled: true",
    ),
    ("networkPolicy.kubernetesApi.ports", [], "networkPolicy.kubernetesApi.ports: without a port the hub reaches no"),
    (
        "hub.db",
        {"type": "postgres", "url": "postgresql://hub@db/hub", "backup": {"enabled": True}},
        "hub.db.backup.enabled: hub.db.type postgres is not backed up by the hub",
    ),
    ("hub.db.password", "x", "hub.db.password: hub.db.type sqlite-pvc takes none"),
    (
        "singleuser",
        {"cloudMetadata": {"blockWithIptables": True}, "networkPolicy": {"enabled": False}},
        "singleuser.cloudMetadata.blockWithIptables: no privileged container blocks the metadata server here",
    ),
    ("hub.config.baseUrl", {"x": 1}, "If you meant hub.baseUrl, move it one level up"),
    ("hub.extraFiles.a", FILE, "hub.extraFiles.a: write the content as exactly one of data, stringData and binaryData"),
    (
        "singleuser.extraFiles.a",
        {**FILE, "data": {"a": 1}, "stringData": ""},
        "singleuser.extraFiles.a: write the content as exactly one of",
    ),
    ("hub.extraFiles.a", {"mountPath": "/a.txt", "data": {"a": 1}}, "end it with .yaml, .yml, .json or .toml"),
    ("hub.extraFiles.a", {"mountPath": "a.txt", "stringData": "b"}, 'hub.extraFiles.a.mountPath: "a.txt" is no absol'),
    ("hub.extraFiles", {"a/b": {**FILE, "stringData": "b"}}, "hub.extraFiles.a/b: a name of a file here may have"),
    ("fullnameOverride", "a" * 45, "fullnameOverride: the prefix aaa"),
    ("fullnameOverride", "Upper", 'fullnameOverride: the prefix "Upper" may have lower-case letters'),
    ("hub.existingSecret", "hub-credentials", "hub.existingSecret: hub-credentials is a Secret of the chart itself"),
    ("imagePullSecret.create", True, "imagePullSecret.create: a login needs imagePullSecret.username and"),
    ("hub.pdb", {"enabled": True, "maxUnavailable": 1}, "hub.pdb: Kubernetes takes one of maxUnavailable and"),
    ("proxy.chp.pdb", {"enabled": True, "minAvailable": None}, "proxy.chp.pdb: write maxUnavailable or minAvailable"),
    ("hub.deploymentStrategy.rollingUpdate", {"maxSurge": 1}, "hub.deploymentStrategy.rollingUpdate: belongs to type"),
    (
        "proxy.service",
        {"type": "ClusterIP", "nodePorts": {"http": 30080}},
        "proxy.service.nodePorts.http: a Service of type ClusterIP",
    ),
    (
        "proxy.service",
        {"type": "NodePort", "loadBalancerSourceRanges": ["10.0.0.0/8"]},
        "proxy.service.loadBalancerSourceRanges: has a meaning with a load balancer only",
    ),
    (
        "proxy.service",
        {"type": "ClusterIP", "loadBalancerIP": "10.0.0.1"},
        "proxy.service.loadBalancerIP: has a meaning with a load balancer",
    ),
    ("hub.service.ports.nodePort", 30881, "hub.service.ports.nodePort: a Service of type ClusterIP"),
    ("hub.service.loadBalancerIP", "10.0.0.1", "hub.service.loadBalancerIP: has a meaning with a load balancer only"),
    (
        "singleuser.security",
        {"level": "baseline", "appArmorProfile": {"type": "Unconfined"}},
        "appArmorProfile Unconfin",
    ),
    ("singleuser.privileged", True, "singleuser.privileged: Kubernetes refuses a privileged container without"),
    (
        "singleuser.profileList",
        [{"display_name": "a", "default": True}, {"display_name": "b", "default": True}],
        "singleuser.profileList: one profile may be the default, not a, b",
    ),
    (
        "singleuser.groupOverrides.a",
        {"groups": ["b"], "spawner_override": {"profile_list": []}},
        "singleuser.groupOverrides.a: spawner_override: profile_list would not be shown: write allowed_groups",
    ),
    *TENANTS,
]


OPEN = {
    "dummy": {"JupyterHub": {"authenticator_class": "dummy"}},
    "dummy with a password": {
        "JupyterHub": {"authenticator_class": "jupyterhub.auth.DummyAuthenticator"},
        "DummyAuthenticator": {"password": "x"},
    },
    "tmp": {"JupyterHub": {"authenticator_class": "tmp"}, "Authenticator": {"allow_all": True}},
    "native": {"JupyterHub": {"authenticator_class": "native"}, "NativeAuthenticator": {"open_signup": True}},
}
CLOSED = {
    "nothing said": {},
    "shared-password": {"JupyterHub": {"authenticator_class": "shared-password"}, "Authenticator": {"allow_all": True}},
    "native": {"JupyterHub": {"authenticator_class": "native"}},
    "github": {"JupyterHub": {"authenticator_class": "github"}, "GitHubOAuthenticator": {"allow_all": True}},
}
WAYS_IN: list[dict[str, Any]] = [
    nested("proxy.service.loadBalancerIP", "7.7.7.7"),
    nested("proxy.service.nodePorts.http", 30080),
    nested("proxy.service.type", "LoadBalancer"),
    nested("proxy.service.type", "NodePort"),
    nested("proxy.service.externalIPs", ["7.7.7.7"]),
    nested("hub.service.type", "NodePort"),
    nested("ingress.enabled", True),
]


def refused_by_the_chart(own: dict[str, Any]) -> Said:
    """Return what Helm says of values that the schema takes and the chart must refuse."""
    assert schema_errors(own) == []
    answer = template(own, schema_checked=True)
    assert answer.code != 0
    return answer


@pytest.mark.parametrize("way", WAYS_IN, ids=str)
@pytest.mark.parametrize("who", OPEN)
def test_an_open_door_is_refused(who: str, way: dict[str, Any]) -> None:
    own = merged({"hub": {"config": OPEN[who]}}, way)
    said = refused_by_the_chart(own).error
    sentences = [f"{each.key}: {each.text}" for each in broken(values(own))]
    assert len(sentences) == 1
    assert sentences[0] in said
    assert "leads here from outside the cluster" in said
    assert "write hub.allowOpenLogin: true if everybody may come in" in said


@pytest.mark.parametrize(
    "own",
    [
        *({"hub": {"config": config}} for config in OPEN.values()),
        *(merged({"hub": {"config": config}}, WAYS_IN[-1]) for config in CLOSED.values()),
        merged({"hub": {"config": OPEN["dummy"], "allowOpenLogin": True}}, WAYS_IN[0]),
    ],
)
def test_a_door_that_is_closed_or_meant_to_be_open_is_fine(own: dict[str, Any]) -> None:
    render(own)
    assert broken(values(own)) == []


@pytest.mark.parametrize(
    ("host", "tls", "fine"),
    [
        ("https://hub.example.org", [{"hosts": ["hub.example.org"]}], False),
        ("https://hub.example.org:8443", [{"secretName": "a"}], False),
        ("https://hub.example.org", [{"hosts": ["hub.example.org"]}, {"hosts": ["*.hub.example.org"]}], True),
        ("https://hub.example.org", [], True),
        ("http://hub.example.org", [{"hosts": ["hub.example.org"]}], True),
    ],
)
def test_subdomains_need_a_certificate(host: str, tls: list[dict[str, Any]], fine: bool) -> None:
    ingress = {"enabled": True, "hosts": ["hub.example.org"], "tls": tls}
    own: dict[str, Any] = {"hub": {"subdomainHost": host}, "ingress": ingress}
    rules = broken(values(own))
    assert len(rules) == int(not fine)
    if not fine:
        assert rules[0].text in refused_by_the_chart(own).error
    else:
        (made,) = render(own).all("Ingress")
        assert [rule.get("host") for rule in made["spec"]["rules"]] == ["hub.example.org", "*.hub.example.org"]
        args = render(own).get("Deployment", "proxy")["spec"]["template"]["spec"]["containers"][0]["args"]
        assert "--host-routing" in args


def test_every_key_of_zero_to_jupyterhub_that_is_refused_is_named_with_what_to_write_instead() -> None:
    gone = [key for key in GONE if not key.startswith("auth.")]
    not_yet = [key for key, said in TAKEN.items() if isinstance(said, NotYet)]
    answer = template(merged(*(nested(key, "x") for key in gone), *(nested(key, True) for key in not_yet)))
    assert answer.code != 0
    lines = answer.error.splitlines()
    assert [key for key in gone if f"{key}: {GONE[key].sentence}" not in lines] == []
    assert [key for key in not_yet if f"{key}: {TAKEN[key].sentence}" not in lines] == []


def test_what_the_schema_refuses_is_told_with_its_place() -> None:
    def helm(group: list[tuple[str, Any, str]]) -> str:
        answer = template(merged(*(nested(path, value) for path, value, _ in group)))
        assert (answer.code != 0, answer.out) == (True, "")
        return answer.error

    found = refusals(BY_SCHEMA, lambda case: (nested(case[0], case[1]), key(case[0])), helm)
    assert len(found) == len(BY_SCHEMA)
    assert [(case, told) for case, told in found if case[2] not in "\n".join(told or [])] == []


@pytest.mark.parametrize(("path", "value", "said"), BY_CHART)
def test_what_the_chart_refuses_is_told_in_words(path: str, value: Any, said: str) -> None:
    answer = refused_by_the_chart(nested(path, value))
    assert said in answer.error
    assert answer.out == ""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("singleuser.memory", {"limit": "1024M", "guarantee": "1G"}),
        ("singleuser.memory", {"limit": None, "guarantee": "64G"}),
        ("singleuser.cpu", {"limit": 1, "guarantee": 1}),
        ("singleuser.storage", {"type": "static", "static": {"pvcName": "homes"}}),
        ("hub.db", {"type": "other", "url": "sqlite:////x"}),
        ("hub.pdb", {"enabled": True, "minAvailable": None, "maxUnavailable": 0}),
        ("hub.extraFiles.a", {"mountPath": "/a", "stringData": ""}),
        ("singleuser", {"privileged": True, "allowPrivilegeEscalation": None}),
        (
            "hub.config",
            {"Mine": {"x": 1}, "JupyterHub": {"authenticator_class": "a.Mine"}, "Authenticator": {"of_mine": 1}},
        ),
        ("proxy.https.enabled", False),
        ("singleuser.cloudMetadata.blockWithIptables", True),
        ("scheduling.userScheduler.enabled", False),
        ("singleuser", {"privileged": True, "allowPrivilegeEscalation": True}),
    ],
)
def test_a_good_value_is_taken(path: str, value: Any) -> None:
    render(nested(path, value))


def test_all_problems_are_told_at_once() -> None:
    bad = merged(*(nested(path, value) for path, value, _ in BY_CHART[:1]), nested("hub.db.type", "mysql"))
    error = template(bad).error
    assert "singleuser.memory: " in error
    assert "hub.db.url: " in error


@pytest.mark.parametrize("path", ["hub", "proxy.service", "scheduling.userPods.tolerations", "hub.baseUrl", "ingress"])
def test_null_where_it_cannot_be_is_named_before_anything_else_fails(path: str) -> None:
    answer = template(nested(path, None))
    assert f"\n{path} may not be null: leave it out to have the default\n" in answer.error
    assert answer.error.count("may not be null") == 1


def test_every_null_that_is_not_allowed_is_named() -> None:
    paths = not_null_paths()
    leaves = [path for path in paths if not any(more.startswith(f"{path}.") for more in paths)]
    # The schema itself names these: an image has no default of its own.
    leaves = [path for path in leaves if not path.endswith((".image.name", ".image.tag"))]
    error = template(merged(*(nested(path, None) for path in leaves))).error
    assert [path for path in leaves if f"\n{path} may not be null" not in error] == []
