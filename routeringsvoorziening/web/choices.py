"""What can be chosen, as a person reads it: first for yourself, then for somebody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from routeringsvoorziening.broker.vocabulary import AuthenticationServiceId, Choice, Language
from routeringsvoorziening.web.texts import text


@dataclass(frozen=True, slots=True)
class Button:
    """One way.

    Args:
        value: what the form sends; `flow.choice_of` reads it back.
        label: what it says.
        hint: a second line; empty when the label says it all.
    """

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Ways that belong together; `legend` is empty when there is nothing to tell apart."""

    legend: str
    buttons: tuple[Button, ...]


def grouped(
    choices: Sequence[Choice],
    names: Mapping[str, str],
    prompts: Mapping[str, str],
    language: Language,
    *,
    again: bool,
    organisations: Collection[AuthenticationServiceId] = (),
) -> tuple[Group, ...]:
    """Every choice once, in the order given within its group.

    Args:
        choices: that are open.
        names: of the services, by our short name of them.
        prompts: of the BVDs, in the words of who chooses one.
        language: of the page.
        again: something stood in the way before.
        organisations: the login methods with which people come for an organisation, and not for themselves.
    """
    again = again and len(choices) == 1

    def button(choice: Choice) -> Button:
        key = "action.retry" if again else "action.login"
        login = text(language, key, method=names.get(choice.authentication, choice.authentication))
        if choice.mandate is None:
            return Button(value_of(choice), login)
        prompt = prompts.get(choice.mandate, choice.mandate)
        return Button(value_of(choice), prompt[0].upper() + prompt[1:], login)

    own = tuple(button(choice) for choice in choices if choice.mandate is None)
    others = tuple(button(choice) for choice in choices if choice.mandate is not None)
    if not others:
        legend = text(language, "choose.legend") if len(own) > 1 else ""
        return (Group(legend, own),) if own else ()
    for_others = Group(text(language, "choose.for_another"), others)
    if not own:
        return (for_others,)
    whom = {choice.authentication in organisations for choice in choices if choice.mandate is None}
    return Group(text(language, _OWN[frozenset(whom)]), own), for_others


_OWN: Final = {
    frozenset({False}): "choose.for_myself",
    frozenset({True}): "choose.for_organisation",
    frozenset({False, True}): "choose.for_either",
}
"""By whether the login methods are of organisations."""


def value_of(choice: Choice) -> str:
    """A choice as the value of a button."""
    return choice.authentication if choice.mandate is None else f"{choice.authentication}+{choice.mandate}"
