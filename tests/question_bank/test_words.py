"""What texts are cut into, and the word lists that ship."""

import re

from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import read_articles
from question_bank.search.words import CONTENT_FOLDER, content_words, load_lexicon, load_stopwords, sounds_of, words_of


def test_a_text_is_cut_into_words_and_pairs_of_characters() -> None:
    assert set(words_of("冷链断了")) >= {"冷链", "链断", "断了"}
    assert words_of("？！ 😀") == []
    assert "HPV" in words_of("打HPV疫苗")


def test_what_sounds_alike_has_the_same_sounds() -> None:
    assert sounds_of("健康证") == sounds_of("检康证") == ["jiankan", "kanzen"]
    assert sounds_of("身") == []
    assert sounds_of("ABC 12") == []


def test_content_words_leave_out_what_every_question_has() -> None:
    assert content_words("请问疫苗的冷链要怎么办？") == ["疫苗", "冷链"]
    assert content_words("吃") == ["吃"], "a single character counts when it is all there is"
    assert content_words("怎么办") == []


def test_every_term_of_the_lexicon_occurs_in_a_loaded_law() -> None:
    titles = [facts.source_title or "" for facts in load_catalog() if facts.load_by_default]
    statutes = "\n".join(article.text for _, articles in read_articles(titles) for article in articles)
    missing = sorted({(word, term) for word, terms in load_lexicon().items() for term in terms if term not in statutes})
    assert missing == []


def test_the_word_lists_are_clean() -> None:
    lexicon = load_lexicon()
    written = re.findall(r"^([^#\s]+): \[", (CONTENT_FOLDER / "lexicon.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert written == list(lexicon), "every entry on a line of its own, none twice"
    assert all(terms and len(terms) == len(set(terms)) for terms in lexicon.values())
    assert all(isinstance(word, str) and word.strip() == word for word in load_stopwords())
    assert not load_stopwords() & lexicon.keys(), "a word either means something or it does not"
    assert all(term != [word] for word, term in lexicon.items()), "an entry that leads from a word to itself adds nothing"
