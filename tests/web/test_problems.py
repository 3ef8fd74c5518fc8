"""What is wrong is told in every language of the page: each sentence that the checks can make has its like, and what was found stays as it is."""

from __future__ import annotations

import copy
import errno
import os
import re
from datetime import date
from typing import Any

import pytest
from sentences import GAP, said, toml_reasons
from starlette.datastructures import Headers

from glasscity.errors import DiskFull, Problem, Problems
from glasscity.rules import levers, load, questions
from glasscity.rules.language import gaps, language
from glasscity.rules.model import Catalogue, Population, Rulebook, Scenario
from glasscity.rules.resolve import from_documents, resolve
from glasscity.web.guard import preferred
from glasscity.web.problems import AGAIN, OTHERS, TOPIC, answers, table, tell, told, told_of
from glasscity.web.shelf import Shelf

MODELS = {"rulebook": Rulebook, "catalogue": Catalogue, "population": Population, "scenario": Scenario}
LEFT_OUT = "reason"  # the gap for words of another program
ALIKE = {"TOML 1.0", "text", "{place}: {sentence}", "{n} bytes"}  # the same in another language
ENGLISH = re.compile(r"\b(the|must|and|needs|only|than|from|with|which|has|or|allowed|found|there|nothing|none|unknown|at most|at least|no such)\b")
ERRNOS = (errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EEXIST, errno.ENAMETOOLONG, errno.EMFILE, errno.EIO)
SYSTEM = {os.strerror(number) for number in ERRNOS}
JUNK: list[Any] = ["", "x", "X y", "x" * 500, -1, 0, 1, 10**30, 0.5, -1e308, float("nan"), True, date(2021, 1, 5), [], [1], [0.5] * 300, {}, {"a": 1}, {"what": "x"}]


def is_plain(text: str) -> bool:
    """Whether a text holds nothing but values: names in quotes, numbers, gaps."""
    return not re.search("[a-z]{2}", re.sub(r"'[^']*'|\d[\de+.-]*", "", text))


def entries(lang: str) -> dict[str, str]:
    """The sentences of a language, by their English."""
    start = f"{AGAIN}."
    return {key.removeprefix(start): text for key, text in language(lang, TOPIC).texts.items() if key.startswith(start)}


@pytest.fixture(scope="module")
def allowed() -> set[str]:
    """What may stand in a place, as told of documents in which something is put in place of every value, or nothing."""
    return {problem.allowed for kind, model in MODELS.items() for document in spoilt(kind) for problem in problems_of(model, document)}


def problems_of(model: Any, document: dict[str, Any]) -> list[Problem]:
    try:
        load.validate(model, document, "upload")
    except Problems as error:
        return error.problems
    return []


def spoilt(kind: str) -> list[dict[str, Any]]:
    """Documents with one value changed: of articles, the first of each kind."""
    document = copy.deepcopy(resolve("beijing-2020").documents[kind])
    if kind == "rulebook":
        document["articles"] = {article["what"]: article for article in document["articles"].values()}
    found = []
    for path in places(document):
        for junk in JUNK:
            changed = copy.deepcopy(document)
            inner: Any = changed
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = junk
            found.append(changed)
    return found


def places(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of the values of a document: of many that are alike, the first."""
    inner = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
    few = inner if not here or here == ("articles",) or not all(isinstance(v, dict) for _, v in inner) else inner[:1]
    return [path for key, value in few for path in ((*here, key), *places(value, (*here, key)))][: None if len(here) < 2 else 40]


@pytest.fixture(scope="module")
def sentences(allowed: set[str]) -> set[str]:
    """All that the page may have to tell."""
    toml = {f"invalid TOML: {reason} (at {place})" for reason in toml_reasons() for place in ("line 77, column 77", "end of document")}
    kept = {f"the scheme cannot be kept: {reason}" for reason in SYSTEM}
    scored = {f"one article on conduct for the {scorer} scorer {GAP} at a time" for scorer in ("state", "private")}
    found = {*said("sentence"), *allowed, *load.ALLOWED.values(), *toml, *kept, *scored, *SYSTEM, *toml_reasons()}
    return {text.replace(f"{GAP}; make room", f"{GAP}: missing; make room") for text in found if not is_plain(text)}


# --- the tables ------------------------------------------------------------------------------------------


def test_sources__are_read_as_they_should_be(allowed: set[str]):
    assert {"there is no such world", "at most 77", "no such question; did you mean 77?", "a scheme of another shape"} <= said("sentence")
    assert "only the teacher can do this" in said("sentence") and any("token" in text for text in said("sentence"))
    assert {"page", "request"} <= said("file") and "(file)" in said("path")
    assert "Invalid value" in toml_reasons()
    assert {"a whole number", "greater than or equal to 0", "at most 40 characters"} <= allowed


@pytest.mark.parametrize("lang", OTHERS)
def test_sentences__of_the_checks_are_all_in_the_table(lang: str, sentences: set[str]):
    assert {text for text in sentences if table(lang).told(text) is None} == set()


@pytest.mark.parametrize("lang", OTHERS)
def test_sentences__are_told_without_a_word_of_english(lang: str, sentences: set[str]):
    spoken = {text: re.sub(r"'[^']*'|--\w+", "", table(lang).told(text) or "") for text in sentences}
    assert {text: other for text, other in spoken.items() if ENGLISH.search(other)} == {}


@pytest.mark.parametrize("lang", OTHERS)
def test_table__has_no_sentence_that_is_english_or_loses_what_was_found(lang: str):
    found = entries(lang)
    assert {english for english, other in found.items() if english == other} <= ALIKE
    assert {english for english, other in found.items() if gaps(other) != gaps(english) - {LEFT_OUT}} == set()


def test_tables__have_the_same_english():
    assert all(list(entries(lang)) == list(entries(OTHERS[0])) for lang in OTHERS)
    assert set(entries(OTHERS[0])).isdisjoint(answers(OTHERS[0])), "what may be answered is told by the questions"


def test_table__has_no_sentence_that_nothing_says(sentences: set[str]):
    texts = sentences | OTHER_WAYS | {text[colon.end() :] for text in sentences for colon in re.finditer(": ", text)}
    unused = {sentence.english for sentence in table(OTHERS[0]).sentences if not any(sentence.pattern.fullmatch(text) for text in texts)}
    assert unused <= set(answers(OTHERS[0]))


OTHER_WAYS = {  # of saying it, which the sources and the documents above do not come to
    "something too long to print", "none", "a valid string, unable to parse raw data as a unicode string", "Invalid JSON: x", "x: missing",
    "at most 1 item, not 2", "at most 1 item, not more", "at most 2 items, not more", "at least 2 items, not 1", "at least 1 character", "at least 2 characters", "at most 1 character",
    "less than 1", "greater than 1", "a whole number from 1 to 2 or 'all'", "TOML 1.0",
}  # fmt: skip


FIELDS = {"answers, toml"}  # names of fields, as one writes them


@pytest.mark.parametrize("part", ["file", "path"])
def test_tables__have_the_places_that_are_no_names_of_ones_own(part: str):
    named = {text for text in said(part) if not is_plain(text) and GAP not in text}
    wanted = {text for text in named if not text.startswith("--")} if part == "file" else {text for text in named if re.search(r"[( ]", text)} - FIELDS
    for lang in OTHERS:
        assert wanted - set(table(lang).places[part]) == set()


# --- what is told ----------------------------------------------------------------------------------------


def problems(text: str, tmp_path: Any) -> list[dict[str, Any]]:
    """What is wrong with an upload."""
    with pytest.raises(Problems) as caught:
        Shelf(tmp_path).uploaded(text)
    return told_of(caught.value)


def test_upload__is_told_in_every_language(tmp_path):
    [found] = problems("a = 'x", tmp_path)
    assert found["found"].startswith("invalid TOML") and found["path"] == "(file)"
    assert found["told"]["de"]["found"].startswith("ungültiges TOML") and found["told"]["de"]["path"] == "(Datei)"
    assert found["told"]["nl"]["found"].startswith("ongeldige TOML") and found["told"]["nl"]["path"] == "(bestand)"


def test_upload__keeps_paths_and_values_as_they_are(tmp_path):
    found = problems('id = "nothing"\npage = "nothing"\nnothing = 3\n[articles.file]\nwhat = "cap"\nvalue = 1.5\n', tmp_path)
    by_path = {one["path"]: one["told"]["nl"] for one in found}
    assert by_path["page"] == {"file": "uw bestand", "path": "page", "found": "onbekende sleutel met de waarde 'nothing'", "allowed": tell(load.ALLOWED["extra_forbidden"], "nl")}
    assert by_path["nothing"]["path"] == "nothing" and by_path["nothing"]["found"].endswith(" 3")
    assert by_path["articles.file.value"]["found"] == "1.5" and by_path["articles.file.value"]["allowed"] == "een geheel getal"


@pytest.mark.parametrize("value", ["'a has 3 shares; it needs 8'", "['a has 3 shares; it needs 8", '"it\'s a table"', "['none', 'nothing']", "{'nothing': 'a table'}", "1.5", "jaywalking"])
def test_value__is_never_taken_for_a_sentence(value: str):
    assert [tell(value, lang) for lang in OTHERS] == [value] * len(OTHERS)


def test_articles__on_the_same_conduct_are_told_with_the_scorer():
    documents = copy.deepcopy(resolve("beijing-2020").documents)
    articles = documents["rulebook"]["articles"]
    key, article = next((key, article) for key, article in articles.items() if article["what"] == "behaviour")
    articles[f"{key}_again"] = copy.deepcopy(article)
    with pytest.raises(Problems) as caught:
        from_documents(documents)
    [found] = told_of(caught.value)
    assert found["told"]["de"]["allowed"] == f"zu jeder Zeit nur ein Artikel über das Verhalten {article['conduct']} für das Konto"


def test_lever__that_a_scheme_lacks_is_told():
    with pytest.raises(Problems) as caught:
        levers.without(resolve("court-list"), "zzzz")
    assert told_of(caught.value)[0]["told"]["de"]["allowed"].startswith("ein Mechanismus des Systems (")


def test_answer__that_is_wrong_is_told_as_the_questions_say_it():
    with pytest.raises(Problems) as caught:
        questions.check({"joining": 7}, "answers", is_whole=False)
    assert told_of(caught.value)[0]["told"]["nl"]["allowed"] == language("nl", questions.TOPIC).say("allowed.share", low="0", high="1")


def test_reason__of_another_program_is_left_out():
    assert tell("invalid TOML: Something new (at line 3, column 4)", "de") == "ungültiges TOML in Zeile 3, Spalte 4"


def test_folder__is_named_before_what_is_wrong_with_it():
    [found] = told_of(DiskFull("runs/a: no room left on the disk; what was safely written before is kept"))
    assert found["told"]["nl"]["found"] == "runs/a: op de schijf is geen ruimte meer; wat al veilig geschreven was, blijft"


def test_file__is_told_by_its_name_alone():
    assert told(Problem("/home/somebody/x.toml", "id", "nothing", "text"))["told"]["de"]["file"] == "x.toml"


@pytest.mark.parametrize(("accepted", "lang"), [("", "en"), ("fr,de-AT;q=0.8,en;q=0.5", "de"), ("nl", "nl"), ("xx", "en")])
def test_refusal__is_told_in_the_language_of_the_browser(accepted: str, lang: str):
    assert preferred(Headers({"accept-language": accepted})) == lang
