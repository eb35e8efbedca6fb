"""Pieces that were compressed apart are one gzip file together, checksum and all."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from comments_service.pieces import Piece, gzipped, plain

texts = st.lists(st.binary() | st.integers(0, 100_000).map(bytes), max_size=5)


@given(texts)
def test_pieces_are_one_gzip_file(texts: list[bytes]) -> None:
    pieces = [Piece(text).packed for text in texts]

    # It refuses what has another checksum, or another length.
    assert gzip.decompress(gzipped(pieces)) == plain(pieces) == b"".join(texts)
