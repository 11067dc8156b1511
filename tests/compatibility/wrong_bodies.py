"""Sentences about what a request holds."""

from __future__ import annotations

from compatibility.entry import INFERRED, RECORDED, REPORTED, Kind, Table, approximate, exact

GUESS = "it is refused likewise, but the sentence is a guess"
THERE = "end_to_end/test_errors.py::test_"
BODIES = "end_to_end/test_invalid_bodies.py::test_a_body_that_breaks_a_rule_is_refused_in_the_apis_words"
NOT_JSON = "end_to_end/test_invalid_bodies.py::test_a_body_that_is_not_json_is_refused"
TABLES = "api/test_parameters.py::test_a_wrong_body_is_refused_in_the_words_of_the_api"

TABLE = Table(
    Kind.ERROR,
    "Refused for what was sent",
    (
        exact("Invalid type for '…': expected …, but got … instead.", RECORDED, BODIES, TABLES, status=400, code="invalid_type"),
        approximate(
            "Invalid type for 'body': expected an object, but got … instead.", INFERRED, BODIES, how=GUESS, status=400, code="invalid_type"
        ),
        exact(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
            "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
            "this, please contact us through our help center at help.openai.com.)",
            REPORTED,
            NOT_JSON,
            status=400,
        ),
        exact("Missing required parameter: '…'.", RECORDED, BODIES, TABLES, status=400, code="missing_required_parameter"),
        exact("Unknown parameter: '…'.", REPORTED, BODIES, TABLES, status=400, code="unknown_parameter"),
        exact("Invalid value: '…'. Supported values are: ….", REPORTED, BODIES, TABLES, status=400, code="invalid_value"),
        exact(
            "Invalid '…': '…'. Expected an ID that begins with '…'.",
            REPORTED,
            THERE + "an_id_of_another_kind_is_told_from_an_unknown_one",
            BODIES,
            how="reported for threads and assistants, the same for messages and runs; a step's id may be any text, as recorded",
            status=400,
            code="invalid_value",
        ),
        exact(
            "Invalid '…': … above maximum value. Expected a value <= …, but got … instead.",
            REPORTED,
            BODIES,
            TABLES,
            status=400,
            code="…_above_max_value",
        ),
        exact(
            "Invalid '…': … below minimum value. Expected a value >= …, but got … instead.",
            RECORDED,
            BODIES,
            TABLES,
            status=400,
            code="…_below_min_value",
        ),
        exact(
            "Invalid '…': string too long. Expected a string with maximum length …, but got a string with length … instead.",
            REPORTED,
            BODIES,
            TABLES,
            status=400,
            code="string_above_max_length",
        ),
        exact(
            "Invalid '…': string too short. Expected a string with minimum length 1, but got an empty string instead.",
            REPORTED,
            TABLES,
            status=400,
            code="empty_string",
        ),
        exact(
            "Invalid '…': string does not match pattern. Expected a string that matches the pattern '…'.",
            REPORTED,
            BODIES,
            TABLES,
            status=400,
            code="invalid_value",
        ),
        exact(
            "Invalid '…': array too long. Expected an array with maximum length …, but got an array with length … instead.",
            REPORTED,
            BODIES,
            TABLES,
            status=400,
            code="array_above_max_length",
        ),
        exact(
            "Invalid '…': array too short. Expected an array with minimum length 1, but got an empty array instead.",
            REPORTED,
            BODIES,
            TABLES,
            status=400,
            code="empty_array",
        ),
        exact(
            "Invalid '…': too many properties. Expected an object with at most … properties, but got an object with … properties instead.",
            REPORTED,
            BODIES,
            status=400,
            code="object_above_max_properties",
        ),
        exact(
            "Invalid property name in '…': '…...…' is too long. Expected a string with maximum length …, but got a string with "
            "length … instead.",
            REPORTED,
            BODIES,
            "api/test_parameters.py::test_a_long_metadata_key_is_named_by_its_ends",
            status=400,
            code="property_name_above_max_length",
        ),
        approximate(
            "Mutually exclusive parameters: '….…' and '….…'. Ensure you are only providing one of: '…' or '…'.",
            INFERRED,
            TABLES,
            how=GUESS,
            status=400,
            code="mutually_exclusive_parameters",
        ),
        approximate("Message content must be non-empty.", INFERRED, BODIES, TABLES, how=GUESS, status=400, code="invalid_value"),
        approximate(
            "…string contains …. Expected a string of valid Unicode text.",
            INFERRED,
            "api/test_schema.py::test_text_no_store_can_keep_is_refused",
            how=GUESS,
            status=400,
            code="invalid_value",
        ),
        approximate(
            "Invalid body: nested too deeply. Expected at most … levels of nesting.",
            INFERRED,
            "api/test_schema.py::test_bottomless_nesting_that_closes_is_refused_too",
            how=GUESS,
            status=400,
            code="invalid_value",
        ),
    ),
    note="`param` names the parameter. Each sentence says in `api/refusals.py` where it comes from.",
)
