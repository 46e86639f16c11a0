  # The parts of the language that are no ordinary calls, and the calls that make names.
  nothing <- function(call, ctx) invisible()
  within_function <- function(call, ctx) {
    made <- local_names(call[[3L]])
    inner <- ctx
    inner$scope <- unique(c(ctx$scope, names(call[[2L]]), made, "."))
    inner$deferred <- TRUE
    for (default in as.list(call[[2L]])) if (!missing(default)) walk(default, inner)
    walk(call[[3L]], inner)
  }
  local_names <- function(body) unique(unlist(lapply(all_calls(body), function(call) {
    name <- head_name(call)
    if (name %in% c("<-", "=", "for", "<<-") && length(call) > 1L) root_of(call[[2L]])
    else if (name %in% c("assign", "delayedAssign") && is.character(call[[2L]])) call[[2L]]
  })))
  root_of <- function(target) {
    while (is.call(target) && length(target) > 1L) target <- target[[2L]]
    if (is.name(target) || is.character(target)) as.character(target) else character()
  }
  assignment <- function(call, ctx) {
    target <- call[[2L]]
    walk(call[[3L]], ctx)
    if (is.call(target)) {
      replacing <- head_name(target)
      if (is.call(target[[1L]]) && length(target[[1L]]) == 3L && head_name(target) != "")
        look_into(as.call(list(target[[1L]][[1L]], target[[1L]][[2L]], as.name(paste0(replacing, "<-")))), ctx)
      missing_one <- is.name(target[[1L]]) && !replacing %in% c("[", "[[", "$", "@", "(", "::") && isFALSE(find_function(paste0(replacing, "<-"), ctx))
      if (missing_one && ctx$mode == "plain") unknown_function(paste0(replacing, "<-"), ctx)
      for (index in as.list(target)[-(1:2)]) if (!missing(index)) walk(index, with_mode(ctx, "masked"))
      if (!root_of(target)[1L] %in% names(state$defined)) define_in(root_of(target), ctx)
    } else if (!length(ctx$scope)) define(as.character(target), call[[3L]])
    else if (identical(call[[1L]], quote(`<<-`))) define(as.character(target))
  }
  loop <- function(call, ctx) {
    walk(call[[3L]], ctx)
    define_in(as.character(call[[2L]]), ctx)
    walk(call[[4L]], ctx)
  }
  block <- function(call, ctx) {
    places <- attr(call, "srcref")
    outer <- state$range
    for (at in seq_along(call)[-1L]) {
      if (length(places) >= at) state$range <- c(places[[at]][[1L]], places[[at]][[3L]])
      walk(call[[at]], ctx)
    }
    state$range <- outer
  }
  branch <- function(call, ctx) {
    inner <- ctx
    asks <- c("exists", "interactive", "getRversion", "packageVersion", "inherits", "try", "tryCatch")
    walk(call[[2L]], ctx)
    loads <- Filter(function(one) head_name(one) %in% c("requireNamespace", "require", "is_installed") && length(one) > 1L,
                    all_calls(call[[2L]]))
    lacks <- !all(vapply(loads, function(one) all(is_installed(as.character(one[[2L]]))), NA))
    if (lacks || any(all.names(call[[2L]]) %in% asks)) inner$guarded <- TRUE
    for (part in as.list(call)[-(1:2)]) walk(part, inner)
  }
  guarded <- function(call, ctx) { ctx$guarded <- TRUE; walk_all(call, ctx) }
  subsetting <- function(call, ctx) {
    walk(call[[2L]], ctx)
    for (index in as.list(call)[-(1:2)]) if (!missing(index)) walk(index, with_mode(ctx, "masked"))
  }
  member <- function(call, ctx) walk(call[[2L]], ctx)
  namespace <- function(call, ctx) look_into(call, ctx)
  loading <- function(call, ctx) {
    if (length(call) < 2L || "character.only" %in% names(call)) { if (length(call) > 1L) state$opaque <- TRUE; return() }
    package <- call[[2L]]
    if (is.name(package) || is.character(package)) attach_package(as.character(package))
  }
  pipe <- function(call, ctx) {
    walk(call[[2L]], ctx)
    inner <- ctx
    inner$scope <- unique(c(ctx$scope, "."))
    next_one <- call[[3L]]
    if (is.name(next_one) || (is.call(next_one) && head_name(next_one) == as.character(next_one[[length(next_one)]])[1L]
                              && as.character(next_one[[1L]])[1L] %in% c("::", ":::"))) next_one <- as.call(list(next_one))
    ordinary <- is.call(next_one) && !as.character(next_one[[1L]])[1L] %in% c("{", "(", "function", "$", "[", "[[")
    has_dot <- ordinary && any(vapply(arguments_of(next_one), identical, NA, quote(.)))
    if (ordinary && !has_dot) next_one <- as.call(append(as.list(next_one), list(quote(.)), 1L))
    walk(next_one, inner)
  }
  unusual <- function(call, ctx) walk_all(call, with_mode(ctx, "masked"))
  every <- function(names, rule) stats::setNames(rep(list(rule), length(names)), names)
  rules <- c(
    every("~", function(call, ctx) walk_all(call, with_mode(with_mode(ctx, "masked"), "formula"))),
    every(c("quote", "bquote", "substitute", "expression", "help", "?", "rm", "vignette", "demo", "example",
            "citation", "help.search", "browseVignettes", "expr", "exprs", "quo", "quos"), nothing),
    every(c("<-", "=", "<<-"), assignment), every(c("$", "@"), member), every(c("::", ":::"), namespace),
    every(c("[", "[["), subsetting), every(c("library", "require"), loading), every(c("%>%", "%T>%", "%<>%"), pipe),
    every(c("try", "tryCatch", "assertError", "assertCondition", "assertWarning", "expect_error", "withCallingHandlers",
            "try_fetch", "safely"), guarded),
    every(c("%$%", ":=", "switch", "repeat", "break", "next"), unusual),
    every(c("+", "-", "*", "/", "^", "%%", "%/%", "==", "!=", "<", ">", "<=", ">=", "!", "&", "&&", "|", "||", ":", "(",
            "while"), function(call, ctx) walk_all(call, ctx)),
    list("function" = within_function, "for" = loop, "{" = block, "if" = branch))
  opaque_calls <- c("load", "source", "sys.source", "attach", "list2env", "p_load", "use", "from", "eval", "evalq",
                    "lapply_library", "makeActiveBinding", "registerS3methods", "setRefClass", "do.call.assign")
  learn <- function(call, name, arguments, ctx) {
    first <- if (length(arguments)) arguments[[1L]]
    constant <- if (is.character(first)) first
    if (name %in% opaque_calls) state$opaque <- TRUE
    if (name %in% c("assign", "delayedAssign", "setGeneric", "setClass")) {
      if (is.null(constant)) state$opaque <- TRUE else define(constant)
    }
    writes <- vapply(arguments, function(one) is.character(one) && grepl("^[wa]", one[[1L]]), NA)
    if (name == "textConnection" && !is.null(constant) && any(writes[-1L])) define(constant)
    if (name == "data") for (one in arguments) if (is.name(one) || is.character(one)) define(as.character(one))
    loads <- name %in% c("lapply", "sapply", "vapply", "invisible") && any(all.names(call) %in% c("library", "require"))
    if (loads && name != "invisible") state$opaque <- TRUE
  }

  read_cell <- function(cell, checked) {
    parsed <- tryCatch(parse(text = cell$source, keep.source = TRUE), error = function(problem) NULL)
    if (is.null(parsed)) { state$opaque <- TRUE; return(invisible()) }
    state$cell <- cell$id
    state$checked <- checked
    tokens <- utils::getParseData(parsed)
    state$tokens <- tokens[tokens$terminal, c("line1", "text")]
    places <- attr(parsed, "srcref")
    for (at in seq_along(parsed)) {
      state$range <- c(places[[at]][[1L]], places[[at]][[3L]])
      walk(parsed[[at]], plain_ctx)
    }
  }
  asked <- jsonlite::fromJSON(payload, simplifyVector = FALSE)
  # Code that this walk does not see through is told of, and hides nothing: it may make any name.
  try_cell <- function(cell, checked) tryCatch(read_cell(cell, checked), error = function(problem) {
    state$opaque <- TRUE
    report(plain_ctx, "api", "info", "", "", paste0("The calls of this cell were not all checked: ", conditionMessage(problem)))
  })
  for (source in asked$context) try_cell(list(id = "", source = source), FALSE)
  for (cell in asked$cells) try_cell(cell, TRUE)
  answer <- jsonlite::fromJSON((CELLS_PROGRAM)(payload), simplifyVector = FALSE)
  answer$findings <- still_missing()
  jsonlite::toJSON(answer, auto_unbox = TRUE, null = "null")
