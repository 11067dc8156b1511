"""Files that say what is installed: with --to shim they gain a line, with --to responses they lose it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Command
from .engine import PROGRAM, SHIMMED

CASES = {
    "requirements.txt": [
        ("openai\n", "openai\nassistants-compat\n"),
        (
            "# web\nflask==2.0  # pinned\nopenai >= 1.30 # sdk\nrequests\n",
            "# web\nflask==2.0  # pinned\nopenai >= 1.30 # sdk\nassistants-compat\nrequests\n",
        ),
        ("flask\r\nopenai\r\n", "flask\r\nopenai\r\nassistants-compat\r\n"),
        ("flask\nopenai", "flask\nopenai\nassistants-compat"),
        (
            "openai[datalib]==1.70.0 ; python_version > '3.8'\n",
            "openai[datalib]==1.70.0 ; python_version > '3.8'\nassistants-compat; python_version > \"3.8\"\n",
        ),
        ("openai==1.12.0  # old\n", "openai>=1.66,<4  # old\nassistants-compat\n"),
        ("OpenAI==2.1\n", "OpenAI==2.1\nassistants-compat\n"),
        ("openai @ git+https://example.com/openai.git\n", "openai @ git+https://example.com/openai.git\nassistants-compat\n"),
        ("flask\n", "flask\nassistants-compat\n"),
        ("", "assistants-compat\n"),
        ("openai-whisper\nopenai\n", "openai-whisper\nopenai\nassistants-compat\n"),
    ],
    "pyproject.toml": [
        (
            '[project]\nname = "x"\ndependencies = ["openai>=1.0", "flask"]\n',
            '[project]\nname = "x"\ndependencies = ["openai>=1.0", "assistants-compat", "flask"]\n',
        ),
        (
            "[project]\nname = 'x'\ndependencies = [\n    'flask',\n    'openai>=1.0', # the sdk\n]\n",
            "[project]\nname = 'x'\ndependencies = [\n    'flask',\n    'openai>=1.0', # the sdk\n    'assistants-compat',\n]\n",
        ),
        (
            '[project]\nname = "x"\ndependencies = [\n  "openai"  # no comma\n]\n# "openai"\n[tool.x]\ny = "openai"\n',
            '[project]\nname = "x"\ndependencies = [\n  "openai",  # no comma\n'
            '  "assistants-compat"\n]\n# "openai"\n[tool.x]\ny = "openai"\n',
        ),
        (
            '[tool.x]\na = ["openai"]\n[project]\nname = "x"\ndependencies = ["openai"]\n',
            '[tool.x]\na = ["openai"]\n[project]\nname = "x"\ndependencies = ["openai", "assistants-compat"]\n',
        ),
        (
            '[tool.poetry.dependencies]\npython = "^3.10"\nopenai = "^1.30"\n\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
            '[tool.poetry.dependencies]\npython = "^3.10"\nopenai = "^1.30"\n'
            'assistants-compat = "*"\n\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
        ),
        (
            '[tool.poetry.dependencies]\nopenai = { version = "^1.30", extras = ["x"] }\n',
            '[tool.poetry.dependencies]\nopenai = { version = "^1.30", extras = ["x"] }\nassistants-compat = "*"\n',
        ),
        ('[tool.poetry.dependencies]\nopenai = "~1.30"\n', '[tool.poetry.dependencies]\nopenai = ">=1.66,<4"\nassistants-compat = "*"\n'),
        (
            '[project]\r\nname = "x"\r\ndependencies = [\r\n  "openai==1.3.7",\r\n]\r\n',
            '[project]\r\nname = "x"\r\ndependencies = [\r\n  "openai>=1.66,<4",\r\n  "assistants-compat",\r\n]\r\n',
        ),
        (
            '[dependency-groups]\nbot = ["openai", {include-group = "x"}]\nx = []\n',
            '[dependency-groups]\nbot = ["openai", "assistants-compat", {include-group = "x"}]\nx = []\n',
        ),
        (
            '[project]\nname = "x"\ndependencies = ["openai"]\noptional-dependencies.ai = ["openai"]\n',
            '[project]\nname = "x"\ndependencies = ["openai", "assistants-compat"]\noptional-dependencies.ai = ["openai"]\n',
        ),
    ],
    "setup.cfg": [
        (
            "[options]\ninstall_requires =\n    flask\n    openai>=1.0  # sdk\n\n[options.extras_require]\nx =\n    openai>=1.0\n",
            "[options]\ninstall_requires =\n    flask\n    openai>=1.0  # sdk\n"
            "    assistants-compat\n\n[options.extras_require]\nx =\n    openai>=1.0\n",
        ),
    ],
    "setup.py": [
        (
            'from setuptools import setup\nsetup(install_requires=["é", "openai>=1", "x"])\n',
            'from setuptools import setup\nsetup(install_requires=["é", "openai>=1", "assistants-compat", "x"])\n',
        ),
        (
            'from setuptools import setup\nNEEDS = [\n    "openai",\n]\nsetup(install_requires=NEEDS)\n',
            'from setuptools import setup\nNEEDS = [\n    "openai",\n    "assistants-compat",\n]\nsetup(install_requires=NEEDS)\n',
        ),
    ],
    "Pipfile": [('[packages]\nopenai = "*"\nflask = "*"\n', '[packages]\nopenai = "*"\nassistants-compat = "*"\nflask = "*"\n')],
    "environment.yml": [
        (
            "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - openai==1.80.0  # sdk\n    - flask\nprefix: x\n",
            "dependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - openai==1.80.0  # sdk\n"
            "    - assistants-compat\n    - flask\nprefix: x\n",
        ),
        ("dependencies:\n- pip:\n  - openai\n- numpy\n", "dependencies:\n- pip:\n  - openai\n  - assistants-compat\n- numpy\n"),
    ],
}


@pytest.mark.parametrize(("name", "before", "after"), [(name, *case) for name, cases in CASES.items() for case in cases])
def test_the_package_goes_beside_openai_and_everything_else_stays(tree: Path, command: Command, name: str, before: str, after: str) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / name).write_bytes(before.encode())
    command("migrate", "--to", "shim", "--write")
    assert (tree / name).read_bytes().decode() == after
    assert command("migrate", "--to", "shim", "--write").exit_code == 0
    assert (tree / name).read_bytes().decode() == after


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("requirements.txt", "openai==1.80.0 --hash=sha256:abc\n", "AC011 The file has hashes"),
        ("requirements.txt", "openai==1.12.0 \\\n    --hash=sha256:abc\n", "AC013 openai==1.12.0"),
        ("requirements.txt", "# This file is autogenerated by pip-compile\nopenai==1.12.0\n", "AC015 The file is compiled"),
        ("setup.py", "from setuptools import setup\nx = 'openai'\nsetup(install_requires=[x] + y)\n", "setup.py:2: AC011"),
        ("environment.yml", "dependencies:\n  - numpy\n  - openai=1.2\n", "environment.yml:3: AC011"),
        ("pyproject.toml", '[project]\nname = "x"\n[project.optional-dependencies]\nai = ["openai"]\n', "AC011 openai is not among"),
        ("pyproject.toml", "[tool.poetry.dependencies.openai]\nversion = '^1.0'\n", "AC011 tool.poetry.dependencies: add"),
        ("notes.txt", "openai\n", "AC010 app.py imports assistants-compat"),
    ],
)
def test_what_cannot_be_rewritten_is_told_and_stays(tree: Path, command: Command, name: str, content: str, said: str) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / name).write_text(content)
    result = command("migrate", "--to", "shim", "--write")
    assert said in result.stderr
    assert (tree / name).read_text() == content


def test_the_nearest_file_that_names_openai_governs(tree: Path, command: Command) -> None:
    for folder in ("", "services/a/", "services/b/"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
        (tree / folder / "requirements.txt").write_text("openai\n")
    (tree / "services/b/requirements.txt").write_text("flask\n")
    (tree / "services/a/deep").mkdir()
    (tree / "services/a/deep/app.py").write_text(PROGRAM)
    command("migrate", "--to", "shim", "--write")
    assert (tree / "services/a/requirements.txt").read_text() == "openai\nassistants-compat\n"
    assert (tree / "requirements.txt").read_text() == "openai\n"
    (tree / "services/b/app.py").write_text(PROGRAM)
    command("migrate", "--to", "shim", "--write")
    assert (tree / "services/b/requirements.txt").read_text() == "flask\n"
    assert (tree / "requirements.txt").read_text() == "openai\nassistants-compat\n"


def test_included_files_and_the_folder_requirements_belong_to_it(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "requirements").mkdir()
    (tree / "requirements.txt").write_text("-r deps/main.txt\n-r requirements/base.txt\n")
    (tree / "deps").mkdir()
    (tree / "deps/main.txt").write_text("openai\n")
    (tree / "requirements/base.txt").write_text("openai\n")
    (tree / "requirements/constraints.txt").write_text("openai==1.80\n")
    command("migrate", "--to", "shim", "--write")
    assert (tree / "deps/main.txt").read_text() == "openai\nassistants-compat\n"
    assert (tree / "requirements/base.txt").read_text() == "openai\nassistants-compat\n"
    assert (tree / "requirements/constraints.txt").read_text() == "openai==1.80\n"
    assert "assistants" not in (tree / "requirements.txt").read_text()


def test_constraints_and_lock_files_are_told_about(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["openai"]\n')
    (tree / "uv.lock").write_text("")
    (tree / "constraints.txt").write_text("flask\nopenai==1.2.3\n")
    result = command("migrate", "--to", "shim")
    assert "AC015 Run `uv lock`" in result.stderr
    assert "constraints.txt:2: AC013 openai==1.2.3" in result.stderr


def test_a_file_that_needs_nothing_changes_nothing(tree: Path, command: Command) -> None:
    (tree / "other.py").write_text("print('beta')\n")
    (tree / "requirements.txt").write_text("openai==1.2.3\n")
    assert command("migrate", "--to", "shim", "--write").exit_code == 0
    assert (tree / "requirements.txt").read_text() == "openai==1.2.3\n"


def test_a_requirements_file_from_powershell_stays_utf_16(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "requirements.txt").write_bytes("openai\r\n".encode("utf-16"))
    command("migrate", "--to", "shim", "--write")
    assert (tree / "requirements.txt").read_bytes() == "openai\r\nassistants-compat\r\n".encode("utf-16")


def test_the_dependency_can_be_left_out(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / "requirements.txt").write_text("openai\n")
    command("migrate", "--to", "shim", "--write", "--skip", "dependencies")
    assert (tree / "requirements.txt").read_text() == "openai\n"
    assert (tree / "app.py").read_text() == SHIMMED


@pytest.mark.parametrize("name", CASES)
def test_on_the_way_to_responses_the_package_goes_again(tree: Path, command: Command, name: str, shim_program: str) -> None:
    before, after = CASES[name][0]
    (tree / "app.py").write_text(shim_program)
    (tree / name).write_text(after)
    command("migrate", "--to", "responses", "--write")
    assert (tree / name).read_text() == before


def test_the_package_stays_while_one_file_needs_it(tree: Path, command: Command, shim_program: str) -> None:
    (tree / "app.py").write_text(shim_program)
    (tree / "other.py").write_text("import assistants_compat\n")
    (tree / "requirements.txt").write_text("openai\nassistants-compat\n")
    command("migrate", "--to", "responses", "--write")
    assert (tree / "requirements.txt").read_text() == "openai\nassistants-compat\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("requirements.txt", "flask\nopenai>=1.30\n", 2),
        ("requirements.txt", "openai==1.99.0\n", 1),
        ("requirements.txt", "openai\n", 1),
        ("requirements.txt", "openai>=1.101\n", None),
        ("requirements.txt", "openai==2.3.0\n", None),
        ("pyproject.toml", '[tool.poetry.dependencies]\nopenai = "^1.66"\n', 2),
        ("pyproject.toml", '[project]\nname = "x"\ndependencies = [\n  "openai~=2.0",\n]\n', None),
        ("environment.yml", "dependencies:\n  - openai=1.2\n", 2),
    ],
)
def test_native_code_needs_a_newer_openai_and_a_report_says_so(
    tree: Path, command: Command, name: str, content: str, told: int | None
) -> None:
    (tree / "app.py").write_text(PROGRAM)
    (tree / name).write_text(content)
    findings = json.loads(command("migrate", "--to", "responses", "--format", "json").stdout)["findings"]
    assert [(finding["code"], finding["line"]) for finding in findings] == ([("AC014", told)] if told else [])
