"""Documents as a page and as a PDF."""

from kit.pdf import as_pdf
from kit.printing import Document, Table, as_html

DOCUMENT = Document(
    language="zh",
    title="证书 <b>",
    subtitle="A & B",
    facts=[("名称", "<script>alert(1)</script>")],
    paragraphs=["第一段。", "Second & last."],
    footer="打印时间",
)


def test_nothing_in_a_page_is_taken_for_markup() -> None:
    page = as_html(DOCUMENT, stylesheet="/static/print/print.css")

    assert page.startswith('<!doctype html>\n<html lang="zh">')
    assert "<h1>证书 &lt;b&gt;</h1>" in page
    assert "<h2>A &amp; B</h2>" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert page.count("<p>") == 2


def test_what_is_empty_takes_no_room() -> None:
    page = as_html(Document(language="en", title="T"), stylesheet="/s.css")

    for tag in ("<h2", "<table", "<p>", "<footer"):
        assert tag not in page


def test_a_pdf_is_the_same_for_the_same_document() -> None:
    first, second = as_pdf(DOCUMENT), as_pdf(DOCUMENT)

    assert first == second
    assert first.startswith(b"%PDF-")
    assert as_pdf(Document(language="en", title="T")) != first


def test_markup_in_a_text_does_not_break_a_pdf() -> None:
    document = Document(language="en", title="<para>", paragraphs=["<font color=", "&nbsp", "]]>"])

    assert as_pdf(document).startswith(b"%PDF-")


def test_a_long_text_takes_several_pages() -> None:
    document = Document(language="zh", title="长", paragraphs=["很长的一段文字。" * 200] * 10)

    assert as_pdf(document).count(b"/Type /Page\n") > 1


def test_a_table_has_a_head_and_numbers_to_the_right() -> None:
    rows = Table(head=["Goods", "Amount"], rows=[["<b>", "1.00"], ["Disks", "2.00"]], numbers=1)
    document = Document(language="en", title="T", table=rows)

    page = as_html(document, stylesheet="/s.css")

    assert '<thead><tr><th>Goods</th><th class="number">Amount</th></tr></thead>' in page
    assert '<tr><td>&lt;b&gt;</td><td class="number">1.00</td></tr>' in page
    assert as_pdf(document) == as_pdf(document)
    assert as_pdf(document) != as_pdf(Document(language="en", title="T"))


def test_a_long_table_goes_on_over_the_page() -> None:
    rows = Table(head=["Goods", "Amount"], rows=[["Disks", "2.00"]] * 500, numbers=1)

    assert as_pdf(Document(language="en", title="T", table=rows)).count(b"/Type /Page\n") > 5
