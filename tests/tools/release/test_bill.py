"""The bundled npm packages in the bill of materials."""

from __future__ import annotations

from tools.release import bill

REPORT = {
    "packages": [
        {"name": "@codemirror/merge", "versionInfo": "6.12.3", "licenseId": "MIT", "extractedText": "…"},
        {"name": "lib0", "versionInfo": "0.2.111", "licenseId": "MIT", "extractedText": "…"},
    ]
}


def test_a_bundled_package_has_its_address_and_licence() -> None:
    """As the specification of package addresses writes a scope."""
    scoped, plain = bill.npm_components(REPORT)
    assert scoped["purl"] == "pkg:npm/%40codemirror/merge@6.12.3"
    assert (scoped["group"], scoped["name"]) == ("@codemirror", "merge")
    assert plain["purl"] == plain["bom-ref"] == "pkg:npm/lib0@0.2.111"
    assert "group" not in plain
    assert plain["licenses"] == [{"license": {"id": "MIT"}}]
