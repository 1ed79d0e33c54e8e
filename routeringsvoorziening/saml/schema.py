"""Validation with the OASIS schemas, as pysaml2 ships them (GEN-06). Every import is in the package.

They are loaded when this module is, some ten milliseconds, and not when first needed: libxml2 has one entity loader for
the whole process, and lxml puts it back after any parse, so that a message in another thread would spoil the loading.
"""

import threading
from importlib import resources
from typing import Any, Final, Literal

from lxml import etree

from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.parsing import Element

Schema = Literal["protocol", "assertion", "metadata", "soap11"]
"""Which schema: it decides what the root may be. Advice and the like are checked as far as it knows them."""

_PACKAGE: Final = "saml2.data.schemas"
_FILES: Final[dict[Schema, str]] = {
    "protocol": "saml-schema-protocol-2.0.xsd",
    "assertion": "saml-schema-assertion-2.0.xsd",
    "metadata": "saml-schema-metadata-2.0.xsd",
    "soap11": "envelope.xsd",
}
_EIDAS: Final = ("saml-extensions", "attribute-naturalperson", "attribute-legalperson")
_IMPORTED: Final = frozenset(
    {
        *_FILES.values(),
        *(f"eidas-schema-{each}.xsd" for each in _EIDAS),
        "xmldsig-core-schema.xsd",
        "xenc-schema.xsd",
        "xml.xsd",
    }
)


def validate(element: Element, schema: Schema = "protocol") -> None:
    """Refuse an element that its schema does not allow. What it says stays as it is; every xs:ID in it gets a mark.

    Args:
        element: of a tree that `parse` made, or our own.
        schema: the protocol schema knows assertions too, the metadata schema both.

    Raises:
        SamlError: `msg.schema`; the detail has the line and the kind of error, nothing of the message.
    """
    validate_with(_SCHEMAS[schema], element)


def validate_with(judge: etree.XMLSchema, element: Element) -> None:
    """The same, with a schema that `compiled` made.

    Raises:
        SamlError: as `validate`.
    """
    with _judging:  # a schema keeps the errors of its last validation, whoever asked for that
        if judge.validate(element):
            return
        first = judge.error_log[0]
    raise SamlError("msg.schema", f"line {first.line}: {first.type_name.removeprefix('SCHEMAV_')}")


_judging: Final = threading.Lock()


def compiled(document: bytes, name: str) -> etree.XMLSchema:
    """A schema of our own or of the package. Call it while a module is loaded, and not later: see above."""
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(_PackageResolver())
    return etree.XMLSchema(etree.fromstring(document, parser, base_url=name))


def _read(name: str) -> bytes:
    return resources.files(_PACKAGE).joinpath(name).read_bytes()


class _PackageResolver(etree.Resolver):
    """Answers every import by file name from the package, and refuses any other."""

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # noqa: ARG002 - lxml calls it so
        """The bytes of a schema of the package; no bytes for anything else."""
        name = (system_url or "").rpartition("/")[2]
        return self.resolve_string(_read(name) if name in _IMPORTED else b"", context, base_url=name)


_SCHEMAS: Final = {schema: compiled(_read(name), name) for schema, name in _FILES.items()}
