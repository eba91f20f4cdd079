"""Letters, mailboxes and feeds: each message by its subject, with who wrote it and when."""

import pytest

from ibid.errors import ArticleUnreadable
from ibid.reading.article import read_article
from ibid.reading.formats import mail
from ibid.reading.kinds import missing_extra
from ibid.types.articles import Article, ArticleId

needs_feeds = pytest.mark.skipif(bool(missing_extra(".rss")), reason=missing_extra(".rss"))

LETTER = """From: "Lovelace, Ada" <ada@example.org>
Subject: =?utf-8?q?Costs_of_trials_=E2=80=93_issue_1?=
Date: Sun, 12 May 2024 23:00:00 -0700
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain

View this in a browser.
--x
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<html><head><style>p {}</style></head><body>
<div style=3D"display: none">A teaser that nobody sees.</div>
<table><tr><td><h1>Rare drugs</h1><p>Ren=E9e pays <b>ten</b> million.</p></td></tr>
<tr><td><table><tr><td><p>It takes years.</p></td></tr></table></td></tr></table>
<table><tr><th>Phase</th><th>Cost</th></tr><tr><td>I</td><td>3</td></tr></table>
</body></html>
--x--
"""
PLAIN = """From: bob@example.org
Subject: Issue 2
Date: Mon, 13 May 2024 10:00:00 +0000
Content-Type: text/plain; format=flowed

Drugs are dear \nthis year.
>From now on they are cheap.

-- \nBob
"""
RSS = """<?xml version="1.0"?><rss version="2.0"
xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>A blog</title>
<item><title>Costs &amp;amp; trials</title><dc:creator>Ada Lovelace</dc:creator>
<pubDate>Sun, 12 May 2024 10:00:00 GMT</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>Trials cost ten million.</p><h1>Delays</h1><p>They take years.</p>]]>
</content:encoded></item>
<item><title>Second</title><description>&lt;p&gt;Drugs are dear.&lt;/p&gt;</description></item>
</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>A blog</title><entry><title>Costs</title><updated>2024-05-12T10:00:00Z</updated>
<author><name>Ada Lovelace</name></author>
<content type="html">&lt;p&gt;Trials cost ten million.&lt;/p&gt;</content></entry></feed>"""


def read(name: str, raw: str) -> Article:
    article = read_article(ArticleId(name), raw.encode())
    assert "".join(part.span.of(article.text) for part in article.sections) == article.text
    return article


def test_a_letter_is_read_as_its_reader_sees_it():
    article = read("a.eml", LETTER)
    assert (article.title, article.meta.author, article.meta.date) == (
        "Costs of trials – issue 1", "Lovelace, Ada", "2024-05-12"
    )  # fmt: skip
    assert [section.headings for section in article.sections] == [("Rare drugs",)]
    assert article.sections[0].prose.of(article.text) == (
        "Renée pays ten million.\n\nIt takes years.\n\n| Phase | Cost |\n| --- | --- |\n| I | 3 |"
    )


def test_a_mailbox_names_message_author_and_day_of_what_it_says():
    begin = "From {} Sun May 12 10:00:00 2024\n"
    box = begin.format("ada@example.org") + LETTER + "\n" + begin.format("bob") + PLAIN
    article = read("letters.mbox", box)
    assert (article.title, article.meta.authors, article.meta.date) == (
        "letters", ("Lovelace, Ada", "bob@example.org"), "2024-05-13"
    )  # fmt: skip
    name = "message 1, Lovelace, Ada, 2024-05-12"
    assert [section.headings for section in article.sections] == [
        ("Costs of trials – issue 1", name),
        ("Costs of trials – issue 1", "Rare drugs", name),
        ("Issue 2", "message 2, bob@example.org, 2024-05-13"),
    ]
    assert article.sections[-1].prose.of(article.text) == (
        "Drugs are dear this year.\nFrom now on they are cheap.\n\n\nBob"
    )


def test_messages_beyond_the_limit_are_left_out_and_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail, "MOST_MESSAGES", 1)
    begin = "From bob Sun May 12 10:00:00 2024\n"
    article = read("a.mbox", f"{begin}{PLAIN}\n{begin}{PLAIN}\n{begin}{PLAIN}")
    assert article.text.count("Issue 2") == 1
    assert article.warnings == ("too long: the last 2 messages are left out",)


@needs_feeds
def test_an_entry_of_a_feed_is_named_by_its_title_author_and_day():
    article = read("a.xml", RSS)
    assert (article.title, article.meta.author, article.meta.date) == (
        "A blog", "Ada Lovelace", "2024-05-12"
    )  # fmt: skip
    name = "entry 1, Ada Lovelace, 2024-05-12"
    assert {s.headings: s.prose.of(article.text) for s in article.sections} == {
        ("Costs & trials", name): "Trials cost ten million.",
        ("Costs & trials", "Delays", name): "They take years.",
        ("Second", "entry 2"): "Drugs are dear.",
    }


@needs_feeds
def test_a_feed_that_declares_no_encoding_is_decoded_as_any_text_is():
    text = RSS.replace("Drugs are dear.", "Лекарства дороги, и испытания длятся годами.")
    article = read_article(ArticleId("a.rss"), text.encode("cp1251"))
    assert "Лекарства дороги" in article.text
    assert article.warnings == ("read as cp1251, a guess: the file is not UTF-8",)


@needs_feeds
def test_an_atom_feed_is_read_as_an_rss_feed():
    article = read("a.atom", ATOM)
    assert article.sections[0].headings == ("Costs", "entry 1, Ada Lovelace, 2024-05-12")
    assert article.sections[0].prose.of(article.text) == "Trials cost ten million."


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("a.eml", "Hello there.", "it has no header"),
        ("a.eml", "Subject: x\n\n", "no text in it"),
        ("a.mbox", "Hello there.", "no message in it"),
        pytest.param("a.xml", "<urlset><url/></urlset>", "no feed", marks=needs_feeds),
        pytest.param("a.rss", "http://localhost:9/feed", "no feed", marks=needs_feeds),
    ],
)
def test_what_is_no_message_and_no_feed_is_refused_with_the_reason(
    name: str, raw: str, reason: str
):
    with pytest.raises(ArticleUnreadable, match=reason):
        read(name, raw)
