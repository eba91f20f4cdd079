"""The wordings of questions about the folder itself, as patterns of whole questions.

A part in capitals between angle brackets stands for the fragment of that name. A wording covers a
question from its first word to its last one: what a question adds to it (`how many articles of the
constitution …`) makes it one to what the articles say.
"""

import re
from collections.abc import Iterator, Mapping

from ibid.answering.catalogue.requests import Asks

_FRAGMENTS: Mapping[str, str] = {
    "DET": r"(?:(?:all|each|every|any|some|both)(?: of)? )?(?:(?:the|these|those|your|my|our|this"
    r"|that|its) )?(?:(?:other|various|different|indexed|available|whole|entire|individual|stored"
    r"|five|\d+) )*",
    "POST": r"(?:blog[ -]?posts?|articles?|posts?)",
    "FILE": r"(?:documents?|docs|texts|files)",
    "WORK": r"(?:papers|essays|pieces|entries|notes|sources|publications|stories)",
    "PLACE": r"(?:(?:the|this|your|my|our) )?(?:(?:whole|entire|article) )*(?:folder|collection"
    r"|corpus|index|archive|library|blog|knowledge base|database|directory)",
    "IN": r"(?: (?:(?:that|which) are )?(?:(?:in|inside|within|of|on|from) )?(?:<PLACE>|here|total"
    r"|all|altogether|overall))",
    "ARTS": r"(?:<DET>(?:<POST>|<FILE>)|(?:all (?:of )?(?:the )?|these |those |your |my )<WORK>"
    r"|(?:the )?<WORK>(?= (?:in|inside|within|of|on|from|here)\b)"
    r"|this (?:text|document|file|page|paper|essay))<IN>?",
    "ALL": r"(?:<ARTS>|all of (?:them|it|these|those|this)|them(?: all)?|everything|<WHOLE>)",
    "WHOLE": r"(?:(?:the|this|your|my|our) )?(?:(?:whole|entire) )?(?:folder|collection|corpus"
    r"|archive"
    r"|blog|knowledge base)",
    "WHICH": r"(?:(?:which|what)(?: ones?| (?:kinds?|sorts?|types?))?(?: of)? <ARTS>)",
    "THESE": r"(?:which ones|(?:which|how many) of (?:them|these|those))",
    "MANY": r"(?:how many(?: of)? <ARTS>|(?:what(?: is|'s) )?(?:the )?(?:total )?number of <ARTS>)",
    "WRITER": r"(?:authors?|writers?|bloggers?|contributors?)",
    "WROTE": r"(?:wrote|contributed|writes|write|has written|have written|authored|published"
    r"|publishes|posted"
    r"|penned|created|contributed to|is behind|are behind|writes for|wrote for)",
    "WRITTEN": r"(?:written|published|posted|authored|made|created|released|dated|from)",
    "BE": r"(?:is|are|was|were)",
    "DO": r"(?:do|does|did|has|have)",
    "GIVE": r"(?:list|name|show|give|enumerate|display|print|find)(?: me)?",
    "COUNT": r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)",
    "NEW": r"(?P<new>newest|latest|most recent|youngest|recent|most up[- ]to[- ]date)",
    "OLD": r"(?P<old>oldest|earliest|least recent)",
    "SUP": r"(?:(?P<most>(?!one)<COUNT>) )?(?:<NEW>|<OLD>)(?: (?P<more><COUNT>))?",
    "NEWEST": r"(?:(?:the|your|our|my) )?<SUP> (?P<of><POST>|documents?|texts?|files?)"
    r"(?: (?:that )?(?:(?:was|were|has been|you have) )?(?:written|published|posted))?<IN>?"
    r"(?:,? and (?:(?:its|their) (?:date|author|title)s?|who wrote (?:it|them)"
    r"|when(?: was it (?:written|published))?))?",
    "THERE": r"(?: (?:are there|there are|is there|do (?:you|we|i) (?:have|know|hold|contain|see)"
    r"|have (?:you|i|we)(?: got| read| indexed)?|did you (?:read|index|find|search|use)"
    r"|exist|were (?:read|indexed|searched)"
    r"|are (?:indexed|stored|available|included|known|searched"
    r"|(?:in|inside|on) (?:<PLACE>|here|total|all))"
    r"|can you (?:see|search|read)|(?:does|do|did) <PLACE> (?:have|hold|contain|include)))",
    "NAMED": r"(?:(?P<called>(?:the )?(?:article|blog ?post|post|document|text|file|paper|essay)"
    r"(?: (?:called|named|titled|entitled|with the title|about|on|for))?) (?P<name>.+)"
    r"|(?:the )?(?P<first>.+) (?P<behind>article|post|blog ?post)|(?P<bare>.+))",
    "AUTHOR": r"(?P<author>.+?)",
    "TAGGED": r"(?:(?:tagged|labell?ed|categori[sz]ed|filed)(?: (?:with|as|under|by))?"
    r"|(?:(?:have|has|with|carry|under|in) (?:the )?(?:tag|label|category|keyword)))",
    "TAG": r"(?:(?:the )?(?:tag|label|category|keyword) )?(?P<tag>.+)",
    "TOPIC": r"(?:(?:the|an?) )?(?:(?:word|term|name|phrase|topic|subject|keyword)s?(?: of)? )?"
    r"(?P<topic>.+)",
    "SAYS": r"(?:mention|mentions|mentioned|discuss|discusses|cover|covers"
    r"|(?:talk|talks|write|writes|speak|speaks|is|are|say something|says something) about"
    r"|is on|are on|speak of|speaks of|talk of|talks of|deal with|deals with|refer to|refers to"
    r"|contain|contains|use|uses|touch on|touches on|treat|treats|concern|concerns|bring up"
    r"|brings up|include|includes"
    r"|(?:has|have) (?:(?:something|anything) to say (?:about|on)|(?=the (?:word|term|phrase"
    r"|name))))",
    "SAYING": r"(?:(?:that|which) (?:(?P<negated>do not|does not|don't|doesn't|never) )?<SAYS>"
    r"|about|on|mentioning|discussing|covering|dealing with|concerning|regarding|containing)",
    "TOLD": r"(?:mentioned|discussed|named|covered|referred to|talked about|treated|addressed"
    r"|brought up|appear|appears|occur|occurs|come up|comes up|used)",
    "SUMMARY": r"(?:summari[sz]e|sum up|recap|outline|condense|(?:(?:a|the|an) )?(?:(?:brief|short"
    r"|quick|general|concise) )*(?:summary|summaries|overview|gist|synopsis|abstract|outline|recap"
    r"|version|digest|tl;?dr)(?: (?:of|for|about|on))?|tl;?dr(?: of)?)",
    "CLASH": r"(?:(?:disagree|differ|contradict|diverge|conflict|clash|agree|agree or disagree)"
    r"(?:(?: with)? (?:each other|one another|themselves))?)",
    "CLASHES": r"(?:disagreements?|contradictions?|inconsistencies)",
    "ON": r"(?: (?:about|on|over|regarding|when it comes to|as to) <TOPIC>)",
}

_WORDINGS: tuple[tuple[Asks, str], ...] = (
    (Asks.NEWEST, r"(?:(?:(?:what|which)(?: <BE>|'s)?|<GIVE>) )?(?:the )?"
     r"(?:(?:title|date|name|author|age)s? of )?<NEWEST>"),
    (Asks.NEWEST, r"(?:when|how (?:old|recent|new)) <BE> <NEWEST>(?: <WRITTEN>)?"),
    (Asks.NEWEST, r"who (?:<WROTE>|<BE> the <WRITER> of) <NEWEST>"),
    (Asks.NEWEST, r"<WHICH> <BE> (?:the )?<SUP>(?: one)?"),
    (Asks.NEWEST, r"(?:<WHICH>|what) (?:<BE>|has been|have been|did you) (?:written|published"
     r"|posted|write|publish|post) (?:(?P<new>last|latest|most recently)|(?P<old>first|earliest))"),
    (Asks.NEWEST, r"(?:(?:what|which|name|show me) (?:<BE> )?|when was |who wrote )?the "
     r"(?:(?P<new>last)|(?P<old>first)) <POST>(?: (?:to be |that was )?(?:written|published"
     r"|posted)|<IN>)"
     r"(?: about)?"),
    (Asks.NEWEST, r"<WHICH> (?:came out|appeared|was added) (?:(?P<new>last|latest|most recently)"
     r"|(?P<old>first|earliest))"),
    (Asks.AUTHORS, r"who(?: all)? <WROTE> <ALL>"),
    (Asks.AUTHORS, r"(?:who|what|which)(?: <BE>|'s) (?:all )?(?:the )?(?:names? of (?:the )?)?"
     r"<WRITER>(?: (?:of|behind|for|in) <ALL>)?<IN>?"),
    (Asks.AUTHORS, r"(?:which|what|how many)(?: different| distinct)? <WRITER>(?: are there"
     r"| do you have| exist| contributed| have contributed| are (?:named|represented))?"
     r"(?: (?:to|in) <ALL>)?<IN>?"),
    (Asks.AUTHORS, r"(?:which|what|how many)(?: different| distinct)? (?:<WRITER>|people|persons?)"
     r" <WROTE> <ALL>"),
    (Asks.AUTHORS, r"(?:by whom|who) <BE> <ARTS> (?:<WRITTEN> )?by|by whom <BE> <ARTS>"
     r"(?: <WRITTEN>)?|whose <ARTS>(?: <BE>)?(?: these| they| those|<IN>)?"),
    (Asks.AUTHORS, r"<GIVE> (?:(?:the|all) )*(?:names? of (?:the )?)?<WRITER>(?: of <ALL>)?<IN>?"
     r"|(?:(?:the|all) )*(?:names of (?:the )?)?<WRITER> (?:of|behind|in) <ALL>"),
    (Asks.AUTHORS, r"(?:who|which <WRITER>) <WROTE> (?:the )?most(?: of)?(?: <ALL>)?"),
    (Asks.AUTHORS, r"(?:who|what|which) <BE> (?:the )?(?:people|persons?|ones?|<WRITER>) (?:that"
     r"|who)"
     r" <WROTE> <ALL>|(?:is|are) there (?:more than one|several|many|multiple|different|any)"
     r" <WRITER>"
     r"<IN>?|(?:do|does) <ALL> (?:have|name|share) (?:(?:an|any|the same|the|their|different) )*"
     r"<WRITER>"),
    (Asks.DATES, r"<BE> <ARTS> (?:recent|new|old|up[- ]to[- ]date|dated|current)"),
    (Asks.DATES, r"(?:when|(?:in|on|from) (?:what|which) (?:years?|months?|dates?|days?))"
     r" (?:<BE>|did) <ARTS>(?: <WRITTEN>| appear| come out)"),
    (Asks.DATES, r"(?:what|which) <BE> the (?:publication )?dates? of <ARTS>|from when <BE> <ARTS>"
     r"|how (?:old|recent|new|up[- ]to[- ]date) <BE> <ARTS>|(?:what|which) (?:dates?|years?|period"
     r"|time(?: span| range)?) (?:<BE>|<DO>) <ARTS> (?:from|span|have|come from)"),
    (Asks.COUNT, r"<MANY><THERE>?<IN>?|count <ARTS>|how (?:big|large) <BE> <PLACE>"
     r"|how many(?: of them)? <BE> there<IN>"),
    (Asks.COUNT, r"<MANY> <DO> <AUTHOR> (?:write|written|wrote|publish|published|post|posted"
     r"|contributed?)<IN>?|<MANY> (?:<BE> )?(?:there )?(?:written |published )?(?:by|from)"
     r" <AUTHOR2>"),
    (Asks.LIST, r"<WHICH><THERE>(?: there)?<IN>?|(?:what|which) <BE> <ARTS>(?: called)?"
     r"|(?:which|what) <ARTS> <BE> (?:there|available|<IN>)"),
    (Asks.LIST, r"(?:what|which)(?: all)?(?: <BE>|'s)(?: there)? (?:in|inside) (?:(?:the|this|your"
     r"|my|our) (?:folder|collection|corpus|index|archive|blog|knowledge base)|here|<ARTS>)"),
    (Asks.LIST, r"what (?:do you have|do you know about|have you(?: got| read| indexed)?)(?: here)?"
     r"|what can (?:i|you|we) (?:ask|be asked|answer)(?: you)?(?: about| here)?"
     r"|what does (?:the|this|your|my|our) (?:folder|collection|corpus|archive|blog) (?:contain"
     r"|have|hold"
     r"|include|cover)"),
    (Asks.LIST, r"<GIVE> (?:(?:a|the|all) )*(?:(?:complete|full|short) )*(?:(?:list|titles?|names?"
     r"|table of contents) of )?(?:<ARTS>|the contents? of <PLACE>|what is in <PLACE>)"
     r"(?: (?:that )?you have)?(?:<IN>)?"),
    (Asks.LIST, r"table of contents|(?:(?:a|the) )?(?:(?:complete|full) )?(?:list|titles|contents"
     r"|table of contents|inventory) of <ALL>|all (?:of )?(?:the |your |my )?<POST><IN>?"),
    (Asks.LIST, r"(?:what|which) (?:topics?|subjects?|themes?|areas|tags?|categor(?:y|ies)"
     r"|keywords?|matters) (?:(?:do|does|have) (?:<ALL>|they|you) (?:cover|discuss|treat|have"
     r"|address|deal with|write about|talk about)|<BE> (?:covered|discussed|treated|there|used)"
     r"(?: (?:by|in) <ALL>)?|<BE> <ALL> about)<IN>?"),
    (Asks.LIST, r"<WHICH> <DO> <AUTHOR> (?:write|written|wrote|publish|published|post|posted"
     r"|contributed?)<IN>?|<WHICH> (?:<BE> )?(?:written |published )?(?:by|from) <AUTHOR2>"
     r"|(?:<GIVE> )?<ARTS> (?:(?:that are |which are )?(?:written|published) )?(?:by|from|of)"
     r" <AUTHOR3>|(?:has|did) <AUTHOR5> (?:written|write|published|publish) (?:anything|something"
     r"|(?:any )?<POST>)<IN>?|what <DO> <AUTHOR4> (?:write|written|wrote|publish|published|post"
     r"|posted)"),
    (Asks.LIST, r"(?:<WHICH>|<GIVE> <ARTS>|<ARTS>) (?:(?:that|which) )?(?:<BE> )?<TAGGED> <TAG>"),
    (Asks.COUNT, r"<MANY> (?:<BE> )?<TAGGED> <TAG>"),
    (Asks.AUTHORS, r"who(?: has)? (?:<WROTE>) <NAMED>|(?:who|what)(?: <BE>|'s) the <WRITER> of"
     r" <NAMED2>|(?:the )?<WRITER> of <NAMED3>"),
    (Asks.MENTIONS, r"(?:<MANY>|<WHICH>|<THESE>) (?:have|has|contain|mention) <TOPIC> in (?:them"
     r"|it)"
     r"|(?:is|are) <TOPIC2> (?:mentioned|discussed|named) (?:anywhere|somewhere|in <ALL>)"),
    (Asks.MENTIONS, r"(?:<MANY>|<WHICH>|<THESE>|in (?:how many|which|what)(?: of)? <ARTS>"
     r"|(?:do|does) <ARTS>)(?: (?P<negated>do not|does not|don't|doesn't|never|did not))?"
     r" <SAYS> <TOPIC>"),
    (Asks.MENTIONS, r"(?:<MANY>|<WHICH>)(?: (?:are|is) there)? <SAYING> <TOPIC>"),
    (Asks.MENTIONS, r"(?:in )?(?:how many(?: of)?|which(?: of)?|what) <ARTS> (?:<BE>|<DO>) <TOPIC>"
     r" (?:<TOLD>|being <TOLD>)(?: in)?"),
    (Asks.MENTIONS, r"(?:<GIVE> |(?:are|is) there |do you have |have you(?: got)? )?(?:(?:a|the)"
     r" (?:complete )?list of )?(?:an? )?<ARTS> <SAYING> <TOPIC>"),
    (Asks.MENTIONS, r"(?:which|what|how many) <WRITER> (?:writes?|wrote|has written|have written"
     r"|talks?|mentions?|discuss(?:es)?|covers?)(?: about)? <TOPIC>|who (?:writes|has written)"
     r"(?: an?(?:y|n)? ?<POST>| something| anything)? about <TOPIC2>|who (?:mentions|discusses"
     r"|talks about) <TOPIC3>|who wrote (?:an? |the |any )?<POST> (?:about|on|that mentions?)"
     r" <TOPIC4>"),
    (Asks.MENTIONS, r"where (?:in <ARTS> )?(?:is|are) <TOPIC> (?:mentioned|discussed)"
     r"|(?:how (?:often|many times|frequently)) (?:is|are|do|does) (?:<ARTS> mention <TOPIC2>"
     r"|<TOPIC3> (?:mentioned|discussed|named|appear|come up|occur|used)(?: in <ARTS>)?<IN>?)"
     r"|in how many <ARTS> (?:<BE>|<DO>) (?:there )?<TOPIC4>"),
    (Asks.SUMMARY, r"(?:what(?: is|'s) )?<SUMMARY> (?:<ALL>|(?:what|everything) (?:is )?in <ALL>"
     r"|it|this|these|those|what they say|what <ALL> says?)|summari[sz]e|sum up|recap|tl;?dr"
     r"|(?:what(?: is|'s) )?(?:(?:a|the|an) )?(?:(?:short|quick|brief) )?(?:summary|overview"
     r"|gist)"),
    (Asks.SUMMARY, r"(?:give|write|show|make|provide|get)(?: me)? <SUMMARY> (?:<ALL>|it|this)"),
    (Asks.SUMMARY, r"what(?: <BE>|'s) (?:<ALL>|they|these|those|it|this) (?:all )?about"
     r"|what <DO> <ALL> (?:say|cover|discuss|deal with|talk about|tell(?: us| me)?|contain)"
     r"|about what <BE> (?:<ALL>|they)|(?:(?:explain|describe|say) )?what (?:<ALL>|they) (?:<BE>"
     r" (?:all"
     r" )?about|says?|covers?|discuss)|(?:describe|tell me about) <ALL>"),
    (Asks.SUMMARY, r"(?:(?:what|which)(?: <BE>|'s) |<GIVE> )?(?:the )?(?:main|key|central|most"
     r" important|essential|core) (?:points?|ideas?|messages?|take-?aways?|statements?|theses"
     r"|thesis|claims?|findings|topics?) (?:of|in|from) <ALL>"),
    (Asks.COMPARISON, r"(?:compare|contrast) (?:(?P<pair>(?:the )?(?:articles|posts|documents"
     r"|texts) )?)(?P<one>.+?) (?:and|with|to|vs\.?|versus|against) (?P<other>.+?)"
     r"(?: (?:on|about|regarding) (?P<topic>.+))?"),
    (Asks.COMPARISON, r"(?:(?:what <BE> |<GIVE> )?(?:the )?differences? between|how (?:<DO>|are|is)"
     r"|where <DO>|(?:a )?comparison (?:of|between))(?P<pair> (?:the )?(?:articles|posts"
     r"|documents))?"
     r" (?P<one>.+?)(?: differ)? (?:and|from) (?P<other>.+?)(?: <CLASH>| compare| different)?"),
    (Asks.DISAGREEMENT, r"(?:compare|contrast) (?:<ALL>|them|what (?:they|<ALL>) says?)(?: with"
     r" each other)?"
     r"<ON>?"),
    (Asks.DISAGREEMENT, r"(?:(?:where|how|on what|about what|in what|what) )?"
     r"(?:do|does|did) (?:<ALL>|they|(?:the )?<WRITER>) <CLASH><ON>?(?: about)?|<WHICH> <CLASH>"),
    (Asks.DISAGREEMENT, r"(?:(?:what|which|where)(?: <BE>|'s)? |(?:is|are) there |<GIVE> )"
     r"(?:(?:the|any|some|all|a) )*(?:<CLASHES>(?: are there| exist)?"
     r"(?: (?:between|among|in|of|within) <ALL>)?|(?:conflicts?|differences)(?: are there| exist)?"
     r" (?:between|among|in|of|within) <ALL>)<ON>?"),
    (Asks.DISAGREEMENT, r"how (?:do|does) (?:<ALL>|they) compare<ON>?"),
    (Asks.AUTHORS, r"by whom <BE> <NAMED>(?: written)?|who <BE> <NAMED2> (?:written )?by"),
    (Asks.DATES, r"(?:when|(?:in|on|from) (?:what|which) (?:year|month|date|day)) (?:was|is|did)"
     r" <NAMED> (?:written|published|posted|released|dated|from|appear|come out)"
     r"|(?:what|which)(?: <BE>|'s) the (?:publication )?date of <NAMED2>|how old is <NAMED3>"
     r"|from when is <NAMED4>"),
    (Asks.SUMMARY, r"(?:(?:give|write|show|make|provide)(?: me)? )?<SUMMARY> <NAMED>"
     r"|what(?: <BE>|'s) <NAMED2> (?:all )?about|what <DO> <NAMED3> (?:say|cover|discuss|deal with"
     r"|talk about|contain)|(?:describe|tell me about) <NAMED4>|(?:(?:what|which)(?: <BE>|'s) )?"
     r"(?:the )?(?:main|key|central|core) (?:points?|ideas?|messages?|take-?aways?|claims?)"
     r" (?:of|in|from) <NAMED5>"),
)  # fmt: skip

_PART = re.compile(r"<([A-Z]+)(\d?)>")
_GROUP = re.compile(r"\(\?P<([a-z]+)>")


def _written_out(wording: str) -> str:
    """Return a wording with its fragments in place; a numbered one has groups of its own."""

    def fragment(match: re.Match[str]) -> str:
        whole = _written_out(_FRAGMENTS[match[1]])
        return _GROUP.sub(rf"(?P<\g<1>{match[2]}>", whole) if match[2] else whole

    return _PART.sub(fragment, wording)


def list_wordings() -> Iterator[tuple[Asks, re.Pattern[str]]]:
    """Yield what each wording asks for, the likelier reading first."""
    for asks, wording in _WORDINGS:
        yield asks, re.compile(_written_out(wording), re.IGNORECASE)
