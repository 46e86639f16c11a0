"""How a kernelspec's command becomes the one that runs inside."""

from __future__ import annotations

from gptoss_lab.sandbox.agent import ipython_source, kernel_argv, r_main_source

R_BYTES_PER_EXPRESSION = 10_000
"""What R takes with `-e`."""

LINE_BYTES = 64 << 10
"""What the agent reads of its configuration."""


def test_irkernel_is_started_in_our_way() -> None:
    """Its main loop is wrapped; the other words of the command stay."""
    argv = ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    ours = kernel_argv(argv)
    assert [word for word in ours if word not in argv] == [r_main_source()]
    assert ours[:3] + ours[4:] == argv[:3] + argv[4:]


def test_ipykernel_is_started_in_our_way() -> None:
    """Its own launcher makes way for a program; the other words stay."""
    argv = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert kernel_argv(argv) == ["python3", "-c", ipython_source(), "-f", "{connection_file}"]


def test_other_commands_stay_as_they_are() -> None:
    """We know nothing of them."""
    argv = ["julia", "-m", "IJulia", "{connection_file}"]
    assert kernel_argv(argv) == argv


def test_the_programs_fit_a_command_line() -> None:
    """R cuts longer ones; comments are left out."""
    assert len(r_main_source()) < R_BYTES_PER_EXPRESSION / 2
    assert "#" not in r_main_source()
    assert r_main_source().endswith("suspendInterrupts(IRkernel::main())")
    assert len(ipython_source()) < LINE_BYTES / 2
