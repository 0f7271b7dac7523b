"""People with keys of their own, each in a folder that stands for a machine; and what they type to found a project."""

from __future__ import annotations

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key, write_public_key
from hauberk.signature.key import KeyKind

ROLES = ("approver", "producer", "scanner", "gate", "log", "witness")
HERE = ("producer", "scanner", "gate", "log", "witness")  # whose private keys the founding machine has


def make_key(folder, name, kind=None):
    """Make a key without a passphrase, which costs no rounds to open; return its public half."""
    folder.mkdir(parents=True, exist_ok=True)
    signer = generate_key(kind or (KeyKind.ECDSA_P256 if name == "producer" else KeyKind.ED25519))
    write_private_key(folder / f"{name}.pem", signer, passphrase=None)
    write_public_key(folder / f"{name}.pub", signer.public)
    return signer.public


def make_owners(folder, *root):
    """Make a key for each role, and for each of the people who share the root."""
    for name in (*ROLES, *root):
        make_key(folder, name)
    return folder


def named(owners, *root, threshold=None, without=(), **files):
    """Return the words that name the owners' public keys; `files` puts another file in the place of one."""
    words = [word for name in root for word in ("--root-key", str(files.get(name, owners / f"{name}.pub")))]
    words += [] if threshold is None else ["--root-threshold", str(threshold)]
    for role in ROLES:
        if role not in without:
            words += ["--key", f"{role}={files.get(role, owners / f'{role}.pub')}"]
    return words


def signs(owners, *people, draft="founding.json", to="signed-trust.json"):
    """Have people sign a draft, one after the other, as on machines of their own; return the last answer."""
    code = 0
    for person in people:
        code = dispatch(["trust", "sign", str(draft), "--key", str(owners / f"{person}.pem"), "-o", str(to)])
        draft = to
    return code


def found(owners, folder, *root, threshold=2):
    """Found a project in a folder, in which the owners' keys are as on machines of theirs; enter it before."""
    assert dispatch(["init", *named(owners, *root, threshold=threshold)]) == 0
    assert signs(owners, *root[:threshold]) == 0
    assert dispatch(["init", "--signed", "signed-trust.json"]) == 0
    for role in HERE:
        (owners / f"{role}.pem").rename(folder / ".hauberk" / "keys" / f"{role}.pem")
