"""What an article asserts, and what it only says about itself."""

import pytest

from ibid.comparing.assertions import asserts
from ibid.library import Library


@pytest.mark.parametrize(
    "text",
    [
        "Bias in data can lead to inaccurate or discriminatory outcomes.",
        "Data Bias: The accuracy of AI models depends heavily on the training data.",
        "Rare diseases, affecting less than 200,000 people, are challenging to diagnose.",
    ],
)
def test_a_statement_is_a_claim(text):
    assert asserts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Go 1.5 achieves pauses of the garbage collector below 10 milliseconds.",
        "Go's module system was designed specifically for this purpose.",
        "Go provides garbage collection, type safety and concurrency.",
        "Go developers who have written benchmarks know their pitfalls.",
        "Go isn't a good first language, I argued.",
        "Watch lists are read by the whole team every morning.",
        "Share buttons should be left out of government sites.",
        "Register allocation is a well-known compiler task.",
    ],
)
def test_a_statement_may_open_with_a_word_that_elsewhere_calls(text):
    assert asserts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Go to Terminal and paste the following lines.",
        "Go back to the outcomes that were created in the beginning.",
        "Watch the recording that was made of both talks.",
        "Find innovators inside government who have solved similar problems.",
        "Download tailored reports by location and year.",
        "See RFC 3695 for more background on lints.",
        "Let's compile again what was changed.",
        "Get people dedicated to working on this.",
    ],
)
def test_a_call_to_act_is_no_claim(text):
    assert not asserts(text)


@pytest.mark.parametrize(
    "text",
    [
        "Will AI replace human researchers in the next years?",
        "Core AI Models: Which technologies are being leveraged, and how are they optimized?",
        "Learn about multimodal data analysis and clinical trials.",
        "Read now!",
        "A revolution in drug discovery is here today!",
        "This article explores the predicted impact of AI on medicine.",
        "We'll delve into the power of multimodal data analysis.",
        "He said that the model was better than the others.",
        "“It is better than all the others were.”",
        "let y = compute(x) where x holds the values {",
        "<div class='chart'>The values of the survey are shown below.</div>",
        "Overcoming Challenges",
    ],
)
def test_questions_calls_slogans_code_and_talk_about_the_article_are_none(text):
    assert not asserts(text)


def test_what_a_lead_in_announces_is_a_claim_of_its_own(library: Library):
    claims = {claim.text for claim in library.claims("001_0f60af31d4d535c7.txt")}
    assert (
        "AI, machine learning, and generative models will revolutionize rare disease "
        "diagnostics by 2027." in claims
    )


def test_every_claim_stands_in_its_article_in_order(library: Library):
    for article in library.articles:
        claims = library.claims(article.id)
        spans = [claim.span for claim in claims]
        assert spans == sorted(spans)
        for claim in claims:
            said = claim.span.of(article.text).replace("*", "")
            assert claim.text == " ".join(said.split())


def test_what_this_refers_to_stands_beside_the_claim(library: Library):
    claims = {c.text: c for c in library.claims("004_44bfefd366680db2.txt")}
    leaning = next(c for text, c in claims.items() if text.startswith("This allows researchers"))
    assert leaning.context.startswith("These algorithms can analyze vast datasets")
    assert claims["Ensuring data privacy and security is paramount."].context == ""
