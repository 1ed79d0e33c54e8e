"""KeyDescriptors: a KeyName with its certificate, and what it may be used for (MD-06, MD-DV-02, MD-AD-02, SIG-07)."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from cryptography import x509

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.certificates import every_problem
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.keys import VerificationKey
from routeringsvoorziening.saml.messages.reading import filled, one
from routeringsvoorziening.saml.metadata.findings import Inspection
from routeringsvoorziening.saml.metadata.model import BOTH_USES, KeyUse, MetadataKey
from routeringsvoorziening.saml.parsing import Element, decode_base64, text

_ENCRYPTION: Final[frozenset[KeyUse]] = frozenset({"encryption"})
_AS_PUBLISHED: Final[dict[str, frozenset[KeyUse]]] = {"signing": frozenset({"signing"}), "encryption": _ENCRYPTION}


def read_keys(descriptor: Element, oin: str, inspection: Inspection, *, place: str = "") -> tuple[MetadataKey, ...]:
    """The keys of a role descriptor; what is wrong with them or their certificates is noted.

    A key for signing whose certificate has expired, or whose time has not come, stays in and is remarked: `verify`
    looks at the clock, and during a rollover that is how it must be. One for encryption that has expired is left out.

    Args:
        descriptor: the role descriptor.
        oin: of the entity; every certificate must hold it.
        inspection: takes the findings.
        place: put before the place of every finding.
    """
    keys = [
        _read(each, f"{place}KeyDescriptor {position}", oin, inspection)
        for position, each in enumerate(descriptor.findall(names.md("KeyDescriptor")), start=1)
    ]
    found = tuple(key for key in keys if key is not None)
    _check_names(found, inspection)
    return tuple(key for key in found if key.uses != _ENCRYPTION or key.validity[1] >= inspection.rules.at)


def check_use(
    keys: Iterable[MetadataKey], use: KeyUse, eis: str, inspection: Inspection, *, at_most: int | None = None
) -> None:
    """There is a key for that use whose certificate is valid now, and there are not too many."""
    fitting = [key for key in keys if use in key.uses]
    if not fitting:
        inspection.refuse("md.keys", eis, f"there is no key for {use}")
    elif not any(key.is_valid_at(inspection.rules.at) for key in fitting):
        inspection.refuse("key.expired", eis, f"no certificate for {use} is valid now")
    if at_most is not None and len(fitting) > at_most:
        inspection.refuse("md.keys", eis, f"there are more than {at_most} keys for {use}")


def certificate_of(der: bytes) -> x509.Certificate:
    """A certificate from its DER bytes.

    Raises:
        SamlError: `md.keys`.
    """
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise SamlError("md.keys", "an X509Certificate that is not a certificate") from None


def read_key(key_descriptor: Element) -> VerificationKey:
    """The KeyName and the certificate of a KeyDescriptor, exactly one of each (MD-06).

    Raises:
        SamlError: `md.keys`, `keyinfo.form`.
    """
    key_info = one(key_descriptor, names.ds("KeyInfo"), "md.keys")
    key_name = filled(one(key_info, names.ds("KeyName"), "md.keys"), "md.keys")
    data = one(key_info, names.ds("X509Data"), "md.keys")
    value = text(one(data, names.ds("X509Certificate"), "md.keys"))
    return VerificationKey(key_name, certificate_of(decode_base64(value)))


def _read(element: Element, place: str, oin: str, inspection: Inspection) -> MetadataKey | None:
    key = inspection.attempt("MD-06", place, partial(read_key, element), code="md.keys")
    if key is None:
        return None
    uses = _AS_PUBLISHED.get(element.get("use", ""), BOTH_USES)
    found = MetadataKey(key.key_name, key.certificate, uses)
    _judge(found, place, oin, inspection)
    return found


def _judge(key: MetadataKey, place: str, oin: str, inspection: Inspection) -> None:
    """Note what is wrong with a certificate. One that is not valid now is judged at the nearest moment that it is."""
    rules = inspection.rules
    first, last = key.validity
    if not key.is_valid_at(rules.at):
        inspection.remark("key.expired", "SIG-08", f"{place}: the certificate is not valid now")
    nearest = min(max(rules.at, first), last)
    problems = [
        (problem.code, problem.detail or problem.code)
        for use in sorted(key.uses)
        for problem in every_problem(key.certificate, trust=rules.trust, at=nearest, oin=oin, usage=use)
    ]
    for code, detail in dict.fromkeys(problems):
        inspection.refuse(code, "SIG-07", f"{place}: {detail}")


def _check_names(keys: Sequence[MetadataKey], inspection: Inspection) -> None:
    """A KeyName selects one certificate."""
    certificates: dict[str, bytes] = {}
    for key in keys:
        if certificates.setdefault(key.key_name, key.certificate_der) != key.certificate_der:
            inspection.refuse("md.keys", "MD-06", "two certificates have the same KeyName")
