"""The parser: the order of the steps, and each step's refusals beside what it lets through."""

import base64
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from routeringsvoorziening.saml import parsing
from routeringsvoorziening.saml.errors import SamlError
from routeringsvoorziening.saml.limits import MESSAGE, METADATA, Limits
from routeringsvoorziening.saml.parsing import _OF_THREAD, canonical, decode_base64, parse, read_tree, text
from tests.support.signed import refused

SMALL = Limits(
    message_bytes=300, nodes=4, depth=3, attributes=2, namespaces=3, namespaces_in_scope=2, namespace_length=10
)


def test_parses_a_plain_document() -> None:
    """The positive twin of everything below."""
    assert parse(b'<r ID="_a"><c>text</c></r>')[0].text == "text"


class TestBase64:
    """What comes from a form field or a query parameter."""

    def test_decodes(self) -> None:
        """Ordinary base64."""
        assert decode_base64(base64.b64encode(b"<r/>").decode()) == b"<r/>"

    def test_skips_the_whitespace_of_mime_encoders(self) -> None:
        """Lines folded at 76 characters, and blanks around."""
        assert decode_base64(" " + base64.encodebytes(b"x" * 200).decode().replace("\n", "\r\n")) == b"x" * 200

    @pytest.mark.attack("S50")
    @pytest.mark.parametrize(
        "value",
        [
            "",
            " \n",
            "PHIvPg",
            "PHIvPg=",
            "PHIvPg===",
            "PHIvPg==PHIvPg==",
            "PHIv Pg==!",
            "P-_v",
            "PHIv\x00",
            "PHIv\u0661",
            "PHIv\x0b",
            "<r/>",
            "====",
            "%2B",
        ],
    )
    def test_refuses_all_else(self, value: str) -> None:
        """Junk, the URL-safe alphabet, missing or surplus padding, two texts in one, other whitespace."""
        with refused("msg.encoding"):
            decode_base64(value)

    @pytest.mark.attack("S49", "S50")
    def test_measures_before_it_decodes(self) -> None:
        """A text that is too long is refused for its length, though it is not base64."""
        started = time.thread_time()
        with refused("msg.size"):
            decode_base64("!" * 10_000_000)
        assert time.thread_time() - started < 0.05

    @pytest.mark.attack("S49")
    def test_measures_what_it_decoded(self) -> None:
        """The bound is on the XML, not on the base64."""
        assert len(decode_base64(base64.b64encode(b"x" * 300).decode(), SMALL)) == 300
        with refused("msg.size"):
            decode_base64(base64.b64encode(b"x" * 301).decode(), SMALL)


class TestSize:
    """Before anything looks at the bytes."""

    @pytest.mark.attack("S49")
    def test_at_and_above_the_bound(self) -> None:
        """Exactly so many bytes, and one more."""
        document = b"<r>" + b"x" * 293 + b"</r>"
        assert parse(document, SMALL).tag == "r"
        with refused("msg.size"):
            parse(document.replace(b"<r>x", b"<r>xx"), SMALL)

    def test_comes_first(self) -> None:
        """Too large wins from not XML."""
        with refused("msg.size"):
            parse(b"\xff" * 200_000)


class TestEncoding:
    """UTF-8 and XML 1.0, whatever a document says of itself."""

    @pytest.mark.parametrize(
        "prologue",
        [
            b"",
            b'<?xml version="1.0"?>',
            b'<?xml version="1.0" encoding="UTF-8"?>',
            b"<?xml version='1.0' encoding='utf-8' ?>\r\n",
            b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n',
            b'<?xml\tversion = "1.0"\nencoding = "Utf-8"\nstandalone = "yes" ?>',
            b"\xef\xbb\xbf",
            b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>',
        ],
    )
    def test_accepts_utf8(self, prologue: bytes) -> None:
        """Declared or not, with or without the byte order mark that .NET writes."""
        assert parse(prologue + "<r>\u20ac</r>".encode()).text == "\u20ac"

    @pytest.mark.attack("S42")
    @pytest.mark.parametrize(
        "codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037", "latin-1"]
    )
    @pytest.mark.parametrize(
        "declared", ["", '<?xml version="1.0" encoding="{}"?>', '<?xml version="1.0" encoding="UTF-8"?>']
    )
    def test_refuses_other_bytes(self, codec: str, declared: str) -> None:
        """UTF-16, UTF-32, EBCDIC, Latin-1, whether they say so, say UTF-8, or say nothing."""
        data = (declared.format(codec) + "<r>\u00e9</r>").encode(codec)
        with refused("xml.encoding"):
            parse(data)

    @pytest.mark.attack("S42")
    @pytest.mark.parametrize(
        "declaration",
        [
            b'<?xml version="1.1" encoding="UTF-8"?>',
            b'<?xml version="1.1"?>',
            b'<?xml version="1.0" encoding="ISO-8859-1"?>',
            b'<?xml version="1.0" encoding="US-ASCII"?>',
            b'<?xml version="1.0" encoding="UTF-16"?>',
            b'<?xml version="1.0" encoding="utf-7"?>',
            b'<?xml version="1.0" encoding="UTF-8" encoding="UTF-16"?>',
            b'<?xml version="1.0" encoding=""?>',
            b'<?xml encoding="UTF-8"?>',
            b"<?xml ?>",
            b"<?xml",
            b'<?xml-stylesheet href="/dev/zero"?>',
        ],
    )
    def test_refuses_another_declaration(self, declaration: bytes) -> None:
        """XML 1.1, another encoding, or a declaration that two parsers could read differently."""
        with refused("xml.encoding"):
            parse(declaration + b"<r/>")

    @pytest.mark.attack("S42")
    @pytest.mark.parametrize("bad", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xe2\x82", b"\0"])
    def test_refuses_ill_formed_utf8(self, bad: bytes) -> None:
        """Overlong forms, surrogates, code points beyond Unicode, truncation, NUL."""
        with refused("xml.encoding"):
            parse(b"<r>" + bad + b"</r>")


class TestMarkup:
    """Nothing but elements and text."""

    @pytest.mark.attack("S38", "S41", "S46", "S47")
    @pytest.mark.parametrize(
        "document",
        [
            b"<!DOCTYPE r><r/>",
            b"<!DOCTYPE r []><r/>",
            b'<!DOCTYPE r SYSTEM "file:///dev/zero"><r/>',
            b'<!DOCTYPE r PUBLIC "a" "http://127.0.0.1:1/x"><r/>',
            b'<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>',
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///dev/zero">]><r>&x;</r>',
            b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]><r/>',
            b'<!DOCTYPE r [<!ATTLIST r xmlns:evil CDATA #FIXED "u" i ID #IMPLIED>]><r i="a"/>',
            b'<!DOCTYPE r [<!ENTITY i "_evil">]><r ID="&i;"/>',
            b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]><r>&c;</r>',
            b'<!-- "> --><!DOCTYPE r [<!-- \' --><!ENTITY x "]>">]><r/>',
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE r><r/>',
        ],
    )
    @pytest.mark.parametrize("limits", [MESSAGE, METADATA])
    def test_refuses_a_doctype(self, document: bytes, limits: Limits) -> None:
        """With or without entities, external subsets and attribute defaults; also in metadata."""
        with refused("xml.doctype"):
            parse(document, limits)

    @pytest.mark.attack("S41")
    def test_refuses_entities_that_nobody_declared(self) -> None:
        """An entity reference without a DOCTYPE; the five of XML itself are fine."""
        assert parse(b"<r>&lt;&gt;&amp;&quot;&apos;&#65;</r>").text == "<>&\"'A"
        with refused("xml.malformed"):
            parse(b"<r>&nbsp;</r>")

    @pytest.mark.attack("S36", "S37", "S42")
    @pytest.mark.parametrize(
        "document",
        [
            b"<r>12<!-- -->34</r>",
            b"<r><!-- --></r>",
            b"<!-- --><r/>",
            b"<r/><!-- -->",
            b"<r>12<?x y?>34</r>",
            b"<?x y?><r/>",
            b"<r/><?x y?>",
            b"<r>12<![CDATA[34]]></r>",
            b"<r><![CDATA[<!-- ]]></r>",
            b'<r/><?xml version="1.0"?>',
        ],
    )
    def test_refuses_comments_instructions_and_cdata(self, document: bytes) -> None:
        """Anywhere, before and after the root included."""
        with refused("node.forbidden"):
            parse(document)

    def test_lets_exclamation_and_question_marks_through(self) -> None:
        """They are text, in values and in URLs."""
        assert parse(b'<r a="http://h/?q=!">!? &lt;!DOCTYPE &lt;?x ?></r>').text == "!? <!DOCTYPE <?x ?>"

    @pytest.mark.parametrize(
        "document",
        [
            b"<!-- licence --><r/>",
            b"<r>\n  <!-- a --><c>v</c><!-- b -->\n</r><!-- end -->",
            b"<r><!-- <?x ?> <![CDATA[ --><c/></r>",
            b"<r><c><!-- nothing here --></c></r>",
        ],
    )
    def test_metadata_may_have_comments_between_elements(self, document: bytes) -> None:
        """Peers ship them, and a signature does not cover them; a message may not."""
        assert parse(document, METADATA).tag == "r"
        with refused("node.forbidden"):
            parse(document, MESSAGE)

    @pytest.mark.attack("S36", "S37")
    @pytest.mark.parametrize(
        "document",
        [
            b"<r>12<!-- -->34</r>",
            b"<r>12<!-- --></r>",
            b"<r><!-- -->12</r>",
            b"<r><c/><!-- --><c/>text</r>",
            b"<r><!-- --><?x y?></r>",
            b"<r><![CDATA[ <!-- ]]></r><!-- -->",
            b"<r><![CDATA[ <!-- ]]>12<![CDATA[ --> ]]></r>",
            b"<?x <!-- ?><r/><!-- -->",
        ],
    )
    def test_no_comment_in_a_value_of_metadata(self, document: bytes) -> None:
        """Beside text of any kind; and no comment hides an instruction or a CDATA section."""
        with refused("node.forbidden"):
            parse(document, METADATA)

    def test_many_comments_take_no_time(self) -> None:
        """Neither openers that never close, nor siblings, make it quadratic."""
        limits = replace(METADATA, nodes=10_000_000)
        started = time.thread_time()
        with refused("xml.malformed", "node.forbidden"):
            parse(b"<r>" + b"<!--" * 1_000_000 + b"</r>", limits)
        parse(b"<r>" + b"<!--x-->" * 100_000 + b"</r>", limits)
        assert time.thread_time() - started < 3

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b" ",
            b"text",
            b"<r>",
            b"<r/><r/>",
            b"<r></s>",
            b"<r a=1/>",
            b"<r a='1' a='2'/>",
            b"<x:r/>",
            b"<r>\x01</r>",
            b"<r>&#0;</r>",
            b" <?xml version='1.0'?><r/>",
        ],
    )
    def test_refuses_what_is_not_well_formed(self, document: bytes) -> None:
        """Also documents of more than one root."""
        with refused("xml.malformed", "node.forbidden"):
            parse(document)

    def test_says_nothing_of_the_message(self) -> None:
        """The detail of a malformed message is a line number."""
        with refused("xml.malformed") as info:
            parse(b"<r>\n<secret900000000></r>")
        assert info.value.detail == "line 2"


class TestLimits:
    """Each bound, exactly at it and one beyond."""

    @pytest.mark.attack("S48")
    @pytest.mark.parametrize(
        ("good", "bad"),
        [
            (b"<r><a/><a/><a/></r>", b"<r><a/><a/><a/><a/></r>"),
            (b"<r><a><b/></a></r>", b"<r><a><b><c/></b></a></r>"),
            (b'<r a="1" b="2"/>', b'<r a="1" b="2" c="3"/>'),
            (b'<r xmlns="u" xmlns:b="v"/>', b'<r xmlns="u" xmlns:b="v" xmlns:c="w"/>'),
            (
                b'<r><a xmlns="u"/><a xmlns="u"/><a xmlns="u"/></r>',
                b'<r xmlns="u"><a xmlns="v"/><a/><a xmlns="v" xmlns:b="u"/></r>',
            ),
            (b'<r xmlns="u"><a xmlns="v"/><a xmlns="v"/></r>', b'<r xmlns="u"><a xmlns="v"><b xmlns="u"/></a></r>'),
            (b'<r xmlns="urn:567890"/>', b'<r xmlns="urn:5678901"/>'),
        ],
        ids=[
            "nodes",
            "depth",
            "attributes",
            "namespaces",
            "namespaces of all elements",
            "namespaces in scope",
            "namespace length",
        ],
    )
    def test_bounds(self, good: bytes, bad: bytes) -> None:
        """Nodes, depth, attributes of one element, namespace declarations and their length."""
        assert parse(good, SMALL).tag.endswith("r")
        with refused("xml.limit"):
            parse(bad, SMALL)

    @pytest.mark.attack("S35", "S43")
    @pytest.mark.parametrize("character", ["&amp;", "&lt;", ">", "'", "&quot;", " ", "&#9;", "&#10;", "&#13;"])
    @pytest.mark.parametrize("declared", ["xmlns", "xmlns:a"])
    def test_a_namespace_needs_no_escaping(self, declared: str, character: str) -> None:
        """It would be written unescaped in canonical form, and be read again as another."""
        document = '<r><c {}="urn:x{}y"/></r>'
        assert parse(document.format(declared, "?a=%26;b#c").encode()).tag == "r"
        with refused("xml.limit", "xml.malformed"):  # libxml2 knows some of them to be of no URI
            parse(document.format(declared, character).encode())

    @pytest.mark.attack("S35", "S43")
    def test_no_namespace_becomes_another_when_its_canonical_form_is_read(self) -> None:
        """This one is not that of SAML, and would be in the evidence."""
        assert canonical(read_tree(b'<r xmlns="urn:a&amp;#58;b"/>')) == b'<r xmlns="urn:a&#58;b"></r>'
        with refused("xml.limit"):
            parse(b'<r xmlns="urn:oasis&amp;#58;names:tc:SAML:2.0:assertion"/>')

    def test_comments_count_as_nodes(self) -> None:
        """They cost as much."""
        limits = replace(SMALL, comments=True)
        assert parse(b"<r><!----><!----><!----></r>", limits).tag == "r"
        with refused("xml.limit"):
            parse(b"<r><!----><!----><!----><!----></r>", limits)

    @pytest.mark.attack("S48")
    def test_libxml2_stops_where_ours_would(self) -> None:
        """No huge_tree: a depth of 300 is not even built."""
        with refused("xml.malformed"):
            parse(b"<a>" * 300 + b"</a>" * 300)

    @pytest.mark.attack("S48")
    @pytest.mark.parametrize(
        "document",
        [
            b"<r " + b" ".join(b'a%d="u"' % i for i in range(9000)) + b"/>",
            b"<r " + b" ".join(b'xmlns:a%d="u:%d"' % (i, i) for i in range(6000)) + b"/>",
            b'<r xmlns:a="u' + b"x" * 60_000 + b'">' + b"<a:x/>" * 1900 + b"</r>",
            b"<r>" + b"<x/>" * 30_000 + b"</r>",
        ],
        ids=["attributes", "namespaces", "a long namespace", "nodes"],
    )
    def test_the_largest_message_is_refused_at_once(self, document: bytes) -> None:
        """Within the size, and costly for who canonicalises it; never for us."""
        assert len(document) <= MESSAGE.message_bytes
        started = time.thread_time()
        with refused("xml.limit"):
            parse(document)
        assert time.thread_time() - started < 0.2

    @pytest.mark.attack("S48")
    def test_the_worst_message_within_all_limits_stays_cheap(self) -> None:
        """As many declarations, nodes and attributes as are allowed together: still no second of work."""
        groups = []
        for group in range(17):
            declared = " ".join(f'xmlns:n{i}="urn:{"u" * 192}{i}"' for i in range(15))
            used = "".join(f'<n{i % 15}:x n{(i + 1) % 15}:a=""/>' for i in range(115))
            groups.append(f"<g{group} {declared}>{used}</g{group}>")
        document = f"<r>{''.join(groups)}</r>".encode()
        started = time.thread_time()
        assert len(canonical(parse(document))) < 40 * len(document)
        assert time.thread_time() - started < 1


class TestIdentifiers:
    """Unique over the whole document, whatever they are called."""

    @pytest.mark.attack("S40")
    @pytest.mark.parametrize("first", ["ID", "Id", "id", "iD", "xml:id", "x:ID", "x:Id"])
    @pytest.mark.parametrize("second", ["ID", "id", "xml:id", "x:iD"])
    def test_refuses_a_duplicate(self, first: str, second: str) -> None:
        """In any case and any namespace."""
        document = '<r xmlns:x="u" {}="_a"><c {}="{}"/></r>'
        assert parse(document.format(first, second, "_b").encode()).tag == "r"
        with refused("id.duplicate", "xml.malformed"):
            parse(document.format(first, second, "_a").encode())

    @pytest.mark.attack("S40")
    def test_refuses_a_duplicate_on_one_element(self) -> None:
        """Two attributes with one value confuse as well."""
        with refused("id.duplicate"):
            parse(b'<r xmlns:x="u" ID="_a" x:ID="_a"/>')

    def test_other_attributes_may_repeat(self) -> None:
        """entityID, InResponseTo and the like name something else."""
        assert (
            parse(b'<r entityID="a" InResponseTo="_a"><c entityID="a" InResponseTo="_a" grid="a" idx="a"/></r>').tag
            == "r"
        )

    @pytest.mark.attack("S40")
    @pytest.mark.parametrize("value", ["", "1", "a b", " _a", "a&#10;", "a:b", "#a", "a" * 257])
    def test_refuses_a_malformed_id(self, value: str) -> None:
        """NCName, at most 256 characters."""
        with refused("id.form", "xml.malformed"):
            parse(f'<r Id="{value}"/>'.encode())


class TestText:
    """Values are read whole."""

    def test_is_trimmed_of_xml_whitespace_only(self) -> None:
        """As the examples of the koppelvlak break their lines (AMB-22)."""
        assert text(parse("<r>\r\n\t a b\u00a0 </r>".encode())) == "a b\u00a0"
        assert text(parse(b"<r/>")) == ""

    @pytest.mark.attack("S36", "S37")
    @pytest.mark.parametrize("document", [b"<r>a<b/>c</r>", b"<r><b>a</b></r>", b"<r>a<!-- -->b</r>"])
    def test_refuses_children(self, document: bytes) -> None:
        """Elements, and comments where a tree has them after all."""
        with refused("node.forbidden"):
            text(etree.fromstring(document))


class TestCanonical:
    """Exclusive canonical XML, without comments."""

    @pytest.mark.attack("S35")
    def test_is_the_same_for_the_same_content(self) -> None:
        """Empty tags, attribute order, quotes, line ends and unused namespaces make no difference."""
        first = parse(b"<a:r xmlns:a='urn:a' xmlns:z='urn:z' y='2' x='1'>\r\n<b/></a:r>")
        assert canonical(first) == b'<a:r xmlns:a="urn:a" x="1" y="2">\n<b></b></a:r>'

    def test_leaves_out_the_surroundings(self) -> None:
        """Neither the tail nor the declarations of the parent, but for the prefixes that are asked for."""
        element = parse(b'<r xmlns:x="urn:x" xmlns:y="urn:y"><c>t</c> tail</r>')[0]
        assert canonical(element) == b"<c>t</c>"
        assert canonical(element, {"x"}) == b'<c xmlns:x="urn:x">t</c>'

    def test_leaves_out_comments(self) -> None:
        """As the signature profile prescribes."""
        assert canonical(parse(b"<r><!-- c --><b/></r>", METADATA)) == b"<r><b></b></r>"

    @pytest.mark.attack("S34")
    def test_never_returns_nothing(self) -> None:
        """What has no canonical form is refused, not taken as empty."""
        with refused("xml.malformed"):
            canonical(parse(b'<r xmlns:e="1"><e:c/></r>')[0])


class TestHardening:
    """The bare parser, when the steps before it would fail."""

    @pytest.mark.attack("S38", "S46")
    def test_the_tree_step_refuses_a_doctype_by_itself(self) -> None:
        """Defence in depth."""
        with refused("xml.doctype"):
            read_tree(b"<!DOCTYPE r []><r/>")

    @pytest.mark.attack("S36", "S37")
    @pytest.mark.parametrize("limits", [MESSAGE, METADATA])
    def test_the_walk_refuses_by_itself(self, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
        """Comments (in metadata: in a value) and instructions, were the step on the bytes to miss them."""
        monkeypatch.setattr(parsing, "_check_markup", lambda *_, **__: None)
        assert parse(b"<r>12</r>", limits).text == "12"
        for document in (b"<r>12<!-- -->34</r>", b"<r><?x y?></r>", b"<r>12<?x y?>34</r>"):
            with refused("node.forbidden"):
                parse(document, limits)

    @pytest.mark.attack("S46")
    def test_the_tree_step_opens_nothing(self) -> None:
        """An external entity on a FIFO would hang, were it opened."""
        with tempfile.TemporaryDirectory() as directory:
            fifo = Path(directory) / "fifo"
            import os

            os.mkfifo(fifo)
            with refused("xml.doctype", "xml.malformed"):
                read_tree(f'<!DOCTYPE r [<!ENTITY x SYSTEM "{fifo.as_uri()}">]><r>&x;</r>'.encode())
            with refused("xml.doctype", "xml.malformed"):
                read_tree(f'<!DOCTYPE r SYSTEM "{fifo.as_uri()}"><r/>'.encode())

    @pytest.mark.attack("S47")
    def test_the_tree_step_expands_nothing(self) -> None:
        """Billion laughs, without the step on the bytes."""
        entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
        started = time.thread_time()
        with refused("xml.doctype", "xml.malformed"):
            read_tree(f'<!DOCTYPE r [<!ENTITY e0 "lol">{entities}]><r>&e11;</r>'.encode())
        assert time.thread_time() - started < 0.5


@given(st.binary(max_size=200) | st.text(alphabet="<>!?-[]&;#x/= '\"abID:\u20ac", max_size=60).map(str.encode))
def test_any_bytes_give_a_tree_or_a_code(data: bytes) -> None:
    """Nothing else ever comes out, and what comes out has a canonical form that reads the same."""
    for limits in (MESSAGE, METADATA):
        try:
            root = parse(data, limits)
        except SamlError:
            continue
        try:
            once = canonical(root)
        except SamlError:
            continue  # a relative namespace URI
        assert canonical(parse(once)) == once


def test_a_thread_shares_no_question_with_another() -> None:
    """Each has a lock in lxml: whoever asks one about megabytes would keep everybody waiting."""

    def question() -> etree.XPath:
        return _OF_THREAD.xpath("count(//*)")

    with ThreadPoolExecutor(1) as other:
        assert question() is not other.submit(question).result()
    assert question() is question()
