"""A service provider made of pysaml2 and the xmlsec1 program, with the keys of one party of the demo world.

Nothing of the RV's own code is on its side. Only the SOAP envelope is opened here: pysaml2 writes what is in it anew
with other prefixes, which no signature survives, whoever made it.
"""

import base64
import shutil

from lxml import etree
from saml2 import BINDING_HTTP_ARTIFACT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from routeringsvoorziening.simulators.world.layout import RV, Party, World

XMLSEC1 = shutil.which("xmlsec1")
SIGNED = {"sign": True, "sign_alg": SIG_RSA_SHA256, "digest_alg": DIGEST_SHA256}


def service_provider(world: World, party: Party, front: str) -> Saml2Client:
    """Configured from files, as any other service provider; `front` is the base URL of its website."""
    files = world.files(party)
    settings = {
        "entityid": party.entity_id,
        "xmlsec_binary": XMLSEC1,
        "metadata": {"local": [str(world.files(RV).metadata)]},
        "key_file": str(files.key("signing")),
        "cert_file": str(files.certificate("signing")),
        "allow_unknown_attributes": True,
        "service": {
            "sp": {
                "endpoints": {"assertion_consumer_service": [(f"{front}/acs", BINDING_HTTP_ARTIFACT)]},
                "authn_requests_signed": True,
                "want_assertions_signed": True,
                "want_response_signed": False,
                "allow_unsolicited": False,
            }
        },
    }
    made = Saml2Client(config=SPConfig().load(settings))
    made.request_args |= {
        "verify": str(world.trust_bundle),
        "cert": (str(files.certificate("tls")), str(files.key("tls"))),
    }
    return made


def resolve(client: Saml2Client, artifact: str) -> str:
    """By SOAP over mutual TLS; the envelope that comes back."""
    destination = client.artifact2destination(artifact, "idpsso")
    _, message = client.create_artifact_resolve(
        artifact, destination, "_resolve" + artifact[-12:-2].encode().hex(), **SIGNED
    )
    return client.send_using_soap(message, destination).text


def opened(envelope: str) -> tuple[str, str]:
    """The ArtifactResponse, and the Response in it, each as a document of its own; the latter in base64."""
    message = etree.fromstring(envelope.encode()).find(".//{*}ArtifactResponse")
    return etree.tostring(message).decode(), base64.b64encode(etree.tostring(message.find("{*}Response"))).decode()
