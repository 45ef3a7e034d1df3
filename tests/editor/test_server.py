"""The language server, asked by a real client over its pipes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from annotated_trace import SOURCE
from editor_project import of_file, project, record
from shapetrace.cli import main

pytest.importorskip("pygls", reason="pygls is not installed")
from lsprotocol import types
from pygls.lsp.client import LanguageClient

WAITS = 240
"""Seconds after which a server that says nothing is taken for one that hangs."""


class Client(LanguageClient):
    """A client that keeps what the server publishes."""

    def __init__(self) -> None:
        super().__init__("tests", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.refreshed = asyncio.Event()

    async def diagnostics(self) -> list[types.Diagnostic]:
        told = await asyncio.wait_for(self.published.get(), WAITS)
        return list(told.diagnostics)


def talk(directory: Path, session: Callable[[Client, str], Awaitable[None]], *arguments: str) -> None:
    """Start a server for a project, open its file, and have a talk with it."""

    async def run() -> None:
        client = Client()
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: client.published.put_nowait(params))
        client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)(lambda params: client.refreshed.set())
        await client.start_io(sys.executable, "-m", "shapetrace", "lsp", *arguments)
        hints = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)
        await client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(inlay_hint=hints)),
                root_uri=directory.as_uri(),
            )
        )
        client.initialized(types.InitializedParams())
        uri = (directory / "net.py").as_uri()
        text = (directory / "net.py").read_text("utf-8")
        client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))
        await session(client, uri)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    asyncio.run(asyncio.wait_for(run(), 2 * WAITS))


def whole(uri: str) -> types.InlayHintParams:
    return types.InlayHintParams(
        types.TextDocumentIdentifier(uri), types.Range(types.Position(0, 0), types.Position(99, 0))
    )


def change(client: Client, uri: str, text: str) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(uri=uri, version=2),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
    )


def test_hints_hovers_findings_and_fixes(tmp_path: Path) -> None:
    project(tmp_path)

    async def session(client: Client, uri: str) -> None:
        (diagnostic,) = await client.diagnostics()
        assert (diagnostic.code, diagnostic.severity) == ("ST101", types.DiagnosticSeverity.Error)
        assert diagnostic.range == types.Range(types.Position(7, 15), types.Position(7, 30))
        assert "relu got -1" in diagnostic.message
        related = diagnostic.related_information or []
        assert [each.location.range.start.line for each in related] == [5]

        hints = await client.text_document_inlay_hint_async(whole(uri)) or []
        assert [(hint.position.line, hint.label) for hint in hints][:2] == [
            (5, "n = -1 in place of image[0]"),
            (6, "y: [image[0], 8, image[2]//2, image[3]//2]"),
        ]
        assert hints[0].position.character == len(SOURCE.splitlines()[5])

        at = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(6, 3))
        hover = await client.text_document_hover_async(at)
        assert hover is not None
        assert "The way of `image[0]`" in hover.contents.value  # type: ignore[union-attr]

        asked = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), diagnostic.range, types.CodeActionContext([diagnostic])
        )
        (action,) = await client.text_document_code_action_async(asked) or []
        assert isinstance(action, types.CodeAction)
        assert (action.title, action.is_preferred) == ("ST101: read the other one", True)
        assert action.edit is not None
        (edit,) = (action.edit.changes or {})[uri]
        assert (edit.range.start, edit.new_text) == (types.Position(5, 18), "other")

    talk(tmp_path, session)


def test_what_changes_is_stale_and_a_new_trace_is_read(tmp_path: Path) -> None:
    source = project(tmp_path)

    async def session(client: Client, uri: str) -> None:
        await client.diagnostics()
        change(client, uri, SOURCE.replace("self.stem", "self.é𝄞"))
        assert await client.diagnostics() == []
        hints = await client.text_document_inlay_hint_async(whole(uri)) or []
        assert [(hint.position.line, hint.label) for hint in hints] == [(4, "stale")]

        change(client, uri, SOURCE)
        assert len(await client.diagnostics()) == 1
        newer = of_file(str(source))
        newer.findings.clear()
        record(tmp_path / "b.trace", newer, newer=5)
        client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        assert await client.diagnostics() == []
        await asyncio.wait_for(client.refreshed.wait(), WAITS)

    talk(tmp_path, session)


def test_columns_are_those_of_the_client(tmp_path: Path) -> None:
    source = project(tmp_path)
    text = SOURCE.replace("        y = self.stem(image)", "        y = self.stem(image)  # 𝄞")
    trace: Any = of_file(str(source))
    trace.files[str(source)] = text
    source.write_text(text, encoding="utf-8")
    record(tmp_path / "b.trace", trace, newer=5)

    async def session(client: Client, uri: str) -> None:
        hints = await client.text_document_inlay_hint_async(whole(uri)) or []
        assert hints[1].position.character == len(text.splitlines()[6]) + 1  # UTF-16

    talk(tmp_path, session, "--trace", str(tmp_path / "b.trace"))


def test_a_project_without_a_trace_is_answered(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SOURCE, encoding="utf-8")

    async def session(client: Client, uri: str) -> None:
        assert await client.diagnostics() == []
        assert not await client.text_document_inlay_hint_async(whole(uri))

    talk(tmp_path, session)


def test_without_pygls_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shapetrace.editor.server", None)

    assert main(["lsp"]) == 2
    assert "pip install 'shapetrace[editor]'" in capsys.readouterr().err
