"""From page to page by itself, as a browser goes that follows redirects and runs our one script."""

from lxml import html

from tests.support.chain.browser import Browser, Page

AT_ONCE = 10
"""Steps in a row that a browser takes by itself."""


async def onward(browser: Browser, page: Page) -> Page:
    """Follow redirects and forms that send themselves, as a browser does."""
    for _ in range(AT_ONCE):
        if page.status == 303:
            page = await browser.follow(page)
        elif (form := carrier(page)) is not None:
            page = await browser.submit(page, form)
        else:
            return page
    raise AssertionError(page.url)


def carrier(page: Page) -> int | None:
    """Which form of a page holds a message."""
    forms = html.fromstring(page.body).forms if page.status == 200 else []
    holding = [index for index, form in enumerate(forms) if any(name.startswith("SAMLRe") for name in form.fields)]
    return holding[0] if holding else None
