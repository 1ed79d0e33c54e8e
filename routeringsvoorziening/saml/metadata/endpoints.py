"""Endpoints in metadata: Location, Binding, index, default (MD-DV-04, MD-RD-03 to MD-RD-05, MD-AD-03)."""

from collections.abc import Collection
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.metadata.findings import Inspection
from routeringsvoorziening.saml.metadata.model import Endpoint
from routeringsvoorziening.saml.parsing import XML_WHITESPACE, Element

MAX_LENGTH: Final = 2048
"""Characters of a Location; browsers and servers begin to differ beyond it."""

_SEVERAL: Final = 2


def check_location(location: str, *, allow_loopback: bool) -> None:
    """An absolute https URL without surprises (MD, attack S83): no userinfo, no fragment, no other scheme.

    Args:
        location: the URL.
        allow_loopback: http is allowed as well, for hosts under `.localhost`.

    Raises:
        SamlError: `md.location`.
    """
    if len(location) > MAX_LENGTH or not location.isascii() or not location.isprintable():
        raise SamlError("md.location", "a Location that is too long or holds unusual characters")
    if any(character in location for character in ' \\"<>^`{|}'):
        raise SamlError("md.location", "a Location with characters that a URL does not have")
    try:
        parts = urlsplit(location)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SamlError("md.location", "a Location that is not a URL") from None
    if not host or port == 0:
        raise SamlError("md.location", "a Location without a host")
    _check_scheme(parts.scheme, host, allow_loopback=allow_loopback)
    if "@" in parts.netloc or "#" in location:
        raise SamlError("md.location", "a Location with userinfo or a fragment")


def _check_scheme(scheme: str, host: str, *, allow_loopback: bool) -> None:
    loopback = scheme == "http" and allow_loopback and host.endswith(".localhost")
    if scheme != "https" and not loopback:
        raise SamlError("md.location", "a Location that is not https")


def read_endpoints(descriptor: Element, kind: str, eis: str, inspection: Inspection) -> tuple[Endpoint, ...]:
    """Every endpoint of one kind, in document order; mistakes in Locations are noted.

    Args:
        descriptor: the role descriptor.
        kind: local name, such as `AssertionConsumerService`.
        eis: the requirement about this kind.
        inspection: takes the findings.
    """
    endpoints = tuple(map(_read, descriptor.findall(names.md(kind))))
    for number, each in enumerate(endpoints, start=1):
        check = partial(check_location, each.location, allow_loopback=inspection.rules.allow_loopback)
        inspection.attempt(eis, f"{kind} {number}", check)
    indexes = [each.index for each in endpoints if each.index is not None]
    if len(set(indexes)) != len(indexes):
        inspection.refuse("md.endpoint", eis, f"two {kind}s have the same index")
    return endpoints


def check_bindings(
    endpoints: Collection[Endpoint], binding: str, kind: str, eis: str, inspection: Inspection, *, needed: bool = True
) -> None:
    """There is one, when it is needed, and all have that binding."""
    if needed and not endpoints:
        inspection.refuse("md.endpoint", eis, f"there is no {kind}")
    if any(each.binding != binding for each in endpoints):
        inspection.refuse("md.endpoint", eis, f"a {kind} has another binding than {binding.rpartition(':')[2]}")


def check_one_default(endpoints: Collection[Endpoint], kind: str, eis: str, inspection: Inspection) -> None:
    """When there are several, one is the default."""
    defaults = sum(each.is_default for each in endpoints)
    if defaults > 1 or (len(endpoints) >= _SEVERAL and not defaults):
        inspection.refuse("md.endpoint", eis, f"not exactly one of the {kind}s is the default")


def _read(element: Element) -> Endpoint:
    index = element.get("index")
    return Endpoint(
        location=element.attrib["Location"].strip(XML_WHITESPACE),
        binding=element.attrib["Binding"].strip(XML_WHITESPACE),
        index=None if index is None else int(index),
        is_default=element.get("isDefault", "").strip(XML_WHITESPACE) in {"true", "1"},
    )
