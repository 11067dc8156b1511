"""Why code is left as it is: the codes from AC020 on, as rows of id, title, explanation, what to do, severity.

AC020 to AC049: where values come from and go. AC050 to AC089: what has no counterpart in Responses. AC090 on: what a scan tells.
"""

from __future__ import annotations

from assistants_codemods.findings import Severity

REFUSALS: tuple[tuple[str, str, str, str, Severity], ...] = (
    (
        "AC020",
        "No transformation knows this call",
        "The method has no rewriting to the target, or its arguments hide behind a star that cannot be seen through.",
        "Leave it on the shim, or rewrite it by hand.",
        "warning",
    ),
    (
        "AC021",
        "Another line holds the group back",
        "A thread's life is migrated whole or not at all, and a line that the same thread or run reaches cannot be rewritten.",
        "Look at the line named here first. `--partial` rewrites the rest all the same and marks the seams.",
        "warning",
    ),
    (
        "AC022",
        "A value may be one thing or another",
        "Two kinds of objects meet in this name, and what is read here is called differently on each.",
        "Use two names, and run again.",
        "warning",
    ),
    (
        "AC023",
        "An object goes where it is not followed",
        "An object of the API reaches code outside the tree, or shows its shape there (JSON, a template, a queue): that code reads "
        "fields which native objects call otherwise.",
        "Hand on the values instead of the object.",
        "warning",
    ),
    (
        "AC024",
        "A method is handed on without being called",
        "A method of the API is an argument or a value of its own (`partial`, `to_thread`, a table of functions).",
        "Hand on a function of your own that makes the call.",
        "warning",
    ),
    (
        "AC025",
        "The field has no counterpart",
        "The native object has no such field, or one that means something else.",
        "Read what the message names instead, or keep the value in your own data.",
        "warning",
    ),
    (
        "AC026",
        "Arguments are hidden behind a star",
        "The call takes `*args` or `**kwargs` whose contents are not written out in the tree.",
        "Write the arguments out.",
        "warning",
    ),
    (
        "AC027",
        "Raw responses are the wire's own",
        "`with_raw_response` and `with_streaming_response` show the HTTP reply, which is another one in the native API.",
        "Call the method itself, or rewrite by hand.",
        "warning",
    ),
    (
        "AC028",
        "The client is one that is known not to be OpenAI's",
        "What `.beta` is read of is made by a class of another library, or is a mock.",
        "Nothing, if that is so. A mock of the old API has to be rewritten by hand together with the code it is for.",
        "note",
    ),
    (
        "AC029",
        "The file is not part of this run",
        "The group reaches a file that was not given, so the whole group stays.",
        "Run again with the folder that has all of it.",
        "warning",
    ),
    (
        "AC050",
        "Something has no place in a conversation",
        "A conversation and its items take fewer arguments than threads and messages: messages have no metadata, conversations no tools, "
        "and 20 items are the most in one call.",
        "Keep metadata of messages in your own data. Tools belong to the settings of the run.",
        "warning",
    ),
    (
        "AC051",
        "Messages have no attachments",
        "An attachment made a file searchable, or gave it to the code interpreter. Neither can be said on an item: the stores of a file "
        "search and the files of a container are settings of a response. An `input_file` part is something else: it puts the whole file "
        "into the context.",
        "Add the file to a vector store that the assistant's file_search names, or to the files of its code_interpreter's container.",
        "warning",
    ),
    (
        "AC052",
        "Items cannot be changed",
        "`messages.update` changes the metadata of a message. Items of a conversation have none, and cannot be changed at all.",
        "Keep what changes in your own data, by the id of the item.",
        "warning",
    ),
    (
        "AC053",
        "Items cannot be listed that way",
        "`before` and `run_id` have no counterpart: items are listed `after` one, in either order.",
        "List in the other order with `after`. The messages of one run are in the `output` of its response.",
        "warning",
    ),
    (
        "AC054",
        "A question about a part of a message is not understood",
        "What a part or an annotation is, is asked in a way that has no native counterpart: a pattern of classes, a kind that is not known, "
        "a type of the API's in a variable.",
        "Compare `part.type` with the literal, and run again.",
        "warning",
    ),
    (
        "AC055",
        "It cannot be told which container a file is in",
        "What the code interpreter makes is in a container now: to get it takes the container's id beside the file's, which only the "
        "citation has. The id has come away from it here. Containers end 20 minutes after they were used last.",
        "Hand on the part or annotation instead of the id, and get the content right after the run.",
        "warning",
    ),
    (
        "AC057",
        "A type has no counterpart",
        "The native API has no such type, or one whose instances differ.",
        "Ask for what differs (`type`, an attribute) instead of the class.",
        "warning",
    ),
    (
        "AC058",
        "The result is another one",
        "The native call answers with something else here: deleting an item with the conversation, creating one with a list, and what is "
        "not awaited where it is called cannot be picked from.",
        "Leave the result alone, or await the call where it stands.",
        "warning",
    ),
    (
        "AC059",
        "Files of version 1",
        "`file_ids` of messages ended with version 1 of the Assistants API, and nothing native takes them.",
        "See AC051.",
        "warning",
    ),
    (
        "AC060",
        "A setting may be absent in the SDK's own way",
        "NOT_GIVEN or omit takes the place of a setting at times. The settings of an assistant and of a run are joined as dicts now.",
        "Use None for a setting that is not there.",
        "warning",
    ),
    (
        "AC061",
        "The setting has no counterpart",
        "responses.create has no such argument: numbers of last messages or of prompt tokens are not limited by the API any more.",
        'Leave the setting out (`truncation="auto"` shortens what is too long), or shorten the input yourself.',
        "warning",
    ),
    (
        "AC062",
        "The value of a setting is not understood",
        "Formats of replies, choices of tools and efforts of reasoning are written otherwise in responses.create.",
        "Write the value out where it is used.",
        "warning",
    ),
    (
        "AC063",
        "Tools are made by code that is not followed",
        "Tools that are objects of a class, or made by a decorator or a function of another library, may have any shape.",
        "Write the tools as dicts.",
        "warning",
    ),
    (
        "AC064",
        "A file search without a vector store",
        "responses.create wants the ids of vector stores in the tool itself, and which stores are meant cannot be seen here.",
        'Write `"vector_store_ids": […]` into the tool by hand.',
        "warning",
    ),
    (
        "AC065",
        "An assistant is used in a way that settings do not have",
        "Assistants are settings in code now: they have no cursor, no reply to a deletion, and no object of their own on the server.",
        "Read what is in ASSISTANTS, or keep the value in your own data.",
        "warning",
    ),
    (
        "AC066",
        "A tool's resources are not in view",
        "Stores and files are part of the tools now, and the tools that these resources are for cannot be seen here.",
        "Give the tools together with the resources.",
        "warning",
    ),
    (
        "AC067",
        "The settings of an assistant have to be filled in",
        "The id of this assistant comes from outside the program, and no assistant of that id is known.",
        "Give `--assistants FILE`, or write the settings into assistants_config.py.",
        "note",
    ),
    (
        "AC068",
        "Files of version 1 are searched through a vector store",
        "Assistants of version 1 had `file_ids` and the tool `retrieval`; OpenAI's own migration made a vector store of these files.",
        "Nothing. A store that exists already may be named instead.",
        "note",
    ),
    (
        "AC069",
        "A file search that found nothing is left out",
        "The assistant has a file search and no vector store. The Assistants API found nothing then; responses.create refuses such a tool.",
        "Name the vector store, if there is one.",
        "note",
    ),
    (
        "AC080",
        "The handler of a stream is chosen at run time",
        "The events go to a handler that the tree does not show, or that is not at hand where the stream is read.",
        "Make the handler where the stream is opened, and read the stream in the same function.",
        "warning",
    ),
    (
        "AC081",
        "Whether a call streams is decided at run time",
        "`stream=` is neither True nor False here: the call gives a run at times, and its events at others.",
        "Make two calls of it.",
        "warning",
    ),
    (
        "AC082",
        "An event has no counterpart",
        "No event of a response says what this event of a run said.",
        "Look whether another event will do: docs/streaming.md lists them.",
        "warning",
    ),
    (
        "AC083",
        "The name of an event is used as a value",
        "The events of a response have other names, and this one reaches code that is not a test of it.",
        "Compare the name of the event with the names themselves, written out.",
        "warning",
    ),
    (
        "AC084",
        "An event brings something else",
        "What is read of the event is not in the events of a response, or not at this moment.",
        "Read what the message names from the finished response instead.",
        "warning",
    ),
    (
        "AC085",
        "The stream is used in a way that is not known",
        "The stream of a response is a plain iterator of events, and this use of the old one has no form there.",
        "Read the stream by a loop over its events.",
        "warning",
    ),
    (
        "AC086",
        "The event handler is more than a handler",
        "The class depends on the SDK's handler in a way that a plain class has no room for.",
        "Look at the method named here.",
        "warning",
    ),
    (
        "AC087",
        "Names of events are printed",
        "The program shows the names of events, and those of a response are others.",
        "Nothing, if only people read them.",
        "note",
    ),
)
