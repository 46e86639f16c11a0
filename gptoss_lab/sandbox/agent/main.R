# IRkernel's main loop, interrupted only where it can take it: while it waits, and in a person's code.
# Anywhere else SIGINT would end R itself, and the state with it: on the way to a cell, or in the
# middle of a message.
local({
  imports <- parent.env(asNamespace("IRkernel"))
  wrap <- function(name, wrapper) {
    environment(wrapper) <- list2env(list(original = get(name, imports)), parent = baseenv())
    unlockBinding(name, imports)
    assign(name, wrapper, imports)
    lockBinding(name, imports)
  }
  wrap("zmq.poll", function(...) allowInterrupts(original(...)))
  wrap("zmq.send.multipart", function(...) suspendInterrupts(original(...)))
  # The kernel evaluates `stop()` before each cell to count its own frames: these must be as many.
  wrap("evaluate", function(input, ...) {
    if (identical(input, "stop()")) suspendInterrupts(original(input, ...))
    else allowInterrupts(original(input, ...))
  })
})
suspendInterrupts(IRkernel::main())
