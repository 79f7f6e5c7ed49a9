"""A secret in kbuild.yaml is one finding at its place, and no message shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kibana_builder.commands.output import ProblemFormat, print_error, print_problems
from kibana_builder.errors import SpecError
from kibana_builder.files.project import load_project
from kibana_builder.problem import Problem

SECRET = "hunter2hunter2"


def problems_of(folder: Path, text: str) -> list[Problem]:
    (folder / "kbuild.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        load_project(folder / "kbuild.yaml")
    return caught.value.problems


@pytest.mark.parametrize(
    "line",
    [
        f"api_key: {SECRET}",
        f"api-key: '{SECRET}'",
        f'apiKey: "{SECRET}"',
        f"password: {SECRET}",
        f"password: [{SECRET}]",
        f"password: |\n      {SECRET}",
        f"password:\n      {SECRET}",
        f"kibana_password: {SECRET}",
        f"token: {SECRET}",
        f"client_secret: {SECRET}",
        f"headers: {{Authorization: {SECRET}}}",
        f"note: ApiKey {SECRET}",
        f"note: Bearer {SECRET}",
        f"elasticsearch: https://elastic:{SECRET}@es.example.com",
        f"elasticsearch: https://{SECRET}@es.example.com",
        f"elasticsearch: https://es.example.com/?api_key={SECRET}",
        f"api_key_env: VnVhQ2ZHY0JDZGJr{SECRET}==",
        f"api_key_env: VnVhQ2ZHY0JDZGJr{SECRET}",
        f"password_env: {SECRET}!",
    ],
)
def test_a_secret_is_one_finding_that_does_not_show_it(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the words nor the line nor any format shows it; the schema's finding about the same key is left out."""
    text = f"project: a\ncontexts:\n  local:\n    kibana: http://localhost\n    {line}\n"
    found = problems_of(tmp_path, text)
    print_problems(found)
    print_problems(found, ProblemFormat.json)
    print_problems(found, ProblemFormat.github)
    print_error(SpecError(found))
    printed = "".join(capsys.readouterr())
    assert SECRET not in printed
    assert SECRET not in repr(found)
    (problem,) = found
    assert problem.rule == "literal-secret"
    assert problem.line in (5, 6)
    assert "KIBANA_API_KEY" in problem.hint


def test_the_caret_stands_under_the_stars(tmp_path: Path) -> None:
    """The masked line is as long as the real one."""
    (problem,) = problems_of(tmp_path, f"project: a\ncontexts: {{local: {{kibana: http://a, password: {SECRET}}}}}\n")
    assert problem.source_line == f"contexts: {{local: {{kibana: http://a, password: {'*' * len(SECRET)}}}}}"
    assert (problem.line, problem.column, problem.end_column) == (2, 48, 48 + len(SECRET))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password: "${PW}"', "password: *******"),
        ('api_key: ""', "api_key: **"),
        ("username: elastic", "username: *******"),
        ("password: password", "password: ********"),
        ("'username' : elastic", "'username' : *******"),
        ("{username: elastic, space: ops}", "{username: *******, space: ops}"),
        ("{space: ops, username: elastic}", "{space: ops, username: *******}"),
    ],
)
def test_only_the_value_is_starred(tmp_path: Path, line: str, shown: str) -> None:
    """The words say the key and what to do, whatever the value is."""
    (problem,) = problems_of(tmp_path, f"project: a\ncontexts:\n  local:\n    {at_kibana(line)}\n")
    key = re.search(r"(api_key|username|password)", line)
    assert key
    assert problem.message == f"'{key[0]}' does not belong in a file"
    assert problem.hint.endswith("api_key_env, username_env, password_env")
    assert problem.source_line.strip() == at_kibana(shown).split("\n")[-1].strip()


def at_kibana(line: str) -> str:
    """Put the address that a context has to have before the line."""
    return line.replace("{", "{kibana: http://a, ", 1) if line[0] == "{" else f"kibana: http://a\n    {line}"


def test_two_secrets_have_the_same_words(tmp_path: Path) -> None:
    """A value that is written twice is as little shown as one."""
    text = "project: a\ncontexts: {local: {kibana: http://a, username: elastic, password: elastic}}\n"
    first, second = problems_of(tmp_path, text)
    assert first.message.replace("username", "password") == second.message
    assert first.hint == second.hint
    for problem in (first, second):
        assert "username: *******, password: *******}}" in problem.source_line


@pytest.mark.parametrize(
    "text",
    [
        # Another mistake on the line of a secret.
        f"project: a\ncontexts: {{local: {{kibna: http://a, password: {SECRET}}}}}\n",
        f"project: a\ncontexts: {{local: {{password: '{SECRET}', kibna: http://a}}}}\n",
        # Files that are no YAML, so that nothing is known of their values.
        f"project: a\npassword: {SECRET}\npassword: {SECRET}\n",
        f"password: *{SECRET}\n",
        f"password: !{SECRET}\n",
        f"api_key: @{SECRET}\n",
        f"api_key: '{SECRET}\n",
        f"kibana: https://elastic:{SECRET}@a: b\n",
        f"Authorization: ApiKey {SECRET}: x\n",
        f"a: 1\n secret: {SECRET}\n",
    ],
)
def test_other_problems_do_not_show_a_secret_either(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong, the line is shown without it."""
    print_problems(problems_of(tmp_path, text))
    assert SECRET not in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "api_key_env: PROD_KIBANA_API_KEY",
        "password_env: prod_password_2",
        "kibana: 'https://${USER}:${PASSWORD}@kibana.example.com'",
        "kibana: https://kibana.example.com/a@b?x=1",
    ],
)
def test_names_of_variables_are_no_secrets(tmp_path: Path, line: str) -> None:
    """What only says where a secret is may stand in the file."""
    text = f"project: a\ncontexts:\n  local: {{{line if 'kibana' in line else f'kibana: http://a, {line}'}}}\n"
    (tmp_path / "kbuild.yaml").write_text(text)
    load_project(tmp_path / "kbuild.yaml")


def test_a_data_view_may_be_called_like_a_secret(tmp_path: Path) -> None:
    """Only what stands under such a name as a value is one."""
    (tmp_path / "kbuild.yaml").write_text("project: a\ndata_views: {token: {index_pattern: 'token-*'}}\n")
    assert "token" in load_project(tmp_path / "kbuild.yaml").data_views
