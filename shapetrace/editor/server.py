"""The language server: what it answers, in the words of the protocol."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path
from pygls.workspace import TextDocument

from shapetrace.editor.answers import Answers, Problem
from shapetrace.editor.project import Project
from shapetrace.reports.translations import current, worded
from shapetrace.trace import Edit, Site
from shapetrace.version import __version__

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}


class Server(LanguageServer):
    """Answers for the documents of one project.

    Args:
        trace: Path of the trace to read; None for the newest of the project.
    """

    def __init__(self, trace: str | None = None) -> None:
        super().__init__("shapetrace", __version__)
        self._trace = trace
        self.project: Project | None = None

    def answers(self) -> Answers | None:
        """The answers of the newest trace that was read."""
        if self.project is None:
            self.renew()
        return self.project.answers if self.project is not None else None

    def renew(self) -> bool:
        """Look for a newer trace, and tell of its findings, or of what is wrong with it; whether there was one."""
        if self.project is None:
            self.project = Project(self.workspace.root_path or ".", self._trace)
        if not self.project.refresh():
            return False
        if self.project.problem:
            said = f"shapetrace: {self.project.problem}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, said))
        for uri in list(self.workspace.text_documents):
            self.publish(uri)
        capabilities = self.client_capabilities.workspace
        if capabilities and capabilities.inlay_hint and capabilities.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)
        return True

    def publish(self, uri: str) -> None:
        """Tell the findings that stand in a document."""
        answers, document = self.answers(), self.workspace.get_text_document(uri)
        problems = answers.problems(document.path, _lines(document)) if answers is not None else []
        diagnostics = [self._diagnostic(problem, document) for problem in problems]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, document.version))

    def _diagnostic(self, problem: Problem, document: TextDocument) -> types.Diagnostic:
        finding = problem.finding
        return types.Diagnostic(
            range=self._range(problem.site, document),
            message=problem.message,
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            source="shapetrace",
            related_information=[
                types.DiagnosticRelatedInformation(
                    types.Location(from_fs_path(self._path(site)) or "", self._range(site)), said
                )
                for site, said in problem.related
            ],
        )

    def _path(self, site: Site) -> str:
        answers = self.answers()
        return answers.path(site.file) if answers is not None else site.file

    def _range(self, site: Site | Edit, document: TextDocument | None = None) -> types.Range:
        """A place in the protocol's form, which counts lines from 0 and columns as the client does."""
        last = max(site.end_line, site.line)
        lines = document.lines if document is not None else []
        end = site.end_column
        if document is not None and last == site.line and end <= site.column:  # only its line is known
            end = len(lines[last - 1].rstrip()) if last <= len(lines) else site.column
        found = types.Range(types.Position(site.line - 1, site.column), types.Position(last - 1, end))
        return self.workspace.position_codec.range_to_client_units(lines, found) if lines else found

    def hints(self, params: types.InlayHintParams) -> list[types.InlayHint]:
        """The shapes at the ends of the lines in view."""
        answers, document = self.answers(), self.workspace.get_text_document(params.text_document.uri)
        if answers is None:
            return []
        codec, lines = self.workspace.position_codec, _lines(document)
        first, last = params.range.start.line + 1, params.range.end.line + 1
        return [
            types.InlayHint(
                position=types.Position(hint.line - 1, codec.client_num_units(lines[hint.line - 1])),
                label=hint.text,
                kind=types.InlayHintKind.Type,
                padding_left=True,
            )
            for hint in answers.hints(document.path, lines, first, last)
            if hint.line <= len(lines)
        ]

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """The shapes of a line, and the ways of their dims."""
        answers, document = self.answers(), self.workspace.get_text_document(params.text_document.uri)
        said = answers.hover(document.path, _lines(document), params.position.line + 1) if answers is not None else ""
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said)) if said else None

    def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The fixes of the findings at a place."""
        answers, document = self.answers(), self.workspace.get_text_document(params.text_document.uri)
        if answers is None:
            return []
        first, last = params.range.start.line + 1, params.range.end.line + 1
        return [
            self._action(problem, current().say(problem.fix.said), problem.fix.edits, document)
            for problem in answers.problems(document.path, _lines(document))
            if problem.fix is not None and problem.site.line <= last and first <= problem.site.end_line
        ]

    def _action(self, problem: Problem, says: str, edits: tuple[Edit, ...], document: TextDocument) -> types.CodeAction:
        changes: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            path = self._path(Site(edit.file, edit.line))
            own = path == self._path(Site(document.path, 1))
            uri = document.uri if own else from_fs_path(path) or ""
            other = document if own else self.workspace.get_text_document(uri)
            changes.setdefault(uri, []).append(types.TextEdit(self._range(edit, other), edit.text))
        fix = problem.finding.fix
        return types.CodeAction(
            title=worded("{}: {}", problem.finding.rule, says),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._diagnostic(problem, document)],
            is_preferred=fix is not None and fix.applicability == "machine",
            edit=types.WorkspaceEdit(changes=changes),
        )


def _lines(document: TextDocument) -> list[str]:
    """The lines of a document, without line ends."""
    return document.source.splitlines()


def serve(trace: str | None = None) -> Server:
    """A server that is ready to be started.

    Args:
        trace: Path of the trace to read; None for the newest of the project.
    """
    server = Server(trace)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        return server.hints(params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return server.hover(params)

    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return server.actions(params)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if not server.renew():
            server.publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.renew()

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    return server
