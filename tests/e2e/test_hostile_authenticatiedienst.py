"""An authenticatiedienst with genuine keys that answers with wrapped and otherwise hostile messages: never a login."""

import base64
import secrets
from dataclasses import replace

import pytest
from lxml import etree, html

from tests.support.attackgen import corpus, wrapping
from tests.support.attackgen.genuine import ARTIFACT_RESPONSE, ASSERTION, Scene, genuine, on_stage
from tests.support.chain.browser import Browser
from tests.support.chain.hostile import new_artifact
from tests.support.chain.reading import statuses

SUBSTANTIAL = "7d3c1f0a-5b1e-4c57-9a34-0d6a1f5e1003"
KINDS = {"ArtifactResponse": ARTIFACT_RESPONSE, "Assertion": ASSERTION}


class Ordeal:
    """One login after the other, each answered by another message."""

    def __init__(self, chain) -> None:
        self.chain = chain
        self.dv = chain.dienstverlener()

    async def answer(self, browser, make):
        """Begin a login, answer it with what `make` gives for the scene, and return the page that follows."""
        page = await self.dv.begin(browser)
        form = page.form().fields
        request = etree.fromstring(base64.b64decode(form["SAMLRequest"]))
        scene = Scene(
            at=self.chain.clock(),
            acs_url=f"{self.chain.world.rv_front}/saml/acs/digid",
            request_id=request.get("ID"),
            service=SUBSTANTIAL,
            token=secrets.token_hex(8),
        )

        def answered(resolve_id: str) -> bytes:
            with on_stage(replace(scene, resolve_id=resolve_id)):
                return make()

        self.chain.hostile.answer = answered
        query = {"SAMLart": new_artifact(), "RelayState": form["RelayState"]}
        return await browser.get(f"{self.chain.world.rv_front}/saml/acs/digid", params=query)

    async def fault(self, variant, remake) -> str | None:
        """What is wrong with how one variant was met."""
        async with Browser() as browser:
            page = await self.answer(browser, remake)
            if page.query("SAMLart"):
                root = (await self.dv.resolve(page.query("SAMLart"))).root
                return f"{variant.id}: {statuses(root)}"
            code = self.chain.audited("login.set-back")[-1]["code"]
            if code not in variant.codes:
                return f"{variant.id}: {code}, expected one of {sorted(variant.codes)}"
            page = await browser.follow(page)
            if [form.action.split("?")[0].rsplit("/", 1)[1] for form in html.fromstring(page.body).forms] != ["cancel"]:
                return f"{variant.id}: {page.text[:200]}"
            return None


@pytest.fixture
def ordeal(hostile_chain):
    """The RV with the hostile AD behind it."""
    return Ordeal(hostile_chain)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_the_untouched_answer_is_a_login(ordeal, browser, kind):
    """The positive twin: the same scene, the same keys, nothing wrong."""
    page = await ordeal.answer(browser, lambda: genuine(kind))
    root = (await ordeal.dv.resolve(page.query("SAMLart"))).root
    assert statuses(root) == ("Success", None, None)


@pytest.mark.eis("SIG-04", "SIG-05", "AS-01", "AS-22", "ERR-10", "ERR-11")
@pytest.mark.attack("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_the_classical_wrappings_give_no_login(ordeal, kind):
    """XSW1 to XSW8 of the ArtifactResponse, and of the Assertion in a freshly signed ArtifactResponse."""
    names = [variant.id for variant in wrapping.named(kind)]
    faults = []
    for number, _ in enumerate(names):
        variant = list(wrapping.named(kind))[number]
        faults.append(await ordeal.fault(variant, lambda number=number: list(wrapping.named(kind))[number].data))
    assert [fault for fault in faults if fault] == []


@pytest.mark.eis(
    "SIG-01", "SIG-02", "SIG-03", "SIG-09", "SIG-11", "AS-03", "AS-06", "AS-12", "ATT-01", "ATT-03", "RSP-07"
)
@pytest.mark.attack("S21", "S23", "S24", "S25", "S26", "S27", "S29", "S31", "S32", "S33", "S36", "S39", "S40", "S46")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_no_hostile_answer_gives_a_login(ordeal, kind):
    """Every operator of attackgen for this kind, over mutual TLS."""
    faults = []
    for operator in corpus.operators():
        if kind not in operator.kinds:
            continue
        mine = replace(operator, kinds=(kind,))
        variant = next(iter(mine.variants()))
        faults.append(await ordeal.fault(variant, lambda mine=mine: next(iter(mine.variants())).data))
    assert [fault for fault in faults if fault] == []
