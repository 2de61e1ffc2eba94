"""Languages: which lexer colours which file, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from studio.ui.editor import keywords


@dataclass(frozen=True)
class Language:
    """How one language is coloured.

    `words` are the lexer's word lists in its own order. `styles` name the colour token of a style number where
    the lexer does not describe its styles by tags, or describes them too roughly. `tab` says that indentation
    is written with tab characters.
    """

    name: str
    lexer: str
    words: tuple[str, ...] = ()
    styles: Mapping[int, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    tab: bool = False
    indent: int = 4


_KEYWORD, _STRING, _NUMBER = "code_keyword", "code_string", "code_number"
_FUNCTION, _COMMENT, _QUIET = "code_function", "code_comment", "text_muted"
_BACKQUOTES = {"lexer.cpp.backquoted.strings": "1", "styling.within.preprocessor": "0"}
_TAGS = {"fold.html": "1"}
_JSON = {"lexer.json.allow.comments": "1", "lexer.json.escape.sequence": "1"}
_HTML_WORDS = (keywords.HTML, keywords.SCRIPT, "", keywords.PYTHON)
_TAG_STYLES = {3: _FUNCTION}
_PYTHON_STYLES = {8: _FUNCTION, 9: _FUNCTION, 14: _FUNCTION, 15: _KEYWORD}
_CSS_STYLES = {
    1: _KEYWORD, 2: _FUNCTION, 3: _KEYWORD, 4: _KEYWORD, 6: _FUNCTION, 7: _FUNCTION, 8: _NUMBER, 9: _COMMENT,
    10: _FUNCTION, 11: _KEYWORD, 12: _KEYWORD, 13: _STRING, 14: _STRING, 15: _FUNCTION, 16: _FUNCTION, 17: _FUNCTION,
    18: _KEYWORD, 19: _FUNCTION, 20: _KEYWORD, 21: _KEYWORD, 22: _KEYWORD, 23: _NUMBER,
}  # fmt: skip
_JSON_STYLES = {
    1: _NUMBER, 2: _STRING, 3: _STRING, 4: _FUNCTION, 5: _NUMBER, 6: _COMMENT, 7: _COMMENT, 11: _KEYWORD, 12: _KEYWORD,
    13: "error",
}  # fmt: skip
_YAML_STYLES = {1: _COMMENT, 2: _FUNCTION, 3: _KEYWORD, 4: _NUMBER, 5: _NUMBER, 6: _KEYWORD, 7: _STRING, 8: "error"}
_TOML_STYLES = {
    1: _COMMENT, 3: _KEYWORD, 4: _NUMBER, 5: _KEYWORD, 6: _FUNCTION, 7: "error", 9: _STRING, 10: _STRING, 11: _STRING,
    12: _STRING, 13: _NUMBER, 14: _NUMBER,
}  # fmt: skip
_MARKDOWN_STYLES = {
    2: _NUMBER, 3: _NUMBER, 4: _STRING, 5: _STRING, **dict.fromkeys(range(6, 13), _KEYWORD), 13: _FUNCTION,
    14: _FUNCTION, 15: _COMMENT, 16: _QUIET, 17: _QUIET, 18: _FUNCTION, 19: _STRING, 20: _STRING, 21: _STRING,
}  # fmt: skip
_PROPERTIES_STYLES = {1: _COMMENT, 2: _KEYWORD, 3: _QUIET, 4: _NUMBER, 5: _FUNCTION}
_SQL_STYLES = {
    1: _COMMENT, 2: _COMMENT, 3: _COMMENT, 4: _NUMBER, 5: _KEYWORD, 6: _FUNCTION, 7: _STRING, 15: _COMMENT,
    16: _FUNCTION,
}  # fmt: skip
_DIFF_STYLES = {1: _COMMENT, 2: _KEYWORD, 3: _FUNCTION, 4: _NUMBER, 5: "error", 6: "ok", 7: "warn"}
_MAKE_STYLES = {1: _COMMENT, 2: _KEYWORD, 3: _NUMBER, 5: _FUNCTION, 9: "error"}
_CMAKE_STYLES = {
    1: _COMMENT, 2: _STRING, 3: _STRING, 4: _STRING, 5: _FUNCTION, 6: _NUMBER, 7: _NUMBER, 9: _KEYWORD, 10: _KEYWORD,
    11: _KEYWORD, 12: _KEYWORD, 13: _NUMBER, 14: _NUMBER,
}  # fmt: skip
_POWERSHELL_STYLES = {
    1: _COMMENT, 2: _STRING, 3: _STRING, 4: _NUMBER, 5: _FUNCTION, 8: _KEYWORD, 9: _FUNCTION, 10: _FUNCTION,
    11: _FUNCTION, 13: _COMMENT, 14: _STRING, 15: _STRING,
}  # fmt: skip
_HASKELL_STYLES = {
    2: _KEYWORD, 3: _NUMBER, 4: _STRING, 5: _STRING, 6: _FUNCTION, 7: _KEYWORD, 8: _FUNCTION, 13: _COMMENT,
    14: _COMMENT, 15: _COMMENT, 16: _COMMENT, 17: _KEYWORD,
}  # fmt: skip
_R_STYLES = {1: _COMMENT, 2: _KEYWORD, 3: _FUNCTION, 5: _NUMBER, 6: _STRING, 7: _STRING}

PLAIN = Language("Plain text", "")

_TABLE: tuple[tuple[str, Language], ...] = (
    (".py .pyi .pyw", Language("Python", "python", (keywords.PYTHON, keywords.PYTHON_BUILTINS), _PYTHON_STYLES)),
    (".js .mjs .cjs .jsx", Language("JavaScript", "cpp", (keywords.SCRIPT,), properties=_BACKQUOTES, indent=2)),
    (".ts .tsx .mts", Language("TypeScript", "cpp", (keywords.SCRIPT,), properties=_BACKQUOTES, indent=2)),
    (".c .h .cc .cpp .cxx .hh .hpp .ino", Language("C/C++", "cpp", (keywords.C_FAMILY,))),
    (".go", Language("Go", "cpp", (keywords.GO,), properties=_BACKQUOTES, tab=True)),
    (".java", Language("Java", "cpp", (keywords.JAVA,))),
    (".cs", Language("C#", "cpp", (keywords.CSHARP,))),
    (".kt .kts", Language("Kotlin", "cpp", (keywords.KOTLIN,))),
    (".swift", Language("Swift", "cpp", (keywords.SWIFT,))),
    (".rs", Language("Rust", "rust", (keywords.RUST, keywords.RUST_TYPES))),
    (".rb .gemspec gemfile rakefile", Language("Ruby", "ruby", (keywords.RUBY,), indent=2)),
    (".lua", Language("Lua", "lua", (keywords.LUA,))),
    (".sh .bash .zsh .bashrc .profile .zshrc", Language("Shell", "bash", (keywords.SHELL,))),
    (".ps1 .psm1", Language("PowerShell", "powershell", (keywords.POWERSHELL,), _POWERSHELL_STYLES)),
    (
        ".html .htm .vue .svelte .jinja .j2 .php",
        Language("HTML", "hypertext", _HTML_WORDS, _TAG_STYLES, _TAGS, indent=2),
    ),
    (".xml .svg .ui .qrc .xsd", Language("XML", "xml", (), _TAG_STYLES, _TAGS, indent=2)),
    (".css .scss .less", Language("CSS", "css", (keywords.CSS,), _CSS_STYLES, indent=2)),
    (".json .jsonc .webmanifest", Language("JSON", "json", (keywords.LITERALS,), _JSON_STYLES, _JSON, indent=2)),
    (".yaml .yml", Language("YAML", "yaml", (keywords.LITERALS,), _YAML_STYLES, indent=2)),
    (".toml", Language("TOML", "toml", ("true false inf nan",), _TOML_STYLES)),
    (".md .markdown", Language("Markdown", "markdown", (), _MARKDOWN_STYLES)),
    (".ini .cfg .conf .properties .env .editorconfig", Language("Settings", "props", (), _PROPERTIES_STYLES)),
    (".sql", Language("SQL", "sql", (keywords.SQL,), _SQL_STYLES)),
    (".diff .patch", Language("Diff", "diff", (), _DIFF_STYLES)),
    (".mk makefile gnumakefile", Language("Makefile", "makefile", (keywords.MAKE,), _MAKE_STYLES, tab=True)),
    (".cmake cmakelists.txt", Language("CMake", "cmake", (keywords.CMAKE,), _CMAKE_STYLES, indent=2)),
    (".hs", Language("Haskell", "haskell", (keywords.HASKELL,), _HASKELL_STYLES)),
    (".r", Language("R", "r", (keywords.R,), _R_STYLES, indent=2)),
    ("dockerfile .dockerfile containerfile", Language("Dockerfile", "bash", (keywords.DOCKERFILE,))),
)
_BY_ENDING = {ending: language for endings, language in _TABLE for ending in endings.split()}

LANGUAGES: dict[str, Language] = {language.name: language for language in (PLAIN, *(row[1] for row in _TABLE))}
"""Every language by the name people see."""


def language_of(path: str) -> Language:
    """The language of a file by its whole name, else by its ending; plain text when neither says anything."""
    name = PurePosixPath(path).name.lower()
    stem = name.partition(".")[0]
    for ending in (name, PurePosixPath(name).suffix, stem if stem == "dockerfile" else ""):
        if ending in _BY_ENDING:
            return _BY_ENDING[ending]
    return PLAIN


def language_named(name: str) -> Language:
    """The language that people or fences of Markdown call so (Python, py, tsx); plain text when there is none."""
    named = next((language for language in LANGUAGES.values() if language.name.lower() == name.lower()), None)
    return named or language_of(f"it.{name}")
