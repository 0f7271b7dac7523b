"""A job's data is read by what the job's cloud gives it: each source of keys, their renewal, and what is refused of each.

The services of the clouds are fakes; addresses that no test can listen at lead to them, and to nobody else.
"""

import socket
import time
from contextlib import ExitStack

import pytest

from fake_bucket import ACCESS, SECRET, fake_bucket
from fake_gcs import fake_gcs
from fake_machine import CONTAINER, POD, POD_TOKEN, fake_machine
from fake_sts import ROLE, fake_sts
from hauberk import data
from hauberk.edge import clock
from hauberk.edge.remote import aws_login, machine
from hauberk.errors import Exceeded, HauberkError, Misconfigured, NotVerified, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_publish import Asked, publish
from hauberk.verbs.data_remote import Lines, elsewhere
from hauberk.verbs.scan import scan
from link_local.sitecustomize import rerouted

PLAIN = Wanted("t", None)
NAMES = ("a.csv", "b.csv", "c.csv", "d.csv")
ROWS = b"n\n1\n"
METADATA = ("169.254.169.254", 80)
AGENT, EKS = ("169.254.170.2", 80), ("169.254.170.23", 80)


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """Let no credentials of this machine in."""
    for name in ("ACCESS_KEY_ID", "PROFILE", "REGION", "SESSION_TOKEN", "ENDPOINT_URL", "SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def bucket(monkeypatch):
    with fake_bucket() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", running.url)
        monkeypatch.setattr(clock, "now", lambda: int(running.now()))
        for name in NAMES:
            running.add(f"w/{name}", ROWS)
        yield running


@pytest.fixture
def gcs(monkeypatch):
    with fake_gcs() as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.server.url)
        monkeypatch.setattr(clock, "now", lambda: int(running.now()))
        for name in NAMES:
            running.add(f"w/{name}", ROWS)
        yield running


@pytest.fixture
def here(request, monkeypatch):
    """A machine in Amazon's cloud, or in Google's where the test has that store; the addresses that were connected to."""
    stores = {name: request.getfixturevalue(name) for name in ("bucket", "gcs") if name in request.fixturenames}
    with fake_machine(**stores) as running:
        running.connected = []
        routes = dict.fromkeys((METADATA, AGENT, EKS), running.port)
        monkeypatch.setattr(socket.socket, "connect", rerouted(routes, running.connected))
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.delenv("NO_GCE_CHECK")
        yield running


def by_agent(_here, _tmp_path):
    return {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": CONTAINER}


def by_loopback(here, _tmp_path):
    url = f"http://127.0.0.1:{here.port}{POD}"
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": POD_TOKEN}


def by_pod(_here, tmp_path):
    (tmp_path / "pod").write_text(f"{POD_TOKEN}\n")
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://169.254.170.23{POD}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "pod"),
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this one",
    }


def by_machine(_here, _tmp_path):
    return {}


SOURCES = (by_agent, by_loopback, by_pod, by_machine)


def given(monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=SOURCES)
def source(request, here, tmp_path, monkeypatch):
    given(monkeypatch, request.param(here, tmp_path))
    return here


def manifest(tmp_path, scheme="s3"):
    return make_manifest((f"{scheme}://sets/w/",), tmp_path / "m", PLAIN)


# Amazon's.


def test_each_source_opens_what_is_approved_and_nothing_else(bucket, source, tmp_path):
    manifest(tmp_path)
    with data.open_verified("s3://sets/w/a.csv", manifest=tmp_path / "m") as file:
        assert file.read() == ROWS
    assert source.given
    bucket.lies |= {"rot", "no checksum"}
    with pytest.raises(NotVerified), data.open_verified("s3://sets/w/a.csv", manifest=tmp_path / "m") as file:
        file.read()


def test_keys_that_end_midway_are_renewed(bucket, source, tmp_path):
    bucket.pace = 1500  # five requests take more than two hours, the keys hold for one
    assert len(manifest(tmp_path).files) == 4
    assert source.given == 2


def test_keys_are_asked_for_once_while_they_hold(bucket, source, tmp_path):
    manifest(tmp_path)
    assert source.given == 1


def test_keys_that_end_midway_and_are_not_given_again_are_refused_by_name(bucket, source, tmp_path):
    bucket.pace = 1500
    with pytest.raises(
        Unavailable, match=r"what lets us into S3 ended at 20..-..-..T..:..:..Z, and there is nothing new"
    ):
        make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN, seen=lambda *_: source.lies.add("gone"))
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("lie", ["gone", "ended"])
def test_keys_that_could_not_be_renewed_early_serve_until_they_end(bucket, source, tmp_path, lie):
    bucket.pace = 860  # the fifth request is 160 seconds before the end: early enough to ask, and none are given
    make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN, seen=lambda *_: source.lies.add(lie))
    assert source.given == (1 if lie == "gone" else 2)
    assert source.log.count(source.log[-1]) > 1


@pytest.mark.parametrize(
    ("lie", "error"),
    [
        ("garbage", Unavailable),
        ("no end", Unavailable),
        ("odd end", Unavailable),
        ("ended", Unavailable),
        ("odd letters", Unavailable),
        ("long", Exceeded),
    ],
)
def test_bad_keys_are_refused_and_not_repeated(bucket, source, tmp_path, lie, error):
    source.lies.add(lie)
    with pytest.raises(error) as refused:
        manifest(tmp_path)
    assert "secret/1" not in f"{refused.value.message}{refused.value.hint}"
    assert CONTAINER not in refused.value.message
    assert bucket.log == []


@pytest.mark.parametrize(
    ("way", "lie"),
    [(by_agent, "slow"), *((way, lie) for way in (by_agent, by_loopback, by_pod) for lie in ("gone", "redirect"))],
)
def test_an_agent_that_gives_no_keys_is_refused_in_seconds(bucket, here, tmp_path, monkeypatch, way, lie):
    given(monkeypatch, way(here, tmp_path))
    here.lies.add(lie)
    begun = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        manifest(tmp_path)
    assert time.monotonic() - begun < 10
    assert "credentials" not in refused.value.message  # the path: whoever knows it is given the keys
    assert bucket.log == []
    assert ("127.0.0.1", 9) not in here.connected


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.1/creds",
        "http://169.254.170.2.example/creds",
        "http://10.0.0.1/creds",
        "http://93.184.216.34/creds",
        "https://169.254.170.2/creds",
        "ftp://127.0.0.1/creds",
        "http://user@127.0.0.1/creds",
        "nonsense",
    ],
)
def test_a_full_address_that_is_neither_https_nor_here_is_asked_for_nothing(bucket, here, tmp_path, monkeypatch, url):
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", POD_TOKEN)
    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    with pytest.raises((Misconfigured, Unavailable)):
        manifest(tmp_path)
    assert here.connected == []


def test_a_full_address_whose_name_leads_here_and_elsewhere_is_asked_for_nothing(bucket, here, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://both.test:{here.port}{POD}")
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **kept: only_numbers("127.0.0.1", port) + only_numbers("10.0.0.1", port),
    )
    with pytest.raises(Misconfigured, match="plain HTTP"):
        manifest(tmp_path)
    assert here.connected == []


def only_numbers(host, port, **_kept):
    try:
        socket.inet_aton(host)
    except OSError:
        raise socket.gaierror(-2, "Name or service not known") from None
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]


def test_an_address_in_version_six_is_an_agent_too():
    with machine.at_fixed_address("http://[fd00:ec2::23]/v1/credentials", "") as client:
        (family, address), *_ = client._reached.addresses
    assert (family, address) == (socket.AF_INET6, ("fd00:ec2::23", 80))


@pytest.mark.parametrize("uri", ["v2/credentials", "@elsewhere/", ".evil.test/", "http://elsewhere/"])
def test_a_relative_address_begins_with_a_slash(bucket, here, tmp_path, monkeypatch, uri):
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", uri)
    with pytest.raises(Misconfigured, match="begins with no /"):
        manifest(tmp_path)
    assert here.connected == []


@pytest.mark.parametrize("token", ["a\r\nb", "é", "another"])
def test_a_pods_token_that_is_none_opens_nothing(bucket, here, tmp_path, monkeypatch, token):
    given(monkeypatch, by_pod(here, tmp_path))
    (tmp_path / "pod").write_text(token)
    with pytest.raises((Misconfigured, Unavailable)):
        manifest(tmp_path)
    assert here.given == 0


def test_a_pods_token_is_read_again_for_each_renewal(bucket, here, tmp_path, monkeypatch):
    given(monkeypatch, by_pod(here, tmp_path))
    bucket.pace = 1500
    with pytest.raises(Unavailable, match="nothing new"):
        make_manifest(
            ("s3://sets/w/",), tmp_path / "m", PLAIN, seen=lambda *_: (tmp_path / "pod").write_text("revoked")
        )


def test_keys_in_the_environment_come_first_and_nobody_is_asked(bucket, source, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    manifest(tmp_path)
    assert source.log == []


def test_the_agent_comes_before_the_machine(bucket, here, tmp_path, monkeypatch):
    given(monkeypatch, by_agent(here, tmp_path))
    manifest(tmp_path)
    assert set(here.log) == {f"GET {CONTAINER}"}


def test_publishing_takes_the_jobs_keys_too(bucket, source, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/x").write_bytes(b"x")
    bucket.pace = 300
    done = publish(tmp_path / "set", "s3://sets/new/", Asked(clock.now() + 86_400 * 30))
    assert (done.sent, done.disproven) == (1, ())


# The machine's own, which only data asks for.


def test_a_scan_never_asks_the_machine(bucket, here):
    with pytest.raises(Unavailable, match="lets us not in"):
        scan("s3://sets/w/")
    assert here.log == []


@pytest.mark.parametrize("way", [by_agent, by_loopback, by_pod])
def test_a_scan_never_asks_the_container_who_it_is(bucket, here, tmp_path, monkeypatch, way):
    given(monkeypatch, way(here, tmp_path))
    with pytest.raises(Unavailable, match="lets us not in"):
        scan("s3://sets/w/")
    assert here.log == []
    bucket.lies.add("open")
    assert len(scan("s3://sets/w/").reports) == 4
    assert (here.log, here.connected.count(AGENT), here.connected.count(EKS)) == ([], 0, 0)


def test_a_worker_asks_as_who_it_is(bucket, source, tmp_path):
    manifest(tmp_path)
    before = source.given
    with ExitStack() as stack:
        there, _ = elsewhere("s3://sets/w/", stack).files[0]
        with Lines().fetching(there) as (view, _):
            assert view.read_at(0, 100) == ROWS
    assert source.given > before


def test_a_container_is_asked_where_the_machine_is_switched_off(bucket, here, tmp_path, monkeypatch):
    given(monkeypatch, by_agent(here, tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert len(manifest(tmp_path).files) == 4


def test_a_scan_never_asks_googles_machine(gcs, here):
    with pytest.raises(Unavailable, match="lets us not in"):
        scan("gs://sets/w/")
    assert here.log == []


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_whoever_switches_it_off_is_not_asked(bucket, gcs, here, tmp_path, monkeypatch, scheme):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "True")
    with pytest.raises(Unavailable, match="lets us not in"):
        manifest(tmp_path, scheme)
    assert here.log == []


def test_the_second_version_of_the_metadata_service_alone_is_asked(bucket, here, tmp_path):
    manifest(tmp_path)
    path = "/latest/meta-data/iam/security-credentials/"
    assert here.log == ["PUT /latest/api/token", f"GET {path}", f"GET {path}train-role"]
    assert set(here.connected) == {METADATA, ("127.0.0.1", int(bucket.url.rpartition(":")[2]))}


@pytest.mark.parametrize(
    ("scheme", "lie"),
    [("gs", "slow"), *((scheme, lie) for scheme in ("s3", "gs") for lie in ("gone", "redirect", "no role"))],
)
def test_where_there_is_no_machine_to_ask_nothing_is_signed(bucket, gcs, here, tmp_path, scheme, lie):
    here.lies.add(lie)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="lets us not in"):
        manifest(tmp_path, scheme)
    assert time.monotonic() - begun < 10


def test_what_is_open_to_all_is_read_where_there_is_no_machine_to_ask(bucket, here, tmp_path):
    here.lies.add("gone")
    bucket.lies.add("open")
    assert len(manifest(tmp_path).files) == 4


def test_a_machine_whose_role_is_not_given_is_refused(bucket, here, tmp_path):
    here.lies.add("failed")
    with pytest.raises(Unavailable, match="gives no keys of the machine's role"):
        manifest(tmp_path)


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_another_server_at_the_address_of_the_metadata_service_is_refused(bucket, gcs, here, tmp_path, scheme):
    here.lies.add("portal")
    with pytest.raises(Unavailable, match="what answers at the address of the metadata"):
        manifest(tmp_path, scheme)


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest/api/token", "http://169.254.170.2/v2/credentials/5a1f"]
)
def test_no_address_of_data_leads_there(here, tmp_path, address):
    with pytest.raises(HauberkError, match="no address of a server"):
        make_manifest((address,), tmp_path / "m", PLAIN)
    assert here.connected == []


# A web identity.


@pytest.fixture
def sts(bucket, tmp_path, monkeypatch):
    with fake_sts(bucket) as running:
        (tmp_path / "identity").write_text(running.token)
        monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
        monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "identity"))
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", running.url)
        yield running


def test_a_web_identity_opens_what_is_approved(bucket, sts, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "week-47")
    manifest(tmp_path)
    with data.open_verified("s3://sets/w/b.csv", manifest=tmp_path / "m") as file:
        assert file.read() == ROWS
    assert {asked["RoleSessionName"] for asked in sts.log} == {"week-47"}


def test_a_web_identity_is_renewed_by_the_token_that_is_there_then(bucket, sts, tmp_path):
    bucket.pace = 1500

    def rotate(*_):
        sts.token = f"eyJ.identity.{len(sts.log)}"
        (tmp_path / "identity").write_text(sts.token)

    make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN, seen=rotate)
    assert len({asked["WebIdentityToken"] for asked in sts.log}) > 1


def test_a_web_identity_that_ends_is_refused_by_name(bucket, sts, tmp_path):
    bucket.pace = 1500

    def end(*_):
        sts.refuses = "ExpiredTokenException"

    with pytest.raises(Unavailable, match=r"ended at .*lets us not in \(400, ExpiredTokenException\)"):
        make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN, seen=end)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/other"}, Unavailable, "403, AccessDenied"),
        ({"AWS_ROLE_SESSION_NAME": "no blanks"}, Unavailable, "400, ValidationError"),
        ({"AWS_ENDPOINT_URL_STS": "http://93.184.216.34"}, Misconfigured, "plain HTTP"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/absent"}, HauberkError, "absent"),
        ({"AWS_REGION": "not a region", "AWS_ENDPOINT_URL_STS": ""}, Misconfigured, "no region"),
    ],
)
def test_a_role_that_is_not_given_is_refused(bucket, sts, tmp_path, monkeypatch, change, error, said):
    given(monkeypatch, change)
    with pytest.raises(error, match=said):
        manifest(tmp_path)
    assert bucket.log == []


@pytest.mark.parametrize(
    ("text", "error"), [("", Misconfigured), ("a b", Misconfigured), ("é", Misconfigured), ("stranger", Unavailable)]
)
def test_a_token_that_is_none_gives_no_role(bucket, sts, tmp_path, text, error):
    (tmp_path / "identity").write_text(text)
    with pytest.raises(error):
        manifest(tmp_path)


@pytest.mark.parametrize("lie", ["garbage", "doctype", "no end", "ended", "odd letters"])
def test_an_answer_of_sts_that_is_none_gives_no_role(bucket, sts, tmp_path, lie):
    sts.machine.lies.add(lie)
    with pytest.raises(Unavailable) as refused:
        manifest(tmp_path)
    assert "secret/1" not in f"{refused.value.message}{refused.value.hint}"


def test_the_region_names_the_sts_that_is_asked(monkeypatch):
    asked = []
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: asked.append(host) or only_numbers("?", 0))
    given(monkeypatch, {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": __file__})
    with pytest.raises(Misconfigured):  # this file is no token: nobody is asked
        aws_login.keys()()
    assert asked == []


# Google's.


def test_googles_machine_opens_what_is_approved(gcs, here, tmp_path):
    manifest(tmp_path, "gs")
    with data.open_verified("gs://sets/w/c.csv", manifest=tmp_path / "m") as file:
        assert file.read() == ROWS
    assert set(here.log) == {"GET /computeMetadata/v1/instance/service-accounts/default/token"}


def test_a_token_that_ends_midway_is_renewed(gcs, here, tmp_path):
    gcs.pace = 1500
    assert len(manifest(tmp_path, "gs").files) == 4
    assert here.given > 1


def test_a_token_that_ends_midway_and_is_not_given_again_is_refused_by_name(gcs, here, tmp_path):
    gcs.pace = 1500
    with pytest.raises(Unavailable, match=r"what lets us into Google's storage ended at .*gives no token any more"):
        make_manifest(("gs://sets/w/",), tmp_path / "m", PLAIN, seen=lambda *_: here.lies.add("gone"))
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("lie", ["garbage", "no end", "odd end", "ended"])
def test_a_bad_token_is_refused(gcs, here, tmp_path, lie):
    here.lies.add(lie)
    with pytest.raises(Unavailable, match="no token, or not with its end"):
        manifest(tmp_path, "gs")


def test_a_token_with_another_header_in_it_is_refused(gcs, here, tmp_path):
    here.lies.add("odd letters")
    with pytest.raises(HauberkError, match="no token"):
        manifest(tmp_path, "gs")
    assert gcs.server.log == []


@pytest.mark.parametrize(
    "host",
    [
        "https://storage.evil.test",
        "https://127.evil.test",
        "https://storage.googleapis.com.evil.test",
        "https://evilgoogleapis.com",
    ],
)
def test_the_machines_token_is_for_googles_hosts_alone(here, gcs, tmp_path, monkeypatch, host):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", host)
    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    with pytest.raises(Unavailable, match="not known"):
        manifest(tmp_path, "gs")
    assert here.log == []
