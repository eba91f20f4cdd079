"""What an article asserts, and what it only says about itself."""

import pytest

from ibid.claims import asserts
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
