import type { TranslationBundle } from '@jupyterlab/translation';

/**
 * What the options are, as a person reads it.
 */
export function magicHelp(trans: TranslationBundle): string {
  return [
    trans.__('%%gptoss [options], and below it the task in words.'),
    trans.__('  --docs S…                  packages, paths, web addresses'),
    trans.__(
      '  --paper P                  a file, an arXiv id, a DOI, an address'
    ),
    trans.__('  --lang python|r            else that of the kernel'),
    trans.__('  --effort low|medium|high   how long the model may think'),
    trans.__(
      '  --verify off|run|repair    run in a sandbox, repair what fails'
    ),
    trans.__('  --cells N                  at most N code cells, 1 to 40'),
    trans.__(
      '  --replace                  the new cells take the place of this one'
    ),
    trans.__(
      '  --dry-run                  show what would be sent; send nothing'
    ),
    trans.__(
      'In a Python kernel {name} in the task tells what a variable is, not what it holds.'
    ),
    trans.__('Cells come below and wait for your review; none runs by itself.'),
    ''
  ].join('\n');
}
