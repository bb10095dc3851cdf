"""Languages as people write them."""

import pytest

from annotate.corpora import data_manifest as manifests
from annotate.corpora import languages
from annotate.errors import UsageError

MANIFEST = """
name: mine
title: Mine
reader: table
obtain: It is mine.
licence: {name: own, publish: audio}
language: LANGUAGE
"""


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("en", "en"), ("EN", "en"), ("en_us", "en"), ("English", "en"), ("eng", "en"), ("en-GB", "en"),
        ("zh-CN", "zh"), ("cmn", "zh"), ("zho", "zh"), ("Mandarin", "zh"), ("中文", "zh"), ("zh_Hans_CN", "zh"),
        ("Deutsch", "de"), ("ger", "de"), ("deu", "de"), ("Français", "fr"), ("yue", "yue"), ("swiss german", "gsw"),
        ("de_DE.UTF-8", "de"), ("sr_RS@latin", "sr"), ("iw", "he"), ("i-klingon", "tlh"), ("Lao", "lo"),
        ("jp", None), ("ua", None), ("cz", None), ("x-default", None), ("x", None), ("en\0", None), ("1", None),
        ("xx", None), ("und", None), ("unknown", None), ("", None), ("en,de", None), ("English/German", None),
    ],
)  # fmt: skip
def test_what_people_write_is_the_code_that_the_hub_takes(written, code):
    assert languages.code(written) == code


def test_a_manifest_s_language_is_reduced_or_refused_with_the_nearest(put, tmp_path):
    assert manifests.load(str(put(tmp_path / "m.yaml", MANIFEST.replace("LANGUAGE", "zh-CN")))).language == "zh"
    path = put(tmp_path / "n.yaml", MANIFEST.replace("LANGUAGE", "Germn"))
    with pytest.raises(UsageError, match=r"n\.yaml: language: 'Germn' .* did you mean 'de' \(German\)\?"):
        manifests.load(str(path))


@pytest.mark.parametrize(("written", "meant"), [("jp", "ja"), ("CN", "zh"), ("ua", "uk"), ("cz", "cs"), ("gr", "el")])
def test_a_country_is_no_language_and_the_one_that_is_spoken_there_is_named(written, meant):
    with pytest.raises(UsageError, match=rf"'{written}' is not a known language; did you mean '{meant}' \("):
        languages.known(written, "m.yaml: language")


def test_a_row_s_language(put, wav, tmp_path, rows):
    wav(tmp_path / "a.wav")
    put(tmp_path / "metadata.csv", "id,path,locale\na,a.wav,en_US\nb,a.wav,Gibberish\nc,a.wav,\n")
    found = rows("table", tmp_path, columns={"language": "locale"})
    assert [row["language"] for row in found.values()] == ["en", None, None]
    assert found["b"]["notes_corpus"] == ["language: 'Gibberish' is not a known language"]
    assert found["c"]["notes_corpus"] == []
