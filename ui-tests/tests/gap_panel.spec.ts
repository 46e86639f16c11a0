import { expect, test } from '@jupyterlab/galata';

import { expectAccessible } from './axe';
import { openPanel, shoot } from './helpers';
import { DONE, FakeJobs, close, open } from './stream_server';

test.use({ viewport: { width: 1280, height: 900 } });

test('documentation of another version is told of at the job', async ({
  page
}) => {
  await page.notebook.createNew('gap.ipynb');
  const jobs = new FakeJobs(page);
  await jobs.install();
  const panel = await openPanel(page);
  await panel.getByRole('textbox', { name: 'Task' }).fill('Join two tables');
  await panel.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect(
    panel.getByRole('button', { name: 'Stop', exact: true })
  ).toBeVisible();
  const message =
    'The documentation of pandas is of 1.5.3; installed is 3.0.1.';
  await jobs.push(
    {
      type: 'version_gap',
      gap: {
        corpus: 'c',
        source: 'pandas 1.5 documentation',
        package: 'pandas',
        documented: '1.5.3',
        installed: '3.0.1',
        message,
        differences: [
          {
            name: 'pandas.DataFrame.append',
            kind: 'removed',
            parameter: '',
            instead: 'pandas.concat',
            sure: true
          },
          {
            name: 'pandas.read_csv',
            kind: 'parameter',
            parameter: 'squeeze',
            instead: '',
            sure: true
          }
        ]
      }
    },
    { type: 'warning', message, hint: 'What is installed goes first.' },
    open('c0', 0),
    close('c0', 'x = 1'),
    DONE
  );
  const gap = panel.getByRole('region', { name: 'Another version of pandas' });
  await expect(gap).toContainText('pandas.DataFrame.append');
  await expect(gap).toContainText('pandas.concat');
  await expect(panel.getByText(message)).toHaveCount(0);
  await expectAccessible(page, '#gptoss-lab-panel');
  await shoot(page, 'version-gap');
});
