# Cuts the examples of a help page into runnable units: a function of its lines, and of what comes before all.
# A unit is what stands between two comments, with the earlier statements that it needs; a short page is one.
function(lines, first = NULL) {
  max_statements <- 40L
  whole_statements <- 10L
  max_chars <- 6000L
  never <- c("readline", "menu", "browser", "file.choose", "install.packages", "download.file", "url", "demo",
             "example", "q", "quit", "runApp", "shinyApp", "recover", "debug", "edit", "fix", "View", "locator",
             "identify", "system", "system2", "setwd", "unlink", "tk_choose.files", "savehistory", "help.start")
  always <- c("library", "require", "requireNamespace", "data", "set.seed", "attach", "options", "par",
              "suppressPackageStartupMessages", "theme_set", "setClass", "setGeneric", "setMethod",
              "registerS3method", "setRefClass")
  parsed <- tryCatch(parse(text = lines, keep.source = TRUE), error = function(problem) NULL)
  if (!length(parsed)) return(list())
  places <- lapply(attr(parsed, "srcref"), function(place) c(place[[1L]], place[[3L]]))
  head_of <- function(expression) {
    called <- if (is.call(expression)) expression[[1L]]
    if (is.call(called) && length(called) == 3L) called <- called[[3L]]
    if (is.name(called)) as.character(called) else ""
  }
  root <- function(target) {
    while (is.call(target) && length(target) > 1L) target <- target[[2L]]
    if (is.name(target) || is.character(target)) as.character(target) else character()
  }
  defined <- function(expression) {
    if (!is.call(expression)) return(character())
    name <- head_of(expression)
    here <- if (name %in% c("<-", "=", "<<-") && length(expression) == 3L) root(expression[[2L]])
            else if (name == "assign" && length(expression) > 1L && is.character(expression[[2L]])) expression[[2L]]
    rest <- if (name %in% c("{", "if", "for", "<-", "=", "invisible", "(", "suppressWarnings", "try"))
      unlist(lapply(as.list(expression)[-1L], function(part) if (!missing(part)) defined(part)))
    unique(c(here, rest))
  }
  names_in <- lapply(parsed, all.names, unique = TRUE)
  defines <- lapply(parsed, defined)
  heads <- vapply(parsed, head_of, "")
  kept <- !vapply(names_in, function(used) any(never %in% used), NA)
  # What follows the run of another page's examples may stand on what they made.
  kept <- kept & !cumsum(heads == "example")
  is_setup <- heads %in% always
  makes <- lengths(defines) > 0L
  comment_above <- function(index) {
    above <- places[[index]][[1L]] - 1L
    from <- above
    floor <- if (index > 1L) places[[index - 1L]][[2L]] else 0L
    while (from > floor && grepl("^\\s*(#|$)", lines[[from]])) from <- from - 1L
    if (from == above) character() else lines[(from + 1L):above]
  }
  comments <- lapply(seq_along(parsed), comment_above)
  group <- cumsum(vapply(comments, function(above) any(grepl("^\\s*#", above)), NA))
  needs <- function(indexes) {
    open <- unique(unlist(names_in[indexes]))
    for (index in rev(seq_len(max(indexes)))) {
      if (!kept[[index]] || index %in% indexes) next
      if (is_setup[[index]] || any(defines[[index]] %in% open)) {
        indexes <- c(indexes, index)
        open <- unique(c(open, names_in[[index]]))
      }
    }
    sort(indexes)
  }
  text_of <- function(index) {
    range <- places[[index]]
    above <- sub("^\\s*#+'?\\s*-*\\s*$", "", comments[[index]])
    c(above[nzchar(trimws(above))], lines[range[[1L]]:range[[2L]]])
  }
  words <- function(index) {
    text <- trimws(sub("^\\s*#+'?[- ]*", "", grep("^\\s*#", comments[[index]], value = TRUE)))
    substr(paste(text, collapse = " "), 1L, 300L)
  }
  # Two statements may share a line; what stands on it is written once.
  written <- function(indexes) unlist(lapply(seq_along(indexes), function(at) {
    index <- indexes[[at]]
    shares <- at > 1L && places[[indexes[[at - 1L]]]][[2L]] == places[[index]][[1L]]
    if (shares) lines[setdiff(places[[index]][[1L]]:places[[index]][[2L]], places[[index]][[1L]])] else text_of(index)
  }))
  unit <- function(indexes) {
    indexes <- indexes[kept[indexes]]
    if (!length(indexes) || all(is_setup[indexes])) return(NULL)
    whole <- needs(indexes)
    code <- paste(c(first, written(whole)), collapse = "\n")
    if (length(whole) > max_statements || nchar(code) > max_chars) return(NULL)
    list(code = enc2utf8(code), summary = enc2utf8(words(indexes[[1L]])),
         calls = as.list(unique(unlist(lapply(whole, function(index) setdiff(names_in[[index]], c("<-", "{", "(")))))))
  }
  everything <- seq_along(parsed)
  groups <- if (length(parsed) <= whole_statements) list(everything) else unname(split(everything, group))
  # A group that only makes something is the beginning of the next one, which shows it.
  if (length(groups) > 1L) groups <- Filter(function(indexes) !all(makes[indexes] | is_setup[indexes]), groups)
  found <- Filter(Negate(is.null), lapply(groups, unit))
  found[!duplicated(vapply(found, `[[`, "", "code"))]
}
