"""Values of events as SQL: what Elasticsearch takes for a value of a type is what a column holds."""

from __future__ import annotations

import ipaddress

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.date_math import epoch_ms
from kibana_builder.json_tree import Json
from kibana_builder.preview.value_sql import address_key, address_text, inside, network_ends, value_sql

DATABASE = duckdb.connect()
DATABASE.execute("SET TimeZone = 'UTC'")


def computed(expression: str, value: Json) -> Json:
    """Give what an expression over `v` makes of a value."""
    row = DATABASE.execute(f"SELECT {expression} FROM (SELECT ? AS v)", [value]).fetchone()
    assert row is not None
    found: Json = row[0]
    return found


def held(value: Json, kind: str, type_: str = "") -> Json:
    """Give what a column of a kind holds of a value."""
    return computed(value_sql("v", kind, type_, text=isinstance(value, str)), value)


@pytest.mark.parametrize(
    ("value", "kind", "wanted"),
    [
        ("9223372036854775807", "integer", 9_223_372_036_854_775_807),
        ("9007199254740993", "integer", 9_007_199_254_740_993),
        ("-2.7", "integer", -2),
        (2.7, "integer", 2),
        ("1e3", "integer", 1000),
        ("many", "integer", None),
        ("1e3", "number", 1000.0),
        ("NaN", "number", None),
        ("1e400", "number", None),
        ("", "boolean", False),
        ("true", "boolean", True),
        ("perhaps", "boolean", None),
        ("::ffff:10.0.0.9", "ip", address_key("10.0.0.9")),
        ("2001:DB8:0:0::2", "ip", address_key("2001:db8::2")),
        ("1:2:3:4:5:6:1.2.3.4", "ip", address_key("1:2:3:4:5:6:102:304")),
        ("256.0.0.1", "ip", None),
        ("1::2::3", "ip", None),
        ("1:2:3:4:5:6:7:8::", "ip", None),
        ("here", "ip", None),
    ],
)
def test_a_value_and_what_is_held(value: Json, kind: str, wanted: Json) -> None:
    """Numbers keep their digits and lose their fraction, an empty text is false, what does not fit is left out."""
    assert held(value, kind) == wanted


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026", "2026-01-01T00:00:00Z"),
        (2026, "2026-01-01T00:00:00Z"),
        ("2026-11", "2026-11-01T00:00:00Z"),
        ("2026-11-22", "2026-11-22T00:00:00Z"),
        ("2026-11-22T05", "2026-11-22T05:00:00Z"),
        ("2026-11-22T05+02:00", "2026-11-22T03:00:00Z"),
        ("2026-11-22T05:06:07.123456789Z", "2026-11-22T05:06:07.123Z"),
        ("1965-03-04T05:06:07.008Z", "1965-03-04T05:06:07.008Z"),
        ("1795362180000", "2026-11-22T15:43:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_dates(value: Json, moment: str) -> None:
    """A date may end anywhere from the year on, be epoch milliseconds, or lie before 1970."""
    assert held(value, "date") == epoch_ms(moment, 0)


@given(st.ip_addresses(), st.booleans())
def test_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address, exploded: bool) -> None:
    """SQL and Python make the same of an address, however it is written; its text is the short one."""
    text = address.exploded.upper() if exploded else str(address)
    key = address_key(text)
    assert held(text, "ip") == key
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    assert address_text(key) == str(mapped or address)


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_addresses_rank_as_numbers(one: ipaddress.IPv4Address, other: ipaddress.IPv4Address) -> None:
    """Not as texts, where 10.0.0.10 would stand before 10.0.0.9."""
    assert (address_key(str(one)) < address_key(str(other))) == (one < other)


def test_networks() -> None:
    """A network reaches from its first to its last address, wherever in it the one lies that names it."""
    assert network_ends("10.1.2.3/8") == (address_key("10.0.0.0"), address_key("10.255.255.255"))


def test_what_stands_inside_an_object() -> None:
    """Lists on the way are gone through; what is not there gives nothing."""
    said = '{"a": [{"b": 1}, {"b": [2, 3]}, {"c": 4}, {"b/c": 5}]}'
    for names, wanted in ((("a", "b"), ["1", "2", "3"]), (("a", "b/c"), ["5"]), (("nothing", "b"), [])):
        assert computed(inside("v::JSON", names), said) == wanted
