"""Internal TLS: the certificates of the job, the hub and the servers, tried by real handshakes of both sides."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from certipy import Certipy
from jupyterhub.app import JupyterHub
from jupyterhub.utils import make_ssl_context
from jupyterhub_idle_culler import IdleCuller
from traitlets.config import Config

from hub_config.certificates import AUTHORITIES, SERVERS, STORE, files
from hub_config.generate import default_values
from hub_config.hub.culling import NAME
from hub_config.load import read_facts, read_values
from hub_config.runtime.certificates import lay_out, new_authorities, prepare, proxy_pairs, trusts
from tests.unit.composed import composed, merged, mount, spawner, values

pytestmark = pytest.mark.unit

ON = {"internalTls": {"enabled": True}}


@pytest.fixture(scope="module")
def authorities() -> dict[str, str]:
    return new_authorities()


@pytest.fixture(scope="module")
def proxy(authorities: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The proxy's Secret, mounted."""
    folder = tmp_path_factory.mktemp("proxy")
    for name, text in proxy_pairs(authorities, "proxy-api").items():
        (folder / name).write_text(text, "ascii")
    return folder


def hub_at(store: Path) -> JupyterHub:
    """Return a JupyterHub that has set its internal TLS up in `store`, as at a start."""

    async def start() -> JupyterHub:
        app = JupyterHub(config=_in(store, composed(ON, scheme="https")))
        app.init_internal_ssl()
        return app

    return asyncio.run(start())


def _in(store: Path, config: Config) -> Config:
    config.JupyterHub.internal_certs_location = str(store)
    config.JupyterHub.external_ssl_authorities = {name: files(store, name) for name in AUTHORITIES}
    return config


@pytest.fixture(scope="module")
def store(authorities: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub") / "store"
    lay_out(authorities, folder)
    return folder


@pytest.fixture(scope="module")
def hub(store: Path) -> JupyterHub:
    return hub_at(store)


def hub_context(hub: JupyterHub, purpose: ssl.Purpose) -> ssl.SSLContext:
    pair = (hub.internal_ssl_key, hub.internal_ssl_cert)
    context: ssl.SSLContext = make_ssl_context(*pair, cafile=hub.internal_ssl_ca, purpose=purpose)
    return context


def proxy_context(folder: Path, name: str, purpose: ssl.Purpose) -> ssl.SSLContext:
    context = ssl.create_default_context(purpose, cafile=str(folder / f"{name}-trust.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


def server_context(hub: JupyterHub, store: Path, purpose: ssl.Purpose, *names: str) -> ssl.SSLContext:
    """Return the context of a user's server whose certificate has these names."""
    alt_names = [f"DNS:{name}" for name in names]
    maker = Certipy(store_dir=str(store))
    pair = maker.create_signed_pair("user-ada", SERVERS, alt_names=alt_names, overwrite=True)["files"]
    context: ssl.SSLContext = make_ssl_context(
        pair["key"], pair["cert"], cafile=hub.internal_trust_bundles[SERVERS], purpose=purpose
    )
    context.load_verify_locations(hub.internal_trust_bundles["hub-ca"])  # KubeSpawner `make_secret` joins the two
    return context


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    """Connect in memory; each side checks the other. Raises `ssl.SSLError` of the side that refuses."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=host)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [here, there]
    for _ in range(8):
        for side in list(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
        if not waiting:
            return
    raise AssertionError("the handshake did not end")


CLIENT, SERVER = ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH


@pytest.mark.parametrize("host", ["hub", "hub.lab", "hub.lab.svc", "localhost"])
def test_proxy_and_servers_reach_the_hub(hub: JupyterHub, store: Path, proxy: Path, host: str) -> None:
    shake_hands(proxy_context(proxy, "proxy-client", CLIENT), hub_context(hub, SERVER), host)
    shake_hands(server_context(hub, store, CLIENT, "jupyter-ada"), hub_context(hub, SERVER), host)


def test_hub_and_proxy_reach_a_server_by_its_name_alone(hub: JupyterHub, store: Path, proxy: Path) -> None:
    server = server_context(hub, store, SERVER, "jupyter-ada.lab.svc.cluster.local")
    for client in (hub_context(hub, CLIENT), proxy_context(proxy, "proxy-client", CLIENT)):
        shake_hands(client, server, "jupyter-ada.lab.svc.cluster.local")
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            shake_hands(client, server, "jupyter-grace.lab.svc.cluster.local")
        with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
            shake_hands(client, server, "hub")


def test_the_proxys_api_takes_the_hub_and_no_server(hub: JupyterHub, store: Path, proxy: Path) -> None:
    api = proxy_context(proxy, "proxy-api", SERVER)
    shake_hands(hub_context(hub, CLIENT), api, "proxy-api")
    server = server_context(hub, store, CLIENT, "jupyter-ada")
    server.check_hostname, server.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, api, "proxy-api")


def test_without_a_certificate_nobody_is_answered(hub: JupyterHub, store: Path, proxy: Path) -> None:
    nobody = ssl.create_default_context()
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
    for end in (
        hub_context(hub, SERVER),
        proxy_context(proxy, "proxy-api", SERVER),
        server_context(hub, store, SERVER, "jupyter-ada"),
    ):
        with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
            shake_hands(nobody, end, "hub")


def test_a_hub_that_starts_again_trusts_and_is_trusted_as_before(
    authorities: dict[str, str], hub: JupyterHub, store: Path, proxy: Path, tmp_path: Path
) -> None:
    lay_out(authorities, tmp_path / "store")
    again = hub_at(tmp_path / "store")
    assert Path(again.internal_ssl_cert).read_text() != Path(hub.internal_ssl_cert).read_text()
    server = server_context(hub, store, SERVER, "jupyter-ada")
    shake_hands(hub_context(again, CLIENT), server, "jupyter-ada")
    shake_hands(server_context(hub, store, CLIENT, "jupyter-ada"), hub_context(again, SERVER), "hub")
    shake_hands(proxy_context(proxy, "proxy-client", CLIENT), hub_context(again, SERVER), "hub")


def test_a_store_with_the_same_authorities_is_left_alone(authorities: dict[str, str], tmp_path: Path) -> None:
    lay_out(authorities, tmp_path / "store")
    (tmp_path / "store" / "certipy.json").write_text("{}")
    lay_out(authorities, tmp_path / "store")
    assert (tmp_path / "store" / "certipy.json").exists()
    lay_out({**authorities, "hub-ca.crt": "another"}, tmp_path / "store")
    assert not (tmp_path / "store" / "certipy.json").exists()


def test_the_proxys_secret_has_no_key_of_an_authority(authorities: dict[str, str], proxy: Path) -> None:
    held = {path.name for path in proxy.iterdir()}
    assert held == {f"proxy-{side}{what}" for side in ("api", "client") for what in (".crt", ".key", "-trust.crt")}
    assert not any(text in (proxy / name).read_text() for name in held for text in _keys(authorities))
    assert trusts(authorities) != trusts(new_authorities())


def _keys(authorities: dict[str, str]) -> list[str]:
    return [text for name, text in authorities.items() if name.endswith(".key")]


def test_a_secret_that_lacks_an_authority_ends_the_start(authorities: dict[str, str], tmp_path: Path) -> None:
    for name, text in authorities.items():
        if name != "notebooks-ca.key":
            (tmp_path / name).write_text(text, "ascii")
    with pytest.raises(SystemExit, match=r"hub-internal-tls lacks notebooks-ca\.key: delete it"):
        prepare(values(ON), tmp_path, tmp_path / "store")
    prepare(values(), tmp_path, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_every_address_is_https(tmp_path: Path) -> None:
    root = mount(tmp_path, merged(default_values(), ON))
    facts = read_facts(root, read_values(root))
    assert (facts.hub_url, facts.proxy_api_url) == ("https://hub:8081", "https://proxy-api:8001")
    config = composed(ON, scheme=facts.scheme)
    assert config.JupyterHub.hub_bind_url == "https://:8081"
    assert config.ConfigurableHTTPProxy.api_url == "https://proxy-api:8001"
    culler = IdleCuller()
    (command,) = (each["command"] for each in config.JupyterHub.services if each["name"] == NAME)
    culler.parse_command_line(command[3:])
    assert (culler.url, culler.ssl_enabled) == ("https://localhost:8081/hub/api", True)
    assert culler.internal_certs_location == str(STORE) == config.JupyterHub.internal_certs_location


def test_servers_of_one_user_have_files_of_their_own(hub: JupyterHub, store: Path) -> None:
    first, second = (_certified(hub, store, name) for name in ("jupyter-ada", "jupyter-ada--lab"))
    texts = [Path(paths["certfile"]).read_text() for paths in (first, second)]
    assert texts[0] != texts[1]
    assert first["cafile"] == second["cafile"] == hub.internal_trust_bundles[SERVERS]
    assert "user-ada" not in {*Certipy(store_dir=str(store)).store.store, *(each.name for each in store.iterdir())}


def _certified(hub: JupyterHub, store: Path, pod: str) -> dict[str, str]:
    made = spawner(composed(ON))
    made.pod_name = pod
    made.internal_ssl, made.internal_certs_location = True, str(store)
    made.internal_trust_bundles = hub.internal_trust_bundles
    paths: dict[str, str] = asyncio.run(made.create_certs())
    return paths
