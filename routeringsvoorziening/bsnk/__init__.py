"""Polymorphic identities and pseudonyms (BSNk): decode, verify, decrypt. Imports nothing else of ours, and no network.

In comes the DER of a structure that was made for one recipient; out comes a BSN or that recipient's own pseudonym. The
signature is verified first, and the structure is decrypted only with a key that it was made for.

    errors        BsnkError: one stable code per rule, and no word about the content
    curve         brainpoolP320r1: points and their encodings
    arithmetic    multiplying points
    der           the little DER that is needed, strictly
    structures    EI, EP, DEI and DEP, plain and signed
    signatures    EC-SDSA, EC-Schnorr, ECDSA
    wrapping      an identifier in a point
    keys          rings of recipients' keys and of the scheme's
    opening       structure to identity or pseudonym
    pseudonyms    keeping a pseudonym, and moving it
    decrypted     pseudonyms as structures of their own
    pem, envelope, key_files    key files, bare and in CMS
    issuing       a scheme of one's own, for simulators and tests
"""

from routeringsvoorziening.bsnk.errors import BsnkError
from routeringsvoorziening.bsnk.key_files import read_key_file, read_key_files, read_scheme_keys, write_key_file
from routeringsvoorziening.bsnk.keys import RecipientKey, RecipientKeys, SchemeKeys, scheme_keys_of, urns_of
from routeringsvoorziening.bsnk.opening import BsnIdentity, open_identity, open_pseudonym
from routeringsvoorziening.bsnk.pseudonyms import Pseudonym, change_closing_key

__all__ = [
    "BsnIdentity",
    "BsnkError",
    "Pseudonym",
    "RecipientKey",
    "RecipientKeys",
    "SchemeKeys",
    "change_closing_key",
    "open_identity",
    "open_pseudonym",
    "read_key_file",
    "read_key_files",
    "read_scheme_keys",
    "scheme_keys_of",
    "urns_of",
    "write_key_file",
]
