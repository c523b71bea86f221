"""Korean words in running text: the particles that may follow one without a space (텐서 + 에서는)."""

from __future__ import annotations

import re
from functools import lru_cache

_COPULA = (
    r"(?:입니다|입니까|인|인데|인지|인가|일|일까요|임|이고|이며|이면|이지만|이지|이므로|이라|이라서|이라고|이라는"
    r"|이라면|이라도|이란|이나|이나마|이든|이든지|이자|이니|이니까|이어야|이었[가-힣]*|이에요)"
)
_CASE = r"별|용|의|에(?:서|게)?|까지|부터|보다|처럼|마다|만큼|대로|조차|밖에|뿐|씩|쯤|짜리|들|끼리|만|도"
_LAST = r"의|에(?:서)?|은|는|이|가|을|를|도|만|로|으로|까지|부터|나|요"
_AFTER_CONSONANT = r"은|이|을|과|아"
_AFTER_VOWEL = (
    r"는|가|를|와|로|나|고|며|면|지만|라|라서|라고|라는|라면|라도|란|든|든지|니|니까|여서|여야|였[가-힣]*|예요"
)
_WITHOUT_RIEUL = r"으로(?:서|써)?"
_RIEUL = "로(?:서|써)?"


def final(word: str) -> int:
    """The number of the last syllable's final consonant in Unicode's order: 0 when it has none, 8 for ㄹ."""
    code = ord(word[-1]) - ord("가")
    return code % 28 if 0 <= code < 11172 else 0


@lru_cache(maxsize=4096)
def particles(word: str) -> str:
    """A regular expression for what may follow the noun `word` directly: nothing, or particles that fit its last sound.

    After a vowel 는, 가, 를, 와, after a consonant 은, 이, 을, 과; up to three particles, or a form of 이다.
    """
    consonant = final(word)
    own = [_AFTER_CONSONANT if consonant else _AFTER_VOWEL, _WITHOUT_RIEUL if consonant not in (0, 8) else _RIEUL]
    if not "가" <= word[-1] <= "힣":  # ReLU는, Adam은: as it is read aloud, which letters do not tell
        own = [_AFTER_CONSONANT, _AFTER_VOWEL, _WITHOUT_RIEUL, _RIEUL]
    two = rf"(?:{_CASE}|{'|'.join(own)})(?:{_LAST}|{_CASE})?(?:{_LAST})?"
    return rf"(?:{two}|(?:{_CASE})?{_COPULA}(?:{_LAST})?)?(?![가-힣])"


def is_noun_with_particles(text: str, word: str) -> bool:
    """Whether `text` is `word` with particles that fit it, or `word` itself."""
    return text.startswith(word) and re.fullmatch(particles(word), text[len(word) :]) is not None
