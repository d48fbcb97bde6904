"""What a child says that no model may answer: by phrases, in English, Hindi and Hindi in Latin letters.

Pure. A phrase is words in a row as ``words_of`` cuts them; ``*`` stands for up to two words between, and a word that
ends in ``~`` for all that begin so. Words alone are no sign: lessons speak of death, knives and reproduction, and a
false alarm about a lesson teaches staff to look away. So nearly every phrase says who, or to whom.
"""

import re
from functools import cache

from chatbot.conversations.models import Flag
from e_learning.core.words import words_of

_Kind = Flag.Kind
_SELF_HARM = """
kill myself | killing myself | hang myself | hurt myself on purpose | hurting myself | harm myself | harming myself
cut myself on purpose | cutting myself | want to die | wanna die | wish i was dead | wish i were dead
better off dead | end my life | ending my life | take my own life | taking my own life
do not want to live | don t want to live | dont want to live | commit suicide | i am suicidal | i m suicidal
no reason to live | starving myself | suicide * i | i * suicide
मरना चाहता | मरना चाहती | मर जाना चाहता | मर जाना चाहती | जीना नहीं चाहता | जीना नहीं चाहती | जीने का मन नहीं
खुद को मार | खुद को खत्म | अपनी जान दे | जान दे दूंगा | जान दे दूंगी | मैं * आत्महत्या | आत्महत्या कर लूं~
आत्महत्या करना चाह~ | खुद को चोट | खुद को काट
marna chahta | marna chahti | mar jana chahta | mar jana chahti | jeena nahi chahta | jeena nahi chahti
jina nahi chahta | jina nahi chahti | khud ko maar | apni jaan de | jaan de dunga | jaan de dungi
khudkushi kar~ | main * khudkushi
"""
_ABUSE = """
touches me there | touched me there | touch~ my private~ | touch~ me badly | touch~ me * bad | touch~ me inappropriately
touch~ me where | touches my body | touched my body
father beats me | mother beats me | dad beats me | mom beats me | mum beats me | uncle beats me | aunt beats me
teacher beats me | sir beats me | brother beats me | stepfather beats me | he beats me | she beats me | they beat me
father hits me | mother hits me | dad hits me | mom hits me | mum hits me | uncle hits me | teacher hits me
sir hits me | brother hits me | he hits me | she hits me | they hit me | someone is hurting me | he hurts me
she hurts me | they hurt me | raped me | raping me | molested me | molests me | sexually abused | abuses me | abused me
forced me to touch | forces me to touch | asked me for nudes | asks me for nudes | asked me to undress
locks me in | locked me in | blackmails me | blackmailing me | told me to keep it secret from my
मुझे मारता है | मुझे मारती है | मुझे मारते है~ | मुझे पीटता | मुझे पीटती | मुझे पीटते | मुझे * पीटते
गलत जगह छू~ | गलत तरीके से छू~ | मुझे * छूता | मेरे साथ गलत काम | मेरे साथ बलात्कार | मेरा बलात्कार | मुझे ब्लैकमेल
mujhe maarta hai | mujhe marta hai | mujhe maarte hai~ | mujhe pitta hai | mujhe peet~ | galat jagah chhu~
galat jagah chu~ | mere saath galat kaam | mere sath galat kaam | mujhe blackmail
"""
_VIOLENCE = """
i will kill | i ll kill | i am going to kill | i m going to kill | i want to kill | i wanna kill | gonna kill
want to kill my | want to kill him | want to kill her | want to kill them | shoot up | shoot my | shoot the school
bomb the school | bomb my school | blow up the school | blow up my school | make a bomb | build a bomb
bring a knife to school | bring a gun to school | stab him | stab her | stab my | i will stab | going to kill me
wants to kill me | threaten~ to kill
मार डालूंगा | मार डालूंगी | जान से मार | चाकू मार दूंगा | चाकू मार दूंगी | बम बनाना | स्कूल में बम | स्कूल को उड़ा
maar dalunga | maar dalungi | mar dalunga | jaan se maar | chaku maar dunga | bomb banana | school mein bomb
"""
_SEXUAL = """
send nudes | send me nudes | send a nude | nude photo~ | nude picture~ | nude pic~ | naked photo~ | naked picture~
naked pic~ | sex with me | sex with you | sex with my | have sex with | porn | pornography | porn video~ | sex video~
sex chat | sexting | masturbat~ | show me your body | take off your clothes
नंगी फोटो | नंगी तस्वीर | नंगे फोटो | सेक्स वीडियो | सेक्स करना | पोर्न | कपड़े उतारो
nangi photo | nangi tasveer | sex karna | kapde utaro
"""
#: The first that fits is what a message is: what is done to a child before what it threatens.
_LISTS = ((_Kind.SELF_HARM, _SELF_HARM), (_Kind.ABUSE, _ABUSE), (_Kind.VIOLENCE, _VIOLENCE), (_Kind.SEXUAL, _SEXUAL))
#: Said of lessons: with one of these in the sentence, making, killing and shooting are somebody else's.
_OF_LESSONS = re.compile(
    r" (bacteria|bacterium|germs?|virus(es)?|weeds?|pests?|cells?|insects?|mosquito(es)?|processes|process|"
    r"volcano(es)?|bath|calorimeter|photos?graph|film|movie|shadow) "
)


def severity_of(text: str) -> Flag.Kind | None:
    """Return what of a severe kind is said in ``text``, None for what may be answered as a question."""
    words = f" {' '.join(words_of(text))} "
    for kind, pattern in _patterns():
        found = pattern.search(words)
        if found and not (kind == _Kind.VIOLENCE and _OF_LESSONS.search(words)):
            return kind
    return None


@cache
def _patterns() -> list[tuple[Flag.Kind, "re.Pattern[str]"]]:
    return [(kind, re.compile("|".join(_phrases(text)))) for kind, text in _LISTS]


def _phrases(text: str) -> list[str]:
    """Return each phrase as a pattern. A phrase is cut as messages are, so that both are spelt alike."""
    return [_pattern(phrase) for line in text.strip().splitlines() for phrase in line.split("|") if phrase.strip()]


def _pattern(phrase: str) -> str:
    parts = []
    for part in phrase.split():
        if part == "*":
            parts.append(r"(?:\S+ ){0,2}")
        else:
            ending = r"\S* " if part.endswith("~") else " "
            parts.append(re.escape(" ".join(words_of(part.rstrip("~")))) + ending)
    return f" {''.join(parts)}"
