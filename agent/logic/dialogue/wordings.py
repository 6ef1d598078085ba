"""Requests that are recognized by their wording: few words, in few orders, that no answer is made of.

Each pattern fits whole utterances in lower case, without the courtesies around them.
"""

# ruff: noqa: E501
# A pattern is easier to read in one piece.

from __future__ import annotations

import re

from agent.values.dialogue import Intent

_ABLE = r"(?:can|could|may|might|should|do|shall|am i (?:able|allowed|supposed) to|would)"
_PLEASE = r"(?:can|could|would|will) you (?:please |just )?|please |i(?:'d| would) like (?:you )?to |i (?:want|need) (?:you )?to |"
_GIVE = r"(?:give|tell|show|list|read|remind|send|get|hand|offer)(?: (?:me|us))?(?: of| about)?"
_GET = (
    r"(?:(?:can|could|may|do|will) (?:i|we) (?:please )?(?:have|get|see|read|hear|take)"
    r"|i(?:'d| would) like(?: to (?:have|see|get|read|take))?|i (?:want|need)(?: to (?:have|see|get|read|take))?|let me (?:have|see|get|take)"
    rf"|(?:{_PLEASE})(?:{_GIVE}|open|make|create|write(?: up)?|save|export|print|email|mail|download|generate|prepare|produce|summari[sz]e))"
)
_MY = r"(?:the|a|an|my|your|this|that|some|any|all|full|written|whole|complete|final|of|these|those|our)"
_SOME = (
    r"(?:a|an|one|two|three|five|ten|twenty|thirty|sixty|a few|a couple(?: of)?|some|another|half a|just a|just one)"
)
_WHILE = r"(?:second|sec|moment|minute|bit|while|little|time)s?"

_OPTIONS = (
    rf"(?:what|which)(?: (?:else|things?|sort of things?|kinds? of things?|commands?|words?|phrases?|requests?|questions?))? "
    rf"{_ABLE}(?: i| we)? (?:say|do|ask|use|tell|request)\b.*",
    r"what (?:can|could|do) you (?:do|understand|know|offer|listen for)\b.*",
    r"(?:what|which)(?: are| were| is)? ?(?:all )?(?:my|the|other|your|voice|spoken|available|possible)* ?"
    r"(?:options?|commands?|choices|possibilities|menu)\b.*",
    r"(?:what|which) (?:voice |spoken |other )*(?:options|commands|choices|requests|phrases|instructions)\b.*"
    r"(?:do|does|are|can|have|did)\b.*",
    rf"(?:{_PLEASE})(?:{_GIVE}|repeat|explain)(?: (?:the|my|your|all|a list of|list of|again))* "
    r"(?:options|commands|choices|menu|possibilities)\b.*",
    rf"(?:{_PLEASE})(?:{_GIVE})(?: (?:again|a list of))* (?:what|which|the)(?: (?:things|words|commands))? "
    r"(?:i|we) (?:can|could|may|am allowed to) (?:say|do|ask|use)\b.*",
    r"(?:are there|do i have|have i|is there)(?: any)?(?: other| more)? (?:options|commands|choices|a menu|a list of commands|a help menu)\b.*",
    r"(?:what's|what is) on the menu|(?:the )?menu|help(?: me)?(?: out)?|i (?:forgot|don't know|am not sure|'m not sure)(?: what)?"
    r" (?:the commands|i can (?:say|do|ask)\b.*)|(?:i )?(?:forgot|don't remember) the commands",
    r"how (?:does|do) (?:this|it|that|you|the (?:whole )?thing|everything)(?: thing| here)? work\b.*|how do i (?:use|control|operate) (?:this|you|it)\b.*",
    r"(?:can|could) (?:i|you) (?:hear|say|repeat|read|explain)(?: me)?(?: to me)? (?:the (?:menu|options|commands)|how (?:this|it) works)\b.*",
    r"(?:say|repeat|read) the (?:menu|options|commands)\b.*|(?:my |the )?options|what are you able to do",
    r"how (?:do|can) i (?:end|finish|stop|skip|ask|tell you|say|get|move|go|repeat|pause)\b.*(?:answer|hint|this|it|finished|done|question|on|back|you)",
    r"i(?:'m| am) not sure what i can (?:say|do|ask)\b.*|i need help with the (?:commands|options)",
    r"what (?:now|happens now|do i do now|am i supposed to (?:do|say)(?: now| here)?)",
)
_PROGRESS = (
    r"how (?:am|was|were|are|did|do) (?:i|we|my answers?)(?: (?:doing|do|look(?:ing)?|going))?(?: (?:so far|until now|up to now|right now|today|then))?",
    r"how(?:'s| is| was) (?:it|this|that|everything|my answer)(?: (?:going|coming along))?(?: (?:so far|for you|then))?",
    r"(?:am|was) i (?:doing (?:okay|ok|well|alright|all right|fine|good)|on (?:the right )?track|close|far off|wrong|right)\b.*",
    r"(?:is|was) (?:this|that|it|my answer)(?: any)? (?:good|okay|ok|right|correct|enough|going well|fine)(?: so far| enough)?",
    r"how (?:many|much)(?: more)?(?: questions?| of them| ones?)? ?(?:are|is|do we have|do i have|will there be|have we got|remain\w*)?"
    r" ?(?:there|left|remaining|to go|to come|still to come|more)?(?: (?:left|in total|in all|to go|to come|after this|for me|remaining))?",
    r"how (?:good|well|close|bad)(?: \w+){0,2}? (?:was|am|did|is|are|were) (?:my answers?|i|it|that)\b.*",
    r"(?:is|was) (?:that|this|it) what you (?:wanted|were|are|expected|had)\\b.*|(?:does|did) (?:that|this) answer (?:the|your) question",
    r"(?:did|do|would|will|have) i (?:get (?:it|that) right|pass(?:ed)?(?: so far)?|do (?:okay|ok|well|alright))\\b.*",
    r"what (?:do|did) you think(?: (?:so far|of (?:it|that|my answers?)))*",
    r"how far (?:along |into (?:it|this|the interview) )?(?:are|am|have) (?:we|i)\b.*",
    r"(?:what|which)(?: question| number)?(?: number)? (?:is this|is that|are we (?:on|at)|am i (?:on|at)|was that)(?: now)?",
    r"(?:is|was) (?:this|that) the last (?:one|question)",
    r"are we(?: \w+)? (?:(?:nearly|almost|already|half\s?way) )*(?:done|finished|through|there|half\s?way(?: through)?|at the end)\b.*",
    r"(?:do|have) (?:we|i)(?: still)? (?:have|got)? ?(?:many|any|more)(?: more)? questions(?: left| to go)?",
    r"where (?:are|am|do) (?:we|i)(?: stand)?(?: (?:in the interview|right now|now|at))?",
    r"(?:what's|what is|what was|what are|tell me)(?: my| the)? (?:current |present )?(?:rating|score|grade|points|status|result)s?"
    r"(?: (?:so far|at the moment|right now|now|until now|up to now))?",
    r"(?:what|which) (?:rating|score|grade) (?:do|did|have) i (?:have|got|get)?\b.*",
    r"(?:any|do you have any) (?:feedback|comments?)(?: so far| already| yet| for me)?",
    r"(?:can|could) (?:you|i) (?:tell me how (?:i'm|i am) doing|(?:have|get)(?: some)? feedback)(?: so far| already| now)?",
    r"tell me how (?:i'm|i am) doing\b.*",
)
_MORE_TIME = (
    rf"(?:i (?:just |still |really )?(?:need|want)|i'll need|i(?:'d| would) (?:like|need)|(?:can|could|may|might) i (?:please )?(?:have|get|take)"
    rf"|(?:can|could|would) you (?:please )?(?:give|spare|allow)(?: me)?|(?:please |just )?give me|let me (?:have|take)|allow me)"
    rf"(?: \w+){{0,2}}? ?{_SOME}?(?: (?:little|bit|more|extra|longer|additional|few))* ?(?:more )?(?:{_WHILE}|longer)"
    r"(?: (?:of|more) time| more| longer| or (?:two|so))*(?:,? (?:please|here|(?:to|and) (?:think|consider|gather|collect|get|organi[sz]e|reflect|sort|find|figure|work|prepare|come up)\b.*|for (?:this|that|it|thinking|me)(?: one| question)?|before (?:i|we)\b.*))*",
    rf"(?!(?:just )?one more time\b)(?:just |wait |hold on |hang on )*{_SOME}(?: (?:little|more|extra|few))* (?:more )?{_WHILE}(?: (?:more|longer))?(?: of time)?"
    r"(?: to (?:think|consider|reflect)\b.*)?",
    r"(?:please )?(?:wait|hang on|bear with me|hold on)(?:,? (?:for )?(?:a|one|just a) (?:second|sec|moment|minute|bit))?",
    r"(?:wait|hold on|hang on|bear with me|hold up)(?:,? (?:for )?(?:a|one|just a) (?:second|sec|moment|minute|bit))?,? (?:i'm|i am|let me|i need(?= to think| a | some | more )|while i)"
    r" (?:still )?(?:think\w*|need|not done|not finished|work\w*|get|collect)?\b.*",
    r"(?:i (?:just )?(?:need|have|want|would like|'d like) to|let me(?: just)?|may i|can i) (?:please )?(?:think|consider|reflect|ponder)\b"
    r"(?: (?:about|on|over|through|for|it|this|that|one|a|the|again|first|second|minute|moment|bit|question|while|please|carefully))*",
    r"let me (?:collect|gather|sort|organi[sz]e|order|get) (?:my|the) (?:thoughts|ideas|head)\b.*",
    r"(?:i'm|i am) (?:still )?(?:thinking|not (?:done|finished|ready)(?: yet| thinking)?|working (?:on|it out)\b.*)(?: (?:about )?(?:it|this|that))?"
    r"(?: to answer)?(?: yet)?",
    r"(?:still|not yet|no)?,? ?(?:i'm |i am )?(?:still )?thinking(?: about (?:it|this|that))?",
    r"(?:please )?(?:don't|do not|no need to) (?:rush|hurry|stress)(?: me)?(?:,? .*)?",
    r"(?:please )?be patient(?: with me)?|(?:a little |some |a bit )?more time(?: to think)?|(?:some )?time to think",
    r"(?:this|that) (?:needs|takes|requires)(?: me)? (?:a|some)(?: little| bit of)? (?:thought|thinking|time|moment)(?: of thought)?",
)
_THINKING_FIRST = r"(?:(?:that's |that is )?(?:a )?(?:good|great|hard|tough|tricky|interesting|difficult)(?: one| question)?[,. ]+(?:(?:um+|uh+|so|well)[,. ]+)*)?"
_REPORT_NOUN = r"(?:report|summary|write-?up|record|transcript|results?|document|pdf|overview|recap|protocol|minutes|feedback|notes)"
_REPORT = (
    rf"{_GET}(?: (?:to )?(?:me|us|up|out|down))?(?: {_MY})* (?:report|results?|summary|transcript|overview|recap|write-?up|protocol)"
    r"(?: (?:of|as|page|in|for|on|at|to|so|please|later|now|sheet|document|file|from|by|with|afterwards)\b.*)?",
    rf"{_GET}(?: (?:to )?(?:me|us))?(?: {_MY})*(?: \w+)? ?(?:in writing|written down|as a (?:file|document|pdf|page)|by (?:mail|email)|on paper)\b.*",
    rf"(?:is|will) there(?: be)?(?: {_MY})* (?:report|summary|transcript|write-?up|overview|page)\b.*",
    rf"(?:do|will|can|could|would) (?:i|we|you) (?:also )?(?:get|have|receive|see|find|read|save|send|make|write|create|give|print|export|email|download)"
    rf"(?: me)?(?: {_MY})* {_REPORT_NOUN}\b.*",
    rf"where (?:can|do|could|will|is|are) ?(?:i|we)? ?(?:find|see|read|get)?(?: {_MY})* ?(?:{_REPORT_NOUN}|answers)\b.*",
    rf"(?:open|show|make|create|write(?: up)?|save|export|print|email|send|generate|give|prepare|put|summari[sz]e)(?: it)?(?: all)?(?: in| into)?"
    rf"(?:(?: me| us)(?: {_MY})*|(?: \w+)? (?:my|our|the|this)) (?:(?:full|whole|written|complete) )?(?:{_REPORT_NOUN}|session|interview)"
    r"(?: (?:for|to) me| so i can\b.*| later| now| at the end| in a \w+| of (?:this|the) \w+| on the screen| page)?",
    r"(?:open|show|make|create|write|print|generate) (?:the|a) report|put (?:it|this)(?: all)? in a report",
    r"(?:the |my |a )?(?:full |written )?report",
    r"(?:is|are|do you|will) (?:this|that|it|you|all this) (?:written|saved|stored|kept|write\w*|save)\b.*",
    r"can i (?:read|look at|see|save|download|print|keep) (?:this|that|it|all (?:of )?this|the feedback)\b.*(?:later|again|afterwards|somewhere|down)?",
)
_DISAGREE = (
    r"(?:.*\b)?(?:you|you've|you have|you must have|you probably|you may have|you might have)(?: \w+){0,2}? (?:misheard|misunderstood|misheard|mishear)\b.*",
    r".*\byou(?:'re| are| were) (?:\w+ )?(?:wrong|mistaken|incorrect|too (?:harsh|strict|hard)|not right|unfair|being unfair)\b.*",
    r".*\byou (?:never|didn't|did not) (?:even )?(?:ask|asked|hear|listen|get|understand|count|say|mention|tell)\b.*",
    r".*\byou (?:missed|ignored|overlooked|skipped) (?:what|that|half|most|part|the|my)\b.*",
    r"(?:.*\b)?(?:i'm|i am|i was) (?:pretty |quite |very |fairly |really |absolutely )?(?:sure|certain|convinced|positive)(?: that)? (?:i|my|it|that|what)\b.*"
    r"(?:said|mentioned|covered|right|correct|answer\w*|named|told|talked|explained)\b.*",
    r".*\b(?:the|this|that|your|my) (?:rating|grade|feedback|correction|verdict|judge?ment)\b.*"
    r"\b(?:harsh|unfair|wrong|(?:too|so) low|strict|fair|incorrect|too hard|mistake|deserve)\b.*",
    r"(?:the|this|that|your|my) score\b.*\b(?:harsh|unfair|wrong|too low|not fair)\b.*",
    r".*\b(?:that's|that is|that seems|that was|it's|this is|this seems|which is|seems)(?: \w+){0,2}? (?:unfair|harsh|too (?:low|strict|hard)|not fair|nonsense)\b.*",
    r"(?:no|nope|sorry|but|well|wait|hey|hm+|excuse me)[, ]+(?:but )?(?:i|my answer|what i said|that|it) (?:said|meant|mentioned|was (?:right|correct)|did|clearly|literally|actually)\b.*",
    r".*\bi (?:literally |just |clearly |definitely |already |explicitly |actually |did )*(?:said|mentioned|covered|named|explained|answered|addressed|told you)"
    r" (?:that|it|this|so|exactly|all|everything|both|those|them|precisely)\b.*",
    r".*\b(?:didn't|did not|haven't) i (?:just |already )?(?:say|said|mention|mentioned|cover|covered|explain|explained|name)\b.*",
    r".*\bi (?:gave|named|listed|had|did give|did name) (?:you )?(?:two|three|four|both|all|an?|several|plenty|many|the) (?:\w+ )?(?:examples?|reasons?|points?|methods?|metrics?|of them)\b.*",
    r"(?:can|could|would) you (?:please )?(?:check|look|grade|rate|score|reconsider|count|review)\b.*(?:again|that|it|once more)?",
    r"(?:please )?(?:look|check|count|grade|rate) (?:it |that )?again\b.*|(?:please )?reconsider\b.*",
    r"are you (?:really )?sure(?: about (?:that|this|it))?\b.*",
    r"(?:that|it|this) (?:should|ought to|must)(?: \w+)? (?:count|have (?:been|counted)|be (?:an? )?(?:very )?(?:strong|weak|counted|right))\b.*"
    r"|i deserve\b.*",
    r".*\b(?:i )?(?:don't|do not|can't|cannot) (?:think|believe|accept) (?:that|this|you|it|so)(?:'s| is|'re| are| was)?(?: \w+)? (?:right|fair|correct|true|justified|agree)\b.*",
    r".*\b(?:why|how)(?: \w+){0,6} (?:count|hold) (?:it|that|this) against me\b.*",
    r"(?:that|it|this) (?:wasn't|was not|isn't|is not) (?:what i (?:said|meant)|part of the question|in the question|asked|fair|right|true)\b.*",
)
_MEANING = (
    r"(?:.*\b)?(?:can|could|would|will) you (?:please |quickly |briefly )?(?:define|explain (?:the )?(?:term|word|concept|notion|what|meaning))\b.*",
    r"(?:please )?explain (?:the )?(?:term|word|concept|abbreviation|notion)\b.*|(?:please )?(?:define|explain)(?! (?:the |my |your |that |this )?(?:rating|grade|score|feedback|answer|question)\b)(?: [\w'-]+){1,4}?(?: to me| for me)?",
    r"(?:.*\b)?(?:what's|what is|what was|what are|give me|tell me)(?: the| a)? (?:meaning|definition|explanation) (?:of|for|behind)\b.*",
    r"(?:please )?(?:remind me|tell me|explain(?: to me)?|say|clarify)(?: again| please)? what .*\b(?:is|are|was|means?|meant|stands? for)(?: again)?",
    r".{2,40}\b(?:means?|meaning|stands?(?: for)?|stood for|is short for) what(?: again| exactly)?",
    r".*\bwhat (?:does|did|do|would) .{1,50}\b(?:mean|stand for|refer to)\b.*",
    r".*\byou mean(?:t)? (?:what|by)\b.*|.*\bwhat (?:do|did) you mean (?:by|with)\b.*",
    r".*\b(?:never|not|haven't) (?:heard|come across|seen)(?: of| about)?\b.*\bwhat(?:'s| is| are| does)\b.*",
    r"i (?:don't|do not) (?:know|understand|get) (?:what .*\b(?:is|means?|are)|(?:the|that|this) (?:word|term|concept|abbreviation))\b.*",
    r"(?:i'm|i am) not familiar with\b.*|(?:i've|i have)? ?never heard of\b.*",
    r".*\b(?:you|that you|you just) (?:said|mentioned|used|named|brought up|talked about)\b.{0,40}\bwhat(?:'s| is| does| are)\b.*",
    r"(?:so |and |but )?what(?:'s| is| are) (?:it|that|this)(?: thing| word| term)?,? .{2,40}\b(?:that )?you (?:said|mentioned|used|named)",
    r".{2,40}[,?] ?what(?:'s| is| does) (?:that|it|this)(?: mean| again| exactly| stand for)?",
    r"(?:what's|what is|what are|what was) (?:that|this|it),? .{3,40}",
)
_RESUME = (
    r"(?:un-?pause|end (?:the |of )?(?:pause|break)|(?:the )?(?:pause|break)(?: is|'s)? over)(?: .{0,20})?",
    r"(?:okay |ok )?(?:i'm|i am) (?:back|here again)(?: now| again)?",
)
_TRY_AGAIN = (
    r"(?:let me|can i|could i|may i|i(?:'d| would) like to|i want to) (?:try|do|answer) (?:that|it|this)(?: one)?"
    r" (?:again|once more|over)",
    r"(?:another|one more) (?:try|attempt)",
)

_REPHRASE = (
    r".*\bwhat (?:exactly )?(?:do|did) you (?:exactly )?mean (?:by|with) (?:the|this|that|your) question\b.*",
    r"(?:.*\b)?(?:i|i'm|i am)(?: \w+){0,3}? (?:don't|do not|didn't|did not|not sure (?:that )?i|can't|cannot) (?:\w+ )?(?:understand|get|understood|follow|see)(?: what)?"
    r" (?:the|your|this|that) question\b.*",
)
_PATTERNS: tuple[tuple[Intent, tuple[str, ...]], ...] = (
    (Intent.TRY_AGAIN, _TRY_AGAIN),
    (Intent.REPHRASE, _REPHRASE),
    (Intent.OPTIONS, _OPTIONS),
    (Intent.PROGRESS, _PROGRESS),
    (Intent.MORE_TIME, tuple(_THINKING_FIRST + f"(?:{pattern})" for pattern in _MORE_TIME)),
    (Intent.REPORT, _REPORT),
    (Intent.DISAGREE, _DISAGREE),
    (Intent.MEANING, _MEANING),
    (Intent.RESUME, _RESUME),
)
_ENDS = r"(?:[ ,]+(?:please|thanks|thank you|then))*"
_RULES = tuple((intent, re.compile(rf"(?:{'|'.join(patterns)}){_ENDS}")) for intent, patterns in _PATTERNS)


_ALIKE = re.compile(
    r"(?:that's |that is )?(?:a )?(?:good|great|hard|tough|tricky|interesting|difficult) (?:one|question)|question|um+|uh+|er+|hmm+|so|well|okay|ok|yes|no|sorry|please|wait"
)
"""What may stand beside a request for time."""


def by_wording(said: str) -> Intent | None:
    """The request that an utterance is by its wording, or None; `said` is its core() (commands.py)."""
    found = next((intent for intent, rule in _RULES if rule.fullmatch(said)), None)
    return found or _asks_for_time_twice(said)


def _asks_for_time_twice(said: str) -> Intent | None:
    """People ask for time in several short sentences: "one minute, I need to think"."""
    rule = dict(_RULES)[Intent.MORE_TIME]
    pieces = [piece for piece in re.split(r"[,.;!?]+\s*", said) if piece]
    asking = [piece for piece in pieces if rule.fullmatch(piece)]
    rest = [piece for piece in pieces if piece not in asking and not _ALIKE.fullmatch(piece)]
    return Intent.MORE_TIME if len(asking) > 1 and not rest else None
