# ruff: noqa: S311 (chance is its business, and the same one every time)
"""What is stored and sent: the same comments for every system, made from common words."""

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
# Words that people write often, in no order: what is made of them is no sentence, but has the
# letters and the lengths of one, and no two are alike.
_VIETNAMESE = """
và là của có cho không được những các một người trong khi đã với này để thì ở đến từ cũng như ra
vào lại rất nhiều hơn nhưng mà nếu vì nên sau trước đang sẽ phải cần muốn biết thấy nghĩ nói hỏi
đọc viết làm đi về nhà trường học sinh thầy cô xã huyện tỉnh thôn xóm đường cầu chợ sông ruộng lúa
nước điện mưa nắng gió bão mùa năm tháng ngày sáng chiều tối nay mai hôm qua giờ phút tiền giá thuế
đất rừng biển cá trâu bò gà vịt cây hoa quả rau gạo cơm chè thuốc bệnh viện bác sĩ khám chữa trẻ
em già cha mẹ ông bà anh chị bạn bè hàng cửa việc công ty xe máy ô tô tàu thuyền bến ga vé giấy tờ
đơn ký tên họp báo tin tức mới cũ tốt xấu đẹp nhanh chậm dài ngắn rộng hẹp cao thấp xa gần đúng sai
vui buồn mừng lo giúp đỡ cảm ơn xin góp ý kiến phản ánh đề nghị ủng hộ quan tâm giải quyết kịp thời
chính quyền cán bộ dân phố phường quận thành lịch văn hóa lễ hội bóng đá sân chơi thư sách
"""
_ENGLISH = """
the of and to in is it that was for on are with they this have from or had by but some what there
we can out other were all your when up use word how said each which do their time if will way about
many then them would write like so these her long make thing see him two has look more day could go
come did my sound no most number who over know water than call first people may down side been now
find any new work part take get place made live where after back little only round man year came
show every good me give our under name very through just form much great think say help low line
before turn cause same mean differ move right boy old too does tell sentence set three want air well
also play small end put home read hand port large spell add even land here must big high such follow
act why ask men change went light kind off need house picture try us again animal point mother world
near build self earth father head stand own page should country found answer school grow study still
"""
_LANGUAGES = [words.split() for words in (_VIETNAMESE, _ENGLISH)]
SENTENCE = range(7, 15)
"""Words of a sentence."""


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
    """Return about LENGTH characters of one language."""
    words = random.choice(_LANGUAGES)
    made = ""
    while len(made) < LENGTH:
        sentence = " ".join(random.choices(words, k=random.choice(SENTENCE)))
        made += sentence.capitalize() + ". "
    return made.rstrip()


def name(random: Random) -> str:
    return random.choice(_NAMES)


def addresses() -> Iterator[str]:
    """Return readers' addresses, each in an IPv4 /24 of its own."""
    for b, c, a in itertools.product(range(256), range(256), range(20, 200)):
        yield f"{a}.{b}.{c}.7"
