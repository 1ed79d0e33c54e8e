"""The eHerkenning simulator: a herkenningsmakelaar of eTD, with the means and mandates behind it in one hand.

In comes a dienstverlener's AuthnRequest through the browser, by the index of a service; a person picks who to be, how
to log in and for whom; out goes an artifact by redirect, and behind it a summary with the declarations in its Advice.
It knows the services, their levels and their keys from the service catalogue alone. What it shares with other declaring
parties stands in `simulators/declaring`.

    settings     who it is, what it holds
    companies    organisations, employees, means and mandates
    catalogue    the service catalogue of the demo world
    requests     judging an AuthnRequest
    login_page   the page
    simulator    the handlers
    answers      what it declares
    faults       every way to misbehave, as a table
    starting     listeners
"""

from routeringsvoorziening.simulators.eherkenning.starting import start

__all__ = ["start"]
