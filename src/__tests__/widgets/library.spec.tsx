import { nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { act } from 'react';

import { Library } from '../../model/library';
import { LibrarySection } from '../../widgets/library';
import { FakeLibraryApi, corpus, hit } from '../fakes/library';
import { attach, button, write } from '../fakes/page';

/**
 * The section, opened.
 */
async function show(fields: Partial<FakeLibraryApi> = {}) {
  const api = Object.assign(new FakeLibraryApi(), fields);
  const library = new Library(api);
  const onOpenFile = jest.fn();
  const widget = ReactWidget.create(
    <LibrarySection
      library={library}
      trans={nullTranslator.load('gptoss_lab')}
      onOpenFile={onOpenFile}
    />
  );
  await attach(widget);
  const { node } = widget;
  await act(async () => button(node, 'Indexed documentation').click());
  return { api, node, onOpenFile };
}

/**
 * Search, as with the key.
 */
async function search(node: HTMLElement, words: string) {
  const field = node.querySelector<HTMLInputElement>('input[type=search]')!;
  write(field, words);
  await act(async () => field.form!.requestSubmit());
}

describe('LibrarySection', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('asks nothing before it is opened, and teaches while it is empty', async () => {
    const { api, node } = await show({ corpora: [] });
    expect(api.asked).toEqual(['list']);
    expect(node.textContent).toContain('Nothing is indexed yet.');
    expect(node.querySelector('input')).toBeNull();
  });

  it('shows title, version, state and warnings of each source', async () => {
    const warned = corpus({ id: 'c2', title: 'docs', warnings: ['Old'] });
    const { node } = await show({ corpora: [corpus(), warned] });
    const rows = [...node.querySelectorAll('.jp-Gptoss-library-row')];
    expect(rows[0]?.textContent).toContain('pandas 3.1');
    expect(rows[0]?.textContent).toContain('12 passages, read on');
    expect(rows[1]?.textContent).toContain('Old');
  });

  it('reads a source again and removes it', async () => {
    const { api, node } = await show();
    await act(async () => button(node, 'Read pandas 3.1 again').click());
    await act(async () =>
      button(node, 'Remove the index of pandas 3.1').click()
    );
    expect(api.asked).toEqual([
      'list',
      'refresh c1',
      'list',
      'remove c1',
      'list'
    ]);
    expect(node.querySelector('.jp-Gptoss-library-row')).toBeNull();
  });

  it('finds places, and opens each where it can be opened', async () => {
    const { citation } = hit();
    const local = { ...citation, link: '' };
    const { node, onOpenFile } = await show({
      hits: [
        hit(),
        hit({ id: 'b', title: 'Here', path: 'docs/a.md', citation: local }),
        hit({ id: 'c', title: 'Nowhere', kind: 'narrative', citation: local })
      ]
    });
    await search(node, 'merge');
    expect(node.textContent).toContain('3 places');
    expect(node.textContent).toContain('API · pandas');
    expect(node.textContent).toContain('Merge two frames.');
    const link = node.querySelector<HTMLAnchorElement>('.jp-Gptoss-found a')!;
    expect(link.href).toBe('https://a.example/merge.html#pandas.merge');
    expect(link.rel).toContain('noopener');
    button(node, 'Here').click();
    expect(onOpenFile).toHaveBeenCalledWith('docs/a.md');
    expect(node.querySelectorAll('.jp-Gptoss-found button')).toHaveLength(1);
  });

  it('says when nothing fits', async () => {
    const { node } = await show({ hits: [] });
    await search(node, 'zebra');
    expect(node.textContent).toContain(
      'Nothing in the documentation fits “zebra”.'
    );
  });
});
