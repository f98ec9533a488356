"""What the screen says in other languages: nothing is left out, and JupyterLab finds and takes all of it."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest
from jupyterlab_server.translation_utils import get_installed_packages_locale, get_language_pack

PROGRAM = Path(__file__).parent.parent.parent / "jupyter_workbench" / "labextension" / "catalogues.py"
LANGUAGES = ["fr_FR", "ja_JP"]
RENEW = "run jupyter_workbench/labextension/catalogues.py, translate what is empty, and run it again"

spec = importlib.util.spec_from_file_location("catalogues", PROGRAM)
catalogues = importlib.util.module_from_spec(spec)
sys.modules["catalogues"] = catalogues
spec.loader.exec_module(catalogues)


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    """One of the languages that the screen speaks."""
    return request.param


@pytest.fixture
def translated(language):
    """Its catalogue."""
    return catalogues.read(catalogues.catalogues()[language])


def forms(message) -> list[str]:
    return list(message.string) if message.pluralizable else [message.string]


def test_a_string_that_cannot_be_translated_is_refused(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "words.ts").write_text("const a = trans.__('fine');\nconst b = trans.__(word);\n")
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    monkeypatch.setattr(catalogues, "SOURCES", tmp_path / "src")
    with pytest.raises(ValueError, match=re.escape("src/words.ts:2: expected the string itself - ")):
        catalogues.texts()


def test_strings_are_read_as_typescript_reads_them(tmp_path, monkeypatch):
    source = """trans.__('it\\'s ' +\n  "one string", 5); this.trans._n('%1 run', '%1 runs', n); trans.__(`a\\nb`)"""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "words.ts").write_text(source)
    monkeypatch.setattr(catalogues, "HERE", tmp_path)
    monkeypatch.setattr(catalogues, "SOURCES", tmp_path / "src")
    assert [text.id for text in catalogues.texts()] == ["it's one string", ("%1 run", "%1 runs"), "a\nb"]


def test_every_string_of_the_screen_is_translated(translated):
    known = {text: translated.get(text.id) for text in catalogues.texts()}
    missing = [text for text, message in known.items() if message is None or not all(forms(message))]
    assert not missing, f"not translated into {translated.locale}: {RENEW}:\n" + "\n".join(map(str, missing))


def test_every_translation_has_the_placeholders_of_its_string(translated):
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"%\d", text))

    for message in translated:
        longest = message.id[-1] if message.pluralizable else message.id
        for form in forms(message):
            assert placeholders(form) == placeholders(longest), f"{message.id!r} is {form!r} in {translated.locale}"


def test_every_translation_belongs_to_a_string_and_jupyterlab_reads_the_same(language, translated):
    file = catalogues.catalogues()[language]
    renewed = catalogues.renewed(translated)
    assert catalogues.as_po(renewed) == file.read_bytes(), f"stale: {RENEW}"
    assert catalogues.as_json(renewed) == file.with_suffix(".json").read_bytes(), f"stale: {RENEW}"


def test_jupyterlab_finds_the_translations_of_this_package(language):
    found, message = get_installed_packages_locale(language)
    assert not message.strip()
    assert found["jupyter_workbench"] == json.loads(
        catalogues.catalogues()[language].with_suffix(".json").read_text(encoding="utf-8")
    )


def test_jupyterlab_hands_them_out_beside_the_language_pack(language):
    pytest.importorskip(f"jupyterlab_language_pack_{language}", reason="the language pack is not installed")
    found, _ = get_language_pack(language)
    assert {"jupyterlab", "jupyter_workbench"} <= set(found)
    assert found["jupyter_workbench"][""]["language"] == language.replace("_", "-")


def test_a_plural_has_two_forms_in_japanese_too_because_jupyterlab_ignores_a_single_one():
    japanese = json.loads(catalogues.catalogues()["ja_JP"].with_suffix(".json").read_text(encoding="utf-8"))
    assert japanese["%1 run"] == ["%1 件の実行", "%1 件の実行"]
