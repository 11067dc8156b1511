"""Programs put together at random: the output compiles, a second run changes nothing, and what no edit is about stays as it was."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.codemods.cases import outcome_of, rewritten

from assistants_codemods.migration import Options

_CLIENTS = [
    "from openai import OpenAI\nclient = OpenAI()\n",
    "from openai import OpenAI as Client, RateLimitError\nclient = Client(api_key='x')\n",
    "import openai\nclient = openai.OpenAI(\n    timeout=30,  # seconds\n)\n",
    "import openai\nfrom openai import AzureOpenAI\nclient = AzureOpenAI(api_version='2024-05-01-preview', azure_endpoint='https://x')\n",
    "try:\n    from openai import OpenAI\nexcept ImportError:\n    raise SystemExit('pip install openai')\nclient = OpenAI()\n",
    "class Fake:\n    pass\n\n\nclient = Fake()\n",
]
_ASSISTANTS = [
    "assistant = client.beta.assistants.create(model='gpt-4o', instructions='Help.')\nassistant_id = assistant.id\n",
    "assistant_id = 'asst_abc123'\n",
    "import os\nassistant_id = os.environ['ASSISTANT_ID']\n",
    "assistant_id = client.beta.assistants.create(\n    model='gpt-4o',\n    tools=[{'type': 'file_search'}],\n).id\n",
]
_THREADS = [
    "thread = client.beta.threads.create()\n",
    "thread = client.beta.threads.create(messages=[{'role': 'user', 'content': 'Hi'}])\n",
    "thread = client.beta.threads.create(metadata={'a': 'b'}, tool_resources={'code_interpreter': {'file_ids': []}})\n",
    "threads = client.beta.threads\nthread = threads.retrieve(open('id').read())\n",
]
_MESSAGES = [
    "",
    "client.beta.threads.messages.create(thread.id, role='user', content='Hello')\n",
    'message = client.beta.threads.messages.create(\n    thread_id=thread.id,\n    role="user",\n    content=f"Hello {1 + 1}",\n)\n',
    "client.beta.threads.messages.create(thread.id, role='user', content='Hello', attachments=[{'file_id': 'file-1', 'tools': []}])\n",
]
_RUNS = [
    "run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant_id)\n",
    "run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant_id)\n"
    "while run.status in ('queued', 'in_progress'):\n    time.sleep(1)  # patience\n"
    "    run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)\n",
    "run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant_id, additional_instructions='Be brief.')\n"
    "while True:\n    run = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)\n    print('.', end='')\n"
    "    if run.status == 'completed':\n        break\n",
    "run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant_id, **{'model': 'gpt-4o'})\n",
    "with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant_id) as stream:\n    stream.until_done()\n",
]
_ANSWERS = [
    "print(client.beta.threads.messages.list(thread.id).data[0].content[0].text.value)\n",
    "messages = client.beta.threads.messages.list(thread_id=thread.id)\nprint(messages.data[0].content[0].text.value)\n",
    "for message in client.beta.threads.messages.list(thread_id=thread.id, order='asc'):\n"
    "    print(message.role, message.content[0].text.value)\n",
    "print(client.beta.threads.messages.list(thread.id).model_dump_json())\n",
    "if run.status == 'failed':\n    print(run.last_error.message)\n",
]
_NOISE = [
    "",
    "# a comment that stays\n",
    "kept = {  'odd' :   [1,2 ,3], }  # as it is\n",
    "def unrelated(x = 1):\n\treturn x   # tabs\n",
    "text = '''\nclient.beta.threads.create()\n'''\n",
]


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A program, and the pieces in it that have nothing to do with the API."""
    noise = [draw(st.sampled_from(_NOISE)) for _ in range(3)]
    pieces = [
        draw(st.sampled_from(["", "# -*- coding: utf-8 -*-\n", '"""What it is."""\n'])),
        "import time\n",
        draw(st.sampled_from(_CLIENTS)),
        "forum = object()\n",
        noise[0],
        draw(st.sampled_from(_ASSISTANTS)),
        draw(st.sampled_from(_THREADS)),
        noise[1],
        draw(st.sampled_from(_MESSAGES)),
        draw(st.sampled_from(_RUNS)),
        noise[2],
        draw(st.sampled_from(_ANSWERS)),
    ]
    text = "".join(pieces)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
        noise = [piece.replace("\n", "\r\n") for piece in noise]
    return text, noise


@pytest.mark.parametrize("target", ["shim", "responses"])
@settings(max_examples=25, deadline=None)
@given(program=programs(), annotate=st.booleans(), partial=st.booleans())
def test_output_compiles_is_stable_and_leaves_the_rest_alone(
    target: Any, program: tuple[str, list[str]], annotate: bool, partial: bool
) -> None:
    text, noise = program
    options = Options(target=target, annotate=annotate, partial=partial)
    outcome = outcome_of({"main.py": text}, options)
    assert not outcome.failures
    after = rewritten({"main.py": text}, outcome)

    for name, new in after.items():
        compile(new, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for piece in noise:
        assert piece in after["main.py"]
    assert ("\r\n" in after["main.py"]) == ("\r\n" in text)
    assert not any(line.endswith("\n") and not line.endswith("\r\n") for line in after["main.py"].splitlines(True)) or "\r\n" not in text

    assert rewritten(after, outcome_of(after, options)) == after
    sites = [site for site in outcome.sites if site.place.path == "main.py"]
    if not annotate and not partial and all((site.shim if target == "shim" else site.responses).refusal for site in sites):
        assert after["main.py"] == text
