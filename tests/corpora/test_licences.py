"""Licences as people write them."""

import pytest

from annotate.cli.annotate import main
from annotate.corpora import data_manifest as manifests
from annotate.corpora import licences
from annotate.errors import UsageError

BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("CC BY 4.0", "cc-by-4.0"), ("CC-BY-4.0", "cc-by-4.0"), ("cc_by_4_0", "cc-by-4.0"), ("CC BY 4", "cc-by-4.0"),
        ("CC-BY v4.0", "cc-by-4.0"), ("CC BY-NC-SA 3.0", "cc-by-nc-sa-3.0"), ("BY-SA 4.0", "cc-by-sa-4.0"),
        ("CC BY-SA-NC 4.0", "cc-by-nc-sa-4.0"), ("Creative Commons Attribution 4.0 International", "cc-by-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International License", "cc-by-nc-nd-4.0"),
        ("Creative Commons Attribution 4.0 International (CC BY 4.0)", "cc-by-4.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "cc-by-nc-sa-4.0"),
        (BY_NC, "cc-by-nc-4.0"), ("http://creativecommons.org/publicdomain/zero/1.0/legalcode", "cc0-1.0"),
        ("CC0", "cc0-1.0"), ("Creative Commons Zero v1.0 Universal", "cc0-1.0"), ("CC-0", "cc0-1.0"),
        ("MIT License", "mit"), ("The MIT Licence", "mit"), ("Apache License, Version 2.0", "apache-2.0"),
        ("Apache 2.0", "apache-2.0"), ("GPLv3", "gpl-3.0"), ("GPL-3.0-or-later", "gpl-3.0"), ("GPL-3.0+", "gpl-3.0"),
        ("GNU General Public License v3.0", "gpl-3.0"), ("GNU Lesser General Public License 2.1", "lgpl-2.1"),
        ("ODbL 1.0", "odbl"), ("BSD 3-Clause", "bsd-3-clause"), ("LLaMA 2", "llama2"), ("Unknown", "unknown"),
        ("CC BY-NC", None), ("Creative Commons Attribution", None), ("CC BY 5.0", None), ("free for research", None),
        ("none", None), ("Ours: ask!", None), ("CC BY 4.0 (CC BY-NC 4.0)", None), ("MIT, Apache 2.0", None),
        ("ODbL 1.0 (database), DbCL 1.0 (contents)", None), ("not MIT", None), ("", None), ("CC BY 3.0 US", None),
    ],
)  # fmt: skip
def test_what_people_write_is_the_identifier_that_the_hub_takes(written, identifier):
    assert licences.identifier(written) == identifier


def test_each_identifier_is_read_as_itself():
    assert len(licences._keys()) == len(licences._words()["identifiers"])
    for identifier in licences._words()["identifiers"]:
        assert licences.identifier(identifier) == licences.identifier(identifier.upper()) == identifier


@pytest.mark.parametrize(
    ("written", "url", "head"),
    [
        ("cc-by-nc", None, {"license": "other", "license_name": "cc-by-nc"}),
        ("cc-by-nc", BY_NC, {"license": "cc-by-nc-4.0"}),
        ("CC BY", BY_NC, {"license": "other", "license_name": "cc-by", "license_link": BY_NC}),
        ("Creative Commons Attribution", None, {"license": "other", "license_name": "cc-by"}),
        ("Ours: ask!", None, {"license": "other", "license_name": "ours-ask"}),
        ("内部使用", None, {"license": "other", "license_name": "custom"}),
    ],
)
def test_what_the_hub_has_not_is_other_by_its_name(written, url, head):
    assert licences.metadata(written, url) == head


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cc-by-nd", "cc-by-nd-4.0"), ("CC BY-SA", "cc-by-sa-3.0 or cc-by-sa-4.0"), ("apache", "apache-2.0"),
        ("CC BY-ND 5.0", "cc-by-nd-4.0"), ("CC BY 4.0", None), ("free for research", None), ("own", None),
        ("none", None), ("not stated", None), ("signed, for research", None), ("SAVEE research licence", None),
    ],
)  # fmt: skip
def test_a_name_that_may_mean_an_identifier_is_in_doubt(written, meant):
    assert licences.possible_identifiers(written) == meant


def test_a_manifest_without_a_licence_s_name_is_refused(put, tmp_path):
    text = "name: m\ntitle: M\nreader: table\nobtain: here\nlicence: {name: ' ', publish: audio}\n"
    with pytest.raises(UsageError, match=r"m\.yaml: licence\.name: is empty; expected a licence such as CC BY 4\.0"):
        manifests.load(str(put(tmp_path / "m.yaml", text)))


@pytest.mark.parametrize(("written", "warned"), [("CC BY-ND", True), ("CC BY-ND 4.0", False), ("our own", False)])
def test_check_says_which_licence_may_be_meant(written, warned, put, wav, tmp_path, capsys):
    wav(tmp_path / "a.wav")
    put(tmp_path / "metadata.csv", "path,emotion\na.wav,joy\n")
    text = f"name: m\ntitle: M\nreader: table\nobtain: here\nlicence: {{name: {written}, publish: audio}}\n"
    manifest = put(tmp_path / "m.yaml", text)
    corpus = f"corpus: {{manifest: {manifest}, root: {tmp_path}, split: random}}"
    main(["check", str(put(tmp_path / "r.yaml", f"name: m\noutput: {tmp_path}/out\n{corpus}\n"))])
    line = "warning: licence.name 'CC BY-ND' is not in the Hub's list, so the card says 'other' (cc-by-nd)"
    assert (line in capsys.readouterr().out) == warned
