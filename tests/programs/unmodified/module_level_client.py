import openai

openai.api_key = "sk-test"

assistant = openai.beta.assistants.create(model="gpt-4o", name="Module")
run = openai.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hello"}]})
assert run.status == "completed", run.last_error
assert len(openai.beta.threads.messages.list(run.thread_id).data) == 2
print("ok")
