"""Builds the services of this package over one database. Front ends and the exam package take the ones they need."""

from collections.abc import Callable
from dataclasses import dataclass

from question_bank.companions.service import Companions
from question_bank.database import Clock, Database
from question_bank.questions.service import Questions
from question_bank.regulations.service import Regulations
from question_bank.reviews.service import Reviews
from question_bank.search.asking import Asking
from question_bank.search.meaning import Model
from question_bank.search.service import Search
from question_bank.search.teaching import Teaching


@dataclass(frozen=True)
class QuestionBank:
    regulations: Regulations
    questions: Questions
    companions: Companions
    reviews: Reviews
    search: Search
    asking: Asking
    teaching: Teaching

    @classmethod
    def build(cls, database: Database, clock: Clock, load_model: Callable[[], Model | None] = lambda: None) -> "QuestionBank":
        """`load_model` is called when the search first needs sentence vectors; by default it does without."""
        reviews = Reviews(database, clock)
        regulations = Regulations(database, clock, when_written=reviews.version_written)
        search = Search(database, regulations, reviews, clock, load_model)
        return cls(
            regulations=regulations,
            questions=Questions(database, regulations, clock),
            companions=Companions(database, clock),
            reviews=reviews,
            search=search,
            asking=Asking(database, search, clock),
            teaching=Teaching(database, search, clock),
        )

    async def load_shipped(self, progress: Callable[[str, int], None] = lambda name, count: None) -> None:
        """Bring register, texts and questions in line with what is shipped. Idempotent."""
        await self.regulations.load_register()
        await self.regulations.load_texts(progress=progress)
        changed = await self.questions.load_shipped()
        if changed:
            progress("", changed)
        await self.companions.load_shipped()
