"""Keyless signatures: what the library and we accept, and each thing about a bundle that is refused."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import EMAIL, NOW, authority, key, leaf, root
from hauberk.edge.keys import FileSigner
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.signature import oms
from hauberk.signature.certificate import Authority, Identity
from hauberk.signature.key import PublicKey
from hauberk.signature.keyless import Keyless
from producer import bit_flips
from sigstore_house import ISSUER, SIGNED, SIGNER, Wish, trusted_root
from sigstore_house import text as text_of

MANIFEST = oms.manifest_of("model", [("a", "0" * 64), ("b/c", "1" * 64)])
WISH = Wish(oms.encode_payload(MANIFEST))
GOOD = WISH.bundle()
ROOT = json.dumps(trusted_root()).encode()
WHO = Identity.parse(f"email:{EMAIL}")
TRUSTED = Keyless(ROOT, (WHO,), ISSUER)


def opened(data=GOOD, trusted=TRUSTED):
    return oms.open_bundle(data, (), authority=trusted)


def changed(path, value):
    """Return the good bundle with one member changed; `...` takes it away."""
    bundle = json.loads(GOOD)
    place = bundle
    *folders, last = path.split(".")
    for name in folders:
        place = place[int(name) if name.isdigit() else name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(bundle).encode()


def test_a_keyless_bundle_opens_for_its_identity_and_issuer():
    found = opened()
    assert (found.manifest, found.identity, found.ours) == (MANIFEST, WHO, False)
    assert found.key == PublicKey.of(SIGNER.public_key())


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_keys_on_other_curves_are_refused_as_sigstore_signs_with_p256(curve):
    with pytest.raises(NotVerified):
        opened(replace(WISH, signer=key(80, curve)).bundle())


def test_an_identity_may_be_an_address_of_a_workflow():
    address = "https://code.example/ml/train.yml@refs/heads/main"
    data = replace(WISH, names=(x509.UniformResourceIdentifier(address),)).bundle()
    assert opened(data, replace(TRUSTED, identities=(WHO, Identity.parse(f"uri:{address}")))).identity.name == address


@pytest.mark.parametrize(
    "text", ["email:eve@bank.example", "email:ml@bank.example.org", "email:ML@bank.example", "uri:ml@bank.example"]
)
def test_another_identity_is_refused(text):
    with pytest.raises(NotVerified, match=r"SANs|two readers"):
        opened(trusted=replace(TRUSTED, identities=(Identity.parse(text),)))


@pytest.mark.parametrize("issuer", ["https://other.example", ISSUER + "/", ISSUER[:-1], "accounts.example"])
def test_another_issuer_is_refused(issuer):
    with pytest.raises(NotVerified, match="does not hold"):
        opened(trusted=replace(TRUSTED, issuer=issuer))


def test_another_root_is_refused():
    other = trusted_root()
    other["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = text_of(root(key=key(90)).der)
    with pytest.raises(NotVerified, match="chain"):
        opened(trusted=replace(TRUSTED, root=json.dumps(other).encode()))


HOUR = timedelta(hours=1)
BAD = {
    "signed after the certificate ended": {"at": SIGNED + HOUR},
    "signed before the certificate began": {"at": SIGNED - HOUR},
    "a certificate of another authority": {"by": root(key=key(91), begins=SIGNED - HOUR * 48)},
    "a certificate of a server": {"purpose": ExtendedKeyUsageOID.SERVER_AUTH},
    "a certificate that no trusted log took": {"certificate_log": key(92)},
    "an entry that no trusted log took": {"log": key(93)},
    "an entry about something else": {"logged": b"another payload"},
    "no name": {"names": (x509.DNSName("bank.example"),)},
    "another's name": {"names": (x509.RFC822Name("eve@bank.example"),)},
    "another issuer": {"issuer": "https://evil.example"},
}


@pytest.mark.parametrize("case", BAD)
def test_a_bundle_with_one_thing_wrong_is_refused(case):
    with pytest.raises(NotVerified, match="does not hold"):
        opened(replace(WISH, **BAD[case]).bundle())


ENTRY = "verificationMaterial.tlogEntries.0"
CHANGES = {
    "another payload": ("dsseEnvelope.payload", "e30="),
    "no entry": ("verificationMaterial.tlogEntries", []),
    "two entries": ("verificationMaterial.tlogEntries", json.loads(GOOD)["verificationMaterial"]["tlogEntries"] * 2),
    "no proof": (f"{ENTRY}.inclusionProof", ...),
    "no checkpoint": (f"{ENTRY}.inclusionProof.checkpoint", ...),
    "no signed time": (f"{ENTRY}.inclusionPromise", ...),
    "another time": (f"{ENTRY}.integratedTime", str(int(SIGNED.timestamp()) + 1)),
    "another tree": (f"{ENTRY}.inclusionProof.rootHash", "AAAA"),
    "another size": (f"{ENTRY}.inclusionProof.treeSize", "2"),
    "another kind": (f"{ENTRY}.kindVersion.kind", "hashedrekord"),
    "a certificate that is none": ("verificationMaterial.certificate.rawBytes", "MAA="),
    "another signature": ("dsseEnvelope.signatures", [{"sig": "MAYCAQECAQE="}]),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_bundle_is_refused(case):
    with pytest.raises((NotVerified, Malformed)):
        opened(changed(*CHANGES[case]))


def test_no_flipped_bit_makes_another_bundle():
    flips = random.Random(5).sample(list(bit_flips(GOOD)), 150)
    for data in flips:
        try:
            found = opened(data)
        except HauberkError:
            continue
        assert (found.manifest, found.identity) == (MANIFEST, WHO)


def test_a_payload_that_the_library_did_not_verify_is_refused(monkeypatch):
    from sigstore.verify import Verifier  # noqa: PLC0415

    monkeypatch.setattr(Verifier, "verify_dsse", lambda *_: ("application/vnd.in-toto+json", b"{}"))
    with pytest.raises(NotVerified, match="two readers see two things"):
        opened()


def test_a_signature_that_only_the_library_takes_is_refused(monkeypatch):
    from sigstore.verify import Verifier  # noqa: PLC0415

    monkeypatch.setattr(Verifier, "verify_dsse", lambda *_: ("application/vnd.in-toto+json", WISH.payload))
    data = changed("dsseEnvelope.signatures", [{"sig": "MAYCAQECAQE="}])
    with pytest.raises(NotVerified, match="signature does not hold"):
        opened(data)


def test_an_identity_and_an_issuer_are_required():
    with pytest.raises(Misconfigured, match="an identity and an issuer"):
        Keyless(ROOT, (), ISSUER)
    with pytest.raises(Misconfigured, match="an identity and an issuer"):
        Keyless(ROOT, (WHO,), "")


@pytest.mark.parametrize("text", ["dns:bank.example", "subject:CN=ml"])
def test_an_identity_that_no_keyless_certificate_has_is_refused(text):
    with pytest.raises(Misconfigured, match="in no keyless certificate"):
        Keyless(ROOT, (Identity.parse(text),), ISSUER)


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b"\xff", ROOT[:-20], json.dumps(trusted_root() | {"tlogs": []}).encode()]
)
def test_a_root_that_is_none_is_refused(text):
    with pytest.raises(Misconfigured, match="no trusted root"):
        opened(trusted=replace(TRUSTED, root=text))


def test_a_reader_who_trusts_something_else_is_told():
    with pytest.raises(Misconfigured, match="signed keyless"):
        oms.open_bundle(GOOD, (PublicKey.of(SIGNER.public_key()),))
    with pytest.raises(NotVerified, match="signed keyless, by Sigstore"):
        opened(trusted=Authority((root().der,), (WHO,), NOW))


def test_a_chain_of_certificates_is_not_for_who_trusts_a_sigstore():
    by = authority(root())
    made = leaf(by)
    data = oms.sign(MANIFEST, FileSigner(made.key), chain=(made.der, by.der))
    with pytest.raises(NotVerified, match="with a certificate of an authority"):
        opened(data)


def test_without_the_library_it_is_unavailable(monkeypatch):
    monkeypatch.setitem(sys.modules, "sigstore.models", None)
    with pytest.raises(Unavailable, match="needs sigstore") as caught:
        opened()
    assert caught.value.hint == "pip install 'hauberk[keyless]'"
