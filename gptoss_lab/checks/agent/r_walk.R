  # The walk over the expressions of a cell. `ctx`: names of the functions around, how arguments are read here.
  plain_ctx <- list(scope = character(), mode = "plain", guarded = FALSE, deferred = FALSE)
  with_mode <- function(ctx, mode) { if (ctx$mode %in% c("plain", "masked")) ctx$mode <- mode; ctx }
  masking <- c("eval", "evalq", "eval_tidy", "eval_bare", "enquo", "enquos", "enexpr", "enexprs", "ensym", "ensyms", "quos",
               "exprs", "expr", "quo", "sys.call", "inject", "eval_select", "tidyselect_data_proxy", "nse_eval_arg")
  reads_itself <- function(f) {
    if (is.primitive(f)) return(FALSE)
    calls <- all_calls(body(f))
    heads <- vapply(calls, head_name, "")
    labels <- sum(vapply(calls, function(call) head_name(call) %in% c("deparse", "deparse1") && length(call) > 1L &&
      is.call(call[[2L]]) && head_name(call[[2L]]) == "substitute", NA))
    embraced <- any(vapply(calls, function(call) identical(call[[1L]], quote(`{`)) && length(call) == 2L &&
      is.call(call[[2L]]) && identical(call[[2L]][[1L]], quote(`{`)) && length(call[[2L]]) == 2L, NA))
    any(heads %in% masking) || embraced || sum(heads == "substitute") > labels
  }
  reading <- new.env()
  # For each argument: "plain" where it is surely evaluated as it stands, else "masked".
  modes_of <- function(f, name, formals) {
    key <- paste(name, home_of(f))
    if (is.null(reading[[key]])) reading[[key]] <- judge(f)
    how <- reading[[key]]
    data <- formals %in% c("data", ".data", "newdata")
    first <- how$generic & formals == how$first
    ifelse(data | first | (!how$masked & formals != "...") | (formals == "..." & how$dots), "plain", "masked")
  }
  judge <- function(f) {
    if (is.primitive(f)) return(list(masked = FALSE, generic = FALSE, first = "", dots = TRUE))
    heads <- vapply(all_calls(body(f)), head_name, "")
    generic <- "UseMethod" %in% heads
    call <- if (generic) all_calls(body(f))[[match("UseMethod", heads)]]
    methods <- if (generic && length(call) > 1L && is.character(call[[2L]])) s3_methods(call[[2L]], home_of(f))
    masked <- reads_itself(f) || "standardGeneric" %in% heads || any(vapply(utils::head(methods, 60L), reads_itself, NA))
    passed <- Filter(passes_dots, all_calls(body(f)))
    listed <- all(vapply(passed, function(call) head_name(call) %in% c("list", "c", "max", "min"), NA))
    list(masked = masked, generic = generic && !reads_itself(f), first = names(formals(f))[1L], dots = listed && !masked && !generic)
  }

  walk <- function(part, ctx) {
    if (missing(part) || is.null(part) || ctx$mode == "quoted") return(invisible())
    if (is.name(part)) return(use_variable(as.character(part), ctx))
    if (!is.call(part)) return(invisible())
    name <- if (is.name(part[[1L]]) || is.character(part[[1L]])) as.character(part[[1L]]) else ""
    rule <- if (nzchar(name)) rules[[name]]
    if (!is.null(rule)) rule(part, ctx) else walk_call(part, name, ctx)
    invisible()
  }
  walk_all <- function(call, ctx) for (part in as.list(call)[-1L]) if (!missing(part)) walk(part, ctx)
  arguments_of <- function(call) lapply(as.list(call)[-1L], function(part) if (missing(part)) quote(.) else part)

  walk_call <- function(call, name, ctx) {
    head <- call[[1L]]
    arguments <- arguments_of(call)
    found <- NULL
    if (is.call(head) && length(head) == 3L && as.character(head[[1L]])[[1L]] %in% c("::", ":::")) {
      name <- as.character(head[[3L]])
      value <- look_into(head, ctx)
      if (is.function(value)) found <- list(f = value, own = FALSE)
    } else if (is.call(head)) walk(head, ctx)
    else if (nzchar(name)) {
      found <- find_function(name, ctx)
      if (isFALSE(found)) { unknown_function(name, ctx); found <- NULL }
    }
    learn(call, name, arguments, ctx)
    modes <- rep("masked", length(arguments))
    if (!is.null(found) && !startsWith(name, "%")) modes <- check_arguments(name, found, arguments, ctx)
    if (startsWith(name, "%")) modes[] <- "plain"
    for (at in seq_along(arguments)) walk(arguments[[at]], if (modes[[at]] == "plain") ctx else with_mode(ctx, "masked"))
  }
  check_arguments <- function(name, found, arguments, ctx) {
    modes <- rep("masked", length(arguments))
    fit <- fit_call(found$f, arguments)
    if (!is.null(fit$problem)) {
      tell_problem(name, found$f, fit, length(arguments), ctx)
    } else if (length(fit)) {
      if (!found$own) tell_strange(name, found$f, fit$loose, handed(arguments, fit$formals, ctx), ctx)
      modes <- if (found$own) modes else modes_of(found$f, name, fit$formals)
    }
    modes
  }
  tell_problem <- function(name, f, fit, count, ctx) {
    wrong <- unknown_arguments(f, fit$named)
    shown <- names(formals(if (is.primitive(f)) args(f) else f))
    message <- if (length(wrong)) sprintf("`%s` has no argument `%s`.", name, wrong[[1L]])
      else if (grepl("unused", fit$problem)) sprintf("`%s` is given %d arguments, and takes no more than %d.", name, count, length(shown))
      else sprintf("The arguments of `%s` do not fit: %s.", name, gsub("\\.mark([0-9]+)", "number \\1", fit$problem))
    near <- if (length(wrong)) nearest(wrong[[1L]], shown)
    word <- if (length(wrong)) wrong[[1L]] else name
    report(ctx, "api", "error", name, word, message, c(near, signature_of(name, f)))
  }
  # The function that a call hands on, as `sapply(x, mean)` does, where it can be seen and takes no dots.
  handed <- function(arguments, formals, ctx) {
    for (at in which(formals %in% c("FUN", "f", ".f", "fn", "fun"))) {
      one <- arguments[[at]]
      made <- is.call(one) && identical(one[[1L]], quote(`function`))
      found <- if (is.name(one)) find_function(as.character(one), ctx)
      if (is.list(found) && formals[[at]] == "f" && !found$own) found <- NULL
      g <- if (made) as.function(c(as.list(one[[2L]]), list(NULL))) else if (is.list(found)) found$f
      if (is.function(g) && !is.primitive(g) && !has_dots(g)) return(g)
    }
    NULL
  }
  tell_strange <- function(name, f, loose, given, ctx) for (one in strange_names(name, f, loose, given))
    report(ctx, "api", "warning", name, one$name,
           sprintf("Neither `%s` nor what it hands its further arguments to is known to take `%s`.", name, one$name),
           c(one$near, signature_of(name, f)))
