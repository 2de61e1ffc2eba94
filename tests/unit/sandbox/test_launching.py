"""How an app is started is seen from the files of its project."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from studio.domain.previews import Launch
from studio.sandbox.launching.find import find_launches

UVICORN = "python3 -m uvicorn main:app --reload --port 8000"


class Files:
    """A workspace in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def names(self, folder: str) -> frozenset[str]:
        start = f"{folder}/" if folder else ""
        below = (path.removeprefix(start) for path in self._texts if path.startswith(start))
        return frozenset(path.partition("/")[0] for path in below)

    def text(self, path: str) -> str:
        return self._texts.get(path, "")


def package(**fields: object) -> str:
    return json.dumps(fields)


def first(texts: Mapping[str, str]) -> Launch:
    return find_launches(Files(texts))[0]


def test_a_vite_app_is_started_by_its_own_script_and_reloads_itself() -> None:
    made = package(scripts={"build": "vite build", "dev": "vite"}, devDependencies={"vite": "^6"})

    launch = first({"package.json": made, "package-lock.json": "{}", "index.html": ""})

    assert launch == Launch(
        "Vite",
        "cd /workspace && { [ -d node_modules ] || npm ci; } && BROWSER=none npm run dev",
        "package.json has the script “dev”",
        (5173,),
        reloads=True,
        line="npm run dev",
    )


@pytest.mark.parametrize(
    ("script", "watches"), [("node ./bin/www", False), ("nodemon app.js", True), ("tsx watch .", True)]
)
def test_a_server_is_known_to_watch_its_files_by_its_script(script: str, watches: bool) -> None:
    launch = first({"package.json": package(scripts={"start": script}, dependencies={"express": "4"})})

    assert launch.watches is watches


@pytest.mark.parametrize(
    ("lock", "install", "run"),
    [
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm run start"),
        ("yarn.lock", "yarn install --frozen-lockfile", "yarn run start"),
        ("bun.lock", "bun install --frozen-lockfile", "bun run start"),
        ("", "npm install", "npm run start"),
    ],
)
def test_the_lock_file_says_which_package_manager_is_meant(lock: str, install: str, run: str) -> None:
    launch = first({"package.json": package(scripts={"start": "x"}), **({lock: ""} if lock else {})})

    assert launch.command == f"cd /workspace && {{ [ -d node_modules ] || {install}; }} && BROWSER=none {run}"


def test_an_express_app_without_a_script_is_run_and_watched_by_node() -> None:
    launch = first({"package.json": package(main="./server.js", dependencies={"express": "5"}), "server.js": ""})

    assert (launch.kind, launch.reloads) == ("Express", False)
    assert launch.command.endswith("&& node --watch ./server.js")


def test_a_main_script_cannot_bring_a_command_of_its_own() -> None:
    main = "a;reboot .js"
    launch = first({"package.json": package(main=main, dependencies={"koa": "2"}), main: ""})

    assert launch.command.endswith("node --watch 'a;reboot .js'")


def test_a_fastapi_app_is_found_by_the_name_it_has_in_its_package() -> None:
    texts = {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi>=0.100", "uvicorn"]\n',
        "shop/__init__.py": "",
        "shop/main.py": "from fastapi import FastAPI\n\napi: FastAPI = FastAPI(title='Shop')\n",
    }

    launch = first(texts)

    assert (launch.kind, launch.ports, launch.reason) == ("FastAPI", (8000,), "shop/main.py makes the app")
    assert "pip install .;" in launch.command
    assert launch.command.endswith("python3 -m uvicorn shop.main:api --reload --port 8000")


@pytest.mark.parametrize(
    ("texts", "kind", "end"),
    [
        ({"app.py": "app = Flask(__name__)"}, "Flask", "-m flask --app app:app run --debug --port 5000"),
        ({"manage.py": "import django"}, "Django", "python3 manage.py runserver 8000"),
        (
            {"uv.lock": "", "main.py": "app = FastAPI()"},
            "FastAPI",
            "uv run python3 -m uvicorn main:app --reload --port 8000",
        ),
        ({"Procfile": "worker: x\nweb: ./serve --fast"}, "Procfile", "export PORT=8000; ./serve --fast"),
        ({"bin/rails": ""}, "Rails", "bin/rails server"),
        ({"public/index.html": ""}, "Static site", "http.server 8000 --bind 127.0.0.1 --directory public"),
    ],
)
def test_other_apps_are_known_by_their_files(texts: Mapping[str, str], kind: str, end: str) -> None:
    launch = first(texts)

    assert launch.kind == kind
    assert launch.command.endswith(end)


def test_the_page_of_a_project_with_two_parts_comes_before_its_server() -> None:
    texts = {
        "backend/main.py": "app = FastAPI()",
        "frontend/package.json": package(scripts={"dev": "vite"}, devDependencies={"vite": "6"}),
    }

    launches = find_launches(Files(texts))
    assert [launch.command.split(" && ")[0] for launch in launches] == [
        "cd /workspace/frontend",
        "cd /workspace/backend",
    ]
    assert launches[0].line == "cd frontend && npm run dev"


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"scripts": 3, "dependencies": []}', "[" * 100_000])
def test_a_package_file_that_is_none_is_no_app(text: str) -> None:
    assert find_launches(Files({"package.json": text})) == ()
