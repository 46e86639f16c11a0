const { execFileSync } = require('child_process');

const ASK =
  "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{process.stdout.write(String(s.address().port));s.close()})";

/**
 * A free port, the same one in Playwright's workers as in its main process.
 */
module.exports.portOf = name => {
  const key = `GALATA_PORT_${name}`;
  process.env[key] ??= execFileSync(process.execPath, ['-e', ASK], {
    encoding: 'utf8'
  });
  return Number(process.env[key]);
};
