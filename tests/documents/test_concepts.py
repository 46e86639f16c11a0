"""What a task asks for, and how much of it is covered."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.concepts import Weights, compounds, concepts
from gptoss_lab.documents.tokens import stem, terms


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("grouped", "group"),
        ("clustering", "clusters"),
        ("standardize", "standardized"),
        ("regression", "regressor"),
        ("predict", "predictions"),
        ("merging", "merge"),
        ("columns", "column"),
        ("filtering", "filter"),
        ("rows", "row"),
    ],
)
def test_forms_of_a_word_meet(one: str, two: str) -> None:
    """Endings go, so that a task meets the words of documentation."""
    assert stem(one) == stem(two)


def test_identifiers_are_split_and_kept_whole() -> None:
    """Code names are found by their parts and as they are."""
    assert terms("LinearRegression") == ["linearregress", "linear", "regress"]
    assert terms("drop_duplicates") == ["drop_duplicates", "drop", "duplicat"]


@pytest.mark.parametrize(
    ("task", "form"),
    [
        ("average", "mean"),
        ("rows grouped by kind", "groupb"),
        ("k-means", "kmean"),
        ("missing values", "fillna"),
        ("one-hot encoding", "onehot"),
        ("how often", "value_counts"),
        ("t-SNE embedding", "tsne"),
        ("tf-idf of a text", "tfidf"),
        ("top 3 rows", "head"),
    ],
)
def test_words_of_the_field_are_understood(task: str, form: str) -> None:
    """Synonyms and phrases lead to the names that an API uses."""
    assert form in {item for concept in concepts(task) for item in concept.forms}


def test_neighbouring_words_make_names() -> None:
    """Two or three words may be one name of an API."""
    assert {"linearregress", "pivot_table", "train_test_split"} <= (
        compounds("linear regression") | compounds("pivot table") | compounds("train test split")
    )


def test_coverage_is_a_share() -> None:
    """All covered is 1, nothing 0, and words that nobody knows cost."""
    asked = concepts("mean chocolate")
    weights = Weights.of(asked, 100, lambda form: 5 if form == "mean" else 0, lambda form: form == "mean")
    assert weights.coverage([(1.0, {"mean"})]) == pytest.approx(0.5, abs=0.15)
    assert weights.coverage([(1.0, {"cake"})]) == 0
    assert weights.coverage([(1.0, {"mean", stem("chocolate")})]) == pytest.approx(1)


def test_one_word_of_several_is_not_trusted() -> None:
    """A single chance hit among three words counts for less; two do not."""
    weights = Weights.of(concepts("launch rocket moon"), 10, lambda _: 1, lambda _: True)
    one, two = weights.parts([(1.0, {"moon"})]), weights.parts([(1.0, {"moon", "rocket"})])
    assert weights.trust(one, one) < 1
    assert weights.trust(two, two) == 1


def test_words_of_the_data_alone_are_not_trusted() -> None:
    """A dog in the rows of an example does not make it an example of dogs."""
    weights = Weights.of(concepts("train my dog"), 10, lambda _: 1, lambda _: True)
    parts = weights.parts([(0.5, {"dog"})])
    assert weights.trust(parts, weights.parts([])) < 1
    assert weights.trust(parts, parts) == 1


@pytest.mark.parametrize(
    "task", ["", "   ", "the of and", "?!", "\0", '" OR 1=1 --', "x" * 200_000, "é" * 5000]
)
def test_any_text_is_taken(task: str) -> None:
    """Empty, odd and very long tasks give a bounded list."""
    assert len(concepts(task)) <= 40
