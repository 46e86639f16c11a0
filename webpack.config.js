// The licence plugin does not look into modules that were joined, and would leave out whose code is in them.
module.exports = {
  optimization: { concatenateModules: false },
  performance: { hints: false }
};
