"""Which way to start an app a person means by what they chose or typed."""

from __future__ import annotations

from studio.domain.previews import Launch, launch_of

DEV = Launch("Vite", "cd /workspace && { ready; } && BROWSER=none npm run dev", "", (5173,), line="npm run dev")
PREVIEW = Launch("Vite", "cd /workspace && { ready; } && npm run preview", "", (4173,), line="npm run preview")


def test_the_line_people_know_a_command_by_means_the_whole_command() -> None:
    assert launch_of(" npm run dev ", (PREVIEW, DEV), "/workspace") == DEV


def test_a_known_line_with_more_behind_it_is_made_ready_as_the_known_one_is() -> None:
    launch = launch_of("npm run dev -- --port 4000", (DEV, PREVIEW), "/workspace")

    assert launch.command == f"{DEV.command} -- --port 4000"
    assert (launch.kind, launch.title) == ("Vite", "npm run dev -- --port 4000")


def test_a_line_of_ones_own_runs_in_the_projects_folder_wherever_the_agents_shell_is() -> None:
    launch = launch_of("./serve", (DEV,), "/workspace")

    assert (launch.command, launch.title, launch.kind) == ("cd /workspace && ./serve", "./serve", "")


def test_a_line_that_only_begins_with_the_same_letters_is_another_one() -> None:
    assert launch_of("npm run develop", (DEV,), "/workspace").command == "cd /workspace && npm run develop"
