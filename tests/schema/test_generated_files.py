"""`values.yaml`, `values.schema.json`, `model.json` and the reference repeat the models, closed to the leaf."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from hub_config.cli import GENERATED, stale_files
from hub_config.generate import SOURCE, default_values

pytestmark = pytest.mark.schema

ROOT = Path(__file__).resolve().parent.parent.parent
FREE_FORM = {
    "custom": "is the person's own",
    "global": "belongs to all charts of an umbrella",
    "hub.config.*": "are traits of a class that is not in the hub's image",
    "hub.deploymentStrategy.rollingUpdate": "is passed on",
    "hub.extraFiles.*.data": "is a file's content",
    "hub.services.*.environment": "are a command's variables",
    "hub.services.*.info": "is the person's own",
    "hub.templateVars": "are the pages' own",
    "proxy.deploymentStrategy.rollingUpdate": "is passed on",
    "proxy.traefik.extraDynamicConfig": "is for traefik to know",
    "proxy.traefik.extraStaticConfig": "is for traefik to know",
    "scheduling.userScheduler.pluginConfig[].args": "are for the plugin to know",
    "singleuser.extraFiles.*.data": "is a file's content",
    "singleuser.extraResource.guarantees": "are names that the cluster knows",
    "singleuser.extraResource.limits": "are names that the cluster knows",
}
"""Maps that take any key, and why."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "jupyterhub/values.schema.json").read_text(encoding="utf-8"))
    return loaded


def test_generated_files_are_fresh() -> None:
    assert stale_files(ROOT) == [], "the models changed: run `make generate` and commit what it writes"


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_says_so(name: str) -> None:
    assert SOURCE in (ROOT / name).read_text(encoding="utf-8")[:400]


def test_the_schema_is_a_draft_07_schema(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)


def test_the_defaults_are_valid(schema: dict[str, Any]) -> None:
    values = yaml.safe_load((ROOT / "jupyterhub/values.yaml").read_text(encoding="utf-8"))
    Draft7Validator(schema).validate(values)


def test_values_yaml_holds_the_models_defaults() -> None:
    values = yaml.safe_load((ROOT / "jupyterhub/values.yaml").read_text(encoding="utf-8"))
    assert without_tags(values) == without_tags(default_values())


def without_tags(values: Any) -> Any:
    """Leave out image tags: chartpress writes the built ones in."""
    if isinstance(values, dict):
        return {key: without_tags(value) for key, value in values.items() if key != "tag"}
    return values


def places(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path, schema) of every place in the values; `*` is any name, `[]` any item."""
    yield path, schema
    for key, inner in schema.get("properties", {}).items():
        yield from places(inner, f"{path}.{key}" if path else key)
    if isinstance(rest := schema.get("additionalProperties"), dict):
        yield from places(rest, f"{path}.*" if path else "*")
    if isinstance(items := schema.get("items"), dict):
        yield from places(items, f"{path}[]")
    for member in [*schema.get("anyOf", []), *schema.get("allOf", [])]:
        yield from places(member, path)


def is_trait(path: str) -> bool:
    """Tell whether a place is inside of a class that `hub.config` configures: traits are not the chart's own."""
    return path.startswith("hub.config.") and path != "hub.config.*"


def is_open(schema: dict[str, Any]) -> bool:
    """Tell whether an object takes keys of any name with values of any shape."""
    is_object = "object" in schema.get("type", []) or "properties" in schema
    return is_object and schema.get("additionalProperties", True) is True


def test_every_map_is_closed_but_those_that_are_meant_to_be_open(schema: dict[str, Any]) -> None:
    found = {path for path, each in places(schema) if is_open(each) and not is_trait(path)}
    assert found == set(FREE_FORM)


def test_kubernetes_types_are_closed(schema: dict[str, Any]) -> None:
    """All of them, at every depth; what Kubernetes itself leaves open are maps of names to texts."""
    found = {
        f"{name}:{path}"
        for name, each in schema["definitions"].items()
        if not name.startswith("KubeSpawner-")  # traits, which KubeSpawner knows
        for path, inner in places(each, "")
        if is_open(inner)
    }
    assert found == {"FieldsV1:"}, "and managedFields, which nobody writes"


def test_every_key_has_a_description(schema: dict[str, Any]) -> None:
    missing = [
        f"{path}.{key}"
        for path, each in places(schema)
        for key, inner in each.get("properties", {}).items()
        if not is_trait(f"{path}.{key}") and not inner.get("description") and "$ref" not in inner
    ]
    assert missing == []


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    validator = Draft7Validator(schema)
    for name in schema["definitions"]:
        validator._resolver.lookup(f"#/definitions/{name}")


@pytest.mark.parametrize("text", ["title", "x-kubernetes-type", "#model/"])
def test_nothing_of_the_tools_is_left(text: str, schema: dict[str, Any]) -> None:
    assert f'"{text}"' not in json.dumps({key: value for key, value in schema.items() if key != "definitions"})


def test_classes_of_the_hubs_image_are_closed(schema: dict[str, Any]) -> None:
    config = schema["properties"]["hub"]["properties"]["config"]
    sometimes = {section for rule in config["allOf"] for section in rule["else"]["properties"]}
    assert {name for name, each in config["properties"].items() if is_open(each)} == sometimes
    assert all(not is_open(each) for rule in config["allOf"] for each in rule["else"]["properties"].values())
