"""The real servers, one session fixture each, and the table of what ran against which version."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services import bao
from services.ledger_server import LedgerServer, ledger_server
from services.running import free_ports, running

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = os.environ.get("HAUBERK_SERVICES", "")
ACCESS, SECRET = "AKIDTEST", "secret/of+a=test"
VERSIONS = {"fake-hub": "no server"}
RUN: Counter[str] = Counter()
SKIPPED: Counter[str] = Counter()


@dataclass(frozen=True)
class Web:
    """An nginx that serves a folder over HTTP and, with a certificate of our own authority, over HTTPS."""

    url: str
    tls: str
    folder: Path
    authority: Path


@dataclass(frozen=True)
class Store:
    """A SeaweedFS with its S3 API."""

    url: str


@dataclass(frozen=True)
class Registry:
    """A docker-registry."""

    url: str


@dataclass(frozen=True)
class Keys:
    """A Redis server, plain and with a certificate of our own authority."""

    url: str
    tls: str
    authority: Path


@dataclass(frozen=True)
class Tracking:
    """An MLflow server that serves its artefacts."""

    url: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.services)
            if not PROGRAMS:
                item.add_marker(pytest.mark.skip(reason="needs a real server: make test-services"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path = Path(report.fspath)
    if path.parent.name == "services":
        service = path.stem.removeprefix("test_").replace("_", "-")
        RUN[service] += report.when == "call" and not report.skipped
        SKIPPED[service] += report.skipped


def pytest_sessionstart() -> None:
    if PROGRAMS:
        asks = "import importlib.metadata; print(importlib.metadata.version('ray'))"
        VERSIONS["scan-ray"] = f"ray {said(f'{PROGRAMS}/bin/python', '-c', asks).strip()}"
        sandbox = f"bwrap {said('/usr/bin/bwrap', '--version').split()[-1]}"
        VERSIONS.update(
            dict.fromkeys(("detonate", "training-sandbox", "training-sandbox-attacks", "training-reach"), sandbox)
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if PROGRAMS and sum(SKIPPED.values()) and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter) -> None:
    if not PROGRAMS:
        return
    terminalreporter.write_line(f"{'service':<16} {'version':<12} {'run':>5} {'skipped':>8}")
    for service in sorted(RUN):
        version = VERSIONS.get(service, "-")
        terminalreporter.write_line(f"{service:<16} {version:<12} {RUN[service]:>5} {SKIPPED[service]:>8}")


def said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path) -> None:
    """Let no credentials and no settings of this machine in."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "BAO_", "HF_", "MLFLOW_", "PG", "VAULT_")):
            monkeypatch.delenv(name)
    for name in ("HOME", "HF_HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.fixture(scope="session")
def nginx(tmp_path_factory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "www").mkdir()
    folder.chmod(0o755)
    plain, tls = free_ports(2)
    authority = certificate(folder)
    (folder / "nginx.conf").write_text(f"""
        daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; user root;
        events {{ worker_connections 64; }}
        http {{
            access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
            fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
            server {{ listen 127.0.0.1:{plain}; root {folder}/www;
                location /unranged/ {{ alias {folder}/www/; max_ranges 0; }}
                location /moved/ {{ rewrite ^/moved/(.*)$ /$1 redirect; }}
                location /metadata {{ return 302 http://169.254.169.254/latest/meta-data/; }}
                location /private/ {{ return 401; }}
            }}
            server {{ listen 127.0.0.1:{tls} ssl; root {folder}/www;
                ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
                location /downgraded/ {{ return 302 http://127.0.0.1:{plain}/; }}
            }}
        }}""")
    VERSIONS["nginx"] = said("/usr/sbin/nginx", "-v").rpartition("/")[2].strip()
    command = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, folder=folder, ready=f"http://127.0.0.1:{plain}/"):
        yield Web(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", folder / "www", authority)


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("seaweedfs")
    (folder / "data").mkdir()
    weed = f"{PROGRAMS}/bin/weed"
    identity = {"name": "test", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    names = ("master", "volume", "filer", "s3")
    ports = dict(zip([f"{name}.port{end}" for name in names for end in ("", ".grpc")], free_ports(8), strict=True))
    command = [weed, "server", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-s3.config={folder}/s3.json", "-volume.max=400", "-master.volumeSizeLimitMB=64"]
    command += [
        "-master.telemetry=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    for name in ("seaweedfs", "seaweedfs-publish", "seaweedfs-models", "seaweedfs-anchor"):
        VERSIONS[name] = said(weed, "version").split()[2]
    url = f"http://127.0.0.1:{ports['s3.port']}"
    key = {"WEED_S3_SSE_KEY": "ab" * 32}  # without one it cannot encrypt
    with running(command, folder=folder, ready=url, environment=key):
        yield Store(url)


@pytest.fixture(scope="session")
def docker_registry(tmp_path_factory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("registry")
    (port,) = free_ports(1)
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    VERSIONS["docker-registry"] = VERSIONS["registry-models"] = said("/usr/bin/docker-registry", "--version").split()[
        -1
    ]
    command = ["/usr/bin/docker-registry", "serve", str(folder / "config.yml")]
    with running(command, folder=folder, ready=f"http://127.0.0.1:{port}/v2/"):
        yield Registry(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory) -> Iterator[Keys]:
    folder = tmp_path_factory.mktemp("redis")
    plain, tls = free_ports(2)
    authority = certificate(folder)
    VERSIONS["redis"] = said("/usr/bin/redis-server", "--version").split()[2].removeprefix("v=")
    command = ["/usr/bin/redis-server", "--bind", "127.0.0.1", "--port", str(plain), "--save", "", "--dir", str(folder)]
    command += ["--tls-port", str(tls), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(authority)]
    command += ["--tls-cert-file", str(folder / "server.pem"), "--tls-key-file", str(folder / "server.key")]
    with running(command, folder=folder, ready=f"tcp://127.0.0.1:{plain}"):
        yield Keys(f"redis://127.0.0.1:{plain}", f"rediss://127.0.0.1:{tls}", authority)


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory) -> Iterator[Tracking]:
    folder = tmp_path_factory.mktemp("mlflow")
    (port,) = free_ports(1)
    python = f"{PROGRAMS}/bin/python"
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/m.db", "--artifacts-destination", f"{folder}/artifacts"]
    VERSIONS["mlflow"] = said(python, "-c", "from importlib.metadata import version; print(version('mlflow'))").strip()
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with running(command, folder=folder, ready=f"http://127.0.0.1:{port}/health", environment=quiet):
        yield Tracking(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[bao.Postgres]:
    with bao.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def ledger_postgres() -> Iterator[LedgerServer]:
    with ledger_server() as server:
        VERSIONS["postgres-ledger"] = VERSIONS["postgres-service"] = server.version
        yield server


@pytest.fixture(scope="session")
def openbao_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("openbao")
    certificate(folder)
    return folder


@pytest.fixture(scope="session")
def openbao(openbao_folder, postgres) -> Iterator[bao.Bao]:
    folder = openbao_folder
    VERSIONS["openbao"] = said(f"{PROGRAMS}/bin/bao", "version").split()[1].removeprefix("v")
    with bao.openbao(f"{PROGRAMS}/bin/bao", folder, postgres, folder) as server:
        yield server


def certificate(folder: Path) -> Path:
    """Write a server's certificate and key for 127.0.0.1, and return the certificate of the authority that signed it."""
    now = datetime.now(UTC)
    root, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority for tests")])

    def signed(
        subject: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        built = x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(key.public_key())
        built = built.serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            built = built.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return built.sign(root, hashes.SHA256())

    authority = signed(name, root, x509.BasicConstraints(ca=True, path_length=0))
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("db.test")])
    served = signed(x509.Name([]), server, here, x509.BasicConstraints(ca=False, path_length=None))
    (folder / "authority.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(served.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        server.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "authority.pem"
