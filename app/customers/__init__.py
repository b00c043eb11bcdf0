"""Simulated customers: seeded, with goals, moods and mistakes; and the audit of the outcome."""

from app.customers.encounter import Encounter, hold, meet
from app.customers.goals import Goal
from app.customers.person import Person
from app.customers.phrases import Phrases, PhrasesError, read_phrases
from app.customers.world import World, look_around

__all__ = [
    "Encounter",
    "Goal",
    "Person",
    "Phrases",
    "PhrasesError",
    "World",
    "hold",
    "look_around",
    "meet",
    "read_phrases",
]
