"""What pages must know of a configuration."""

from urllib.parse import urlsplit

from routeringsvoorziening.configuration.homes import Homes
from routeringsvoorziening.configuration.result import Configuration
from routeringsvoorziening.web.pages import PageSettings


def page_settings_of(configuration: Configuration) -> PageSettings:
    """The names of services, and where a form may end: https anywhere, http only where it is configured."""
    methods, bvds = configuration.authentication_services.values(), configuration.mandate_services.values()
    reached = [endpoint for each in methods for endpoint in each.metadata.single_sign_on]
    reached += [endpoint for each in bvds for endpoint in each.metadata.single_sign_on]
    reached += [endpoint for each in methods for endpoint in each.metadata.single_logout]
    reached += [endpoint for each in configuration.connections.values() for endpoint in each.metadata.acs]
    reached += [endpoint for each in configuration.connections.values() for endpoint in each.metadata.slo]
    plain = (each.location for each in reached if each.location.startswith("http:"))
    origins = {f"http://{urlsplit(location).netloc}" for location in plain}
    return PageSettings(
        names={str(each.id): each.name for each in methods} | {str(each.id): each.name for each in bvds},
        form_targets=("https:", *sorted(origins)),
        prompts={each.id: each.prompt for each in bvds},
        home_of=Homes.of(configuration).home_of,
        organisations=frozenset(each.id for each in methods if each.for_organisations),
    )
