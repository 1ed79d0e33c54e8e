"""The nodes of other countries: each a party that speaks eIDAS, in one process, at one address per country.

In comes a signed AuthnRequest of the Dutch eIDAS-berichtenservice through the browser; a person of that country picks
who to be and how to log in; out goes a signed Response with one EncryptedAssertion, that only that service can read.

    settings     its names, keys and addresses, and the Dutch node that may ask
    requests     judging an AuthnRequest
    login_page   the page
    answers      what it declares
    faults       every way to misbehave, as a table
    node         the handlers
    metadata     of each country
    starting     the listener
"""

from routeringsvoorziening.simulators.buitenland.starting import start

__all__ = ["start"]
