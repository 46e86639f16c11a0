/**
 * The type under which a kernel tells of its variables.
 */
export const VARIABLES_MIME = 'application/vnd.gptoss.variables+json';

/**
 * Programs that tell what a kernel's variables are, never what they hold.
 *
 * #### Notes
 * They define no name in the person's space. Of objects whose library they do
 * not know they tell the type alone, so that nothing is computed or loaded;
 * `COLUMNS` says whether column names are told, which may be sensitive.
 */
const PYTHON = `exec('''
def tell(space, columns):
    import sys
    from IPython import get_ipython
    from IPython.display import display
    known = {"numpy", "pandas", "polars", "scipy", "torch", "xarray", "geopandas", "pyarrow"}
    tables = {"pandas", "polars", "geopandas"}
    hidden = set(getattr(get_ipython(), "user_ns_hidden", ()))
    rows = []
    for name, value in list(space.items()):
        if len(rows) >= 200:
            break
        if not isinstance(name, str) or name.startswith("_") or name in hidden:
            continue
        kind = type(value)
        if kind is type(sys):
            rows.append({"name": name[:200], "type": "module " + str(value.__name__)[:200]})
            continue
        row = {"name": name[:200], "type": (str(kind.__module__) + "." + str(kind.__qualname__))[:300]}
        top = str(kind.__module__).split(".")[0]
        try:
            if top in known:
                row["shape"] = [int(size) for size in getattr(value, "shape", ())][:16]
            elif kind in (list, tuple, dict, set):
                row["shape"] = [len(value)]
            if columns and top in tables and kind.__name__ in ("DataFrame", "GeoDataFrame"):
                pairs = list(zip(list(value.columns)[:60], list(value.dtypes)[:60]))
                row["columns"] = [{"name": str(c)[:200], "type": str(t)[:200]} for c, t in pairs]
        except Exception:
            pass
        rows.append(row)
    display({"${VARIABLES_MIME}": {"variables": rows}}, raw=True)
''' + "tell(space, COLUMNS)", {"space": globals()})`;

const R = `local({
  quoted <- function(text) as.character(jsonlite::toJSON(substr(as.character(text)[1], 1, 200), auto_unbox = TRUE))
  space <- globalenv()
  rows <- character()
  for (name in utils::head(ls(space), 200)) {
    if (bindingIsActive(as.name(name), space)) next
    value <- get(name, envir = space, inherits = FALSE)
    row <- paste0('"name":', quoted(name), ',"type":', quoted(paste(class(value), collapse = "/")))
    table <- is.list(value) && inherits(value, "data.frame")
    size <- if (table) c(.row_names_info(value, 2L), length(unclass(value)))
      else if (!is.null(attr(value, "dim"))) attr(value, "dim")
      else if (is.atomic(value) || identical(class(value), "list")) length(unclass(value))
    if (length(size)) row <- paste0(row, ',"shape":[', paste(utils::head(size, 16), collapse = ","), "]")
    if (COLUMNS && table) {
      parts <- utils::head(unclass(value), 60)
      columns <- vapply(seq_along(parts), function(i) paste0('{"name":', quoted(names(parts)[i]),
        ',"type":', quoted(class(parts[[i]])[1]), "}"), "")
      row <- paste0(row, ',"columns":[', paste(columns, collapse = ","), "]")
    }
    rows <- c(rows, paste0("{", row, "}"))
  }
  told <- list(paste0('{"variables":[', paste(rows, collapse = ","), "]}"))
  names(told) <- "${VARIABLES_MIME}"
  IRdisplay::publish_mimebundle(told)
})`;

/**
 * The program for a kernel's language; null for another language.
 */
export function variablesProgram(
  language: string,
  columns: boolean
): string | null {
  switch (language.toLowerCase()) {
    case 'python':
      return PYTHON.replace('COLUMNS', columns ? 'True' : 'False');
    case 'r':
      return R.replace('COLUMNS', columns ? 'TRUE' : 'FALSE');
    default:
      return null;
  }
}
