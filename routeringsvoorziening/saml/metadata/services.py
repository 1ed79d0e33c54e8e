"""AttributeConsumingServices: the diensten of a dienstverlener, by index (MD-DV-05 to MD-DV-07)."""

from collections.abc import Collection
from functools import partial
from typing import Final

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.messages.reading import filled, flag, number, one
from routeringsvoorziening.saml.metadata.findings import Inspection
from routeringsvoorziening.saml.metadata.model import AttributeConsumingService
from routeringsvoorziening.saml.parsing import Element, text

_LANG: Final = f"{{{names.XML}}}lang"


def read_attribute_services(descriptor: Element, inspection: Inspection) -> tuple[AttributeConsumingService, ...]:
    """Every AttributeConsumingService; mistakes are noted."""
    services = tuple(
        _read(each, f"AttributeConsumingService {position}", inspection)
        for position, each in enumerate(descriptor.findall(names.md("AttributeConsumingService")), start=1)
    )
    _check_indexes(services, inspection)
    return services


def _check_indexes(services: Collection[AttributeConsumingService], inspection: Inspection) -> None:
    """Indexes differ; with more than one service exactly one is the default (MD-DV-06)."""
    if len({each.index for each in services}) != len(services):
        inspection.refuse("md.service", "MD-DV-06", "two AttributeConsumingServices have the same index")
    defaults = sum(each.is_default for each in services)
    if defaults > 1 or (len(services) > 1 and not defaults):
        inspection.refuse("md.service", "MD-DV-06", "not exactly one AttributeConsumingService is the default")


def _read(element: Element, place: str, inspection: Inspection) -> AttributeConsumingService:
    return AttributeConsumingService(
        index=number(element, "index") or 0,
        is_default=flag(element, "isDefault"),
        names=_names(element, place, inspection),
        service_uuid=_service_uuid(element, place, inspection),
    )


def _names(element: Element, place: str, inspection: Inspection) -> dict[str, str]:
    """At most one ServiceName per language (MD-DV-06)."""
    found: dict[str, str] = {}
    for each in element.findall(names.md("ServiceName")):
        language = each.attrib[_LANG]
        if language.lower() in map(str.lower, found):
            inspection.refuse("md.service", "MD-DV-06", f"{place} has two names in {language!r}")
        found[language] = inspection.attempt("MD-DV-06", place, partial(text, each)) or ""
    return found


def _service_uuid(element: Element, place: str, inspection: Inspection) -> str | None:
    """One RequestedAttribute ServiceUUID with one value (MD-DV-07)."""
    requested = [
        each for each in element.findall(names.md("RequestedAttribute")) if each.get("Name") == names.SERVICE_UUID
    ]
    if not requested or (len(requested) == 1 and requested[0].find(names.saml("AttributeValue")) is None):
        missing_allowed = inspection.rules.allow_missing_service_uuid
        inspection.refuse("md.service", "MD-DV-07", f"{place} has no ServiceUUID", unless=missing_allowed)
        return None
    return inspection.attempt("MD-DV-07", place, partial(_value, requested))


def _value(requested: list[Element]) -> str:
    if len(requested) > 1:
        raise SamlError("md.service", "asks for ServiceUUID twice")
    return filled(one(requested[0], names.saml("AttributeValue"), "md.service"), "md.service")
