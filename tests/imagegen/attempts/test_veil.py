"""A vendor that echoes the key of a request: no piece of it reaches a disk."""

from hypothesis import given
from hypothesis import strategies as st

from imagegen.attempts import spool
from imagegen.attempts.spool import SpoolWriter
from imagegen.attempts.veil import SHORTEST, Veil, without

KEY = "sk-canary-Zq7xW4vR9tY2uP6mK3nB8cD5"


def pieces(key, size=SHORTEST):
    return [key[at : at + size] for at in range(len(key) - size + 1)]


@given(
    st.lists(
        st.sampled_from(["x", "sk-", '"}', *pieces(KEY, 5), *pieces(KEY, 9), KEY]), max_size=9
    ),
    st.integers(1, 40),
)
def test_no_piece_of_it_comes_through_however_the_answer_was_cut(words, size):
    answer = "".join(words).encode()
    veil = Veil(KEY, also_pieces=True)
    chunks = [answer[at : at + size] for at in range(0, len(answer), size)]
    shown = b"".join(veil.over(chunk) for chunk in chunks) + veil.rest()
    assert len(shown) == len(answer)
    assert not any(piece.encode() in shown for piece in pieces(KEY))
    assert all(was == now or now == ord("*") for was, now in zip(answer, shown, strict=True))


@given(st.binary(max_size=200), st.integers(1, 30))
def test_a_good_answer_loses_the_whole_key_only(answer, size):
    for told, expected in ((answer, answer), (answer + KEY.encode(), answer + b"*" * len(KEY))):
        veil = Veil(KEY, also_pieces=False)
        chunks = [told[at : at + size] for at in range(0, len(told), size)]
        assert b"".join(map(veil.over, chunks)) + veil.rest() == expected


def test_the_end_of_a_document_is_never_held_back():
    veil = Veil(KEY, also_pieces=True)
    assert veil.over(b'{"error": "sk-canary"}') == b'{"error": "*********"}'


def test_without_a_secret_nothing_changes():
    veil = Veil("", also_pieces=True)
    assert (veil.over(b"sandbox"), veil.rest()) == (b"sandbox", b"")
    assert without("sk-abc", "") == "sk-abc"


def test_the_spool_holds_the_answer_without_the_key_and_with_its_size(tmp_path):
    body = f'{{"error": {{"message": "No such key: {KEY}", "code": "invalid_api_key"}}}}'.encode()
    headers = {"content-length": str(len(body)), "x-request-id": f"req-{KEY}"}
    with SpoolWriter(tmp_path, "answer", KEY) as writer:
        writer.begin(401, headers)
        for at in range(0, len(body), 7):
            writer.write(body[at : at + 7])
        assert writer.is_whole()
        writer.complete()
    answer = spool.read(tmp_path, "answer")
    assert answer.json()["error"]["message"] == f"No such key: {'*' * len(KEY)}"
    assert answer.size == len(body)
    written = (tmp_path / "answer.spool").read_text()
    assert not any(piece in written + writer.request_id for piece in pieces(KEY))


def test_what_was_held_back_is_written_when_the_connection_breaks(tmp_path):
    with SpoolWriter(tmp_path, "answer", KEY) as writer:
        writer.begin(500, {})
        writer.write(b"{} sk-")
    assert (tmp_path / "answer.part").read_bytes().endswith(b"{} sk-")
