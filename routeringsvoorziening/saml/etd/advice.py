"""What may stand in the Advice of a makelaar's summary: the signed Assertions of who told it. Nobody reads in them.

We have no keys of those parties, so their signatures are evidence for others; of each only its form is checked. That
none of them can be taken for the summary is what counts: who signed which, and who issued what, is never in doubt.
"""

from typing import Final

from lxml import etree

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.etd.identifiers import parse_etd_entity_id
from routeringsvoorziening.saml.messages import reading
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.signature_profile import check_signature

MOST: Final = 8
"""Assertions in one Advice: an authenticatiedienst, and a machtigingenregister for each link of a chain."""
TELLERS: Final = frozenset({"AD", "MR", "EB"})


def check_advice(advice: Element, issuer: str) -> None:
    """Every Assertion in it is of another party than the summary, and signed once, in the one form that we accept.

    Args:
        advice: of the verified summary.
        issuer: of the summary.

    Raises:
        SamlError: `advice.structure`; `sig.…`, `alg.…`, `keyinfo.form` for the form of a signature.
    """
    children = reading.only_elements(advice, "advice.structure")
    if not 1 <= len(children) <= MOST:
        raise SamlError("advice.structure", f"not 1 to {MOST} Assertions")
    for child in children:
        if child.tag != names.saml("Assertion"):
            raise SamlError("advice.structure", f"a {etree.QName(child).localname} in Advice")
        _check_assertion(child, issuer)


def _check_assertion(assertion: Element, issuer: str) -> None:
    reading.check_message(assertion, names.saml("Assertion"), None)
    teller = parse_etd_entity_id(reading.claimed_issuer(assertion))
    if teller.role not in TELLERS or teller.text == issuer:
        raise SamlError("advice.structure", "an Assertion in Advice of who may not tell anything")
    if assertion.find(f".//{names.saml('Assertion')}") is not None:
        raise SamlError("advice.structure", "an Assertion within an Assertion in Advice")
    check_signature(assertion)
