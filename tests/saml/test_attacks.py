"""Every hostile message that attackgen makes is refused, for the right reason, quickly, and without a trace."""

import gc
import time
from collections import defaultdict
from functools import cache

import pytest
import xmlsec
from lxml import etree

from routeringsvoorziening.saml import parsing, signature_profile
from routeringsvoorziening.saml.messages import reading, response
from tests.support.attackgen import consuming, corpus, wrapping
from tests.support.attackgen.canary import nothing_leaves
from tests.support.attackgen.consuming import Refused, consume
from tests.support.attackgen.genuine import ARTIFACT_RESPONSE, ASSERTION, AUTHN_REQUEST, KINDS, METADATA, genuine, tree
from tests.support.attackgen.naive import deceives
from tests.support.attackgen.operators import Variant

CPU_SECONDS = 0.05
CLASSES = sorted({cite for operator in corpus.operators() for cite in operator.cites})
KIND_IDS = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


@cache
def operated() -> dict[str, list[Variant]]:
    """The variants of the operators, by attack class."""
    found = defaultdict(list)
    for variant in corpus.operated():
        for cite in variant.cites:
            found[cite].append(variant)
    return found


def fault(variant: Variant) -> str | None:
    """What is wrong with how a variant is met; None when it is refused as it should be."""
    spent, code = refusal_of(variant)
    if code not in variant.codes:
        return f"{variant.id}: {code}, expected one of {', '.join(sorted(variant.codes))}"
    tries = iter(range(9))
    while spent > CPU_SECONDS and next(tries, None) is not None:  # what it costs at least is what it costs
        spent = refusal_of(variant)[0]
    return f"{variant.id}: {spent * 1000:.0f} ms" if spent > CPU_SECONDS else None


def refusal_of(variant: Variant) -> tuple[float, str]:
    """The seconds of CPU that it cost, and the code; or `accepted`. Without collecting what thousands of others left."""
    gc.disable()
    started = time.thread_time()
    try:
        value = consume(variant.kind, variant.data)
    except Refused as refusal:
        return time.thread_time() - started, refusal.code
    finally:
        gc.enable()
    return time.thread_time() - started, f"accepted, with {value}"


def check_all(variants, capfd) -> None:
    """Refuse them all, and do nothing else."""
    consume(METADATA, genuine(METADATA))  # what is loaded once, is loaded
    with nothing_leaves() as seen:
        faults = [found for found in map(fault, variants) if found]
    assert faults == []
    assert seen == []
    assert tuple(capfd.readouterr()) == ("", "")


@KIND_IDS
def test_the_untouched_message_is_accepted(kind):
    """The negative control: nothing is refused for being refused."""
    assert consume(kind, genuine(kind)) == kind.value(kind.locate(tree(kind)))


@pytest.mark.eis("SIG-01", "SIG-02", "SIG-03", "SIG-04", "SIG-06", "SIG-11", "GEN-02", "GEN-06", "ERR-11", "MD-01")
@pytest.mark.parametrize("cite", [pytest.param(cite, marks=pytest.mark.attack(cite)) for cite in CLASSES])
def test_every_variant_of_a_class_is_refused_for_its_own_reason(cite, capfd):
    """The code is one of those that the operator names; no file, socket or process; nothing on the terminal."""
    check_all(operated()[cite], capfd)


@pytest.mark.eis("SIG-04", "SIG-05", "ERR-11")
@pytest.mark.attack("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08")
@KIND_IDS
def test_the_eight_classical_wrappings_are_refused(kind, capfd):
    """XSW1 to XSW8, for every kind of message; and each of them deceives some careless reader."""
    variants = list(wrapping.named(kind))
    assert [variant.id for variant in variants if not deceives(kind, variant.data)] == []
    check_all(variants, capfd)


@pytest.mark.attack("S10", "S11", "S15", "S16", "S40")
@KIND_IDS
def test_every_wrapping_of_the_product_is_refused(kind, capfd):
    """Holder, fate of the signature, identifier, order and depth, in every combination that exists."""
    check_all(wrapping.product_of(kind), capfd)


@KIND_IDS
def test_no_wrapping_is_inert(kind):
    """The positive control: each variant deceives at least one careless reader, or it would prove nothing."""
    assert [variant.id for variant in wrapping.product_of(kind) if not deceives(kind, variant.data)] == []


def test_the_corpus_is_large_enough():
    """The product has not silently shrunk."""
    assert sum(len(wrapping.product_of(kind)) for kind in KINDS.values()) > 4000
    assert sum(len(found) for found in operated().values()) > 1000


def _any_reference(element, reference):
    return signature_profile._exact_children(reference, "Transforms", "DigestMethod", "DigestValue")


def _first_assertion(element, status):
    return element.find("{*}Assertion")


RULES = {
    "unique IDs": (parsing, "_check_id", lambda *_: None),
    "place of the signature": (signature_profile, "_check_place", lambda *_: None),
    "one signature per element": (signature_profile, "_signature_of", lambda element: element.find("{*}Signature")),
    "no signature elsewhere": (consuming, "check_only_signatures_at", lambda *_: None),
    "reference to the parent": (signature_profile, "_check_reference", _any_reference),
    "transforms": (signature_profile, "_check_transforms", lambda _: frozenset()),
    "schema": (reading, "validate", lambda *_: None),
    "one assertion": (response, "_assertion", _first_assertion),
    "one message in the body": (consuming, "unwrap", lambda root: root.find("{*}Body")[0]),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_single_rule_holds_the_wall_alone(rule, monkeypatch):
    """With any one rule switched off, no wrapping gets the attacker's value through."""
    module, name, off = RULES[rule]
    monkeypatch.setattr(module, name, off)
    through = []
    for kind in KINDS.values():
        mine = kind.value(kind.locate(tree(kind)))
        for variant in [*wrapping.named(kind), *wrapping.product_of(kind)[:: 7 if kind is not METADATA else 40]]:
            try:
                value = consume(kind, variant.data)
            except (
                Refused,
                AttributeError,
                IndexError,
                TypeError,
                xmlsec.Error,
            ):  # what else a missing rule lets happen
                continue
            through += [variant.id] if value != mine else []
    assert through == []


def test_a_signature_may_have_an_id_that_nothing_refers_to():
    """As pysaml2 writes it: it is under the rule of unique IDs like any other, and means nothing."""
    root = tree(AUTHN_REQUEST)
    root.find("{*}Signature").set("Id", "Signature1")
    assert consume(AUTHN_REQUEST, etree.tostring(root)) == "5"


@pytest.mark.eis("AS-01", "SIG-05")
@pytest.mark.attack("S21")
def test_both_signatures_of_an_answer_are_needed():
    """An ArtifactResponse without its own signature falls, and so does one whose Assertion has none."""
    for kind in (ARTIFACT_RESPONSE, ASSERTION):
        variant = next(found for found in operated()["S21"] if found.id == f"{kind.name}:none")
        with pytest.raises(Refused, match=r"sig\.missing"):
            consume(kind, variant.data)
