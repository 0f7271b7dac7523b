"""`hauberk.yaml` as people write it: nothing but our errors, and no path that leaves the project."""

from pathlib import PurePosixPath

from hauberk.pipeline.project import decode_project
from hauberk.verbs.templates import PIPELINE


def seeds() -> list[bytes]:
    whole = PIPELINE.format(name="tumour").encode()
    decode_project(whole)
    bare = b"\n".join(line for line in whole.split(b"\n") if line and not line.startswith(b"#"))
    return [whole, bare, bare.replace(b"model/", b"../model/"), bare.replace(b"[load]", b"[]")]


def one_input(data: bytes) -> None:
    file = decode_project(data)
    for path in (file.model.path, file.passport, file.sign.signature, file.evaluate.metrics):
        assert ".." not in PurePosixPath(path).parts
        assert not path.startswith("/")
