"""The apply_patch tool, on real files: a patch is applied whole, or not at all with a reason that helps."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.errors import UserError
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.fitting import already_patched, patched
from studio.tools.hands import Hands
from studio.tools.patch import read_patch
from studio.tools.planning import do_all, plan
from studio.tools.runner import FAILED_CHARACTERS, run_call
from studio.tools.table import TOOLS
from studio.workspace.files import Folder

CODE = "def total(lines):\n    return sum(line.price for line in lines)\n\n\ndef count(lines):\n    return len(lines)\n"
CHANGE = """\
--- a/cart.py
+++ b/cart.py
@@ -1,3 +1,4 @@
 def total(lines):
-    return sum(line.price for line in lines)
+    \"\"\"What all lines cost.\"\"\"
+    return sum(line.price * line.count for line in lines)
 
"""
ADD = "--- /dev/null\n+++ b/new/deep.py\n@@ -0,0 +1,2 @@\n+x = 1\n+y = 2\n"
DELETE = "--- a/old.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x = 1\n-y = 2\n"
RENAME = """\
diff --git a/tool.sh b/bin/tool
similarity index 90%
rename from tool.sh
rename to bin/tool
--- a/tool.sh
+++ b/bin/tool
@@ -1,2 +1,2 @@
 #!/bin/sh
-echo one
+echo two
"""


async def apply(hands: Hands, patch: str) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), "apply_patch", {"patch": patch}), hands)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "cart.py").write_text(CODE)
    (tmp_path / "old.py").write_text("x = 1\ny = 2\n")
    (tmp_path / "tool.sh").write_text("#!/bin/sh\necho one\n")
    (tmp_path / "tool.sh").chmod(0o755)
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_one_patch_changes_adds_deletes_and_renames(hands: Hands, tree: Path) -> None:
    outcome = await apply(hands, CHANGE + ADD + DELETE + RENAME)

    assert outcome.text.splitlines() == [
        "Changed cart.py (+2 −1).",
        "Added new/deep.py (+2 −0).",
        "Deleted old.py (+0 −2).",
        "Renamed tool.sh to bin/tool (+1 −1).",
    ]
    assert (outcome.ok, outcome.changed, outcome.summary) == (True, True, "+5 −4")
    assert everything(tree) == {
        "cart.py": CODE.replace(
            "    return sum(line.price for",
            '    """What all lines cost."""\n    return sum(line.price * line.count for',
        ).encode(),
        "new/deep.py": b"x = 1\ny = 2\n",
        "bin/tool": b"#!/bin/sh\necho two\n",
    }
    assert os.access(tree / "bin/tool", os.X_OK)


async def test_a_hunk_that_does_not_fit_is_explained_and_no_file_is_touched(hands: Hands, tree: Path) -> None:
    before = everything(tree)
    wrong = CHANGE.replace("line.price for", "line.prices for")

    outcome = await apply(hands, ADD + DELETE + wrong)

    assert not outcome.ok
    assert outcome.text == (
        "Hunk 1 of cart.py (@@ -1,3 +1,4 @@) does not fit. It expects:\n"
        "def total(lines):\n    return sum(line.prices for line in lines)\n"
        "The nearest text, at line 1, is:\n"
        "def total(lines):\n    return sum(line.price for line in lines)\n"
        " Nothing was changed. Read the file and copy its lines exactly."
    )
    assert everything(tree) == before


async def test_white_space_is_never_guessed(hands: Hands, tree: Path) -> None:
    before = everything(tree)
    assert not (await apply(hands, CHANGE.replace("-    return", "-  return"))).ok
    assert everything(tree) == before


async def test_wrong_numbers_do_no_harm_where_the_lines_fit_once(hands: Hands, tree: Path) -> None:
    assert (await apply(hands, CHANGE.replace("@@ -1,3 +1,4 @@", "@@ -40,7 +40,9 @@ class Cart:"))).ok
    assert (tree / "cart.py").read_text().count("What all lines cost") == 1


async def test_lines_that_fit_twice_are_named_unless_the_number_tells_which(hands: Hands, tree: Path) -> None:
    (tree / "a.txt").write_text("one\ntwo\none\n")
    patch = "--- a/a.txt\n+++ b/a.txt\n@@ -{},1 +{},1 @@\n-one\n+three\n"

    unclear = await apply(hands, patch.format(7, 7))
    assert "Hunk 1 of a.txt (@@ -7,1 +7,1 @@) fits at lines 1, 3." in unclear.text
    assert (await apply(hands, patch.format(3, 3))).ok
    assert (tree / "a.txt").read_text() == "one\ntwo\nthree\n"


async def test_hunks_without_numbers_and_without_the_space_of_empty_lines_are_read(hands: Hands, tree: Path) -> None:
    patch = "--- cart.py\n+++ cart.py\n@@\n\n\n-def count(lines):\n+def count(lines: list) -> int:\n"
    assert (await apply(hands, patch)).ok
    assert "def count(lines: list) -> int:\n    return len" in (tree / "cart.py").read_text()


async def test_line_ends_of_windows_are_kept(hands: Hands, tree: Path) -> None:
    (tree / "cart.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    assert (await apply(hands, CHANGE)).ok
    content = (tree / "cart.py").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 7


@pytest.mark.parametrize("said", ["", "\\ No newline at end of file\n"])
async def test_a_last_line_without_an_end_stays_so(hands: Hands, tree: Path, said: str) -> None:
    (tree / "a.txt").write_text("one\ntwo")
    patch = f"--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n{said}+three\n{said}"
    assert (await apply(hands, patch)).ok
    assert (tree / "a.txt").read_text() == "one\nthree"


async def test_a_mail_from_git_format_patch_is_read(hands: Hands, tree: Path) -> None:
    words = "From 1234\nSubject: [PATCH] total\n\n---\n cart.py | 3 ++-\n\n"
    assert (await apply(hands, f"{words}diff --git a/cart.py b/cart.py\n{CHANGE}-- \n2.39.5\n")).ok


async def test_empty_files_are_added_and_deleted(hands: Hands, tree: Path) -> None:
    (tree / "b.txt").touch()
    patch = (
        "diff --git a/a.txt b/a.txt\nnew file mode 100644\nindex 0000000..e69de29\n"
        "diff --git a/b.txt b/b.txt\ndeleted file mode 100644\nindex e69de29..0000000\n"
    )
    assert (await apply(hands, patch)).text == "Added a.txt (+0 −0).\nDeleted b.txt (+0 −0)."
    assert ((tree / "a.txt").exists(), (tree / "b.txt").exists()) == (True, False)


WRONG = {
    "no diff": ("please fix it", "names no file"),
    "another form": (
        "*** Begin Patch\n*** Update File: cart.py\n",
        "Line 1 of the patch belongs to no file: ***",
    ),
    "no header": ("@@ -1 +1 @@\n-x\n+y\n", "Line 1 of the patch belongs to no file"),
    "words in a hunk": (
        CHANGE.replace("-    return", "    return").replace(" def", "def"),
        "Line 4 of the patch",
    ),
    "a second name": (CHANGE.replace("b/cart.py", "b/shop.py"), "Say so: `rename from`"),
    "nothing to do": ("--- a/cart.py\n+++ b/cart.py\n", "changes nothing in cart.py"),
    "a mode": ("diff --git a/cart.py b/cart.py\nold mode 100644\nnew mode 100755\n", "Use shell for"),
    "a link": ("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n", "Use shell"),
    "binary": ("diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n", "Use shell for"),
    "twice": (CHANGE + CHANGE, "has cart.py more than once"),
    "file and folder": (ADD + ADD.replace("new/deep.py", "new"), "new both as a file and as a folder"),
    "there already": (ADD.replace("new/deep.py", "old.py"), "old.py exists already, so it cannot be added"),
    "not there": (CHANGE.replace("cart.py", "shop.py"), "There is no shop.py"),
    "not whole": (DELETE.replace("-y = 2\n", ""), "does not take out all of its lines"),
    "taken": (RENAME.replace("bin/tool", "cart.py"), "cart.py exists already"),
    "order": (
        "--- a/cart.py\n+++ b/cart.py\n@@ -5 +5 @@\n-def count(lines):\n+x\n@@ -9 +9 @@\n-def total(lines):\n+y\n",
        "Hunk 2 of cart.py (@@ -9 +9 @@) belongs to line 1, above the hunk before it",
    ),
}


@pytest.mark.parametrize(("patch", "said"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_patch_says_what_is_wrong_and_changes_nothing(
    hands: Hands, tree: Path, patch: str, said: str
) -> None:
    before = everything(tree)
    outcome = await apply(hands, patch)
    assert not outcome.ok
    assert said in outcome.text
    assert "Nothing was changed." in outcome.text
    assert everything(tree) == before


@pytest.mark.parametrize(
    "path",
    [
        "../outside.txt",
        "/etc/passwd",
        "link/x",
        "link",
        ".git/config",
        "sub/.GIT/hooks/x",
        "a/../../outside.txt",
        "\udc80",
    ],
)
@pytest.mark.parametrize("kind", ["change", "add", "delete", "rename from", "rename to"])
async def test_nothing_outside_the_workspace_and_nothing_of_git_is_touched(
    hands: Hands, tree: Path, path: str, kind: str
) -> None:
    outside = tree.parent / "outside.txt"
    outside.write_text("x = 1\n")
    (tree / ".git").mkdir()
    (tree / ".git" / "config").write_text("x = 1\n")
    (tree / "link").symlink_to(tree.parent)
    before = everything(tree)
    patch = {
        "change": f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",
        "add": f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x = 2\n",
        "delete": f"--- a/{path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n",
        "rename from": f"diff --git a/x b/y\nrename from {path}\nrename to y\n",
        "rename to": f"diff --git a/x b/y\nrename from old.py\nrename to {path}\n",
    }[kind]

    outcome = await apply(hands, DELETE.replace("old.py", "cart.py").replace("-y = 2\n", "") + patch)
    alone = await apply(hands, patch)

    assert (outcome.ok, alone.ok) == (False, False)
    assert everything(tree) == before
    assert outside.read_text() == "x = 1\n"
    assert sorted(entry.name for entry in tree.iterdir()) == [".git", "cart.py", "link", "old.py", "tool.sh"]


async def test_what_was_done_is_undone_when_somebody_changes_a_later_file_meanwhile(tree: Path) -> None:
    folder = Folder(tree)
    changes = plan(folder, read_patch(DELETE + CHANGE + ADD + RENAME), again=False)
    (tree / "tool.sh").write_text("#!/bin/sh\necho three\n")
    before = everything(tree)

    with pytest.raises(UserError, match="bin/tool was changed meanwhile"):
        do_all(folder, changes)

    assert everything(tree) == before
    assert os.access(tree / "tool.sh", os.X_OK)


@pytest.mark.parametrize("done", [(), (CHANGE,), (CHANGE, ADD), (CHANGE, ADD, RENAME), (CHANGE, ADD, DELETE, RENAME)])
async def test_a_patch_that_a_dead_process_began_is_completed(hands: Hands, tree: Path, done: tuple[str, ...]) -> None:
    for part in done:
        assert (await apply(hands, part)).changed

    outcome = await apply(replace(hands, again=True), CHANGE + ADD + DELETE + RENAME)

    assert (outcome.ok, outcome.changed) == (True, len(done) < 4)
    assert everything(tree).keys() == {"cart.py", "new/deep.py", "bin/tool"}
    assert (tree / "cart.py").read_text().count("What all lines cost") == 1
    assert (tree / "bin/tool").read_text() == "#!/bin/sh\necho two\n"


async def test_a_rename_that_died_before_its_lines_were_changed_is_completed(hands: Hands, tree: Path) -> None:
    (tree / "bin").mkdir()
    (tree / "tool.sh").rename(tree / "bin/tool")
    assert (await apply(replace(hands, again=True), RENAME)).ok
    assert (tree / "bin/tool").read_text() == "#!/bin/sh\necho two\n"


async def test_an_insertion_that_a_dead_process_made_is_not_made_again(hands: Hands, tree: Path) -> None:
    patch = "--- a/old.py\n+++ b/old.py\n@@ -1,1 +1,2 @@\n x = 1\n+w = 0\n"
    await apply(hands, patch)
    again = await apply(replace(hands, again=True), patch)
    assert (again.text, again.changed) == ("old.py was changed already.", False)
    assert (tree / "old.py").read_text() == "x = 1\nw = 0\ny = 2\n"


@pytest.mark.parametrize(
    "patch",
    [
        "x" * 10_000_000,
        "@@" + "x" * 999_000,
        f"--- a/{'x' * 400_000}\n+++ b/{'x' * 400_000}\n@@ -1 +1 @@\n-x\n+y\n",
        f"--- a/cart.py\n+++ b/cart.py\n@@ -1 +1 @@\n-{'x' * 900_000}\n+y\n",
        "--- a/cart.py\n+++ b/cart.py\n" + "@@ -1 +1 @@\n-x\n+y\n" * 40_000,
        "".join(f"--- a/{n}\n+++ b/{n}\n@@ -1 +1 @@\n-x\n+y\n" for n in range(20_000)),
    ],
    ids=["too long", "header", "name", "line", "hunks", "files"],
)
async def test_patches_of_any_size_are_answered_in_few_words(hands: Hands, tree: Path, patch: str) -> None:
    before = everything(tree)
    outcome = await apply(hands, patch)
    assert not outcome.ok
    assert len(outcome.text) <= FAILED_CHARACTERS
    assert everything(tree) == before


@pytest.mark.parametrize("numbers", ["@@ -0,0 +1,300000 @@", "@@ -0,0 +1,2 @@", "@@"])
async def test_a_patch_of_very_many_lines_is_applied(hands: Hands, tree: Path, numbers: str) -> None:
    outcome = await apply(hands, f"--- /dev/null\n+++ b/long.txt\n{numbers}\n" + "+\n" * 300_000 + "\n" * 300_000)
    assert outcome.summary == "+300000 −0"
    assert (tree / "long.txt").read_text() == "\n" * 300_000


LINES = st.lists(st.sampled_from(["", "a", "b", " a", "-a", "+a", "@@ -1 +1 @@", "\\", "\x0c", "é\u2028"]), max_size=12)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, LINES, st.integers(0, 3))
def test_what_difflib_writes_is_applied_and_known_again(old: list[str], new: list[str], context: int) -> None:
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (old, new))
    diff = difflib.unified_diff([f"{line}\n" for line in old], [f"{line}\n" for line in new], "a/f", "b/f", n=context)
    text = "".join(diff)
    if not text:
        return
    (file,) = read_patch(text)
    assert patched(before, "f", file.hunks) == after
    assert already_patched(after, "f", file.hunks)
