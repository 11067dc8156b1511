"""Scenarios with files: searched and cited, and made by the code interpreter."""

from __future__ import annotations

from typing import Any

from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, Text, Turn, png

from ..models import TEXT
from ..stage import Stage
from .scenario import offline

FOOD = b"Filip Carola likes cake.\n\nTekakwitha Effie likes pizza.\n"
DRINKS = b"Filip Carola drinks tea.\n"
CONTENT: Any = ["step_details.tool_calls[*].file_search.results[*].content"]


@offline(
    Turn(
        FileSearch("What does Filip like?"),
        Text("Filip likes cake and tea.", annotations=(Cite("food.txt", at="cake"), Cite("drinks.txt"))),
    ),
    Text("Effie likes pizza."),
)
def file_search_with_citations(stage: Stage) -> None:
    """A file of the assistant's store and one attached to a message; streamed, then polled."""
    with stage.client() as client:
        food = client.files.create(file=("food.txt", FOOD), purpose="assistants")
        store = client.vector_stores.create(name="Tastes", file_ids=[food.id])
        client.vector_stores.files.poll(food.id, vector_store_id=store.id, poll_interval_ms=stage.between_polls)
        assistant = client.beta.assistants.create(
            model=TEXT,
            instructions="Search your files, and cite them.",
            tools=[{"type": "file_search", "file_search": {"max_num_results": 4}}],
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        )
        drinks = client.files.create(file=("drinks.txt", DRINKS), purpose="assistants")
        attached: Any = [{"file_id": drinks.id, "tools": [{"type": "file_search"}]}]
        question = "What does Filip like to eat and to drink? One short sentence."
        thread = client.beta.threads.create(messages=[{"role": "user", "content": question, "attachments": attached}])
        stage.show("thread", thread)
        stage.show_events(client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True, include=CONTENT))
        client.beta.threads.messages.create(thread.id, role="user", content="And Effie?")
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        stage.show("run", run)
        stage.show("step", *client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc", include=CONTENT))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))


def made_by(message: Any) -> list[str]:
    """Ids of the files that a message shows or links to."""
    shown = [part.image_file.file_id for part in message.content if part.type == "image_file"]
    texts = [part.text for part in message.content if part.type == "text"]
    return shown + [each.file_path.file_id for text in texts for each in text.annotations if each.type == "file_path"]


@offline(
    Turn(
        CodeInterpreter(
            "import matplotlib.pyplot as plt\nplt.plot([0, 1, 4])\nplt.show()",
            images=[png(24, 24)],
            files={"squares.csv": b"x,y\n0,0\n1,1\n2,4\n"},
            logs="[0, 1, 4]",
        ),
        Text("Here is the plot, and [the table](sandbox:/mnt/data/squares.csv)."),
    ),
    Turn(CodeInterpreter("4 + 1", logs="5"), "The sum is 5."),
)
def code_interpreter_with_image_and_file(stage: Stage) -> None:
    """What code makes is copied while its container lives; the next run finds the container by its call."""
    with stage.client() as client:
        table = client.files.create(file=("numbers.csv", b"0\n1\n2\n"), purpose="assistants")
        assistant = client.beta.assistants.create(
            model=TEXT,
            instructions="Run Python for every question. Be brief.",
            tools=[{"type": "code_interpreter"}],
            tool_resources={"code_interpreter": {"file_ids": [table.id]}},
        )
        question = "Show a plot of the squares of 0, 1 and 2. Save them as /mnt/data/squares.csv, and link to it."
        thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
        stage.show_events(client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True))
        (answer,) = client.beta.threads.messages.list(thread.id, limit=1).data
        for file_id in made_by(answer):
            stage.show("file", client.files.retrieve(file_id))
            stage.show_file("content", client.files.content(file_id).read())
        client.beta.threads.messages.create(thread.id, role="user", content="Compute the sum of the squares.")
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        stage.show("run", run)
        stage.show("step", *client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc"))
        stage.show("message", *client.beta.threads.messages.list(thread.id, order="asc"))
