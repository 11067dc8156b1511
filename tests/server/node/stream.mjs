// The streaming helper with its named events.
import OpenAI from "openai";

const client = new OpenAI();
const assistant = await client.beta.assistants.create({ model: "gpt-4o" });
const thread = await client.beta.threads.create({ messages: [{ role: "user", content: "Hi" }] });
const seen = { events: [], deltas: [], callbacks: [] };
const stream = client.beta.threads.runs
  .stream(thread.id, { assistant_id: assistant.id })
  .on("event", ({ event }) => seen.events.push(event))
  .on("textDelta", (delta) => seen.deltas.push(delta.value));
for (const name of ["connect", "runStepCreated", "messageCreated", "textCreated", "textDone", "messageDone", "runStepDone", "end"]) {
  stream.on(name, () => seen.callbacks.push(name));
}
const messages = await stream.finalMessages();
const run = await stream.finalRun();
console.log(JSON.stringify({ ...seen, status: run.status, text: messages[0].content[0].text.value }));
