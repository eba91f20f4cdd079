"""What is said of sentences with an article's words and not its meaning, and of honest ones."""

import pytest

from citations import judged
from ibid.types.answers import Support

HELD = {Support.VERBATIM, Support.REWORDED}

GOVERNED = [
    (
        "It is a myth that the vaccine causes infertility in women.",
        "The vaccine causes infertility in women.",
    ),
    ("The ministry denied that the dam had cracked in spring.", "The dam had cracked in spring."),
    ("Doctors used to think that ulcers are caused by stress.", "Ulcers are caused by stress."),
    ("It would be wrong to conclude that coffee prevents cancer.", "Coffee prevents cancer."),
    (
        "Some investors hope that the merger doubles their profit.",
        "The merger doubles their profit.",
    ),
    ("No trial has shown that the tea lowers blood pressure.", "The tea lowers blood pressure."),
    (
        "The pump never fails, the firm told investors, but auditors found no proof of it.",
        "The pump never fails.",
    ),
    ("Does it follow that prices will fall next year?", "Prices will fall next year."),
    (
        "According to critics, the law has failed in every state.",
        "The law has failed in every state.",
    ),
    ("If the seed is sown in March, beans ripen before July.", "Beans ripen before July."),
    ("Beans ripen before July, unless the spring is cold.", "Beans ripen before July."),
]

UNDONE = [
    ("The firm hopes to open ten shops by 2030.", "The firm opened ten shops by 2030."),
    ("The bakery stopped selling rye bread.", "The bakery sells rye bread."),
    ("The author denies copying the plot.", "The author copied the plot."),
    ("The ferry sails on weekdays only in summer.", "The ferry sails on weekdays."),
    ("Whether the tower leans is disputed.", "The tower leans."),
    ("Sales rose by up to 5 % in Peru.", "Sales rose by at least 5 % in Peru."),
    ("Nearly half of the patients recovered.", "More than half of the patients recovered."),
]

RESTRICTED = [
    (
        "AI can detect lesions with higher accuracy than radiologists in certain scenarios.",
        "AI can detect lesions with higher accuracy than radiologists.",
    ),
    (
        "Rare diseases, affecting less than 200,000 people, have few treatments.",
        "Diseases, affecting less than 200,000 people, have few treatments.",
    ),
    ("In most but not all states, the tax is due in April.", "The tax is due in April."),
    ("The engine, according to its maker, runs for ten years.", "The engine runs for ten years."),
]

SIGNS = [
    ("The fee is $6,250 a year.", "The fee is €6,250 a year."),
    ("Store the samples at -20 °C.", "Store the samples at 20 °C."),
    ("The pressure stays < 30 bar.", "The pressure stays > 30 bar."),
    ("Scores of ≥ 7 points pass.", "Scores of ≤ 7 points pass."),
    ("About 12 % of users left.", "About 12 ‰ of users left."),
    ("A dose of 10^6 cells was given.", "A dose of 10-6 cells was given."),
]

TURNED = [
    (
        "Amgen’s collaboration with Nvidia shortens trials.",
        "Nvidia’s collaboration with Amgen shortens trials.",
    ),
    (
        "AI will augment the work of human researchers.",
        "Human researchers will augment the work of AI.",
    ),
    (
        "Bias in training data can lead to inaccurate outcomes.",
        "Inaccurate outcomes can lead to bias in training data.",
    ),
    (
        "The patients left because the clinic closed.",
        "The clinic closed because the patients left.",
    ),
    (
        "The bridge was shut after the flood had damaged the road.",
        "After the bridge was shut, the flood had damaged the road.",
    ),
    ("Norway exports more salmon than Chile.", "Chile exports more salmon than Norway."),
    ("The teacher praised the pupil in the hall.", "The pupil praised the teacher in the hall."),
    (
        "If demand rises, the firm will hire engineers.",
        "If the firm will hire engineers, demand rises.",
    ),
]

ADDED = [
    (
        "Hospitals store the records of patients.",
        "Hospitals store the records of patients, which the law now requires.",
    ),
    (
        "The river froze in January. The ferry stopped.",
        "The river froze in January because the ferry stopped.",
    ),
    ("The museum is open on Mondays.", "The museum will one day be open on Mondays."),
    ("The museum is open on Mondays.", "The museum was formerly open on Mondays."),
    ("The method can remove the stain.", "The method can instantly remove the stain."),
    ("The permit is needed before the work begins.", "The permit is needed after the work begins."),
    ("Visitors may come in the morning.", "Visitors may come in the evening."),
    (
        "The process of finding drugs has been notoriously lengthy and expensive.",
        "Finding drugs is a quick and cheap process.",
    ),
    ("The bridge opens to cars at noon.", "It is false that the bridge opens to cars at noon."),
]


@pytest.mark.parametrize(("article", "said"), GOVERNED + UNDONE + SIGNS + TURNED + ADDED)
def test_what_an_article_does_not_say_is_not_given_as_its_own(article: str, said: str) -> None:
    sentences = article.replace(". The ferry", ".|The ferry").split("|")
    assert judged(said, *sentences).support not in HELD


@pytest.mark.parametrize(("article", "said"), GOVERNED + RESTRICTED)
def test_what_lost_its_governor_or_condition_is_never_in_the_article(
    article: str, said: str
) -> None:
    assert judged(said, article).support is not Support.VERBATIM


ABOUT = "Robust Data. TechBrew Daily. 2025-08-31"
GOVERNANCE = "Robust data governance is necessary."
HONEST = [
    (["The mayor said on Monday that the bridge is safe."], "The mayor said the bridge is safe."),
    (["Solar power is cheaper than coal."], "Solar power is less expensive than coal."),
    (["Rain delayed the launch."], "The launch was delayed by rain."),
    (["Copper conducts heat better than iron."], "Copper is better than iron at conducting heat."),
    (["Nearly half of the patients recovered."], "Almost half the patients recovered."),
    (
        ["The patients left because the clinic closed."],
        "Because the clinic closed, the patients left.",
    ),
    (
        ["AI can augment the work of researchers."],
        "The work of researchers can be augmented by AI.",
    ),
    (
        ["Data privacy is the biggest challenge in medicine."],
        "The biggest challenge in medicine is data privacy.",
    ),
    (["Amgen cut its costs in Ohio in 2020."], "In 2020, Amgen cut its costs in Ohio."),
    (["It is legal in Spain, the UK and France."], "It is legal in France, the UK and Spain."),
    (["Salt helps trees and copper hurts birds."], "Copper hurts birds and salt helps trees."),
    (["The study shows that the drug lowers fever."], "The drug lowers fever."),
    (["It is clear that the coast is eroding fast."], "The coast is eroding fast."),
    (["However, the coast is eroding fast."], "The coast is eroding fast."),
    (["The tool (released in 2019) finds leaks in pipes."], "The tool finds leaks in pipes."),
    (
        ["Generative AI excels at this.", "It can process multimodal data."],
        "Generative AI can process multimodal data.",
    ),
    (
        ["The team won a prize for its model.", "It came with a grant of $340K."],
        "The team won a prize for its model and a grant of $340K.",
    ),
    (["Heat damages 12 % of the cells."], "Heat damages 12 percent of the cells."),
]


@pytest.mark.parametrize(("article", "said"), HONEST)
def test_honest_sentences_pass(article: list[str], said: str) -> None:
    assert judged(said, *article).support in HELD


@pytest.mark.parametrize(
    "said",
    [
        "According to TechBrew Daily, robust data governance is necessary.",
        "TechBrew Daily writes that robust data governance is necessary.",
        "The article says that robust data governance is necessary.",
        "Robust data governance is necessary, according to the author.",
        "As the article “Robust Data” puts it, robust data governance is necessary.",
    ],
)
def test_who_says_it_is_held_against_author_and_title(said: str) -> None:
    assert judged(said, GOVERNANCE, about=ABOUT).support in HELD


@pytest.mark.parametrize("who", ["Ann Lee", "The Paris Post", "Reuters"])
def test_somebody_else_is_not_let_say_it(who: str) -> None:
    said = f"According to {who}, robust data governance is necessary."
    assert judged(said, GOVERNANCE, about=ABOUT).support is Support.ALTERED


def test_what_was_left_out_is_named_with_the_article_s_own_words() -> None:
    verdict = judged("The drug cures cancer.", "It is a myth that the drug cures cancer.")
    assert [(each.kind, each.instead) for each in verdict.changes] == [
        ("report", "It is a myth that")
    ]


def test_a_question_with_marks_inside_is_still_read_to_its_end() -> None:
    assert judged("Is it safe?", "Is it safe?").support is Support.VERBATIM
