"""Kinds of login method: what a method of a kind may say in the files, and how its metadata is read.

Every folder under `backends` that is a login method describes its kind; this room knows none of them by name. From the
kinds that there are come the models of the main file and of the dienstencatalogus, and so their JSON Schema.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import Field, create_model

from routeringsvoorziening.broker.vocabulary import IdentityKind
from routeringsvoorziening.configuration.findings import Findings, Place
from routeringsvoorziening.configuration.model.common import Part
from routeringsvoorziening.configuration.model.dienst import CatalogueFile, DienstPart
from routeringsvoorziening.configuration.model.main import MainFile
from routeringsvoorziening.configuration.model.methods import AuthenticationMethod, MethodId
from routeringsvoorziening.saml.certificates import TrustBundle
from routeringsvoorziening.saml.identifiers import parse_entity_id
from routeringsvoorziening.saml.metadata.findings import Finding
from routeringsvoorziening.saml.metadata.model import IdentityProvider
from routeringsvoorziening.saml.metadata.reading import inspect_identity_provider

SERVICES_FIELD: Final = "authentication_services"


class EntityId(Protocol):
    """What an entity ID says, whichever scheme it is of."""

    @property
    def index(self) -> int:
        """0 to 9999."""
        ...

    @property
    def is_test(self) -> bool:
        """Whether it is of a test system."""
        ...


class InspectMetadata(Protocol):
    """Reads the metadata of a service: what may be used, and everything that is wrong with it."""

    def __call__(
        self, data: bytes, *, trust: TrustBundle, at: datetime, allow_loopback: bool
    ) -> tuple[IdentityProvider | None, list[Finding]]:
        """Judge a whole document."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a dienst says for one kind.

    Args:
        part: that.
        place: where it stands.
        identity: as what people are declared to the dienst.
        decrypted: whether we open identities of it, on behalf of its dienstverlener.
    """

    part: Part
    place: Place
    identity: IdentityKind
    decrypted: bool


CheckDiensten = Callable[[Sequence[Said], Findings], None]
"""What must fit between the diensten: everything that they say for a kind."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A dienst, and what must be known of it besides what it says.

    Args:
        dienst: as the file has it.
        place: of something in it.
        decrypted: whether we open identities on behalf of its dienstverlener.
    """

    dienst: DienstPart
    place: Callable[..., Place]
    decrypted: bool

    def said(self, part: Part, kind: str) -> Said:
        """What it says for one kind."""
        opened = self.decrypted and self.dienst.identity == "legacy-BSN"
        return Said(part, self.place(kind), self.dienst.identity, opened)


def nothing_to_check(_: Sequence[Said], __: Findings) -> None:
    """For kinds of which diensten need not fit together."""


_AD_ENTITY_ID: Final = partial(parse_entity_id, role="AD")
_AD_METADATA: Final = partial(inspect_identity_provider, role="AD")


@dataclass(frozen=True, slots=True)
class MethodKind:
    """One kind of login method. The defaults are those of an authenticatiedienst that speaks ST-SAML.

    Args:
        name: letters only; `kind:` of a method, and the name under which a dienst says what this kind needs.
        method: what a method may say.
        dienst: what a dienst must say before a method of this kind is open for it; None for nothing.
        parse_entity_id: takes the entity ID of a service apart; raises `SamlError` when it is none.
        inspect_metadata: of a service.
        check_diensten: what must fit between the diensten.
        for_organisations: people come with it for an organisation, and not for themselves.
    """

    name: str
    method: type[AuthenticationMethod] = AuthenticationMethod
    dienst: type[Part] | None = None
    parse_entity_id: Callable[[str], EntityId] = _AD_ENTITY_ID
    inspect_metadata: InspectMetadata = _AD_METADATA
    check_diensten: CheckDiensten = nothing_to_check
    for_organisations: bool = False


@dataclass(frozen=True, slots=True)
class Models:
    """The models of the files that depend on the kinds that there are."""

    main: type[MainFile]
    catalogue: type[CatalogueFile]


class Kinds:
    """Every kind that there is, by name.

    Args:
        kinds: at least one.
    """

    def __init__(self, kinds: Sequence[MethodKind]) -> None:
        self._kinds: Mapping[str, MethodKind] = {each.name: each for each in kinds}
        self.models = Models(_main_file(kinds), _catalogue_file(kinds))

    def of(self, method: AuthenticationMethod) -> MethodKind:
        """The kind of a method that was read with these models."""
        return self._kinds[method.kind]

    def said_for(self, dienst: DienstPart) -> Mapping[str, Part]:
        """What a dienst says, by kind."""
        said = {name: getattr(dienst, name, None) for name, kind in self._kinds.items() if kind.dienst is not None}
        return {name: part for name, part in said.items() if part is not None}

    def open_for(self, dienst: DienstPart, method: AuthenticationMethod) -> bool:
        """Whether a dienst says all that this kind of method needs."""
        return self.of(method).dienst is None or method.kind in self.said_for(dienst)

    def check_diensten(self, diensten: Sequence[Standing], findings: Findings) -> None:
        """Have every kind judge what the diensten say for it."""
        for name, kind in self._kinds.items():
            said = [(self.said_for(each.dienst).get(name), each) for each in diensten]
            kind.check_diensten([each.said(part, name) for part, each in said if part is not None], findings)


def _main_file(kinds: Sequence[MethodKind]) -> type[MainFile]:
    """The main file, in which `kind:` of a method decides what else may stand there."""
    models = [_method(kind) for kind in kinds]
    any_of_them: Any = reduce(or_, models)
    one = Annotated[any_of_them, Field(discriminator="kind")] if len(models) > 1 else any_of_them
    description = MainFile.model_fields[SERVICES_FIELD].description
    field = Field(..., description=description, min_length=1, max_length=16)
    methods: Any = dict.__class_getitem__((MethodId, one))
    fields: dict[str, Any] = {SERVICES_FIELD: (methods, field)}
    return create_model("MainFile", __base__=MainFile, __doc__=MainFile.__doc__, **fields)


def _method(kind: MethodKind) -> type[AuthenticationMethod]:
    name, base = f"{kind.name.capitalize()}Method", kind.method
    description = AuthenticationMethod.model_fields["kind"].description
    only: Any = Literal.__getitem__(kind.name)
    return create_model(name, __base__=base, __doc__=base.__doc__, kind=(only, Field(..., description=description)))


def _catalogue_file(kinds: Sequence[MethodKind]) -> type[CatalogueFile]:
    """The dienstencatalogus, in which a dienst may say something for each kind that asks it."""
    said: dict[str, Any] = {
        kind.name: (kind.dienst | None, Field(None, description=f"Without it, {kind.name} is not open for it."))
        for kind in kinds
        if kind.dienst is not None
    }
    dienst = create_model("DienstPart", __base__=DienstPart, __doc__=DienstPart.__doc__, **said)
    several: Any = tuple.__class_getitem__((dienst, ...))
    fields: dict[str, Any] = {"diensten": (several, Field(..., min_length=1, max_length=10_000))}
    return create_model("CatalogueFile", __base__=CatalogueFile, __doc__=CatalogueFile.__doc__, **fields)
