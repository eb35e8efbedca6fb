"""Which words are found in a comment, on which list, and what becomes of it."""

import os
from pathlib import Path

import pytest
from comments_service.plugins.words import service
from comments_service.plugins.words.lists import FOLDER, STARTERS, Action, Entry, parse, read
from comments_service.plugins.words.service import OPERATOR, SITE, Finding, Lists
from comments_service.plugins.words.spelling import bare_of, clean, words_of
from hypothesis import given
from hypothesis import strategies as st

from comments_service.api import Outcome

HOLD, REJECT = Outcome.HOLD, Outcome.REJECT
ALL = Lists(STARTERS)
OF_STARTERS = [each for name in STARTERS for each in read(FOLDER / f"{name}.txt")]
LISTED = [each for each in OF_STARTERS if each.action is not Action.ALLOW]
MARKED = [each for each in LISTED if any(word.is_marked for word in each.words)]
OUTCOMES = {Action.HOLD: HOLD, Action.REJECT: REJECT}

# Written out as readers do, with the marks that make the whole text a marked one.
BEFORE, AFTER = "Tôi thấy người ta viết ", " ở dưới bài này."


def judge(lists: Lists, text: str) -> list[Finding]:
    return service.judge(lists, [text])


def words(lists: Lists, text: str) -> list[str]:
    return [finding.word for finding in judge(lists, text)]


def outcome(lists: Lists, text: str) -> Outcome | None:
    found = judge(lists, text)
    return found[0].outcome if found else None


def text_of(entry: Entry) -> str:
    return entry.text


# The starter lists


def test_starter_lists_say_their_licence() -> None:
    assert STARTERS == ("en", "vi")
    for name in STARTERS:
        head = (FOLDER / f"{name}.txt").read_text().partition("\n\n")[0]
        assert "Licence: MIT. Composed for this project." in head
        assert len(read(FOLDER / f"{name}.txt")) >= 150


def test_no_starter_list_says_a_thing_twice() -> None:
    keys = [tuple(word.exact for word in each.words) for each in OF_STARTERS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("entry", LISTED, ids=text_of)
def test_every_entry_has_its_own_outcome(entry: Entry) -> None:
    assert outcome(ALL, entry.text) == OUTCOMES[entry.action]
    assert outcome(ALL, f"{BEFORE}{entry.text.upper()}{AFTER}") == OUTCOMES[entry.action]


@pytest.mark.parametrize("entry", [each for each in MARKED if not each.is_exact], ids=text_of)
def test_every_entry_without_its_marks_is_held(entry: Entry) -> None:
    assert outcome(ALL, bare_of(clean(entry.text))) is HOLD


@pytest.mark.parametrize("entry", [each for each in LISTED if each.is_exact], ids=text_of)
def test_an_exact_entry_takes_more_than_missing_marks(entry: Entry) -> None:
    bare = bare_of(clean(entry.text))
    assert entry.text not in words(ALL, bare)
    assert outcome(ALL, f"{bare}{bare[-1] * 3}") is HOLD


def test_innocent_comments_have_no_listed_word(innocent: list[str]) -> None:
    assert len(innocent) > 900
    assert [(text, found) for text in innocent if (found := words(ALL, text))] == []


def test_innocent_comments_without_marks_have_none_either(innocent: list[str]) -> None:
    bare = [bare_of(clean(text)) for text in innocent]
    assert [(text, found) for text in bare if (found := words(ALL, text))] == []


def test_no_english_word_is_a_vietnamese_one_without_marks(innocent: list[str]) -> None:
    vietnamese = {
        word.bare
        for text in innocent
        for word in words_of(clean(text))
        if word.is_marked and word.is_vietnamese
    }
    listed = {each.words[0].bare for each in read(FOLDER / "en.txt") if len(each.words) == 1}
    assert listed & vietnamese == set()


# Finding


@pytest.mark.parametrize(
    "text",
    [
        "Vay  Tiền\nnhanh",
        "VAY TIỀN NHANH!!!",
        "(vay-tiền_nhanh)",
        "vay tiền nhanh😂",
        "vay.tiền.nhanh",
    ],
)
def test_a_phrase_is_found_however_it_is_spaced(text: str) -> None:
    assert judge(Lists(reject=("vay tiền nhanh",)), text.replace("\n", " ")) == [
        Finding("vay tiền nhanh", SITE, REJECT, is_disguised=False)
    ]


@pytest.mark.parametrize(
    "text", ["Tôi đã vay. Tiền nhanh hết.", "đi vay\ntiền nhanh", "vay, tiền nhanh đến"]
)
def test_a_phrase_does_not_go_on_across_the_end_of_a_part(text: str) -> None:
    assert judge(Lists(reject=("vay tiền nhanh",)), text) == []


@pytest.mark.parametrize("text", ["scunthorpe", "lồng chim", "ngủ", "nguội"])
def test_no_word_is_found_inside_another(text: str) -> None:
    assert judge(Lists(reject=("cunt", "lồn", "ngu")), text) == []


@pytest.mark.parametrize(
    "text",
    [
        "danh bac",
        "đ.á.n.h b.ạ.c",
        "đ á n h b ạ c",
        "d-a-n-h-b-a-c",
        "đ.á.n.h bạc",
        "danhbac",
        "đánhbạc",
        "đánhh bạccc",
        "d4nh b@c",
        "đánh bac",
        "đánh bạk",
    ],
)
@pytest.mark.parametrize("around", ["{}", BEFORE + "{}" + AFTER])
def test_a_disguised_phrase_is_held(text: str, around: str) -> None:
    assert judge(Lists(reject=("đánh bạc",)), around.format(text)) == [
        Finding("đánh bạc", SITE, HOLD, is_disguised=True)
    ]


@pytest.mark.parametrize("word", ["v.c.l", "v-c-l", "v c l", "V.C.L!", "vcllll", "vc1"])
def test_letters_one_by_one_are_read_together(word: str) -> None:
    assert outcome(Lists(reject=("vcl",)), f"{BEFORE}{word}{AFTER}") is HOLD


@pytest.mark.parametrize(
    "text",
    [
        "Buổi họp các hộ dân lớn nhỏ đều đến.",
        "Cháu đeo khẩu trang đi chợ cho mẹ.",
        "Còn các nhà bên kia đường thì sao?",
        "buoi hop cac ho dan lon nho deu den, di cho cho me",
        "Bộ máy của xã làm đầu buổi sáng, bảng giá niêm yết đủ mà.",
        "Em gái gọi điện hỏi demo của trang, quả óc chó, v.v.",
        "bo may cua xa lam dau buoi sang, bang gia niem yet du ma",
    ],
)
def test_common_words_that_resemble_listed_ones_are_left_alone(text: str) -> None:
    assert judge(ALL, text) == []


@pytest.mark.parametrize(
    "text", ["Đồ con c4c", "mặt l0n", "dau buoiiii", "c ặ c", "l.ồ.n", "cọn cặkk", "djt me"]
)
def test_disguised_obscenities_are_held(text: str) -> None:
    assert outcome(ALL, text) is HOLD


@given(before=st.text(), after=st.text(), entry=st.sampled_from(LISTED))
def test_a_listed_word_between_spaces_is_always_found(
    before: str, after: str, entry: Entry
) -> None:
    findings = judge(ALL, f"{before} {entry.text} {after}")
    found = {finding.word: finding for finding in findings}
    assert found[entry.text].outcome == OUTCOMES[entry.action]
    assert findings[0].outcome >= OUTCOMES[entry.action]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_can_be_judged(text: str) -> None:
    judge(ALL, text)


# Lists


def test_allowed_words_and_what_is_within_them_are_fine() -> None:
    lists = Lists(reject=("đánh bạc",), allow=("phòng chống đánh bạc",))
    assert judge(lists, "Tuyên truyền phòng chống đánh bạc.") == []
    assert judge(lists, "tuyen truyen phong chong danh bac") == []
    assert outcome(lists, "Rủ nhau đánh bạc.") is REJECT
    assert outcome(lists, "Phòng chống đánh bạc mà lại đánh bạc.") is REJECT


def test_a_site_may_allow_what_a_starter_list_has() -> None:
    assert outcome(ALL, "Mở casino") is HOLD
    assert judge(Lists(STARTERS, allow=("casino",)), "Mở casino ở đâu") == []


def test_the_worst_finding_stands_first_and_each_word_once() -> None:
    lists = Lists(reject=("xấu",), hold=("dở",))
    found = judge(lists, "dở, xấu, rất dở")
    assert [(each.word, each.outcome) for each in found] == [("xấu", REJECT), ("dở", HOLD)]


def test_what_a_list_says_twice_it_means_strictly() -> None:
    assert outcome(Lists(reject=("xấu",), hold=("xấu",)), "xấu") is REJECT


def test_of_two_words_that_fold_alike_the_less_exact_is_found() -> None:
    lists = Lists(reject=("=buồi",), hold=("bưởi",))
    assert words(lists, "an buoi") == ["bưởi"]
    assert words(lists, "buồi") == ["buồi"]


def test_what_a_list_allows_it_does_not_also_reject() -> None:
    lists = Lists(reject=("buồi", "dở"), allow=("buổi", "dở"))
    assert judge(lists, "hop ca buoi") == []
    assert judge(lists, "dở") == []
    assert outcome(lists, "buồi") is REJECT


def test_own_words_may_be_exact() -> None:
    lists = Lists(reject=("=bướm",))
    assert outcome(lists, "bướm") is REJECT
    assert outcome(lists, "buom") is None
    assert outcome(lists, "bu0m") is HOLD


@pytest.mark.parametrize("word", ["", "!!!", "=", "\u200b"])
def test_a_list_without_words_finds_nothing(word: str) -> None:
    assert judge(Lists(reject=(word,)), "Một câu bất kỳ !!! =") == []


def test_the_operators_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\ufeff# ours\nchờ duyệt\n[reject]\nxấu # very\n[allow]\nxấu trời\n")
    lists = Lists(file=file)
    assert judge(lists, "xấu") == [Finding("xấu", OPERATOR, REJECT, is_disguised=False)]
    assert outcome(lists, "chờ duyệt") is HOLD
    assert judge(lists, "Hôm nay xấu trời.") == []
    file.write_text("[hold]\nxấu\n")
    os.utime(file, ns=(1, 1))
    assert outcome(lists, "xấu") is HOLD


def test_an_unknown_section_is_named_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"line 3: \[rejekt\] is not"):
        list(parse("# mine\n\n[rejekt]\nx\n"))


def test_ten_thousand_words_are_all_found() -> None:
    lists = Lists(reject=tuple(f"từ{number}" for number in range(10_000)))
    assert words(lists, "có từ9999 ở đây") == ["từ9999"]
    assert words(lists, "có từ10000 ở đây") == []


def test_words_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judge(Lists(STARTERS, reject=("một lần",)), "x")
    monkeypatch.delattr(service, "Matcher")
    assert words(Lists(STARTERS, reject=("một lần",)), "chỉ một lần") == ["một lần"]


def test_scripts_whose_letters_carry_marks_are_matched_whole() -> None:
    lists = Lists(reject=("हिन्दी", "слово", "สวัสดี"))
    assert words(lists, "यह हिन्दी है") == ["हिन्दी"]
    assert words(lists, "это слово!") == ["слово"]
    assert words(lists, "สวัสดี") == ["สวัสดี"]
    assert words_of(clean("हिन्दी"))[0].is_vietnamese is False
