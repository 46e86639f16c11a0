shrink <- function(x, ..., rate = 0.5, method = c("linear", "square")) {
  method <- match.arg(method)
  structure(x * if (method == "square") rate^2 else rate, class = "shrunk")
}
print.shrunk <- function(x, ...) print(unclass(x), ...)
