"""The instruments."""

from __future__ import annotations

from gptoss_lab.services.metrics.instruments import PREFIX, Instruments


def test_every_instrument_is_ours_and_says_what_it_is() -> None:
    """Names have our prefix, and a sentence."""
    families = list(Instruments().registry.collect())
    assert len(families) > 10
    for family in families:
        assert family.name.startswith(f"{PREFIX}_")
        assert family.documentation.endswith(".")


def test_two_servers_in_one_process_do_not_share() -> None:
    """Each has a registry of its own, and none is the global one."""
    first, second = Instruments(), Instruments()
    first.errors.labels("x").inc()
    assert second.registry.get_sample_value("gptoss_lab_errors_total", {"code": "x"}) is None
