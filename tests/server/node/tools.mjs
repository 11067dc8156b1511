// Function tools: outputs are submitted from inside the first stream's handler, and the rest is read from a second one.
import OpenAI from "openai";

const client = new OpenAI();
const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];
const assistant = await client.beta.assistants.create({ model: "gpt-4o", tools });
const thread = await client.beta.threads.create({ messages: [{ role: "user", content: "How is the weather in Oslo?" }] });
const asked = [];
const rounds = [];
let text = "";

async function follow(stream) {
  const events = [];
  rounds.push(events);
  for await (const { event, data } of stream) {
    events.push(event);
    if (event === "thread.message.delta") text += data.delta.content[0].text.value;
    if (event === "thread.run.requires_action") {
      const calls = data.required_action.submit_tool_outputs.tool_calls;
      asked.push(...calls.map((call) => ({ name: call.function.name, arguments: JSON.parse(call.function.arguments) })));
      const outputs = calls.map((call) => ({ tool_call_id: call.id, output: "sunny" }));
      await follow(client.beta.threads.runs.submitToolOutputsStream(data.id, { thread_id: thread.id, tool_outputs: outputs }));
    }
  }
}
await follow(client.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id }));
const { data } = await client.beta.threads.runs.list(thread.id);
console.log(JSON.stringify({ asked, rounds: rounds.map((events) => events.at(-1)), text, status: data[0].status }));
