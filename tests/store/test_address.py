"""A store's URL."""

import pytest

from routeringsvoorziening.store.address import Credentials, StoreAddress, StoreAddressInvalid, parse_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("memory://", StoreAddress("memory")),
        ("redis://cache", StoreAddress("redis", (("cache", 6379),))),
        ("redis://cache:7000/3", StoreAddress("redis", (("cache", 7000),), database=3)),
        ("redis://[::1]:7000", StoreAddress("redis", (("::1", 7000),))),
        ("redis://:p%40ss@cache", StoreAddress("redis", (("cache", 6379),), login=Credentials(None, "p@ss"))),
        ("redis://rv:geheim@cache/0", StoreAddress("redis", (("cache", 6379),), login=Credentials("rv", "geheim"))),
        (
            "rediss://cache?ca=/etc/rv/ca.pem&certificate=/a.crt&key=/a.key",
            StoreAddress(
                "redis",
                (("cache", 6379),),
                tls=True,
                files=(("ca", "/etc/rv/ca.pem"), ("certificate", "/a.crt"), ("key", "/a.key")),
            ),
        ),
        (
            "redis+sentinel://one:26379,two:26380,three/house",
            StoreAddress("sentinel", (("one", 26379), ("two", 26380), ("three", 26379)), "house"),
        ),
        (
            "rediss+sentinel://u:p@one/house/2?sentinel_user=s&sentinel_password=t%26",
            StoreAddress(
                "sentinel",
                (("one", 26379),),
                "house",
                2,
                Credentials("u", "p"),
                Credentials("s", "t&"),
                tls=True,
            ),
        ),
    ],
)
def test_a_url_says_where_a_store_is(url: str, address: StoreAddress) -> None:
    """Scheme, hosts, service, database, logins and files."""
    assert parse_address(url) == address


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "begins with"),
        ("cache:6379", "begins with"),
        ("http://cache", "begins with"),
        ("REDIS://cache", "begins with"),
        ("memory://cache", "no parts"),
        ("redis://", "host is missing"),
        ("redis://:6379", "host is missing"),
        ("redis://cache:port", "not well formed"),
        ("redis://cache:70000", "not well formed"),
        ("redis://one,two", r"for redis\+sentinel"),
        ("redis://cache/one", "database is a number"),
        ("redis://cache/²", "database is a number"),
        ("redis://cache?ca=/ca.pem", "parameters: ca"),
        ("rediss://cache?ssl_cert_reqs=none", "parameters: ssl_cert_reqs"),
        ("rediss://cache?ca=/a&ca=/b", "repeated"),
        ("redis+sentinel://one:26379", "name of the service"),
        ("redis+sentinel://one,,two/house", "host is missing"),
        ("redis+sentinel://one/house?sentinel_pasword=x", "sentinel_pasword"),
    ],
)
def test_a_wrong_url_says_what_is_wrong(url: str, complaint: str) -> None:
    """Every mistake has its own words."""
    with pytest.raises(StoreAddressInvalid, match=complaint):
        parse_address(url)


@pytest.mark.parametrize("url", ["redis://rv:geheim@cache:port", "redis://rv:geheim@", "ftp://rv:geheim@cache"])
def test_a_wrong_url_is_not_repeated(url: str) -> None:
    """A URL may hold a password: no error shows it."""
    with pytest.raises(StoreAddressInvalid) as caught:
        parse_address(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_address_does_not_show_its_passwords() -> None:
    """Nor does any representation."""
    assert "geheim" not in repr(parse_address("redis://rv:geheim@cache"))
