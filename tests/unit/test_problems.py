"""`problems`: what is wrong, where, and what to write instead, in the words of YAML."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub_config.problems import problems
from tests.unit.composed import values

pytestmark = pytest.mark.unit

MISSING = "is missing (Where the file appears: its absolute path in the container)"
TABLE: list[tuple[dict[str, Any], str]] = [
    # Keys
    ({"singleuser": {"memmory": {}}}, "singleuser.memmory: unknown key; did you mean memory?"),
    ({"hubb": {}}, "hubb: unknown key; did you mean hub?"),
    ({"xyzzy": 1}, "xyzzy: unknown key; remove it"),
    ({"hub": {"image": {"tagg": ""}}}, "hub.image.tagg: unknown key; did you mean tag?"),
    ({"singleuser": {"extraFiles": {"a": {}}}}, f"singleuser.extraFiles.a.mountPath: {MISSING}"),
    ({"singleuser": {"extraFiles": {"a b": {}}}}, f'singleuser.extraFiles["a b"].mountPath: {MISSING}'),
    (
        {"prePuller": {"extraImages": {"my-r": {"name": "r"}}}},
        "prePuller.extraImages.my-r.tag: is missing (The image's tag)",
    ),
    # Types
    ({"cull": {"timeout": "1h"}}, 'cull.timeout: write a whole number, not "1h"; did you mean 3600?'),
    ({"cull": {"timeout": True}}, "cull.timeout: write a whole number, not true"),
    ({"cull": {"enabled": "yes"}}, 'cull.enabled: write true or false, not "yes"; did you mean true?'),
    ({"hub": None}, "hub: may not be null: leave it out to have the default"),
    ({"singleuser": {"cpu": {"limit": "2"}}}, 'singleuser.cpu.limit: write a number, not "2"; did you mean 2?'),
    ({"imagePullSecrets": {"a": "b"}}, "imagePullSecrets: write a list, not a map"),
    ({"hub": {"templatePaths": ["/a", 5]}}, 'hub.templatePaths[1]: write a text, not 5; did you mean "5"?'),
    ({"hub": {"image": {"tag": 5}}}, 'hub.image.tag: write a text, not 5; did you mean "5"?'),
    # Values that may have several types are told once
    ({"singleuser": {"cmd": 5}}, 'singleuser.cmd: write a text or a list, not 5; did you mean "5"?'),
    ({"singleuser": {"cmd": [5]}}, 'singleuser.cmd[0]: write a text, not 5; did you mean "5"?'),
    ({"hub": {"extraEnv": {"A": 1}}}, 'hub.extraEnv.A: write a text or a map, not 1; did you mean "1"?'),
    (
        {"singleuser": {"memory": {"limit": True}}},
        "singleuser.memory.limit: write a whole number, a number or a text, not true",
    ),
    (
        {"hub": {"networkPolicy": {"allowedIngressPorts": ["http", 1.5]}}},
        'hub.networkPolicy.allowedIngressPorts[1]: write a whole number or a text, not 1.5; did you mean "1.5"?',
    ),
    # Ranges, choices, forms
    ({"cull": {"timeout": 0}}, "cull.timeout: write 1 or more, not 0"),
    ({"hub": {"baseUrl": "lab"}}, 'hub.baseUrl: write a path that begins with /, not "lab"; did you mean /lab?'),
    (
        {"singleuser": {"storage": {"type": "nsf"}}},
        (
            "singleuser.storage.type: write 'dynamic', 'static', 'nfs', 'hostPath', 'csi', 'volume', 'ephemeral' or "
            "'none', not \"nsf\"; did you mean nfs?"
        ),
    ),
    # Kubernetes' own types
    (
        {"hub": {"tolerations": [{}, {"key": 1}]}},
        'hub.tolerations[1].key: write a text, as Kubernetes wants it here, not 1; did you mean "1"?',
    ),
    (
        {"singleuser": {"storage": {"extraVolumes": [{"name": "a", "emptydir": {}}]}}},
        ("singleuser.storage.extraVolumes[0].emptydir: unknown key of a Kubernetes Volume; did you mean emptyDir?"),
    ),
    # Values that belong together
    (
        {"singleuser": {"memory": {"guarantee": "2G", "limit": "1G"}}},
        "singleuser.memory: guarantee 2G is above limit 1G: raise limit or lower guarantee",
    ),
    # What people keep passwords in is not repeated
    ({"hub": {"cookieSecret": 12345}}, "hub.cookieSecret: write a text, not what is there; put it in quotes"),
    ({"hub": {"db": {"password": 12345}}}, "hub.db.password: write a text, not what is there; put it in quotes"),
    ({"hub": {"services": {"a": "token"}}}, "hub.services.a: write a map, not what is there"),
    ({"hub": {"config": {"CryptKeeper": "key"}}}, "hub.config.CryptKeeper: write a map, not what is there"),
    (
        {"singleuser": {"extraEnv": {"TOKEN": 1}}},
        "singleuser.extraEnv.TOKEN: write a text or a map, not what is there; put it in quotes",
    ),
]


@pytest.mark.parametrize(("own", "line"), TABLE, ids=[line.split(":", 1)[0] for _, line in TABLE])
def test_wording(own: dict[str, Any], line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        values(own)
    assert problems(caught.value) == [line]
