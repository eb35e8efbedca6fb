"""Which texts are taken for one of the site's languages."""
# ruff: noqa: RUF001 (texts in many scripts)

import pytest
from babel import Locale
from comments_service.plugins.language import scripts, service, words
from comments_service.plugins.language.plugin import LanguageSiteSettings
from comments_service.plugins.language.service import Finding, Sign
from hypothesis import given
from hypothesis import strategies as st

from comments_service import i18n

OWN = ("vi", "en")
UNMARKED = """
Duong vao thon toi hong nang tu mua mua nam ngoai den gio chua thay sua
De nghi uy ban xa som giai quyet tinh trang do rac bua bai o bai song
Cam on can bo mot cua da huong dan ba con rat tan tinh va chu dao
Hom nay di lam giay khai sinh cho chau chi mat co muoi lam phut thoi
Xin hoi thu tuc chuyen muc dich su dung dat vuon sang dat o nhu the nao
Nuoc may may ngay nay duc qua khong dung de nau an duoc
Bai viet rat hay va y nghia, mong bao co them nhieu bai nhu the nay
Toi khong dong y voi muc den bu nay vi qua thap so voi gia thi truong
Thay co giao truong tieu hoc o day rat yeu thuong hoc sinh
Ban dem xe tai cho dat chay am am ca xom khong ai ngu duoc
Chung toi da kien nghi nhieu lan ma van chua co cau tra loi thoa dang
Mong lanh dao quan tam den doi song cua nguoi ngheo vung sau vung xa
Le hoi nam nay to chuc vui qua, ca nha toi deu di xem
Sao tien dien thang nay tang gap doi vay moi nguoi oi
Tram y te xa co bac si gioi, kham benh can than, thuoc day du
Cho toi hoi lich tiem phong cho tre duoi mot tuoi vao ngay nao trong thang
Cau nay xay xong thi tre em di hoc do phai loi song nguy hiem lam
Doc bai nay toi nho que nha va tuoi tho cua minh qua
Nguoi dan mong muon duoc cong khai thong tin quy hoach ro rang hon
Gia lua nam nay xuong thap, ba con nong dan lo lo la lo lam
Dich vu cong truc tuyen bao loi suot tu sang den gio khong nop ho so duoc
Anh chi nao biet so dien thoai cua phong tai nguyen moi truong cho xin voi
Chinh quyen nen mo them bai do xe gan cho de do un tac vao gio cao diem
Toi ung ho viec trong cay xanh hai ben duong vua dep vua mat
Hai bao qua di nhieu nha bi toc mai van chua duoc ho tro gi
Can co bien bao toc do truoc cong truong de bao ve cac chau
Nghe noi sap sap nhap xa, khong biet giay to cua dan co phai lam lai khong
Con toi hoc lop ba ma phai mua qua nhieu sach tham khao
Ai co nhu cau mua rau sach cua hop tac xa thi lien he truong thon nhe
Phim tai lieu nay quay canh que minh dep nhu tranh ve
Bo doi giup dan gat lua chay lut that cam dong biet bao
Xin cam on doc gia da dong gop y kien cho ban thao luat
Den duong thon bay tat ca thang nay toi om om rat nguy hiem cho nguoi gia
Ong ba toi ke chuyen ngay xua vung nay toan rung ram va thu du
Vi sao cung mot loai giay to ma moi noi thu le phi mot khac
Chuc mung doi bong dem qua da thang dam, qua xung dang
Khu cong nghiep xa khoi den ngom suot ngay, tre con ho lien tuc
Mot chut gop y nho la chu tren trang web hoi be, nguoi gia kho doc
Moi nguoi nho mang theo can cuoc khi di nhan luong huu nhe
Truong hop cua gia dinh toi thi phai nop don o dau, xin chi giup
""".strip().splitlines()
MARKED = [
    "Con đường liên thôn đi qua trường tiểu học đã hỏng từ mùa mưa năm ngoái mà chưa ai sửa.",
    "Khuya khoắt, ngoằn ngoèo, khúc khuỷu, quạnh quẽ, xoèn xoẹt, nguệch ngoạc, huỳnh huỵch",
]
ENGLISH = [
    "I really enjoyed this article, and I hope they will repair the road before the rainy season.",
    "The doctors at the health station were very kind to my mother last Saturday. Thank you all!",
    "Is there any English version of these forms? My wife reads English better than Vietnamese.",
]
MIXED = [
    "App này update xong bị lỗi login, mình đã reset password mấy lần vẫn không vào account.",
    "Mọi người ơi cho em hỏi file PDF download ở đâu, em click vào button thì báo lỗi 404 hoài",
    "Bài hay quá! The photos are wonderful, cảm ơn bạn phóng viên đã chụp và chia sẻ nhé.",
    "Nghe bài hát 春天在哪里 này làm tôi nhớ hồi học tiếng Trung ở trường, cô giáo hay hát lắm.",
]
OTHER_WORDS = [
    "Situs permainan terpercaya dengan bonus terbesar hari ini, daftar sekarang dan menang.",
    "Este artículo me parece muy interesante y quiero felicitar a todos los que han trabajado.",
    "Je trouve que cet article est vraiment très intéressant et je remercie beaucoup son auteur.",
    "Dieser Artikel gefällt mir sehr gut und ich möchte mich bei allen bedanken, die halfen.",
    "Bardzo podoba mi się ten artykuł i chciałbym podziękować wszystkim, którzy nad nim pracowali.",
    "Bu makaleyi çok beğendim ve üzerinde çalışan herkese teşekkür etmek istiyorum, çok faydalı.",
    "Questo articolo mi è piaciuto molto e vorrei ringraziare tutti quelli che ci hanno lavorato.",
    "Gusto ko ang artikulong ito at nais kong magpasalamat sa lahat ng mga taong nagtrabaho dito.",
]
OTHER_SCRIPTS = [
    ("Быстрые займы без справок и поручителей, оформите заявку за пять минут", "Cyrl"),
    ("快速贷款无需抵押当天放款请联系客服咨询办理", "Hani"),
    ("お金をすぐに借りられます、今すぐお問い合わせください", "Jpan"),
    ("담보 없이 당일 대출 가능합니다 지금 바로 문의하세요", "Hang"),
    ("قروض سريعة بدون ضمانات اتصل بنا الآن للحصول على العرض", "Arab"),
    ("สินเชื่อด่วนไม่ต้องใช้หลักประกัน ติดต่อเราตอนนี้เลยครับผม", "Thai"),
    ("तुरंत ऋण बिना किसी गारंटी के आज ही हमसे संपर्क करें और पाएं", "Deva"),
]


def test_forty_sentences_were_read() -> None:
    assert len(UNMARKED) == 40


@pytest.mark.parametrize("text", [*UNMARKED, *MARKED])
def test_vietnamese_is_known_with_marks_and_without(text: str) -> None:
    assert service.inspect(text, ["vi"], 30) is None
    assert service.inspect(f"{text} {text}".upper(), OWN, 30) is None
    found = words.split(text)
    assert sum(word in words.VIETNAMESE for word in found) >= 0.9 * len(found)


@pytest.mark.parametrize("text", [*ENGLISH, *MIXED])
def test_english_and_mixtures_are_known(text: str) -> None:
    assert service.inspect(text, OWN, 30) is None


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_other_languages_in_latin_letters_are_held(text: str) -> None:
    assert service.inspect(text, OWN, 30) == Finding(Sign.WORDS)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_held_where_it_is_not_taken(text: str) -> None:
    assert service.inspect(text, ["vi"], 30) == Finding(Sign.WORDS)


@pytest.mark.parametrize("text", OTHER_WORDS)
def test_where_another_latin_language_is_taken_they_are_not_told_apart(text: str) -> None:
    assert service.inspect(text, ["vi", "fr"], 30) is None


@pytest.mark.parametrize(("text", "script"), OTHER_SCRIPTS)
def test_other_scripts_are_held(text: str, script: str) -> None:
    assert service.inspect(text, OWN, 30) == Finding(Sign.SCRIPT, script)
    assert service.inspect(f"{text} Hay quá", OWN, 30) == Finding(Sign.SCRIPT, script)
    taken = {"Cyrl": "ru", "Hani": "zh", "Jpan": "ja", "Hang": "ko", "Arab": "fa"}
    language = taken.get(script, {"Thai": "th", "Deva": "hi"}.get(script, ""))
    assert service.inspect(text, ["vi", language], 30) is None


@pytest.mark.parametrize(
    "text",
    ["", "👍" * 50, "3.184.308 " * 9, "Спасибо большое", "谢谢你们", "Merci beaucoup", "!" * 99],
)
def test_little_text_may_be_in_any_language(text: str) -> None:
    assert service.inspect(text, OWN, 30) is None


def test_letters_in_fancy_dress_and_addresses_are_no_language() -> None:
    assert service.inspect("𝗕𝗮̀𝗶 𝘃𝗶𝗲̂́𝘁 𝗿𝗮̂́𝘁 𝗵𝗮𝘆 𝘃𝗮̀ 𝘆́ 𝗻𝗴𝗵𝗶̃𝗮 𝗰𝗮̉𝗺 𝗼̛𝗻 𝘁𝗮́𝗰 𝗴𝗶𝗮̉ 𝗻𝗵𝗶𝗲̂̀𝘂", OWN, 30) is None
    assert service.inspect(f"Xem https://example.vn/{'новости/' * 9} nhé", OWN, 30) is None


@pytest.mark.parametrize("language", i18n.available())
def test_every_language_that_we_offer_has_a_script_that_is_known(language: str) -> None:
    assert scripts.of_language(language)
    name = Locale.parse(language).get_display_name(language) or ""
    assert set(scripts.letters(name)) <= scripts.of_language(language)


@given(st.text(max_size=400), st.sets(st.sampled_from(["vi", "en", "ja", "ru", "xx"])))
def test_any_text_is_judged(text: str, accepted: set[str]) -> None:
    found = service.inspect(text, accepted, 30)
    assert found is None or found.sign in Sign


@pytest.mark.parametrize("wrong", [{"accepted": ("vi", "qq")}, {"letters": 0}])
def test_settings_that_can_not_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="language"):
        LanguageSiteSettings(**wrong)  # type: ignore[arg-type]
