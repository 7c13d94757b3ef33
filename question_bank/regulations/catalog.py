"""Reads the shipped register of regulations (content/regulations.yaml): names, aliases and corrected metadata."""

from pathlib import Path
from typing import Any

import yaml

from question_bank.regulations.rules import ArticleNumber, RegulationFacts, RegulationStatus

CATALOG_PATH = Path(__file__).parent.parent / "content" / "regulations.yaml"


def load_catalog(path: Path = CATALOG_PATH) -> list[RegulationFacts]:
    """The register in its shipped order. Raises KeyError or ValueError when an entry lacks a field."""
    return [_facts(entry) for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)]


def _facts(entry: dict[str, Any]) -> RegulationFacts:
    return RegulationFacts(
        short_name=entry["short_name"],
        name=entry["name"],
        aliases=tuple(entry.get("aliases", ())),
        issuer=entry["issuer"],
        document_number=entry.get("document_number"),
        version_label=entry["version"],
        promulgated=entry.get("promulgated"),
        effective=entry["effective"],
        status=RegulationStatus(entry.get("status", "in_force")),
        article_count=entry.get("articles"),
        source_title=entry.get("source_title"),
        load_by_default=entry.get("load_by_default", False),
        outdated_articles=frozenset(ArticleNumber(n) for n in entry.get("outdated_articles", ())),
    )
