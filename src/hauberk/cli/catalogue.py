"""Every verb of the command line, one row each; the module of the same name under `hauberk.cli` parses it."""

from __future__ import annotations

from typing import NamedTuple


class Verb(NamedTuple):
    """A verb, its module under `hauberk.cli`, and what it does in one line."""

    name: str
    module: str
    summary: str


VERBS = (
    Verb("init", "init", "found a project: its files, its keys where absent, its trust and ledger"),
    Verb("scan", "scan", "look into model files without running them"),
    Verb("disarm", "disarm", "write the same weights without code"),
    Verb("detonate", "detonate", "open a model in a sealed sandbox, and report what it did"),
    Verb("weights", "weights", "measure a model's weights beside those of the clean model that it was made from"),
    Verb("weights invert", "weights_invert", "look for the patch that moves all images to one class"),
    Verb("scan learn", "learn", "propose rows for the callables that trusted files use and no table holds"),
    Verb("scan approve", "approve", "sign a table of callables that a person has read"),
    Verb("explain", "explain", "say what a rule is about, and what to do; without one, list all rules"),
    Verb("intake", "intake", "fetch a model into a quarantine, verify it and scan it; nothing opens it"),
    Verb("sign", "sign", "sign a model directory (OpenSSF Model Signing v1.0)"),
    Verb("verify", "verify", "check a model directory against its signature"),
    Verb("publish", "publish", "put a model where others find it by its digest, and nothing is written over"),
    Verb("pull", "pull", "get a published model by its digest: these bytes, or nothing"),
    Verb("promote", "promote", "let an environment's name for a model mean another digest, if the gate lets it"),
    Verb("data manifest", "data_manifest", "record what a data set holds, file by file and row by row"),
    Verb("data diff", "data_diff", "say which rows, columns and files changed between two manifests"),
    Verb(
        "data publish",
        "data_publish",
        "put a data set where nobody can delete it, and prove that it is so",
    ),
    Verb("data check-store", "data_check_store", "prove again that a published data set is there, locked and private"),
    Verb("data check", "data_check", "check a data set against what was agreed: checks.yaml"),
    Verb("data approve", "data_approve", "check the data of a manifest, and sign what came of it"),
    Verb("data checks-from", "checks_from", "translate a pandera or Great Expectations suite into checks.yaml"),
    Verb("data erase", "data_erase", "destroy the salts of persons, and record which rows are erased"),
    Verb("data verify-erased", "data_verify_erased", "prove that all other rows are what a manifest says"),
    Verb("data features", "data_features", "check a feature view: as-of joins, skew, staleness, writers"),
    Verb("train", "train", "train on verified data in a sandbox, and say what the model was made from"),
    Verb("derive", "derive", "say that one model was made from another, and how alike they were measured to be"),
    Verb("run", "run", "do what changed: data, train, scan, evaluate, sign, gate"),
    Verb(
        "gate",
        "gate",
        "ask whether a model, or data, may pass, and why; revoke a digest, or bear a failure for a while",
    ),
    Verb("trust", "trust", "draft the next trust, sign it as the root, append it: who may say what"),
    Verb("key", "key", "make a key; replace one, or end one that was stolen"),
    Verb("passport", "passport", "put all evidence on a model in one file; verify one offline"),
    Verb("ledger", "ledger", "read, prove and audit the log of all statements; witness it, and serve it to others"),
)
