"""Domain: the intents, slots, flows and wording of one business, read from a pack by `pack`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timezone
from typing import Any, Literal

from dialogue.comparison import Comparison
from dialogue.forms import FormRules
from dialogue.types import Language, Understanding

PACK_INTENTS = (
    "affirm",
    "deny",
    "greet",
    "goodbye",
    "thanks",
    "help",
    "repeat",
    "human_agent",
    "out_of_scope",
)
"""Intents every pack has; the dialogue's own rules name these and no others."""

OPTION = "|"
"""Between the products that a customer's word fits equally well."""

SlotType = Literal["catalogue", "pattern", "text", "choice", "number", "date"]
Identity = Literal["none", "order", "customer"]
Reply = Literal["answer", "tell"]
COMPOSED = 0.6
"""Probability of a tone that is not negative from which nobody is angry."""


class PackError(ValueError):
    """A domain pack is incomplete or contradicts itself; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Intent:
    """Something a customer may want."""

    name: str
    descriptions: Mapping[Language, str]
    """One sentence a customer would understand, per language."""
    titles: Mapping[Language, str] = field(default_factory=dict)
    """What operators call it, per language."""
    reply: Reply = "answer"
    """Without a flow: answered from the articles, or by a fixed wording."""
    tone: str = "plain"
    line: str = ""
    """Wording ("answer.<line>") that goes before the article when a product is named."""
    product_flow: str = ""
    """Flow that serves it when it is about a product and one of `product_words` is said."""
    product_words: tuple[str, ...] = ()
    order_flow: str = ""
    """Flow that goes on where its answer is followed by an order number: "when does it come?"."""
    line_unless: tuple[str, ...] = ()
    """Words that want an article instead of the line: "is it still good?"."""
    general: tuple[str, ...] = ()
    """Words that ask about it, not for it: "how long does a refund take", with no order at hand."""
    leans: bool = False
    """A general question that, said in few words, is about what was spoken of last."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a business meets its customers' feelings."""

    angry: float = 0.5
    """Probability of anger from which an answer apologises."""
    offer_after: int = 2
    """Angry turns in a row after which a person is offered beside the answer."""
    person_after: int = 3
    """Angry turns in a row after which a person takes over."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How long what was said holds while nothing more is said."""

    confirm_minutes: float = 30
    """Then a yes or no that was asked for is asked for again, and the shop too."""
    talk_hours: float = 8
    """Then the mood, the tries and what was spoken of are forgotten, and a request that was under
    way is named before it goes on."""
    verified_hours: float = 24
    """Then an order is proved to be the customer's anew."""


@dataclass(frozen=True, slots=True)
class People:
    """When somebody is there to take over."""

    opens: time = time(0)
    closes: time = time(0)
    """The same as `opens`: round the clock; before it: past midnight."""
    zone: timezone = UTC

    def there(self, now: datetime) -> bool:
        """Whether somebody is there `now`, a moment with its zone."""
        clock = now.astimezone(self.zone).time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return self.opens == self.closes or clock >= self.opens or clock < self.closes


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the catalogue."""

    id: str
    names: Mapping[Language, str]
    synonyms: tuple[str, ...]
    storage: Mapping[Language, str]
    image: str = ""
    """File under the pack's media folder."""


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """A value a flow may need."""

    name: str
    type: SlotType
    pattern: str = ""
    """For patterns: what a normalised value must match in full."""
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For choices: value and its words in every language."""
    keep: bool = False
    """Outlives the flow it was given in."""
    digits: int = 0
    """So many digits make one; fewer are put together with those that follow."""
    nouns: tuple[str, ...] = ()
    """What customers call it, to know which one they correct."""
    lacking: tuple[str, ...] = ()
    """Words that say it is not at hand: "no order number"."""
    asked: tuple[str, ...] = ()
    """For catalogues: questions for a `thing`, also one that is in none: "do you sell X"."""
    unnamed: tuple[str, ...] = ()
    """Words that no such thing has: "do you have any left"."""
    stages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For order numbers: a status and the words that tell orders in it from others."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps from a request to its action."""

    name: str
    intents: tuple[str, ...]
    action: str
    identity: Identity = "none"
    slots: tuple[str, ...] = ()
    """Required, asked in this order."""
    optional: tuple[str, ...] = ()
    """Taken when said, never asked."""
    offer: tuple[str, ...] = ()
    """Asked once; the customer may decline."""
    check: bool = False
    """Ask the shop without effect before confirming, to refuse early."""
    confirm: bool = False
    arguments: tuple[tuple[str, str], ...] = ()
    """Fixed arguments of the action."""
    anew: tuple[str, ...] = ()
    """Slots whose kept values are dropped when the flow starts."""
    opening: str = ""
    """Slot that the request's own words fill when they say enough."""
    opening_units: int = 8
    """Words or characters from which the request says enough for that."""
    retry: tuple[tuple[str, str], ...] = ()
    """Refusal code and the slot that is asked again instead of giving up."""
    follow_up: tuple[str, ...] = ()
    """Words that start it once the customer's order is known: "when does it come?"."""
    after: tuple[str, ...] = ()
    """Intents after which `follow_up` counts; none is any."""
    words: tuple[str, ...] = ()
    """Words that ask for it whatever the intent is: "what are my orders"."""
    several: bool = False
    """Of several products in the request each is served, one after the other."""
    states: tuple[str, ...] = ()
    """Of the customer's own orders it is likely about one in such a state."""
    yes: tuple[str, ...] = ()
    """Words that say "do it" where it is asked whether to: 退吧."""
    begins: tuple[str, ...] = ()
    """Intents that what is told here may ask for besides; they are served next."""

    @property
    def takes(self) -> tuple[str, ...]:
        """Every slot the flow listens for."""
        identity = ("order_id", "phone_tail") if self.identity == "order" else ()
        return tuple(dict.fromkeys((*identity, *self.slots, *self.optional, *self.offer)))


@dataclass(frozen=True, slots=True)
class Domain:
    """One business as the dialogue knows it."""

    name: str
    languages: tuple[Language, ...]
    intents: Mapping[str, Intent]
    slots: Mapping[str, SlotSpec]
    flows: Mapping[str, Flow]
    wording: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Key (e.g. "ask.order_id") to style ("zh", "en", "zh_sorry", …) to variants."""
    products: Mapping[str, Product]
    threshold: Mapping[Language, float] = field(default_factory=dict)
    """Passages scoring below it are not given as an answer."""
    sure: Mapping[Language, float] = field(default_factory=dict)
    """Passages of less assurance are given as what may be meant."""
    elsewhere: tuple[str, ...] = ()
    """Words of questions about other businesses, which no article answers."""
    irreversible: tuple[str, ...] = ()
    """Actions that only run after a confirmation."""
    lookups: tuple[str, ...] = ()
    """Actions that write nothing."""
    unsold: Mapping[str, Product] = field(default_factory=dict)
    """Goods that customers ask for and the business does not have."""
    titles: Mapping[Language, str] = field(default_factory=dict)
    """What the business is called on its pages."""
    mood: Mood = Mood()
    people: People = People()
    rest: Rest = Rest()
    insists: tuple[str, ...] = ()
    """Words that want what was just dropped after all."""
    drops: tuple[str, ...] = ()
    """Words that drop what is under way: 不退了."""
    forms: FormRules = field(default_factory=FormRules)
    comparison: Comparison = field(default_factory=Comparison)

    def is_angry(self, meaning: Understanding) -> bool:
        """Whether a turn counts as angry, by the business's own rule."""
        if not meaning.emotion or "emotion" in meaning.unfelt or self.is_composed(meaning):
            return False
        name, p = meaning.emotion[0]
        return name == "angry" and p >= self.mood.angry

    def is_composed(self, meaning: Understanding) -> bool:
        """Whether words and voice are surely not even unfriendly."""
        if not meaning.sentiment or "sentiment" in meaning.unfelt:
            return False
        tone, p = meaning.sentiment[0]
        return tone != "negative" and p >= COMPOSED

    def flow_of(self, intent: str) -> Flow | None:
        """The flow that serves `intent`, or None when it is answered or told."""
        return next((flow for flow in self.flows.values() if intent in flow.intents), None)

    @property
    def own_orders(self) -> Flow | None:
        """The flow that lists the orders of whom the host site vouches for."""
        return next((flow for flow in self.flows.values() if flow.identity == "customer"), None)

    def product_name(self, product: str, language: Language) -> str:
        """The product's name as customers read it; the id when the catalogue lacks it."""
        found = self.products.get(product) or self.unsold.get(product)
        return found.names[language] if found else product

    def product_names(self, value: str, language: Language) -> tuple[str, ...]:
        """The names of all products that a slot's value may stand for."""
        return tuple(self.product_name(product, language) for product in options(value))

    def open_choice(self, flow: Flow, name: str, value: str) -> bool:
        """Whether `value` fits several products and no order will tell which is meant."""
        spec = self.slots[name]
        return spec.type == "catalogue" and flow.identity == "none" and len(options(value)) > 1

    def alike(self, value: str, language: Language) -> bool:
        """Whether all products that `value` may stand for are kept in the same way."""
        known = [self.products[p] for p in options(value) if p in self.products]
        return len({product.storage[language] for product in known}) < 2

    def family(self, products: Sequence[str], language: Language) -> str:
        """What all of these products are called: "milk"; "" where they share no name."""
        first, *others = [self.products[p] for p in products]
        shared = (n for n in first.synonyms if all(n in other.synonyms for other in others))
        return next((name for name in shared if name.isascii() == (language == "en")), "")

    def fixed(self, intent: str) -> bool:
        """Whether `intent` is served by a fixed wording."""
        return intent in self.intents and self.intents[intent].reply == "tell"


def options(value: str) -> tuple[str, ...]:
    """The products that a catalogue slot's value may stand for: "0|1|2" for any apple."""
    return tuple(value.split(OPTION)) if value else ()


def arguments_of(flow: Flow, slots: Mapping[str, str]) -> tuple[tuple[str, Any], ...]:
    """What `flow`'s action is called with, from the slots known."""
    wanted = (*flow.slots, *flow.optional)
    given = {name: slots[name] for name in wanted if slots.get(name)}
    return tuple({**given, **dict(flow.arguments)}.items())
