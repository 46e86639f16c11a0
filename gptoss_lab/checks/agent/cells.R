# Runs in the sandbox: says which cells are not R, and which packages they load that are not there.
# A function of a JSON text that returns another; nothing of a cell is evaluated.
function(payload) {
  parse_cell <- function(cell) {
    tokens <- NULL
    problem <- tryCatch({
      parsed <- parse(text = cell$source, keep.source = TRUE)
      tokens <- utils::getParseData(parsed)
      NULL
    }, error = conditionMessage)
    list(id = cell$id, problem = problem, packages = if (is.null(problem)) missing_packages(tokens))
  }
  missing_packages <- function(tokens) {
    if (is.null(tokens)) return(list())
    tokens <- tokens[tokens$terminal & tokens$token != "COMMENT", ]
    tried <- tried_packages(tokens)
    named <- lapply(seq_len(nrow(tokens)), function(row) package_at(tokens, row))
    named <- Filter(function(found) {
      !is.null(found) && !is_installed(found$name) && (found$attached || !found$name %in% tried)
    }, named)
    named <- lapply(named, `[`, c("name", "line"))
    unname(named[!duplicated(vapply(named, `[[`, "", "name"))])
  }
  package_at <- function(tokens, row) {
    token <- tokens$token[[row]]
    text <- tokens$text[[row]]
    line <- tokens$line1[[row]]
    if (token == "SYMBOL_PACKAGE") return(list(name = text, line = line, attached = FALSE))
    if (token != "SYMBOL_FUNCTION_CALL" || !text %in% c("library", "require")) return(NULL)
    name <- name_after(tokens, row)
    if (!is.null(name)) list(name = name, line = line, attached = text == "library")
  }
  # The packages of which the code asks whether they are there: what it does with them it does only then.
  tried_packages <- function(tokens) {
    asks <- which(tokens$token == "SYMBOL_FUNCTION_CALL" & tokens$text %in% c("require", "requireNamespace"))
    unlist(lapply(Filter(function(row) is_asked(tokens, row), asks), function(row) name_after(tokens, row)))
  }
  is_asked <- function(tokens, row) {
    if (tokens$text[[row]] == "requireNamespace") return(TRUE)
    before <- function(back) if (row > back) tokens$text[[row - back]] else ""
    while (before(1L) == "(" && row > 2L && tokens$token[[row - 2L]] == "SYMBOL_FUNCTION_CALL") row <- row - 2L
    before(1L) %in% c("!", "&&", "||", "<-", "=") || (before(1L) == "(" && before(2L) == "if")
  }
  name_after <- function(tokens, row) {
    inside <- arguments_after(tokens, row)
    named <- nrow(inside) > 0L && inside$token[[1L]] %in% c("SYMBOL", "STR_CONST")
    if (!named || "character.only" %in% inside$text) return(NULL)
    gsub("^[\"']|[\"']$", "", inside$text[[1L]])
  }
  arguments_after <- function(tokens, row) {
    rest <- tokens[-seq_len(row), ]
    depth <- cumsum((rest$text == "(") - (rest$text == ")"))
    rest[seq_len(max(match(0L, depth, nomatch = 1L) - 1L, 0L))[-1L], ]
  }
  is_installed <- function(name) nzchar(system.file(package = name))
  cells <- jsonlite::fromJSON(payload, simplifyVector = FALSE)$cells
  jsonlite::toJSON(list(cells = lapply(cells, parse_cell)), auto_unbox = TRUE, null = "null")
}
