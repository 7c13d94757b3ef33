"""Everything that ranking reads, as it stands at one moment: articles in force, companions, what trainers taught."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from question_bank.regulations.views import ArticleView

LIABILITY_HEADINGS = ("责任", "罚则")
CRIMINAL_LAW = "刑法"


def is_liability(article: ArticleView) -> bool:
    """Whether an article says what happens to who breaks the law, by the heading it stands under."""
    return article.short_name == CRIMINAL_LAW or any(word in (article.chapter or "") for word in LIABILITY_HEADINGS)


@dataclass(frozen=True)
class Corpus:
    """`digests` and `questions` are by position in `articles`: of the laws loaded by default and all that have companions.

    `others` are articles of further laws, imported or loaded from the package: found by their own words only.
    """

    articles: Sequence[ArticleView]
    digests: Mapping[int, str] = field(default_factory=dict)
    questions: Sequence[tuple[int, str]] = ()
    lexicon: Mapping[str, Sequence[str]] = field(default_factory=dict)
    others: Sequence[ArticleView] = ()

    def with_curated(self, law: str) -> "Corpus":
        """The same, with a law's articles moved from `others` to the end of `articles`: it is to get companions."""
        moved = [article for article in self.others if article.short_name == law]
        if not moved:
            return self
        rest = [article for article in self.others if article.short_name != law]
        return replace(self, articles=[*self.articles, *moved], others=rest)

    def terms_for(self, question: str) -> list[str]:
        """The statutes' terms for the everyday words in a question."""
        return [term for word, terms in self.lexicon.items() if word in question for term in terms]

    def passages(self) -> list[tuple[int, str]]:
        """(position, text) of each paragraph with its headings: what a sentence vector is made of."""
        return [
            (position, " ".join(filter(None, (a.short_name, a.chapter, a.section, paragraph[:400]))))
            for position, a in enumerate(self.articles)
            for paragraph in a.paragraphs
        ]
