"""What the files say about eIDAS: the method itself, and what each dienst may know of people from other countries."""

import pytest

from routeringsvoorziening.backends.configuring import json_schema, load_configuration
from routeringsvoorziening.backends.eidas.method import EidasDienst
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, ServiceUUID
from routeringsvoorziening.configuration.findings import Severity
from routeringsvoorziening.saml.eidas.vocabulary import ATTRIBUTES
from routeringsvoorziening.simulators.eidas.catalogue import RIGHTS, demo_catalogue
from routeringsvoorziening.simulators.world.layout import BUSINESS, PORTAL_SERVICES, STAY

FILE = "dienstencatalogus/voorbeeldstad-eidas.yaml"
EIDAS = AuthenticationServiceId("eidas")


def test_it_is_open_for_diensten_that_say_what_they_may_know(room) -> None:
    """And for no others, though those leave their methods open."""
    configuration = load_configuration(room.main, at=room.at)
    method = configuration.authentication_services[EIDAS]
    assert method.open_for(configuration.diensten[ServiceUUID(STAY.uuid)])
    assert not method.open_for(configuration.diensten[ServiceUUID(PORTAL_SERVICES[0].uuid)])


def test_the_demo_and_its_message_service_say_the_same(room) -> None:
    """As real parties must: two copies of one catalogue."""
    diensten = load_configuration(room.main, at=room.at).diensten
    for uuid, rights in RIGHTS.items():
        said = diensten[ServiceUUID(uuid)].said["eidas"]
        assert isinstance(said, EidasDienst)
        assert said.attribute_names == {kind.name for kind in rights.attributes}
        assert (said.pseudonym, said.legal_persons) == (rights.pseudonym, rights.legal_persons)
        (registered,) = (each for each in demo_catalogue().values() if each.uuid == uuid)
        assert diensten[ServiceUUID(uuid)].identity == registered.identity


def test_every_attribute_of_the_files_is_one_of_eidas() -> None:
    """By the Name on the wire, and the other way round."""
    attributes = EidasDienst.model_fields["attributes"].annotation
    names = EidasDienst(attributes=tuple(kind.local for kind in ATTRIBUTES.values()), legal_persons=True)
    assert attributes is not None
    assert names.attribute_names == set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("[CurrentFamilyName, CurrentGivenName, DateOfBirth]", "[ShoeSize]", "field.value", "eidas.attributes[0]"),
        ("[CurrentFamilyName, CurrentGivenName, DateOfBirth]", "[Gender, Gender]", "eidas.attribute-twice", "eidas"),
        ("      legal_persons: true", "      legal_persons: false", "eidas.legal-persons", "eidas"),
        (
            "      pseudonym: true\n      legal",
            "      pseudonyms: true\n      legal",
            "field.unknown",
            "eidas.pseudonyms",
        ),
    ],
)
def test_a_mistake_is_found_where_it_stands(room, old, new, code, path) -> None:
    """With its code, file, line and path."""
    text = room.file(FILE).read_text()
    assert text.count(old) == 1
    room.replace(old, new, FILE)
    finding = room.only()
    assert finding.code == code
    assert finding.place.dotted.endswith(path)
    assert finding.place.file == room.file(FILE)


def test_companies_that_nothing_names_are_worth_a_warning(room) -> None:
    """A dienst that lets them in should know which one it is."""
    text = room.file(FILE).read_text()
    left_out = ("        - LegalPersonIdentifier\n", "        - LegalName\n", "        - VATRegistrationNumber\n")
    for each in left_out:
        text = text.replace(each, "")
    room.file(FILE).write_text(text)
    assert room.only().code == "eidas.nobody-named"


@pytest.mark.eis("ATT-20")
def test_a_plain_bsn_that_nobody_makes_is_worth_a_warning(room) -> None:
    """EIDAS declares structures of BSNk; without `decryption:` nobody turns one into what the dienst says it gets."""
    assert "eidas.plain-bsn" not in {each.code for each in room.inspect().findings}
    room.replace("identity: BSN\n    methods: [digid, eidas]\n", "methods: [digid, eidas]\n", FILE)
    (finding,) = (each for each in room.inspect().findings if each.code.startswith("eidas."))
    assert (finding.code, finding.place.dotted) == ("eidas.plain-bsn", "diensten[0].eidas")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("said", ["pseudonym: true", "legal_persons: true"])
def test_a_pseudonym_where_identities_are_opened_is_a_mistake(room, said) -> None:
    """Nobody could make a plain BSN of it, and the login would be refused."""
    names = "attributes: [CurrentFamilyName, CurrentGivenName, DateOfBirth]\n"
    room.replace(names, f"{names}      {said}\n", "dienstencatalogus/zonneveld.yaml")
    found = {each.code: each for each in room.inspect().findings if each.code.startswith("eidas.")}
    assert found["eidas.pseudonym"].severity is Severity.ERROR
    assert found["eidas.pseudonym"].place.dotted == "diensten[1].eidas"


def test_it_goes_on_to_no_bvd(room) -> None:
    """Not by default, and not when somebody writes so."""
    configuration = load_configuration(room.main, at=room.at)
    assert configuration.authentication_services[EIDAS].mandates == frozenset()
    room.replace("    kind: eidas\n", "    kind: eidas\n    mandates: [machtigen]\n")
    assert room.only().place.dotted == "authentication_services.eidas.mandates"


def test_a_method_that_goes_on_to_a_bvd_that_does_not_exist_is_a_mistake(room) -> None:
    """For every kind."""
    room.replace("    kind: digid\n", "    kind: digid\n    mandates: [machtigen, nowhere]\n")
    (finding,) = room.inspect().mistakes  # that diensten allow others is a warning now
    assert (finding.code, finding.place.dotted) == ("method.mandate", "authentication_services.digid.mandates")


def test_editors_know_it_too() -> None:
    """The JSON Schema has the method and what a dienst says."""
    text = str(json_schema())
    assert "EidasDienst" in text
    assert "LegalPersonIdentifier" in text


def test_a_dienst_for_companies_is_there(room) -> None:
    """The demo lets one in."""
    said = load_configuration(room.main, at=room.at).diensten[ServiceUUID(BUSINESS.uuid)].said["eidas"]
    assert isinstance(said, EidasDienst)
    assert said.legal_persons
