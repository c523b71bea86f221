"""The words that the build itself puts on a page, in both languages."""

from __future__ import annotations

FURNITURE = {
    "question": {"ko": "이 페이지의 질문", "en": "The question"},
    "predict": {"ko": "예측해 보기", "en": "Predict"},
    "by-hand": {"ko": "손으로 계산하기", "en": "By hand"},
    "mistake": {"ko": "흔한 실수", "en": "Common mistake"},
    "deeper": {"ko": "더 깊이", "en": "Deeper"},
    "slide": {"ko": "강의 슬라이드와 비교", "en": "Beside the slide"},
    "keep": {"ko": "기억할 세 줄", "en": "Three lines to keep"},
    "check": {"ko": "문제", "en": "Question"},
}
"""The parts that every lesson is furnished with, by the name that a writer gives them."""

WORDS = {
    "code": {"ko": "코드 {}", "en": "Code {}"},
    "output": {"ko": "출력", "en": "Output"},
    "output-of": {"ko": "코드 {}의 출력", "en": "Output of code {}"},
    "not-run": {"ko": "실행하지 않는 코드", "en": "Not run here"},
    "not-run-text": {"ko": "이 사이트에서 실행한 결과가 아닙니다", "en": "Not from a run of this site"},
    "copy": {"ko": "복사", "en": "Copy"},
    "copy-of": {"ko": "코드 {} 복사", "en": "Copy code {}"},
    "find-term": {"ko": "용어 찾기", "en": "Find a term"},
    "find-name": {"ko": "이름 찾기", "en": "Find a name"},
    "written": {"ko": "표기 {}", "en": "written {}"},
    "also": {"ko": "다른 말 {}", "en": "also {}"},
    "introduced-in": {"ko": "소개 {}", "en": "introduced in {}"},
    "minutes": {"ko": "읽는 시간 {}분", "en": "{} minutes to read"},
}


def word(name: str, language: str, *arguments: object) -> str:
    """The word `name` of `WORDS` in `language`, its places filled with `arguments`."""
    return WORDS[name][language].format(*arguments)
