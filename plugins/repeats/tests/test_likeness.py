"""Texts that differ a little are alike; those that have only their language in common are not."""

import random
import unicodedata

import pytest
from comments_service.plugins.repeats import likeness
from hypothesis import given
from hypothesis import strategies as st

SPAM = (
    "Vay tiền nhanh trong ngày không cần thế chấp, lãi suất chỉ từ 1% một tháng, giải ngân sau mười"
    " phút, liên hệ ngay để được tư vấn miễn phí"
)
HONEST = [
    "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái mà chưa ai sửa.",
    "Cảm ơn các bác sĩ ở trạm y tế xã đã tận tình khám cho mẹ tôi hôm thứ bảy vừa rồi.",
    "Tôi thấy giá đất nông nghiệp đền bù như vậy là quá thấp so với các xã bên cạnh.",
    "Đề nghị công an xã tuần tra ban đêm, dạo này thanh niên đua xe ầm ĩ cả xóm.",
    "Lễ hội năm nay tổ chức rất vui, chương trình văn nghệ của các cháu thiếu nhi thật hay.",
    "Xin hỏi làm lại giấy khai sinh cho cháu thì cần mang theo những giấy tờ gì ạ?",
    "Nước máy mấy hôm nay đục và có mùi lạ, không biết nhà máy có kiểm tra không.",
    "Bài viết nói đúng tâm tư của người làm nghề cá chúng tôi, mong báo viết nhiều hơn.",
    "Chợ mới xây xong khang trang nhưng tiền thuê quầy cao quá nên bà con vẫn ngồi ngoài đường.",
    "Mong nhà trường mở thêm lớp học bơi cho học sinh vì xã mình nhiều ao hồ.",
]


def unmarked(text: str) -> str:
    """Return `text` as many type it: without marks."""
    parts = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def sketch(text: str) -> list[int]:
    made = likeness.sketch(likeness.plain(text))
    assert made is not None
    return made


def shared(one: str, other: str) -> float:
    return likeness.shared(likeness.compact(sketch(one)), [likeness.compact(sketch(other))])[0]


@pytest.mark.parametrize(
    "other",
    [
        SPAM.upper(),
        SPAM.replace("1%", "9,5 %"),
        f"{SPAM}!!! 0912345678 https://abc.test/{'x' * 30}",
        unmarked(SPAM),
    ],
)
def test_what_waves_vary_at_no_cost_is_not_looked_at(other: str) -> None:
    assert shared(SPAM, other) >= 0.9


@pytest.mark.parametrize(
    "other",
    [
        SPAM.replace("nhanh", "gấp"),
        SPAM.replace("mười phút", "ba mươi phút").replace("miễn phí", "tận nơi"),
        f"Chào cả nhà, {SPAM}",
        SPAM.replace("tư vấn", "tu van").replace("thế chấp", "the chap").replace("liên", "lien"),
        SPAM.replace("lãi", "lãii").replace("ngân", "ngâm"),
    ],
)
def test_small_changes_leave_texts_alike(other: str) -> None:
    assert shared(SPAM, other) >= likeness.ALIKE
    assert set(enumerate(likeness.bands(sketch(SPAM)))) & set(
        enumerate(likeness.bands(sketch(other)))
    )


@pytest.mark.parametrize("text", HONEST)
def test_different_texts_are_not_alike(text: str) -> None:
    assert not [other for other in HONEST if other != text and shared(text, other) > 0.3]


@pytest.mark.parametrize("text", ["", "Hay quá", "Cảm ơn tác giả nhiều!", "👍" * 60, "1 2 3 " * 40])
def test_short_texts_have_no_like(text: str) -> None:
    assert likeness.sketch(likeness.plain(text)) is None


def test_texts_in_other_scripts_are_compared_too() -> None:
    text = "今日のニュースはとても興味深かったです。市役所の対応が早くて助かりました。"
    other = "道路の工事がいつ終わるのか、だれも教えてくれません。早く知らせてほしい。"
    assert shared(text, text.replace("市役所", "区役所")) >= likeness.ALIKE
    assert shared(text, other) < 0.3


WORDS = sorted({word for text in [SPAM, *HONEST] for word in text.split()})


@given(
    st.lists(st.sampled_from(WORDS), min_size=20, max_size=80, unique=True),
    st.integers(0, 19),
    st.sampled_from(["vàng", "lớn", "", "bất động sản"]),
)
def test_one_word_changed_leaves_a_text_alike(words: list[str], place: int, other: str) -> None:
    changed = [*words[:place], other, *words[place + 1 :]]
    assert shared(" ".join(words), " ".join(changed)) >= likeness.ALIKE


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    made = likeness.sketch(likeness.plain(text))
    assert made == likeness.sketch(likeness.plain(text))
    if made is not None:
        assert len(likeness.compact(made)) == likeness.BINS
        assert likeness.shared(likeness.compact(made), [likeness.compact(made)]) == [1]
        assert all(0 <= band < 2**31 for band in likeness.bands(made))
    assert len(likeness.exact(text)) == 16


def test_most_of_a_wave_is_found_by_its_bands() -> None:
    chance = random.Random(7)
    seen: list[set[tuple[int, int]]] = []
    found = 0
    for _ in range(100):
        words = SPAM.split()
        for place in chance.sample(range(len(words)), 3):
            words[place] = chance.choice(WORDS)
        bands = set(enumerate(likeness.bands(sketch(" ".join(words)))))
        found += any(bands & other for other in seen)
        seen.append(bands)
    assert found >= 90
