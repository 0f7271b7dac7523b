"""Certificates: which path holds, and each way in which one does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import EMAIL, NOW, Made, authority, key, leaf, root, usage
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.signature.certificate import Authority, Identity, identities_of, key_of, read_certificates, verify_chain
from hauberk.signature.key import PublicKey
from producer import bit_flips

ROOT = root()
BY = authority(ROOT)
LEAF = leaf(BY)
WHO = Identity.parse(f"email:{EMAIL}")
RSA = rsa.generate_private_key(65537, 2048)


def holds(*chain, roots=(ROOT,), who=(WHO,), at=NOW):
    trusted = Authority(tuple(one.der for one in roots), tuple(who), at)
    return verify_chain([one.der for one in chain], trusted)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_a_path_to_a_named_root_holds(curve):
    made = leaf(BY, key=key(31, curve))
    found = holds(made, BY)
    assert found.key == PublicKey.of(made.key.public_key()) == key_of(made.der)
    assert found.identity == WHO


def test_a_path_holds_with_the_root_in_the_bundle_and_with_no_authority_between():
    assert holds(LEAF, BY, ROOT).identity == WHO
    assert holds(leaf(ROOT)).identity == WHO


def test_an_authority_with_an_rsa_key_may_issue():
    assert holds(leaf(authority(ROOT, key=RSA)), authority(ROOT, key=RSA)).identity == WHO


NAMES = {
    "uri:spiffe://bank.example/ml": x509.UniformResourceIdentifier("spiffe://bank.example/ml"),
    "dns:ml.bank.example": x509.DNSName("ml.bank.example"),
}


@pytest.mark.parametrize("text", NAMES)
def test_an_identity_is_found_among_the_names(text):
    made = leaf(BY, names=(x509.RFC822Name("other@bank.example"), NAMES[text]))
    assert str(holds(made, BY, who=(WHO, Identity.parse(text))).identity) == text


def test_a_subject_is_an_identity_where_there_are_no_names():
    made = leaf(BY, names=())
    assert holds(made, BY, who=(Identity.parse("subject:CN=signer"),)).identity.name == "CN=signer"


REFUSED = {
    "expired": ({"ends": NOW - timedelta(seconds=1)}, "is valid from .* not at 2026"),
    "not-yet-valid": ({"begins": NOW + timedelta(seconds=1)}, "is valid from .* not at 2026"),
    "for-a-tls-server": ({"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "not for signing code"),
    "for-any-purpose": ({"purposes": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)}, "not for signing code"),
    "without-a-purpose": ({"purposes": ()}, "extension"),
    "for-key-agreement": ({"usage": usage(key_agreement=True)}, "not for signatures"),
    "for-certificates-too": ({"usage": usage(digital_signature=True, key_cert_sign=True)}, "."),
    "without-a-usage": ({"usage": None}, "extension"),
    "an-authority": ({"constraints": x509.BasicConstraints(ca=True, path_length=None)}, "authority"),
    "of-another": ({"names": (x509.RFC822Name("ml@other.example"),)}, "of email:ml@other.example.* not of email"),
    "of-a-longer-name": ({"names": (x509.RFC822Name("x" + EMAIL),)}, "not of email"),
    "of-the-name-as-dns": ({"names": (x509.DNSName("bank.example"),)}, "not of email"),
    "with-no-name": ({"names": ()}, "not of email"),
    "with-the-name-as-subject": ({"names": (), "subject": EMAIL}, "not of email"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_leaf_with_one_thing_wrong_is_refused(case):
    changes, says = REFUSED[case]
    with pytest.raises(NotVerified, match=says):
        holds(leaf(BY, **changes), BY)


def odd(oid: str, value: str, **changes):
    """Return a leaf with another extension, which a reader of all extensions cannot read."""
    made = leaf(BY, names=(), **changes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(made.certificate.subject)
        .issuer_name(made.certificate.issuer)
        .public_key(made.key.public_key())
        .serial_number(made.certificate.serial_number)
        .not_valid_before(made.certificate.not_valid_before_utc)
        .not_valid_after(made.certificate.not_valid_after_utc)
    )
    for extension in made.certificate.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    added = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), bytes.fromhex(value))
    return Made(builder.add_extension(added, critical=False).sign(BY.key, hashes.SHA256()), made.key)


ODD = {
    "an X.400 address as its name": ("2.5.29.17", "3004a3023000"),
    "an EDI party as its name": ("2.5.29.17", "3004a5023000"),
    "a list of revocations that is cut": ("2.5.29.31", "300501"),
    "a policy that is none": ("2.5.29.32", "01"),
}


@pytest.mark.parametrize("ends", [NOW - timedelta(seconds=1), NOW + timedelta(days=1)], ids=["expired", "valid"])
@pytest.mark.parametrize("who", ["email:ml@bank.example", "subject:CN=signer"])
@pytest.mark.parametrize("case", ODD)
def test_an_extension_that_cannot_be_read_is_refused(case, who, ends):
    made = odd(*ODD[case], ends=ends)
    with pytest.raises((NotVerified, Malformed)):
        holds(made, BY, who=(Identity.parse(who),))
    with pytest.raises(Malformed, match="an extension of the certificate cannot be read"):
        identities_of(made.der)


def test_a_path_is_valid_at_the_time_that_is_trusted():
    made = leaf(BY, ends=NOW + timedelta(days=2))
    holds(made, BY, at=NOW + timedelta(days=2))
    for at in (NOW + timedelta(days=2, seconds=1), NOW - timedelta(days=2)):
        with pytest.raises(NotVerified, match="is valid from"):
            holds(made, BY, at=at)


PATHS = {
    "another root of the same name": lambda: (LEAF, BY, root(key=key(11))),
    "an authority that expired": lambda: (LEAF, authority(ROOT, ends=NOW - timedelta(days=1)), ROOT),
    "an authority that is none": lambda: (
        LEAF,
        authority(ROOT, constraints=x509.BasicConstraints(ca=False, path_length=None)),
        ROOT,
    ),
    "an authority that may not issue": lambda: (LEAF, authority(ROOT, usage=usage(digital_signature=True)), ROOT),
    "an authority signed with SHA-1": lambda: (LEAF, with_sha_1(authority(root(key=RSA)), RSA), root(key=RSA)),
    "an authority that is missing": lambda: (LEAF, leaf(ROOT, subject="x"), ROOT),
    "an authority for other names": lambda: (LEAF, authority(ROOT, allowed=_only("other.example")), ROOT),
    "a root that expired": lambda: (LEAF, BY, root(ends=NOW - timedelta(days=1))),
}


def _only(host):
    return x509.NameConstraints([x509.RFC822Name(host), x509.DNSName(host)], None)


def with_sha_1(made, signer):
    """Return a certificate signed once more, soundly, with SHA-1, which no library signs with any more."""
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    body = made.certificate.tbs_certificate_bytes
    signature = signer.sign(body.replace(sha256, sha1), padding.PKCS1v15(), hashes.SHA1())
    der = made.der.replace(sha256, sha1).replace(made.certificate.signature, signature)
    return Made(x509.load_der_x509_certificate(der), made.key)


def test_the_certificate_with_sha_1_is_sound():
    made = with_sha_1(leaf(authority(ROOT, key=RSA)), RSA)
    RSA.public_key().verify(
        made.certificate.signature, made.certificate.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA1()
    )


@pytest.mark.parametrize("case", PATHS)
def test_a_path_with_one_thing_wrong_is_refused(case):
    made, by, top = PATHS[case]()
    with pytest.raises(NotVerified):
        holds(made, by, roots=(top,))


FOR_CODE, FOR_ANYTHING = ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
FOR_SERVERS, FOR_CLIENTS = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@pytest.mark.parametrize("purposes", [(FOR_CODE,), (FOR_ANYTHING,), (FOR_CLIENTS, FOR_CODE)])
def test_an_authority_for_signers_of_code_issues(purposes):
    by = authority(ROOT, purposes=purposes)
    assert holds(leaf(by), by).identity == WHO


@pytest.mark.parametrize("purposes", [(FOR_SERVERS, FOR_CLIENTS), (FOR_CLIENTS,), (FOR_SERVERS,)])
def test_an_authority_for_tls_makes_nobody_a_signer(purposes):
    by = authority(ROOT, purposes=purposes)
    with pytest.raises(NotVerified, match="not for certificates that sign code"):
        holds(leaf(by), by)


def test_an_authority_for_this_name_issues():
    by = authority(ROOT, allowed=_only("bank.example"))
    assert holds(leaf(by), by).identity == WHO


def test_a_subject_is_no_identity_under_an_authority_for_some_names():
    by = authority(ROOT, allowed=_only("bank.example"))
    with pytest.raises(NotVerified, match="limited to some names"):
        holds(leaf(by), by, who=(Identity.parse("subject:CN=signer"),))


def test_a_path_that_is_longer_than_an_authority_allows_is_refused():
    deeper = authority(BY, subject="deeper", key=key(21))  # BY has path_length 0
    with pytest.raises(NotVerified):
        holds(leaf(deeper), deeper, BY)
    longer = authority(ROOT, constraints=x509.BasicConstraints(ca=True, path_length=1))
    deeper = authority(longer, subject="deeper", key=key(21))
    assert holds(leaf(deeper), deeper, longer).identity == WHO


def test_a_leaf_that_is_a_root_is_refused():
    with pytest.raises(NotVerified, match="itself a root"):
        holds(LEAF, BY, roots=(ROOT, LEAF))


def test_a_leaf_that_signed_itself_is_refused():
    alone = leaf(None)
    with pytest.raises(NotVerified):
        holds(alone)


def test_a_leaf_signed_with_sha_1_is_refused():
    by = authority(ROOT, key=RSA)
    with pytest.raises(NotVerified):
        holds(with_sha_1(leaf(by), RSA), by)
    assert holds(leaf(by), by).identity == WHO


@pytest.mark.parametrize("other", [RSA, key(30, ec.SECP256K1())], ids=["rsa", "secp256k1"])
def test_a_leaf_with_a_key_of_another_kind_is_refused(other):
    with pytest.raises(HauberkError, match="signs no"):
        holds(leaf(BY, key=other), BY)


@pytest.mark.parametrize(("roots", "who"), [((), (WHO,)), ((ROOT,), ())])
def test_nothing_is_trusted_by_default(roots, who):
    with pytest.raises(Misconfigured, match="a root and an identity"):
        holds(LEAF, BY, roots=roots, who=who)


@pytest.mark.parametrize("chain", [[], [LEAF, *[BY] * 8]])
def test_no_certificate_and_too_many_are_refused(chain):
    with pytest.raises(Malformed, match="1 to 8"):
        holds(*chain)


@pytest.mark.parametrize(
    "text", ["", EMAIL, "email:", "mail:x", "email:*@bank.example", "dns:*.bank.example", "EMAIL:x"]
)
def test_what_is_no_identity_is_refused(text):
    with pytest.raises(Misconfigured, match="is no identity"):
        Identity.parse(text)


def test_certificates_are_read_from_pem():
    assert read_certificates(b"text\n" + LEAF.pem + BY.pem, "f") == (LEAF.der, BY.der)
    for data in (b"", LEAF.private, LEAF.der):
        with pytest.raises(Misconfigured, match="no PEM certificate"):
            read_certificates(data, "f")
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_certificates(LEAF.pem.replace(b"MII", b"MIJ"), "f")


def test_no_changed_bit_of_a_leaf_is_accepted():
    trusted = Authority((ROOT.der,), (WHO,), NOW)
    for data in bit_flips(LEAF.der):
        with pytest.raises(HauberkError):
            verify_chain([data, BY.der], trusted)


def test_a_certificate_whose_number_is_none_is_refused():
    der = LEAF.der
    number = LEAF.certificate.serial_number.to_bytes(2)
    assert der.count(b"\x02\x02" + number) == 1
    with pytest.raises(Malformed, match="positive"):
        verify_chain([der.replace(b"\x02\x02" + number, b"\x02\x02\xff\x01")], Authority((ROOT.der,), (WHO,), NOW))


@pytest.mark.parametrize("data", [b"", b"0", b"\x30\x80\x00\x00", b"x" * (65 << 10)])
def test_what_is_no_certificate_is_refused(data):
    with pytest.raises(Malformed, match="certificate"):
        verify_chain([data], Authority((ROOT.der,), (WHO,), NOW))
