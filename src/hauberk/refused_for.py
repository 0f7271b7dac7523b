"""What a training run or an approval was refused for: the names that stand in the ledger, and in `docs/train.md`."""

from __future__ import annotations

from enum import StrEnum


class RefusedFor(StrEnum):
    """One name for each way in which a run ends without a model, or data without an approval."""

    DATA_DIFFER = "data-differ"  # they are not those of their manifest
    NOT_APPROVED = "not-approved"  # the gate `train` is closed for them
    COMMAND_FAILED = "command-failed"
    UNDECLARED_READ = "undeclared-read"
    UNDECLARED_WRITE = "undeclared-write"
    NETWORK = "network"
    UNSEEN = "unseen"  # it did more than its watcher keeps, or the watcher ended before it did
    NO_REPORT = "no-report"  # the sandbox ended and nobody said how
    LEFT_RUNNING = "left-running"
    OUT_OF_TIME = "out-of-time"
    NOTHING_WRITTEN = "nothing-written"
    UNFIT_OUTPUT = "unfit-output"  # it has no digest, or nothing could open it
    METRICS_MISSING = "metrics-missing"  # no file, no JSON object, or no number of an expected name
    INPUT_CHANGED = "input-changed"
    LEASE_REFUSED = "lease-refused"  # it has no end, or a later one than is allowed
    CREDENTIAL_ENDED = "credential-ended"  # it expired, or was revoked, while the command ran
    CREDENTIAL_WRITTEN = "credential-written"
    NOT_REVOKED = "not-revoked"  # a credential of the run may live on
