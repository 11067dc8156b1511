"""`assistants-compat run`: beside each program's run stands what plain Python makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.testing import OfflineUpstream

RUN = [sys.executable, "-m", "assistants_compat", "run"]
PYTHON = [sys.executable]


def _started(command: list[str], cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **more.pop("env", {})}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, **more)


def _saved(folder: Path, name: str, code: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(code))
    return path


def _runs_alike(arguments: list[str], cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run it both ways; the output, the errors and the exit code must be the same."""
    ours, pythons = (_started([*command, *arguments], cwd, **more) for command in (RUN, PYTHON))
    assert (ours.returncode, ours.stdout, ours.stderr) == (pythons.returncode, pythons.stdout, pythons.stderr)
    return ours


INTROSPECTION = """
    import sys, os, __main__
    print(sys.argv, sys.path, sys.flags, sys.warnoptions)
    print(__name__, __file__, __package__, __spec__ and __spec__.name, __main__.__dict__ is globals(), __builtins__)
    print(sorted(sys.modules))
"""


def _without_startup_modules(output: str) -> str:
    """The list of modules aside: Python itself has the sitecustomize and the import hook in it."""
    return "\n".join(line for line in output.splitlines() if "'builtins'" not in line or "<module" in line)


@pytest.mark.parametrize("program", ["app.py", "./app.py", "{cwd}/app.py", "sub/app.py", "link.py", "package"])
def test_a_program_sees_of_itself_what_it_sees_under_python(program: str, tmp_path: Path) -> None:
    for name in ("app.py", "sub/app.py", "package/__main__.py"):
        _saved(tmp_path, name, INTROSPECTION)
    (tmp_path / "link.py").symlink_to(tmp_path / "sub" / "app.py")
    arguments = [program.format(cwd=tmp_path), "one", "--store", "-m", "--help", "--", "two words"]
    ours, pythons = (_started([*command, *arguments], tmp_path) for command in (RUN, PYTHON))
    assert ours.stderr == pythons.stderr == ""
    assert _without_startup_modules(ours.stdout) == _without_startup_modules(pythons.stdout)


def test_a_module_sees_of_itself_what_it_sees_under_python(tmp_path: Path) -> None:
    _saved(tmp_path, "package/__init__.py", "")
    _saved(tmp_path, "package/__main__.py", INTROSPECTION)
    _saved(tmp_path, "package/part.py", INTROSPECTION)
    for module in ("package", "package.part"):
        arguments = ["-m", module, "--help", "-m", "x"]
        ours, pythons = (_started([*command, *arguments], tmp_path) for command in (RUN, PYTHON))
        assert ours.stderr == pythons.stderr == ""
        assert _without_startup_modules(ours.stdout) == _without_startup_modules(pythons.stdout)


def test_openai_is_imported_by_the_program_and_not_before_it(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "import sys; print(sorted({'openai', 'httpx', 'sqlalchemy', 'click', 'pydantic'} & set(sys.modules)))")
    assert _started([*RUN, "app.py"], tmp_path).stdout == "[]\n"


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "raise SystemExit",
        "raise SystemExit('a message')",
        "import os; os._exit(7)",
        "def f():\n    raise ValueError('no')\n\nf()\n",
        "print('unclosed'",
        "import nowhere_to_be_found",
        "import atexit, threading\natexit.register(print, 'bye')\nthreading.Thread(target=lambda: print('thread')).start()\n",
        "print(input('name? '), end='')",
    ],
)
def test_a_program_ends_as_it_ends_under_python(code: str, tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", code)
    _runs_alike(["app.py"], tmp_path, input="Ada\n")


def test_an_interrupted_program_ends_as_it_ends_under_python(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "raise KeyboardInterrupt")
    assert _runs_alike(["app.py"], tmp_path).returncode == -signal.SIGINT
    in_a_shell = _started(["sh", "-c", f"{' '.join(RUN)} app.py; echo $?"], tmp_path)
    assert in_a_shell.stdout == "130\n"


def test_a_module_that_is_not_there_is_reported_by_python(tmp_path: Path) -> None:
    assert _runs_alike(["-m", "nowhere_to_be_found"], tmp_path).returncode == 1


def test_pythons_own_options_reach_the_program(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "import sys, warnings; print(sys.flags.dev_mode, sys.flags.optimize); warnings.warn('now')")
    options = ["-X", "dev", "-W", "error", "-O"]
    ours = _started([sys.executable, *options, "-m", "assistants_compat", "run", "app.py"], tmp_path)
    pythons = _started([sys.executable, *options, "app.py"], tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (pythons.stdout, pythons.stderr, 1)


CONVERSATION = """
    import os
    from openai import OpenAI

    client = OpenAI(api_key="sk-test")
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    print(run.status, client.beta.threads.messages.list(thread.id).data[0].content[0].text.value)
"""


def test_a_program_holds_a_conversation_unchanged(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", CONVERSATION)
    with OfflineUpstream(["Hello!"]).serve() as base_url:
        ours = _started([*RUN, "--store", "kept.db", "app.py"], tmp_path, env={"OPENAI_BASE_URL": base_url})
    assert ours.stdout == "completed Hello!\n", ours.stderr
    assert (tmp_path / "kept.db").exists()


@pytest.mark.parametrize(("models", "sent"), [("recommended", "gpt-5.6-sol"), ("gpt-4=gpt-6-luna,o1=gpt-6-sol", "gpt-6-luna")])
def test_models_are_chosen_for_the_program(models: str, sent: str, tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", CONVERSATION.replace("gpt-4o", "gpt-4"))
    upstream = OfflineUpstream(["Hello!"])
    with upstream.serve() as base_url:
        environment = {"OPENAI_BASE_URL": base_url, "ASSISTANTS_COMPAT_MODELS": "gpt-4=gpt-6-astra"}
        ours = _started([*RUN, "--store", "kept.db", "--models", models, "app.py"], tmp_path, env=environment)
    assert ours.stdout == "completed Hello!\n", ours.stderr
    assert [request.body["model"] for request in upstream.requests] == [sent]


def test_models_that_cannot_be_read_are_refused_before_the_program_runs(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "print('ran')")
    ours = _started([*RUN, "--models", "replace", "app.py"], tmp_path)
    assert (ours.returncode, ours.stdout) == (2, "")
    assert "expected 'recommended' or 'old=new,old=new'" in ours.stderr


def test_the_store_stays_where_it_is_when_the_program_changes_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    _saved(tmp_path, "app.py", f"import os\nos.chdir('elsewhere')\n{textwrap.dedent(CONVERSATION)}")
    with OfflineUpstream(["Hello!"]).serve() as base_url:
        ours = _started([*RUN, "--store=kept.db", "app.py"], tmp_path, env={"OPENAI_BASE_URL": base_url})
    assert ours.returncode == 0, ours.stderr
    assert (tmp_path / "kept.db").exists()


def test_an_environment_filled_by_the_program_counts(tmp_path: Path) -> None:
    """openai reads OPENAI_API_TYPE when it is imported: what a program loads from a file just before must have been read by then."""
    code = """
        import os
        os.environ.update(OPENAI_API_TYPE="azure", AZURE_OPENAI_API_KEY="k", AZURE_OPENAI_ENDPOINT="https://unit.openai.azure.com",
                          OPENAI_API_VERSION="2024-05-01-preview")
        import openai
        print(openai.api_type, openai.beta.threads.create().object)
    """
    _saved(tmp_path, "app.py", code)
    ours = _started([*RUN, "--store", ":memory:", "app.py"], tmp_path)
    assert ours.stdout == "azure thread\n", ours.stderr


ANSWERED = "import openai; print(openai.OpenAI(api_key='sk').beta.threads.create().object)"


def test_the_pythons_a_program_starts_are_answered_too(tmp_path: Path) -> None:
    _saved(tmp_path, "child.py", ANSWERED)
    _saved(tmp_path, "app.py", "import subprocess, sys; subprocess.run([sys.executable, 'child.py'], check=True)")
    ours = _started([*RUN, "--store", ":memory:", "app.py"], tmp_path)
    assert ours.stdout == "thread\n", ours.stderr


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_multiprocessing_finds_its_main_module_and_is_answered(method: str, tmp_path: Path) -> None:
    code = f"""
        import multiprocessing

        def created(_):
            import openai
            return __name__, openai.OpenAI(api_key="sk").beta.threads.create().object

        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                print(pool.map(created, [1]))
    """
    _saved(tmp_path, "app.py", code)
    ours = _started([*RUN, "--store", "kept.db", "app.py"], tmp_path)
    assert "'thread')]" in ours.stdout, ours.stderr


def test_a_program_that_imports_the_drop_in_clients_runs_too(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "from assistants_compat import OpenAI; print(OpenAI(api_key='sk').beta.threads.create().object)")
    ours = _started([*RUN, "--store", "kept.db", "app.py"], tmp_path)
    assert ours.stdout == "thread\n", ours.stderr
    assert (tmp_path / "kept.db").exists()


def test_a_sitecustomize_that_stood_there_still_runs(tmp_path: Path) -> None:
    _saved(tmp_path, "site/sitecustomize.py", "import builtins; builtins.customized = True")
    _saved(tmp_path, "app.py", f"print(customized)\n{ANSWERED}")
    ours = _started([*RUN, "--store", ":memory:", "app.py"], tmp_path, env={"PYTHONPATH": str(tmp_path / "site")})
    assert ours.stdout == "True\nthread\n", ours.stderr


def test_a_program_with_a_module_of_its_own_named_openai_is_left_alone(tmp_path: Path) -> None:
    _saved(tmp_path, "openai.py", "answer = 42")
    _saved(tmp_path, "app.py", "import openai; print(openai.answer, openai.__loader__ is openai.__spec__.loader, openai.__spec__.origin)")
    _runs_alike(["app.py"], tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'PROGRAM'"),
        (["-"], "cannot be read from standard input"),
        (["missing.py"], "There is no file 'missing.py'"),
        (["--bogus", "app.py"], "No such option"),
        (["-m"], "Missing argument 'PROGRAM'"),
    ],
)
def test_a_command_line_that_cannot_be_followed_is_refused(arguments: list[str], message: str, tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "print('ran')")
    ours = _started([*RUN, *arguments], tmp_path)
    assert (ours.returncode, ours.stdout) == (2, "")
    assert message in ours.stderr
    assert "Traceback" not in ours.stderr


def test_a_setting_that_cannot_be_read_is_reported_before_the_program_starts(tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "print('ran')")
    ours = _started([*RUN, "app.py"], tmp_path, env={"ASSISTANTS_COMPAT_HOLD": "soon"})
    assert (ours.returncode, ours.stdout) == (2, "")
    assert "ASSISTANTS_COMPAT_HOLD='soon'" in ours.stderr


@pytest.mark.parametrize("option", ["-E", "-I", "-S"])
def test_a_python_that_ignores_its_environment_is_refused(option: str, tmp_path: Path) -> None:
    _saved(tmp_path, "app.py", "print('ran')")
    path = f"import sys; sys.path[:0] = {sys.path!r}; from assistants_compat.cli import main; main(['run', 'app.py'])"
    ours = _started([sys.executable, option, "-c", path], tmp_path)
    assert (ours.returncode, ours.stdout) == (2, "")
    assert "PYTHONPATH" in ours.stderr


def test_the_version_is_shown(tmp_path: Path) -> None:
    shown = _started([sys.executable, "-m", "assistants_compat", "--version"], tmp_path)
    assert shown.stdout == f"assistants-compat {version('assistants-compat')}\n"


def test_help_names_the_commands(tmp_path: Path) -> None:
    shown = _started([sys.executable, "-m", "assistants_compat", "--help"], tmp_path)
    assert "run " in shown.stdout
    assert _started([*RUN, "--help"], tmp_path).returncode == 0
    assert _started([sys.executable, "-m", "assistants_compat", "dance"], tmp_path).returncode == 2


def test_the_console_script_is_the_same_command(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("assistants-compat")
    _saved(tmp_path, "app.py", "import sys; print(sys.argv)")
    assert _started([str(script), "run", "app.py", "-x"], tmp_path).stdout == "['app.py', '-x']\n"
