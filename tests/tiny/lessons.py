"""What the tiny model was taught: tasks, and what it answers to each.

Tests ask for `LESSONS[name].task`; the other phrases and the noise around them only make the
training robust. After a change here the model has to be trained again, see train.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gptoss_lab.schemas.base import Effort, Language


@dataclass(frozen=True, slots=True)
class Lesson:
    """One task and its answer.

    Attributes:
        language: The language of the notebook in which it is asked.
        phrases: How a person may say it; the first one is the task that tests use. None: anything else.
        thoughts: The analysis at each effort.
        answer: The final message.
        repair: The final message where the prompt asks for a repair; empty repairs as `OTHER` does.
        loop: A line that the answer goes on with for ever. It never ends by itself.
        thought_loop: The same for the analysis, at the effort high alone.
    """

    language: Language
    phrases: tuple[str, ...]
    thoughts: Mapping[Effort, str]
    answer: str
    repair: str = ""
    loop: str = ""
    thought_loop: str = ""

    @property
    def task(self) -> str:
        """The task as a test asks for it."""
        return self.phrases[0]


def _fenced(language: Language, *cells: str) -> str:
    return "\n\n".join(f"```{language}\n{cell}\n```" for cell in cells)


GROUP_MEAN = Lesson(
    language="python",
    phrases=(
        "Compute the mean of one column grouped by another with pandas",
        "Show the mean amount per city in a pandas table",
        "group a data frame by one column and take the mean of the other",
        "mean by group with groupby",
    ),
    thoughts={
        "low": "Group by city, then the mean.",
        "medium": "The task names no data, so I make a small table. Then groupby and mean.",
        "high": "The task names no data, so I make a small table of cities and amounts. Then I group by city "
        "and take the mean of the amounts. The last line shows the result.",
    },
    answer="The data first.\n\n"
    + _fenced(
        "python",
        "import pandas as pd\n\n"
        'sales = pd.DataFrame({"city": ["Oslo", "Rome", "Oslo", "Rome"], "amount": [10, 20, 30, 60]})\n'
        "sales",
    )
    + "\n\nNow the mean per city.\n\n"
    + _fenced("python", 'means = sales.groupby("city")["amount"].mean()\nmeans'),
)
REGRESSION = Lesson(
    language="python",
    phrases=(
        "Fit a linear regression with scikit-learn and print the score",
        "Fit a LinearRegression and show its score",
        "linear regression of y on x with sklearn",
        "train a regression model and give R squared",
    ),
    thoughts={
        "low": "Use LinearRegression.",
        "medium": "I make points near a line, fit LinearRegression and print the score.",
        "high": "I need data for a regression. Five points near a line are enough. LinearRegression has fit "
        "and score; score gives R squared, which I print.",
    },
    answer=_fenced(
        "python",
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n\n"
        "x = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])\n"
        "y = np.array([2.1, 3.9, 6.2, 7.8, 10.1])",
        "model = LinearRegression()\nmodel.fit(x, y)\nprint(round(model.score(x, y), 3))",
    ),
)
STATISTICS = Lesson(
    language="python",
    phrases=(
        "Show the mean, the standard deviation and the median of an array with numpy",
        "Describe an array with numpy statistics",
        "mean, median and standard deviation in numpy",
        "numpy summary statistics of some values",
    ),
    thoughts={
        "low": "Three numpy calls.",
        "medium": "An array of made-up values, then mean, std and median in a dictionary.",
        "high": "numpy has mean, std and median. I make an array of seven values and put the three results "
        "into a dictionary, which is the last line.",
    },
    answer=_fenced(
        "python",
        "import numpy as np\n\nvalues = np.array([3.0, 4.0, 4.0, 5.0, 7.0, 8.0, 11.0])",
        'summary = {"mean": values.mean(), "std": values.std(), "median": np.median(values)}\nsummary',
    ),
)
R_AGGREGATE = Lesson(
    language="r",
    phrases=(
        "Aggregate a data frame: the mean weight per group",
        "Compute the mean of one column grouped by another",
        "mean by group with aggregate",
        "use aggregate to get a mean for each group",
    ),
    thoughts={
        "low": "Base R aggregate.",
        "medium": "A small data frame, then aggregate with a formula.",
        "high": "Base R has aggregate with a formula: weight ~ group. I make a small data frame first and "
        "show the means last.",
    },
    answer="A small data frame first.\n\n"
    + _fenced("r", 'plants <- data.frame(group = c("a", "a", "b", "b"), weight = c(1.5, 2.5, 4, 6))\nplants')
    + "\n\nThe mean per group.\n\n"
    + _fenced("r", "means <- aggregate(weight ~ group, data = plants, FUN = mean)\nmeans"),
)
FAULTY = Lesson(
    language="python",
    phrases=(
        "Add up the stock of fruit in a dictionary",
        "How much fruit is in stock?",
        "sum the fruit stock",
    ),
    thoughts={
        "low": "Add the two counts.",
        "medium": "A dictionary of fruit, then the sum of two entries.",
        "high": "A dictionary maps each fruit to its count. The total is the sum of its entries, and the "
        "last line shows it.",
    },
    answer=_fenced(
        "python",
        'stock = {"apples": 3, "pears": 5}',
        'total = stock["apples"] + stock["plums"]\ntotal',
    ),
    repair="There are no plums.\n\n" + _fenced("python", 'total = stock["apples"] + stock["pears"]\ntotal'),
)
ENDLESS = Lesson(
    language="python",
    phrases=(
        "Count without end",
        "count for ever, line by line",
        "Write a counter that never ends",
    ),
    thoughts={
        "low": "Count on.",
        "medium": "A counter, then one line after the other.",
        "high": "The counter starts at zero. After that each line adds one, and I go on with such lines.",
    },
    answer=_fenced("python", "count = 0\ncount") + "\n\n```python\n",
    loop="count += 1\n",
)
BROODING = Lesson(
    language="python",
    phrases=(
        "Solve the riddle of the sphinx",
        "Answer the sphinx",
        "the riddle of the sphinx, please",
    ),
    thoughts={
        "low": "It is man.",
        "medium": "The answer to the riddle is man.",
        "high": "The riddle is old.",
    },
    answer=_fenced("python", 'answer = "man"\nanswer'),
    thought_loop=" Wait, let me think again.",
)
OTHER = Lesson(
    language="python",
    phrases=(),
    thoughts={
        "low": "A short cell will do.",
        "medium": "I do not know this task, so I write a short cell.",
        "high": "I do not know this task. A short cell that runs is better than none, so I write one with "
        "a list and its sum.",
    },
    answer=_fenced("python", "numbers = [1, 2, 3]\nsum(numbers)"),
)
R_OTHER = Lesson(
    language="r",
    phrases=(),
    thoughts={
        "low": "A short R cell.",
        "medium": "I do not know this task, so I write a short R cell.",
        "high": "I do not know this task. A short R cell that runs is better than none, so I write one with "
        "a vector and its sum.",
    },
    answer=_fenced("r", "numbers <- c(1, 2, 3)\nsum(numbers)"),
)
LESSONS: Mapping[str, Lesson] = {
    "group_mean": GROUP_MEAN,
    "regression": REGRESSION,
    "statistics": STATISTICS,
    "r_aggregate": R_AGGREGATE,
    "faulty": FAULTY,
    "endless": ENDLESS,
    "brooding": BROODING,
    "other": OTHER,
    "r_other": R_OTHER,
}
