"""What a makelaar declares: a summary of who acts, for which organisation and how surely, with its sources in Advice.

The sources are the Assertions of an authenticatiedienst and of a machtigingenregister, which have keys of their own:
`Tellers`. With a chain of mandates a second machtigingenregister tells of the other link.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, Self

from routeringsvoorziening.saml.encryption import NameId, Recipient, encrypt_for_each, encrypt_id
from routeringsvoorziening.saml.etd import names
from routeringsvoorziening.saml.identifiers import new_message_id
from routeringsvoorziening.saml.keys import SigningKey
from routeringsvoorziening.saml.messages.assertion import Assertion, build_assertion
from routeringsvoorziening.saml.messages.attributes import value_holding, value_in_clear
from routeringsvoorziening.saml.parsing import canonical
from routeringsvoorziening.saml.signing import sign
from routeringsvoorziening.simulators.declaring.answers import new_assertion
from routeringsvoorziening.simulators.declaring.faults_content import new_stranger
from routeringsvoorziening.simulators.declaring.scene import Scene
from routeringsvoorziening.simulators.eherkenning.companies import Capacity, Means, Organisation
from routeringsvoorziening.simulators.eherkenning.requests import LoginRequest

_OIN: Final = "00000009999999999020"
AD: Final = f"urn:etoegang:AD:{_OIN}:entities:9101"
MR: Final = f"urn:etoegang:MR:{_OIN}:entities:9102"
SECOND_MR: Final = f"urn:etoegang:MR:{_OIN}:entities:9103"
OIN_DIGITS: Final = 20
_PSEUDONYMS: Final = b"pseudonyms of the simulator: no secret, so that somebody is the same person tomorrow"


@dataclass(frozen=True, slots=True)
class Tellers:
    """Keys of those who tell the makelaar; by entity ID."""

    keys: dict[str, SigningKey] = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """New ones; a third of a second."""
        return cls({each: new_stranger(each.rpartition(":")[2]) for each in (AD, MR, SECOND_MR)})


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody proved who they are, and as whom they act."""

    capacity: Capacity
    means: Means


def summary_of(login: LoginRequest, logged_in: LoggedIn, tellers: Tellers, scene: Scene) -> Assertion:
    """The makelaar's own Assertion; for the BVD as well, when it must use it."""
    bvd = login.bvd
    told = _Telling(login, logged_in, scene, (*login.recipients, *(bvd.recipients if bvd else ())))
    return replace(
        told.assertion(scene.settings.entity_id, (login.requester, *((bvd.entity_id,) if bvd else ()))),
        legal_subject=told.legal_subject(),
        other_attributes=told.attributes(),
        advice=tuple(told.advice(tellers)),
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    """One login, as every party to it tells of it."""

    login: LoginRequest
    logged_in: LoggedIn
    scene: Scene
    recipients: tuple[Recipient, ...]

    def assertion(self, issuer: str, audiences: tuple[str, ...]) -> Assertion:
        """With who acts, and nothing more."""
        made = new_assertion(
            self.scene,
            audiences=audiences,
            class_ref=names.LEVEL + self.logged_in.means.value,
            service_uuid=self.login.service.instance.uuid,
            acting_subject=(_encrypted(self._pseudonym(), names.PSEUDO, self.recipients),),
        )
        return replace(made, issuer=issuer)

    def legal_subject(self) -> tuple[bytes, ...]:
        """The organisation by each of its identifiers that the service may have.

        An eenmanszaak has no RSIN, and may come as the person that it is, which BSNk makes for each recipient apart.
        """
        who = self.logged_in.capacity.represented
        types = frozenset().union(*self.login.service.definition.entity_concerned)
        values = [(who.kvk, names.KVK), (who.rsin, names.RSIN)]
        numbers = [_encrypted(value, kind, self.recipients) for value, kind in values if value and kind in types]
        made = (self._of_bsnk(who.bsn, kind) for kind in (names.BSN, names.PSEUDO_ID) if who.bsn and kind in types)
        return (*numbers, *chain.from_iterable(made))

    def _of_bsnk(self, bsn: str, kind: str) -> tuple[bytes, ...]:
        """One EncryptedID for each recipient, with the structure for its OIN (ATT-19)."""
        scheme, version = self.scene.settings.scheme, self.login.service.instance.bsnk_key_set_version
        if scheme is None or version is None:
            raise ValueError("a scheme of BSNk and the version of the recipient's keys are needed")
        mint = scheme.encrypted_identity if kind == names.BSN else scheme.encrypted_pseudonym
        made = {
            each.entity_id: NameId(b64encode(mint(bsn, oin_in(each.entity_id), int(version))).decode("ascii"), kind)
            for each in self.recipients
        }
        return tuple(map(canonical, encrypt_for_each(made, self.recipients)))

    def attributes(self) -> dict[str, tuple[bytes, ...]]:
        """Everything but the identities."""
        capacity, definition = self.logged_in.capacity, self.login.service.definition
        found: dict[str, tuple[bytes, ...]] = {
            names.SERVICE_ID: (value_in_clear(self.login.service.instance.service_id),),
            names.REPRESENTATION: (value_in_clear("true"),),
            names.AUTHORIZATION_REGISTRY_ID: (value_in_clear(MR),),
        }
        if capacity.branch is not None:
            found[names.VESTIGINGSNR] = (value_in_clear(capacity.branch.number),)
        if any(each.name == names.COMPANY_NAME for each in definition.requested):
            found[names.COMPANY_NAME] = (value_in_clear(capacity.represented.name),)
        if capacity.intermediary is not None:
            found |= self._chain(capacity.intermediary)
        return found

    def advice(self, tellers: Tellers) -> Iterable[bytes]:
        """What the makelaar was told, as it was told."""
        audiences = (self.scene.settings.entity_id,)
        yield _signed(self.assertion(AD, audiences), tellers.keys[AD])
        registers = (MR, SECOND_MR) if self.logged_in.capacity.intermediary else (MR,)
        for each in registers:
            told = replace(self.assertion(each, audiences), legal_subject=self.legal_subject())
            yield _signed(told, tellers.keys[each])

    def _chain(self, intermediary: Organisation) -> dict[str, tuple[bytes, ...]]:
        encrypted = _encrypted(intermediary.kvk, names.KVK, self.login.recipients)
        return {
            names.INTERMEDIATE_KVK: (value_holding(encrypted),),
            names.INTERMEDIATE_COMPANY_NAME: (value_in_clear(intermediary.name),),
        }

    def _pseudonym(self) -> str:
        """Of this user, for this organisation and intermediary, at this dienstverlener: nobody can put two together."""
        capacity = self.logged_in.capacity
        via = capacity.intermediary.kvk if capacity.intermediary else ""
        to_whom = ",".join(sorted({each.entity_id for each in self.login.recipients}))
        user = _hashed(capacity.employee.user, capacity.represented.kvk, via, to_whom)
        return f"{user}@{_hashed(capacity.represented.kvk, to_whom)[:32]}"


def oin_in(entity_id: str) -> str:
    """Of whom an entity ID is, by either scheme."""
    return next(part for part in entity_id.split(":") if len(part) == OIN_DIGITS and part.isdigit())


def _hashed(*parts: str) -> str:
    return hmac.new(_PSEUDONYMS, "|".join(parts).encode(), hashlib.sha256).hexdigest()


def _encrypted(value: str, kind: str, recipients: Sequence[Recipient]) -> bytes:
    return canonical(encrypt_id(NameId(value, kind), recipients))


def _signed(assertion: Assertion, key: SigningKey) -> bytes:
    element = build_assertion(replace(assertion, id=new_message_id()), names.VOCABULARY)
    sign(element, key)
    return canonical(element)
