"""The pages of `docs/` that are made of the program: `python -m website.made_pages` writes them.

They are kept in the repository, so that they can be read on a code host too; `tests/test_made_pages.py` says when they are not what the program says.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from shapetrace import cli, rules
from shapetrace.cli import sweep_diff
from shapetrace.reports import translations
from shapetrace.rules import registry

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDERS = {"en": DOCS, "zh": DOCS / "zh"}
MADE = "<!-- Made by `python -m website.made_pages`. -->"
COMMANDS = {
    "en": "# Commands and options\n\nWhat `--help` says of each command, and no more. How they behave together: [the command line](cli.md).",
    "zh": "# 命令与选项\n\n各个命令的 `--help` 所说的内容；设 `LANG=zh_CN.UTF-8` 后，终端里看到的也是中文。退出码、环境变量等见英文的[命令行](../../reference/cli.md)。",
}
LIST = {
    "en": "# The rules\n\n`shapetrace rule ST101` prints a page; the pages are kept beside the rules.",
    "zh": "# 规则\n\n`shapetrace rule --lang zh ST101` 打印其中一页；这些说明与规则的代码放在一起。",
}


def pages() -> dict[Path, str]:
    """What is to stand in each of the files."""
    made = {}
    for language, folder in FOLDERS.items():
        made[folder / "reference/commands.md"] = _page(COMMANDS[language], *_commands(language))
        made[folder / "rules/README.md"] = _page(LIST[language], "\n".join(_rules(language)))
    return made


def _page(*parts: str) -> str:
    head, *rest = parts
    title, _, text = head.partition("\n\n")
    return "\n\n".join([title, MADE, text, *rest]) + "\n"


def _rules(language: str) -> Iterator[str]:
    up, folder, colon = {"en": ("../..", "pages", ": "), "zh": ("../../..", "pages/zh", "：")}[language]
    for code, rule in sorted(registry.own().items()):
        yield f"- [{code}{colon}{rules.title(rule, language)}]({up}/shapetrace/rules/{folder}/{code}.md)"


def _commands(language: str) -> Iterator[str]:
    group = click.Context(cli.cli, info_name="shapetrace", **cli.cli.context_settings)
    for name in cli.cli.list_commands(group):
        command = cli.cli.get_command(group, name)
        assert command is not None
        yield _command(name, command, group, translations.help_texts(language))
        if name == "sweep":
            yield _command("sweep diff", sweep_diff.command, group, translations.help_texts(language))


def _command(name: str, command: click.Command, group: click.Context, texts: dict[str, str]) -> str:
    context = click.Context(command, info_name=name, parent=group)
    usage = f"```text\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```"
    parts = [f"## `shapetrace {name}`", usage, *_paragraphs(command.help or "", texts)]
    records = [record for each in command.get_params(context) if (record := each.get_help_record(context))]
    rows = [f"| {_code(option)} | {_cell(_spoken(said, texts))} |" for option, said in records if said]
    return "\n\n".join(
        [*parts, "\n".join(["| | |", "| --- | --- |", *rows]), *_paragraphs(command.epilog or "", texts)]
    )


def _paragraphs(help_text: str, texts: dict[str, str]) -> Iterator[str]:
    for paragraph in inspect.cleandoc(help_text).split("\n\n"):
        if paragraph.startswith("\b"):
            first, *lines = paragraph.removeprefix("\b\n").splitlines()
            yield f"{texts.get(first, first).rstrip('：:')}{'：' if texts else ':'}"
            yield "\n".join(["```text", *(line.strip() for line in lines), "```"])
        elif paragraph:
            yield _escaped(_spoken(paragraph, texts))


def _spoken(text: str, texts: dict[str, str]) -> str:
    """A text of click's in a language, and what click adds to it, such as `[required]`."""
    words, note = re.fullmatch(r"(.*?)(  \[[^]]*\])?", " ".join(text.split(" ")), re.DOTALL).groups()  # type: ignore[union-attr]
    words = " ".join(words.split())
    return texts.get(words, words) + (note or "").replace("  ", " ")


def _code(option: str) -> str:
    return "`" + option.replace("|", "\\|") + "`"


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """Text of which Markdown takes nothing for markup but what stands between backticks."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*_<\[\]])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
