import openai

client = openai.OpenAI()

assistant = client.beta.assistants.create(
    name="Tutor", instructions="Solve equations by code.", tools=[{"type": "code_interpreter"}], model="gpt-4-1106-preview"
)
assert assistant.tool_resources.code_interpreter.file_ids == []
thread = client.beta.threads.create(messages=[{"role": "user", "content": "Solve `2x + 4 = 10`."}])

events = []
for event in client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True):
    assert event.model_dump_json(exclude_unset=True)
    events.append(event.event)
assert events[:3] == ["thread.run.created", "thread.run.queued", "thread.run.in_progress"], events
assert events[-1] == "thread.run.completed", events

run = client.beta.threads.runs.create_and_poll(
    thread_id=thread.id, assistant_id=assistant.id, instructions="Please address the user as Ada Lovelace."
)
assert run.status == "completed", run.last_error
assert run.model == "gpt-4-1106-preview"
for message in client.beta.threads.messages.list(thread_id=thread.id):
    assert message.content[0].type == "text"
client.beta.assistants.delete(assistant.id)
print("ok")
