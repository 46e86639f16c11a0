import { readFileSync } from 'fs';
import path from 'path';

import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Request } from '@playwright/test';

import { shoot } from './helpers';

test.use({ viewport: { width: 1280, height: 1400 } });

const SLOW = { timeout: 90_000 };

/**
 * What JupyterLab asks its server for, whatever a notebook shows.
 */
const USUAL = [
  /^GET .*\/(lab|static|files|custom|lsp)\b/,
  /^(GET|PUT) .*\/lab\/api\//,
  /^GET .*\/api\/(kernels|kernelspecs|sessions|terminals|me|status|metrics|nbconvert|contents)\b/,
  /^(PUT|POST|PATCH) .*\/api\/(contents|sessions)\b/,
  /^GET .*\/gptoss-lab|^(GET|POST) .*\/api\/v1\//,
  /^POST .*\/api\/kernels\/[^/]+\/(interrupt|restart)/
];

/**
 * Open a notebook of one cell on a sandbox, run it, and wait for its end.
 */
async function runInSandbox(
  page: IJupyterLabPageFixture,
  folder: string,
  name: string
): Promise<Locator> {
  const source = readFileSync(path.join(__dirname, `${name}.py`), 'utf8');
  const cell = {
    cell_type: 'code',
    id: 'only',
    source,
    metadata: { jupyter: { source_hidden: true } },
    outputs: [],
    execution_count: null
  };
  const kernelspec = {
    name: 'gptoss-python',
    display_name: 'Python 3 (sandbox, no network)',
    language: 'python'
  };
  const notebook = {
    cells: [cell],
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5
  };
  const file = `${folder}/${name}.ipynb`;
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', file);
  await page.notebook.openByPath(file);
  const kernel = page.locator(
    '.jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator'
  );
  await expect(kernel).toHaveAttribute('data-status', 'idle', SLOW);
  await page.notebook.run();
  const shown = page.locator('.jp-NotebookPanel:visible .jp-Cell').first();
  await expect(shown).toContainText('the end', SLOW);
  await expect(kernel).toHaveAttribute('data-status', 'idle', SLOW);
  return shown;
}

/**
 * Note what the page asks for, and what opens.
 */
function watch(page: IJupyterLabPageFixture): {
  requests: Request[];
  opened: string[];
} {
  const seen = { requests: [] as Request[], opened: [] as string[] };
  page.context().on('request', request => seen.requests.push(request));
  page.context().on('page', other => seen.opened.push(other.url()));
  page.on('dialog', dialog => {
    seen.opened.push(dialog.message());
    void dialog.dismiss();
  });
  return seen;
}

test('nothing that a hostile sandbox shows acts, loads or covers', async ({
  page,
  baseURL,
  tmpPath
}) => {
  const home = new URL(baseURL ?? '').host;
  const seen = watch(page);
  const cell = await runInSandbox(page, tmpPath, 'hostile');
  const output = cell.locator('.jp-OutputArea').first();
  await expect(output).toContainText('html survivor');
  await expect(output).toContainText('survivor of markdown');
  await expect(output).toContainText('forged survivor');
  await expect(output).toContainText('terminal link');
  await shoot(page, 'outputs-hostile');

  await test.step('everything is clicked', async () => {
    const places = output.locator(
      'a, span, p, b, button, summary, img, label, div'
    );
    for (let index = 0; index < (await places.count()); index++) {
      await places
        .nth(index)
        .dispatchEvent('click', { bubbles: true })
        .catch(() => undefined);
    }
    for (const text of [
      'link script',
      'link local',
      'link away',
      'command span',
      'path',
      'cover',
      'clobber',
      'away'
    ]) {
      const place = output.getByText(text, { exact: true }).first();
      await place.click({ timeout: 10_000 });
    }
  });
  await page.waitForTimeout(2000);

  await test.step('nothing ran, and nothing was asked for', async () => {
    const ran = await page.evaluate(
      () => (window as unknown as { pwned?: string[] }).pwned ?? []
    );
    expect(ran).toEqual([]);
    expect(seen.opened).toEqual([]);
    const away = seen.requests
      .map(request => new URL(request.url()))
      .filter(url => !['data:', 'blob:'].includes(url.protocol))
      .filter(url => url.host !== home || url.href.includes('pwned'));
    expect(away.map(url => url.href)).toEqual([]);
    const unusual = seen.requests
      .filter(request => request.url().startsWith('http'))
      .map(request => `${request.method()} ${new URL(request.url()).pathname}`)
      .filter(asked => !USUAL.some(usual => usual.test(asked)));
    expect(unusual).toEqual([]);
    expect(page.url()).toContain('/lab');
    await expect(page.locator('.jp-Terminal')).toHaveCount(0);
    await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  });

  await test.step('nothing is in the page that could act', async () => {
    const found = await output.evaluate(node => {
      const bad: string[] = [];
      const box = node.getBoundingClientRect();
      for (const element of node.querySelectorAll('.jp-OutputArea-output *')) {
        const name = element.localName;
        const style = getComputedStyle(element);
        const rendered = element.closest('.MathJax, .jp-RenderedJSON') !== null;
        if (
          /^(script|iframe|object|embed|form|button|link|meta|base|video|svg|math)$/.test(
            name
          ) &&
          !rendered
        ) {
          bad.push(name);
        }
        if (
          /^(fixed|sticky)$/.test(style.position) ||
          style.backgroundImage.includes('evil')
        ) {
          bad.push(`${name} ${style.position} ${style.backgroundImage}`);
        }
        for (const { name: key, value } of element.attributes) {
          if (
            /^on|^data-command/.test(key) ||
            /javascript:|evil\.example/.test(key === 'title' ? '' : value)
          ) {
            bad.push(`${name} ${key}=${value}`);
          }
        }
        if (element.id && !element.id.startsWith('sandboxed-') && !rendered) {
          bad.push(`#${element.id}`);
        }
      }
      const top = document.elementFromPoint(40, 12);
      if (top !== null && node.contains(top)) {
        bad.push('covers the menu');
      }
      return { bad, width: box.width };
    });
    expect(found.bad).toEqual([]);
    expect(found.width).toBeGreaterThan(200);
  });

  await test.step('no cell was made, and the kernel is said to live', async () => {
    await expect(
      page.locator('.jp-NotebookPanel:visible .jp-Cell')
    ).toHaveCount(1);
    await expect(page.getByText('a cell that nobody wrote')).toHaveCount(0);
    await expect(
      page.locator('.jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator')
    ).toHaveAttribute('data-status', 'idle');
  });
});

test('what a data scientist shows is seen', async ({ page, tmpPath }) => {
  const cell = await runInSandbox(page, tmpPath, 'kind');
  const output = cell.locator('.jp-OutputArea').first();
  await expect(
    output.locator('table.dataframe td', { hasText: 'Oslo' }).first()
  ).toBeVisible();
  await expect(output.locator('caption', { hasText: 'styled' })).toBeVisible();
  await expect(output.locator('td', { hasText: '21.000000' })).toHaveCSS(
    'background-color',
    'rgb(255, 215, 0)'
  );
  for (const kind of ['svg+xml', 'png']) {
    const picture = output.locator(`img[src^="data:image/${kind}"]`);
    await expect(picture).toBeVisible();
    expect(
      await picture.evaluate(image => (image as HTMLImageElement).naturalWidth)
    ).toBeGreaterThan(100);
  }
  await expect(output.locator('.jp-RenderedLatex .MathJax')).toBeVisible(SLOW);
  await expect(output.locator('h2', { hasText: 'A heading' })).toBeVisible();
  await expect(output.locator('li .MathJax')).toBeVisible();
  await expect(output.locator('.jp-RenderedJSON')).toContainText('42');
  await expect(
    output.getByText('StandardScaler').locator('visible=true').first()
  ).toBeVisible();
  await expect(output.locator('.ansi-red-fg')).toHaveText('red');
  await expect(output).toContainText('100 %');
  await shoot(page, 'outputs-kind');
});
