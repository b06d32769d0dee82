"""`ci.engine_stop`: only Docker's own rules go."""

from __future__ import annotations

import pytest

from ci.engine_stop import removals

pytestmark = pytest.mark.unit

FILTER = """\
-P INPUT ACCEPT
-P FORWARD ACCEPT
-N DOCKER
-N DOCKER-USER
-N KUBE-FORWARD
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -j DOCKER-USER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker01 -j ACCEPT
-A DOCKER-USER -j RETURN
-A KUBE-FORWARD -j ACCEPT
""".splitlines()


def test_dockers_rules_and_chains_go_and_no_other() -> None:
    assert removals(FILTER) == [
        ["-D", "FORWARD", "-j", "DOCKER-USER"],
        ["-D", "FORWARD", "-i", "docker0", "!", "-o", "docker0", "-j", "ACCEPT"],
        ["-F", "DOCKER"],
        ["-F", "DOCKER-USER"],
        ["-X", "DOCKER"],
        ["-X", "DOCKER-USER"],
    ]


def test_a_table_without_docker_stays() -> None:
    assert removals([rule for rule in FILTER if "DOCKER" not in rule and "docker0 " not in rule]) == []
