"""The HTML report: one file that opens from disk, works without a network, and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from shapetrace.reports import wording
from shapetrace.reports.html import sizes, source
from shapetrace.reports.html.data import pack
from shapetrace.reports.html.findings import view
from shapetrace.reports.html.pictures import pictures
from shapetrace.reports.printable import short
from shapetrace.reports.translations import Catalog, catalog
from shapetrace.trace import SEVERITIES, Trace

if TYPE_CHECKING:
    import jinja2

_SCRIPTS = ("text.js", "model.js", "table.js", "layers.js", "plan.js", "graph.js", "source.js", "way.js", "page.js")


def render(trace: Trace, lang: str | None = None, command: str = "") -> str:
    """Render a trace as one self-contained HTML page.

    Args:
        trace: The trace.
        lang: `en` or `zh`; None takes it from the locale.
        command: What stood after `shapetrace run`, to suggest the next command with.

    Returns:
        The page. All text of the user's model in it is escaped, and its content security policy admits no script
        but the report's own.

    Raises:
        UsageError: There is no such language.
    """
    texts = catalog(lang)
    script = "\n".join([_asset("dagre.min.js"), _wrapped(*map(_asset, _SCRIPTS))])
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = pack(trace)
    data["source"] = source.pack(trace)
    data["findings"] = [[short(finding.rule), short(texts.say(finding.said))] for finding in trace.findings]
    data["text"] = texts.texts
    data["lang"] = texts.language
    context = _context(trace, texts, command)
    drawn = pictures(trace, [finding.index for finding in context["findings"]])
    return (
        _environment(texts)
        .get_template("page.html")
        .render(
            context,
            data=data,
            sizes=sizes.views(trace, texts),
            script=script,
            pictures=drawn.found,
            undrawn=drawn.missing,
            script_hash=digest,
            styles=styles("finding.css", "page.css", "source.css"),
        )
    )


def fragment(trace: Trace, template: str, lang: str | None = None, **extra: Any) -> str:
    """Render a piece of a page for a notebook, which carries its own styles and no script.

    Args:
        trace: The trace it is about.
        template: File name of the template.
        lang: `en` or `zh`; None takes it from the locale.
        **extra: Further variables of the template.

    Raises:
        UsageError: There is no such language.
    """
    texts = catalog(lang)
    context = _context(trace, texts)
    return (
        _environment(texts)
        .get_template(template)
        .render(context, styles=styles("finding.css", "notebook.css"), **extra)
    )


def styles(*names: str) -> str:
    """Style sheets by their file names, as one."""
    return "".join(map(_asset, names))


def _context(trace: Trace, texts: Catalog, command: str = "") -> dict[str, Any]:
    findings = [view(trace, index, texts, command) for index in range(len(trace.findings))]
    return {
        "lang": {"zh": "zh-Hans"}.get(texts.language, texts.language),
        "trace": trace,
        "remarks": [texts.say(note) for note in trace.remarks],
        "findings": sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)),
        "counts": [(severity, sum(f.severity == severity for f in findings)) for severity in SEVERITIES],
        "tensors": sum(len(conversion.values) for conversion in trace.conversions),
        "ops": sum(len(conversion.ops) for conversion in trace.conversions),
        "suppressed": sum(trace.suppressed.values()),
        "remedied": _remedied(trace, texts.gettext),
    }


def _remedied(trace: Trace, gettext: Callable[[str], str]) -> list[tuple[str, str, list[str]]]:
    """What came of the remedies: a heading, what stands behind it, and what was changed for it, for each line."""
    rows = [
        (gettext("Repaired"), wording.repair(applied.name, each), list[str]())
        for applied in trace.remedies
        for each in applied.repaired
    ]
    outcomes = {"in-vain": gettext("what is wrong here is still wrong with it")}
    outcomes["unneeded"] = gettext("nothing was left for it to repair") if rows else gettext("nothing needed repair")
    for applied in trace.remedies:
        parts = [short(applied.name, 200), outcomes.get(applied.outcome, "")]
        said = " — ".join(part for part in parts if part)
        rows.append((gettext("Remedy applied"), said, [_short(change) for change in applied.changes]))
    return rows


@lru_cache(maxsize=4)
def _environment(texts: Catalog) -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("shapetrace.reports.html", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # What the i18n extension adds is not known to type checkers.
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["short"] = _short
    environment.filters["marked"] = _marked
    environment.filters["spoken"] = texts.say
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}
    return environment


@lru_cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("static", name).read_text("utf-8")


def _short(text: object, limit: int = 1000) -> str:
    return short(str(text), limit)


def _marked(text: str) -> Markup:
    """A sentence, with what it has between backticks as code."""
    *pairs, last = text.split("`")
    if len(pairs) % 2:  # one of them is a character of the user's
        return escape(text)
    parts = (Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(pairs))
    return Markup("").join((*parts, escape(last)))


def _wrapped(*sources: str) -> str:
    """One strict scope around all of them, so that nothing but dagre is global."""
    return "(() => {\n'use strict';\n" + "\n".join(sources) + "\n})();\n"
