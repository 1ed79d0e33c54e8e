"""Who may act for whom: the registers behind a bevoegdheidsverklaringsdienst, as in the architecture it stands for.

A BVD asks `Stelsel.for_whom(person, service, kinds, now)`. The stelsel asks the machtigingsindex which registers hold
something about that person, asks only those, leaves out what does not hold today, and lets the brondienstvertaling
say which of what is left covers the service. Nothing is kept of an answer: the next one sees a death at once.

    mandates            what a register holds; kinds, windows, days
    population          the BRP: who lives, how old they are
    records             the one interface of a register, and a table in memory that has it
    publiek             voluntary mandates, as in DigiD Machtigen
    gezag               ouderlijk gezag, until a child is of age
    index               the machtigingsindex
    dienstencatalogus   the services for which one can be represented
    brondienstvertaling what a register knows, as services (brondienstvertaling.yaml)
    stelsel             all of it together; the overview for the machtigingsinzage
    demo                the test people's mandates
    generating          as many as the real registers hold
"""
