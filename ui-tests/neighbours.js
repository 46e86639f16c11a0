const path = require('path');

const root = path.dirname(__dirname);
const folderOf = name => process.env[`GALATA_${name.toUpperCase()}`] || '';

/**
 * The environments of other extensions that are there: `python -m
 * tools.neighbours` makes them, and `tools/ui.py` names them.
 */
module.exports.CROWDS = ['collaboration', 'crowd'].filter(folderOf);

/**
 * The variables that lay one of them over the development environment.
 */
module.exports.beside = name => {
  const folder = folderOf(name);
  const join = (...parts) => parts.filter(Boolean).join(path.delimiter);
  return {
    PYTHONPATH: join(process.env.PYTHONPATH, folder, root),
    JUPYTER_PATH: join(
      process.env.JUPYTER_PATH,
      path.join(folder, 'share/jupyter')
    ),
    JUPYTER_CONFIG_PATH: join(
      process.env.JUPYTER_CONFIG_PATH,
      path.join(folder, 'etc/jupyter')
    )
  };
};
