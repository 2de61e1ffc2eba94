"""A diff is shown line by line, with nothing hidden."""

from __future__ import annotations

from studio.domain.changes import Diff, FileChange, FileStatus
from studio.ui.review.lines import MOST_CHARACTERS, MOST_LINES, DiffLine, LineKind, of_diff, of_file

PATCH = "@@ -3,3 +3,4 @@ def total():\n     net = 1\n-    return net\n+    tax = 2\n+    return net + tax\n \n"


def _change(patch: str = PATCH, path: str = "cart.py", *, binary: bool = False, cut: bool = False) -> FileChange:
    return FileChange(path, path, FileStatus.MODIFIED, 2, 1, binary, patch, cut)


def test_lines_know_their_kind_and_their_numbers_on_both_sides() -> None:
    assert of_file(_change())[1:] == [
        DiffLine(LineKind.HUNK, "def total():"),
        DiffLine(LineKind.SAME, "    net = 1", 3, 3),
        DiffLine(LineKind.REMOVED, "    return net", 4, 0),
        DiffLine(LineKind.ADDED, "    tax = 2", 0, 4),
        DiffLine(LineKind.ADDED, "    return net + tax", 0, 5),
        DiffLine(LineKind.SAME, "", 5, 6),
    ]


def test_characters_that_hide_or_reorder_are_written_out_in_lines_and_names() -> None:
    lines = of_file(_change("@@ -1 +1 @@\n+if x:\u202e }\u2066 # \u200bok\r\n", "a\u202eb.py"))
    assert lines[0].text.startswith("a\\u202eb.py")
    assert lines[2].text == "if x:\\u202e }\\u2066 # \\u200bok\\r"


def test_a_file_that_is_not_text_or_was_cut_says_so() -> None:
    assert of_file(_change("", binary=True))[1].kind is LineKind.NOTE
    assert "too long" in of_file(_change(cut=True))[-1].text


def test_an_empty_line_stands_between_two_files() -> None:
    lines, starts = of_diff(Diff("a", "b", (_change(path="a.py"), _change(path="b.py"))))
    assert [number for number, line in enumerate(lines) if line == DiffLine(LineKind.NOTE, "")] == [starts["b.py"] - 1]
    assert lines[starts["b.py"]].kind is LineKind.FILE


def test_a_huge_diff_is_bounded_and_counts_what_it_leaves_out() -> None:
    big = "@@ -0,0 +1,5000 @@\n" + "+x\n" * 5000
    files = tuple(_change(big, f"f{number}.py") for number in range(4))
    lines, starts = of_diff(Diff("a", "b", files, left_out=2))
    assert len(lines) <= MOST_LINES + 2
    assert list(starts) == ["f0.py"]
    assert lines[-1].text == "… 5 more files are not shown; open them in the editor."


def test_an_endless_line_is_cut() -> None:
    [_, _, line] = of_file(_change("@@ -0,0 +1 @@\n+" + "x" * 50_000))
    assert line.text == "x" * MOST_CHARACTERS + f" … {50_000 - MOST_CHARACTERS} more"
