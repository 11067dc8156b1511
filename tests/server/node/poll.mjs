// A conversation by polling, an error, and a list over several pages.
import OpenAI from "openai";

const client = new OpenAI();
const assistant = await client.beta.assistants.create({ model: "gpt-4o", name: "Maths tutor" });
const thread = await client.beta.threads.create();
await client.beta.threads.messages.create(thread.id, { role: "user", content: "Solve 3x + 11 = 14." });
const run = await client.beta.threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id });
const texts = [];
for await (const message of client.beta.threads.messages.list(thread.id, { limit: 1, order: "asc" })) {
  texts.push(`${message.role}: ${message.content[0].text.value}`);
}
let error;
try {
  await client.beta.threads.retrieve("thread_missing");
} catch (caught) {
  error = { name: caught.constructor.name, status: caught.status, message: caught.error.message, requestID: caught.requestID };
}
console.log(JSON.stringify({ status: run.status, usage: run.usage.total_tokens > 0, texts, error }));
