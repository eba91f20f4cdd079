"""Languages and scripts: which one a text is in, where its sentences end, what its words are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibid.text import count_words, language_of, list_words, place_words
from ibid.text.sentences import find_sentences
from ibid.types.articles import Span


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in find_sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("# Ruby\n\nDie Version 1.9.3 wird bis zum 23. Februar 2014 gepflegt.", "de"),
        ("---\ntitle: x\nlang: fr-CA\n---\n\nIt is written in English all the same.", "fr"),
        ('+++\nlanguage = "pt"\n+++\nx', "pt"),
        ("La défense n'a concédé que trois cent huit points cette saison.", "fr"),
        ("中国很大。", "zh"),
        ("これは日本語の文です。", "ja"),
        ("한국어 문장입니다.", "ko"),
        ("นี่คือประโยค", "th"),
        ("Это предложение.", "ru"),
        ("Αυτή είναι μια πρόταση.", "el"),
        ("यह एक वाक्य है।", "hi"),
        ("هذه جملة.", "ar"),
        ("Trials cost ten million dollars in 2024.", "en"),
        ("lang: de is a key of front matter, and this is no front matter.", "en"),
        ("npm install foo && npm run build", "en"),
        (
            "```\nDie Fehlermeldung ist nur im Quelltext\n```\nIt is an English text.",
            "en",
        ),
        ("", "en"),
        ("12345 --- !!!", "en"),
    ],
)
def test_a_language_is_the_one_that_is_said_or_that_the_letters_tell(text: str, language: str):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Die Version 1.9.3 wird bis zum 23. Februar 2014 gepflegt.|Danach ist Schluss damit.",
        "Er kam im 19. Jahrhundert, d. h. vor dem 2. Weltkrieg, zur Welt.|Es begann im Jahr 1914.",
        "Verze bude do 23. února 2014 udržovaná.|Kniha vyšla v 19. století v Praze.",
        "A verzió 2014. február 23. napjáig él.|Aztán nem lesz már támogatva sehol.",
        "Den 2. verdenskrig sluttede i 1945.|Det var i det 20. århundrede, sagde han.",
        "La version est maintenue par M. Dupont jusqu'en avril.|Après, c'est fini pour elle.",
        "De heer dhr. Jansen kwam op 23 februari.|Hij ging o.a. naar zijn eigen huis.",
        "黑豹队的防守只丢了三百分。|他们在联赛中排名第六！|这个故事说明了什么问题？",
        "これは日本語の文章です。|次の文もここにあります。",
    ],
)
def test_sentences_end_as_their_language_ends_them(text: str):
    expected = text.split("|")
    gap = "" if text[0] in "黑こ" else " "
    assert sentences(gap.join(expected)) == expected


def test_english_sentences_may_begin_small_and_end_in_a_number():
    text = "It was in section 3. The next one is there. iPhones are sold there. it goes on."
    assert len(sentences(text)) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AI药物发现 is", ["AI", "药物", "物发", "发现", "is"]),
        ("大", ["大"]),
        ("ภาษาไทย", ["ภาษ", "าษา", "ษาไ", "าไท", "ไทย"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("don’t naïve l'eau", ["don’t", "naïve", "l'eau"]),
        ("한국어", ["한국", "국어"]),
    ],
)
def test_words_stand_between_blanks_or_are_pieces_of_a_few_letters(text: str, words: list[str]):
    assert list_words(text) == words


@given(st.text(alphabet="ab 中国大ไทยहिन्दी'’_-.1\u0301", max_size=40))
def test_each_word_stands_in_its_place(text: str):
    placed = list(place_words(text))
    assert all(span.of(text) == word for word, span in placed)
    assert [span.start for _, span in placed] == sorted(span.start for _, span in placed)


def test_words_of_a_script_without_blanks_are_counted_about():
    assert (count_words("It is so."), count_words("中国很大。"), count_words("")) == (3, 2, 0)
