"""The articles of the demo portal. The commune of Đồng Sen and all its affairs are invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Figure:
    file: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Article:
    slug: str
    topic: str
    title: str
    lead: str
    published: datetime
    category: str
    paragraphs: tuple[str, ...]
    figure: Figure | None = None
    embedding: Literal["elements", "one-line", "include"] = "elements"


def find_article(slug: str) -> Article | None:
    return next((article for article in ARTICLES if article.slug == slug), None)


ARTICLES = (
    Article(
        slug="them-chuyen-xe-buyt-ve-trung-tam-tinh",
        topic="xebuyt",
        title="Tăng chuyến xe buýt từ xã Đồng Sen về trung tâm tỉnh từ đầu tháng 12",
        lead=(
            "Từ ngày 01/12/2026, tuyến xe buýt qua xã Đồng Sen tăng từ 8 lên 14 lượt mỗi ngày, có "
            "thêm hai điểm dừng và chuyến cuối lúc 18 giờ 30 để thuận tiện cho công nhân, học sinh "
            "và người đi khám bệnh."
        ),
        published=datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM),
        category="Giao thông",
        figure=Figure(
            file="bus.svg",
            alt="Tranh vẽ một chiếc xe buýt dừng ở điểm chờ có mái che bên cánh đồng.",
            caption="Điểm chờ xe buýt trước chợ Đồng Sen sau khi được lắp mái che. Tranh minh họa.",
        ),
        paragraphs=(
            (
                "Tuyến xe buýt nối xã Đồng Sen với trung tâm tỉnh được duy trì nhiều năm nay, mỗi "
                "ngày 8 lượt, khoảng cách giữa các chuyến có lúc gần hai giờ. Qua khảo sát hơn 600 "
                "hành khách và đại diện các thôn trong tháng 9, phần lớn ý kiến đề nghị tăng "
                "chuyến vào sáng sớm và cuối giờ chiều, đồng thời bố trí điểm dừng gần trường học "
                "và trạm y tế."
            ),
            (
                "Theo biểu đồ chạy xe mới, chuyến đầu tiên xuất phát tại chợ Đồng Sen lúc 5 giờ "
                "15, chuyến cuối cùng rời trung tâm tỉnh lúc 18 giờ 30. Giờ cao điểm buổi sáng và "
                "buổi chiều, các chuyến cách nhau 40 phút; các giờ còn lại cách nhau từ 60 đến 75 "
                "phút. Thời gian đi hết tuyến dự kiến 55 phút. Ngày lễ, Tết có lịch riêng và được "
                "thông báo trước ít nhất bảy ngày."
            ),
            (
                "Hai điểm dừng mới đặt tại cổng trường trung học cơ sở và đối diện trạm y tế xã. "
                "Cả 9 điểm dừng trên địa bàn đều được kẻ vạch, gắn biển ghi giờ xe đến bằng chữ "
                "lớn; 4 điểm có mái che và ghế ngồi. Tại điểm chờ trước chợ, lề đường được hạ thấp "
                "để xe lăn và xe đẩy trẻ em lên xuống dễ dàng."
            ),
            (
                "Giá vé lượt giữ nguyên như hiện nay. Học sinh, sinh viên, người cao tuổi, người "
                "có công và người khuyết tật tiếp tục được miễn hoặc giảm giá vé theo quy định của "
                "tỉnh. Hành khách có thể trả tiền mặt hoặc quét mã QR trên xe; vé tháng được đăng "
                "ký tại quầy số 3, Trung tâm Phục vụ hành chính công xã, vào các ngày làm việc."
            ),
            (
                "Đại diện UBND xã cho biết, việc tăng chuyến được thực hiện thử trong ba tháng. "
                "Hết tháng 2/2027, xã cùng đơn vị vận tải sẽ công bố số lượt hành khách theo từng "
                "khung giờ, tỷ lệ chuyến đúng giờ và các phản ánh đã nhận, từ đó đề xuất phương án "
                "chính thức với cơ quan quản lý giao thông của tỉnh."
            ),
            (
                "Để bảo đảm an toàn, các hộ kinh doanh không bày hàng, dừng đỗ xe trong phạm vi "
                "điểm chờ; phụ huynh nhắc con em xếp hàng, lên xuống khi xe đã dừng hẳn. Ý kiến về "
                "giờ xe, thái độ phục vụ hoặc vị trí điểm dừng xin gửi ở phần bình luận dưới bài "
                "viết, kèm ngày giờ và chiều đi để việc xác minh được nhanh chóng."
            ),
        ),
    ),
    Article(
        slug="nang-cap-duong-lien-thon",
        topic="duong",
        title=(
            "Đường nối thôn 2 với thôn 5 hoàn thành gần 80% khối lượng, phấn đấu thông xe trước Tết"
        ),
        lead=(
            "Sau hơn bốn tháng thi công, tuyến đường nối thôn 2 với thôn 5 đã xong 1,9 km mặt bê "
            "tông và rãnh thoát nước. Đoạn còn lại được thi công từ ngày 23/11, người dân lưu ý "
            "hướng đi tạm thời."
        ),
        published=datetime(2026, 11, 18, 8, 30, tzinfo=VIETNAM),
        category="Hạ tầng",
        figure=Figure(
            file="road.svg",
            alt="Tranh vẽ con đường bê tông chạy giữa cánh đồng, hai bên có nhà và hàng đèn.",
            caption=(
                "Phối cảnh đoạn đường qua cánh đồng phía đông sau khi hoàn thành. Tranh minh họa."
            ),
        ),
        paragraphs=(
            (
                "Tuyến đường dài 2,4 km, trước đây mặt đường chỉ rộng 3 mét, nhiều đoạn bong tróc "
                "và thường ngập sau mưa lớn. Theo phương án được Hội đồng nhân dân xã thông qua "
                "hồi tháng 5, mặt đường được mở rộng thành 5,5 mét, hai bên có lề gia cố và rãnh "
                "thoát nước có nắp đậy ở các đoạn qua khu dân cư. Tổng dự toán là 6,8 tỷ đồng, gồm "
                "vốn hỗ trợ của tỉnh, ngân sách xã và đóng góp của nhân dân."
            ),
            (
                "Để có mặt bằng thi công, 47 hộ dân hai bên đường đã tự nguyện hiến hơn 1.900 mét "
                "vuông đất, tháo dỡ tường rào, di dời cây trồng. Các khoản đóng góp bằng tiền và "
                "ngày công đều được lập danh sách, niêm yết tại nhà văn hóa của từng thôn và cập "
                "nhật hằng tháng. Ban giám sát đầu tư của cộng đồng trực tiếp theo dõi khối lượng "
                "và chất lượng vật liệu tại công trường."
            ),
            (
                "Theo đại diện UBND xã, đến giữa tháng 11 đơn vị thi công đã đạt gần 80% khối "
                "lượng. Các mẫu bê tông lấy tại hiện trường đều đạt cường độ thiết kế. Riêng đoạn "
                "qua cánh đồng phía đông, dài khoảng 500 mét, phải xử lý lại nền do đất yếu nên "
                "chậm hơn kế hoạch hai tuần."
            ),
            (
                "Trong thời gian thi công đoạn còn lại, từ ngày 23/11 đến hết ngày 12/12/2026, ô "
                "tô và xe tải đi theo đường trục xã; xe máy, xe đạp và người đi bộ vẫn qua công "
                "trường theo lối tạm có biển báo và đèn cảnh báo ban đêm. Công an xã bố trí lực "
                "lượng phân luồng vào giờ học sinh đến trường và tan học. UBND xã đề nghị các hộ "
                "dân không để vật liệu, nông sản trên lề đường mới."
            ),
            (
                "Sau khi nghiệm thu, tuyến đường được giao cho các thôn tự quản theo từng đoạn. "
                "Mỗi đoạn có một tổ phụ trách vệ sinh, khơi thông rãnh và kịp thời báo khi mặt "
                "đường hư hỏng. Xã dự kiến lắp 62 bóng đèn tiết kiệm điện và trồng cây bóng mát ở "
                "những đoạn lề đủ rộng, hoàn thành trước ngày 31/01/2027."
            ),
            (
                "Người dân có ý kiến về chất lượng công trình, lối đi tạm hoặc việc đóng góp có "
                "thể phản ánh tại nhà văn hóa thôn, tại Trung tâm Phục vụ hành chính công xã, hoặc "
                "bình luận ngay dưới bài viết này. Các ý kiến được tổng hợp hằng tuần và trả lời "
                "công khai trên trang thông tin điện tử của xã."
            ),
        ),
    ),
    Article(
        slug="thu-gom-rac-theo-lich-moi",
        topic="rac",
        title="Thu gom rác thải sinh hoạt theo lịch mới, phân thành ba loại tại hộ gia đình",
        lead=(
            "Từ ngày 15/11/2026, toàn bộ sáu thôn của xã Đồng Sen áp dụng lịch thu gom rác mới. "
            "Mỗi hộ phân rác thành ba loại và đặt đúng ngày, đúng giờ tại điểm tập kết của thôn."
        ),
        published=datetime(2026, 11, 12, 14, 20, tzinfo=VIETNAM),
        category="Môi trường",
        paragraphs=(
            (
                "Qua sáu tháng làm điểm tại thôn 1 và thôn 4, lượng rác phải chở đi xử lý giảm "
                "khoảng một phần ba, chủ yếu nhờ các hộ ủ rác hữu cơ làm phân bón và để riêng phần "
                "tái chế. Trên cơ sở đó, UBND xã quyết định mở rộng cách làm ra toàn xã, đồng thời "
                "sắp xếp lại lịch và tuyến xe để không còn cảnh rác tồn qua đêm ở đầu ngõ."
            ),
            (
                "Rác được chia thành ba loại. Loại thứ nhất là rác thực phẩm như thức ăn thừa, rau "
                "quả, bã chè; hộ có vườn nên ủ tại nhà theo hướng dẫn của cán bộ khuyến nông. Loại "
                "thứ hai là rác tái chế gồm giấy, bìa, chai nhựa, kim loại, thủy tinh sạch. Loại "
                "thứ ba là rác còn lại. Pin, bóng đèn, vỏ thuốc bảo vệ thực vật không bỏ chung mà "
                "mang đến thùng màu vàng đặt tại nhà văn hóa thôn."
            ),
            (
                "Xe thu gom rác thực phẩm và rác còn lại vào các ngày thứ Ba, thứ Năm và thứ Bảy, "
                "từ 17 giờ đến 19 giờ. Rác tái chế được thu vào sáng Chủ nhật tuần đầu và tuần thứ "
                "ba của tháng; Hội Liên hiệp Phụ nữ và Đoàn Thanh niên xã phối hợp thực hiện, số "
                "tiền bán phế liệu góp vào quỹ học bổng của thôn và được công khai hằng quý."
            ),
            (
                "Các hộ đặt rác tại điểm tập kết không sớm hơn 30 phút trước giờ xe đến, buộc kín "
                "miệng túi, không để lẫn vật sắc nhọn. Người cao tuổi sống một mình, người khuyết "
                "tật có thể đăng ký với trưởng thôn để tổ thu gom lấy rác tại nhà. Mức giá dịch vụ "
                "không thay đổi; hộ nghèo và hộ cận nghèo tiếp tục được miễn, giảm."
            ),
            (
                "Trong tháng đầu, tổ tuyên truyền của thôn đến từng nhà phát tờ gấp và hướng dẫn "
                "phân loại. Từ ngày 15/12, túi rác để sai loại sẽ được dán nhãn nhắc nhở và chưa "
                "thu trong ngày. Trường hợp đổ rác ra kênh mương, lề đường bị lập biên bản và xử "
                "phạt theo quy định."
            ),
            (
                "Đại diện UBND xã cho biết, kết quả thu gom của từng thôn được đăng vào ngày 05 "
                "hằng tháng tại mục Công khai minh bạch. Người dân thấy xe đến muộn, bỏ sót điểm "
                "hoặc có cách làm hay xin gửi ý kiến ở cuối bài để các thôn cùng tham khảo."
            ),
        ),
    ),
    Article(
        slug="lich-tiem-phong-vat-nuoi-thu-dong",
        topic="tiemphong",
        title="Lịch tiêm phòng cho đàn vật nuôi vụ thu đông năm 2026",
        lead=(
            "Đợt tiêm phòng vụ thu đông diễn ra từ ngày 09 đến ngày 21/11/2026 tại sáu thôn. Các "
            "hộ chăn nuôi đối chiếu lịch của thôn mình, nhốt giữ vật nuôi và chuẩn bị sổ theo dõi "
            "trước khi tổ tiêm phòng đến."
        ),
        published=datetime(2026, 11, 5, 9, 0, tzinfo=VIETNAM),
        category="Nông nghiệp",
        embedding="include",
        paragraphs=(
            (
                "Thời tiết chuyển lạnh, độ ẩm cao là điều kiện để nhiều loại dịch bệnh phát sinh "
                "trên đàn gia súc, gia cầm. Theo kết quả rà soát cuối tháng 10, toàn xã có hơn "
                "1.200 con trâu, bò, gần 5.400 con lợn, khoảng 68.000 con gia cầm và hơn 1.900 con "
                "chó, mèo thuộc diện phải tiêm. Kế hoạch đặt mục tiêu tiêm đạt ít nhất 85% tổng "
                "đàn thuộc diện tiêm đối với từng loại bệnh."
            ),
            (
                "Trâu, bò được tiêm vắc xin lở mồm long móng, tụ huyết trùng và viêm da nổi cục; "
                "lợn tiêm vắc xin dịch tả và tụ huyết trùng; gia cầm tiêm vắc xin cúm; chó, mèo "
                "tiêm vắc xin dại. Vắc xin lở mồm long móng và cúm gia cầm do tỉnh hỗ trợ cho hộ "
                "chăn nuôi nhỏ lẻ. Các loại còn lại hộ chăn nuôi trả tiền theo giá niêm yết tại "
                "nhà văn hóa thôn, có phiếu thu."
            ),
            (
                "Lịch cụ thể như sau: thôn 1 và thôn 2 tiêm trong các ngày 09, 10 và 11/11; thôn 3 "
                "và thôn 4 tiêm trong các ngày 12, 13 và 14/11; thôn 5 và thôn 6 tiêm trong các "
                "ngày 16, 17 và 18/11. Buổi sáng bắt đầu lúc 6 giờ 30, buổi chiều bắt đầu lúc 14 "
                "giờ. Ba ngày từ 19 đến 21/11 dành để tiêm bổ sung cho vật nuôi vắng mặt, mới nhập "
                "đàn hoặc chưa đủ tuổi vào ngày tiêm chính."
            ),
            (
                "Hộ nuôi từ mười con trâu, bò hoặc từ năm trăm con gia cầm trở lên đăng ký với "
                "trưởng thôn để tổ tiêm phòng đến tận chuồng. Vật nuôi đang ốm, mới đẻ hoặc sắp đẻ "
                "chưa tiêm trong đợt này; chủ hộ báo với cán bộ thú y để hẹn ngày tiêm bù. Sau khi "
                "tiêm, cần cho vật nuôi nghỉ ngơi, ăn uống đầy đủ và theo dõi trong ít nhất 48 "
                "giờ."
            ),
            (
                "Theo đại diện UBND xã, người nuôi chó, mèo có trách nhiệm khai báo số lượng, xích "
                "nhốt và tiêm phòng dại đầy đủ. Trường hợp không chấp hành mà để phát sinh dịch "
                "bệnh sẽ không được xem xét hỗ trợ thiệt hại và bị xử lý theo quy định. Kết quả "
                "tiêm của từng thôn được công bố sau khi kết thúc đợt."
            ),
            (
                "Nếu phát hiện vật nuôi ốm, chết bất thường, bà con không bán chạy, không vứt xác "
                "ra môi trường và báo ngay cho trưởng thôn hoặc bộ phận thú y của xã. Thắc mắc về "
                "lịch tiêm, loại vắc xin có thể gửi ở phần bình luận dưới đây để được giải đáp "
                "chung."
            ),
        ),
    ),
    Article(
        slug="ngay-hoi-chuyen-doi-so-2026",
        topic="chuyendoiso",
        title=(
            "Ngày hội Chuyển đổi số xã Đồng Sen: hơn 400 lượt người được hỗ trợ làm thủ tục trực "
            "tuyến"
        ),
        lead=(
            "Sáng 10/10/2026, tại nhà văn hóa trung tâm, UBND xã Đồng Sen tổ chức Ngày hội Chuyển "
            "đổi số. Người dân được hướng dẫn nộp hồ sơ trực tuyến, thanh toán không dùng tiền mặt "
            "và nhận biết các hình thức lừa đảo trên mạng."
        ),
        published=datetime(2026, 10, 10, 16, 45, tzinfo=VIETNAM),
        category="Chuyển đổi số",
        embedding="one-line",
        paragraphs=(
            (
                "Ngày hội có tám gian hướng dẫn do Tổ công nghệ số cộng đồng của sáu thôn, Đoàn "
                "Thanh niên và cán bộ Trung tâm Phục vụ hành chính công xã phụ trách. Mỗi gian làm "
                "một việc: kích hoạt định danh điện tử, nộp hồ sơ hộ tịch, chứng thực, đăng ký "
                "kinh doanh hộ cá thể, tra cứu bảo hiểm y tế, đóng tiền điện, nước và gửi phản "
                "ánh, kiến nghị."
            ),
            (
                "Tính đến 11 giờ 30, các gian đã hỗ trợ 412 lượt người, trong đó hơn một nửa từ 55 "
                "tuổi trở lên. Có 187 hồ sơ được nộp ngay tại chỗ, nhiều nhất là cấp bản sao trích "
                "lục khai sinh và chứng thực bản sao điện tử. Những hồ sơ đủ thành phần được tiếp "
                "nhận trong buổi sáng; người nộp nhận mã hồ sơ để theo dõi trên điện thoại hoặc "
                "nhờ tổ công nghệ số của thôn tra cứu giúp."
            ),
            (
                "Điểm mới năm nay là gian “Làm chậm, làm cùng” dành cho người cao tuổi và người "
                "khuyết tật, có bàn thấp, chữ lớn và người hướng dẫn kèm từng bước. Bên cạnh đó, "
                "cán bộ công an xã trình bày các tình huống lừa đảo thường gặp như giả danh cơ "
                "quan nhà nước, gửi đường dẫn lạ, yêu cầu chuyển tiền gấp, và nhắc bà con tuyệt "
                "đối không cung cấp mã xác thực cho bất kỳ ai."
            ),
            (
                "Theo báo cáo của UBND xã, chín tháng đầu năm có 78% hồ sơ được nộp trực tuyến, "
                "tăng 15 điểm phần trăm so với cùng kỳ năm trước; tỷ lệ giải quyết đúng và trước "
                "hạn đạt 99,1%. Tuy vậy, không ít hồ sơ vẫn do cán bộ làm thay, một số biểu mẫu "
                "còn khó hiểu và sóng di động ở thôn 6 chưa ổn định."
            ),
            (
                "Đại diện UBND xã cho biết, từ nay đến hết năm, chiều thứ Sáu hằng tuần mỗi nhà "
                "văn hóa thôn mở một buổi hướng dẫn tại chỗ, không thu phí. Xã cũng rà soát, viết "
                "lại hai mươi mẫu tờ khai thường dùng theo lối ngắn gọn, có ví dụ điền sẵn, và lấy "
                "ý kiến người dân trước khi ban hành."
            ),
            (
                "Trang thông tin điện tử của xã đồng thời mở phần đánh giá và bình luận dưới mỗi "
                "bài viết. Người đọc không phải lập tài khoản; ý kiến có thể được xem xét trước "
                "khi đăng và được bộ phận chuyên môn trả lời trong giờ hành chính."
            ),
        ),
    ),
)
