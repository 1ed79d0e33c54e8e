"""The other parties, so that the whole chain runs on a laptop: what stands across the table from the RV.

They know the wire format and the transport, and nothing of the RV's own rooms; they listen on ports of their own and
can each run in a process of their own. The demo, the tests and the bench start them.

    world/        the test world that they share: names, ports, certificates, people
    declaring/    what authenticatiediensten and bevoegdheidsverklaringsdiensten share
    digid/        an authenticatiedienst
    eidas/        the authenticatiedienst for people from other countries: the Dutch eIDAS-berichtenservice
    buitenland/   the eIDAS nodes of those countries
    bvd/          a bevoegdheidsverklaringsdienst: three of them
    registers/    who may act for whom: what stands behind a BVD
    portal/       a dienstverlener
    browser       a browser without a window: follows forms and redirects
    pages         what their pages share; templates/ and static/
    pretty_xml    XML for people
    running       what a started simulator hands back
    short_lived   tables that forget
"""
