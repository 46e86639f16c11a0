"""How a kernelspec's command becomes the one that runs inside."""

from __future__ import annotations

from gptoss_lab.sandbox.agent import kernel_argv, r_main_source

R_BYTES_PER_EXPRESSION = 10_000
"""What R takes with `-e`."""


def test_irkernel_is_started_in_our_way() -> None:
    """Its main loop is wrapped; the other words of the command stay."""
    argv = ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    ours = kernel_argv(argv)
    assert [word for word in ours if word not in argv] == [r_main_source()]
    assert ours[:3] + ours[4:] == argv[:3] + argv[4:]


def test_other_commands_stay_as_they_are() -> None:
    """Python's kernel needs none of it."""
    argv = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert kernel_argv(argv) == argv


def test_the_program_fits_a_command_line() -> None:
    """R cuts longer ones; comments are left out."""
    assert len(r_main_source()) < R_BYTES_PER_EXPRESSION / 2
    assert "#" not in r_main_source()
    assert r_main_source().endswith("suspendInterrupts(IRkernel::main())")
