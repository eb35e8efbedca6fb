# ruff: noqa: S311 (chance is its business, and the same one every time)
"""What is stored and sent: the same comments for every system, made from a few words of our own."""

import dataclasses
import datetime
import itertools
from collections.abc import Iterator
from random import Random

PAGE = "/tin-tuc/bai-{:04d}"
SINCE = datetime.datetime(2025, 1, 6, 2, tzinfo=datetime.UTC)
"""When the first comment was written; the others follow a minute apart."""
REPLY_IN = 4
"""One comment in so many answers an earlier one."""
LENGTH = 300
"""About so many characters a comment has."""

_NAMES = ("Lan Anh", "Hoàng Minh", "Thu Hà", "Quốc Bảo", "Ngọc Mai", "Anna", "David", "Sophie")
_VIETNAMESE = (
    (
        "Tôi",
        "Gia đình tôi",
        "Bà con trong xóm",
        "Các cháu học sinh",
        "Người dân thôn Đông",
        "Hội phụ nữ xã",
        "Anh em thợ xây",
        "Mấy bác hưu trí",
        "Cô giáo chủ nhiệm",
        "Đoàn thanh niên",
    ),
    (
        "rất mừng vì",
        "mong xã xem lại chuyện",
        "vừa góp ý về việc",
        "chưa hiểu tại sao",
        "đã chờ khá lâu để",
        "cảm ơn cán bộ vì",
        "xin hỏi thêm về chuyện",
        "ủng hộ chủ trương",
    ),
    (
        "con đường ra chợ được trải nhựa",
        "lịch cắt nước thay đổi liên tục",
        "hồ sơ đất đai được giải quyết nhanh",
        "cây cầu qua kênh đã hư hỏng",
        "sân bóng mới mở cửa cả buổi tối",
        "trạm y tế khám bảo hiểm ngày thứ bảy",
        "xe rác chỉ ghé mỗi tuần một lần",
        "lễ hội đền làng được khôi phục",
        "đèn đường khu ba hay chập chờn",
        "thư viện có thêm sách thiếu nhi",
    ),
    (
        "từ đầu năm tới giờ.",
        "sau đợt mưa vừa rồi.",
        "như báo đã đưa tin.",
        "trước khi vào năm học.",
        "trong tháng tám này.",
        "mà không phải đi lại nhiều.",
        "cho cả vùng hạ lưu.",
        "theo đúng lời đã hứa.",
    ),
)
_ENGLISH = (
    (
        "My neighbours",
        "Most shop owners",
        "We",
        "Several parents",
        "The rowing club",
        "Visitors",
        "Our street",
        "Farmers upriver",
        "The school board",
    ),
    (
        "were glad to read that",
        "still wonder whether",
        "had expected that",
        "would like to know why",
        "can confirm that",
        "keep asking how",
        "hardly noticed that",
        "agree that",
    ),
    (
        "the ferry runs until midnight",
        "parking near the station costs more",
        "the old mill became a museum",
        "permits take only four days",
        "the footbridge stayed closed",
        "tap water tastes of chlorine",
        "buses skip the hospital stop",
        "the market moved indoors",
        "cyclists got a lane of their own",
    ),
    (
        "since last spring.",
        "despite the promises.",
        "according to the mayor.",
        "for a second year.",
        "without any notice.",
        "although nobody asked.",
        "before the holidays.",
        "at no extra charge.",
    ),
)


@dataclasses.dataclass(frozen=True)
class Comment:
    """One comment; ids count from 1 in the order of writing, across all pages."""

    id: int
    page: int
    parent: int | None
    """Id of the comment that it answers, which answers none itself."""
    name: str
    text: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Set:
    """A number of comments spread evenly over a number of pages."""

    name: str
    pages: int
    comments: int

    @property
    def paths(self) -> list[str]:
        return [PAGE.format(number) for number in range(1, self.pages + 1)]

    def draw(self, number: int) -> list[str]:
        """Return `number` pages, drawn evenly; the same ones each time."""
        return Random(self.name).choices(self.paths, k=number)

    def each_once(self) -> list[str]:
        """Return every page once, in an order of chance."""
        return Random(self.name).sample(self.paths, k=self.pages)

    def make(self) -> Iterator[Comment]:
        """Make the comments, in the order of writing."""
        random = Random(self.name)
        for index in range(self.comments):
            place = index // self.pages
            is_reply = place % REPLY_IN == REPLY_IN - 1
            yield Comment(
                id=index + 1,
                page=index % self.pages,
                parent=index + 1 - self.pages if is_reply else None,
                name=random.choice(_NAMES),
                text=text(random),
                at=SINCE + index * datetime.timedelta(minutes=1) / max(1, self.pages // 10),
            )


SETS = {
    each.name: each
    for each in (
        Set("A", pages=1, comments=100),
        Set("B", pages=1, comments=10_000),
        Set("C", pages=2_000, comments=200_000),
    )
}


def text(random: Random) -> str:
    """Return sentences of one language, about LENGTH characters of them."""
    parts = random.choice((_VIETNAMESE, _ENGLISH))
    sentences: list[str] = []
    while sum(map(len, sentences)) < LENGTH - 30:
        sentences.append(" ".join(random.choice(part) for part in parts))
    return " ".join(sentences)


def name(random: Random) -> str:
    return random.choice(_NAMES)


def addresses() -> Iterator[str]:
    """Return readers' addresses, each in an IPv4 /24 of its own."""
    for b, c, a in itertools.product(range(256), range(256), range(20, 200)):
        yield f"{a}.{b}.{c}.7"
