# A folder for packages in the user's home, made at the first start: `install.packages` works without rights on the
# image, and what it installs lasts. R only uses the folder (its `R_LIBS_USER`) when it is there.
local({
  folder <- path.expand(Sys.getenv("R_LIBS_USER"))
  if (nzchar(folder)) {
    dir.create(folder, recursive = TRUE, showWarnings = FALSE)
    if (dir.exists(folder)) .libPaths(c(folder, .libPaths()))
  }
})
