"""Knowledge articles of a pack and the search over them."""

from dialogue.knowledge.articles import Article, Section, read_articles
from dialogue.knowledge.coverage import Lexicon
from dialogue.knowledge.index import KnowledgeIndex
from dialogue.knowledge.library import Library

__all__ = ["Article", "KnowledgeIndex", "Lexicon", "Library", "Section", "read_articles"]
