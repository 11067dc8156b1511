#!/usr/bin/env bash
# Every endpoint of the Assistants API, with curl. Start the server first (assistants-compat serve), then:
#   OPENAI_API_KEY=… OPENAI_BASE_URL=http://127.0.0.1:8000/v1 examples/curl.sh
set -euo pipefail

BASE=${OPENAI_BASE_URL:-http://127.0.0.1:8000/v1}

# call METHOD PATH [JSON]: prints the reply; stops where it is an error.
call() {
  echo "$1 $2" >&2
  curl --silent --show-error --fail-with-body --no-buffer --request "$1" "$BASE$2" \
    --header "Authorization: Bearer $OPENAI_API_KEY" --header "OpenAI-Beta: assistants=v2" \
    ${3:+--header "Content-Type: application/json" --data "$3"}
}
# The first value of a field in the reply on standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | sed -n 1p | cut -d '"' -f 4; }
# wait_for THREAD RUN: the server answers a poll helper once the run has moved.
wait_for() {
  local status=queued
  while [[ $status == queued || $status == in_progress ]]; do
    status=$(curl --silent --fail-with-body "$BASE/threads/$1/runs/$2" --header "Authorization: Bearer $OPENAI_API_KEY" \
      --header "OpenAI-Beta: assistants=v2" --header "X-Stainless-Poll-Helper: true" | field status)
  done
  echo "$status"
}

weather='{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}'

# Assistants
assistant=$(call POST /assistants "{\"model\":\"gpt-4o\",\"name\":\"Helper\",\"tools\":[$weather,{\"type\":\"code_interpreter\"}]}" | field id)
call GET "/assistants?limit=1" >/dev/null
call POST "/assistants/$assistant" '{"instructions":"Be brief."}' | field instructions
call GET "/assistants/$assistant" | field name

# Threads and messages
thread=$(call POST /threads '{"metadata":{"customer":"42"}}' | field id)
call POST "/threads/$thread" '{"metadata":{"customer":"43"}}' | field customer
call GET "/threads/$thread" | field customer
message=$(call POST "/threads/$thread/messages" '{"role":"user","content":"Save the numbers from 1 to 10 as numbers.csv."}' | field id)
call POST "/threads/$thread/messages/$message" '{"metadata":{"edited":"yes"}}' | field edited
call GET "/threads/$thread/messages/$message" | field role

# A run by polling, its steps, and the file that code has made
run=$(call POST "/threads/$thread/runs" "{\"assistant_id\":\"$assistant\",\"tool_choice\":{\"type\":\"code_interpreter\"}}" | field id)
echo "run: $(wait_for "$thread" "$run")"
call POST "/threads/$thread/runs/$run" '{"metadata":{"checked":"yes"}}' | field checked
call GET "/threads/$thread/runs/$run" | field status
call GET "/threads/$thread/runs" >/dev/null
step=$(call GET "/threads/$thread/runs/$run/steps" | grep -o 'step_[0-9A-Za-z]*' | sed -n 1p)
call GET "/threads/$thread/runs/$run/steps/$step" | field type
made=$(call GET "/threads/$thread/messages?limit=1" | grep -o 'file-[0-9A-Za-z]*' | sed -n 1p || true)
call GET /files >/dev/null
if [[ -n $made ]]; then
  call GET "/files/$made" | field filename
  call GET "/files/$made/content"
  call DELETE "/files/$made"
fi

# A thread and its run in one request; the run asks for a function, and what follows its output is streamed
body="{\"assistant_id\":\"$assistant\",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}"
created=$(call POST /threads/runs "$body,\"thread\":{\"messages\":[{\"role\":\"user\",\"content\":\"How is the weather in Oslo?\"}]}}")
other=$(field thread_id <<<"$created")
run=$(field id <<<"$created")
echo "run: $(wait_for "$other" "$run")"
asked=$(call GET "/threads/$other/runs/$run" | grep -o '"id":"call_[^"]*"' | sed -n 1p | cut -d '"' -f 4)
call POST "/threads/$other/runs/$run/submit_tool_outputs" "{\"tool_outputs\":[{\"tool_call_id\":\"$asked\",\"output\":\"sunny\"}],\"stream\":true}"

# A run that is streamed, and one that is cancelled while it waits
call POST "/threads/$thread/messages" '{"role":"user","content":"Thank you."}' >/dev/null
call POST "/threads/$thread/runs" "{\"assistant_id\":\"$assistant\",\"tool_choice\":\"none\",\"stream\":true}"
run=$(call POST "/threads/$other/runs" "$body}" | field id)
echo "run: $(wait_for "$other" "$run")"
call POST "/threads/$other/runs/$run/cancel" | field status

# Everything else goes to the upstream
call GET /models >/dev/null

call DELETE "/threads/$thread/messages/$message"
call DELETE "/threads/$thread"
call DELETE "/threads/$other"
call DELETE "/assistants/$assistant"
echo
