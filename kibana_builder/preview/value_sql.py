"""Values as SQL: names and texts, JSON and what is in it, and what a column holds of a value.

The store writes columns with these, conditions read nested objects with them, so both make the same of a value. What
Elasticsearch takes for a value of a type is taken here (https://www.elastic.co/guide/en/elasticsearch/reference/8.12/
mapping-types.html): a date may end at the year, an empty text is false, whole numbers lose their fraction.

Addresses are held as 32 hexadecimal digits, those of version 4 as `::ffff:a.b.c.d`: so they rank and compare as in
Elasticsearch, whatever way they were written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

__all__ = [
    "address_key",
    "address_text",
    "all_items",
    "inside",
    "items",
    "network_ends",
    "quoted",
    "text_literal",
    "value_sql",
]

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_VERSION_4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
_OF_VERSION_4 = "0" * 20 + "ffff"


def quoted(name: str) -> str:
    """Write a name as SQL does, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """Write a text as SQL does."""
    return "'" + value.replace("'", "''") + "'"


# ---------------------------------------------------------------------------------------------------------------- JSON


def items(sql: str) -> str:
    """Give the values of a JSON that may be one or a list of them, as a list of JSON."""
    several = f"json_extract({sql}, '$[*]')"
    found = f"CASE json_type({sql}) WHEN 'ARRAY' THEN {several} WHEN 'NULL' THEN NULL ELSE [{sql}] END"
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE {found} END"


def all_items(sql: str) -> str:
    """Give the values of a list of JSON, of which each may be a list again."""
    return f"flatten(list_transform({sql}, lambda i: coalesce({items('i')}, [])))"


def inside(sql: str, names: Sequence[str]) -> str:
    """Give the values at a path inside JSON objects as a list of JSON, whatever lists stand on the way."""
    found = items(sql)
    for name in names:
        found = all_items(below(found, name))
    return found


def below(sql: str, name: str) -> str:
    """Give what each of a list of JSON objects has under a name, where it has it."""
    path = text_literal(f"/{name.replace('~', '~0').replace('/', '~1')}")
    return f"list_filter(list_transform({sql}, lambda o: o -> {path}), lambda o: o IS NOT NULL)"


# -------------------------------------------------------------------------------------------------------------- values


def value_sql(sql: str, kind: str, type_: str, *, text: bool) -> str:
    """Give the SQL of a value as a column of a kind holds it; what does not fit is NULL.

    `text` says that what is read is text (JSON's numbers too), else it is a number or a truth. `type_` is the mapping
    type: Elasticsearch computes with a `float` as it is held, in 32 bits.
    """
    return _VALUES[kind](sql, type_, text)


def _number(sql: str, type_: str, text: bool) -> str:
    number = f"CAST(TRY_CAST({sql} AS FLOAT) AS DOUBLE)" if type_ == "float" else f"TRY_CAST({sql} AS DOUBLE)"
    # Neither `NaN` nor what is too large is a number.
    return f"CASE WHEN isfinite({number}) THEN {number} END" if text or type_ == "float" else number


def _integer(sql: str, _type: str, text: bool) -> str:
    """Cut the fraction off; a text by way of decimals, which keep all 19 digits."""
    number = f"TRY_CAST({sql} AS DECIMAL(38, 9))" if text else sql
    return f"TRY_CAST(trunc({number}) AS BIGINT)"


def _boolean(sql: str, _type: str, text: bool) -> str:
    value = f"TRY_CAST({sql} AS BOOLEAN)"
    return f"CASE WHEN {sql} = '' THEN FALSE ELSE {value} END" if text else value


def _date(sql: str, _type: str, text: bool) -> str:
    """Read a date of which the end may be left out, or epoch milliseconds; four digits are a year."""
    if not text:
        year = f"epoch_ms(make_timestamp(TRY_CAST({sql} AS BIGINT), 1, 1, 0, 0, 0.0))"
        return f"CASE WHEN {sql} BETWEEN 1000 AND 9999 THEN {year} ELSE TRY_CAST({sql} AS BIGINT) END"
    day = f"CASE length({sql}) WHEN 4 THEN {sql} || '-01-01' WHEN 7 THEN {sql} || '-01' END"
    month = f"CASE WHEN regexp_full_match({sql}, '[0-9]{{4}}(-[0-9]{{2}})?') THEN {day} END"
    hour = rf"regexp_replace({sql}, '(T[0-9]{{2}})(Z|[+-].*)?$', '\1:00\2')"
    written = (f"epoch_ms(TRY_CAST({one} AS TIMESTAMPTZ))" for one in (sql, month, hour))
    return f"coalesce({', '.join(written)}, TRY_CAST({sql} AS BIGINT))"


def _string(sql: str, _type: str, _text: bool) -> str:
    return f"CAST({sql} AS VARCHAR)"


def _address(sql: str, _type: str, _text: bool) -> str:
    """Write the address as 32 hexadecimal digits."""
    fourth = f"'{_OF_VERSION_4}' || {_hexadecimal(sql)}"
    tail = rf"regexp_extract({sql}, '[0-9]+\.[0-9.]+$')"
    digits = _hexadecimal(tail)
    whole = f"CASE WHEN {tail} = '' THEN {sql} WHEN regexp_full_match({tail}, '{_VERSION_4}') THEN "
    whole += f"{sql}[:length({sql}) - length({tail})] || {digits}[:4] || ':' || {digits}[5:] END"
    sixth = f"list_transform([{whole}], lambda a: {_of_version_6('a')})[1]"
    return (
        f"CASE WHEN regexp_full_match({sql}, '{_VERSION_4}') THEN {fourth} WHEN contains({sql}, ':') THEN {sixth} END"
    )


def _hexadecimal(sql: str) -> str:
    parts = ", ".join(f"TRY_CAST(split_part({sql}, '.', {place}) AS INT)" for place in (1, 2, 3, 4))
    return f"printf('%02x%02x%02x%02x', {parts})"


def _of_version_6(sql: str) -> str:
    """Fill in the zeros that `::` stands for."""
    halves = f"string_split(lower({sql}), '::')"

    def groups(half: str) -> str:
        return f"list_filter(string_split({half}, ':'), lambda g: g <> '')"

    left, right = groups(f"{halves}[1]"), groups(f"coalesce({halves}[2], '')")
    zeros = f"list_resize(['0'], 8 - len({left}) - len({right}), '0')"
    several = f"CASE len({halves}) WHEN 1 THEN {left} WHEN 2 THEN {left} || {zeros} || {right} END"
    padded = f"array_to_string(list_transform({several}, lambda g: lpad(g, 4, '0')), '')"
    shape = "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}|([0-9a-f]{1,4}(:[0-9a-f]{1,4})*)?::([0-9a-f]{1,4}(:[0-9a-f]{1,4})*)?"
    fits = f"regexp_full_match(lower({sql}), '{shape}') AND len({left}) + len({right}) + len({halves}) <= 9"
    return f"CASE WHEN {fits} THEN {padded} END"


_VALUES: dict[str, Callable[[str, str, bool], str]] = {
    "boolean": _boolean,
    "date": _date,
    "integer": _integer,
    "ip": _address,
    "number": _number,
    "string": _string,
}


# ----------------------------------------------------------------------------------------------------------- addresses


def address_key(text: str) -> str:
    """Give an address as columns hold it. Raises ValueError.

    >>> address_key("10.0.0.1")
    '00000000000000000000ffff0a000001'
    """
    address = ipaddress.ip_address(text)
    return f"{int(address):032x}" if address.version == 6 else f"{_OF_VERSION_4}{int(address):08x}"


def address_text(key: str) -> str:
    """Write an address of a column as Elasticsearch does.

    >>> address_text(address_key("2001:DB8:0:0::1")), address_text(address_key("::ffff:10.0.0.1"))
    ('2001:db8::1', '10.0.0.1')
    """
    address = ipaddress.IPv6Address(int(key, 16))
    return str(address.ipv4_mapped or address)


def network_ends(text: str) -> tuple[str, str]:
    """Give the first and the last address of a network (`10.0.0.0/8`) as columns hold them. Raises ValueError."""
    network = ipaddress.ip_network(text, strict=False)
    return address_key(str(network[0])), address_key(str(network[-1]))
