"""What is lent for a run: taken, kept alive while it lasts, and given back whatever happened.

| what happens                                        | what follows                                               |
|-----------------------------------------------------|------------------------------------------------------------|
| a lease is longer than its `ttl_minutes`            | refused, and revoked                                       |
| two thirds of a lease, or of the login, are over    | it is renewed; a server that does not answer is asked again |
| one ends, or the server knows it no more            | refused: the command is ended                              |
| the end                                             | each lease is revoked, waiting for it, then the login      |
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.clock import stopwatch
from hauberk.edge.files import printable
from hauberk.errors import Misconfigured, Refused, Unavailable
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from hauberk.edge.secrets.bao import Answer, Server
    from hauberk.edge.secrets.redaction import Redactor
    from hauberk.edge.secrets.written import Login, Secret, Written

LOGIN: Final = "the login"
SECONDS_A_MINUTE: Final = 60
_RENEW: Final = "sys/leases/renew"
_REVOKE: Final = "sys/leases/revoke"
_LOOK_UP: Final = "sys/leases/lookup"
_LEAST_PAUSE: Final = 0.2
_TRIES: Final = 3
_LONGEST_SECONDS: Final = 30.0  # of asking again, while signals wait
_MOST_GIVING_SECONDS: Final = 180.0  # for all leases together, of a server that does not answer
_FAILING: Final = 500  # from here on, the fault is the server's and may pass
_LONGEST_LEASE: Final = 1 << 40  # seconds; a number that a float cannot hold is no less of a lease
_MOST_VALUE: Final = 1 << 16
_MOST_SHOWN: Final = 300


@dataclass(slots=True)
class Lease:
    """Something that ends by itself.

    Attributes:
        path: where it was taken; `LOGIN` is the login itself, which has no id.
        taken: by the stopwatch, before it was asked for: it ends no later than it seems here.
        most: the longest that it may be, in seconds.
    """

    path: str
    id: str
    taken: float
    seconds: float
    is_renewable: bool
    most: float
    due: float = 0.0

    def __post_init__(self) -> None:
        self.due = self.taken + self.seconds * (2 / 3 if self.is_renewable else 1)

    @property
    def ends(self) -> float:
        """Return when it ends, by the stopwatch."""
        return self.taken + self.seconds


class Leases:
    """What one run has borrowed. `give_back` is called however it ended, and again does nothing more."""

    def __init__(self, server: Server, hide: Redactor) -> None:
        self._server = server
        self._hide = hide
        self._login: Lease | None = None
        self._leases: list[Lease] = []

    def log_in(self, written: Written) -> None:
        """Get a token, and see that it lets us give back what it lets us take.

        Raises:
            Unavailable: the server does not let us in, or is sealed.
            Misconfigured: a login that could not be given back.
        """
        mount, body = _credentials(written, written.document.login, self._hide)
        taken = stopwatch()
        answer = self._server.ask("POST", f"auth/{mount}/login", body)
        auth = self._member(answer, "auth", f"the login at {mount}")
        token = auth.get("client_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise Unavailable(f"the login at {mount} gives no token", "check the mount")
        self._hide.add(token, "the token")
        if auth.get("token_type") == "batch":
            ends = f"it ends by itself after {_seconds(auth):.0f} s"
            raise Misconfigured(f"the login gives a batch token, which nobody can revoke; {ends}", "use service tokens")
        self._server.token = token
        self._login = Lease(LOGIN, "", taken, _seconds(auth) or math.inf, auth.get("renewable") is True, math.inf)
        if auth.get("num_uses"):
            raise Misconfigured("the login's token has few uses, and may not last to revoke", "set token_num_uses=0")
        self._require_revoking()

    def take(self, secret: Secret) -> dict[str, str]:
        """Return variables and their values, leased now.

        Raises:
            Unavailable: the server does not give it, or not the fields.
            Refused: it has no lease, or one that is longer than allowed.
        """
        taken = stopwatch()
        method = "GET" if secret.parameters is None else "POST"
        answer = self._server.ask(method, secret.path, secret.parameters)
        found = str(answer.document.get("lease_id") or "")
        if found:  # first of all, so that whatever is wrong with the answer, this is given back
            is_renewable = answer.document.get("renewable") is True
            seconds, most = _seconds(answer.document), secret.ttl_minutes * SECONDS_A_MINUTE
            lease = Lease(secret.path, found, taken, seconds, is_renewable, most)
            self._leases.append(lease)
        data = self._member(answer, "data", secret.path)
        if found:
            _require_short(lease)
        elif not secret.without_lease:
            raise Refused(
                f"{secret.path} has no lease: it would live on after the run, and cannot be revoked",
                "name a dynamic secret, or allow this one with `without_lease: true`",
                refused_for=RefusedFor.LEASE_REFUSED,
            )
        else:
            data = _versioned(data)
        return {name: self._value(data, name, field, secret.path) for name, field in secret.variables.items()}

    def attend(self) -> float:
        """Renew what is due; return after how many seconds to come again.

        Raises:
            Refused: a credential ended while the command runs, or could not be kept as short as it must be.
        """
        for lease in self._all():
            now = stopwatch()
            if now >= lease.ends:
                raise _ended(lease)
            if now >= lease.due:
                self._renew(lease)
        return max(_LEAST_PAUSE, min((lease.due for lease in self._all()), default=math.inf) - stopwatch())

    def require_alive(self) -> None:
        """Raise `Refused` unless everything that was lent holds until now, as far as the server tells."""
        for lease in self._all():
            if stopwatch() >= lease.ends:
                raise _ended(lease)
        for lease in self._leases:
            answer = self._asked_again("POST", _LOOK_UP, {"lease_id": lease.id}, tries=1)
            if answer is not None and _is_unknown(answer):
                raise _ended(lease)

    def give_back(self) -> tuple[str, ...]:
        """Revoke everything; return what could not be, each with its id and the server's words.

        The login's end is asked for in any case: with a token, a server ends what was leased with it.
        """
        failed, begun = [], stopwatch()
        for lease in reversed(self._leases):
            is_late = stopwatch() - begun > _MOST_GIVING_SECONDS
            body = {"lease_id": lease.id, "sync": True}
            answer = None if is_late else self._asked_again("POST", _REVOKE, body)
            if answer is None or not (answer.is_yes or _is_unknown(answer)):
                failed.append(f"the lease {printable(lease.id)}: {self._said(answer)}")
        self._leases.clear()
        if self._login is not None:
            answer = self._asked_again("POST", "auth/token/revoke-self")
            if answer is None or not answer.is_yes:
                failed.append(f"the login's token: {self._said(answer)}")
        self._login, self._server.token = None, ""
        return tuple(failed)

    def _all(self) -> list[Lease]:
        return [*self._leases, *([] if self._login is None else [self._login])]

    def _renew(self, lease: Lease) -> None:
        asked = stopwatch()
        left = lease.ends - asked
        if lease.path == LOGIN:
            answer = self._asked_again("POST", "auth/token/renew-self", {}, tries=1)
        else:
            body = {"lease_id": lease.id, "increment": int(lease.most)}
            answer = self._asked_again("POST", _RENEW, body, tries=1)
        if answer is not None and answer.is_yes:
            told = answer.document.get("auth") if lease.path == LOGIN else answer.document
            seconds = _seconds(told if isinstance(told, dict) else {})
            lease.taken, lease.seconds = asked, seconds
            _require_short(lease)
            lease.due = asked + max(_LEAST_PAUSE, seconds * 2 / 3)
        elif answer is not None and _is_unknown(answer):
            raise _ended(lease)
        else:  # a server that is away may come back before the lease ends
            lease.due = asked + max(_LEAST_PAUSE, left / 4)

    def _require_revoking(self) -> None:
        answer = self._server.ask("POST", "sys/capabilities-self", {"paths": [_REVOKE]})
        able = answer.document.get(_REVOKE)
        if answer.is_yes and isinstance(able, list) and not {"update", "root"} & {str(word) for word in able}:
            raise Misconfigured(
                f"the login may not revoke leases, so nothing is leased: its policies do not allow {_REVOKE}",
                f'add to its policy: path "{_REVOKE}" {{ capabilities = ["update"] }}',
            )

    def _asked_again(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, tries: int = _TRIES
    ) -> Answer | None:
        """Return the answer, or None where there is none after some tries."""
        begun, answer = stopwatch(), None
        for attempt in range(tries):
            if attempt:
                time.sleep(attempt)
            with suppress(Exception):  # an answer that breaks a reader is none, and more is to be given back
                answer = self._server.ask(method, path, body)
            is_final = answer is not None and (answer.status < _FAILING or answer.is_sealed)
            if is_final or stopwatch() - begun > _LONGEST_SECONDS:
                break
        return answer

    def _member(self, answer: Answer, name: str, what: str) -> dict[str, Any]:
        """Return the part of an answer that was asked for; raise `Unavailable` for a no, with the server's words."""
        if answer.is_sealed:
            raise Unavailable(f"{what}: the server is sealed", "have it unsealed; nothing was started")
        if not answer.is_yes:
            hint = "see the role's policy, the path and the credentials that the file names; nothing was started"
            raise Unavailable(f"{what}: the server refuses and says: {self._said(answer)}", hint)
        part = answer.document.get(name)
        if not isinstance(part, dict):
            raise Unavailable(f"{what}: the answer holds no {name}", "check the path; nothing was started")
        return part

    def _said(self, answer: Answer | None) -> str:
        """Return the server's words; what is secret is hidden before they are cut, so that no half of it is left."""
        return "no answer" if answer is None else f"{self._hide(answer.words)[:_MOST_SHOWN]} ({answer.status})"

    def _value(self, data: dict[str, Any], name: str, field: str, path: str) -> str:
        value = data.get(field)
        if not isinstance(value, str) or not value or "\0" in value or len(value) > _MOST_VALUE or _is_torn(value):
            known = ", ".join(sorted(printable(key)[:40] for key, one in data.items() if isinstance(one, str))[:20])
            raise Unavailable(f"{path} has no text {field!r} for {name}", f"it has: {known or 'none'}")
        self._hide.add(value, name)
        return value


def _credentials(written: Written, login: Login, hide: Redactor) -> tuple[str, dict[str, str]]:
    """Return the mount and what is sent there."""
    if login.approle is not None:
        secret = written.login_value(login.approle.secret_id)
        hide.add(secret, "the secret id")
        return login.approle.mount, {"role_id": written.login_value(login.approle.role_id), "secret_id": secret}
    assert login.jwt is not None
    token = written.login_value(login.jwt.token)
    hide.add(token, "the login's token")
    return login.jwt.mount, {"role": login.jwt.role, "jwt": token}


def _seconds(document: dict[str, Any]) -> float:
    value = document.get("lease_duration")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return 0.0
    return float(min(value, _LONGEST_LEASE))


def _require_short(lease: Lease) -> None:
    if lease.seconds > lease.most:
        raise Refused(
            f"{lease.path} is leased for {lease.seconds:.0f} s, and its ttl_minutes allow {lease.most:.0f} s",
            "have the role lease for less, or allow more",
            refused_for=RefusedFor.LEASE_REFUSED,
        )


def _ended(lease: Lease) -> Refused:
    what = "the login, and with it every credential," if lease.path == LOGIN else f"the credential of {lease.path}"
    return Refused(
        f"{what} expired or was revoked while the command ran",
        "the command was ended and no model was recorded: have the role lease for longer, or renewably",
        refused_for=RefusedFor.CREDENTIAL_ENDED,
    )


def _is_torn(value: str) -> bool:
    """Return whether a text holds half a character, which JSON can write and nothing else."""
    return any("\ud800" <= character <= "\udfff" for character in value)


def _is_unknown(answer: Answer) -> bool:
    """Return whether the server says that it knows no such lease."""
    return answer.status in (400, 404) and ("lease not found" in answer.words or "invalid lease" in answer.words)


def _versioned(data: dict[str, Any]) -> dict[str, Any]:
    """Return what lies in an answer of the second version of the key-value store, or the answer as it is."""
    inner = data.get("data")
    return inner if isinstance(inner, dict) and isinstance(data.get("metadata"), dict) else data
