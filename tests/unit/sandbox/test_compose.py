"""What of a compose file stands beside a sandbox, and what is said of the rest."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.sandbox.spec.compose import WrongCompose, env_files_of, read_compose
from studio.sandbox.spec.service import Need, Service, ServiceFile, Services, ServiceVolume

SHOP = """
    x-usual: &usual
      restart: always
    services:
      db:
        <<: *usual
        image: postgres:16
        environment:
          POSTGRES_PASSWORD: ${DB_PASSWORD:-secret}
        ports: ["127.0.0.1:15432:5432"]
        volumes: ["data:/var/lib/postgresql/data", "./db/init.sql:/docker-entrypoint-initdb.d/init.sql:ro"]
        healthcheck: {test: pg_isready, interval: 5s, timeout: 3s}
        mem_limit: 256m
      worker:
        image: worker
        command: python -m worker --name "the one"
        depends_on: {db: {condition: service_healthy}}
      web:
        build: .
        volumes: [".:/app"]
        depends_on: [db]
    volumes:
      data:
"""


def read(text: str, **env_files: str) -> Services:
    return read_compose("compose.yaml", textwrap.dedent(text), env_files)


def alone(body: str) -> str:
    return f"services:\n  it:\n{textwrap.indent(textwrap.dedent(body), '    ')}\nvolumes: {{data: }}\n"


def one(body: str, **env_files: str) -> Service:
    """A service named “it” with these lines."""
    found = read(
        f"services:\n  it:\n{textwrap.indent(textwrap.dedent(body), '    ')}\nvolumes: {{data: }}\n", **env_files
    )
    assert found.left == ()
    return found.started[0]


def why_not(body: str) -> str:
    """Why a service with these lines is left out."""
    found = read(alone(body))
    assert found.started == ()
    assert found.left[0].action
    return found.left[0].sentence


def test_a_database_is_taken_as_the_file_has_it() -> None:
    db = read(SHOP).started[0]

    assert (db.name, db.image, db.ports, db.env) == ("db", "postgres:16", (5432,), {"POSTGRES_PASSWORD": "secret"})
    assert db.volumes == (ServiceVolume("data", "/var/lib/postgresql/data"),)
    assert db.files == (ServiceFile("db/init.sql", "/docker-entrypoint-initdb.d/init.sql"),)
    assert db.health is not None
    assert (db.health.argv, db.health.timeout) == (("/bin/sh", "-c", "pg_isready"), 3.0)
    assert db.memory_bytes == 256 << 20


def test_each_service_comes_after_what_it_needs() -> None:
    found = read("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [c]}, c: {image: x}}")

    assert [service.name for service in found.started] == ["c", "b", "a"]


def test_a_condition_says_what_is_waited_for() -> None:
    assert read(SHOP).started[1].needs == (Need("db", "healthy"),)


def test_a_command_in_one_line_is_taken_apart_as_a_shell_would() -> None:
    assert read(SHOP).started[1].command == ("python", "-m", "worker", "--name", "the one")


def test_the_app_itself_is_left_to_the_sandbox() -> None:
    (web,) = read(SHOP).left

    assert web.service == "web"
    assert "the project's own files, which are in the sandbox" in web.sentence


def test_a_service_that_is_built_from_the_repository_is_the_app_too() -> None:
    found = read("services: {web: {build: {context: ./web}, image: shop/web, ports: ['80:80']}}")

    assert [(one.service, one.at_home) for one in found.left] == [("web", True)]


def test_the_app_finds_its_variables_in_the_sandbox_but_for_those_that_no_sandbox_is_given() -> None:
    variables = "{DATABASE_URL: 'postgres://db/shop', PATH: /evil, HTTP_PROXY: 'http://evil', LD_PRELOAD: /evil.so}"
    found = read(
        f"services: {{web: {{build: ., environment: {variables}, env_file: web.env}}, "
        "job: {build: ., environment: [A=2]}}",
        **{"web.env": "A=1\n"},
    )

    assert found.app_env == {"DATABASE_URL": "postgres://db/shop", "A": "1"}


def test_whoever_needs_the_app_is_started_and_finds_it_by_its_name() -> None:
    found = read("services: {proxy: {image: nginx, depends_on: [web]}, web: {build: .}}")

    assert [service.name for service in found.started] == ["proxy"]
    assert found.hosts == {"proxy": "127.0.0.1", "web": "127.0.0.1"}


def test_all_names_lead_to_the_loopback() -> None:
    found = read(
        "services: {db: {image: x, hostname: shop-db, networks: {back: {aliases: [database]}}}}\nnetworks: {back: }"
    )

    assert found.hosts == {"db": "127.0.0.1", "shop-db": "127.0.0.1", "database": "127.0.0.1"}


@pytest.mark.parametrize(
    "line",
    [
        "privileged: true",
        "cap_add: [SYS_ADMIN]",
        "devices: [/dev/kmsg]",
        "security_opt: [seccomp:unconfined]",
        "network_mode: host",
        "network_mode: container:other",
        "pid: host",
        "ipc: host",
        "userns_mode: host",
        "cgroup_parent: /",
        "sysctls: {net.ipv4.ip_forward: 1}",
        "extra_hosts: [host:host-gateway]",
        "dns: 8.8.8.8",
        "volumes_from: [other]",
        "runtime: other",
        "group_add: [docker]",
        "use_api_socket: true",
        "gpus: all",
        "secrets: [a]",
        "extends: {file: ../other.yaml}",
        "power_of_tomorrow: 1",
        "scale: 2",
        "deploy: {replicas: 3}",
    ],
)
def test_what_weakens_the_walls_or_cannot_be_had_is_refused_by_name(line: str) -> None:
    assert f"“{line.partition(':')[0]}" in why_not(f"image: x\n{line}")


@pytest.mark.parametrize(
    "volume",
    [
        "/var/run/docker.sock:/var/run/docker.sock",
        "/:/host",
        "~/.ssh:/ssh:ro",
        "../other:/other",
        "./a/../../b:/b",
        "C:\\Users:/users",
        "data:/proc/sys",
        "data:relative",
        "data:/a:exec",
        "other:/data",
        "./a:/run/secrets/a",
    ],
)
def test_nothing_of_the_machine_is_given_to_a_service(volume: str) -> None:
    assert why_not(f"image: x\nvolumes: ['{volume}']")


def test_a_volume_that_others_share_is_refused() -> None:
    found = read("services: {db: {image: x, volumes: ['a:/a']}}\nvolumes: {a: {external: true}}")

    assert found.left[0].sentence == "its volume a is external, and every run has volumes of its own"


def test_a_volume_that_leads_to_a_folder_of_the_machine_is_refused() -> None:
    options = "{driver: local, driver_opts: {type: none, o: bind, device: /etc}}"
    found = read(f"services: {{db: {{image: x, volumes: ['a:/a']}}}}\nvolumes: {{a: {options}}}")

    assert found.left[0].sentence == "its volume a sets “driver_opts”"


def test_two_services_on_one_port_cannot_share_a_loopback() -> None:
    found = read("services: {a: {image: x, expose: [80]}, b: {image: x, ports: ['8080:80']}}")

    assert [service.name for service in found.started] == ["a"]
    assert found.left[0].sentence.startswith("it listens on port 80, as a does")


def test_all_that_a_service_may_not_ask_for_is_said_at_once() -> None:
    body = """
services:
  web:
    image: web:1
    privileged: true
    cap_add: [SYS_ADMIN]
    network_mode: host
    volumes: ["/etc:/etc/host", "/var/run/docker.sock:/sock", "data:/data"]
volumes:
  data:
"""
    (left,) = read_compose("compose.yaml", body, {}).left

    assert left.sentence == (
        "“privileged” asks for the rights of the machine itself; “cap_add” asks for more rights than a sandbox has; "
        "“network_mode” asks for a network that no sandbox has; it asks for /etc of this machine; "
        "it asks for /var/run/docker.sock of this machine"
    )
    assert left.action == "Take them out of the compose file. Give it a named volume, or a file of the repository."


def test_whoever_needs_a_service_that_is_left_out_is_left_out() -> None:
    found = read("services: {a: {image: x, depends_on: [b]}, b: {image: x, privileged: true}, c: {image: x}}")

    assert [service.name for service in found.started] == ["c"]
    assert {left.service: left.sentence for left in found.left}["a"] == "it depends on b, which is not started"


def test_a_circle_of_needs_is_left_out() -> None:
    found = read("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}")

    assert (found.started, len(found.left)) == ((), 2)


def test_a_service_of_a_profile_is_not_started() -> None:
    assert read("services: {a: {image: x, profiles: [debug]}}") == Services(file="compose.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$NAME", "shop"),
        ("${NAME}-1", "shop-1"),
        ("${NONE:-usual}", "usual"),
        ("${EMPTY-usual}", ""),
        ("${EMPTY:-usual}", "usual"),
        ("${NAME:+set}", "set"),
        ("${NONE}", ""),
        ("$$NAME", "$NAME"),
    ],
)
def test_a_variable_comes_from_the_env_file_of_the_repository(text: str, value: str) -> None:
    found = one(f"image: x\nenvironment: {{A: '{text}'}}", **{".env": "NAME=shop\nEMPTY=\n"})

    assert found.env == {"A": value}


def test_a_variable_of_this_machine_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PERSON", "1234")

    assert one("image: x\nenvironment: [SECRET_OF_THE_PERSON, 'A=${SECRET_OF_THE_PERSON}']").env == {"A": ""}


def test_a_needed_variable_that_is_not_set_is_told() -> None:
    with pytest.raises(WrongCompose, match=r"needs the variable PASSWORD: give one\."):
        read("services: {a: {image: x, environment: {P: '${PASSWORD:?give one}'}}}")


def test_env_files_are_named_and_read() -> None:
    text = "services: {a: {image: x, env_file: [one.env, {path: two.env}]}}"

    assert env_files_of(text) == (".env", "one.env", "two.env")
    found = read(text, **{"one.env": "A=1\nB='two words' # a note\n", "two.env": "export A=2\n"})
    assert found.started[0].env == {"A": "2", "B": "two words"}


def test_an_env_file_that_is_not_there_leaves_the_service_out() -> None:
    assert why_not("image: x\nenv_file: ../other.env") == "its env_file ../other.env is not in the repository"


def test_ports_are_what_is_listened_on_inside() -> None:
    ports = "ports: [22:22, '8080:80', '127.0.0.1:9000:90', '7000-7002:70-72', {target: 5000}, '53:53/udp', 6000/tcp]"

    assert one(f"image: x\n{ports}").ports == (22, 80, 90, 70, 71, 72, 5000, 6000)


@pytest.mark.parametrize("ports", ["[x]", "['0:0']", "['1-65535:1-65535']", "['80:99999']"])
def test_what_is_no_port_is_refused(ports: str) -> None:
    assert "is no port" in why_not(f"image: x\nports: {ports}")


def test_a_yaml_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    with pytest.raises(WrongCompose, match="too big"):
        read("\n".join(lines))


def test_variables_cannot_make_a_small_file_big() -> None:
    wanted = "$BIG" * 2000

    with pytest.raises(WrongCompose, match="too long"):
        read(f"services: {{a: {{image: x, command: '{wanted}'}}}}", **{".env": f"BIG={'x' * 10_000}"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no services"),
        ("[1]", "names no services"),
        ("services: []", "names no services"),
        ("a: [", "line 1"),
        ("services: !!python/object/apply:os.system ['true']", "which is not read"),
        ("include: [other.yaml]\nservices: {a: {image: x}}", "says “include”"),
        ("a: &a [*a]", "stands for what it is a part of"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(WrongCompose, match=said) as told:
        read(text)
    assert str(told.value).startswith("compose.yaml ")


@pytest.mark.parametrize("image", ["studio-project-p1:x", "192.168.1.1:8080/x", "0123456789ab", "localhost:5000/x"])
def test_a_service_names_its_image_by_a_public_name(image: str) -> None:
    assert image in why_not(f"image: {image}")


@pytest.mark.parametrize(
    "line",
    [
        "cpus: 0.0000000001",
        "cpus: nan",
        "cpus: inf",
        "cpus: -1",
        f"mem_limit: {'9' * 400}",
        f"stop_grace_period: {'9' * 400}s",
        "healthcheck: {test: true}",
        "healthcheck: {test: [CMD-SHELL]}",
        "volumes: [{type: volume, source: data, target: /data, volume: true}]",
    ],
)
def test_a_value_that_is_none_leaves_its_service_out(line: str) -> None:
    assert why_not(f"image: x\n{line}")


@pytest.mark.parametrize(
    "tagged", ["!!int 0x1", "!!float .nan", "!!bool perhaps", "!!timestamp 1", "!!python/name:x y"]
)
def test_what_a_file_says_of_the_kind_of_a_value_is_not_followed(tagged: str) -> None:
    with pytest.raises(WrongCompose, match="which is not read"):
        read(f"services: {{a: {{image: x, cpus: {tagged}}}}}")


def test_a_name_that_ends_in_a_sign_is_no_name_of_a_host() -> None:
    found = read("services: {db-: {image: x}, db_: {image: x}, db.: {image: x}, db: {image: x, hostname: it-}}")

    assert len(found.left) == 3
    assert found.hosts == {"db": "127.0.0.1"}


SCALARS = st.sampled_from(["x", "5", "-1", "nan", "1e999", "a:b:c", "/a", "./a", "../a", "9" * 400, ""]) | st.booleans()
VALUES = st.recursive(
    SCALARS | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["test", "type", "source", "target", "volume", "resources", "limits"]), inner)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    "cpus deploy depends_on entrypoint command env_file environment expose healthcheck hostname mem_limit networks "  # noqa: SIM905
    "ports stop_grace_period tmpfs user volumes working_dir scale network_mode".split()
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), VALUES)
def test_no_service_that_anybody_writes_breaks_the_reading(body: dict[str, object], volumes: object) -> None:
    found = read(json.dumps({"services": {"it": {"image": "x", **body}}, "volumes": volumes}))

    assert [one.name for one in found.started] + [one.service for one in found.left] == ["it"]
    assert all(one.cpus == 0 or one.cpus >= 0.01 for one in found.started)


@pytest.mark.parametrize(
    "body", ["", "image: [1]", "image: x\nports: 5", "image: x\nenvironment: 5", "image: x\ncommand: {}"]
)
def test_a_wrong_shape_never_breaks_the_reading(body: str) -> None:
    read(f"services:\n  it:\n{textwrap.indent(body, '    ')}\n")
