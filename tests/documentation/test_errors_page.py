"""docs/errors.md has what the code says, and nothing else."""

from __future__ import annotations

import ast

from documentation.messages import ROOT, SAID_BY, SILENT, covers, exceptions, literals, messages, said_in, sentences_of

SENTENCES = sentences_of((ROOT / "docs" / "errors.md").read_text(encoding="utf-8"))


def test_every_sentence_of_the_code_is_on_the_page() -> None:
    missing = {text: place for text, place in messages() if not any(covers(sentence, text) for sentence in SENTENCES)}
    assert missing == {}, "put a row for each into docs/errors.md"


def test_every_sentence_of_the_page_is_in_the_code() -> None:
    texts = {text for text in literals() if len(text) < 500} | {text for text, _ in messages()}
    assert [sentence for sentence in SENTENCES if not any(covers(sentence, text) for text in texts)] == []


def test_every_exception_is_one_whose_sentences_are_on_the_page_or_has_none() -> None:
    assert sorted(exceptions() - SAID_BY.keys() - SILENT.keys()) == []
    assert sorted(SILENT.keys() - exceptions()) == []


def test_no_sentence_of_the_page_stands_for_everything() -> None:
    assert [sentence for sentence in SENTENCES if sum(map(str.isalpha, sentence)) < 4] == []


def test_sentences_are_found_wherever_they_are_put_together() -> None:
    source = """
TAIL = "Do this."

def refuse(name, many):
    why = "it is too long" if many else "it is empty"
    raise ValueError(f"The {name!r} is wrong: {why}. {TAIL}")

def answer():
    return ApiError("It is gone.", status=404)

def tell(logger, error):
    logger.warning("lost: %s", error)
    raise ValueError(str(error))
"""
    assert [text for text, _ in said_in(ast.parse(source))] == [
        "The … is wrong: it is too long. Do this.",
        "The … is wrong: it is empty. Do this.",
        "It is gone.",
        "lost: …",
    ]
