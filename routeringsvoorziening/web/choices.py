"""What can be chosen, as a person reads it: first for yourself, then for somebody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routeringsvoorziening.broker.vocabulary import Choice, Language
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
) -> tuple[Group, ...]:
    """Every choice once, in the order given within its group.

    Args:
        choices: that are open.
        names: of the services, by our short name of them.
        prompts: of the BVDs, in the words of who chooses one.
        language: of the page.
        again: something stood in the way before.
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
    return (Group(text(language, "choose.for_myself"), own), for_others) if own else (for_others,)


def value_of(choice: Choice) -> str:
    """A choice as the value of a button."""
    return choice.authentication if choice.mandate is None else f"{choice.authentication}+{choice.mandate}"
