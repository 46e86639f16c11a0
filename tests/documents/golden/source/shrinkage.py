"""Shrink values toward zero."""


def shrink(values, /, *, rate: float = 0.5, **options: int) -> list[float]:
    """Shrink each value by a rate.

    Parameters
    ----------
    values : sequence of float
        The values.
    rate : float, default 0.5
        How much stays, ``0 < rate <= 1``.
    **options
        Passed on to :func:`grow`.

    Returns
    -------
    list of float
        One per value.

    Examples
    --------
    >>> from shrinkage import shrink
    >>> shrink([2.0, 4.0], rate=0.5)
    [1.0, 2.0]
    """
    return [value * rate for value in values]


class Shrinker:
    """Remember a rate.

    Parameters
    ----------
    rate : float
        The rate.
    """

    def __init__(self, rate: float = 0.5) -> None:
        self.rate = rate

    def apply(self, *values: float) -> "list[float]":
        """Shrink the values.

        Examples
        --------
        >>> Shrinker(0.1).apply(10.0, *[])
        [1.0]
        """
        return shrink(values, rate=self.rate)

    @property
    def percent(self) -> float:
        """The rate in percent."""
        return 100 * self.rate
