"""How we reach the services that say who somebody is, and for whom they may act.

In comes the core's task; out go a message for the browser, and later an `Identity` (or a `Mandate`) that was verified.
Each login method is one folder with one class that implements `broker.ports.AuthenticationService`, and one line in
`registry`. Nothing in the core, in a frontend or in the configuration knows which methods there are.

    method         what a login method is to the house
    registry       every kind of login method
    configuring    the configuration of a house with all of them
    connecting     every configured service, with its client and its address
    saml_service   what every service that speaks SAML has in common
    digid          DigiD
    eidas          people from other countries, by way of the Dutch eIDAS-berichtenservice
    bvd            the bevoegdheidsverklaringsdiensten: for whom may this person act
"""
