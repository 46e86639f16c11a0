/**
 * The Python of an engine's environment with vLLM; empty where none is named.
 */
module.exports.ENGINE_PYTHON = process.env.GPTOSS_LAB_ENGINE_PYTHON || '';

/**
 * Why the tests with a real engine do not run, and what to do about it.
 */
module.exports.NO_ENGINE =
  'there is no engine: `python -m tools.engine` makes it, or GPTOSS_LAB_ENGINE_PYTHON names its Python';

/**
 * Whether a missing engine is a failure, not a skip.
 */
module.exports.MUST_HAVE_ENGINE = (process.env.GPTOSS_REQUIRE || '')
  .split(',')
  .includes('vllm');
