"""From reviewed notebooks to JSON lines."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from gptoss_lab.errors import ConflictError, NotFoundError, StorageError
from gptoss_lab.services.learning.export import SPLITS, Ask
from gptoss_lab.services.learning.rows import Row
from gptoss_lab.services.learning.staging import Staging, split_of
from tests.fakes.reviewed import cell, exporter, gone, keep_job, rows, write

TRAIN = 0.0


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """The folder of the store of jobs."""
    return tmp_path / "jobs"


def ask(tmp_path: Path, **more: object) -> Ask:
    """Return an ask for all notebooks of a folder."""
    given: dict[str, object] = {"validation": TRAIN, **more}
    return Ask((tmp_path / "nb",), tmp_path / "set", **given)  # type: ignore[arg-type]


def test_what_was_kept_becomes_a_completion(tmp_path: Path, jobs: Path) -> None:
    """Its prompt is the one that a server sends, the answer the cells as the model writes them."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1"), cell("j1", "c2", "x + 1"))
    report = exporter(jobs).run(ask(tmp_path))
    assert report is not None
    (row,) = rows(tmp_path / "set", "sft-train")
    assert [message["role"] for message in row["prompt"]] == ["developer", "user", "user"]
    assert row["prompt"][-1]["content"].startswith("# Task\ntask of j1\n")
    assert row["completion"] == [
        {"role": "assistant", "content": "```python\nx = 1\n```\n\n```python\nx + 1\n```"}
    ]
    assert row["gptoss_lab"]["job"] == "j1"
    assert row["gptoss_lab"]["model"] == "gpt-oss-20b"
    assert report.verdicts == {"accepted": 2, "edited": 0, "rejected": 0}
    assert "never written" not in (tmp_path / "set/sft-train.jsonl").read_text()


def test_an_edit_is_preferred_to_what_was_generated(tmp_path: Path, jobs: Path) -> None:
    """Chosen is what the person has, rejected what the store says was generated."""
    keep_job(jobs, "j1", "x = 1\nprint(x)")
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 2", "edited"))
    exporter(jobs).run(ask(tmp_path))
    (row,) = rows(tmp_path / "set", "preference-train")
    assert row["chosen"][0]["content"] == "```python\nx = 2\n```"
    assert row["rejected"][0]["content"] == "```python\nx = 1\nprint(x)\n```"
    assert row["gptoss_lab"]["edited"] == 1


def test_a_rejected_cell_pairs_with_what_the_task_gave_later(tmp_path: Path, jobs: Path) -> None:
    """Also where the notebook has only its name any more; never with something earlier."""
    keep_job(jobs, "j1", "bad()", task="Plot it", created_at="2026-01-01T00:00:00+00:00")
    keep_job(jobs, "j2", "good()", task="plot  it", created_at="2026-01-02T00:00:00+00:00")
    write(
        tmp_path / "nb/a.ipynb",
        cell("j2", "c1", "good()", task="plot  it"),
        removed=(gone("j1", "c1", "Plot it"),),
    )
    exporter(jobs).run(ask(tmp_path))
    (row,) = rows(tmp_path / "set", "preference-train")
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (
        "```python\ngood()\n```",
        "```python\nbad()\n```",
    )
    assert (row["gptoss_lab"]["job"], row["gptoss_lab"]["kept_job"]) == ("j1", "j2")


def test_a_cell_that_was_changed_later_counts_as_edited(tmp_path: Path, jobs: Path) -> None:
    """The person's last word is what is learnt."""
    keep_job(jobs, "j1", "x = 1")
    notebook = cell("j1", "c1", "x = 1")
    notebook["source"] = ["x = 3"]
    write(tmp_path / "nb/a.ipynb", notebook)
    report = exporter(jobs).run(ask(tmp_path))
    assert report is not None
    assert report.verdicts["edited"] == 1
    assert rows(tmp_path / "set", "preference-train")[0]["chosen"][0]["content"] == "```python\nx = 3\n```"


def test_what_is_no_use_is_counted(tmp_path: Path, jobs: Path) -> None:
    """Cells that wait, changes of cells, edits whose original is forgotten, and notebooks that are none."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1", review="pending"))
    write(tmp_path / "nb/b.ipynb", cell("j2", "c1", "x = 1", change="changed"))
    write(tmp_path / "nb/c.ipynb", cell("j3", "c1", "x = 5", "edited"))
    (tmp_path / "nb/d.ipynb").write_text("{nonsense")
    (tmp_path / "nb/e.ipynb").write_text('{"worksheets": []}')
    report = exporter(jobs).run(ask(tmp_path))
    assert report is not None
    assert report.skipped == {"change_of_a_cell": 1, "pending": 1, "unread_notebook": 2}
    assert [one.notebook for one in report.unread] == ["d.ipynb", "e.ipynb"]
    assert report.unknown_originals == 1
    assert not rows(tmp_path / "set", "preference-train")
    card = (tmp_path / "set/README.md").read_text()
    assert "1 cells that wait for a review" in card
    assert json.loads((tmp_path / "set/report.json").read_text())["sha256"] == report.sha256


def test_duplicates_are_written_once(tmp_path: Path, jobs: Path) -> None:
    """Equal ones, and those that differ in layout, comments and quotes only."""
    same = {"task": "t"}
    write(
        tmp_path / "nb/a.ipynb",
        cell("j1", "c1", "x = f('a')", **same),
        cell("j2", "c1", "x = f('a')", **same),
    )
    write(
        tmp_path / "nb/b.ipynb",
        cell("j3", "c1", 'x=f( "a" )  # why', **same),
        cell("j4", "c1", "y = 1", **same),
    )
    report = exporter(jobs).run(ask(tmp_path))
    assert report is not None
    assert report.duplicates == {"exact": 1, "near": 1}
    assert len(rows(tmp_path / "set", "sft-train")) == 2


@pytest.mark.parametrize("drop", [False, True])
def test_secrets_are_taken_out_or_their_rows_dropped(tmp_path: Path, jobs: Path, drop: bool) -> None:
    """Of the task, of the code, and of what was rejected; with counts."""
    keep_job(jobs, "j1", 'password = "hunter22"')
    write(
        tmp_path / "nb/a.ipynb",
        cell("j1", "c1", "mail('ada@lab.edu')", "edited", task="read /home/ada/x.csv"),
    )
    report = exporter(jobs).run(ask(tmp_path, drop_secrets=drop))
    assert report is not None
    written = "".join(path.read_text() for path in (tmp_path / "set").iterdir())
    assert not any(word in written for word in ("hunter22", "ada@lab.edu", "/home/ada"))
    if drop:
        assert (report.rows, report.dropped) == (0, {"secrets": 2})
    else:
        assert report.secrets == {"e-mail": 2, "home-folder": 2, "named-secret": 1}


def test_a_notebook_is_for_training_or_for_validation(tmp_path: Path, jobs: Path) -> None:
    """Never for both; the same for the same seed, another way for another."""
    for number in range(40):
        write(
            tmp_path / f"nb/n{number}.ipynb",
            *(cell(f"j{number}-{part}", "c1", f"x = {number} + {part}") for part in range(3)),
        )

    def split(out: str, seed: int) -> tuple[set[str], set[str]]:
        exporter(jobs).run(Ask((tmp_path / "nb",), tmp_path / out, seed=seed, validation=0.25))
        found = [rows(tmp_path / out, f"sft-{name}") for name in ("train", "validation")]
        assert len(found[0]) + len(found[1]) == 120
        return tuple({row["gptoss_lab"]["notebook"] for row in part} for part in found)  # type: ignore[return-value]

    train, validation = split("one", 1)
    assert not train & validation
    assert 4 <= len(validation) <= 16
    split("again", 1)
    assert split("other", 2)[1] != validation
    for name in ("sft-train.jsonl", "sft-validation.jsonl", "README.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_ctrl_c_leaves_nothing(tmp_path: Path, jobs: Path) -> None:
    """Neither half a file nor a temporary folder; what was there stays."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1"))
    exporter(jobs).run(ask(tmp_path))
    before = (tmp_path / "set/sft-train.jsonl").read_bytes()
    write(tmp_path / "nb/b.ipynb", cell("j2", "c1", "x = 2"))
    asked = iter([False, True, True, True])
    assert exporter(jobs, lambda: next(asked)).run(ask(tmp_path, force=True)) is None
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "gptoss-data") == ["nb", "set"]
    assert (tmp_path / "set/sft-train.jsonl").read_bytes() == before


def test_only_a_dataset_of_ours_is_replaced(tmp_path: Path, jobs: Path) -> None:
    """And only where that was said."""
    write(tmp_path / "nb/a.ipynb", cell("j1", "c1", "x = 1"))
    exporter(jobs).run(ask(tmp_path))
    with pytest.raises(ConflictError, match="is there already"):
        exporter(jobs).run(ask(tmp_path))
    (tmp_path / "set/thesis.tex").write_text("years of work")
    with pytest.raises(ConflictError, match="no dataset of ours"):
        exporter(jobs).run(ask(tmp_path, force=True))
    with pytest.raises(NotFoundError):
        exporter(jobs).run(Ask((tmp_path / "nowhere",), tmp_path / "other"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        exporter(jobs).run(Ask((tmp_path / "nb",), tmp_path / "file/set"))


def test_links_and_copies_of_jupyter_are_passed_by(tmp_path: Path, jobs: Path) -> None:
    """A link out of the folder would read what was not named."""
    outside = write(tmp_path / "outside.ipynb", cell("j9", "c1", "secret = 1"))
    write(tmp_path / "nb/.ipynb_checkpoints/a.ipynb", cell("j8", "c1", "x = 8"))
    (tmp_path / "nb/link.ipynb").symlink_to(outside)
    report = exporter(jobs).run(ask(tmp_path))
    assert report is not None
    assert (report.notebooks, report.rows) == (0, 0)


def test_many_rows_stay_in_bounded_memory(tmp_path: Path) -> None:
    """Rows lie on the disk until they are written: ten times as many take no more memory."""

    def peak_bytes(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        tracemalloc.start()
        staging = Staging(folder, seed=0, validation=0.1)
        for number in range(count):
            key = number.to_bytes(16, "big")
            staging.add(Row("sft", f"n{number % 50}", f'{{"n": {number}}}' * 20, key, key, {}))
        written = sum(len(row) > 0 for split in SPLITS for row in staging.rows("sft", split))
        staging.close()
        assert written == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small, large = (peak_bytes(count) for count in (1000, 10_000))
    assert large < small + (256 << 10)


def test_the_split_does_not_depend_on_its_company() -> None:
    """A notebook stays where it was when others come."""
    assert {split_of(f"n{number}", 0, 0.5) for number in range(20)} == {"train", "validation"}
    assert {split_of(f"n{number}", 0, 0.0) for number in range(20)} == {"train"}
