"""Posts that no browser makes, each with the name of what is wrong with it: the Content-Type, and the body."""

from typing import Final

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
PART: Final = b'--q\r\nContent-Disposition: form-data; name="choice"\r\n\r\ndigid\r\n--q--\r\n'
CODECS: Final = ("bogus", "hex", "zlib", "undefined", "idna", "punycode", "utf-16", "latin-1", "../..", "")

HOSTILE: Final[dict[str, tuple[str, bytes]]] = {
    "nothing": ("", b"choice=digid"),
    "another type": ("text/plain", b"choice=digid"),
    "no type at all": (";;;===", b"choice=digid"),
    "multipart": (f"{MULTIPART}; boundary=q", PART),
    "multipart without boundary": (MULTIPART, PART),
    "multipart with a codec": (
        f"{MULTIPART}; boundary=q",
        PART.replace(b"\r\n\r\n", b"\r\nContent-Type: a/b; charset=hex\r\n\r\n"),
    ),
    "multipart in multipart": (
        f"{MULTIPART}; boundary=q",
        b"--q\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z--\r\n--q--\r\n",
    ),
    "multipart cut off": (f"{MULTIPART}; boundary=q", PART[:40]),
    "two charsets": (f"{FORM}; charset=utf-8; charset=utf-8", b"choice=digid"),
    "charset in pieces": (f"{FORM};" + ";".join(f"charset*{n}*=utf-8''a" for n in range(300)), b"choice=digid"),
    "charset in a codec": (f"{FORM}; charset*=punycode''%ff%ff", b"choice=digid"),
    "nested comments": (f"{FORM}; " + "(" * 7000, b"choice=digid"),
    "many parameters of the type": (f"{FORM};" + "x=y;" * 1900, b"choice=digid"),
    "bytes": (FORM, b"choice=\xff\xfe"),
    "bytes in percents": (FORM, b"choice=%ff%fe"),
    "half a pair": (FORM, b"choice=%ED%A0%80"),
    "many fields": (FORM, b"&".join(b"a%d=1" % number for number in range(40))),
    "many empty fields": (FORM, b"&" * 3000),
    "twice": (FORM, b"choice=digid&choice=digid"),
    "without the field": (FORM, b"a=b"),
} | {f"charset {codec!r}": (f"{FORM}; charset={codec}", b"choice=digid") for codec in CODECS}
