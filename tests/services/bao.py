"""An OpenBao with a PostgreSQL behind it: logins by AppRole and JWT, and credentials that live for seconds."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from services.running import free_ports, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT, OWNER = "root-token-of-tests", "owner-password-of-tests"
KEPT = "kept-password-of-tests+/="
CREATED = "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';"
TAKING = """
path "database/creds/*" { capabilities = ["read"] }
path "kv/data/*" { capabilities = ["read"] }
path "pki/issue/train" { capabilities = ["update"] }
"""
REVOKING = 'path "sys/leases/revoke" { capabilities = ["update"] }'


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL that only listens on this machine."""

    port: int
    version: str

    def query(self, text: str) -> str:
        """Return what the owner's query answers."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", "postgres", "-tAc", text]
        environment = {"PATH": os.environ["PATH"], "PGPASSWORD": OWNER}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@dataclass(frozen=True)
class Bao:
    """An OpenBao server, asked as root."""

    url: str
    tls: str
    database: Postgres
    signing: ec.EllipticCurvePrivateKey

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the server answers; {} where there is no such thing."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/v1/{path}", data, {"X-Vault-Token": ROOT}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None
            return {}
        return json.loads(text) if text else {}

    def leases(self, path: str) -> list[str]:
        """Return the leases that are there."""
        return self.ask("LIST", f"sys/leases/lookup/{path}/").get("data", {}).get("keys", [])

    def tokens(self) -> int:
        """Return how many tokens there are."""
        return len(self.ask("LIST", "auth/token/accessors")["data"]["keys"])

    def role(self, name: str, **settings: object) -> None:
        """Write a role of the database, whose credentials live for 10 minutes."""
        body = {"db_name": "pg", "creation_statements": [CREATED], "default_ttl": "10m", "max_ttl": "20m"}
        self.ask("POST", f"database/roles/{name}", body | settings)

    def approle(self, name: str, **settings: object) -> tuple[str, str]:
        """Write a role of AppRole and return its id and a secret id."""
        body = {"token_policies": "train", "token_ttl": "10m", "token_max_ttl": "20m"}
        self.ask("POST", f"auth/approle/role/{name}", body | settings)
        role = self.ask("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        return role, self.ask("POST", f"auth/approle/role/{name}/secret-id", {})["data"]["secret_id"]

    def jwt(self, audience: str) -> str:
        """Return a token that says it is a job of ours (RFC 7519, ES256)."""
        now = int(time.time())
        claims = {"sub": "job", "aud": audience, "iat": now, "nbf": now - 5, "exp": now + 300}
        text = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "ES256", "typ": "JWT"}, claims))
        r, s = decode_dss_signature(self.signing.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL, which refuses to run as root, in a folder that its user can reach."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="hauberk-pg-"))
    (port,) = free_ports(1)
    (folder / "password").write_text(OWNER)
    other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    if other:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres", "postgres")

    def call(*words: str) -> None:
        with (folder / "log").open("ab") as log:
            subprocess.run(
                [*other, *words], cwd=folder, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log, check=True
            )

    place = ["-D", str(folder / "data")]
    settings = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    try:
        call(
            str(binaries / "initdb"), *place, "-U", "owner", "--auth=scram-sha-256", f"--pwfile={folder}/password", "-N"
        )
        call(str(binaries / "pg_ctl"), *place, "-w", "-o", settings, "-l", str(folder / "server"), "start")
        try:
            version = (folder / "data" / "PG_VERSION").read_text().strip()
            yield Postgres(port, version)
        finally:
            call(str(binaries / "pg_ctl"), *place, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@contextmanager
def openbao(program: str, folder: Path, database: Postgres, certificate: Path | None = None) -> Iterator[Bao]:
    """Start an OpenBao that keeps everything in memory; with a certificate's folder, over TLS on a second port."""
    port, tls = free_ports(2)
    command = [program, "server", "-dev", f"-dev-root-token-id={ROOT}", f"-dev-listen-address=127.0.0.1:{port}"]
    command.append("-dev-no-store-token")
    if certificate is not None:
        (folder / "tls.hcl").write_text(
            f'listener "tcp" {{\n  address = "127.0.0.1:{tls}"\n'
            f'  tls_cert_file = "{certificate}/server.pem"\n  tls_key_file = "{certificate}/server.key"\n}}\n'
        )
        command.append(f"-config={folder}/tls.hcl")
    url = f"http://127.0.0.1:{port}"
    with running(command, folder=folder, ready=f"{url}/v1/sys/health"):
        bao = Bao(url, f"https://127.0.0.1:{tls}", database, ec.generate_private_key(ec.SECP256R1()))
        _furnish(bao)
        yield bao


def _furnish(bao: Bao) -> None:
    """Enable logins and engines, and write the policies."""
    bao.ask("POST", "sys/auth/approle", {"type": "approle"})
    bao.ask("POST", "sys/auth/jwt", {"type": "jwt"})
    public = bao.signing.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    bao.ask("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public.decode()]})
    job = {"role_type": "jwt", "bound_audiences": ["hauberk"], "user_claim": "sub", "token_policies": "train"}
    bao.ask("POST", "auth/jwt/role/train", job | {"token_ttl": "10m"})
    for engine, options in (("database", {}), ("pki", {}), ("kv", {"version": "2"})):
        bao.ask("POST", f"sys/mounts/{engine}", {"type": engine, "options": options})
    bao.ask("POST", "kv/data/kept", {"data": {"password": KEPT, "number": 1}})
    bao.ask("POST", "sys/policies/acl/train", {"policy": TAKING + REVOKING})
    bao.ask("POST", "sys/policies/acl/unrevoking", {"policy": TAKING})
    bao.ask("POST", "sys/policies/acl/poor", {"policy": REVOKING})
    bao.ask("POST", "pki/root/generate/internal", {"common_name": "an authority for tests"})
    role = {"allow_any_name": True, "generate_lease": True, "ttl": "10m", "key_type": "ec", "key_bits": 256}
    bao.ask("POST", "pki/roles/train", role)
    connection = (
        f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{bao.database.port}/postgres?sslmode=disable"
    )
    body = {"plugin_name": "postgresql-database-plugin", "allowed_roles": "*", "connection_url": connection}
    bao.ask("POST", "database/config/pg", body | {"username": "owner", "password": OWNER})
    bao.role("train")
