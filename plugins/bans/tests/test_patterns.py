"""Words with gaps between them, found in any text and in little time."""

import re

import pytest
from comments_service.plugins.bans.patterns import GAP, is_in, parts, plain
from hypothesis import example, given
from hypothesis import strategies as st


def found(pattern: str, text: str) -> bool:
    return is_in(pattern, plain(text))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("vay tiền", "Cho VAY TIỀN nhanh"),
        ("vay tiền", "cho vay\n  tiền"),
        ("tiền", "ti\u00ea\u0300n bạc"),
        ("ti\u00ea\u0300n", "TIỀN"),
        ("strasse", "In der Straße"),
        ("vay*lãi", "vay ngay với lãi thấp"),
        ("vay*lãi", "vaylãi"),
        ("vay*lãi", "vay" + "x" * GAP + "lãi"),
        ("vay*lãi*thấp", "vay vay vay lãi lãi thật là thấp"),
        # The first "vay" is too far away; the second is not.
        ("vay*lãi", "vay" + "x" * 60 + "vay lãi"),
        ("*vay**tiền*", "vay tiền"),
        ("(a+)+$", "biểu thức (a+)+$ không phải là mẫu"),
        ("a.c", "a.c"),
        ("aa*aa", "aaaa"),
    ],
)
def test_is_found(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("vay tiền", "vay tien"),
        ("vay tiền", "vaytiền"),
        ("vay*lãi", "lãi vay"),
        ("vay*lãi", "vay" + "x" * (GAP + 1) + "lãi"),
        ("vay*lãi*thấp", "vay lãi" + "x" * (GAP + 1) + "thấp"),
        ("a.c", "abc"),
        ("aa*aa", "aaa"),
        ("vay", ""),
        ("*", "vay"),
        ("", "vay"),
        (" * ", "vay tiền"),
    ],
)
def test_is_not_found(pattern: str, text: str) -> None:
    assert not found(pattern, text)


LETTERS = st.text(alphabet="ab ", max_size=120)


@given(st.text(alphabet="ab *", max_size=12), LETTERS)
@example("a*a", "a" + "b" * 50 + "a")
@example("a*a", "a" + "b" * 51 + "a")
@example("a*b*a", "ab" + " b" * 30 + "a")
def test_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    wanted = parts(pattern)
    text = plain(text)
    expression = f".{{0,{GAP}}}".join(re.escape(part) for part in wanted)
    assert is_in(pattern, text) is bool(wanted and re.search(expression, text))


@given(st.text(max_size=200), st.text(max_size=400))
def test_takes_any_pattern_and_any_text(pattern: str, text: str) -> None:
    assert found(pattern, text) in (True, False)
    words = plain(pattern).replace("*", "")
    if words.strip():
        assert found(words, f"{text} {words}")


def test_looks_at_a_text_once_for_each_part() -> None:
    class Counted(str):
        __slots__ = ()
        looks = 0

        def find(self, *place: object) -> int:  # type: ignore[override]
            Counted.looks += 1
            return super().find(*place)  # type: ignore[arg-type]

    # With a regular expression this would take 50 to the power of 20 steps.
    text = Counted("a" * 5000)
    assert not is_in("*".join(["aa"] * 20 + ["a" * 5001]), text)
    assert not is_in("*".join(["aa"] * 20 + ["b"]), Counted("b" + "a" * 5000))
    assert Counted.looks <= 21 * 5001
