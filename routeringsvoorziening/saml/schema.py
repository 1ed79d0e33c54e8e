"""Validation with the OASIS schemas, as pysaml2 ships them (GEN-06). Every import is in the package.

They are loaded when this module is, some twenty milliseconds, and not when first needed: libxml2 has one entity loader
for the whole process, and lxml puts it back after any parse, so that another thread would spoil the loading.
"""

import asyncio
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


class Judge:
    """A compiled schema, for any thread; call it while a module is loaded, and not later: see above.

    A schema keeps the errors of its last validation, whoever asked for that, so that it serves one at a time; and lxml
    lets go of the interpreter's lock meanwhile. So the event loop has one of its own: there it waits for nobody, and a
    document of megabytes with a mistake in every line is judged elsewhere.

    Args:
        document: the schema, of our own or of the package.
        name: of its file.
    """

    def __init__(self, document: bytes, name: str) -> None:
        self._on_loop = _Compiled(document, name)
        self._in_threads = _Compiled(document, name)

    def validate(self, element: Element) -> None:
        """As the function of that name.

        Raises:
            SamlError: `msg.schema`.
        """
        (self._on_loop if _on_a_loop() else self._in_threads).validate(element)


class _Compiled:
    """One schema, and the lock that it needs."""

    def __init__(self, document: bytes, name: str) -> None:
        parser = etree.XMLParser(no_network=True, load_dtd=False)
        parser.resolvers.add(_PackageResolver())
        self._schema = etree.XMLSchema(etree.fromstring(document, parser, base_url=name))
        self._lock = threading.Lock()

    def validate(self, element: Element) -> None:
        with self._lock:
            if self._schema.validate(element):
                return
            first = self._schema.error_log[0]
        raise SamlError("msg.schema", f"line {first.line}: {first.type_name.removeprefix('SCHEMAV_')}")


def _on_a_loop() -> bool:
    """Whether an event loop waits for what happens here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def validate(element: Element, schema: Schema = "protocol") -> None:
    """Refuse an element that its schema does not allow. What it says stays as it is; every xs:ID in it gets a mark.

    Args:
        element: of a tree that `parse` made, or our own.
        schema: the protocol schema knows assertions too, the metadata schema both.

    Raises:
        SamlError: `msg.schema`; the detail has the line and the kind of error, nothing of the message.
    """
    _JUDGES[schema].validate(element)


def _read(name: str) -> bytes:
    return resources.files(_PACKAGE).joinpath(name).read_bytes()


class _PackageResolver(etree.Resolver):
    """Answers every import by file name from the package, and refuses any other."""

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # noqa: ARG002 - lxml calls it so
        """The bytes of a schema of the package; no bytes for anything else."""
        name = (system_url or "").rpartition("/")[2]
        return self.resolve_string(_read(name) if name in _IMPORTED else b"", context, base_url=name)


_JUDGES: Final = {schema: Judge(_read(name), name) for schema, name in _FILES.items()}
