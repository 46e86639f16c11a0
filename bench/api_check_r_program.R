# For the benchmark of the R checks: which units of code run, with what error, and what codetools says of each.
# A function of a JSON text that returns another. Each unit has a process of its own, which its packages die with,
# and which is killed when its time is over: a limit of R's own is lost to code that catches errors or waits in C.
function(payload) {
  asked <- jsonlite::fromJSON(payload, simplifyVector = FALSE)
  run <- function(code) {
    grDevices::pdf(NULL)
    sink(nullfile())
    tryCatch({
      suppressWarnings(suppressMessages(eval(parse(text = code), new.env(parent = globalenv()))))
      ""
    }, error = function(problem) substr(paste("error:", enc2utf8(conditionMessage(problem))), 1L, 2000L))
  }
  lint <- function(code) {
    said <- character()
    tryCatch({
      checked <- eval(parse(text = c("function() {", code, "}")))
      codetools::checkUsage(checked, report = function(text) said <<- c(said, text), suppressLocal = TRUE)
    }, error = function(problem) NULL)
    any(grepl("no visible global function|possible error|unused argument|not exported|does not", said))
  }
  run_all <- APART
  # What the code attaches is there for the linter, too.
  one <- function(code) list(error = run(code), lint = lint(code))
  judged <- lapply(run_all(asked$units, one, asked$seconds), function(seen) {
    if (is.list(seen)) seen else list(error = "error: R ended, or its time was over", lint = FALSE)
  })
  jsonlite::toJSON(judged, auto_unbox = TRUE)
}
