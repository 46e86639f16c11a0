"""The last lines of a program's output."""

from __future__ import annotations

from gptoss_lab.engines.log_ring import MAX_LINE_CHARS, LogRing


def test_lines_are_put_together_from_pieces() -> None:
    """However the output was cut, also inside a character."""
    ring = LogRing()
    data = "one\ntwö\r\nthree".encode()
    ended = [line for place in range(len(data)) for line in ring.feed(data[place : place + 1])]
    assert ended == ["one", "twö"]
    assert ring.finish() == ["three"]
    assert ring.lines == ("one", "twö", "three")


def test_a_bar_replaces_itself() -> None:
    """Each of its drawings is told, and only the last is kept."""
    ring = LogRing()
    assert ring.feed(b"start\n\rbar 10%\rbar 50%\rbar 100%\nend\n") == [
        "start",
        "bar 10%",
        "bar 50%",
        "bar 100%",
        "end",
    ]
    assert ring.lines == ("start", "bar 100%", "end")


def test_it_keeps_so_many_lines_of_such_a_length() -> None:
    """A flood without a newline costs no memory, one of newlines pushes the oldest out."""
    ring = LogRing(max_lines=3)
    for _ in range(100):
        ring.feed(b"x" * 10_000)
    assert ring.feed(b"\n") == ["x" * MAX_LINE_CHARS]
    ring.feed(b"".join(b"%d\n" % number for number in range(100)))
    assert ring.lines == ("97", "98", "99")


def test_a_secret_is_never_kept() -> None:
    """Whatever prints it."""
    ring = LogRing("s3cret")
    assert ring.feed(b"key=s3cret!\n") == ["key=***!"]


def test_escapes_and_noise_are_taken_out() -> None:
    """What a terminal would act on is no part of a line."""
    ring = LogRing()
    ring.feed(b"\x1b[31mred\x1b[0m \x1b]0;title\x07text\x00\x08\xff\n")
    assert ring.lines == ("red text\ufffd",)


def test_a_line_of_ours_stands_among_them() -> None:
    """It is bounded too, and no bar takes it away."""
    ring = LogRing()
    ring.feed(b"bar\r")
    ring.note("n" * 5000)
    ring.feed(b"next\n")
    assert ring.lines == ("bar", "n" * MAX_LINE_CHARS, "next")
