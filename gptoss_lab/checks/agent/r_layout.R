# Lay cells out with styler: white space alone, and only where R reads the same expressions before and after.
# A function of a JSON text that returns another, with one text for each cell.
function(payload) {
  asked <- jsonlite::fromJSON(payload, simplifyVector = FALSE)
  options(styler.quiet = TRUE, styler.cache_name = NULL)
  read <- function(text) parse(text = text, keep.source = FALSE)
  laid_out <- function(source) tryCatch({
    lines <- styler::style_text(strsplit(source, "\n", fixed = TRUE)[[1L]], scope = "line_breaks")
    text <- paste(enc2utf8(as.character(lines)), collapse = "\n")
    if (identical(read(source), read(text))) text else source
  }, error = function(problem) source)
  texts <- vapply(asked$cells, laid_out, "")
  jsonlite::toJSON(list(cells = as.list(texts)), auto_unbox = TRUE)
}
