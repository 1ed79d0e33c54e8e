"""eIDAS in the registry, and what the files say of it."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from routeringsvoorziening.backends.eidas.requesting import ConsentRequest
from routeringsvoorziening.backends.eidas.service import Eidas
from routeringsvoorziening.backends.method import Line, Method
from routeringsvoorziening.backends.saml_service.dialect import Dialect
from routeringsvoorziening.broker.vocabulary import ServiceUUID
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.kinds import MethodKind, Said
from routeringsvoorziening.configuration.model.common import Part
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod, MethodId
from routeringsvoorziening.configuration.result import AuthenticationServiceSettings, Configuration

PersonAttribute = Literal[
    "PersonIdentifier",
    "CurrentFamilyName",
    "CurrentGivenName",
    "DateOfBirth",
    "BirthName",
    "PlaceOfBirth",
    "Gender",
]
CompanyAttribute = Literal["LegalPersonIdentifier", "LegalName", "VATRegistrationNumber"]
AttributeName = Literal[PersonAttribute, CompanyAttribute]
_NAMESPACES: Final = {
    **dict.fromkeys(get_args(PersonAttribute), "http://eidas.europa.eu/attributes/naturalperson/"),
    **dict.fromkeys(get_args(CompanyAttribute), "http://eidas.europa.eu/attributes/legalperson/"),
}


class EidasMethod(AuthenticationMethod):
    """The eIDAS-berichtenservice: people from other countries, who act for themselves alone."""

    mandates: Annotated[tuple[MethodId, ...] | None, Field(max_length=0)] = ()
    """BVDs to which a login may go on: none."""


class EidasDienst(Part):
    """What a dienst may know of people from other countries. Its eIDAS-berichtenservice says the same of it."""

    attributes: Annotated[tuple[AttributeName, ...], Field(max_length=16)] = ()
    """Attributes that it may have besides the identity, each encrypted for the dienstverlener; no others are let by."""
    pseudonym: bool = False
    """Whether somebody without a BSN gets in, as a pseudonym. Otherwise they get an explanation and are not let in."""
    legal_persons: bool = False
    """Whether companies may log in, as a pseudonym."""

    @property
    def attribute_names(self) -> frozenset[str]:
        """As they are called on the wire."""
        return frozenset(_NAMESPACES[each] + each for each in self.attributes)


def check_diensten(said: Sequence[Said], findings: Findings) -> None:
    """What a dienst says must fit together.

    Codes: `eidas.attribute-twice`, `eidas.legal-persons`, `eidas.nobody-named`, `eidas.plain-bsn`, `eidas.pseudonym`.
    """
    for each in said:
        if isinstance(each.part, EidasDienst):
            _check(each.part, each.place, findings)
            _check_identity(each.part, each, findings)


def _check_identity(part: EidasDienst, said: Said, findings: Findings) -> None:
    """A plain BSN is only there when we make it: eIDAS declares an encrypted identity of BSNk, or a pseudonym."""
    if said.identity != "legacy-BSN":
        return
    if not said.decrypted:
        text = "the dienst is registered for a plain BSN, and eIDAS never declares one: it gets a structure of BSNk"
        advice = "Say identity: BSN (or Pseudonym); or have us open it, with `decryption:` at the dienstverlener."
        findings.warning("eidas.plain-bsn", said.place, text, advice)
    elif part.pseudonym or part.legal_persons:
        text = "we open identities of this dienst, and a pseudonym cannot be opened: whoever has no BSN is refused"
        findings.error(
            "eidas.pseudonym", said.place, text, "Leave out pseudonym and legal_persons, or say identity: BSN."
        )


def _check(part: EidasDienst, place: Place, findings: Findings) -> None:
    twice = [name for name, times in Counter(part.attributes).items() if times > 1]
    if twice:
        findings.error("eidas.attribute-twice", place, f"{twice[0]} stands there twice", "Leave one out.")
    of_companies = [each for each in part.attributes if each in get_args(CompanyAttribute)]
    if of_companies and not part.legal_persons:
        text = f"{of_companies[0]} is of a company, and companies may not log in"
        findings.error("eidas.legal-persons", place, text, "Say legal_persons: true, or leave it out.")
    if part.legal_persons and not of_companies:
        text = "companies may log in, and nothing tells which one it is"
        findings.warning("eidas.nobody-named", place, text, "Add LegalPersonIdentifier or LegalName to the attributes.")


def connect(settings: AuthenticationServiceSettings, line: Line) -> Eidas:
    """The backend of one configured eIDAS-berichtenservice."""
    configuration = line.configuration
    names = {each.entity_id: each.name.nl for each in configuration.dienstverleners.values()}
    conversation = line.conversation(settings, dialect=Dialect(build=ConsentRequest(names)))
    return Eidas(settings.id, conversation, _attributes(configuration, settings.kind))


def _attributes(configuration: Configuration, kind: str) -> dict[ServiceUUID, frozenset[str]]:
    said = ((uuid, dienst.said.get(kind)) for uuid, dienst in configuration.diensten.items())
    return {uuid: part.attribute_names for uuid, part in said if isinstance(part, EidasDienst)}


METHOD: Final = Method(MethodKind("eidas", EidasMethod, EidasDienst, check_diensten=check_diensten), connect)
