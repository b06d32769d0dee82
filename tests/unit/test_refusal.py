"""`runtime.refusal`, `waiting` and `namespaces`: what Kubernetes refuses or delays, in words for a user."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.utils import format_exception
from kubernetes_asyncio import client
from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner

from hub_config.runtime.namespaces import NamespacedSpawner
from hub_config.runtime.refusal import Refused, refused
from hub_config.runtime.spawner import PromptKubeSpawner
from hub_config.runtime.waiting import in_sentence
from tests.unit.composed import composed, spawner

pytestmark = pytest.mark.unit

QUOTA = (
    'pods "jupyter-ada" is forbidden: exceeded quota: users, requested: pods=1,requests.memory=1Gi, '
    "used: pods=2,requests.memory=3584Mi, limited: pods=10,requests.memory=4Gi"
)


def forbidden(message: str, status: int = 403) -> ApiException:
    error = ApiException(status=status, reason="Forbidden")
    error.body = json.dumps({"message": message})
    return error


@pytest.mark.parametrize(
    ("message", "reason", "sentence"),
    [
        (
            QUOTA,
            "quota",
            (
                "There is no room for your server in the quota that all users here share: 3.5 GiB of 4 GiB of "
                "memory are in use, and your server takes 1 GiB of memory. Stop a server"
            ),
        ),
        (
            'pods "a" is forbidden: failed quota: users: must specify limits.cpu for: notebook',
            "quota",
            "The quota users makes Kubernetes refuse your server, whoever starts it: nothing says its limits.cpu",
        ),
        (
            (
                'pods "a" is forbidden: [maximum memory usage per Container is 1Gi, but limit is 2Gi, '
                "maximum cpu usage per Pod is 1, but limit is 1500m]"
            ),
            "limit-range",
            "the most memory for one Container is 1Gi, and your server asks for 2Gi; the most cpu for one Pod is 1",
        ),
        (
            'pods "a" is forbidden: minimum cpu usage per Container is 100m, but request is 50m',
            "limit-range",
            "the least cpu for one Container is 100m, and your server asks for 50m",
        ),
        (
            'pods "a" is forbidden: violates PodSecurity "restricted:latest": host namespaces',
            "forbidden",
            "Show this to your administrator: pods",
        ),
    ],
)
def test_a_refusal_of_kubernetes_is_a_sentence(message: str, reason: str, sentence: str) -> None:
    found = refused(forbidden(message), "your server")
    assert isinstance(found, Refused)
    assert found.reason == reason
    assert sentence in found.message
    text, html = format_exception(found)
    assert text == found.message
    assert html.startswith('<span class="refused">')
    assert found.log_message == message


def test_html_of_a_sentence_is_text() -> None:
    assert "<b>" not in format_exception(Refused("<b>", reason="x"))[1]


def test_any_other_error_stays_what_it_is() -> None:
    error = forbidden("etcd is slow", 500)
    assert refused(error, "your server") is error


def test_a_refused_pod_is_not_logged_with_its_token(caplog: pytest.LogCaptureFixture) -> None:
    made = spawner(composed())

    async def refuse(*_: Any, **__: Any) -> None:
        raise forbidden(QUOTA)

    async def start() -> None:
        async with client.ApiClient() as api:
            made.api = type(made.api)(SimpleNamespace(create_namespaced_pod=refuse, api_client=api))
            token = client.V1EnvVar(name="JUPYTERHUB_API_TOKEN", value="secret")
            spec = client.V1PodSpec(containers=[client.V1Container(name="notebook", env=[token])])
            pod = client.V1Pod(metadata=client.V1ObjectMeta(name="jupyter-ada"), spec=spec)
            await made._make_create_pod_request(pod, 3)

    with caplog.at_level(logging.DEBUG), pytest.raises(Refused):
        asyncio.run(start())
    assert "JUPYTERHUB_API_TOKEN" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("message", "asked", "sentence"),
    [
        (
            (
                "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint {a/b: }. "
                "preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
            ),
            {"cpu": 0.5, "memory": 1024.0**4, "servers": 1.0},
            (
                "Your server waits: none of the 3 machines of the cluster has room for it now (1 has too little free "
                "memory, 2 have another purpose). It asks for 0.5 CPUs and 1 TiB of memory, and starts as soon "
                "as there is room."
            ),
        ),
        (
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, x",
            {"cpu": 64.0},
            (
                "Your server waits: the one machine of the cluster has too little free CPU and too little free "
                "memory. It asks for 64 CPUs,"
            ),
        ),
        (
            "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
            {"nvidia.com/gpu": 1.0},
            "(2 have too few free GPUs). It asks for 1 GPU,",
        ),
        (
            "0/2 nodes are available: 2 something new.",
            {},
            "(2 have the obstacle “something new”). It asks for nothing special,",
        ),
    ],
)
def test_why_a_server_waits(message: str, asked: dict[str, float], sentence: str) -> None:
    assert sentence in (in_sentence(message, asked) or "")


def test_other_messages_of_the_scheduler_stay() -> None:
    assert in_sentence("Successfully assigned ns/jupyter-ada to node", {}) is None


def test_the_progress_page_shows_each_reason_once_and_the_rest_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = {"reason": "FailedScheduling", "message": "0/1 nodes are available: 1 Insufficient cpu."}
    events = [
        {"message": "a", "raw_event": waits},
        {"message": "b", "raw_event": waits},
        {"message": "Pulled", "raw_event": {"reason": "Pulled", "message": "Pulled"}},
        {"message": "Patience"},
    ]

    async def progress(_: Any) -> AsyncIterator[dict[str, Any]]:
        for event in events:
            yield event

    monkeypatch.setattr(KubeSpawner, "progress", progress)

    made = spawner(composed())

    async def said() -> list[str]:
        return [event["message"] async for event in made.progress()]

    assert [message[:18] for message in asyncio.run(said())] == ["Your server waits:", "Pulled", "Patience"]


PER_USER = {"singleuser": {"namespace": {"name": "lab-{username}", "perUser": ["lab-ada"], "former": ["old"]}}}


def test_each_user_has_a_namespace() -> None:
    made = spawner(composed(PER_USER))
    assert (made.namespace, made.dns_name) == ("lab-ada", "jupyter-ada.lab-ada.svc.cluster.local")
    assert made.user_namespaces == ["lab-ada", "old"]
    asyncio.run(made.load_user_options())
    made.load_state({"pod_name": "jupyter-ada", "namespace": "old"})
    assert made.namespace == "old", "who has a home stays where it is"
    asyncio.run(made.load_user_options())


def test_a_user_without_namespace_is_told_so_and_nothing_is_asked_of_the_cluster() -> None:
    other = {"singleuser": {"namespace": {"name": "lab-{username}", "perUser": ["lab-bob"]}}}
    made = spawner(composed(other))
    with pytest.raises(Refused, match=r"add lab-ada to singleuser\.namespace\.perUser"):
        asyncio.run(made.load_user_options())
    assert asyncio.run(made.poll()) == 1


def test_a_watch_without_rights_is_forgotten_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """KubeSpawner keeps a watch that failed, and would take all pods of that namespace for gone."""
    monkeypatch.setattr(NamespacedSpawner, "reflectors", {})
    made = spawner(composed({"singleuser": {"namespace": {"name": "users"}}}))

    async def no_rights(self: Any) -> None:
        self.first_load_future.set_exception(forbidden("no"))
        self.first_load_future.exception()
        raise forbidden("no")

    monkeypatch.setattr("kubespawner.reflector.ResourceReflector.start", no_rights)
    with pytest.raises(Refused, match="The hub has no rights in the namespace users"):
        asyncio.run(made._start_watching_pods())
    assert NamespacedSpawner.reflectors == {}


def test_the_hubs_class_has_all_of_it() -> None:
    assert issubclass(PromptKubeSpawner, NamespacedSpawner)
