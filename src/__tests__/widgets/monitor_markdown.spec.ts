import { nullTranslator } from '@jupyterlab/translation';

import { monitorMarkdown } from '../../widgets/monitor_markdown';
import { TWENTY, monitor, quality } from '../fakes/monitor';

const trans = nullTranslator.load('gptoss_lab');

describe('monitorMarkdown', () => {
  it('says all that the tab shows', () => {
    const text = monitorMarkdown(
      {
        monitor: monitor({
          total: TWENTY,
          stages: [{ name: 'stream', count: 20, p50_s: 8.2, p95_s: 21 }],
          groups: [
            {
              generator: 'model',
              model: 'gpt-oss-20b',
              templates: 'abcdef0123456789',
              docs: 'pandas 2.3.3',
              quality: TWENTY
            }
          ]
        })
      },
      24,
      trans
    );
    expect(text).toMatch(/^# gptoss_lab in the last 24 hours\n\n/);
    expect(text).toContain('| Sandbox | Warning: The image is not built. |');
    expect(text).toContain('| Run well | 89 % | 40 of 45 that were run |');
    expect(text).toContain('| Write the cells | 20 | 8.2 s | 21 s |');
    expect(text).toContain(
      '| gpt-oss-20b | 20 | 85 % (17 of 20) | 89 % (40 of 45) | 90 % (36 of 40) | 14 s | abcdef01 | pandas 2.3.3 |'
    );
  });

  it('leaves out what there is none of', () => {
    const text = monitorMarkdown({ monitor: monitor() }, 1, trans);
    expect(text).not.toContain('## Errors');
    expect(text).not.toContain('## Stages');
    expect(text).toContain('| Success | None yet | 0 of 0 generations |');
  });

  it('takes no name for markup', () => {
    const text = monitorMarkdown(
      {
        monitor: monitor({
          total: quality({ generations: 1 }),
          errors: [{ code: 'A|B\n<img src=x> [x](y)', kind: 'cell', count: 1 }]
        })
      },
      1,
      trans
    );
    expect(text).toContain('| A\\|B \\<img src=x\\> \\[x\\](y) | Cell | 1 |');
  });
});
