"""Whom a configuration trusts, without reading the rest of it: for judging metadata before there is anything else."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from routeringsvoorziening.configuration.findings import ConfigurationInvalid, Findings, Place
from routeringsvoorziening.configuration.keys import Circumstances, read_trust
from routeringsvoorziening.configuration.variables import substitute, variables_of
from routeringsvoorziening.configuration.yaml_reading import read_document
from routeringsvoorziening.saml.certificates import TrustBundle


def trust_of(main: Path, overrides: Mapping[str, str], *, at: datetime) -> TrustBundle:
    """The trust bundle that a main file names.

    Raises:
        ConfigurationInvalid: with why it cannot be read.
    """
    findings = Findings()
    document = read_document(main, findings)
    data = {} if document is None else substitute(document, variables_of(document, overrides, findings), findings).data
    reference = data.get("trust") if isinstance(data, dict) else None
    if not isinstance(reference, str):
        findings.error("field.missing", Place(main, ("trust",)), "trust is missing", "Add `trust:`.")
        raise ConfigurationInvalid(findings.sorted())
    return trust_in(main.parent / reference, at=at)


def trust_in(bundle: Path, *, at: datetime) -> TrustBundle:
    """The trust bundle in a PEM file.

    Raises:
        ConfigurationInvalid: with why it cannot be read.
    """
    findings = Findings()
    trust = read_trust(bundle, Place(bundle), Circumstances(at, {}, findings))
    if trust is None:
        raise ConfigurationInvalid(findings.sorted())
    return trust
