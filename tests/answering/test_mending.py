"""What becomes of a model's text that does not all hold: mended once, kept in part, or refused."""

import json
from collections.abc import Callable

import pytest

from fakes import FakeOllama, FakeOpenAI
from ibid.answering.prompt import ABSTAIN
from ibid.errors import ServerUnavailable
from ibid.library import Library
from ibid.output.as_json import answer_json
from ibid.output.wording import say_states
from ibid.settings import Settings
from ibid.testing import ScriptedGenerator
from ibid.types.answers import Anew, Answer, Claim, Delta, Done, Status, Support, Turn

ARTICLES = {
    "bakery.md": (
        "---\ntitle: A bakery\nauthor: Jane Doe\ndate: 2021-05-01\n---\n# A bakery\n\n"
        "Our bakery opened in 2019 in a former fire station by the river. It sells about 160 loaves"
        " on a usual day, most of them before noon.\n\n"
        "## Do you sell cakes?\n\nNo. We bake bread and rolls only, since the oven is too hot for"
        " cakes.\n\n"
        "## Prices\n\nThe price of flour rose by 3.1% last year, and the price of energy by 6.8%."
        " A rye loaf costs five euros, a wheat loaf four.\n"
    ),
    "mill.md": (
        "---\ntitle: The mill\nauthor: John Roe\n---\n# The mill\n\nThe mill grinds rye and wheat"
        " from farms of the valley. Its owner says that an explanation of the new tax is not in the"
        " articles of the association. The miller delivers flour to the bakery on Mondays.\n"
    ),
}
OPENED = "Our bakery opened in 2019 in a former fire station by the river."
RYE = "A rye loaf costs five euros, a wheat loaf four."
FLOODED = "The river flooded all shops of the town in 1954."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("shop")
    for name, text in ARTICLES.items():
        (folder / "articles").mkdir(exist_ok=True)
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    library = Library.open(folder / "articles", folder / "index", Settings(model="none"))
    library.build()
    return library


Ask = Callable[..., tuple[Answer, ScriptedGenerator]]


@pytest.fixture
def ask(shop: Library) -> Ask:
    def asked(question: str, *replies: str | ServerUnavailable, history: tuple[Turn, ...] = ()):
        generator = ScriptedGenerator(*replies)
        library = open_with(shop, generator)
        return library.ask(question, history=history), generator

    return asked


def open_with(shop: Library, generator: ScriptedGenerator) -> Library:
    return Library(shop.settings, shop.embedder, generator)


def states(answer: Answer) -> list[Support]:
    return [claim.support for claim in answer.claims]


# What it reads


def test_a_folder_that_fits_is_read_whole_with_authors_dates_and_headings(ask) -> None:
    _, generator = ask("When did the bakery open?", OPENED)
    read = generator.prompts[0][1].content
    for text in ARTICLES.values():
        for line in text.rpartition("---\n")[2].strip().splitlines():
            assert line in read
    assert "A bakery (Jane Doe, 2021-05-01)" in read
    assert "The mill (John Roe)" in read


def test_the_conversation_is_read_as_well(ask) -> None:
    turn = Turn("Who owns the mill?", "John Roe owns it.")
    _, generator = ask("When did the bakery open?", OPENED, history=(turn,))
    assert "John Roe owns it." in generator.prompts[-1][1].content


def test_a_model_is_asked_where_no_sentence_comes_close_and_none_is_quoted_when_it_fails(
    shop: Library, ask
) -> None:
    question = "Who owns the bakery?"
    without = shop.ask(question)
    assert without.status is Status.NOT_IN_SOURCES
    said = "The miller delivers flour to the bakery on Mondays."
    assert ask(question, said)[0].status is Status.ANSWERED
    assert ask(question, FLOODED)[0].status is Status.NOT_IN_SOURCES


# Asked once more


def test_a_model_is_asked_once_more_with_what_the_articles_say_instead(ask) -> None:
    wrong = "Our bakery opened in 2017 in a former fire station by the river."
    answer, generator = ask("When did the bakery open?", wrong, OPENED)
    assert (answer.status, states(answer)) == (Status.ANSWERED, [Support.VERBATIM])
    assert answer.run.repair is not None
    assert (answer.run.repair.sentences, answer.run.repair.kept) == ((wrong,), True)
    *_, written, request = generator.prompts[1]
    assert (written.role, written.content) == ("assistant", wrong)
    assert "“2017” should be “2019”" in request.content
    assert OPENED in request.content
    assert generator.prompts[1][1].content == generator.prompts[0][1].content


def test_what_no_article_says_is_named_with_the_nearest_sentence(ask) -> None:
    _, generator = ask("When did the bakery open?", f"{OPENED} {FLOODED}", OPENED)
    assert f"“{FLOODED}”: no passage says it" in generator.prompts[1][-1].content


def test_the_first_text_stays_where_the_second_is_no_better(ask) -> None:
    answer, _ = ask("When did the bakery open?", f"{OPENED} {FLOODED}", FLOODED)
    assert states(answer) == [Support.VERBATIM, Support.UNSUPPORTED]
    assert answer.run.repair is not None
    assert not answer.run.repair.kept
    assert "the second held no better" in say_states(answer)


def test_a_second_text_that_refuses_does_not_replace_what_held(ask) -> None:
    answer, _ = ask("When did the bakery open?", f"{OPENED} {FLOODED}", ABSTAIN)
    assert states(answer) == [Support.VERBATIM, Support.UNSUPPORTED]


def test_an_altered_sentence_is_worth_less_than_fewer_sentences_that_hold(ask) -> None:
    rye = "A rye loaf costs five euros, a wheat loaf nine."
    answer, _ = ask("What does a loaf cost?", f"{OPENED} {OPENED} {rye}", OPENED)
    assert states(answer) == [Support.VERBATIM]


def test_a_model_is_never_asked_a_third_time(ask) -> None:
    answer, generator = ask("When did the bakery open?", FLOODED, FLOODED, OPENED)
    assert len(generator.prompts) == 2
    assert answer.run.model == ""
    assert "wrote 1 sentence and the articles support 0" in answer.run.notice


def test_a_text_that_holds_is_not_written_again(ask) -> None:
    answer, generator = ask("When did the bakery open?", OPENED)
    assert len(generator.prompts) == 1
    assert answer.run.repair is None


def test_a_server_that_fails_the_second_time_leaves_the_first_text(ask) -> None:
    gone = ServerUnavailable("the server has gone", hint="ollama serve")
    answer, _ = ask("When did the bakery open?", f"{OPENED} {FLOODED}", gone)
    assert states(answer) == [Support.VERBATIM, Support.UNSUPPORTED]
    assert "the server has gone (ollama serve)" in say_states(answer)


def test_the_stream_tells_that_the_first_text_is_replaced(shop: Library) -> None:
    library = open_with(shop, ScriptedGenerator(FLOODED, OPENED))
    events = list(library.stream("When did the bakery open?"))
    again = next(n for n, event in enumerate(events) if isinstance(event, Anew))
    written = ["".join(e.text for e in part if isinstance(e, Delta))
               for part in (events[:again], events[again:])]  # fmt: skip
    assert written == [FLOODED, OPENED]
    assert isinstance(events[-1], Done)


def test_of_a_question_in_parts_the_text_of_the_others_stands(shop: Library) -> None:
    library = open_with(shop, ScriptedGenerator(RYE, FLOODED, OPENED))
    question = "What does a rye loaf cost and when did the bakery open in a fire station?"
    events = list(library.stream(question))
    assert next(e.text for e in events if isinstance(e, Anew)) == RYE
    done = events[-1]
    assert isinstance(done, Done)
    assert [part.run.repair is not None for part in done.answer.parts] == [False, True]


def test_each_part_is_answered_or_refused_by_itself(ask) -> None:
    question = "What does a rye loaf cost and when did the bakery open in a fire station?"
    answer, _ = ask(question, RYE, ABSTAIN)
    assert [part.status for part in answer.parts] == [Status.ANSWERED, Status.NOT_IN_SOURCES]


def test_programs_are_told_what_was_mended(shop: Library, ask) -> None:
    answer, _ = ask("When did the bakery open?", FLOODED, OPENED)
    run = json.loads(json.dumps(answer_json(answer, shop)))["run"]
    assert run["repair"] == {"sentences": [FLOODED], "kept": True, "notice": ""}


@pytest.mark.parametrize("fake", [FakeOllama, FakeOpenAI])
def test_a_server_gets_the_first_text_and_what_is_wrong_with_it(fake, shop: Library) -> None:
    def write(words: list[str]) -> str:
        return OPENED if "again" in words else FLOODED

    with fake(text=write) as server:
        name = "server" if fake is FakeOpenAI else "ollama"
        settings = shop.settings.changed({name: server.address, "model": "auto"}, "test")
        answer = Library(settings, shop.embedder).ask("When did the bakery open?")
        roles = [message["role"] for message in server.chats[1].field("messages")]
    assert states(answer) == [Support.VERBATIM]
    assert len(server.chats) == 2
    assert roles == ["system", "user", "assistant", "user"]


# What is left open


GAPS = [
    "The articles do not say who opened it.",
    "However, the passages don't mention who opened it.",
    "Who opened it is not stated in the articles.",
    "There is no information in the articles about who opened it.",
    "None of the articles says who opened it.",
    "The text does not specify the founder.",
    "It is unclear from the articles who opened it.",
    "Its founder isn't mentioned.",
    "I could not find who opened it.",
    "Missing: the articles do not say who opened it.",
    f"Who opened it: {ABSTAIN}.",
]


@pytest.mark.parametrize("gap", GAPS[:-1])
def test_what_was_answered_is_kept_with_what_is_missing(ask, gap: str) -> None:
    answer, generator = ask("When did the bakery open, and by whom?", f"{OPENED} {gap}")
    assert answer.status is Status.PARTIAL
    assert states(answer) == [Support.VERBATIM, Support.GAP]
    assert len(generator.prompts) == 1
    assert gap in answer.text
    assert "1 said to be missing" in say_states(answer)


@pytest.mark.parametrize(
    "gap",
    [
        *GAPS[:-1],
        ABSTAIN,
        f"{ABSTAIN}.",
        f"**{ABSTAIN}**",
        "I don't know.",
        f"Sorry, but it is {ABSTAIN}.",
    ],
)
def test_a_text_that_only_says_what_is_missing_is_a_refusal(ask, gap: str) -> None:
    answer, _ = ask("When did the bakery open, and by whom?", gap)
    assert answer.status is Status.NOT_IN_SOURCES


def test_a_true_sentence_with_the_words_of_a_refusal_is_none(ask) -> None:
    said = (
        "Its owner says that an explanation of the new tax is not in the articles of the"
        " association."
    )
    answer, _ = ask("What does the owner of the mill say?", said)
    assert (answer.status, states(answer)) == (Status.ANSWERED, [Support.VERBATIM])


@pytest.mark.parametrize(
    "smuggled",
    [
        "The articles do not say that Bern is the capital of Switzerland.",
        "The articles do not say it, but the baker is a thief.",
        "The articles do not mention that 40 people were hurt.",
    ],
)
def test_what_a_model_adds_is_not_let_through_as_a_gap(ask, smuggled: str) -> None:
    answer, _ = ask("When did the bakery open?", f"{OPENED} {smuggled}")
    assert states(answer) == [Support.VERBATIM, Support.UNSUPPORTED]


def test_what_is_missing_is_still_said_where_the_unsupported_is_left_out(shop: Library) -> None:
    library = Library(
        shop.settings.changed({"unsupported": "drop"}, "test"),
        shop.embedder,
        ScriptedGenerator(f"{OPENED} {FLOODED} {GAPS[0]}"),
    )
    answer = library.ask("When did the bakery open, and by whom?")
    assert states(answer) == [Support.VERBATIM, Support.GAP]


# A word or two


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many loaves does the bakery sell on a usual day?", "About 160."),
        ("How many loaves does the bakery sell on a usual day?", "160 loaves."),
        ("How much did the price of flour rise?", "3.1%."),
        ("By how much did the price of flour rise?", "By 3.1 percent."),
        ("When did the bakery open?", "2019."),
        ("When did the bakery open?", "In 2019."),
        ("Where did the bakery open?", "A fire station."),
        ("On which day does the miller deliver flour to the bakery?", "Mondays."),
        ("How much does a rye loaf cost?", "5 euros."),
        ("Do you sell cakes?", "No."),
    ],
)
def test_a_word_or_two_hold_where_the_sentence_that_answers_has_them(ask, question, said) -> None:
    answer, _ = ask(question, said)
    assert answer.run.model
    assert states(answer)[0] in (Support.VERBATIM, Support.REWORDED)
    assert answer.claims[0].citations


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many loaves does the bakery sell on a usual day?", "2019."),
        ("How many loaves does the bakery sell on a usual day?", "About 200."),
        ("When did the bakery open?", "About 160."),
        ("On which day does the miller deliver flour to the bakery?", "Fridays."),
        ("Do you sell cakes?", "Yes."),
    ],
)
def test_a_word_or_two_from_elsewhere_do_not(ask, question: str, said: str) -> None:
    answer, _ = ask(question, f"{said} {OPENED}")
    assert states(answer)[0] in (Support.UNSUPPORTED, Support.ALTERED)


def test_a_bare_yes_rests_on_the_sentence_behind_it(ask) -> None:
    def judged(text: str) -> Claim:
        return ask("Did the bakery open in a fire station?", text)[0].claims[0]

    assert judged(f"Yes. {OPENED}").support is Support.REWORDED
    assert judged(f"Yes. {OPENED}").citations
