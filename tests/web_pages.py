"""A page and a PDF that several tests read."""

PAGE = """<!DOCTYPE html><html><head><title>Rare disease drug discovery - A Blog</title>
<meta name="author" content="Ada Lovelace">
<meta property="article:published_time" content="2024-05-12"></head>
<body><nav><a href="/">Home</a> <a href="/about">About</a></nav><article>
<h1>Rare disease drug discovery</h1>
<p>Data scarcity is cited as a <b>challenge</b> for AI drug discovery &amp; for its trials.</p>
<h2>Costs</h2><p>Trials cost 10&nbsp;million dollars in 2024. The café pays nothing at all.</p>
<script>steal()</script></article><footer>All rights reserved</footer></body></html>"""


def pdf(*pages: list[str], title: str = "") -> bytes:
    """Write a PDF with one line of text below the other."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    objects.append(b"<< /Title (%s) >>" % title.encode())
    kids: list[int] = []
    for lines in pages:
        shown = b" ".join(b"(%s) Tj T*" % line.encode() for line in lines)
        drawn = b"BT /F1 12 Tf 72 720 Td 14 TL %s ET" % shown
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(b"%d 0 R" % kid for kid in kids), len(kids)
    )  # fmt: skip
    written, places = b"%PDF-1.4\n", list[int]()
    for number, each in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(written))
    )


COSTS = pdf(
    ["Costs of trials", "Trials cost ten million dol-", "lars in 2024."],
    [],
    ["Data scarcity is cited", "as a challenge for drug discovery."],
    title="On costs",
)
