"""Rules that every received message obeys: meant for us, made just now, and never seen before."""

from datetime import datetime
from types import TracebackType

from routeringsvoorziening.broker.failures import TooBusy
from routeringsvoorziening.broker.ports import Store
from routeringsvoorziening.frontends.saml.dienst import Times
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.errors import SamlError


def check_destination(destination: str | None, *allowed: str) -> None:
    """The message names one of our addresses, compared as exact text: no prefix, no other case (AR-02, RES-02).

    Raises:
        SamlError: `destination`.
    """
    if destination not in allowed:
        raise SamlError("destination", "not the address where it arrived")


def check_issue_instant(issued: datetime, *, now: datetime, times: Times) -> None:
    """The message was made at most `request_age` ago and, but for the skew, not in the future (GEN-03, AMB-25).

    Raises:
        SamlError: `time.past`, `time.future`.
    """
    if issued > now + times.skew:
        raise SamlError("time.future", "IssueInstant")
    if issued < now - times.request_age - times.skew:
        raise SamlError("time.past", "IssueInstant")


def check_still_wanted(until: datetime | None, *, now: datetime, times: Times) -> None:
    """The message is not past the NotOnOrAfter that its sender may have given it.

    Raises:
        SamlError: `time.past`.
    """
    if until is not None and now >= until + times.skew:
        raise SamlError("time.past", "NotOnOrAfter")


async def check_first_seen(store: Store, issuer: str, message_id: str, times: Times) -> None:
    """No message of this issuer had this ID for as long as such a message could still be fresh (GEN-01).

    Call it after `check_issue_instant`: an older message is refused by its age, so remembering longer adds nothing.

    Raises:
        MessageRefused: `msg.replay`.
        TooBusy: the store is full.
        OSError: the store is out of reach.
    """
    remembered = times.request_age + 3 * times.skew
    if not await store.add_once("seen", _name(issuer, message_id), remembered.total_seconds()):
        raise MessageRefused("msg.replay", "this ID was received before")


class resendable:  # noqa: N801 - a context manager, read as an adjective
    """For what is done with a message that `check_first_seen` let pass: too busy for it, and it may be sent again.

    Of all that send it at the same time still at most one gets through: it is forgotten by the one that was let pass,
    and only after that one came to nothing.
    """

    __slots__ = ("_name", "_store")

    def __init__(self, store: Store, issuer: str, message_id: str) -> None:
        self._store = store
        self._name = _name(issuer, message_id)

    async def __aenter__(self) -> None:
        """Nothing to do yet."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, TooBusy):
            await self._store.forget("seen", self._name)


def _name(issuer: str, message_id: str) -> str:
    return f"{issuer} {message_id}"
