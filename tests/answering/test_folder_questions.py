"""Which questions are about the folder itself, and which are about what its articles say."""

import pytest

from ibid.answering import Asks, Shelf, read_request
from ibid.library import Library

ABOUT_THE_FOLDER = """
authors | Who wrote the articles?
authors | Can you tell me who wrote all of these?
authors | by whom were the articles written?
authors | Please list the authors.
authors | How many different authors are there?
authors | Is there more than one author?
authors | who wrote article 002?
authors | Who authored 'Generative AI Drives a Revolution in Healthcare'?
authors | Who are the people that wrote these articles?
authors | who all wrote here?
authors | Who is responsible for these texts?
authors | who is 001 by?
newest | Show me the most recent one of the articles
dates | from which year are the articles?
dates | which is older, article 001 or article 002?
count | how many did rkoots write?
list | what else did rkoots Bot write?
mentions | Does anyone mention Pfizer?
mentions | Is there any mention of Iceland?
mentions | does article 003 mention Nvidia?
mentions | which articles have nothing about ethics?
summary | What's article four about?
summary | what are the takeaways of the newest post?
comparison | 002 vs 004
disagreement | Which claims are disputed between the articles?
disagreement | Compare what the articles say about costs
newest | What is the newest article?
newest | What is the newest recipe?
mentions | Which pages mention Nvidia?
mentions | Which recipes use saffron?
mentions | which essays talk about bicycles?
count | how many entries are there?
authors | who wrote the page for 002?
authors | Who wrote the article about a revolution in healthcare?
newest | What are the three most recent articles?
newest | who wrote the newest article?
newest | when was the last article published?
newest | Which article came out last?
oldest | Which article is the oldest?
oldest | what is the oldest article and its date
dates | When were the articles published?
dates | what is the date of the article "AI & Personalized Medicine: 2025 Predictions"?
count | How many articles are there?
count | how many documents are in the index?
count | What's the total number of articles?
count | How many articles has rkoots Bot written?
list | What is in the folder?
list | what articles are there
list | give me a list of all articles
list | What topics do the articles cover?
list | which posts were written by rkoots?
list | What did TechBrew Daily write?
mentions | How many articles mention clinical trials?
mentions | Which author writes about diagnostics?
mentions | In which articles is GPT-4o mentioned?
mentions | list articles about rare diseases
mentions | Do any articles mention the FDA?
mentions | which ones mention Nvidia
mentions | How often is Nvidia mentioned?
mentions | which articles do not mention Nvidia?
mentions | Are side effects mentioned anywhere?
mentions | I'm looking for articles on genomics
summary | Summarize the articles
summary | What are they about?
summary | Could you summarize the newest article for me?
summary | What are the main points of article 001?
summary | Summarize article 001 and article 003
summary | explain what the articles are about
summary | tl;dr
comparison | Compare article 002 and 004
comparison | how does 002 differ from 004?
comparison | compare article 001 to article 002 on privacy
disagreement | Where do the articles disagree?
disagreement | Do they agree on the cost of drug development?
disagreement | Are there contradictions between the articles?
""".strip().splitlines()

ABOUT_WHAT_THEY_SAY = """
Who wrote the first AI program?
Who wrote Hamlet?
What notes should I take in a meeting?
Which items are on a shopping list for pancakes?
How many pages does the final report on vaccines have?
Who wrote the software that found halicin?
Who is the author of the Declaration of Independence?
Who writes the rules for AI in medicine?
Who wrote about the mathematical theory of communication in 1948?
Which authors won the Nobel prize?
How many authors signed the open letter?
What is the newest antibiotic?
What are the newest drugs mentioned in the articles?
What is the last step of a clinical trial?
What is the first article of the constitution?
What is the most recent success of AI drug discovery?
When was the first AI drug approved?
When was the paper on GANs published?
How old is the technology?
How many articles of the constitution deal with slavery?
How many articles does the constitution have?
How many articles of clothing are needed?
Which articles of the GDPR apply to health data?
How many posts does a fence need?
How many documents did the FDA request?
Which documents are required for a marketing application?
How big is the market for AI drugs?
What is in the vaccine?
What is in the training data?
What do you know about Atomwise?
What did Amgen publish?
What topics should regulators address?
Why do the articles mention Nvidia?
Which challenges do the articles mention?
Which articles explain how AI speeds up clinical trials?
Which articles say that AI replaces doctors?
What do the articles say about data privacy?
What does rkoots say about regulation?
How often is a clinical trial successful?
Where are clinical trials conducted?
Is bias discussed by regulators?
Is there an article in the treaty that forbids cloning?
Summarize the challenges of generative AI
summarize what they say about privacy
Give an overview of generative models
What is personalized medicine about?
What are the key ideas of deep learning?
Compare GANs and transformers
What is the difference between AI and machine learning?
Do scientists agree on AI safety?
What are the differences in cost?
Are there conflicts of interest in AI research?
Where do doctors and patients disagree?
Why do authors disagree?
How do authors work?
What is a document?
What does the author recommend?
What does the database contain?
GANs vs VAEs
How is text generated?
version
abstract
authors
articles
Which claims are disputed?
""".strip().splitlines()


@pytest.fixture(scope="module")
def shelf(library: Library) -> Shelf:
    return Shelf(library._index())  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("line", ABOUT_THE_FOLDER)
def test_a_question_about_the_folder_is_told_by_its_wording(line: str, shelf: Shelf):
    asks, question = line.split(" | ")
    request = read_request(question, shelf)
    assert request is not None
    assert request.asks is Asks(asks)


@pytest.mark.parametrize("question", ABOUT_WHAT_THEY_SAY)
def test_a_question_to_what_the_articles_say_is_left_to_the_search(question: str, shelf: Shelf):
    assert read_request(question, shelf) is None


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("who wrote article 002?", "002"),
        ("who wrote article 2?", "002"),
        ("Who wrote 003_ca3648f82df096df.txt?", "003"),
        ("Summarize 004", "004"),
        ("What is the article about rare disease drugs about?", "000"),
        ("what is the newest article about?", "000"),
        ("summarize the oldest article", "002"),
        ("Who wrote AI & personalized medicine: 2025 predictions?", "001"),
        ("summarize 001, 003 and article 4", "001 003 004"),
        ("how many articles did rkoots write?", "002 004"),
        ("what is the difference between 002 and 004?", "002 004"),
    ],
)
def test_an_article_is_known_by_number_file_title_and_date(
    question: str, articles: str, shelf: Shelf
):
    request = read_request(question, shelf)
    assert request is not None
    assert sorted(id[:3] for id in request.articles) == articles.split()


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote article 999?",
        "Summarize “Moby Dick”",
        "What did Melville write?",
        "compare 002 and 999",
    ],
)
def test_a_name_that_the_folder_does_not_know_is_left_to_the_search(question: str, shelf: Shelf):
    assert read_request(question, shelf) is None


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How many articles mention clinical trials in the folder?", "clinical trials"),
        ("Which articles use the word “privacy”?", "privacy"),
        ("which articles mention the US", "US"),
        ("Which articles mention C++?", "C++"),
        ("articles about AT&T", "AT&T"),
    ],
)
def test_what_is_to_be_mentioned_is_read_without_its_frame(question: str, topic: str, shelf: Shelf):
    request = read_request(question, shelf)
    assert request is not None
    assert request.topic == topic


def test_a_long_question_is_not_held_against_the_wordings(shelf: Shelf):
    assert read_request("how many articles " + "the five " * 200 + "are there?", shelf) is None
