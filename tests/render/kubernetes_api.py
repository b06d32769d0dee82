"""Check whole manifests against the Kubernetes API's own schema, as strictly as its server can be told to.

The schema is the OpenAPI document of the Kubernetes version that the cluster tests run.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from ci.cluster.embedded.pins import kubernetes
from hub_config.kubernetes import closure

DOWNLOAD_SECONDS = 600


@cache
def _definitions() -> dict[str, Any]:
    """Return the definitions of the API's OpenAPI document, by their long names."""
    command = ["go", "mod", "download", "-json", f"k8s.io/kubernetes@v{kubernetes(None).version}"]
    module = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=DOWNLOAD_SECONDS).stdout)
    text = (Path(module["Dir"]) / "api/openapi-spec/swagger.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)["definitions"]
    return found


@cache
def _validator(api_version: str, kind: str) -> Draft7Validator | None:
    group, _, version = api_version.rpartition("/")
    wanted = {"group": group, "version": version, "kind": kind}
    for name, schema in _definitions().items():
        if wanted in schema.get("x-kubernetes-group-version-kind", []):
            short = name.rsplit(".", 1)[-1]
            return Draft7Validator({"$ref": f"#/definitions/{short}", "definitions": closure(_definitions(), (short,))})
    return None


def mistakes(manifest: dict[str, Any]) -> list[str]:
    """Return what the API server would refuse in a manifest, a line each."""
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    validator = _validator(manifest["apiVersion"], kind)
    if validator is None:
        return [f"{kind}/{name}: the API has no kind {kind} in {manifest['apiVersion']}"]
    return [f"{kind}/{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(manifest)]
