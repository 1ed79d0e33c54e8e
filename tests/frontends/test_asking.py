"""From a verified AuthnRequest to what the core understands."""

from dataclasses import replace
from typing import Any

import pytest

from routeringsvoorziening.broker.failures import Failure, FailureKind, LoginFailed
from routeringsvoorziening.broker.vocabulary import Preselection
from routeringsvoorziening.configuration.result import Connection
from routeringsvoorziening.frontends.saml.asking import (
    asked_service,
    check_relay_state,
    chosen_acs,
    preselection,
    understand,
)
from routeringsvoorziening.frontends.saml.compat import switches_used
from routeringsvoorziening.frontends.saml.refusals import MessageRefused
from routeringsvoorziening.saml.messages.authn_request import AuthnRequest
from routeringsvoorziening.saml.names import BINDING_ARTIFACT, BINDING_POST
from tests.support.federation import (
    AD,
    DV,
    DV_ACS,
    NOW,
    OTHER_ACS,
    SECOND_SERVICE,
    SERVICE,
    authn_request,
    connection,
    service_provider,
    with_extensions,
)

BVD = AD.replace(":AD:", ":BVD:")
OTHER_BVD = BVD.replace("9002", "9005")
OTHER_AD = AD.replace("9002", "9006")


def failure(function: Any, *args: Any) -> Failure:
    with pytest.raises(LoginFailed) as caught:
        function(*args)
    return caught.value.failure


def acs_refused(request: AuthnRequest, **compat: Any) -> str:
    with pytest.raises(MessageRefused) as caught:
        chosen_acs(request, connection(**compat))
    return caught.value.code


@pytest.mark.eis("AR-04")
def test_the_index_chooses_among_the_sender_s_own_addresses() -> None:
    """An index is a name in the metadata, not a position in a list."""
    assert chosen_acs(authn_request(acs_index=1), connection()) == DV_ACS
    assert chosen_acs(authn_request(acs_index=2), connection()) == DV_ACS + "/tweede?kanaal=2"


@pytest.mark.eis("AR-04", "MD-DV-04")
@pytest.mark.attack("S71")
@pytest.mark.parametrize(
    "changed",
    [
        {"acs_index": None},
        {"acs_index": 0},
        {"acs_index": 9},
        {"acs_index": 3},
        {"acs_url": DV_ACS},
        {"acs_url": DV_ACS, "acs_index": None},
        {"acs_url": OTHER_ACS, "acs_index": None},
    ],
)
def test_any_other_choice_of_address_is_refused(changed: dict[str, Any]) -> None:
    """No index, an unknown one, one of another binding, or an address by itself."""
    assert acs_refused(authn_request(**changed)) == "authn.acs"


def test_an_agreed_address_must_be_in_the_metadata() -> None:
    """With the switch, an address instead of an index is accepted when the metadata lists it for artifacts."""
    request = authn_request(acs_index=None, acs_url=DV_ACS)
    assert chosen_acs(request, connection(acs_url="must-match-metadata")) == DV_ACS
    with_binding = replace(request, protocol_binding=BINDING_ARTIFACT)
    assert chosen_acs(with_binding, connection(acs_url="must-match-metadata")) == DV_ACS
    other_binding = {"protocol_binding": BINDING_POST}
    for changed in ({"acs_url": OTHER_ACS}, {"acs_url": DV_ACS + "/post"}, {"acs_index": 1}, other_binding):
        assert acs_refused(replace(request, **changed), acs_url="must-match-metadata") == "authn.acs"  # type: ignore[arg-type]


@pytest.mark.eis("AR-06", "AR-07")
def test_the_index_form_takes_the_dienst_from_the_metadata() -> None:
    """The dienstverlener is the Issuer, the dienst that of the entry."""
    assert asked_service(authn_request(attribute_index=2), connection()) == (DV, SECOND_SERVICE)


@pytest.mark.eis("AR-11", "AR-12")
def test_the_extensions_form_names_both() -> None:
    """Dienstverlener and dienst come from the message."""
    assert asked_service(with_extensions(), connection()) == (DV, SERVICE)


@pytest.mark.eis("AR-05", "AR-06", "AR-11", "AR-12")
@pytest.mark.attack("S71")
@pytest.mark.parametrize(
    "request_",
    [
        authn_request(attribute_index=None),
        with_extensions(attribute_index=1),
        with_extensions(intended_audience=None),
        with_extensions(service_uuid=None),
        authn_request(attribute_index=9),
        authn_request(attribute_index=3),
    ],
)
def test_anything_between_the_two_forms_fails(request_: AuthnRequest) -> None:
    """Both forms, neither, half of one, an unknown index, or an entry without a dienst."""
    assert failure(asked_service, request_, connection()).code == "authn.service"


def test_neither_form_means_the_default_where_agreed() -> None:
    """With the switch, the entry that the metadata marks as default; never when there is none (AMB-03)."""
    request = authn_request(attribute_index=None)
    assert asked_service(request, connection(default_service=True)) == (DV, SERVICE)
    without = replace(service_provider(), attribute_services=service_provider().attribute_services[1:])
    assert failure(asked_service, request, connection(without, default_service=True)).code == "authn.service"


def test_no_scoping_preselects_nothing() -> None:
    """All services are open."""
    assert preselection(authn_request()) == Preselection()


@pytest.mark.eis("AR-14", "AR-15", "AR-17")
def test_an_idp_list_narrows_both_kinds() -> None:
    """ADs and BVDs by their role; what is neither does not count."""
    chosen = preselection(authn_request(idp_list=(AD, BVD, DV, "https://idp.example")))
    assert chosen == Preselection(frozenset({AD}), frozenset({BVD}), mandate_required=False)  # type: ignore[arg-type]


@pytest.mark.eis("AR-18", "AR-19")
def test_a_requester_id_makes_representation_required() -> None:
    """Through one of the BVDs named, also without an IDPList (AMB-04)."""
    both = frozenset({BVD, OTHER_BVD})
    assert preselection(authn_request(requester_ids=(BVD, OTHER_BVD))) == Preselection(
        None, both, mandate_required=True
    )  # type: ignore[arg-type]
    listed = preselection(authn_request(idp_list=(AD, BVD), requester_ids=(BVD,)))
    assert listed == Preselection(frozenset({AD}), frozenset({BVD}), mandate_required=True)  # type: ignore[arg-type]


@pytest.mark.eis("AR-15", "AR-16", "AR-18")
@pytest.mark.parametrize(
    "scoping",
    [
        {"idp_list": (BVD,)},
        {"idp_list": (DV, "x")},
        {"idp_list": (AD, BVD), "requester_ids": (OTHER_BVD,)},
        {"idp_list": (AD, OTHER_AD), "requester_ids": (OTHER_AD,)},
        {"idp_list": (AD, BVD), "requester_ids": (BVD, OTHER_BVD)},
        {"requester_ids": (AD,)},
        {"requester_ids": (BVD, DV)},
        {"requester_ids": (BVD, "https://bvd.example")},
    ],
)
def test_a_scoping_that_leaves_nothing_fails(scoping: dict[str, Any]) -> None:
    """No AD in the list, or a RequesterID that is not a BVD in it: NoSupportedIDP."""
    failed = failure(preselection, authn_request(**scoping))
    assert (failed.kind, failed.code) == (FailureKind.NO_SUPPORTED_SERVICE, "authn.scoping")


def understood(request: AuthnRequest) -> Any:
    return understand(request, connection(), note={"request": request.id}, received_at=NOW, language="en")


@pytest.mark.eis("AR-03")
def test_a_request_is_understood() -> None:
    """Everything that the core needs is there, ForceAuthn included."""
    asked = understood(authn_request(force_authn=True, provider_name="<b>x</b>", requested_authn_context=True))
    assert (asked.connection, asked.dienstverlener, asked.service) == (DV, DV, SERVICE)
    assert (asked.force_authn, asked.language, asked.frontend) == (True, "en", "saml")


@pytest.mark.eis("GEN-05")
def test_passive_is_not_supported() -> None:
    """IsPassive asks for what we cannot give: Responder / RequestUnsupported (AMB-25)."""
    failed = failure(understood, authn_request(is_passive=True))
    assert (failed.kind, failed.code) == (FailureKind.NOT_SUPPORTED, "authn.passive")
    assert failed.message


@pytest.mark.eis("SES-05")
@pytest.mark.attack("S86")
def test_a_relay_state_has_80_bytes_or_what_was_agreed() -> None:
    """80 pass, 81 do not; with the switch, more do."""
    check_relay_state(None, connection())
    check_relay_state(b"a" * 80, connection())
    check_relay_state(b"a" * 236, connection(relay_state_max=512))
    with pytest.raises(MessageRefused) as caught:
        check_relay_state(b"a" * 81, connection())
    assert caught.value.code == "relaystate"


def nameless(**compat: Any) -> Connection:
    """A connection whose metadata names no ServiceUUID."""
    known = connection(**compat)
    services = tuple(replace(each, service_uuid=None) for each in known.metadata.attribute_services)
    return replace(known, metadata=replace(known.metadata, attribute_services=services))


@pytest.mark.eis("AR-06", "AR-07")
def test_an_agreed_index_names_the_dienst() -> None:
    """With the switch, for the indexes in it and where the metadata itself names none; without it nothing is named."""
    request = authn_request(attribute_index=2)
    agreed = nameless(service_index={2: SECOND_SERVICE, 9: SERVICE})
    assert asked_service(request, agreed) == (DV, SECOND_SERVICE)
    assert failure(asked_service, request, nameless()).code == "authn.service"
    assert failure(asked_service, authn_request(attribute_index=1), agreed).code == "authn.service"
    assert failure(asked_service, authn_request(attribute_index=9), agreed).code == "authn.service"
    overruled = connection(service_index={2: SERVICE})
    assert asked_service(request, overruled) == (DV, SECOND_SERVICE)


def test_what_was_needed_is_counted() -> None:
    """Each switch when a request could not do without it, and only then."""

    def used(request: AuthnRequest, known: Connection, relay_state: bytes = b"x") -> set[str]:
        return set(switches_used(request, relay_state, known))

    everything = {
        "relay_state_max": 512,
        "acs_url": "must-match-metadata",
        "default_service": True,
        "tolerate_requested_authn_context": True,
        "metadata_without_expiry": True,
        "service_index": {2: SECOND_SERVICE},
    }
    plain, lenient = authn_request(attribute_index=2), connection(**everything)
    assert used(plain, lenient) == set()
    assert used(plain, lenient, b"x" * 81) == {"relay_state_max"}
    assert used(plain, nameless(**everything)) == {"service_index"}
    endless = replace(lenient, metadata=replace(lenient.metadata, valid_until=None, cache_duration=None))
    assert used(plain, endless) == {"metadata_without_expiry"}
    assert used(authn_request(attribute_index=2, requested_authn_context=True), lenient) == set()
    misplaced = authn_request(attribute_index=2, requested_authn_context=True, misplaced_authn_context=True)
    assert used(misplaced, lenient) == {"tolerate_requested_authn_context"}
    assert used(authn_request(attribute_index=2, acs_index=None, acs_url=DV_ACS), lenient) == {"acs_url"}
    assert used(authn_request(attribute_index=None), lenient) == {"default_service"}
