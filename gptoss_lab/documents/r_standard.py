"""Names that R has without any package: data sets, and functions that are handed to others."""

from __future__ import annotations

STANDARD_PACKAGES = frozenset({
    "base",
    "datasets",
    "graphics",
    "grDevices",
    "grid",
    "methods",
    "parallel",
}) | {
    "splines",
    "stats",
    "stats4",
    "tools",
    "utils",
}
# Source: https://stat.ethz.ch/R-manual/R-devel/library/datasets/html/00Index.html
DATA_SETS = frozenset(
    """
    AirPassengers BJsales BJsales.lead BOD CO2 ChickWeight DNase EuStockMarkets Formaldehyde HairEyeColor
    Harman23.cor Harman74.cor Indometh InsectSprays JohnsonJohnson LakeHuron LifeCycleSavings Loblolly Nile
    Orange OrchardSprays PlantGrowth Puromycin Seatbelts Theoph Titanic ToothGrowth UCBAdmissions
    UKDriverDeaths UKgas USAccDeaths USArrests USJudgeRatings USPersonalExpenditure UScitiesD VADeaths
    WWWusage WorldPhones ability.cov airmiles airquality anscombe attenu attitude austres beaver1 beaver2
    cars chickwts co2 crimtab discoveries esoph euro eurodist faithful fdeaths freeny infert iris iris3
    islands ldeaths lh longley lynx mdeaths morley mtcars nhtemp nottem npk occupationalStatus precip
    presidents pressure quakes randu rivers rock sleep stackloss stack.x state.abb state.area state.center
    state.division state.name state.region state.x77 sunspot.month sunspot.year sunspots swiss treering trees
    uspop volcano warpbreaks women
    """.split()  # noqa: SIM905 - a list of names reads better this way
)
FUNCTIONS = frozenset(
    """
    abs all any as.character as.factor as.integer as.logical as.numeric c cbind class cos cumsum diff dim
    dnorm exp factor first identity is.character is.factor is.na is.null is.numeric length list log log10
    lapply max mean median min mode names nchar ncol nrow order paste paste0 plot pnorm print prod quantile
    range rbind rev rnorm round runif sapply sd seq sin sort sqrt str sum summary table tail head tan tolower
    toupper trimws typeof unique unlist var which.max which.min binomial gaussian poisson Gamma quasi
    quasibinomial quasipoisson na.omit na.exclude na.fail contr.treatment contr.sum contr.helmert contr.poly
    """.split()  # noqa: SIM905 - as above
)
