# For the benchmark of the R checks: which units of code run, with what error, and what codetools says of each.
# A function of a JSON text that returns another. Each unit has a process of its own, which its packages die with.
function(payload) {
  asked <- jsonlite::fromJSON(payload, simplifyVector = FALSE)
  run <- function(code) {
    grDevices::pdf(NULL)
    sink(nullfile())
    setTimeLimit(elapsed = asked$seconds, transient = TRUE)
    tryCatch({
      suppressWarnings(suppressMessages(eval(parse(text = code), new.env(parent = globalenv()))))
      ""
    }, error = function(problem) substr(paste("error:", enc2utf8(conditionMessage(problem))), 1L, 2000L))
  }
  lint <- function(code) {
    setTimeLimit()
    said <- character()
    tryCatch({
      checked <- eval(parse(text = c("function() {", code, "}")))
      codetools::checkUsage(checked, report = function(text) said <<- c(said, text), suppressLocal = TRUE)
    }, error = function(problem) NULL)
    any(grepl("no visible global function|possible error|unused argument|not exported|does not", said))
  }
  one <- function(code) list(error = run(code), lint = lint(code))
  judged <- parallel::mclapply(asked$units, one, mc.cores = 2L, mc.preschedule = FALSE, mc.silent = TRUE)
  judged <- lapply(judged, function(seen) if (is.list(seen)) seen else list(error = "error: R ended", lint = FALSE))
  jsonlite::toJSON(judged, auto_unbox = TRUE)
}
