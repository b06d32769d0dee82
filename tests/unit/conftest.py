"""KubeSpawner asks for a cluster's address when it is made: give it one that nobody answers at."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from kubernetes_asyncio.config import kube_config

NOWHERE = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "nowhere",
    "clusters": [{"name": "nowhere", "cluster": {"server": "http://127.0.0.1:1"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
    "users": [{"name": "nobody", "user": {}}],
}


@pytest.fixture(scope="session", autouse=True)
def _no_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    file = tmp_path_factory.mktemp("kube") / "config"
    file.write_text(json.dumps(NOWHERE), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(file))
        patch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
        yield
