"""The forms of a page, as a browser without a window sees them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form.

    Args:
        action: as written; empty means the page itself.
        method: `get` or `post`.
        fields: name to value of what would be sent: hidden and text fields, and radio buttons that are on.
        choices: name to values of every radio button that can be chosen.
        buttons: name to values of its submit buttons.
        automatic: the page itself submits it.
        visible: it has fields that a person fills in.
    """

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, list[str]] = field(default_factory=dict)
    automatic: bool = False
    visible: bool = False

    @property
    def carries_message(self) -> bool:
        """Whether it hands a SAML message on to the next party."""
        return not self.visible and bool(self.fields.keys() & {"SAMLRequest", "SAMLResponse"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self._open.automatic = "data-auto-submit" in values
            self.forms.append(self._open)
        elif self._open is not None and "disabled" not in values:
            self._read(self._open, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _read(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name, kind = values.get("name", ""), values.get("type", "text")
        if tag == "button" and name:
            form.buttons.setdefault(name, []).append(values.get("value", ""))
        elif tag == "input" and kind == "radio":
            form.visible = True
            form.choices.setdefault(name, []).append(values.get("value", "on"))
            if "checked" in values:
                form.fields[name] = values.get("value", "on")
        elif tag == "input" and name:
            form.visible |= kind != "hidden"
            form.fields[name] = values.get("value", "")
        elif tag == "select" and name:
            form.visible = True
            form.fields[name] = ""


def forms_of(html: str) -> list[Form]:
    """Every form of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.forms
