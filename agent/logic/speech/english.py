"""Whether words are English, judged from the text alone."""

from __future__ import annotations

import re

from agent.logic.speech.tokens import SMALL_WORDS, tokens

LEAST_ENGLISH = 0.07
"""Share of common English words below which a longer text is not English. Keyword lists either reach it through their
joining words or are too short to be judged by it.
"""
_LONG = 20
"""Tokens from which that share can be trusted."""
_FOREIGN_WORDS = 3
"""Minimum words of another language; fewer may be names or quotes."""
_FOREIGN = {
    "German": """
        und oder aber ich wir sie der das dem ein eine einen einem einer ist sind wäre haben habe wird werden würde
        würden kann könnte soll sollte muss müssen nicht kein keine mit von für auf aus bei nach zu zum zur im ins
        vom wie wenn weil dass ob auch noch nur schon sehr dann danach zuerst damit dafür dabei daran durch über
        unter zwischen gegen ohne mehr alle jede jeden jedes sich uns
    """,
    "French": """
        et ou mais je tu il elle nous vous les une du au aux est sont était serait pas avec pour dans sur que qui
        quoi parce puis ensuite aussi très cette ces mon mes leur leurs ne sans être avoir
    """,
    "Spanish": """
        pero yo los las una unos unas está era sería para por que qué porque después también muy más este esta estos
        estas su sus sin como cuando donde hay ser tener primero luego
    """,
    "Italian": """
        io il gli una della dei delle sono era sarebbe che perché poi anche molto più questo questa mio suo si senza
        quando da nel nella sul
    """,
    "Portuguese": """
        ou mas eu uma da dos das são era seria para por que porque depois também muito mais este esta meu seu sem
        como quando não nos nas ao
    """,
    "Dutch": """
        maar ik wij zij hij het een zijn zou heeft hebben wordt worden kan moet niet geen voor op uit bij naar omdat
        dat dit ook nog alleen zeer daarna eerst tussen om meer anders opnieuw
    """,
    "Swedish": """
        och eller jag vi ett är var skulle har kan måste inte ingen med från för på av som när att om också bara
        mycket sedan efter först genom mellan mer alla
    """,
    "Polish": """
        lub ale ja ta jest są był byłby może nie ze od dla po że jak kiedy gdy bo ponieważ też tylko bardzo potem
        najpierw przez między oraz się
    """,
    "Turkish": """
        veya ama ben biz bu şu bir için ile gibi kadar daha çok sonra önce değil var yok ise da ki olarak
    """,
    "Hindi": """
        hai hain ka ki ke ko mein aur ya lekin nahi nahin yeh woh kya kaise jab toh bhi phir pehle karna karte
        karenge hoga
    """,
}
"""The most common words of other languages, without those that also occur in English, as words, letters or in names."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_TELLING = [frozenset(words.split()) for words in _FOREIGN.values()]


def is_english(text: str) -> bool:
    """False for a text that is plainly in another language. Keywords, names and few words are English."""
    if _written_otherwise(text):
        return False
    said, words = tokens(text), _WORD.findall(text.lower())
    english = sum(word in SMALL_WORDS for word in said)
    foreign = max(sum(word in language for word in words) for language in _TELLING)
    if foreign >= _FOREIGN_WORDS and foreign > english:
        return False
    return len(said) < _LONG or english >= LEAST_ENGLISH * len(said) or _listy(text)


def _written_otherwise(text: str) -> bool:
    """Whether most letters are of another script."""
    letters = [letter for letter in text if letter.isalpha()]
    # Latin letters with and without accents come before U+0250; Greek stands in formulas.
    return sum(letter > "\u03ff" for letter in letters) > len(letters) / 2


def _listy(text: str) -> bool:
    """Whether the text is mostly names between commas, which is English with little grammar."""
    return text.count(",") >= len(text.split()) / 6
