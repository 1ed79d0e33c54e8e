"""From pysaml2's element classes to bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from saml2 import saml, samlp

from routeringsvoorziening.saml import names
from routeringsvoorziening.saml.building import (
    Verbatim,
    attribute_value,
    attribute_value_holding,
    canonical_of,
    element_of,
    verbatim,
)
from routeringsvoorziening.saml.parsing import canonical, parse
from tests.support.wire import find, refused

FOREIGN = b'<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_x"><b xmlns="urn:b"></b></a:Assertion>'


def holding(*xml: bytes):
    return element_of(saml.Advice(extension_elements=[Verbatim(each) for each in xml]))


@pytest.mark.attack("S45")
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip))
def test_any_text_is_escaped(text):
    """Markup in a value stays a value, in text and in attributes, whatever surrounds it."""
    element = element_of(
        saml.Attribute(name=text, attribute_value=[attribute_value(text)], extension_elements=[Verbatim(FOREIGN)])
    )
    assert element.get("Name") == text
    assert (find(element, "saml:AttributeValue").text, len(element)) == (text, 2)


@pytest.mark.eis("AS-14")
def test_finished_xml_stays_as_it_is():
    """Its prefixes and its canonical form do not change, though our own prefix for the namespace differs."""
    assert canonical(holding(FOREIGN)[0]) == FOREIGN
    assert b"<a:Assertion" in etree.tostring(holding(FOREIGN))


def test_several_finished_pieces_keep_their_order():
    """Each stands where it was put."""
    pieces = [f'<x xmlns="urn:x" n="{number}"></x>'.encode() for number in range(12)]
    assert [canonical(child) for child in holding(*pieces)] == pieces


@pytest.mark.attack("S45")
def test_a_value_cannot_pose_as_a_marker():
    """Text that looks like the place of a piece is text."""
    element = element_of(
        saml.Attribute(
            name="n", attribute_value=[attribute_value('<verbatim n="0"/>'), attribute_value_holding(FOREIGN)]
        )
    )
    assert [len(child) for child in element] == [0, 1]
    assert element[0].text == '<verbatim n="0"/>'


@pytest.mark.attack("S40")
def test_an_id_occurs_once():
    """Receivers validate with the schemas."""
    refused("id.duplicate", lambda: holding(FOREIGN, FOREIGN))


def test_an_element_of_a_tree_brings_its_declarations():
    """A piece cut out of another document declares what was declared around it."""
    outer = parse(b'<o:O xmlns:o="urn:o" xmlns:xs="urn:xs"><o:I t="xs:string"/></o:O>')
    element = element_of(saml.Advice(extension_elements=[verbatim(outer[0])]))
    assert element[0].nsmap["xs"] == "urn:xs"


def test_children_are_in_schema_order():
    """Whatever the order of the arguments."""
    element = element_of(samlp.AuthnRequest(scoping=samlp.Scoping(), issuer=saml.Issuer(text="x")))
    assert [child.tag for child in element] == [names.saml("Issuer"), names.samlp("Scoping")]


def test_a_value_has_no_type():
    """pysaml2 would add xsi:type, and a prefix in it that nobody declares."""
    assert not element_of(attribute_value("x")).attrib


RESPONSE = b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r"></samlp:Response>'


@pytest.mark.eis("AS-14")
@pytest.mark.parametrize("inside", [[], [FOREIGN], [FOREIGN, b"<q></q>"], [RESPONSE], [FOREIGN, RESPONSE]])
def test_what_is_written_is_the_canonical_form_of_the_tree(inside):
    """Without finished XML, with some, and with some that declares what is declared around it already."""
    node = samlp.Extensions(
        extension_elements=[saml.Attribute(name="n", attribute_value=[attribute_value_holding(*inside)])]
    )
    around = samlp.AuthnRequest(id="_a", version="2.0", issuer=saml.Issuer(text="<&>"), extensions=node)
    assert canonical_of(around) == canonical(element_of(around))


@pytest.mark.attack("S40")
@pytest.mark.parametrize("name", ["ID", "Id"])
def test_what_is_written_has_unique_ids_too(name):
    """One of the surroundings may not stand in finished XML."""
    inside = Verbatim(f'<q {name}="_a"></q>'.encode())
    refused("id.duplicate", lambda: canonical_of(samlp.AuthnRequest(id="_a", extension_elements=[inside])))
    assert canonical_of(samlp.AuthnRequest(id="_b", extension_elements=[inside]))
