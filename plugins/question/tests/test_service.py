"""How questions are written, drawn and answered."""

import unicodedata

import pytest
from comments_service.plugins.question import service
from comments_service.plugins.question.service import Question
from hypothesis import given
from hypothesis import strategies as st

words = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20).filter(service.fold)


def test_lines_are_questions() -> None:
    lines = "\n Thủ đô  là gì? = Hà Nội |hanoi \r\n\n1 + 2 = ? = 3|ba\n"
    assert service.parse(lines) == (
        Question("Thủ đô là gì?", frozenset({"hanoi"})),
        Question("1 + 2 = ?", frozenset({"3", "ba"})),
    )
    assert service.parse(" \n\n") == ()


@pytest.mark.parametrize(
    "line",
    [
        "Thủ đô là gì?",
        "Thủ đô là gì? =",
        "Thủ đô là gì? = |",
        "Thủ đô là gì? = Hà Nội |",
        "Dấu nào? = !",
        "= Hà Nội",
        "a" * 201 + " = b",
        "a = " + "b" * 81,
    ],
)
def test_a_line_that_is_no_question_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="question"):
        service.parse(f"1 + 2 = ? = 3\n{line}")


@pytest.mark.parametrize(
    "answer",
    [
        "Hà Nội",
        "hà nội",
        "HA NOI",
        "hanoi",
        " Hà  Nội. ",
        "Ｈà Nội",
        unicodedata.normalize("NFD", "Hà Nội"),
    ],
)
def test_capitals_marks_spaces_and_width_do_not_matter(answer: str) -> None:
    [question] = service.parse("Thủ đô là gì? = Hà Nội")
    assert question.accepts(answer)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Đà Nẵng", "da nang"), ("٣", "3"), ("૭", "7"), ("Straße", "STRASSE"), ("Łódź", "lodz")],
)
def test_what_is_written_otherwise_is_the_same(one: str, other: str) -> None:
    assert service.fold(one) == service.fold(other)


@pytest.mark.parametrize("answer", ["", " ", "Huế", "Hà", "Hà Nội Hà Nội", "Hà Nội" + " " * 80])
def test_other_answers_are_wrong(answer: str) -> None:
    [question] = service.parse("Thủ đô là gì? = Hà Nội")
    assert not question.accepts(answer)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    folded = service.fold(text)
    assert service.fold(folded) == folded
    assert not any(character.isspace() for character in folded)


@given(st.lists(words, min_size=1, max_size=5), st.data())
def test_every_answer_of_a_line_is_accepted(answers: list[str], data: st.DataObject) -> None:
    [question] = service.parse("Hỏi = gì? = " + " | ".join(answers))
    assert question.accepts(data.draw(st.sampled_from(answers)))
    assert not question.accepts("".join(answers) + "x")


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_draws_always_the_same(secret: bytes) -> None:
    questions = service.parse("a = 1\nb = 2\nc = 3")
    assert service.draw(questions, secret) is service.draw(questions, secret)


def test_every_question_is_drawn() -> None:
    questions = service.parse("\n".join(f"{n} = {n}" for n in range(10)))
    drawn = {service.draw(questions, bytes([n]) * 32).text for n in range(200)}
    assert len(drawn) == 10


def test_any_change_of_the_list_is_seen() -> None:
    lists = ["a = 1", "a = 2", "b = 1", "a = 1 | 2", "a = 1\nb = 1", "b = 1\na = 1", ""]
    digests = {service.digest(service.parse(lines)) for lines in lists}
    assert len(digests) == len(lists)
    assert {len(each) for each in digests} == {16}
