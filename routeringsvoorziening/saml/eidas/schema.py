"""Validation with the eIDAS schemas, an independent description of these messages that pysaml2 ships."""

from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.eidas.vocabulary import EXTENSIONS, LEGAL, NATURAL
from routeringsvoorziening.saml.parsing import Element
from routeringsvoorziening.saml.schema import Judge

_IMPORTS: Final = {
    names.SAMLP: "saml-schema-protocol-2.0.xsd",
    names.SAML: "saml-schema-assertion-2.0.xsd",
    EXTENSIONS: "eidas-schema-saml-extensions.xsd",
    NATURAL: "eidas-schema-attribute-naturalperson.xsd",
    LEGAL: "eidas-schema-attribute-legalperson.xsd",
}
_ALL: Final = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
    + "".join(f'<xs:import namespace="{space}" schemaLocation="{file}"/>' for space, file in _IMPORTS.items())
    + "</xs:schema>"
)
_JUDGE: Final = Judge(_ALL.encode(), "all.xsd")


def validate(element: Element) -> None:
    """Refuse a message or assertion that SAML or eIDAS does not allow: every xsi:type in it must be known and fit.

    Raises:
        SamlError: `msg.schema`; the detail has the line and the kind of error, nothing of the message.
    """
    _JUDGE.validate(element)
