"""What Helm says after an install: the next commands for this very install."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.chart import notes

pytestmark = pytest.mark.render

PASSWORD = ".data.hub\\.config\\.SharedPasswordAuthenticator\\.{}_password"
HOST = {"enabled": True, "hosts": ["hub.example.org"]}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "kubectl -n jhub port-forward service/proxy-public 8080:http"),
        ({}, "http://localhost:8080/\n"),
        ({"hub": {"baseUrl": "/jupyter"}}, "http://localhost:8080/jupyter/\n"),
        ({"proxy": {"service": {"type": "NodePort"}}}, "kubectl -n jhub get service proxy-public -o jsonpath="),
        ({"proxy": {"service": {"type": "LoadBalancer"}}}, "EXTERNAL-IP"),
        ({"ingress": HOST}, "http://hub.example.org/\n"),
        ({"ingress": {**HOST, "tls": [{"hosts": ["hub.example.org"]}]}}, "https://hub.example.org/\n"),
        ({"ingress": {"enabled": True}}, "kubectl -n jhub get ingress jupyterhub"),
        ({"fullnameOverride": "science"}, "service/science-proxy-public"),
        ({}, "kubectl -n jhub logs deploy/hub\n"),
        ({}, "kubectl -n jhub get events"),
        ({}, "kubectl -n jhub delete pvc -l release=demo,component=singleuser-storage\n"),
        ({}, "kubectl -n jhub delete secret hub-credentials\n"),
    ],
)
def test_the_next_commands(values: dict[str, Any], said: str) -> None:
    assert said in notes(values)


@pytest.mark.parametrize(
    ("config", "user", "admin"),
    [
        ({}, True, "admin"),
        ({"SharedPasswordAuthenticator": {"admin_users": ["mia"]}}, True, "mia"),
        ({"Authenticator": {"admin_users": ["mia"]}}, True, "mia"),
        ({"SharedPasswordAuthenticator": {"admin_users": []}}, True, None),
        ({"SharedPasswordAuthenticator": {"user_password": "x" * 8}}, False, "admin"),
        ({"SharedPasswordAuthenticator": {"user_password": "x" * 8, "admin_password": "x" * 32}}, False, None),
        ({"JupyterHub": {"authenticator_class": "github"}}, False, None),
    ],
)
def test_passwords_are_spoken_of_when_there_are_any(config: dict[str, Any], user: bool, admin: str | None) -> None:
    text = notes({"hub": {"config": config}})
    assert (PASSWORD.format("user") in text) is user
    assert (PASSWORD.format("admin") in text) is (admin is not None)
    assert ("Log in" in text) is (user or admin is not None)
    if admin:
        assert f"the user name {admin}, and" in text
    assert "x" * 8 not in text
