  # What is known while the cells are read in order, and what is found. Nothing of a cell is evaluated.
  state <- new.env()
  state$defined <- list()
  state$opaque <- FALSE
  state$findings <- list()
  state$later <- list()
  state$checked <- TRUE
  known_always <- c("T", "F", ".", "...", "..1", "..2", "..3", ".Last.value", ".Random.seed", ".SD", ".N", ".I", ".BY",
                    ".GRP", ".NGRP", ".EACHI", ".GlobalEnv")

  define <- function(name, value = NULL) {
    is_function <- is.call(value) && identical(value[[1L]], quote(`function`))
    state$defined[[name]] <- if (is_function) as.function(c(as.list(value[[2L]]), list(NULL))) else TRUE
  }
  define_in <- function(names, ctx) if (!length(ctx$scope)) for (name in names) define(name)
  line_of <- function(symbol) {
    tokens <- state$tokens
    within <- tokens$line1 >= state$range[[1L]] & tokens$line1 <= state$range[[2L]]
    lines <- tokens$line1[within & gsub("[`\"']", "", tokens$text) == symbol]
    if (length(lines)) min(lines) else state$range[[1L]]
  }
  report <- function(ctx, check, severity, symbol, word, message, near = character()) {
    if (!state$checked || ctx$guarded) return(invisible())
    state$findings[[length(state$findings) + 1L]] <- list(
      cell = state$cell, line = line_of(word), check = check, severity = severity, symbol = symbol, message = message,
      suggestions = as.list(unname(near)))
  }
  # What stands in the body of a function may be made later, before it is called.
  report_unless_made <- function(ctx, name, is_there, ...) {
    before <- length(state$findings)
    report(ctx, ...)
    if (ctx$deferred && length(state$findings) > before)
      state$later[[length(state$later) + 1L]] <- list(at = before + 1L, is_there = is_there)
  }
  still_missing <- function() {
    made <- Filter(function(one) one$is_there(), state$later)
    gone <- vapply(made, `[[`, 1L, "at")
    if (length(gone)) state$findings[-gone] else state$findings
  }

  use_variable <- function(name, ctx) {
    there <- function() name %in% names(state$defined) || state$opaque || exists(name, envir = search_path())
    if (ctx$mode != "plain" || !nzchar(name) || name %in% c(known_always, ctx$scope) || there()) return(invisible())
    near <- nearest(name, c(names(state$defined), ctx$scope))
    report_unless_made(ctx, name, there, "names", "error", name, name,
                       sprintf("The name `%s` is used here, but no cell before defines it.", name), near)
  }
  # A list with `f` where the function can be seen; NULL for one that is there and cannot.
  find_function <- function(name, ctx) {
    if (name %in% ctx$scope) return(NULL)
    own <- state$defined[[name]]
    if (!is.null(own)) return(if (is.function(own)) list(f = own, own = TRUE))
    f <- function_on_path(name)
    if (is.null(f)) FALSE else list(f = f, own = FALSE)
  }
  unknown_function <- function(name, ctx) {
    if (state$opaque) return(invisible())
    there <- function() !is.null(state$defined[[name]]) || !is.null(function_on_path(name))
    near <- near_functions(name)
    homes <- holders(name)
    # Where an argument is read in another way, a call may be no call: only a slip of the pen is one.
    reads_otherwise <- ctx$mode %in% c("masked", "formula")
    if (reads_otherwise && !is_slip(name, c(names(state$defined), unlist(lapply(attached(), exports_of))))) return(invisible())
    more <- if (length(homes)) sprintf(" It is in %s, which is not loaded: `library(%s)`.", homes[[1L]], homes[[1L]]) else ""
    report_unless_made(ctx, name, there, "api", "error", name, name,
                       paste0("No function `", name, "` is in base R, in the loaded packages or in a cell before.", more), near)
  }
  # `package::name`: what it is, or NULL.
  look_into <- function(call, ctx) {
    package <- as.character(call[[2L]])
    name <- as.character(call[[3L]])
    if (!is_installed(package)) return(NULL)
    value <- if (identical(call[[1L]], quote(`:::`))) inside(package, name) else shown_by(package, name)
    known <- !is.null(value) || name %in% exports_of(package)
    if (!known && length(exports_of(package))) {
      near <- nearest(name, exports_of(package))
      hidden <- if (!is.null(inside(package, name))) " It is there for the package's own use, and not exported." else ""
      report(ctx, "api", "error", paste0(package, "::", name), name,
             sprintf("The package %s %s has no `%s`.%s", package, utils::packageVersion(package), name, hidden),
             if (length(near)) paste0(package, "::", near) else character())
    }
    value
  }
