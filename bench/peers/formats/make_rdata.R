# Objects of R, saved by R; the numbers in them as R itself lists them.
# usage: Rscript make_rdata.R OUT

out <- commandArgs(TRUE)[1]
dir.create(out, showWarnings = FALSE, recursive = TRUE)
set.seed(1)
models <- character()
text <- function(x) encodeString(enc2utf8(x), quote = '"')

# Vectors of numbers by the names that lead to them.
vectors <- function(x, at = "") {
  if (is.list(x)) {
    n <- names(x)
    r <- character()
    for (i in seq_along(x)) {
      name <- if (!is.null(n) && nzchar(n[i])) n[i] else as.character(i)
      r <- c(r, vectors(x[[i]], if (nzchar(at)) paste0(at, "$", name) else name))
    }
    return(r)
  }
  if (!is.atomic(x) || is.character(x) || is.null(x)) return(character())
  shape <- if (is.null(dim(x))) length(x) else dim(x)
  sprintf("[%s, %s, [%s]]", text(at), text(typeof(x)), paste(shape, collapse = ", "))
}

expect <- function(name, tensors, verdict, facts = "{}") {
  said <- if (is.null(tensors)) "null" else paste0("[", paste(tensors, collapse = ", "), "]")
  models <<- c(models, sprintf('{"path": %s, "verdict": %s, "facts": %s, "names": true, "tensors": %s}', text(name), text(verdict), facts, said))
}

keep <- function(name, value, verdict = "ok", list = TRUE, ...) {
  file <- paste0(name, ".rds")
  saveRDS(value, file.path(out, file), ...)
  class <- class(readRDS(file.path(out, file)))[1]
  expect(file, if (list) vectors(readRDS(file.path(out, file))) else NULL, verdict, if (is.object(value)) sprintf('{"architecture": %s}', text(class)) else "{}")
}

weights <- list(layer1 = list(kernel = matrix(rnorm(12), 4), bias = rnorm(3)), layer2 = list(kernel = array(rnorm(24), c(2, 3, 4)), bias = integer(0)),
                steps = 7L, flags = c(TRUE, NA), z = complex(real = 1:2, imaginary = 0), bytes = as.raw(0:9), labels = c("no", "yes"), range = 1:1000, list(1, 2L))
keep("weights", weights)
keep("weights_v2", weights, version = 2)
keep("weights_ascii", weights, ascii = TRUE)
keep("weights_bzip2", weights, compress = "bzip2")
keep("weights_xz", weights, compress = "xz")
keep("weights_plain", weights, compress = FALSE)
keep("matrix", matrix(rnorm(20), 4))
keep("factor", factor(c("a", "b", "a")))
keep("frame", data.frame(x = rnorm(5), y = 1:5, s = letters[1:5]))
keep("kmeans", kmeans(matrix(rnorm(60), 20), 3), list = FALSE)
keep("prcomp", prcomp(matrix(rnorm(60), 20)), list = FALSE)
keep("many", setNames(lapply(1:200, function(i) rnorm(i %% 5)), paste0("w", 1:200)))
x <- rnorm(20)
y <- 2 * x + rnorm(20)
keep("lm", lm(y ~ x), "unverified", FALSE)
keep("glm", glm(I(y > 0) ~ x, family = binomial), "unverified", FALSE)
a <- rnorm(4)
b <- matrix(1:6, 2)
save(a, b, weights, file = file.path(out, "workspace.RData"))
e <- new.env()
load(file.path(out, "workspace.RData"), e)
expect("workspace.RData", c(vectors(e$a, "a"), vectors(e$b, "b"), vectors(e$weights, "weights")), "ok")
writeLines(sprintf('{"versions": {"R": "%s.%s"}, "notes": [], "models": [%s]}', R.version$major, R.version$minor, paste(models, collapse = ",\n")), file.path(out, "expect.json"))
