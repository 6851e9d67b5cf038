# Writes the fixtures of model/artifact/rdata/testdata. Made with R 4.2.2.
# Usage: Rscript make.R OUT
#
# The promise is never evaluated here: it holds a call that would print one word.

out <- commandArgs(TRUE)[1]
dir.create(out, showWarnings = FALSE, recursive = TRUE)
set.seed(0)
path <- function(name) file.path(out, name)

# What R itself says about the numbers in a value.
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
  paste(at, typeof(x), length(x), paste(dim(x), collapse = ","))
}

data <- list(weights = matrix(rnorm(6), 2), bias = c(1.5, NA, Inf), layers = list(a = 1:3, b = c(2L, 5L), TRUE),
             labels = c("no", "yes", NA), raw = as.raw(0:3), z = complex(real = 1, imaginary = 2),
             factor = factor(c("x", "y", "x")), many = 1:100, frame = data.frame(p = c(1, 2), q = c("a", "b")))
saveRDS(data, path("data.rds"), compress = FALSE)
saveRDS(data, path("data_ascii.rds"), ascii = TRUE, compress = FALSE)
saveRDS(data, path("data_v2.rds"), version = 2, compress = FALSE)
saveRDS(data, path("data_gzip.rds"))
con <- file(path("data_native.rds"), "wb")
serialize(data, con, xdr = FALSE)
close(con)
writeLines(vectors(data), path("data.expected"))

weights <- data$weights
bias <- data$bias
save(weights, bias, file = path("workspace.RData"), compress = FALSE)

x <- 1:10
y <- 2 * x + rnorm(10)
fit <- lm(y ~ x)
saveRDS(fit, path("lm.rds"), compress = FALSE)
saveRDS(kmeans(cbind(x, y), 2)$centers, path("centers.rds"), compress = FALSE)

f <- eval(quote(function(a) a + 1), globalenv())
attr(f, "srcref") <- NULL
saveRDS(f, path("closure.rds"), compress = FALSE)
g <- compiler::cmpfun(f)
saveRDS(g, path("bytecode.rds"), compress = FALSE)
saveRDS(quote(system("echo merlon-test")), path("call.rds"), compress = FALSE)
saveRDS(asNamespace("stats"), path("namespace.rds"), compress = FALSE)
e <- new.env(parent = emptyenv())
assign("v", c(1, 2), e)
saveRDS(e, path("environment.rds"), compress = FALSE)
frame <- new.env(parent = emptyenv())
delayedAssign("lazy", print("merlon-test"), assign.env = frame)
saveRDS(frame, path("frame_promise.rds"), compress = FALSE)

# A promise as the value of a file and of a variable, cut from the bytes of the
# environment above: R has no function that writes one (CVE-2024-27322).
bytes <- readBin(path("frame_promise.rds"), "raw", 1e5)
int <- function(n) writeBin(as.integer(n), raw(), endian = "big")
find <- function(pattern) {
  for (i in seq_len(length(bytes) - length(pattern) + 1)) {
    if (all(bytes[i:(i + length(pattern) - 1)] == pattern)) return(i)
  }
  stop("not found")
}
header <- bytes[1:23]
promise <- c(int(0x5), int(0xfc)) # no environment: value unbound, then the call
call <- serialize(quote(print("merlon-test")), NULL)
call <- call[24:length(call)]
writeBin(c(header, promise, call), path("promise.rds"))
symbol <- c(int(1), int(0x00040009), int(1), charToRaw("v"))
writeBin(c(charToRaw("RDX3\n"), header, int(0x402), symbol, promise, call, int(0xfe)), path("promise.RData"))
writeBin(c(header, int(0x13), int(1), promise, call), path("promise_list.rds"))
