"""OpenAI's own client asks ibid: whole and streamed answers, citations, follow-ups, errors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from markdown_it import MarkdownIt
from openai import OpenAI

from agents import command_at
from conftest import SEEDS
from fakes import FakeOpenAI
from ibid.doors.openai import Said, read_conversation
from ibid.library import Library
from ibid.types import Status

QUESTION = "What challenges are cited for AI drug discovery?"
SAID = "Ensuring data privacy and security is paramount."


@pytest.fixture(scope="module")
def client(seed_index: Path) -> Iterator[OpenAI]:
    with command_at("serve", "--articles", str(SEEDS), "--index", str(seed_index)) as address:
        yield client_of(address)


def client_of(address: str) -> OpenAI:
    return OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def ask(client: OpenAI, *said: str, **more: Any) -> Any:
    """Ask the last of what was said in turns, the user first."""
    roles = ("user", "assistant")
    messages: Any = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    return client.chat.completions.create(model="ibid", messages=messages, **more)


def test_the_model_is_listed(client: OpenAI):
    assert [each.id for each in client.models.list()] == ["ibid"]
    assert client.models.retrieve("ibid").owned_by == "ibid"


def test_every_sentence_is_annotated_with_its_place_and_noted_below(
    client: OpenAI, library: Library
):
    completion = ask(client, QUESTION)
    message = completion.choices[0].message
    claims = library.ask(QUESTION).claims
    marked = [each.url_citation for each in message.annotations]
    assert len(marked) == sum(len(claim.citations) for claim in claims) > 3
    plain = [
        MarkdownIt().renderInline(message.content[m.start_index : m.end_index]) for m in marked
    ]
    texts = {claim.text for claim in claims}
    assert all(text.replace("&quot;", '"') in texts for text in plain)
    assert all(each.url.startswith("ibid://article/") and "?line=" in each.url for each in marked)
    assert message.content.count("\n- [") == len(marked)
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens > completion.usage.prompt_tokens > 0


def test_a_streamed_answer_is_the_whole_one_in_pieces(client: OpenAI):
    whole = ask(client, QUESTION).choices[0].message
    chunks = list(ask(client, QUESTION, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.content
    assert len([delta for delta in deltas if delta.content]) > 5
    assert deltas[0].role == "assistant"
    annotated = [each.model_dump() for each in whole.annotations]
    assert deltas[-1].model_extra["annotations"] == annotated
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens > 100
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_refusal_says_so_and_cites_nothing(client: OpenAI, library: Library):
    question = "Who won the football world cup of 1998?"
    assert library.ask(question).status is Status.NOT_IN_SOURCES
    message = ask(client, question).choices[0].message
    assert message.content.startswith("Your articles do not say.")
    assert message.annotations == []


def test_what_only_comes_close_is_told_as_such(client: OpenAI, library: Library):
    question = "Who is Atomwise?"
    assert library.ask(question).status is Status.CLOSEST
    said = ask(client, question).choices[0].message.content
    assert said.startswith("Not a sure answer; what comes closest")


def test_a_follow_up_is_understood_and_notes_are_no_part_of_what_was_said(
    client: OpenAI, library: Library
):
    first = ask(client, "What does rkoots say about data bias?").choices[0].message.content
    assert "\n\n- [1] " in first
    said = [
        Said(role="system", content="You are a pirate."),
        Said(role="user", content="What does rkoots say about data bias?"),
        Said(role="assistant", content=first),
        Said(role="user", content=[{"type": "text", "text": "and about regulation?"}]),  # pyright: ignore
    ]
    question, (turn,) = read_conversation(said, library)
    assert question == "and about regulation?"
    assert "- [1]" not in turn.answer
    cited = library.ask("What does rkoots say about data bias?").claims
    assert set(turn.articles) == {c.passage.article for claim in cited for c in claim.citations}
    follow_up = ask(client, "What is data bias?", first, "and regulation?").choices[0].message
    assert "regulat" in follow_up.content.lower()
    assert "\n\n- [1] " in follow_up.content


def test_questions_in_one_are_answered_with_notes_of_their_own(client: OpenAI, library: Library):
    question = "What is data bias and who is Atomwise?"
    assert len(library.ask(question).parts) == 2
    said = ask(client, question).choices[0].message
    assert said.content.count("**") >= 4
    places = [each.url_citation for each in said.annotations]
    assert all(said.content[m.start_index : m.end_index].strip() for m in places)


def test_what_a_model_writes_reaches_nobody_before_it_is_checked(seed_index: Path):
    text = f"{SAID} Bananas are blue."
    where = ("--articles", str(SEEDS), "--index", str(seed_index))
    with (
        FakeOpenAI(text=text) as model,
        command_at("serve", *where, "--server", model.address) as address,
    ):
        chunks = list(ask(client_of(address), QUESTION, stream=True))
    said = [chunk.choices[0].delta.content or "" for chunk in chunks]
    first = next(index for index, text in enumerate(said) if "Bananas" in text)
    assert "not in the articles" in "".join(said[first : first + 2])
    (noted,) = chunks[-1].choices[0].delta.model_extra["annotations"]
    whole = "".join(said)
    marked = noted["url_citation"]
    assert whole[marked["start_index"] : marked["end_index"]] == SAID


@pytest.mark.long
def test_what_an_article_says_does_nothing_in_a_client_that_shows_markdown(tmp_path: Path):
    text = "Plums <img src=x onerror=alert(1)> ripen ![x](http://evil.example/x) [1] late in fall."
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "plums.md").write_text(f"# P\n\n{text}\n", "utf-8")
    Library.open(tmp_path / "articles", tmp_path / "index").build()
    where = ("--articles", str(tmp_path / "articles"), "--index", str(tmp_path / "index"))
    with command_at("serve", *where) as address:
        content = ask(client_of(address), "When do plums ripen?").choices[0].message.content
    html = MarkdownIt("commonmark").render(content)
    assert "Plums" in html
    assert "<img" not in html
    assert "href" not in html


# Errors


@pytest.mark.parametrize(
    ("messages", "more", "said"),
    [
        ([], {}, "messages: "),
        ([{"role": "user", "content": ""}], {}, "the question is empty"),
        ([{"role": "user", "content": "x" * 5000}], {}, "the question has 5,000 characters"),
        ([{"role": "assistant", "content": "x"}], {}, "the last message is not the user's"),
        ([{"role": "system", "content": "x"}], {}, "the last message is not the user's"),
        ([{"role": "king", "content": "x"}], {}, "messages.0.role"),
        ([{"role": "user", "content": 5}], {}, "messages.0.content"),
        ([{"role": "user", "content": "x"}], {"n": 3}, "n: "),
        ([{"role": "user", "content": ""}], {"stream": True}, "the question is empty"),
    ],
)
def test_what_is_asked_wrongly_raises_what_the_client_knows(
    client: OpenAI, messages: Any, more: dict[str, Any], said: str
):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="ibid", messages=messages, **more)
    assert raised.value.body["message"].startswith(said)  # pyright: ignore
    assert raised.value.body["type"] == "invalid_request_error"  # pyright: ignore


def test_another_model_is_not_found(client: OpenAI):
    with pytest.raises(openai.NotFoundError, match="gpt-4"):
        client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "x"}])
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_no_index_is_an_error_of_the_server(tmp_path: Path, articles: Path):
    where = ("--articles", str(articles), "--index", str(tmp_path / "none"))
    with command_at("serve", *where) as address:
        for stream in (False, True):
            with pytest.raises(openai.InternalServerError, match="ibid build"):
                ask(client_of(address), "apples", stream=stream)


def test_what_would_steer_a_model_is_taken_and_steers_nothing(client: OpenAI):
    plain = ask(client, QUESTION).choices[0].message.content
    tools: Any = [{"type": "function", "function": {"name": "rm", "parameters": {}}}]
    steered = ask(client, QUESTION, temperature=2, max_tokens=1, tools=tools, seed=4)
    assert steered.choices[0].message.content == plain
