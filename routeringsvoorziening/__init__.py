"""The Routeringsvoorziening (RV): the open broker for logging in at the Dutch government.

A dienstverlener connects once; the RV lets a citizen log in with any authenticatiedienst, and returns one
declaration. The rooms, from the outside in::

    cli ─▶ server ─▶ lanes, renewal ─▶ frontends, backends ─▶ web ─▶ configuration, store, observability ─▶ broker
                     frontends.saml, backends, configuration, lanes ─▶ saml
                     frontends, backends, configuration ─▶ bsnk
                     everything that talks ─▶ transport
    simulators ─▶ saml, bsnk, transport    (the other parties: they never see the broker's rooms)

Each package's docstring says what comes in, what goes out, and who calls it.
"""

__version__ = "0.1.0"
