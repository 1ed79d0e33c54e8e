"""The list of what a dienstverlener must verify, in order, and a record of what became of each.

The page shows this list beside the messages, so that an integrator sees what there is to verify, why, and that it was.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from routeringsvoorziening.saml.errors import SamlError

Step = Literal["redirect", "resolve", "envelope", "response", "assertion", "advice", "identity", "logout"]
Outcome = Literal["passed", "failed", "open"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to verify.

    Args:
        name: stable.
        step: beside which message it stands.
        eisen: requirement ids of the koppelvlak.
        nl: what is verified, in plain Dutch.
        en: the same in English.
    """

    name: str
    step: Step
    eisen: tuple[str, ...]
    nl: str
    en: str


class CheckFailed(Exception):
    """Something that the portal verifies is not so.

    Args:
        code: stable; beside those of `SamlError`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LoginRefused(Exception):
    """The answer is not accepted: no session.

    Args:
        check: the name of the check that failed.
        code: why.
    """

    def __init__(self, check: str, code: str) -> None:
        super().__init__(f"{check}: {code}")
        self.check = check
        self.code = code


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a check; `code` says why it failed."""

    check: Check
    outcome: Outcome
    code: str | None = None


def require(condition: bool, code: str) -> None:
    """Raise unless it is so.

    Raises:
        CheckFailed: `code`.
    """
    if not condition:
        raise CheckFailed(code)


class Checklist:
    """The record of one login, or of another list."""

    def __init__(self, checks: "Iterable[Check] | None" = None) -> None:
        self._results = {check.name: Result(check, "open") for check in checks or CHECKS}

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Within it a rule is verified; what it raises is recorded, and ends the login.

        Raises:
            LoginRefused: the rule is broken.
            KeyError: no such check.
        """
        check = self._results[name].check
        try:
            yield
        except (SamlError, CheckFailed) as problem:
            self._results[name] = Result(check, "failed", problem.code)
            raise LoginRefused(name, problem.code) from problem
        self._results[name] = Result(check, "passed")

    def tick(self, *names: str) -> None:
        """Record what was verified before this list could be found: without it there was no list."""
        for name in names:
            self._results[name] = Result(self._results[name].check, "passed")

    def of_step(self, step: Step) -> tuple[Result, ...]:
        """What stands beside one message."""
        return tuple(each for each in self._results.values() if each.check.step == step)

    @property
    def results(self) -> tuple[Result, ...]:
        """Everything, in order."""
        return tuple(self._results.values())

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return self._count("passed")

    @property
    def not_reached(self) -> int:
        """How many checks there was nothing left for."""
        return self._count("open")

    def _count(self, outcome: Outcome) -> int:
        return sum(each.outcome == outcome for each in self._results.values())


CHECKS: Final = (
    Check(
        "relay-state",
        "redirect",
        ("SES-05",),
        "RelayState is van ons, ongewijzigd en van deze browser: de HMAC klopt.",
        "RelayState is ours, unaltered and of this browser: the HMAC is right.",
    ),
    Check(
        "attempt",
        "redirect",
        ("AS-18", "SES-02"),
        "Deze inlogpoging loopt nog en is nog niet gebruikt.",
        "This login attempt is under way and has not been used.",
    ),
    Check(
        "artifact-form",
        "redirect",
        ("ART-04",),
        "SAMLart is één artifact van type 4, 44 bytes, met de index van een endpoint uit de metadata.",
        "SAMLart is one artifact of type 4, 44 bytes, with the index of an endpoint in the metadata.",
    ),
    Check(
        "artifact-source",
        "redirect",
        ("ART-04", "GEN-04"),
        "De afzender in het artifact (SourceID) is de Routeringsvoorziening.",
        "The source in the artifact (SourceID) is the Routeringsvoorziening.",
    ),
    Check(
        "artifact-new",
        "redirect",
        ("SES-02",),
        "Dit artifact is hier nog niet eerder aangeboden.",
        "This artifact was not offered here before.",
    ),
    Check(
        "mutual-tls",
        "resolve",
        ("RES-01", "TLS-01", "TLS-03", "TLS-04"),
        "De verbinding is TLS 1.2 of hoger; het servercertificaat past bij de naam en de keten; wij toonden ons eigen.",
        "The connection is TLS 1.2 or higher; the server's certificate fits name and chain; we showed our own.",
    ),
    Check(
        "http-answer",
        "envelope",
        ("ARR-01",),
        "Het antwoord is HTTP 200 met text/xml, op tijd en niet te groot.",
        "The answer is HTTP 200 with text/xml, in time and not too large.",
    ),
    Check(
        "strict-xml",
        "envelope",
        ("ARR-01", "GEN-06", "ERR-11"),
        "Het is veilige XML (geen DTD, entiteiten of commentaar; elke ID één keer) met één bericht in één SOAP-body.",
        "It is safe XML (no DTD, entities or comments; every ID once) with one message in one SOAP body.",
    ),
    Check(
        "envelope-signature",
        "envelope",
        ("AS-17", "ARR-03", "SIG-01", "SIG-04", "SIG-09", "SIG-11", "SIG-12"),
        "De handtekening dekt de hele ArtifactResponse en is van een sleutel uit de metadata van de RV.",
        "The signature covers the whole ArtifactResponse and was made with a key from the RV's metadata.",
    ),
    Check(
        "envelope-issuer",
        "envelope",
        ("GEN-04", "SIG-12"),
        "Issuer is de Routeringsvoorziening.",
        "Issuer is the Routeringsvoorziening.",
    ),
    Check(
        "envelope-answer",
        "envelope",
        ("ARR-02",),
        "InResponseTo is de ID van onze ArtifactResolve.",
        "InResponseTo is the ID of our ArtifactResolve.",
    ),
    Check("envelope-fresh", "envelope", ("GEN-03",), "Het bericht is van nu.", "The message was made just now."),
    Check(
        "has-response",
        "envelope",
        ("ARR-04", "ARR-07"),
        "Status is Success én er zit een Response in. Success alleen is nog geen inlog.",
        "Status is Success and there is a Response. Success alone is no login.",
    ),
    Check(
        "response-form",
        "response",
        ("GEN-02", "GEN-06", "RSP-03", "RSP-06", "RSP-07", "AS-17"),
        "De Response is geldig volgens het schema: één Assertion bij Success, geen bij een fout, nooit versleuteld.",
        "The Response is valid against the schema, with one Assertion on Success, none on error, never encrypted.",
    ),
    Check(
        "response-issuer",
        "response",
        ("GEN-04",),
        "Issuer is de Routeringsvoorziening.",
        "Issuer is the Routeringsvoorziening.",
    ),
    Check(
        "response-answer",
        "response",
        ("AS-18", "RSP-01"),
        "InResponseTo is de ID van onze AuthnRequest.",
        "InResponseTo is the ID of our AuthnRequest.",
    ),
    Check(
        "response-destination",
        "response",
        ("RSP-02",),
        "Destination is het adres waarop het artifact binnenkwam.",
        "Destination is the address where the artifact arrived.",
    ),
    Check(
        "status",
        "response",
        ("ERR-05", "ERR-08", "ERR-14", "SES-07"),
        "Status is Success: de inlog is gelukt. Zo niet, dan eindigt ook een bestaande sessie.",
        "Status is Success: the login succeeded. If not, an existing session ends too.",
    ),
    Check(
        "assertion-signature",
        "assertion",
        ("AS-01", "AS-17", "SIG-05"),
        "De Assertion heeft een eigen handtekening van de RV, los van die van de ArtifactResponse, en die klopt.",
        "The Assertion has a signature of the RV of its own, apart from the ArtifactResponse's, and it is right.",
    ),
    Check(
        "assertion-form",
        "assertion",
        ("AS-02", "AS-03", "AS-04", "AS-06", "AS-12", "ATT-01", "ATT-03", "GEN-06"),
        "De vorm klopt: één bearer-bevestiging, een geldigheidsvenster, één ActingSubjectID, één ServiceUUID.",
        "The form is right: one bearer confirmation, a validity window, one ActingSubjectID, one ServiceUUID.",
    ),
    Check(
        "assertion-issuer",
        "assertion",
        ("GEN-04", "SIG-12"),
        "Issuer is de Routeringsvoorziening.",
        "Issuer is the Routeringsvoorziening.",
    ),
    Check(
        "assertion-new",
        "assertion",
        ("GEN-01", "SES-02", "SSO-03"),
        "Deze Assertion is niet eerder gebruikt.",
        "This Assertion has not been used before.",
    ),
    Check(
        "confirmation-answer",
        "assertion",
        ("AS-18",),
        "InResponseTo in de bevestiging is de ID van onze AuthnRequest.",
        "InResponseTo in the confirmation is the ID of our AuthnRequest.",
    ),
    Check(
        "recipient",
        "assertion",
        ("AS-18",),
        "Recipient is het adres waarop het artifact binnenkwam.",
        "Recipient is the address where the artifact arrived.",
    ),
    Check(
        "confirmation-time",
        "assertion",
        ("AS-19",),
        "De bevestiging is nog geldig (NotOnOrAfter).",
        "The confirmation is still valid (NotOnOrAfter).",
    ),
    Check(
        "conditions-time",
        "assertion",
        ("AS-19",),
        "Nu ligt tussen NotBefore en NotOnOrAfter van Conditions.",
        "Now lies between NotBefore and NotOnOrAfter of Conditions.",
    ),
    Check(
        "audience",
        "assertion",
        ("AS-20",),
        "Onze EntityID staat in Audience: de verklaring is voor ons bedoeld.",
        "Our EntityID is in Audience: the declaration is meant for us.",
    ),
    Check(
        "service",
        "assertion",
        ("ATT-05",),
        "ServiceUUID is die van de dienst waarvoor wij de inlog vroegen.",
        "ServiceUUID is that of the service for which we asked the login.",
    ),
    Check(
        "loa-known",
        "assertion",
        ("LOA-01",),
        "Het niveau is een van de vier van het koppelvlak.",
        "The level is one of the four of the koppelvlak.",
    ),
    Check(
        "loa-enough",
        "assertion",
        ("LOA-03", "ERR-14"),
        "Het niveau is minstens het minimum van deze dienst.",
        "The level is at least the minimum of this service.",
    ),
    Check(
        "authority",
        "assertion",
        ("AS-11",),
        "Wie instaat voor de inlog, en wie voor de bevoegdheid, is een dienst die wij openlieten.",
        "Who vouches for the login, and who for the authority to act, is a service that we left open.",
    ),
    Check(
        "on-own-behalf",
        "assertion",
        ("ATT-02",),
        "Er is een vertegenwoordigde (LegalSubjectID) als een BVD daarvoor instaat, en anders niet; zoals wij vroegen.",
        "Somebody is represented (LegalSubjectID) when a BVD vouches for it, and otherwise not; as we asked.",
    ),
    Check(
        "representation-type",
        "assertion",
        ("ATT-08",),
        "Handelt iemand voor een ander, dan is de soort (RepresentationType) genoeg voor deze dienst.",
        "When somebody acts for somebody else, the kind (RepresentationType) is enough for this service.",
    ),
    Check(
        "advice",
        "advice",
        ("AS-13", "SIG-05"),
        "De verklaring van de inlogdienst zit erbij als bewijs. Wij lezen er niets uit: alleen de RV spreekt tot ons.",
        "The login service's declaration is enclosed as evidence. We read nothing from it: only the RV speaks to us.",
    ),
    Check(
        "for-us",
        "identity",
        ("ATT-11", "ATT-16"),
        "Elke EncryptedKey noemt zijn ontvanger; er is er een voor ons. Die van anderen slaan wij over.",
        "Every EncryptedKey names its recipient; there is one for us. We skip those of others.",
    ),
    Check(
        "recipients",
        "identity",
        ("ATT-04",),
        "Iedere ontvanger van de identiteit staat ook in Audience.",
        "Every recipient of the identity is in Audience too.",
    ),
    Check(
        "decrypted",
        "identity",
        ("ENC-01", "ENC-02", "ATT-12"),
        "AES-256-CBC en RSA-OAEP, en niets anders; het lukte met onze sleutel en er kwam één persistent NameID uit.",
        "AES-256-CBC and RSA-OAEP, and nothing else; our key opened it and one persistent NameID came out.",
    ),
    Check(
        "bsn",
        "identity",
        ("ATT-12", "ATT-20"),
        "NameQualifier noemt de soort van deze dienst; een gewoon BSN is negen cijfers en doorstaat de elfproef.",
        "NameQualifier names the kind of this service; a plain BSN is nine digits and passes the eleven test.",
    ),
    Check(
        "bsnk",
        "identity",
        ("ATT-19", "ATT-20"),
        "Een structuur van BSNk is door het stelsel ondertekend, voor ons OIN; onze BSNk-sleutels openden haar.",
        "A structure of BSNk is signed by the scheme, for our OIN; our BSNk keys opened it.",
    ),
    Check(
        "eidas-attributes",
        "identity",
        ("ATT-10", "ATT-12"),
        "Gegevens uit een ander land gaan open met onze sleutel, horen bij hun naam, en zijn voor Nederland bedoeld.",
        "Attributes of another country open with our key, belong to their name, and are meant for the Netherlands.",
    ),
    Check(
        "organisation",
        "identity",
        ("ATT-21",),
        "Wat eHerkenning over de organisatie verklaart is voor ons te openen: KvK-nummer, RSIN, wie ertussen zit.",
        "What eHerkenning declares of the organisation opens for us: KvK number, RSIN, who is in between.",
    ),
    Check(
        "represented",
        "identity",
        ("ATT-02", "ATT-04", "ATT-12", "ATT-20"),
        "Is er een vertegenwoordigde, dan opent onze sleutel ook diens nummer, en geldt daarvoor hetzelfde.",
        "When somebody is represented, our key opens their number too, and the same holds for it.",
    ),
)
"""Everything, in the order in which it is verified."""
