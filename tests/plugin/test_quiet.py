"""The plugin is loaded in everybody's pytest: nobody who does not use it notices."""

from __future__ import annotations

from .conftest import Project


def test_a_run_that_does_not_use_it_loads_next_to_nothing_and_changes_nothing(project: Project) -> None:
    project.write(
        """
        import os, socket, sys

        def test_it(pytestconfig):
            assert pytestconfig.pluginmanager.has_plugin("assistants-compat")
            loaded = sorted(name for name in sys.modules if name.partition(".")[0] == "assistants_compat")
            assert loaded == ["assistants_compat", "assistants_compat.testing", "assistants_compat.testing.plugin"]
            assert {"openai", "vcr", "httpx", "httpx2", "sqlalchemy", "yaml"} & set(sys.modules) == set()
            assert [name for name in os.environ if name.startswith(("OPENAI", "ASSISTANTS_COMPAT"))] == []
            assert socket.socket.connect.__qualname__ == "socket.connect"
        """
    )
    project.test("-p", "no:recording", in_a_new_process=True).assert_outcomes(passed=1)


def test_a_run_under_the_run_command_has_no_warning_of_it(project: Project) -> None:
    project.write("def test_it():\n    pass\n")
    result = project.run("-m", "assistants_compat", "run", "-m", "pytest", "-W", "error", "-p", "no:recording")
    result.assert_outcomes(passed=1)


def test_its_fixtures_and_markers_are_in_the_lists(project: Project) -> None:
    result = project.test("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.offline_responses*", "@pytest.mark.assistants_cassette*"])
    result = project.test("--fixtures")
    result.stdout.fnmatch_lines(["offline_responses --*", "assistants_cassette_dir *", "assistants_cassette --*"])
