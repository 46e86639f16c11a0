  # Which arguments a function takes. What goes into `...` is followed to the functions that get it.
  max_depth <- 4L
  has_dots <- function(f) "..." %in% names(formals(f))
  all_calls <- function(expression) {
    found <- list()
    visit <- function(part) {
      if (!is.call(part) && !is.pairlist(part) && !is.expression(part)) return(invisible())
      if (is.call(part)) found[[length(found) + 1L]] <<- part
      for (child in as.list(part)) if (!missing(child) && !is.null(child)) visit(child)
    }
    visit(expression)
    found
  }
  head_name <- function(call) {
    called <- call[[1L]]
    if (is.call(called) && length(called) == 3L && as.character(called[[1L]])[[1L]] %in% c("::", ":::"))
      called <- called[[3L]]
    if (is.name(called)) as.character(called) else ""
  }
  passes_dots <- function(call) any(vapply(as.list(call)[-1L], function(part)
    !missing(part) && identical(part, quote(...)), NA))
  only_asks <- c("chkDots", "check_dots_empty", "check_dots_empty0", "check_dots_used", "check_dots_unnamed",
                 "missing", "...length", "rlang::check_dots_empty", "dots_empty", "ellipsis_dots")
  looks_at_call <- c("match.call", "sys.call", "nargs", "...elt", "...names", "..1", "..2", "sys.function", "NextMethod",
                     "standardGeneric", "UseMethod")
  anything <- list(free = TRUE, names = character())
  joined <- function(parts) list(free = any(vapply(parts, `[[`, NA, "free")), names = unique(unlist(lapply(parts, `[[`, "names"))))
  taken <- function(f, depth, method = FALSE) {
    if (is.primitive(f)) return(anything)
    own <- list(free = FALSE, names = setdiff(names(formals(f)), "..."))
    if (has_dots(f)) joined(list(own, dots_of(f, depth + 1L, method))) else own
  }
  # What the dots of a function take: names, and whether anything at all goes.
  # A method has them for its generic's sake; any other function that hands them to none uses them out of sight.
  dots_of <- function(f, depth = 0L, method = FALSE) {
    if (is.primitive(f) || depth > max_depth) return(anything)
    calls <- all_calls(body(f))
    heads <- vapply(calls, head_name, "")
    generic <- match("UseMethod", heads)
    if (!is.na(generic)) return(methods_take(f, calls[[generic]], depth))
    if (any(heads %in% setdiff(looks_at_call, if (depth > 0L) "NextMethod"))) return(anything)
    passed <- calls[vapply(calls, passes_dots, NA) & !heads %in% only_asks]
    if (!length(passed) && !method && !any(heads %in% only_asks)) return(anything)
    joined(c(list(list(free = FALSE, names = character())), lapply(passed, function(call) receiver(f, call, depth))))
  }
  methods_take <- function(f, call, depth) {
    generic <- if (length(call) > 1L && is.character(call[[2L]])) call[[2L]] else return(anything)
    methods <- s3_methods(generic, home_of(f))
    if (!length(methods)) return(anything)
    joined(lapply(methods, taken, depth = depth + 1L, method = TRUE))
  }
  receiver <- function(f, call, depth) {
    called <- call[[1L]]
    g <- if (is.name(called) && !as.character(called) %in% names(formals(f)))
      get0(as.character(called), environment(f), mode = "function")
    else if (is.call(called) && head_name(call) != "") or_null(getExportedValue(as.character(called[[2L]]), head_name(call)))
    if (is.null(g)) anything else taken(g, depth)
  }

  # How a call fits a function: a list with `problem` or with `formals` (of each argument) and `loose` names.
  fit_call <- function(f, arguments) {
    shown <- if (is.primitive(f)) or_null(args(f)) else f
    if (is.null(shown)) return(list())
    labels <- names(arguments)
    if (is.null(labels)) labels <- rep("", length(arguments))
    spread <- vapply(arguments, function(part) identical(part, quote(...)) || is_splice(part), NA)
    marks <- lapply(seq_along(arguments), function(at) as.name(paste0(".mark", at)))
    call <- as.call(c(list(as.name("f")), stats::setNames(marks[!spread], labels[!spread])))
    matched <- tryCatch(match.call(shown, call, expand.dots = FALSE, envir = emptyenv()), error = conditionMessage)
    if (is.character(matched)) return(list(problem = matched, named = labels[!spread]))
    rest <- as.list(matched)[-1L]
    formal <- rep("", length(arguments))
    for (name in setdiff(names(rest), "...")) formal[[mark_of(rest[[name]])]] <- name
    dots <- rest[["..."]]
    for (one in dots) formal[[mark_of(one)]] <- "..."
    list(formals = formal, loose = setdiff(names(dots), ""), spread = any(spread))
  }
  mark_of <- function(symbol) as.integer(sub("^\\.mark", "", as.character(symbol)))
  is_splice <- function(part) is.call(part) && identical(part[[1L]], quote(`!`)) && length(deparse(part)) == 1L &&
    startsWith(deparse(part), "!!!")

  # What of the unknown names in the dots is told: a list of (name, near).
  strange_names <- function(name, f, loose, given = NULL) {
    if (!length(loose)) return(list())
    if (is.primitive(f)) return(strange_to_primitive(name, f, loose))
    takes <- dots_of(f)
    if (!is.null(given)) takes <- list(free = FALSE, names = c(takes$names, names(formals(given))))
    home <- home_of(f)
    known <- unique(c(takes$names, setdiff(names(formals(f)), "...")))
    begins <- function(one, among) any(startsWith(among, one))
    wrong <- Filter(function(one) !begins(one, known) && (!takes$free || is_slip(one, known)), loose)
    if (!length(wrong)) return(list())
    told <- if (nzchar(home)) documented(name, home) else character()
    wrong <- Filter(function(one) !begins(one, told), wrong)
    lapply(wrong, function(one) list(name = one, near = nearest(one, c(known, told))))
  }
  # The dots of a primitive that names what comes before them are for its methods, which its help tells of.
  strange_to_primitive <- function(name, f, loose) {
    shown <- names(formals(args(f)))
    if (!length(shown) || shown[[1L]] == "..." || startsWith(name, ".") || name %in% c("call", "switch")) return(list())
    known <- c(setdiff(shown, "..."), documented(name, "base"))
    wrong <- Filter(function(one) !any(startsWith(known, one)), loose)
    lapply(wrong, function(one) list(name = one, near = nearest(one, known)))
  }
  unknown_arguments <- function(f, named) {
    shown <- names(formals(if (is.primitive(f)) args(f) else f))
    Filter(function(one) nzchar(one) && !any(startsWith(shown, one)), named)
  }
