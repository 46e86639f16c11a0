# Cells that wait for a review are refused: the metadata of a request are those of its cell.
# What cannot be read counts as pending. This is no defence against code that runs already.
local({
  refusal <- "This cell is pending review and did not run. Accept it first, then run it."
  is_pending <- function(metadata) {
    ours <- if (is.list(metadata)) metadata[["gptoss_lab"]]
    if (is.null(ours)) return(FALSE)
    review <- if (is.list(ours)) ours[["review"]]
    !(identical(review, "accepted") || identical(review, "rejected"))
  }
  kernel <- asNamespace("IRkernel")
  if (identical(kernel$Executor$className, "ReviewingExecutor")) return(invisible())
  execute <- function(request) {
    if (!is_pending(request$metadata)) return(callSuper(request))
    failure <- list(ename = "PendingReview", evalue = refusal, traceback = list(refusal))
    send_response("error", request, "iopub", failure)
    reply <- c(list(status = "error", execution_count = NA), failure)
    send_response("execute_reply", request, "shell", reply)
  }
  # R remarks upon a package that it would like to check the methods with.
  reviewing <- suppressMessages(methods::setRefClass("ReviewingExecutor",
    contains = "Executor", methods = list(execute = execute), where = environment()
  ))
  unlockBinding("Executor", kernel)
  assign("Executor", reviewing, kernel)
  lockBinding("Executor", kernel)
}, new.env(parent = asNamespace("IRkernel")))
