"""Lists in answers: with the line or the heading that leads to them, and steps all together."""

import pytest

from ibid.library import Library
from ibid.settings import Settings
from ibid.types import Answer, Status

HANDBOOK = {
    "learning.md": """# Learning

Everybody has a yearly learning budget. Examples of what it pays could be:

Professional memberships
Conferences and events
Specialised courses

Learning budgets are not able to cover the following:

Equipment
Virtual games
Travel and hotel rooms

Ask the people team where something is unclear.
""",
    "clothes.md": """# Dress code

We dress casually, and show respect to customers by what we wear.

## Best to have:

- two shirts
- nutmeg-coloured trousers without any holes

## Not OK for the office:

- Tracksuit bottoms and sweatpants
- Sports-style shorts of any length
""",
    "website.md": """# How to put a website on a domain of your own

These are instructions for a website on a domain of your own that costs next to nothing.

1. Buy a domain from a registrar that you trust.
2. Make a repository and put your pages into it.
3. Add a file called CNAME that holds your domain.
4. Point the records of the domain to the host.
5. Wait for an hour, and turn encryption on.
""",
    "club.md": """# Membership of the club

The membership costs 45 euros and includes:

1. water from the common tap
2. a seat at the autumn dinner

It does not include:

- compost, which the club sells by the bag
- insurance of sheds on the site
""",
    "cheese.md": """# Cheese

I have made cheese for years, and some of it was even eaten by my family.

Quick mozzarella recipe
-----------------------

-   Put the acid into a cup of water
-   Heat the milk to 90 degrees
-   Hold for five minutes, heat off
-   Cut and strain, then knead

I would make it again at any time, since my family liked it so much.
""",
    "network.md": """# How I use the network

For years it was where I met colleagues.

## How I don't use the network

- inform anybody of the news
- argue with people whom I do not know
- complain about my own days
""",
    "office.md": """# Our office

The headquarters is at:

Studio 5, 4 The Boulevard, Leeds

People who visit will find the kitchen on the left. This handbook says more of it.

This handbook was inspired by that of another company.
""",
    "animals.md": """# Moss

Tardigrades\\
live in moss, and can be found with a lens.
""",
    "survey.md": """# Results of our survey of maps

## How many maps does a project use?

![3](charts/3.png)

Most of those who were asked did not want to say.
""",
}


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("handbook")
    (root / "articles").mkdir()
    for name, text in HANDBOOK.items():
        (root / "articles" / name).write_text(text, "utf-8")
    library = Library.open(root / "articles", root / "index", Settings(model="none"))
    library.build()
    return library


def quotes(answer: Answer) -> list[str]:
    return [claim.text for claim in answer.claims]


def test_what_follows_a_colon_is_quoted_with_the_line_before_it(handbook: Library):
    said = quotes(handbook.ask("What can the learning budget not be used for?"))
    games = next(quote for quote in said if "Virtual games" in quote)
    assert games.startswith("Learning budgets are not able to cover the following:")


@pytest.mark.parametrize(
    "question", ["Which things may I spend my training money on?", "What does my budget pay for?"]
)
def test_what_may_not_be_is_never_quoted_as_what_may(handbook: Library, question: str):
    for quote in quotes(handbook.ask(question)):
        assert "Virtual games" not in quote or "not able to cover" in quote


def test_items_right_below_a_heading_are_quoted_behind_it(handbook: Library):
    said = quotes(handbook.ask("What shouldn't I wear to work?"))
    assert "Not OK for the office:" in said
    assert said.index("Not OK for the office:") < said.index("Sports-style shorts of any length")


@pytest.mark.parametrize(
    "question",
    [
        "How do I put a website on my own domain without paying much?",
        "What are the steps for putting a website on a domain of my own?",
    ],
)
def test_who_asks_how_gets_all_steps_in_their_order(handbook: Library, question: str):
    answer = handbook.ask(question)
    assert answer.status is Status.ANSWERED
    said = quotes(answer)
    first = next(place for place, quote in enumerate(said) if quote.startswith("Buy a domain"))
    words = ("Buy", "Make", "Add", "Point", "Wait")
    assert [quote.split()[0] for quote in said[first : first + 5]] == list(words)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("how do I make quick mozarella?", "Put the acid into", "Cut and strain"),
        ("What does he not do on the network?", "inform anybody", "complain about"),
    ],
)
def test_what_stands_below_the_heading_that_answers_is_given_whole(
    handbook: Library, question: str, first: str, last: str
):
    said = quotes(handbook.ask(question))
    starts = [place for place, quote in enumerate(said) if quote.startswith(first)]
    assert starts
    assert any(quote.startswith(last) for quote in said[starts[0] :])
    assert all(said), "no quote is empty"


def test_an_address_is_quoted_with_the_line_that_says_whose_it_is(handbook: Library):
    said = quotes(handbook.ask("Where is the headquarters?"))
    assert said[0] == "The headquarters is at: Studio 5, 4 The Boulevard, Leeds"


def test_a_sentence_leans_on_none_of_another_paragraph(handbook: Library):
    said = quotes(handbook.ask("What was this handbook inspired by?"))
    assert said[0] == "This handbook was inspired by that of another company."


def test_each_item_of_a_list_below_a_heading_is_evidence_and_is_quoted_behind_it(
    handbook: Library,
):
    answer = handbook.ask("sweatpants")
    assert answer.status is Status.ANSWERED
    assert quotes(answer)[:2] == ["Not OK for the office:", "Tracksuit bottoms and sweatpants"]


def test_a_short_first_item_has_its_heading_before_it_once(handbook: Library):
    said = quotes(handbook.ask("shirts"))
    assert said[:2] == ["Best to have:", "two shirts"]
    assert sum("Best to have" in quote for quote in said) == 1


def test_a_line_that_leads_to_a_list_is_not_glued_to_the_list_before_it(handbook: Library):
    said = quotes(handbook.ask("What does the membership not include?"))
    assert "It does not include:" in said
    assert not any("seat" in quote and "not include" in quote for quote in said)


def test_a_line_break_of_markdown_is_no_part_of_a_quote(handbook: Library):
    said = quotes(handbook.ask("Where do tardigrades live?"))
    assert said[0] == "Tardigrades live in moss, and can be found with a lens."


def test_what_a_picture_is_called_answers_nothing(handbook: Library):
    answer = handbook.ask("How many maps does a project use?")
    assert not any(quote.endswith("3") for quote in quotes(answer))
