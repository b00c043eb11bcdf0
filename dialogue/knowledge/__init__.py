"""Knowledge articles of a pack and the search over them."""

from dialogue.knowledge.articles import Article, Section, read_articles
from dialogue.knowledge.index import KnowledgeIndex

__all__ = ["Article", "KnowledgeIndex", "Section", "read_articles"]
