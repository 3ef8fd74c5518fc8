"""Articles in plain words: complete in three languages, true to their values, and in no other language's words."""

from __future__ import annotations

import dataclasses
import re
import typing
from datetime import date
from functools import cache

import pytest

from glasscity.errors import Problems
from glasscity.rules import load, words
from glasscity.rules.language import LANGUAGES, Language, gaps, language
from glasscity.rules.model import (
    AnyArticle,
    Article,
    Class,
    ErrorRates,
    Listing,
    Names,
    Rulebook,
    Safeguard,
    Scenario,
)
from glasscity.rules.resolve import Resolved, resolve
from glasscity.rules.words import describe

ENGLISH = set(
    "the and with their who whoever for from not when people each every which takes adds they than to are by at people "
    "record records account points weeks days share chance lose".split()
)
KINDS = typing.get_args(typing.get_args(AnyArticle)[0])


@cache
def found(scenario: str) -> Resolved:
    return resolve(scenario)


@cache
def schemes() -> dict[str, Resolved]:
    """A scenario for each built-in rulebook."""
    return {found(name).rulebook.id: found(name) for name in load.built_in_names(Scenario)}


def told(scheme: Resolved, key: str, lang: str) -> str:
    return describe(key, scheme.rulebook, scheme.catalogue, lang, scheme.population)


def changed(scheme: Resolved, key: str, **fields: object) -> Resolved:
    """The scheme with other values in one article."""
    article = scheme.rulebook.articles[key].model_copy(update=fields)
    rulebook = scheme.rulebook.model_copy(update={"articles": scheme.rulebook.articles | {key: article}})
    return dataclasses.replace(scheme, rulebook=rulebook)


def all_told(lang: str) -> list[tuple[str, str]]:
    return [
        (f"{book}.{key}", told(scheme, key, lang)) for book, scheme in schemes().items() for key in scheme.rulebook.articles
    ]


# --- complete --------------------------------------------------------------------------------------------


def test_rulebooks__are_all_told():
    assert set(schemes()) == set(load.built_in_names(Rulebook))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_articles__are_told_in_sentences_without_gaps_or_ids(lang):
    for key, text in all_told(lang):
        assert re.fullmatch(r"[A-Z0-9ÄÖÜ„“‘\"].*\.", text), f"{key}: {text}"
        assert not set("_{}") & set(text) and "None" not in text and "  " not in text, f"{key}: {text}"


@pytest.mark.parametrize("lang", ["de", "nl"])
def test_articles__use_no_english(lang):
    for key, text in all_told(lang):
        own = re.sub(language(lang).say("form.quote", name="[^”“’]*"), "", text)
        assert not ENGLISH & set(re.findall(r"\w+", own.lower())), f"{key}: {text}"


def test_articles__differ_by_language():
    for (key, en), (_, de), (_, nl) in zip(*(all_told(lang) for lang in LANGUAGES), strict=True):
        assert len({en, de, nl}) == 3, key


def test_kinds__are_all_told_and_in_one_group_each():
    grouped = [kind for kinds in words.GROUPS.values() for kind in kinds]
    assert set(words.TELLERS) == set(KINDS) == set(grouped)
    assert len(grouped) == len(set(grouped))


@pytest.mark.parametrize("code", LANGUAGES)
def test_languages__have_the_same_sentences_with_the_same_gaps(code):
    own, english = language(code).texts, language("en").texts
    assert own.keys() == english.keys()
    assert not {key for key in own if gaps(own[key]) != gaps(english[key])}


OPTIONS = [  # (article of beijing-2020, fields): each must change what is told
    ("unpaid_debt", {"lists": None}),
    ("jaywalking", {"lists": "black"}),
    ("jaywalking", {"secret": True}),
    ("jaywalking", {"announced": date(2021, 5, 1)}),
    ("jaywalking", {"scorer": "private"}),
    ("jaywalking", {"conduct": "protest"}),
    ("jaywalking", {"value": 0}),
    ("jaywalking", {"value": 1}),
    ("private_better_purchase", {"value": 0}),
    ("jaywalking", {"start": date(2021, 5, 1)}),
    ("jaywalking", {"until": date(2021, 5, 1)}),
    ("jaywalking", {"enabled": False}),
    ("street_camera", {"density": "even"}),
    ("street_camera", {"gallery": "neighbourhood"}),
    ("street_camera", {"sees": {}}),
    ("street_camera", {"true_match": 0.5}),
    ("street_camera", {"minority_true_match": 1.0}),
    ("street_camera", {"minority_true_match": 1.0, "minority_wrong_match": 1.0, "wrong_match": 0.0, "true_match": 1.0}),
    ("street_camera", {"minority_wrong_match": 1.0}),
    ("street_camera", {"wrong_match": 0.02}),
    ("street_camera", {"scans": ""}),
    ("street_camera", {"false_match": 0.5}),
    ("street_camera", {"alarm": "protest"}),
    ("street_camera", {"delay": 1}),
    ("street_camera", {"delay": 2}),
    ("street_camera", {"shared": False}),
    ("street_camera", {"holder": "private"}),
    ("street_camera", {"holder": "private", "shared": False}),
    ("street_camera", {"claimed": None}),
    ("street_camera", {"domain": "school"}),
    ("informers", {"informer": False}),
    ("informers", {"false_reports": 0.0}),
    ("informers", {"reports": "protest"}),
    ("blacklist", {"value": 1}),
    ("blacklist", {"repair": 0.1}),
    ("blacklist", {"public": False}),
    ("blacklist", {"enters": ()}),
    ("blacklist", {"enters": ("C", "D")}),
    ("redlist", {"enters": ()}),
    ("flight_d", {"lists": ()}),
    ("flight_d", {"outside": True}),
    ("flight_d", {"bands": ("low", "fair")}),
    ("flight_d", {"wish": "loan"}),
    ("job_loss_d", {"back": 0.5}),
    ("removal", {"back": 0.5}),
    ("fine_to_phone", {"channels": ("traffic_camera",)}),
    ("fast_train_voucher", {"bands": ("low",)}),
    ("friends", {"reach": "direct"}),
    ("friends", {"limit": 5}),
    ("scoring", {"floor": 100}),
    ("scoring", {"floor": 1000, "ceiling": 1000}),
    ("class_c", {"sanctioned": True}),
    ("self_censorship", {"form": "strategic"}),
    ("review", {"slip": 0.5}),
    ("match_threshold", {"slip": 0.5}),
    ("appeal", {"days": 1}),
    ("appeal", {"filed": 0.5}),
    ("purpose_limitation", {"domains": ()}),
    ("purpose_limitation", {"domains": ("traffic",)}),
    ("trial", {"mode": "compulsory"}),
    ("trial", {"places": 1.0}),
    ("trial", {"leaning": -0.5}),
    ("trial", {"districts": ("haidian",)}),
    ("permanent_file", {"value": 30}),
    ("merger", {"scorer": "private"}),
    ("private_score", {"friends": 0.0}),
    ("private_score", {"users": 0.1}),
    ("secret_formula", {"period": 1}),
    ("secret_formula", {"income": (0,) * 5}),
    ("secret_formula", {"age": (0, 0, 5, 5, 5, 5, 0, 0)}),
    ("study_app", {"hours": ()}),
    ("study_app", {"gift_at": 0}),
    ("study_app", {"pillory_below": 0}),
    ("study_app", {"credit": 0.5}),
    ("study_app", {"minutes": 1}),
    ("measured_rates", {"value": "claimed"}),
    ("approval", {"falsify": 0.0}),
    ("approval", {"falsify": 1.0}),
    ("approval", {"refused": 0}),
    ("turnout", {"caution": 0.1}),
    ("firm_account", {"recovery": 0}),
    ("firm_account", {"cameras": 0.0}),
    ("firm_tax", {"slope": 0.5}),
    ("firm_tax", {"sectors": (1.0,) * 4}),
    ("firm_tax", {"invented": 0.0}),
    ("firm_tax", {"value": 0}),
    ("unreliable_firms", {"job_loss": 0.0}),
    ("unreliable_firms", {"employee_points": 0}),
    ("unreliable_firms", {"below": 1}),
    ("firm_fine", {"rate": 2.0}),
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_options__each_change_what_is_told(lang):
    scheme = found("beijing-2020")
    for key, fields in OPTIONS:
        assert told(changed(scheme, key, **fields), key, lang) != told(scheme, key, lang), (key, fields)


def with_only(scheme: Resolved, *keys: str) -> Resolved:
    """The scheme without all other articles, conduct of hardship and names of districts."""
    articles = {key: scheme.rulebook.articles[key] for key in keys}
    conduct = {key: conduct for key, conduct in scheme.catalogue.conduct.items() if conduct.kind != "hardship"}
    return dataclasses.replace(
        scheme,
        rulebook=scheme.rulebook.model_copy(update={"articles": articles}),
        catalogue=scheme.catalogue.model_copy(update={"conduct": conduct}),
        population=None,
    )


def told_in_every_way() -> None:
    """All that can be told of beijing-2020, of its options, and of rulebooks of one article."""
    scheme = found("beijing-2020")
    all_told("en")
    for key, fields in OPTIONS:
        other = changed(scheme, key, **fields)
        for article in {key, "street_camera", "gait_camera", "purpose_limitation"}:
            told(other, article, "en")
    for key in ("class_d", "band_low", "informers", "hardship"):
        told(with_only(scheme, key), key, "en")
    own_name = changed(scheme, "class_d", name=Names(en="Dishonest", de="Unehrlich", nl="Oneerlijk"))
    assert told(own_name, "blacklist", "de").startswith("Wer in die Klasse „Unehrlich“ fällt, kommt")
    assert told(own_name, "flight_d", "en").startswith("People in the class “Dishonest” or on the blacklist")
    exact = changed(scheme, "payments", sees={"protest": 0.5}, wrong_match=0.0)
    told(with_only(exact, "payments"), "payments", "en")
    some = changed(scheme, "trial", districts=("haidian", "chaoyang"))
    told(with_only(some, "trial"), "trial", "en")
    traffic = changed(scheme, "purpose_limitation", domains=("traffic",))
    told(with_only(traffic, "purpose_limitation", "traffic_camera"), "purpose_limitation", "en")


def test_sentences__are_all_used(monkeypatch):
    used = set()
    plain = Language.text
    monkeypatch.setattr(Language, "text", lambda self, key: used.add(key) or plain(self, key))
    told_in_every_way()
    unused = {key for key in language("en").texts if key not in used and key.split(".")[0] not in ("group", "page", "state", "place", "chart")}
    assert not sorted(unused)


# --- true ------------------------------------------------------------------------------------------------


def other_value(article: Article) -> float | int:
    value = getattr(article, "value")  # noqa: B009
    return value + 1 if isinstance(value, int) else value / 2 if value else 0.5


def is_without_value(article: Article, scheme: Resolved) -> bool:
    """Whether the value of an article has no effect, or is not a number."""
    lowest = {
        kind: min((other.value for other in scheme.rulebook.articles.values() if other.what == kind), default=0)
        for kind in ("class", "band")
    }
    return (
        isinstance(article, ErrorRates)
        or (isinstance(article, Listing) and article.colour == "red")
        or (isinstance(article, Listing) and not article.enters)
        or (isinstance(article, Safeguard) and article.unit == "1 = on")
        or (article.what in lowest and article.value == lowest[article.what])
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values__change_what_is_told(lang):
    for book, scheme in schemes().items():
        for key, article in scheme.rulebook.articles.items():
            if not is_without_value(article, scheme):
                other = changed(scheme, key, value=other_value(article))
                assert told(other, key, lang) != told(scheme, key, lang), f"{book}.{key}"


def test_overlay__changes_what_is_told():
    scheme = resolve("beijing-2020", {"articles.jaywalking.value": -1500, "articles.jaywalking.until": "2021-03-01"})
    assert told(scheme, "jaywalking", "en") == (
        "Each record of “Jaywalking” takes 1,500 points off the account. In force up to and including 28 February 2021."
    )


def test_overlay__renames_what_is_told():
    scheme = resolve("beijing-2020", {"conduct.jaywalking.name.de": "Laufen bei Rot"})
    assert told(scheme, "jaywalking", "de") == "Jeder Eintrag „Laufen bei Rot“ zieht 20 Punkte vom Konto ab."


def test_class__reaches_to_the_next_one_that_is_switched_on():
    scheme = resolve("beijing-2020", {"articles.class_aaa.enabled": False, "articles.class_aa.value": 1100})
    assert told(scheme, "class_a", "en") == "It holds everybody with 950 to 1,099 points."
    assert told(scheme, "class_aa", "en") == "It holds everybody with 1,100 points or more."
    assert isinstance(scheme.rulebook.articles["class_a"], Class)


# --- word for word -----------------------------------------------------------------------------------------

WORKED = {
    "unpaid_debt": (
        "Each record of “Unpaid debt” takes 300 points off the account. Whoever is recorded goes straight onto the court list "
        "of debtors.",
        "Jeder Eintrag „Unbezahlte Schulden“ zieht 300 Punkte vom Konto ab. Wer so eingetragen wird, kommt sofort auf die "
        "Schuldnerliste der Gerichte.",
        "Elke aantekening ‘Onbetaalde schuld’ kost 300 punten op de rekening. Wie zo wordt aangetekend, komt meteen op de "
        "schuldenaarslijst van de rechtbank.",
    ),
    "flight_d": (
        "People in class D or on the blacklist are refused all flights they ask for.",
        "Menschen in Klasse D oder auf der schwarzen Liste werden alle gewünschten Flüge verweigert.",
        "Aan mensen in klasse D of op de zwarte lijst worden alle gewenste vluchten geweigerd.",
    ),
    "loan_c": (
        "People in class C are refused 40% of the loans they ask for.",
        "Menschen in Klasse C werden 40 % der gewünschten Kredite verweigert.",
        "Aan mensen in klasse C wordt 40% van de gewenste leningen geweigerd.",
    ),
    "class_a": (
        "It holds everybody with 950 to 1,149 points.",
        "Ihr gehören alle mit 950 bis 1.149 Punkten an.",
        "Hierin zit iedereen met 950 tot en met 1.149 punten.",
    ),
    "merger": (
        "90% of the records from “Payments and purchases” and “Shopping-portal ratings” are handed to the state's account. In "
        "force from 1 March 2021.",
        "90 % der Einträge aus „Zahlungen und Einkäufe“ und „Bewertungen auf Einkaufsportalen“ werden an das staatliche Konto "
        "weitergegeben. Gilt ab dem 1. März 2021.",
        "90% van de aantekeningen uit ‘Betalingen en aankopen’ en ‘Beoordelingen op winkelplatforms’ gaat naar de rekening bij "
        "de staat. Geldt vanaf 1 maart 2021.",
    ),
    "tax_records": (
        "It reaches 90% of all acts; of those within reach it captures “Tax offence” (40%). The right person is named in 98% of "
        "cases, somebody else from the whole population in 0.2%. Records count 30 days later. Area of life: official files.",
        "Erreicht 90 % aller Handlungen; in Reichweite werden davon erfasst: „Steuervergehen“ (40 %). In 98 % der Fälle wird die "
        "richtige Person benannt, in 0,2 % jemand anderes aus der ganzen Bevölkerung. Einträge zählen erst 30 Tage später. "
        "Lebensbereich: amtliche Akten.",
        "Bereikt 90% van alle handelingen; binnen bereik wordt daarvan vastgelegd: ‘Belastingdelict’ (40%). In 98% van de "
        "gevallen wordt de juiste persoon genoemd, in 0,2% iemand anders uit de hele bevolking. Aantekeningen tellen pas 30 "
        "dagen later mee. Domein: officiële dossiers.",
    ),
    "review": (
        "A person looks at each deduction before it counts: 80% of the false ones are struck out, but also 5% of the correct "
        "ones. Switched off.",
        "Ein Mensch prüft jeden Punktabzug, bevor er wirkt: 80 % der falschen werden gestrichen, aber auch 5 % der richtigen. "
        "Ausgeschaltet.",
        "Een mens bekijkt elke puntenaftrek voordat die telt: 80% van de onterechte wordt geschrapt, maar ook 5% van de "
        "terechte. Uitgeschakeld.",
    ),
}


@pytest.mark.parametrize("key", WORKED)
def test_worked__word_for_word(key):
    scheme = found("beijing-2020")
    expected = (WORKED[key][0], re.sub(r"(\d) %", "\\1\u00a0%", WORKED[key][1]), WORKED[key][2])
    assert tuple(told(scheme, key, lang) for lang in LANGUAGES) == expected


@pytest.mark.parametrize(
    ("value", "en", "de"),
    [
        (1000, "1,000", "1.000"),
        (-1234567, "−1,234,567", "−1.234.567"),
        (0.5, "0.5", "0,5"),
        (87.3, "87.3", "87,3"),
        (0.95890411, "0.959", "0,959"),
        (0.017, "0.017", "0,017"),
        (0.00017, "0.00017", "0,00017"),
        (99.95, "99.95", "99,95"),
        (2.0, "2", "2"),
        (0, "0", "0"),
        (-0.0, "0", "0"),
    ],
)
def test_number__is_written_as_the_language_does(value, en, de):
    assert (language("en").number(value), language("de").number(value), language("nl").number(value)) == (en, de, de)


def test_percent__loses_no_digits_to_binary_fractions():
    assert [language("en").percent(share) for share in (0.07, 0.29, 0.873, 1 / 3, 1.0)] == ["7%", "29%", "87.3%", "33.33%", "100%"]


@pytest.mark.parametrize(("items", "told"), [([], ""), (["a"], "a"), (["a", "b"], "a und b"), (["a", "b", "c"], "a, b und c")])
def test_list__ends_in_and(items, told):
    assert language("de").all_of(items) == told


# --- mistakes --------------------------------------------------------------------------------------------


def test_missing_sentence__is_named_with_its_file():
    lacking = Language("de", "de.toml", {key: text for key, text in language("de").texts.items() if key != "cap.minority"})
    with pytest.raises(Problems, match="de.toml: cap.minority: found nothing"):
        lacking.say("cap.minority", points="3")


def test_unknown_gap__is_named_with_its_file():
    broken = Language("de", "de.toml", {"cap.minority": "Höchstens {punkte}."})
    with pytest.raises(Problems, match=r"de.toml: cap.minority: found .*{punkte}.*; allowed: a text with {points}"):
        broken.say("cap.minority", points="3")


def test_unknown_language__is_told_with_those_there_are():
    scheme = found("no-scoring")
    with pytest.raises(Problems, match="found 'fr'; allowed: en, de, nl"):
        told(scheme, "scoring", "fr")


def test_unknown_article__is_told():
    with pytest.raises(Problems, match="articles.nothing: found nothing; allowed: scoring"):
        told(found("no-scoring"), "nothing", "en")
