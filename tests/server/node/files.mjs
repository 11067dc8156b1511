// An upload that goes upstream, and a file that the code interpreter made.
import OpenAI, { toFile } from "openai";

const client = new OpenAI();
const uploaded = await client.files.create({ file: await toFile(Buffer.from("x,y\n1,2\n"), "data.csv"), purpose: "assistants" });
const assistant = await client.beta.assistants.create({
  model: "gpt-4o",
  tools: [{ type: "code_interpreter" }],
  tool_resources: { code_interpreter: { file_ids: [uploaded.id] } },
});
const run = await client.beta.threads.createAndRunPoll({
  assistant_id: assistant.id,
  thread: { messages: [{ role: "user", content: "Plot it." }] },
});
const messages = await client.beta.threads.messages.list(run.thread_id, { limit: 1 });
const annotation = messages.data[0].content.find((part) => part.type === "text").text.annotations[0];
const content = await client.files.content(annotation.file_path.file_id);
const bytes = Buffer.from(await content.arrayBuffer());
const file = await client.files.retrieve(annotation.file_path.file_id);
await client.files.delete(annotation.file_path.file_id);
const files = [];
for await (const each of client.files.list()) files.push(each.filename);
console.log(JSON.stringify({ status: run.status, bytes: bytes.toString("base64"), filename: file.filename, purpose: file.purpose, files }));
