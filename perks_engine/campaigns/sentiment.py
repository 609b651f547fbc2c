"""Nothing may depend on what somebody says of a product: not a perk, nor a payment, nor anything else
(16 CFR 465.4, in words or by implication). Texts that ask for praise, or ask to take blame away, are refused,
and so are rules over what people said of products.

It looks for a demand, not for praise: "a phone with great reviews" is harmless, and so is "an honest review",
and what a sentence rules out ("no positive review is asked for").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from perks_engine.campaigns.catalogue import Attribute, Catalogue
from perks_engine.campaigns.reader import Reader
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar
from perks_engine.domain.phrase import Verbatim, phrase, word

MEND = phrase(
    "words that ask for nothing, or for an honest opinion whatever it is: nothing may depend on the "
    "sentiment of a review (16 CFR 465.4)"
)
RULE_MEND = phrase(
    "a rule over who people are and what they received, never over what they said of a product "
    "(16 CFR 465.4); an attribute that holds something else wants a name and a title that say so"
)


@dataclass(frozen=True, slots=True)
class _Language:
    """Patterns over small letters without accents, a line for each choice. `praise` is a review that has to
    be good, `ask` what makes it a demand right before it and `so` right after it, `order` is a demand by
    itself, and `never` rules one out."""

    praise: str
    ask: str
    so: str
    order: str
    never: str

    def demands(self) -> Iterator[tuple[re.Pattern[str], re.Pattern[str]]]:
        never = re.compile(rf"(?:\b|(?<=n))(?:{_any(self.never)})\b")
        praise = _any(self.praise)
        for demand in (
            rf"\b(?:{_any(self.ask)}){_FEW}(?:{praise})",
            rf"(?:{praise})\b{_FEW}(?:{_any(self.so)})\b",
            rf"\b(?:{_any(self.order)})\b",
        ):
            yield re.compile(demand), never


def _any(lines: str) -> str:
    return "|".join(one.strip() for one in lines.strip().splitlines())


_FEW = r"(?:\W+[\w'-]+){0,4}?\W+"
_ENGLISH = {
    "STARS": r"(?:[45]|four|five)[ -]?stars?",
    "REVIEW": r"(?:reviews?|ratings?|feedback|testimonials?|write-?ups?|comments?)",
    "GOOD": r"(?:positive|good|great|glowing|favou?rable|excellent|nice|perfect|rav(?:e|ing)|top|best|STARS)",
    "OURS": r"(?:us|it|this|the [\w-]+|our [\w-]+|your [\w-]+)",
}
_SPANISH = {
    "STARS": r"(?:[45]|cuatro|cinco) estrellas",
    "REVIEW": r"(?:resena|opinion|valoracion|comentario|calificacion|critica|puntuacion)(?:e?s)?",
    "GOOD": r"(?:positiv[ao]s?|favorables?|buen[ao]s?|excelentes?|(?:de |con )?STARS)",
}
_FRENCH = {
    "STARS": r"(?:[45]|quatre|cinq) etoiles",
    "REVIEW": r"(?:avis|commentaires?|evaluations?|critiques?|temoignages?|notes?)",
    "GOOD": r"(?:positi(?:f|fs|ve|ves)|favorables?|elogieu(?:x|se|ses)|excellente?s?|(?:de |a )?STARS)",
    "YOU_LOVE": r"(?:que|combien) (?:vous|tu) (?:aime|adore)(?:z|s)",
}


def _with(names: Mapping[str, str], lines: str) -> str:
    """The lines, with what stands behind each name; one may stand behind another."""
    for _ in range(2):
        for name, pattern in names.items():
            lines = lines.replace(name, pattern)
    return lines


_LANGUAGES = (
    _Language(
        praise=_with(
            _ENGLISH,
            r"""GOOD(?:\W+[\w'-]+){0,2}?\W+REVIEW\b
            REVIEW\W+(?:of|with)\W+STARS""",
        ),
        ask=r"""(?:if|once|when|as soon as|after) (?:you|they)
            provided
            only (?:for|to)
            (?:in )?(?:exchange|return) for
            for (?:a|an|your|each|every|any|\d+)
            (?:leav|writ|giv)(?:e|es|ing)
            (?:post|submit|publish)(?:s|es|t?ing)?
            share your
            must
            (?:have|has|need|needs) to
            requires?
            depends on
            subject to
            condition(?:al|ed)? (?:on|upon)
            who (?:left|wrote|gave|gives)""",
        so=r"""required
            is a must
            (?:and|to) (?:get|receive|earn|win)""",
        order=_with(
            _ENGLISH,
            r"""(?:rate|review|score) (?:OURS|[\w-]+)(?: with)? (?:STARS|positively|highly|favou?rably)
            giv(?:e|es|ing) OURS STARS
            (?:say|tell|show|write|post)(?:[ ,]+\w+){0,4} (?:that|how much) you (?:love|like) OURS?
            (?:delete|remove|change|edit|take down|withdraw|revise) (?:your|a|any|the) BAD[\w ]{0,12}REVIEW
            (?:unless|except if) (?:you|they) (?:rate|review|score)""".replace(
                "BAD", "(?:bad|negative|poor|critical|low)"
            ),
        ),
        never=r"""not|no|never|nor|neither|without|n't|cannot|nothing|whether
            or (?:bad|negative|critical)
            good or bad""",
    ),
    _Language(
        praise=_with(
            _SPANISH,
            """REVIEW(?: muy)? GOOD
            (?:buen[ao]s?|excelentes?|mejor(?:es)?) REVIEW""",
        ),
        ask=r"""si|cuando|tras|despues de|a cambio de|por
            solo (?:si|por|para)
            siempre que
            dej(?:a|ar|as|e|en)(?:nos)?
            (?:escrib|publi|compart)\w+
            d(?:a|as|ar|anos|enos)
            ponnos
            debes?|tienes que|hay que|requiere|depende de""",
        so=r"""obligatori[ao]
            (?:y|para) (?:recib|consig|gan|llev)\w+""",
        order=_with(
            _SPANISH,
            r"""(?:(?:califica|valora|puntua)(?:nos)?|(?:da|de|pon)(?:nos|le))(?: [\w-]+){0,3}?(?: con)? STARS
            (?:di|cuenta|diga|escribe)(?: \w+){0,4} (?:que|cuanto) (?:te|le) (?:encanta|gusta)
            (?:borra|elimina|cambia|retira|quita|modifica)r? (?:tu|su|la|una) (?:mala )?REVIEW""",
        ),
        never=r"""no|nunca|sin|ni|jamas|ningun[ao]?|nada
            o (?:mala|negativa)s?""",
    ),
    _Language(
        praise=_with(
            _FRENCH,
            """REVIEW(?: tres)? GOOD
            (?:bon(?:ne)?s?|excellente?s?|meilleure?s?) REVIEW""",
        ),
        ask=r"""si|quand|apres|en echange|contre
            pour (?:un|une|votre|chaque|tout)
            a condition
            seulement
            (?:laiss|ecriv|publi|donn|mett|attribu|partag)\w+
            ecris
            devez|dois|il faut|exige\w*|depend""",
        so=r"""obligatoires?
            (?:et|pour) (?:rece|gagn|obten)\w+""",
        order=_with(
            _FRENCH,
            r"""(?:note|evalue|donne|attribue)z?(?:[ -][\w-]+){0,3}? STARS
            met(?:s|tez)(?:[ -][\w-]+){0,3}? STARS
            (?:dites|dis|racontez|ecrivez)(?:[ -]\w+){0,4} YOU_LOVE
            (?:supprime|retire|modifie|change|efface)z? (?:votre|ton|l'|une?) ?(?:mauvaise? )?REVIEW""",
        ),
        never=r"""ne|n'|pas|jamais|sans|ni|aucune?|rien
            ou (?:mauvais|negati(?:f|ve)s?)""",
    ),
)
_DEMANDS = tuple(demand for language in _LANGUAGES for demand in language.demands())
_SENTENCE = re.compile(r"[^.!?\n;]+")
_NAMES_OPINIONS = re.compile(
    r"(?:^|[\W_])(?:ratings?|reviews?|stars|feedback|sentiments?|testimonials?|nps|satisfaction|opinions?|praise|"
    r"resenas?|valoracion(?:es)?|calificacion(?:es)?|opinion(?:es)?|estrellas|satisfaccion|"
    r"avis|evaluations?|etoiles|temoignages?)(?:$|[\W_])"
)


def demand_for_praise(text: str) -> str | None:
    """The piece of the text that asks for praise, or to take blame away; None where none does."""
    for sentence in _SENTENCE.finditer(text):
        plain = _plain(sentence[0].replace("’", "'"))
        for pattern, never in _DEMANDS:
            found = pattern.search(plain)
            if found is not None and not never.search(_near(plain, found)):
                return " ".join(sentence[0].split())
    return None


def _near(plain: str, found: re.Match[str]) -> str:
    """The sentence up to the end of what was found, and the few words after it."""
    return plain[: found.end()] + " ".join(plain[found.end() :].split(" ")[:4])


def _plain(text: str) -> str:
    """Small letters, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def holds_opinions(attribute: Attribute) -> bool:
    """Whether its values are, by its name or title, what people said of something. That somebody wrote at all
    (a flag, or the day) says nothing of what they wrote."""
    if attribute.type in ("flag", "day"):
        return False
    return any(_NAMES_OPINIONS.search(_plain(one)) for one in (attribute.name, attribute.title))


def check_sentiment(node: Fields, catalogue: Catalogue, templates: Mapping[str, str], reader: Reader) -> None:
    """Report what asks for praise in the texts of a campaign, in its instruction to disclose, and in its
    rule."""
    for path, found in _texts(node):
        demand = demand_for_praise(found.text)
        if demand is not None:
            asks = phrase("this asks for praise: {words}", words=Verbatim(repr(demand)))
            reader.fault(found, path, asks, MEND)
    instruct = _below(node, "disclosure", "instruct")
    if isinstance(instruct, Scalar):
        demand = demand_for_praise(templates.get(instruct.text, ""))
        if demand is not None:
            asks = phrase("its template asks for praise: {words}", words=Verbatim(repr(demand)))
            reader.fault(instruct, "disclosure.instruct", asks, MEND)
    for key in _conditions(node.get("eligibility")):
        attribute = catalogue.attributes.get(key.text)
        if attribute is not None and holds_opinions(attribute):
            holds = {"name": Verbatim(key.text), "title": word(attribute.title)}
            said = phrase("'{name}' ({title}) is what people said of something", **holds)
            reader.fault(key, "eligibility", said, RULE_MEND)


def _texts(node: Fields) -> Iterator[tuple[str, Scalar]]:
    """What people read of a campaign: its title, the names of the perk and of its parts."""
    for keys in (("title",), ("perk", "name")):
        found = _below(node, *keys)
        if isinstance(found, Scalar):
            yield ".".join(keys), found
    parts = _below(node, "perk", "parts")
    for place, part in enumerate(parts.items if isinstance(parts, Items) else []):
        name = part.get("name") if isinstance(part, Fields) else None
        if isinstance(name, Scalar):
            yield f"perk.parts[{place}].name", name


def _conditions(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Items):
        for one in node.items:
            yield from _conditions(one)
    if isinstance(node, Fields):
        for key, value in node.fields:
            yield key
            yield from _conditions(value)


def _below(node: Node, *keys: str) -> Node | None:
    found: Node | None = node
    for key in keys:
        found = found.get(key) if isinstance(found, Fields) else None
    return found
