"""What a browser may say over the websocket: each message one small table, checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

MOST_BYTES = 64 * 1024
WorldId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Lang = Literal["en", "de", "nl"]
Side = Annotated[int, Field(ge=0, le=1)]
Overlay = Annotated[dict[Annotated[str, Field(max_length=200)], JsonValue], Field(max_length=200)]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Change(Message):
    """What makes the twin another."""

    without: list[Name] = Field([], max_length=20)
    safeguards: list[Name] = Field([], max_length=20, alias="with")
    overlay: Overlay = Field({}, alias="set")
    against: Name | None = None


class Wanted(Message):
    """Which world: a built-in scenario, or an own scheme by its id."""

    scenario: Name
    citizens: int | None = None
    days: int | None = None
    seed: int | None = None
    overlay: Overlay = Field({}, alias="set")


class Open(Message):
    op: Literal["open"]
    recipe: Wanted
    day: int = Field(0, ge=0, le=3660)
    twin: Change | None = None
    since: int = Field(0, ge=0, le=3660)


class Watch(Message):
    op: Literal["watch"]
    world: WorldId


class Play(Message):
    op: Literal["play"]
    speed: float = Field(20, gt=0, le=1000)


class Plain(Message):
    op: Literal["pause", "rejoin", "ack", "leave"]


class Step(Message):
    op: Literal["step"]
    days: int = Field(1, ge=1, le=366)


class Show(Message):
    op: Literal["show"]
    day: int = Field(ge=0, le=3660)


class Layer(Message):
    op: Literal["layer"]
    layer: Literal["status", "note"]


class Twin(Message):
    op: Literal["twin"]
    change: Change
    day: int | None = Field(None, ge=0, le=3660)


class Asking(Message):
    """A question; its answer carries the same number."""

    op: Any
    number: int = Field(ge=0, le=2**31)

    @property
    def given(self) -> dict[str, Any]:
        """What the answer hangs on."""
        return self.model_dump(exclude={"op", "number"})


class File(Asking):
    op: Literal["file"]
    citizen: int = Field(ge=0, le=2**31)
    side: Side = 0
    lang: Lang = "en"


class Lives(Asking):
    op: Literal["lives"]
    story: Name
    side: Side = 0


class Menu(Asking):
    op: Literal["menu"]
    lang: Lang = "en"


class Charts(Asking):
    op: Literal["charts"]
    metric: Annotated[str, Field(min_length=1, max_length=200)]
    lang: Lang = "en"


class Values(Asking):
    op: Literal["values"]
    wanted: list[tuple[Name, Name]] = Field(max_length=20)


class Bare(Asking):
    op: Literal["glances", "again"]


Order = Annotated[
    Open | Watch | Play | Plain | Step | Show | Layer | Twin | File | Lives | Menu | Charts | Values | Bare, Field(discriminator="op")
]
ORDER: TypeAdapter[Any] = TypeAdapter(Order)
