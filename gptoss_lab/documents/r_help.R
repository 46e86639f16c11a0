# Runs in R: the help of an installed package, as JSON. A function of a JSON text that returns another.
# Asked for pages `from` to `from + count - 1`; the first answer also holds the vignettes.
function(payload) {
  max_chars <- 60000L
  clip <- function(text, most = max_chars) substr(text, 1L, most)
  joined <- function(lines) clip(enc2utf8(paste(lines, collapse = "\n")))
  quietly <- function(code) suppressWarnings(suppressMessages(code))
  asked <- jsonlite::fromJSON(payload)
  package <- asked$package
  where <- find.package(package, quiet = TRUE)
  if (!length(where)) stop("there is no package called '", package, "'")

  help_file <- file.path(where, "help", package)
  topics <- if (file.exists(paste0(help_file, ".rdx"))) sort(names(readRDS(paste0(help_file, ".rdx"))$variables))
  exports <- tryCatch(quietly({
    if (package == "base") ls(baseenv(), all.names = TRUE)
    else c(getNamespaceExports(package), ls(getNamespaceInfo(package, "lazydata")))
  }), error = function(problem) character())
  exported <- function(name) tryCatch(quietly(getExportedValue(package, name)), error = function(problem) NULL)

  macros <- file.path(R.home("share"), "Rd", "macros", "system.Rd")
  rendered <- function(rd) {
    out <- tempfile()
    on.exit(unlink(out))
    old <- tools::Rd2txt_options(underline_titles = FALSE, code_quote = FALSE)
    on.exit(tools::Rd2txt_options(old), add = TRUE)
    tryCatch({
      quietly(tools::Rd2txt(rd, out, package = package, outputEncoding = "UTF-8", stages = c("install", "render")))
      joined(gsub("_\b", "", readLines(out, encoding = "UTF-8", warn = FALSE)))
    }, error = function(problem) "")
  }
  tagged <- function(rd, tag) Filter(function(part) identical(attr(part, "Rd_tag"), tag), as.list(rd))
  plain <- function(part) trimws(gsub("\\s+", " ", paste(unlist(part), collapse = "")))
  argument_names <- function(rd) {
    items <- unlist(lapply(tagged(rd, "\\arguments"), function(section) lapply(tagged(section, "\\item"), `[[`, 1L)),
                    recursive = FALSE)
    as.list(trimws(unlist(strsplit(vapply(items, plain, ""), ","))))
  }

  # Examples: what is never to be run is out, what is only not tested or not shown is in.
  example_lines <- function(rd) {
    out <- tempfile()
    on.exit(unlink(out))
    tryCatch(quietly(tools::Rd2ex(rd, out, outputEncoding = "UTF-8", stages = c("install", "render"))),
             error = function(problem) NULL)
    if (!file.exists(out)) return(character())
    lines <- readLines(out, encoding = "UTF-8", warn = FALSE)
    start <- match("### ** Examples", lines)
    if (is.na(start)) return(character())
    lines <- lines[-seq_len(start)]
    marks <- "^\\s*(##D|## (Not run|End\\(Not run\\)|No test|End\\(No test\\)|Don't show|End\\(Don't show\\)))"
    lines[!grepl(marks, lines)]
  }
  split_examples <- EXAMPLES_PROGRAM
  needed <- if (!package %in% c("base", "stats", "graphics", "grDevices", "utils", "datasets", "methods"))
    paste0("library(", package, ")")

  signature_of <- function(name, value) {
    shown <- args(value)
    if (is.null(shown)) return("")
    lines <- trimws(utils::head(deparse(shown, width.cutoff = 500L), -1L))
    sub("^function ?", if (make.names(name) == name) name else paste0("`", name, "`"), paste(lines, collapse = " "))
  }
  described <- function(name) {
    value <- exported(name)
    is_function <- is.function(value)
    list(name = name, kind = if (is_function) "function" else "attribute",
         signature = if (is_function) clip(signature_of(name, value), 2000L) else "")
  }
  page <- function(topic) {
    rd <- tryCatch(quietly(tools:::fetchRdDB(help_file, topic)), error = function(problem) NULL)
    if (is.null(rd)) return(list(name = topic, problem = "it cannot be read"))
    aliases <- unique(vapply(tagged(rd, "\\alias"), plain, ""))
    keywords <- vapply(tagged(rd, "\\keyword"), plain, "")
    if ("internal" %in% keywords && !any(aliases %in% exports)) return(NULL)
    name <- plain(tagged(rd, "\\name")[[1L]])
    list(name = name, title = plain(tagged(rd, "\\title")), aliases = as.list(aliases),
         objects = lapply(intersect(unique(c(name, aliases)), exports), described), arguments = argument_names(rd),
         text = rendered(rd), internal = "internal" %in% keywords,
         examples = tryCatch(split_examples(example_lines(rd), needed), error = function(problem) list()))
  }
  vignettes <- function() {
    files <- list.files(file.path(where, "doc"), "\\.(Rmd|Rmarkdown|qmd|md)$", full.names = TRUE)
    files <- utils::head(files[file.size(files) < 400000], 30L)
    lapply(files, function(file) {
      lines <- readLines(file, encoding = "UTF-8", warn = FALSE)
      list(name = basename(file), text = clip(enc2utf8(paste(lines, collapse = "\n")), 400000L))
    })
  }
  wanted <- topics[seq_along(topics) >= asked$from & seq_along(topics) < asked$from + asked$count]
  documented <- function() unlist(tryCatch(
    as.character(names(readRDS(file.path(where, "help", "aliases.rds")))), error = function(problem) NULL))
  bare <- if (asked$from == 1L) utils::head(setdiff(grep("^[A-Za-z.]", exports, value = TRUE), documented()), 2000L)
  answer <- list(
    total = length(topics),
    pages = Filter(Negate(is.null), lapply(wanted, page)),
    undocumented = lapply(bare, described),
    vignettes = if (asked$from == 1L) vignettes() else list()
  )
  jsonlite::toJSON(answer, auto_unbox = TRUE, null = "null")
}
