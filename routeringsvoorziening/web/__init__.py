"""What a person sees of a login, and how a browser is bound to it.

The core says what must happen next (`broker.steps`); this room turns that into a page or a redirect, and turns what a
person does into the core's next step. Frontends hand their steps to `Flow.respond`; the server makes the application.

    flow.py         the steps of a login over HTTP: depart, choose, cancel, arrive, finish
    browser.py      the cookie that binds a browser to one login
    application.py  the application of the front channel: routes, bounds, headers
    edge.py         the outermost edge: whatever goes wrong becomes a page with a reference number
    pages.py        templates to responses, each page with the policy it needs
    choices.py      what can be chosen, in groups: for yourself or your organisation, for somebody else
    page_settings.py    what pages must know of a configuration
    setbacks.py     what a page says about each kind of failure
    headers.py      what every answer tells the browser to refuse
    static.py       styles and script, from memory, named after their content
    language.py     Dutch or English
    texts.py        every sentence, from texts.yaml
"""
