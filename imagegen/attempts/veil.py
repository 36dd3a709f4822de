"""Taking a key out of an answer that echoes it, while the answer is on its way to the disk."""

SHORTEST = 8  # of a piece of a key that is taken out, too; shorter ones open nothing


class Veil:
    """Puts as many asterisks in the place of a secret: sizes and JSON stay what they were.

    Of a refusal every piece of the secret goes, also when it was cut between two chunks; of a good
    answer only the whole of it, because eight characters may stand in an image by chance.
    """

    def __init__(self, secret: str, *, also_pieces: bool) -> None:
        self._secret = secret.encode()
        self._length = min(SHORTEST, len(secret)) if also_pieces else len(secret)
        starts = range(len(secret) - self._length + 1) if secret else ()
        self._pieces = {self._secret[at : at + self._length] for at in starts}
        self._raw = self._shown = b""  # an end that the next chunk may make a piece of the secret

    def over(self, chunk: bytes) -> bytes:
        """What may be written now."""
        raw, shown = self._raw + chunk, bytearray(self._shown + chunk)
        for piece in self._pieces:
            _mask(raw, piece, shown)
        kept = self._unfinished(raw)
        self._raw, self._shown = raw[len(raw) - kept :], bytes(shown[len(shown) - kept :])
        return bytes(shown[: len(shown) - kept])

    def rest(self) -> bytes:
        """What was held back, once nothing follows."""
        rest, self._raw, self._shown = self._shown, b"", b""
        return rest

    def _unfinished(self, raw: bytes) -> int:
        """How many of the last bytes may be the beginning of a piece. None of JSON's last byte."""
        longest = min(self._length - 1, len(raw)) if self._pieces else 0
        for size in range(longest, 0, -1):
            if raw[-size:] in self._secret:
                return size
        return 0


def without(text: str, secret: str) -> str:
    veil = Veil(secret, also_pieces=True)
    return (veil.over(text.encode("utf-8", "replace")) + veil.rest()).decode("utf-8", "replace")


def _mask(raw: bytes, piece: bytes, shown: bytearray) -> None:
    at = raw.find(piece)
    while at >= 0:
        shown[at : at + len(piece)] = b"*" * len(piece)
        at = raw.find(piece, at + 1)
