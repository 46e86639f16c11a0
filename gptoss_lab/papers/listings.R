# Runs in the sandbox: says of each command of a paper whether it is R, what it uses, what it makes and what
# it attaches, and where names that a new session lacks come from. A function of a JSON text that returns
# another; nothing of a command is evaluated. Namespaces are loaded, so that it needs a sandbox of its own.
function(payload) {
  MASKING <- c("with", "within", "subset", "transform", "aes", "mutate", "filter", "select", "arrange",
               "summarise", "summarize", "group_by", "curve", "local")
  QUOTING <- c("quote", "bquote", "expression", "substitute", "help", "alist", "Quote")
  ATTACHING <- c("library", "require", "requireNamespace", "loadNamespace")
  asked <- jsonlite::fromJSON(payload, simplifyVector = FALSE)

  new_notes <- function() {
    notes <- new.env()
    for (kind in c("functions", "variables", "soft", "targets", "defines", "loads")) notes[[kind]] <- character()
    notes
  }
  note <- function(notes, kind, name) notes[[kind]] <- unique(c(notes[[kind]], name))
  is_name <- function(e) is.name(e) && nzchar(as.character(e))
  is_call_to <- function(e, names) is.call(e) && is.name(e[[1L]]) && as.character(e[[1L]]) %in% names

  # `hard`: evaluated where it stands. In a formula, a function or behind a mask of columns nobody can say.
  walk <- function(e, notes, hard, local) {
    if (is.name(e)) {
      name <- as.character(e)
      if (nzchar(name) && !name %in% local) note(notes, if (hard) "variables" else "soft_variables", name)
    } else if (is.call(e)) {
      walk_call(e, notes, hard, local)
    }
    invisible()
  }
  # An argument that is left out cannot be held by a variable.
  is_left_out <- function(items, place) identical(items[[place]], quote(expr = ))
  walk_all <- function(items, notes, hard, local) {
    items <- as.list(items)
    for (place in seq_along(items)) {
      if (!is_left_out(items, place)) walk(items[[place]], notes, hard, local)
    }
  }
  walk_call <- function(e, notes, hard, local) {
    head <- e[[1L]]
    if (!is.name(head)) {
      walk_all(e, notes, hard, local)
      return()
    }
    name <- as.character(head)
    args <- as.list(e)[-1L]
    if (name %in% c("<-", "=", "<<-", ":=")) return(walk_assignment(e, notes, hard, local))
    if (name == "~") return(walk_all(args, notes, FALSE, local))
    if (name == "function") return(walk_function(e, notes, local))
    if (name %in% c("$", "@")) return(walk(args[[1L]], notes, hard, local))
    if (name %in% c("::", ":::")) return(note(notes, "loads", as.character(args[[1L]])))
    if (name %in% QUOTING) return(note(notes, if (hard) "functions" else "soft", name))
    if (name %in% ATTACHING && length(args)) {
      if (is.character(args[[1L]]) || (is_name(args[[1L]]) && !"character.only" %in% names(args)))
        note(notes, if (name %in% ATTACHING[1:2]) "attaches" else "loads", as.character(args[[1L]]))
      return()
    }
    if (name == "data" && length(args) && (is_name(args[[1L]]) || is.character(args[[1L]])))
      return(note(notes, "datasets", as.character(args[[1L]])))
    if (name == "for") {
      note(notes, "defines", as.character(args[[1L]]))
      return(walk_all(args[-1L], notes, hard, c(local, as.character(args[[1L]]))))
    }
    if (!name %in% local) note(notes, if (hard) "functions" else "soft", name)
    walk_arguments(name, args, notes, hard, local)
  }
  walk_arguments <- function(name, args, notes, hard, local) {
    labels <- if (is.null(names(args))) rep("", length(args)) else names(args)
    masks <- name %in% MASKING
    has_formula <- any(vapply(args, is_call_to, NA, names = "~")) || any(c("formula", "data") %in% labels)
    for (place in seq_along(args)) {
      if (is_left_out(args, place)) next
      plain <- is.name(args[[place]]) && labels[[place]] %in% c("", "data", "newdata", "formula", "object")
      here <- hard && (!masks || place == 1L) && (!has_formula || plain)
      walk(args[[place]], notes, here, local)
    }
  }
  walk_function <- function(e, notes, local) {
    parameters <- e[[2L]]
    made <- c(local, names(parameters), codetools::findFuncLocals(parameters, e[[3L]]))
    walk_all(parameters, notes, FALSE, made)
    walk(e[[3L]], notes, FALSE, made)
  }
  walk_assignment <- function(e, notes, hard, local) {
    target <- e[[2L]]
    walk(e[[3L]], notes, hard, local)
    if (is.name(target) || is.character(target)) {
      if (hard) note(notes, "defines", as.character(target))
      return()
    }
    while (is.call(target)) {
      if (!is_call_to(target, c("$", "@"))) walk_all(as.list(target)[-(1:2)], notes, hard, local)
      if (length(target) < 2L) return()
      target <- target[[2L]]
    }
    if (is.name(target) && hard && !as.character(target) %in% local)
      note(notes, "targets", as.character(target))
  }

  # Within one listing, what an earlier expression makes is known to the later ones.
  read_command <- function(command) {
    parsed <- tryCatch(parse(text = command$source, keep.source = FALSE), error = conditionMessage)
    if (is.character(parsed)) return(list(id = command$id, problem = parsed))
    whole <- new_notes()
    for (expr in as.list(parsed)) {
      notes <- new_notes()
      walk(expr, notes, TRUE, character())
      for (kind in ls(notes)) {
        added <- if (kind %in% c("defines", "loads", "attaches")) notes[[kind]]
                 else setdiff(notes[[kind]], whole$defines)
        whole[[kind]] <- unique(c(whole[[kind]], added))
      }
    }
    c(list(id = command$id), lapply(as.list(whole), as.list))
  }
  commands <- lapply(asked$commands, function(command) {
    tryCatch(read_command(command), error = function(fault) list(id = command$id, problem = conditionMessage(fault)))
  })

  used <- unique(unlist(lapply(commands, function(command) {
    command[c("functions", "variables", "soft", "soft_variables", "targets", "datasets")]
  })))
  known <- Filter(exists, used)
  is_function <- vapply(known, exists, NA, mode = "function")
  named <- unique(c(unlist(asked$packages),
                    unlist(lapply(commands, function(command) command[c("loads", "attaches")]))))
  describe <- function(package) {
    namespace <- tryCatch(suppressMessages(suppressWarnings(loadNamespace(package))), error = function(fault) NULL)
    if (is.null(namespace)) return(list(name = package, installed = FALSE))
    lazy <- namespace[[".__NAMESPACE__."]]$lazydata
    held <- c(getNamespaceExports(namespace), if (is.environment(lazy)) ls(lazy, all.names = TRUE))
    depends <- utils::packageDescription(package, fields = "Depends")
    depends <- if (is.na(depends)) character() else sub("[ (].*", "", trimws(strsplit(depends, ",")[[1L]]))
    list(name = package, installed = TRUE, holds = as.list(intersect(used, held)),
         data = as.list(if (is.environment(lazy)) intersect(used, ls(lazy, all.names = TRUE))),
         depends = as.list(setdiff(depends, c("R", ""))))
  }
  packages <- lapply(named, describe)
  more <- setdiff(unlist(lapply(packages, `[[`, "depends")), named)
  packages <- c(packages, lapply(more, describe))
  jsonlite::toJSON(list(commands = commands, functions = as.list(known[is_function]),
                        values = as.list(known[!is_function]), packages = packages),
                   auto_unbox = TRUE, null = "null")
}
