"""What the files say about eHerkenning: its own settings, those of a dienst, and what must fit between them."""

import pytest

from routeringsvoorziening.backends.eherkenning.settings import EHerkenningMethod, diensten_of, levels_of
from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, LoA
from routeringsvoorziening.saml.etd import names

DIENSTEN = "dienstencatalogus/voorbeeldstad-organisaties.yaml"
METHOD = "authentication_services.eherkenning"


def test_the_demo_has_a_makelaar_and_diensten_for_it(room):
    """Levels by the table; an index for each dienst."""
    configuration = room.inspect().configuration
    method = configuration.authentication_services[AuthenticationServiceId("eherkenning")].settings
    assert isinstance(method, EHerkenningMethod)
    assert levels_of(method) == {
        f"{names.LEVEL}loa2": LoA.BASIS,
        f"{names.LEVEL}loa2plus": LoA.LAAG,
        f"{names.LEVEL}loa3": LoA.SUBSTANTIEEL,
        f"{names.LEVEL}loa4": LoA.HOOG,
    }
    assert [each.service_index for each in diensten_of(configuration).values()] == [11, 12, 13, 14, 15, 16, 17]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "path"),
    [
        ("", "urn:etoegang:HM:", "urn:etoegang:XX:", "field.value", f"{METHOD}.entity_id"),
        ("", "urn:etoegang:HM:", "urn:etoegang:AD:", "entity.role", f"{METHOD}.entity_id"),
        (
            "",
            "own_entity_id: urn:etoegang:DV",
            "own_entity_id: urn:nl-eid-gdi:1.0:DV",
            "field.value",
            f"{METHOD}.own_entity_id",
        ),
        ("", "loa2: basis", "loa1: basis", "field.value", f"{METHOD}.loa.loa1"),
        ("", "loa4: hoog ", "loa4: hoogst ", "field.value", f"{METHOD}.loa.loa4"),
        ("", "eherkenning/metadata.xml", "digid/metadata.xml", "md.entity", f"{METHOD}.metadata"),
        (DIENSTEN, "service_index: 12", "service_index: 11", "eherkenning.service-index", "diensten[1].eherkenning"),
        (DIENSTEN, "service_index: 12", "service_index: 70000", "field.value", "diensten[1].eherkenning.service_index"),
        (
            DIENSTEN,
            "restrictions: [vestigingsnr]",
            "restrictions: [filiaal]",
            "field.value",
            "diensten[2].eherkenning.restrictions[0]",
        ),
        (DIENSTEN, "service_index: 12\n", "index: 12\n", "field.unknown", "diensten[1].eherkenning.index"),
        (
            DIENSTEN,
            '    eherkenning:\n      service_index: 12\n      requested: ["urn:etoegang:1.11:attribute-represented:CompanyName"]\n',
            "",
            "dienst.method-settings",
            "diensten[1].methods[0]",
        ),
    ],
)
def test_a_mistake_is_found_where_it_stands(room, *, file, old, new, code, path):
    """With its code and its path."""
    line = room.replace(old, new, file)
    found = {(each.code, each.place.dotted): each for each in room.inspect().findings}
    assert (code, path) in found
    assert line
    assert room.inspect().configuration is None


def test_a_test_systems_makelaar_is_not_for_production(room):
    """Index 9000 and up (MD-02), as for everybody."""
    room.replace("environment: demo", "environment: production")
    codes = {(each.code, each.place.dotted) for each in room.inspect().findings}
    assert ("entity.test", f"{METHOD}.entity_id") in codes
