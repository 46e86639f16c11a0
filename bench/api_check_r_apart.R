# Apply a function to each of some things, each in a forked process, two at a time; what takes longer than `seconds`
# is killed with all that it started, and its answer is NULL.
function(things, f, seconds) {
  answers <- vector("list", length(things))
  running <- list()
  following <- 1L
  while (following <= length(things) || length(running)) {
    while (length(running) < 2L && following <= length(things)) {
      job <- local({
        thing <- things[[following]]
        parallel::mcparallel(f(thing), silent = TRUE)
      })
      running[[as.character(job$pid)]] <- list(job = job, at = following, until = proc.time()[["elapsed"]] + seconds)
      following <- following + 1L
    }
    told <- parallel::mccollect(lapply(unname(running), `[[`, "job"), wait = FALSE, timeout = 0.2)
    for (pid in names(told)) if (!is.null(running[[pid]])) {
      answers[running[[pid]]$at] <- list(told[[pid]])
      running[[pid]] <- NULL
    }
    now <- proc.time()[["elapsed"]]
    for (pid in names(running)) if (running[[pid]]$until < now) {
      tools::pskill(as.integer(pid), tools::SIGKILL)
      running[[pid]] <- NULL
    }
  }
  answers
}
