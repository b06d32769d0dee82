"""What the images are built from is pinned, locked, free of any registry's address, and named right for chartpress."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.build import base_reference

pytestmark = [pytest.mark.unit, pytest.mark.process]

ROOT = Path(__file__).resolve().parents[2]
(CHART,) = yaml.safe_load((ROOT / "chartpress.yaml").read_text())["charts"]
IMAGES: dict[str, dict[str, Any]] = CHART["images"]
PROFILES = ["singleuser-r", "singleuser-julia"]
LOCKED = sorted(ROOT.glob("images/*/requirements*.txt"))
# Without package-lock.json, which names its packages' sponsors; what it must not name has a test of its own.
PUBLISHED = sorted(path for path in ROOT.glob("images/**/*") if path.is_file() and path.name != "package-lock.json")


JULIA = "https://julialang-s3.julialang.org/"
"""The one address in what is published: Debian has no current Julia."""


def dockerfile_path(name: str) -> Path:
    return ROOT / str(IMAGES[name].get("dockerfilePath", f"images/{name}/Dockerfile"))


def dockerfile(name: str) -> str:
    return dockerfile_path(name).read_text()


def target(name: str) -> str:
    """Return the stage that is the image: the one that chartpress is told, or else the last."""
    options = " ".join(IMAGES[name].get("extraBuildCommandOptions", []))
    named = re.fullmatch(r"--target=(\S+)", options)
    return named[1] if named else ""


def test_every_dockerfile_is_an_image_of_the_chart() -> None:
    assert set(ROOT.glob("images/*/Dockerfile")) == {dockerfile_path(name) for name in IMAGES}


@pytest.mark.parametrize("name", IMAGES)
def test_images_of_one_dockerfile_are_stages_named_like_them(name: str) -> None:
    """Without a target, an engine builds the last stage, and an old one all before it too."""
    alone = [dockerfile_path(each) for each in IMAGES].count(dockerfile_path(name)) == 1
    assert target(name) == ("" if alone else name)
    assert alone or re.search(rf"^FROM \S+ AS {name}$", dockerfile(name), re.MULTILINE)


def test_the_charts_own_images_come_before_those_of_profiles() -> None:
    """An engine without BuildKit builds every stage up to the one that is asked for."""
    stages = re.findall(r"^FROM \S+ AS (\S+)$", dockerfile("singleuser"), re.MULTILINE)
    assert [stage for stage in stages if stage in IMAGES] == ["singleuser", "singleuser-r", "singleuser-julia"]


def test_only_images_of_profiles_are_named_by_no_value() -> None:
    assert [name for name, options in IMAGES.items() if "valuesPath" not in options] == PROFILES


def test_all_images_start_from_one_dated_base() -> None:
    bases = {base_reference(ROOT, name) for name in IMAGES}
    assert len(bases) == 1
    assert re.fullmatch(r"debian:trixie-\d{8}-slim", bases.pop())


@pytest.mark.parametrize("name", IMAGES)
def test_every_stage_starts_from_the_base_or_a_stage_before(name: str) -> None:
    stages = {"${BASE}"}
    for source, stage in re.findall(r"^FROM (\S+)(?: AS (\S+))?$", dockerfile(name), re.MULTILINE):
        assert source in stages
        stages.add(stage)
    assert len(stages) > 1


@pytest.mark.parametrize("name", IMAGES)
def test_image_runs_as_a_numeric_user_that_is_not_root(name: str) -> None:
    parts = re.split(r"^FROM \S+(?: AS (\S+))?$", dockerfile(name), flags=re.MULTILINE)
    stages = dict(zip(parts[1::2], parts[2::2], strict=True))
    users = re.findall(r"^USER (.+)$", stages[target(name) or None], re.MULTILINE)
    assert users[-1] in {"1000", "65534"}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_certificates_proxies_or_registries_in_what_is_published(path: Path) -> None:
    words = r"https?://|--index-url|--find-links|PIP_CERT|SSL_CERT_FILE|EXTRA_CA|HTTPS?_PROXY|--trusted-host"
    assert re.findall(words, path.read_text().replace(JULIA, "")) == []


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_requirement_has_one_version_and_a_hash(path: Path) -> None:
    text = re.sub(r"\\\n", " ", path.read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"^[a-z0-9-]+==\S+ +(; .+ )?(--hash=sha256:[0-9a-f]{64}\s*)+$", line), line[:100]


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_version_asked_for_is_the_one_locked(path: Path) -> None:
    asked = re.findall(r"^([a-z0-9-]+==\S+)$", path.with_suffix(".in").read_text(), re.MULTILINE)
    locked = set(re.findall(r"^([a-z0-9-]+==\S+)", path.read_text(), re.MULTILINE))
    assert set(asked) <= locked


def test_what_slows_every_start_stays_out() -> None:
    for path in LOCKED:
        assert "\nrfc3987-syntax==" not in path.read_text()


def test_hub_and_servers_have_one_jupyterhub() -> None:
    versions = [re.findall(r"^jupyterhub==(\S+)", path.read_text(), re.MULTILINE) for path in LOCKED]
    assert len({version for found in versions for version in found}) == 1


def test_hub_image_has_what_hub_config_needs() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "images/hub/requirements.txt").read_text(), re.MULTILINE))
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {re.split(r"[^a-z0-9-]", line)[0] for line in needed} <= locked


def test_node_packages_are_locked_without_a_host() -> None:
    lock = json.loads((ROOT / "images/proxy/package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert packages
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


def test_chartpress_names_files_that_exist() -> None:
    for name, options in IMAGES.items():
        for path in (options.get("contextPath", f"images/{name}"), *options.get("paths", [])):
            assert (ROOT / path).exists(), path
        assert (ROOT / options.get("dockerfilePath", f"images/{name}/Dockerfile")).is_file()


def test_hub_is_rebuilt_for_all_that_its_dockerfile_copies() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile("hub"), re.MULTILINE)
    paths = IMAGES["hub"]["paths"]
    for source in " ".join(copied).split():
        assert any(source == path or source.startswith(f"{path}/") for path in paths), source


def test_chartpress_writes_where_the_chart_reads() -> None:
    values = ROOT / "jupyterhub" / "values.yaml"
    if not values.is_file():
        pytest.skip("jupyterhub/values.yaml is not generated yet")
    for name, options in IMAGES.items():
        if name in PROFILES:
            continue
        found = yaml.safe_load(values.read_text())
        for key in options["valuesPath"].split("."):
            found = found[key]
        assert found["name"] == CHART["imagePrefix"] + name
        assert found["tag"] == CHART["resetTag"]
