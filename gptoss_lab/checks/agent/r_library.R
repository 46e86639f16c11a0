  # What R has: packages, what they show, and the functions that a name means after the library() calls so far.
  quietly <- function(code) suppressWarnings(suppressMessages(code))
  or_null <- function(code) tryCatch(quietly(code), error = function(problem) NULL)
  is_installed <- function(package) nzchar(system.file(package = package))
  exports_of <- local({
    known <- list()
    function(package) {
      if (is.null(known[[package]])) {
        shown <- if (package == "base") ls(baseenv(), all.names = TRUE) else
          or_null(c(getNamespaceExports(package), ls(getNamespaceInfo(package, "lazydata"))))
        known[[package]] <<- as.character(shown)
      }
      known[[package]]
    }
  })
  shown_by <- function(package, name) or_null(getExportedValue(package, name))
  inside <- function(package, name)
    or_null(get0(name, if (package == "base") baseenv() else asNamespace(package), inherits = FALSE))
  search_path <- function() parent.env(globalenv())
  attach_package <- function(package) {
    if (is_installed(package)) or_null(library(package, character.only = TRUE, warn.conflicts = FALSE))
  }
  attached <- function() sub("^package:", "", grep("^package:", search(), value = TRUE))
  function_on_path <- function(name) get0(name, search_path(), mode = "function")
  home_of <- function(f) {
    home <- if (is.primitive(f)) "base" else environmentName(topenv(environment(f)))
    if (nzchar(home) && is_installed(home)) home else ""
  }
  signature_of <- function(name, f) {
    shown <- or_null(args(f))
    if (is.null(shown)) return("")
    text <- paste(trimws(utils::head(deparse(shown, width.cutoff = 500L), -1L)), collapse = " ")
    substr(sub("^function ?", name, text), 1L, 300L)
  }

  # The nearest of some names: first those that differ in case and points alone, then by edits.
  folded <- function(name) tolower(gsub("[._]", "", name))
  nearest <- function(name, among, most = 3L) {
    among <- unique(among[nzchar(among) & among != name])
    if (!length(among)) return(character())
    distance <- drop(utils::adist(name, among, ignore.case = TRUE))
    distance[folded(among) == folded(name)] <- 0.5
    allowed <- max(1, min(3, nchar(name) %/% 2))
    utils::head(among[order(distance, abs(nchar(among) - nchar(name)))][sort(distance) <= allowed], most)
  }
  is_slip <- function(name, among) {
    same <- nchar(name) >= 4L && any(folded(among) == folded(name))
    among <- among[nchar(among) >= 4L]
    if (!length(among)) return(FALSE)
    edits <- drop(utils::adist(name, among))
    letters_of <- function(text) paste(sort(strsplit(text, "")[[1L]]), collapse = "")
    swapped <- edits == 2L & vapply(among, letters_of, "") == letters_of(name)
    same || (nchar(name) >= 4L && any((edits <= 1L & nchar(among) >= 5L) | (nchar(name) >= 5L & swapped)))
  }
  near_functions <- function(name) {
    loaded <- unique(unlist(lapply(attached(), exports_of)))
    near <- nearest(name, grep("^[A-Za-z.]", loaded, value = TRUE))
    unname(vapply(near, function(one) {
      f <- function_on_path(one)
      if (is.null(f)) one else signature_of(one, f)
    }, ""))
  }
  holders <- function(name) {
    candidates <- setdiff(loadedNamespaces(), attached())
    Filter(function(package) name %in% exports_of(package), candidates)
  }
  s3_methods <- function(generic, home) {
    tables <- lapply(loadedNamespaces(), function(package) or_null(asNamespace(package)[[".__S3MethodsTable__."]]))
    start <- paste0(generic, ".")
    found <- list()
    for (table in c(Filter(is.environment, tables), list(baseenv()), if (nzchar(home)) list(asNamespace(home)))) {
      names <- ls(table, all.names = TRUE)
      for (name in names[startsWith(names, start)]) found[[name]] <- or_null(get(name, table))
    }
    Filter(is.function, found)
  }
  # The arguments that the help of a function tells of.
  documented <- function(name, home) {
    aliases <- or_null(readRDS(file.path(find.package(home), "help", "aliases.rds")))
    if (!name %in% names(aliases)) return(character())
    rd <- or_null(tools:::fetchRdDB(file.path(find.package(home), "help", home), aliases[[name]]))
    tagged <- function(part, tag) Filter(function(one) identical(attr(one, "Rd_tag"), tag), as.list(part))
    # An item of `...` may list what else goes there.
    items <- character()
    gather <- function(part) if (is.list(part)) {
      if (identical(attr(part, "Rd_tag"), "\\item") && length(part)) items <<- c(items, paste(unlist(part[[1L]]), collapse = ""))
      for (child in part) gather(child)
    }
    for (section in tagged(rd, "\\arguments")) gather(section)
    # R and its users write of arguments in the usage, too: those of methods stand there alone.
    usage <- paste(unlist(tagged(rd, "\\usage")), collapse = " ")
    named <- regmatches(usage, gregexpr("[A-Za-z.][A-Za-z0-9._]*(?=\\s*[=,)])", usage, perl = TRUE))[[1L]]
    unique(trimws(c(unlist(strsplit(as.character(items), ",")), named)))
  }
