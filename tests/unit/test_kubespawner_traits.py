"""Every trait of KubeSpawner has a value of its own, or a reason why it has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from kubespawner import KubeSpawner
from pydantic import ValidationError

from hub_config.problems import problems
from tests.unit.composed import composed, container, pod, singleuser, spawner, spawner_traits, values

pytestmark = pytest.mark.unit

EVERYTHING: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8"))

CODE = "is a Python function: hub.extraConfig is the place for code"
IN_CLUSTER = "the hub runs inside the cluster, where its service account says address and certificate"
CERTIFICATES = "belongs to internal TLS, which internalTls.enabled switches on as a whole"
DEPRECATED = "deprecated by KubeSpawner or JupyterHub"
NAMESPACES = (
    "needs rights in the whole cluster: singleuser.namespace gives each user a namespace with the rights of a Role"
)
WITHOUT_VALUE = {
    "after_pod_created_hook": CODE,
    "apply_user_options": CODE,
    "auth_state_hook": CODE,
    "get_pod_url": CODE,
    "modify_pod_hook": CODE,
    "options_form": "is replaced by singleuser.profileList, which KubeSpawner makes a form of",
    "options_from_form": CODE,
    "post_stop_hook": CODE,
    "pre_spawn_hook": CODE,
    "progress_ready_hook": CODE,
    "component_label": "network policies and dashboards select on it",
    "env_keep": "the hub's own environment has nothing for users: singleuser.extraEnv is the place",
    "enable_user_namespaces": NAMESPACES,
    "user_namespace_annotations": NAMESPACES,
    "user_namespace_labels": NAMESPACES,
    "user_namespace_template": NAMESPACES,
    "hub_connect_ip": DEPRECATED,
    "hub_connect_port": DEPRECATED,
    "hub_connect_url": "the chart sets JupyterHub.hub_connect_url, for all servers",
    "k8s_api_threadpool_workers": DEPRECATED,
    "oauth_roles": DEPRECATED,
    "k8s_api_host": IN_CLUSTER,
    "k8s_api_ssl_ca_cert": IN_CLUSTER,
    "k8s_api_verify_ssl": IN_CLUSTER,
    "secret_mount_path": CERTIFICATES,
    "secret_name_template": CERTIFICATES,
    "ssl_alt_names": CERTIFICATES,
    "ssl_alt_names_include_local": CERTIFICATES,
}


def test_each_trait_has_a_value_or_a_reason() -> None:
    """The case `everything` sets each value to what is not its default."""
    config = composed(EVERYTHING)
    by_value = {*config.KubeSpawner, *config.Spawner} - {*EVERYTHING["hub"]["config"]["KubeSpawner"]}
    by_value |= {"working_dir"}  # hub.config sets it in that case as well
    assert {*KubeSpawner.class_traits(config=True)} - by_value == {*WITHOUT_VALUE}


@pytest.mark.parametrize(
    ("own", "trait", "value"),
    [
        ({"args": ["--debug"]}, "args", ["--debug"]),
        ({"httpTimeout": 90}, "http_timeout", 90),
        ({"pollInterval": 0}, "poll_interval", 0),
        ({"pollJitter": 0}, "poll_jitter", 0),
        ({"deleteGracePeriod": 0}, "delete_grace_period", 0),
        ({"deleteStoppedPods": False}, "delete_stopped_pods", False),
        ({"slowSpawnMessage": "Patience"}, "slow_spawn_message", "Patience"),
        ({"slowSpawnMessageThreshold": 9}, "slow_spawn_message_threshold", 9),
        ({"slowSpawnMessageFrequency": 9}, "slow_spawn_message_frequency", 9),
        ({"serverTokenScopes": ["self"]}, "server_token_scopes", ["self"]),
        ({"oauthClientAllowedScopes": ["self"]}, "oauth_client_allowed_scopes", ["self"]),
        ({"slugScheme": "escape"}, "slug_scheme", "escape"),
        ({"handleLegacyNames": False}, "handle_legacy_names", False),
        ({"k8sApiRequestTimeout": 9}, "k8s_api_request_timeout", 9),
        ({"k8sApiRequestRetryTimeout": 9}, "k8s_api_request_retry_timeout", 9),
        ({"servicesEnabled": True}, "services_enabled", True),
        ({"dnsNameTemplate": "{name}"}, "dns_name_template", "{name}"),
        ({"podConnectIp": "x"}, "pod_connect_ip", "x"),
        ({"profileFormTemplate": "x"}, "profile_form_template", "x"),
        ({"additionalProfileFormTemplatePaths": ["/a"]}, "additional_profile_form_template_paths", ["/a"]),
        ({"storage": {"dynamic": {"rememberPvcName": False}}}, "remember_pvc_name", False),
        (
            {"groupOverrides": {"a": {"groups": ["gpu"], "spawner_override": {"mem_limit": "2G"}}}},
            "group_overrides",
            {"a": {"groups": ["gpu"], "spawner_override": {"mem_limit": "2G"}}},
        ),
    ],
)
def test_value_and_trait(own: dict[str, Any], trait: str, value: Any) -> None:
    """Set in the configuration, taken by the real class, and else KubeSpawner's own default."""
    assert spawner_traits(singleuser(**own))[trait] == value
    assert getattr(spawner(composed(singleuser(**own))), trait) == value
    assert getattr(spawner(composed()), trait) == KubeSpawner.class_traits()[trait].default()


@pytest.mark.parametrize(
    ("own", "key", "value"),
    [
        ({"port": 9999}, "ports", [{"containerPort": 9999, "name": "notebook-port"}]),
        ({"workingDir": "/srv"}, "workingDir", "/srv"),
        ({"extraContainerConfig": {"stdin": True}}, "stdin", True),
        ({"args": ["--x"]}, "args", ["jupyterhub-singleuser", "--x"]),
        ({"args": ["--x"], "cmd": None}, "args", None),
    ],
)
def test_in_the_container(own: dict[str, Any], key: str, value: Any) -> None:
    assert container(singleuser(**own)).get(key) == value


@pytest.mark.parametrize(
    ("own", "variable", "value"),
    [
        ({"notebookDir": "~/notebooks"}, "JUPYTERHUB_ROOT_DIR", "~/notebooks"),
        ({"disableUserConfig": True}, "JUPYTERHUB_DISABLE_USER_CONFIG", "1"),
        ({"ip": "::", "port": 9}, "JUPYTERHUB_SERVICE_URL", "http://[::]:9/"),
    ],
)
def test_in_the_environment(own: dict[str, Any], variable: str, value: str) -> None:
    env = {each["name"]: each.get("value") for each in container(singleuser(**own))["env"]}
    assert env[variable] == value


@pytest.mark.parametrize(
    ("own", "key", "value"),
    [
        ({"schedulerName": "packer"}, "schedulerName", "packer"),
        ({"priorityClassName": "users"}, "priorityClassName", "users"),
        ({"serviceAccountName": "users", "automountServiceAccountToken": False}, "automountServiceAccountToken", False),
        ({"automountServiceAccountToken": True}, "automountServiceAccountToken", True),
    ],
)
def test_in_the_pod(own: dict[str, Any], key: str, value: Any) -> None:
    assert pod(singleuser(**own))["spec"][key] == value
    assert pod()["spec"].get(key) == (False if key.startswith("automount") else None)


@pytest.mark.parametrize("is_deleted", [True, False])
def test_homes_are_kept_unless_a_value_says_otherwise(is_deleted: bool) -> None:
    """KubeSpawner deletes them by default."""
    assert spawner_traits(singleuser(storage={"dynamic": {"deletePvc": is_deleted}}))["delete_pvc"] is is_deleted
    assert spawner_traits()["delete_pvc"] is False


def test_claim() -> None:
    storage = {
        "extraAnnotations": {"owner": "{username}"},
        "dynamic": {"selector": {"matchLabels": {"for": "{username}"}}},
    }
    claim = spawner(composed(singleuser(storage=storage))).get_pvc_manifest()
    assert claim.metadata.annotations["owner"] == "ada"
    assert claim.spec.selector == {"matchLabels": {"for": "ada"}}


@pytest.mark.parametrize(
    ("own", "line"),
    [
        (
            {"extraContainerConfig": {"stdn": True}},
            "singleuser.extraContainerConfig.stdn: unknown key of a Kubernetes Container; did you mean stdin?",
        ),
        (
            {"containerSecurityContext": {"runAsUsr": 1}},
            (
                "singleuser.containerSecurityContext.runAsUsr: unknown key of a Kubernetes SecurityContext; "
                "did you mean runAsUser?"
            ),
        ),
        ({"slugScheme": "short"}, "singleuser.slugScheme: write 'safe' or 'escape', not \"short\""),
        ({"privileged": True}, "singleuser: privileged: Kubernetes refuses a privileged container"),
        ({"groupOverrides": {"a": {"groups": ["b"]}}}, "singleuser.groupOverrides.a.spawner_override: is missing"),
    ],
)
def test_refused(own: dict[str, Any], line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values(singleuser(**own))
    assert problems(caught.value)[0].startswith(line)
