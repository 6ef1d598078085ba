"""Turns written text into what a person would say aloud; independent of voices and audio.

The rules run in the order of `_RULES`: first layout, then names, symbols and numbers, and finally letters to spell, so
that each rule only sees what the earlier ones left. The output has words and punctuation: no digits, no Markdown.
"""

# ruff: noqa: RUF001
# The look-alike characters are the input; word lists read better unquoted.

from __future__ import annotations

import re
from collections.abc import Callable

from num2words import num2words  # type: ignore[import-untyped,unused-ignore]

from agent.logic.speech.spacing import close_gaps
from agent.values.rubric import Term

_SPOKEN_AS_WORDS = frozenset(
    "ACID ADAM AIDS ALBERT BERT BLEU COCO CRUD CUDA DALI DART DASK ELMO ELO GAN GANS GELU GIF GLOVE JPEG JSON LASSO "
    "LIDAR LIME LORA MAP MAPE METEOR MICE NAN NASA NATO PIN RADAR RAG RAID RAM REST RESNET ROBERTA ROUGE SHAP SMOTE "
    "SONAR SWISH TOAST VIF ZIP".split()
)
"""Abbreviations that people read as a word."""
_EMPHASIS = frozenset(
    "ALL ALSO ALWAYS AN AND ANY ARE AS AT BE BOTH BUT BY CAN DO EACH FOR HOW IF IN IS IT MAY MORE MOST MUST NEVER NO "
    "NOR NOT NOW OF ON ONE ONLY OR SO THE THEN TO TWO VERY WHAT WHEN WHO WHY WITH YES YOU".split()
)
"""Ordinary words that a writer may put in capitals; other words in capitals are spelled."""

_NAMES: dict[str, str] = {
    "A/B": "A B",
    "and/or": "and or",
    "CatBoost": "cat boost",
    "doc2vec": "doc to vec",
    "e.g.": "for example",
    "etc.": "and so on",
    "i.e.": "that is",
    "k-means": "k means",
    "k-NN": "K N N",
    "kNN": "K N N",
    "LightGBM": "light G B M",
    "MLOps": "M L ops",
    "n/a": "not available",
    "NaN": "nan",
    "NumPy": "num pie",
    "OK": "okay",
    "PySpark": "pie spark",
    "PyTorch": "pie torch",
    "ReLU": "rel you",
    "seq2seq": "sequence to sequence",
    "SciPy": "sigh pie",
    "scikit-learn": "sigh kit learn",
    "sklearn": "S K learn",
    "t-SNE": "tee snee",
    "vs.": "versus",
    "vs": "versus",
    "w.r.t.": "with respect to",
    "word2vec": "word to vec",
    "XGBoost": "X G boost",
}
"""Names and abbreviations of machine learning whose spelling hides how they sound; matched in any case."""

_UNITS = {
    "ms": "milliseconds", "s": "seconds", "kb": "kilobytes", "mb": "megabytes", "gb": "gigabytes", "tb": "terabytes",
    "hz": "hertz", "khz": "kilohertz", "fps": "frames per second", "qps": "queries per second", "x": "times",
}  # fmt: skip
_MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion", "t": "trillion"}
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ω": "omega",
    "Σ": "sum", "Δ": "delta", "∞": "infinity", "√": "square root of",
}  # fmt: skip
_SYMBOLS: tuple[tuple[str, str], ...] = (
    (r"https?://\S+[^\s.,;:!?)]", "a link"),
    (r"<?-+>|=>|→|⇒|⟶", " to "),
    (r">=|≥", " greater than or equal to "),
    (r"<=|≤", " less than or equal to "),
    (r"!=|≠", " not equal to "),
    (r"==?|≡", " equals "),
    (r">", " greater than "),
    (r"<", " less than "),
    (r"±", " plus or minus "),
    (r"[≈~]", " about "),
    (r"\s*&\s*", " and "),
    (r"(\d\s?[A-Za-z]{1,3})/s\b", r"\1 per second"),
    (r"(?<=\w)@(?=\w)", " at "),
    (r"\^2\b|²", " squared"),
    (r"\^3\b|³", " cubed"),
    (r"\^", " to the power of "),
    (r"[×·]|(?<=\d)\s*\*\s*(?=\d)", " times "),
    (r"(?<=\S)\s\+\s?(?=\w)|(?<=\w)\+(?=\w)", " plus "),
    (r"(?<=\d)\s?\+(?!\w)", " or more"),
    (r"(?<=\d)\s*/\s*(?=\d)", " over "),
    (r"(?<=\w)\s*/\s*(?=\w)", " or "),
    (r"#(?=\d)", "number "),
    (r"(?<=[\w%])\s*–\s*(?=\d)", " to "),
    (r"\s*[—–]\s*|\s-{1,2}\s", ", "),
    (r"…|\.{3,}", "."),
    (r"[“”„«»]", '"'),
    (r"[‘’]", "'"),
)

_LETTERS = re.compile(r"(?<![A-Za-z'])([A-Z]{2,6})(s)?(?![A-Za-z])")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ENDS = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|vs|etc|approx|Dr|Mr|Mrs|Ms|Prof|Fig|No|St)|\b[A-Z])\.$")


def speakable(text: str, glossary: tuple[Term, ...] = ()) -> str:
    """The text as a person would say it; the glossary's spoken forms win over the built-in ones."""
    text = _decimal_points(close_gaps(_plain(text)))
    for term in sorted((t for t in glossary if t.spoken), key=lambda t: -len(t.term)):
        text = _say_as(text, term.term, str(term.spoken), any_case=term.term.islower())
    for rule in _RULES:
        text = rule(text)
    return _tidy(text)


def _decimal_points(text: str) -> str:
    """1,5 as 1.5: a list has a space after its comma."""
    return re.sub(r"(?<![\w.,])(\d+),(\d{1,2})(?![.,]?\d)", r"\1.\2", text)


def letters_joined(text: str) -> str:
    """Spelled letters with hyphens, A U C as A-U-C: espeak takes a lone A before a word for the article."""
    return re.sub(r"\b([A-Z]) (?=[A-Z]\b)", r"\1-", text)


def sentences(text: str) -> list[str]:
    """The text cut after each sentence, so that the first one can be played while the others are synthesized."""
    pieces: list[str] = []
    start = 0
    for end in _ENDS.finditer(text):
        if "\n" not in end.group() and _ABBREVIATION.search(text[start : end.start()]):
            continue
        pieces.append(text[start : end.end()].strip())
        start = end.end()
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _plain(text: str) -> str:
    """Turns lists into first, second, ...; removes other Markdown."""
    text = "".join(char for char in text if char.isprintable() or char in "\n\t")
    text = re.sub(r"```\w*\n?|`", "", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?m)^\s{0,3}(?:#{1,6}\s+(.*?)#*|[-*_=]{3,})\s*$", lambda m: _closed(m.group(1) or ""), text)
    text = re.sub(r"(?m)^\s*>\s?", "", text)
    text = re.sub(r"\*\*([^*\n]+)\*\*|__([^_\n]+)__", lambda m: m.group(1) or m.group(2), text)
    text = re.sub(r"(?<!\w)\*([^*\s][^*\n]*)\*(?!\w)|(?<!\w)_([^_\s][^_\n]*)_(?!\w)", lambda m: m[1] or m[2], text)
    return _listed(text)


def _listed(text: str) -> str:
    """Joins lines; items of a list that has several become First, Second, ...; a blank line ends a sentence."""
    blocks: list[str] = []
    items: list[str] = []
    for line in [*text.splitlines(), ""]:
        item = re.match(r"\s*(?:[-*•+]|\d{1,2}[.)])\s+(.*\S)", line)
        if item:
            items.append(item.group(1))
        elif items and line[:1].isspace() and line.strip():
            items[-1] += " " + line.strip()
        else:
            blocks += [*_ordinals(items), line.strip()]
            items = []
    joined = "\n".join(blocks)
    return " ".join(_closed(" ".join(part.split("\n"))) for part in re.split(r"\n{2,}", joined) if part.strip())


def _ordinals(items: list[str]) -> list[str]:
    if len(items) < 2:
        return ["", *map(_closed, items)] if items else []
    said = [f"{_words(n, to='ordinal').capitalize()}, {_closed(item)}" for n, item in enumerate(items, 1)]
    return ["", *said, ""]


def _closed(text: str) -> str:
    """The text with a full stop, unless it already ends a sentence; the introduction of a list keeps its colon."""
    text = text.strip()
    return text if not text or text[-1] in ".!?:" or text.endswith(('."', '?"', '!"')) else text.rstrip(",;") + "."


def _say_as(text: str, term: str, spoken: str, *, any_case: bool = True) -> str:
    flags = re.IGNORECASE if any_case else 0
    ends_in_word = term[-1].isalnum()
    tail = r"(?P<plural>s)?(?!\w)" if ends_in_word and term[-1].isupper() else r"(?!\w)" if ends_in_word else ""
    pattern = rf"(?<![\w.]){re.escape(term)}{tail}"
    return re.sub(pattern, lambda m: spoken + ("'s" if m.groupdict().get("plural") else ""), text, flags=flags)


def _names(text: str) -> str:
    text = re.sub(r"\betc\.(?=\s*$|\s+[A-Z])", "and so on.", text)
    for name, spoken in _NAMES.items():
        text = _say_as(text, name, spoken, any_case=name != "OK")
    return re.sub(r"(?<!\w)[A-Za-z][a-z]*(?:_[A-Za-z0-9]+)+", lambda m: m.group().replace("_", " "), text)


def _symbols(text: str) -> str:
    for pattern, spoken in _SYMBOLS:
        text = re.sub(pattern, spoken, text)
    for letter, name in _GREEK.items():
        text = text.replace(letter, f" {name} ")
    text = re.sub(rf"\$\s?({_NUMBER})(\s?(?:k|K|M|bn|B)\b)?", r"\1\2 dollars", text)
    text = re.sub(rf"€\s?({_NUMBER})(\s?(?:k|K|M|bn|B)\b)?", r"\1\2 euros", text)
    return re.sub(r"(?<=\d)\s?%", " percent", text).replace("%", " percent")


def _numbers(text: str) -> str:
    text = re.sub(rf"({_NUMBER}(?:k|K|M|B|bn|T)?)\s?-\s?(?={_NUMBER})", r"\1 to ", text)
    text = re.sub(r"\b((?:19|20)\d|(?<=\bthe )\d)0s\b", _decade, text)
    text = re.sub(r"(?<![\w.])-(?=\d)", "minus ", text)
    text = re.sub(rf"\b({_NUMBER})(k|K|M|B|bn|T)\b", lambda m: f"{m[1]} {_MAGNITUDES[m[2].lower()]}", text)
    text = re.sub(rf"\b({_NUMBER})(\s?)([A-Za-z]{{1,3}})\b", _unit, text)
    text = re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: _words(int(m[1]), to="ordinal"), text)
    text = re.sub(r"(?i)\b((?:in|since|until|before|after|year) )((?:19|20)\d\d)\b", _year, text)
    text = re.sub(r"(?<=[A-Za-z])-(?=\d)|(?<=\d)-(?=[A-Za-z])", " ", text)
    return re.sub(_NUMBER, lambda m: f" {_number(m.group())} ", text)


def _unit(found: re.Match[str]) -> str:
    number, gap, unit = found.groups()
    name = _UNITS.get(unit.lower())
    # "5 s" is five seconds; "2 x" with a gap is a product of unknowns and stays.
    if name is None or (gap and unit.lower() == "x"):
        return found.group()
    return f"{number} {name[:-1] if number == '1' and name.endswith('s') and unit != 'x' else name}"


def _decade(found: re.Match[str]) -> str:
    """The 1990s as the nineteen nineties."""
    said = _words(int(f"{found[1]}0"), to="year")
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _year(found: re.Match[str]) -> str:
    return found[1] + _words(int(found[2]), to="year")


def _number(written: str) -> str:
    """10,000 as ten thousand, 0.85 as zero point eight five; long or zero-led codes digit by digit."""
    whole, _, decimals = written.replace(",", "").partition(".")
    coded = len(whole) > 15 or (len(whole) > 1 and whole[0] == "0")
    said = _digits(whole) if coded else _words(int(whole))
    return f"{said} point {_digits(decimals)}" if decimals else said


def _digits(digits: str) -> str:
    return " ".join(_words(int(digit)) for digit in digits)


def _words(number: int, to: str = "cardinal") -> str:
    return str(num2words(number, to=to)).replace("-", " ").replace(",", "")


def _letters(text: str) -> str:
    """AUC as A U C, CNNs as C N N's; TF-IDF loses its hyphen; an abbreviation that people read as a word stays one."""
    text = re.sub(r"\b([A-Z]{2,6})-(?=[A-Z]{2,6}\b)", r"\1 ", text)
    return _LETTERS.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    letters, plural = found[1], found[2] or ""
    if letters in _SPOKEN_AS_WORDS or letters in _EMPHASIS:
        return letters.lower() + plural
    return " ".join(letters) + ("'s" if plural else "")


def _tidy(text: str) -> str:
    """Turns text in brackets into text between commas; removes leftover marks and double punctuation."""
    text = re.sub(r"\s*[(\[{]+\s*", ", ", text)
    text = re.sub(r"\s*[)\]}]+", ",", text)
    text = re.sub(r"[*_`|\\^#~<>=\"]+|(?<!\w)-+|-+(?!\w)", " ", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([.,;:!?])", r"\1", text)
    text = re.sub(r"[,;:]+(?=[,;:.!?])|(?<=[.!?])[,;:]+", "", text)
    return re.sub(r"^[\s,;:.]+|[\s,;]+$", "", text)


_RULES: tuple[Callable[[str], str], ...] = (_names, _symbols, _numbers, _letters)
