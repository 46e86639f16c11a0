const fs = require('fs');
const os = require('os');
const path = require('path');

const root = path.dirname(__dirname);
const folderOf = name => process.env[`GALATA_${name.toUpperCase()}`] || '';

/**
 * The environments of other extensions that are there: `python -m
 * tools.neighbours` makes them, and `tools/ui.py` names them.
 */
module.exports.CROWDS = ['collaboration', 'crowd'].filter(folderOf);

/**
 * A folder in which JupyterLab finds our extension before theirs.
 *
 * Of two extensions that bring an executor the one found last runs the cells,
 * so that theirs does here, on every machine.
 */
const oursFirst = () => {
  if (!process.env.GALATA_OURS) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gptoss-lab-ours-'));
    fs.mkdirSync(path.join(folder, 'labextensions'));
    fs.symlinkSync(
      path.join(root, 'gptoss_lab/labextension'),
      path.join(folder, 'labextensions/gptoss-lab')
    );
    process.env.GALATA_OURS = folder;
  }
  return process.env.GALATA_OURS;
};

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
      oursFirst(),
      path.join(folder, 'share/jupyter')
    ),
    JUPYTER_CONFIG_PATH: join(
      process.env.JUPYTER_CONFIG_PATH,
      path.join(folder, 'etc/jupyter')
    )
  };
};
