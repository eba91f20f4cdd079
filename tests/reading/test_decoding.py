"""From bytes to text: nothing but strict UTF-8 is read without saying so."""

import codecs
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks import at_most
from ibid.errors import ArticleUnreadable
from ibid.reading.article import read_article
from ibid.reading.decoding import decode
from ibid.types.articles import ArticleId
from markdown_texts import texts

TEXTS = {
    "en": "# Costs\n\nTrials cost £10 million – “too much”, says one café’s owner.\n",
    "fr": "# Le prix du café\n\nLa protéine étudiée à l'hôpital coûte 10 €. Où sont les élèves ?\n",
    "de": "# Über Größe\n\nDie Prüfung der Arzneimittel für Kinder ist schwierig. Müde Bürger.\n",
    "pl": "# Zażółć gęślą jaźń\n\nLeki na rzadkie choroby są drogie, choć wiele firm się stara.\n",
    "ru": "# Лекарства\n\nРедкие болезни трудно изучать, потому что данных мало.\n",
    "el": "# Φάρμακα\n\nΟι σπάνιες ασθένειες είναι δύσκολο να μελετηθούν. Λίγα δεδομένα.\n",
    "tr": "# İlaç\n\nNadir hastalıklar için ilaç geliştirmek çok pahalıdır, güçlük çekiyor.\n",
    "ja": "# 希少疾患\n\n希少疾患の薬を開発するのは難しい。データが少ないからです。\n",
    "zh": "# 罕见病\n\n罕见病药物的开发很困难，因为数据很少。临床试验的费用也很高。\n",
    "zh-hant": "# 罕見病\n\n罕見病藥物的開發很困難，因為數據很少。臨床試驗的費用也很高。\n",
    "ko": "# 희귀 질환\n\n희귀 질환의 약을 개발하는 것은 어렵다. 데이터가 적기 때문이다.\n",
}
ENCODINGS = [
    ("en", "cp1252"), ("fr", "cp1252"), ("de", "latin-1"), ("pl", "cp1250"), ("pl", "iso8859-2"),
    ("ru", "cp1251"), ("ru", "koi8-r"), ("el", "cp1253"), ("tr", "cp1254"), ("ja", "shift_jis"),
    ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"), ("zh-hant", "big5"),
    ("ko", "euc_kr"), ("en", "utf-16-le"), ("en", "utf-16-be"),
]  # fmt: skip


@given(texts)
def test_utf_8_is_read_exactly_and_without_a_word(text: str):
    for mark in ("", "\ufeff"):
        decoded = decode((mark + text).encode())
        if decoded.encoding == "utf-8":  # an escape sequence of Japanese e-mail is not
            assert (decoded.text, decoded.warnings) == (mark + text, ())


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_an_encoding_that_is_guessed_is_named(language: str, encoding: str):
    raw = TEXTS[language].encode(encoding)
    decoded = decode(raw)
    assert decoded.text == TEXTS[language] == raw.decode(decoded.encoding)
    assert decoded.warnings == (f"read as {decoded.encoding}, a guess: the file is not UTF-8",)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", ["iso8859-15", "cp1256", "mac_roman", "cp850", "cp866"])
def test_a_wrong_guess_is_told_as_well(language: str, encoding: str):
    raw = TEXTS[language].encode(encoding, "ignore")
    try:
        decoded = decode(raw)
    except ArticleUnreadable:
        return
    assert raw.isascii() or decoded.warnings


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@pytest.mark.parametrize("language", TEXTS)
def test_a_byte_order_mark_names_the_encoding_and_stays(mark: bytes, encoding: str, language: str):
    article = read_article(ArticleId("a.md"), mark + TEXTS[language].encode(encoding))
    assert article.text == "\ufeff" + TEXTS[language]
    assert article.warnings[0] == f"read as {encoding}"
    assert article.sections[1].headings


@pytest.mark.parametrize("wrong", [b"\xff", b"\xc0\x80", b"\xe2\x82", b"\xed\xa0\x80"])
def test_damaged_utf_8_is_read_and_the_bytes_that_are_lost_are_counted(wrong: bytes):
    raw = b"caf\xc3\xa9 \xe2\x82\xac \xc3\xa0 la carte \xc3\xa9t\xc3\xa9 " + wrong + b" tail"
    decoded = decode(raw)
    assert decoded.text == raw.decode("utf-8", "replace")
    assert decoded.text.endswith("\ufffd tail")
    many = f"{len(wrong)} bytes were" if len(wrong) > 1 else "1 byte was"
    assert decoded.warnings == (f"damaged UTF-8: {many} replaced",)


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(b"text " * 99, mtime=0), b"%PDF-1.7\ntext", b"PK\x03\x04text", b"\x89PNG\r\n",
        b"a\0b", b"\0\1\2", b"\0", b"\xff\xfe\xfd", b"\xff\xfe" + bytes(range(256)),
        b"text\0" * 99, bytes(range(256)) * 9, b"\xff\xfe" + b"\xe0\xe1" * 50,
    ],
)  # fmt: skip
def test_binary_data_is_refused(raw: bytes):
    with pytest.raises(ArticleUnreadable, match="binary data"):
        decode(raw)


def test_bytes_in_no_encoding_are_refused_with_their_place():
    with pytest.raises(ArticleUnreadable, match="byte 0xff in line 2"):
        decode("10\xa0mg\n".encode() + b"\xff\xc0\x80tail")


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_as_told_or_refused(raw: bytes):
    try:
        decoded = decode(raw)
    except ArticleUnreadable:
        return
    assert decoded.text == raw.decode(decoded.encoding, "replace")
    assert decoded.warnings or decoded.text.encode() == raw


def test_a_large_file_in_another_encoding_is_decoded_in_time():
    raw = TEXTS["fr"].encode("cp1252") * 100_000
    with at_most(10):
        assert decode(raw).encoding == "cp1252"
