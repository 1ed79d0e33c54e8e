"""The decryption service: what it opens, for whom, what it refuses, and that nothing of it is left anywhere."""

import base64
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from routeringsvoorziening.backends.bvd.mandate import Representation
from routeringsvoorziening.backends.bvd.service import Bevoegdheidsverklaringsdienst
from routeringsvoorziening.backends.decryption import Books, DecryptionService, Held, Opener, Tools
from routeringsvoorziening.backends.digid.service import DigiD
from routeringsvoorziening.backends.eidas.service import Eidas
from routeringsvoorziening.backends.saml_service import conversation
from routeringsvoorziening.backends.saml_service.conversation import Conversation
from routeringsvoorziening.backends.saml_service.resolving import ArtifactResolver, Resolved
from routeringsvoorziening.broker.failures import FailureKind, LoginFailed, TooBusy
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, EntityID, Identity, ServiceUUID
from routeringsvoorziening.bsnk.issuing import USUAL, Minting, Scheme
from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.encryption import (
    DecryptionKey,
    NameId,
    Recipient,
    decrypt_id,
    encrypt_bytes,
    encrypt_id,
)
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.offload import CryptoPool
from routeringsvoorziening.saml.parsing import canonical, parse
from routeringsvoorziening.store.memory import MemoryStore
from tests.backends import test_bvd, test_conversation
from tests.backends.test_conversation import DIGID, LEG, OWN, PlayedBackChannel, changed_task
from tests.support import federation as fed
from tests.support import mandates
from tests.support.clocks import Moment
from tests.support.federation import BSN, DV, DV_OIN, NOW, OTHER_DV, OTHER_OIN, RD, RD_OIN
from tests.support.meters import CountingMeter, NotingAudit
from tests.support.pki import leaf

KEY_SET, OLD_KEY_SET = 20260101, 20200101
TASK = test_conversation.TASK
PLAIN = frozenset({ServiceUUID(fed.SERVICE)})


@cache
def _scheme(_label: str) -> Scheme:
    return Scheme.generate()


def scheme(label: str = "") -> Scheme:
    """The BSNk of these tests; another label is another scheme."""
    return _scheme(label)


def recipient(entity_id: str = RD, oin: str = RD_OIN, label: str = "") -> Recipient:
    pair = leaf(oin, "encryption", label)
    return Recipient(entity_id, pair.key_name, pair.certificate)


def private(oin: str, label: str = "") -> DecryptionKey:
    pair = leaf(oin, "encryption", label)
    return DecryptionKey(pair.key_name, pair.key)


def structure(bsn: str = BSN, oin: str = DV_OIN, key_set: int = KEY_SET, how: Minting = USUAL, of: str = "") -> bytes:
    return scheme(of).encrypted_identity(bsn, oin, key_set, minting=how)


def for_us(content: bytes, *recipients: Recipient, kind: str = names.ID_BSN) -> bytes:
    """A structure in an envelope that we can open."""
    name_id = NameId(base64.b64encode(content).decode(), kind)
    return canonical(encrypt_id(name_id, recipients or (recipient(),)))


def shared_with(other: Recipient) -> bytes:
    """One EncryptedData with a key for us and a key for somebody else, as no polymorphic identity is (ATT-19)."""
    text = base64.b64encode(structure()).decode()
    name_id = (
        f'<saml:NameID xmlns:saml="{names.SAML}" Format="{names.NAMEID_PERSISTENT}" '
        f'NameQualifier="{names.ID_BSN}">{text}</saml:NameID>'
    )
    return canonical(encrypt_bytes(name_id.encode(), [recipient(), other]))


@dataclass
class Meter:
    """Remembers outcomes."""

    outcomes: list[tuple[str, str]] = field(default_factory=list)

    def identity_decrypted(self, backend: str, outcome: str) -> None:
        """Note it."""
        self.outcomes.append((backend, outcome))


class FullDisk(NotingAudit):
    """An audit trail that cannot be written."""

    async def record(self, event: str, reference: str, facts: dict[str, str]) -> None:
        """As a disk without room."""
        raise OSError("no space")


@dataclass
class Shop:
    """The service, with its books."""

    audit: NotingAudit = field(default_factory=NotingAudit)
    meter: Meter = field(default_factory=Meter)
    labels: tuple[str, ...] = ("",)

    @property
    def service(self) -> DecryptionService:
        """For one dienstverlener, and its one dienst that gets a plain BSN."""
        recipients = tuple(recipient(DV, DV_OIN, each) for each in self.labels)
        held = Held(DV_OIN, scheme().recipient_keys(DV_OIN, KEY_SET), recipients)
        tools = Tools(RD, private(RD_OIN), scheme().public_keys)
        return DecryptionService(tools, {EntityID(DV): held}, PLAIN, Books(self.audit, self.meter))

    def opener(self, **task: Any) -> Opener:
        """For the one dienst."""
        opener = self.service.opener(changed_task(**task), "digid")
        assert opener is not None
        return opener


def read(encrypted: bytes, label: str = "") -> NameId:
    """What the dienstverlener finds."""
    return decrypt_id(parse(encrypted), entity_id=DV, keys=[private(DV_OIN, label)])


@pytest.mark.eis("ATT-18", "ATT-20")
def test_an_identity_becomes_a_plain_bsn_for_the_dienstverlener_alone() -> None:
    """Another envelope, whose only recipient is the dienstverlener."""
    made = Shop().opener().open(for_us(structure()), names.ACTING_SUBJECT_ID)
    assert made.recipients == {DV}
    assert read(made.encrypted) == NameId(BSN, names.ID_LEGACY_BSN)


@pytest.mark.eis("ATT-13")
def test_every_encryption_certificate_of_the_dienstverlener_opens_it() -> None:
    """During a rollover there are two."""
    made = Shop(labels=("", "next")).opener().open(for_us(structure()), names.ACTING_SUBJECT_ID)
    assert read(made.encrypted).value == read(made.encrypted, "next").value == BSN


BSNS = (
    st.integers(1_000_000, 99_999_999)
    .map(lambda number: f"{number:08d}")
    .map(lambda head: head + str(sum((9 - place) * int(digit) for place, digit in enumerate(head)) % 11))
    .filter(lambda bsn: len(bsn) == 9)
)


@pytest.mark.eis("ATT-20")
@given(BSNS)
def test_any_bsn_comes_through(bsn: str) -> None:
    """Those with eight digits get their zero."""
    made = Shop().opener().open(for_us(structure(bsn.lstrip("0"))), names.ACTING_SUBJECT_ID)
    assert read(made.encrypted).value == bsn


def changed(content: bytes, place: int) -> bytes:
    altered = bytearray(content)
    altered[place] ^= 1
    return bytes(altered)


def envelope(text: str, kind: str = names.ID_BSN) -> bytes:
    xml = (
        f'<saml:NameID xmlns:saml="{names.SAML}" Format="{names.NAMEID_PERSISTENT}" '
        f'NameQualifier="{kind}">{text}</saml:NameID>'
    )
    return canonical(encrypt_bytes(xml.encode(), [recipient()]))


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "a plain BSN": (lambda: envelope(BSN, names.ID_LEGACY_BSN), "subject.identifier", "not an encrypted identity"),
    "a pseudonym": (
        lambda: for_us(scheme().encrypted_pseudonym(BSN, DV_OIN, KEY_SET), kind=names.ID_PSEUDONYM),
        "subject.identifier",
        "not an encrypted identity",
    ),
    "a pseudonym that calls itself an identity": (
        lambda: for_us(scheme().encrypted_pseudonym(BSN, DV_OIN, KEY_SET)),
        "subject.identifier",
        "bsnk.form",
    ),
    "made for another OIN": (lambda: for_us(structure(oin=OTHER_OIN)), "subject.identifier", "bsnk.recipient"),
    "made for our own OIN": (lambda: for_us(structure(oin=RD_OIN)), "subject.identifier", "bsnk.recipient"),
    "made for an old key set": (lambda: for_us(structure(key_set=OLD_KEY_SET)), "subject.identifier", "bsnk.key-set"),
    "not signed": (lambda: for_us(structure(how=Minting(version=None))), "subject.identifier", "bsnk.signature"),
    "signed by another scheme": (lambda: for_us(structure(of="x")), "subject.identifier", "bsnk.signature"),
    "with a changed signature": (lambda: for_us(changed(structure(), -3)), "subject.identifier", "bsnk.signature"),
    "with a changed audit element": (
        lambda: for_us(changed(structure(), structure().index(b"\x04\x10") + 9)),
        "subject.identifier",
        "bsnk.signature",
    ),
    "of somebody without a BSN": (lambda: for_us(structure("ABC")), "subject.identifier", "bsnk.identity"),
    "of a BSN that fails its proof": (lambda: for_us(structure("900070342")), "subject.identifier", "bsnk.identity"),
    "not a structure": (lambda: for_us(b"\x30\x00"), "subject.identifier", "bsnk.form"),
    "not base64": (lambda: envelope("QQ=A"), "subject.identifier", ""),
    "for another key of ours": (lambda: for_us(structure(), recipient(label="x")), "enc.recipient", ""),
    "for a key that only bears our name": (
        lambda: for_us(structure(), replace(recipient(), certificate=leaf(RD_OIN, "encryption", "x").certificate)),
        "enc.failed",
        "",
    ),
}


@pytest.mark.eis("ATT-10")
@pytest.mark.attack("S55", "S59")
@pytest.mark.parametrize("name", REFUSED)
def test_it_does_not_open(name: str) -> None:
    """The code says which rule; one refusal is counted; nothing of the person is in the error."""
    make, code, detail = REFUSED[name]
    shop = Shop()
    with pytest.raises(SamlError) as raised:
        shop.opener().open(make(), names.ACTING_SUBJECT_ID)
    assert raised.value.code == code
    assert detail in raised.value.detail
    assert shop.meter.outcomes == [("digid", "refused")]
    assert BSN not in repr(raised.value) + str(raised.value.__cause__) + str(raised.value.detail)


def test_it_is_there_for_whom_asked_for_it_and_nobody_else() -> None:
    """Not for another dienstverlener, nor for a dienst that gets the structure itself."""
    service = Shop().service
    assert service.opener(TASK, "digid") is not None
    assert service.opener(changed_task(dienstverlener=EntityID(OTHER_DV)), "digid") is None
    assert service.opener(changed_task(service=ServiceUUID(fed.SECOND_SERVICE)), "digid") is None


# --- in a login ------------------------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[CryptoPool]:
    """Threads for XML."""
    pool = CryptoPool()
    yield pool
    pool.close()


@dataclass
class Played:
    """DigiD, answering a login for which the service may be there."""

    digid: DigiD | Eidas
    channel: PlayedBackChannel

    async def answer(self, *values: bytes, **task: Any) -> Identity:
        """What comes of these values."""
        self.channel.fields = {"acting_subject": values}
        given = {"RelayState": LEG.id, "SAMLart": fed.ad_artifact().text}
        return await self.digid.complete(LEG, changed_task(**task), given)

    async def refusal(self, *values: bytes, **task: Any) -> str:
        """The code of the failure that comes of them."""
        with pytest.raises(LoginFailed) as raised:
            await self.answer(*values, **task)
        assert raised.value.failure.kind is FailureKind.ANSWER_REJECTED
        return raised.value.failure.code


def play(pool: CryptoPool, shop: Shop | None) -> Played:
    channel = PlayedBackChannel()
    return Played(DigiD(DIGID, conversation_of(pool, shop, channel)), channel)


def conversation_of(pool: CryptoPool, shop: Shop | None, channel: PlayedBackChannel) -> Conversation:
    moment = Moment(NOW)
    resolver = ArtifactResolver("digid", OWN, client=channel, meter=CountingMeter(), clock=moment)  # type: ignore[arg-type]
    return Conversation(
        fed.identity_provider(),
        own=OWN,
        resolver=resolver,
        pool=pool,
        store=MemoryStore(moment.seconds),
        clock=moment,
        decryption=None if shop is None else shop.service,
    )


@pytest.mark.eis("ATT-20")
async def test_a_login_gets_the_plain_bsn_and_an_opening_is_written_down(pool: CryptoPool) -> None:
    """For the dienstverlener alone; the event names the dienst, the backend and the attribute, and no person."""
    shop = Shop()
    identity = await play(pool, shop).answer(for_us(structure()))
    (subject,) = identity.acting_subject
    assert read(subject.encrypted).value == BSN
    assert shop.meter.outcomes == [("digid", "ok")]
    ((event, facts),) = shop.audit.events
    assert event == "identity.decrypted"
    assert facts == {
        "dienstverlener": DV,
        "service": fed.SERVICE,
        "backend": "digid",
        "attribute": names.ACTING_SUBJECT_ID,
    }
    assert BSN not in repr(identity) + repr(shop)


async def test_opening_is_never_done_on_the_event_loop(pool: CryptoPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is many milliseconds of arithmetic, however small the message; without it the same answer is short work."""
    done_by: list[str] = []

    def noted(resolved: Resolved, *rest: Any) -> Any:
        done_by.append(threading.current_thread().name)
        return judged(resolved, *rest)

    judged = conversation._judge
    monkeypatch.setattr(conversation, "_judge", noted)
    await play(pool, Shop()).answer(for_us(structure()))
    await play(pool, None).answer(fed.encrypted_for(fed.service_provider()))
    assert done_by == ["crypto", threading.current_thread().name]


async def test_what_the_dienstverlener_can_read_is_not_opened(pool: CryptoPool) -> None:
    """It goes on as it came, and there is nothing to write down."""
    shop, value = Shop(), fed.encrypted_for(fed.service_provider())
    (subject,) = (await play(pool, shop).answer(value)).acting_subject
    assert read(subject.encrypted).value == BSN
    assert (shop.audit.events, shop.meter.outcomes) == ([], [])


@pytest.mark.eis("ATT-10")
@pytest.mark.attack("S59")
async def test_without_the_switch_what_is_for_us_is_refused(pool: CryptoPool) -> None:
    """Off by default; on for one dienstverlener it is off for another, and for diensten that open it themselves."""
    value = for_us(structure())
    assert await play(pool, None).refusal(value) == "subject.identifier"
    played = play(pool, Shop())
    assert await played.refusal(value, dienstverlener=EntityID(OTHER_DV)) == "subject.identifier"


@pytest.mark.eis("ATT-10")
@pytest.mark.attack("S59")
@pytest.mark.parametrize(
    "values",
    [
        (lambda: (for_us(structure()), for_us(structure()))),
        (lambda: (for_us(structure()), fed.encrypted_for(fed.service_provider()))),
        (lambda: (canonical(encrypt_id(NameId(BSN, names.ID_LEGACY_BSN), [recipient(), recipient(DV, DV_OIN)])),)),
        (lambda: (canonical(encrypt_id(NameId(BSN, names.ID_LEGACY_BSN), [recipient()])),)),
        (lambda: (for_us(structure(oin=OTHER_OIN)),)),
        (lambda: (shared_with(recipient(mandates.BVD, mandates.BVD_OIN)),)),
    ],
    ids=["two for us", "for us and for it", "one for both", "a plain one", "of another OIN", "shared with a BVD"],
)
async def test_everything_else_that_is_for_us_stays_refused(pool: CryptoPool, values: Any) -> None:
    """One identity for us alone, and nothing beside it that the dienstverlener could read itself."""
    shop = Shop()
    assert await play(pool, shop).refusal(*values()) == "subject.identifier"
    assert shop.audit.events == []


async def test_a_message_of_eidas_is_opened_in_the_same_way(pool: CryptoPool) -> None:
    """What the switch is for: a dienstverlener gets somebody from abroad as the plain BSN that they have here."""
    shop = Shop()
    played = play(pool, shop)
    played.digid = Eidas(AuthenticationServiceId("eidas"), conversation_of(pool, shop, played.channel), {})
    (subject,) = (await played.answer(for_us(structure()))).acting_subject
    assert read(subject.encrypted).value == BSN
    assert [(event, facts["backend"]) for event, facts in shop.audit.events] == [("identity.decrypted", "eidas")]
    pseudonym = scheme().encrypted_pseudonym("GR/NL/AZ1", DV_OIN, KEY_SET, type_="E")
    assert await played.refusal(for_us(pseudonym, kind=names.ID_PSEUDONYM)) == "subject.identifier"


@pytest.mark.eis("ATT-16", "ATT-19", "ATT-22")
async def test_the_pair_of_the_bvd_is_left_alone(pool: CryptoPool) -> None:
    """One value for us, one for the BVD: the first is opened, the second is not looked into."""
    bvds = for_us(structure(oin=mandates.BVD_OIN), recipient(mandates.BVD, mandates.BVD_OIN))
    (subject,) = (await play(pool, Shop()).answer(for_us(structure()), bvds)).acting_subject
    assert subject.recipients == {DV}


@pytest.mark.attack("S91")
async def test_nothing_is_opened_that_cannot_be_written_down(pool: CryptoPool) -> None:
    """No audit trail, no identity; and it does not count as opened."""
    shop = Shop(audit=FullDisk())
    with pytest.raises(TooBusy) as raised:
        await play(pool, shop).answer(for_us(structure()))
    assert raised.value.args[0] == "audit"
    assert shop.meter.outcomes == []


@pytest.mark.attack("S91")
async def test_no_bsn_in_what_is_told_of_a_refusal(pool: CryptoPool, caplog: pytest.LogCaptureFixture) -> None:
    """Log lines, the failure and its whole chain of causes."""
    caplog.set_level(logging.DEBUG)
    played = play(pool, Shop())
    with capture_logs() as lines, pytest.raises(LoginFailed) as raised:
        await played.answer(for_us(changed(structure(), -3)))
    told, error = [repr(lines), caplog.text], raised.value
    while error is not None:
        told.append(repr(error))
        error = error.__cause__ or error.__context__
    assert len(told) > 2
    assert BSN not in "".join(told)


@pytest.mark.eis("ATT-02", "ATT-24")
async def test_who_is_represented_is_opened_in_the_same_way(pool: CryptoPool) -> None:
    """The legal subject of a BVD; the acting subject, that is not used, is not opened a second time."""
    shop, channel = Shop(), test_bvd.PlayedBackChannel()
    conversation = test_bvd.conversation(pool, channel)
    conversation._decryption = shop.service
    bvd = Bevoegdheidsverklaringsdienst(
        test_bvd.GEZAG, conversation, Representation(frozenset({mandates.GEZAG_TYPE}), mandatory=True)
    )
    played = test_bvd.Played(bvd, channel, mandates.identity_for_bvd())
    child = for_us(structure(mandates.CHILD))
    mandate = await played.answer(acting_subject=(for_us(structure()),), legal_subject=(child,))
    (subject,) = mandate.legal_subject
    assert read(subject.encrypted).value == mandates.CHILD
    assert [facts["attribute"] for _, facts in shop.audit.events] == [names.LEGAL_SUBJECT_ID]
    assert shop.meter.outcomes == [("gezag", "ok")]


async def test_what_was_opened_is_written_down_though_nothing_comes_of_it(pool: CryptoPool) -> None:
    """An Assertion that came before is refused after it was opened: that it was opened stays provable."""
    shop = Shop()
    played, value = play(pool, shop), for_us(structure())
    asserted = fed.ad_assertion(acting_subject=(value,))
    played.channel.fields = {"id": asserted.id, "acting_subject": (value,)}
    given = {"RelayState": LEG.id, "SAMLart": fed.ad_artifact().text}
    await played.digid.complete(LEG, TASK, given)
    with pytest.raises(LoginFailed) as raised:
        await played.digid.complete(LEG, TASK, given)
    assert raised.value.failure.code == "msg.replay"
    assert [event for event, _ in shop.audit.events] == ["identity.decrypted"] * 2
