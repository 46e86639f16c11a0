import type { INotebookModel } from '@jupyterlab/notebook';

import { isObject } from './provenance';

/**
 * The language of a notebook's kernel; Python where none is known.
 */
export function languageOf(model: INotebookModel): string {
  const info: unknown = model.getMetadata('language_info');
  const spec: unknown = model.getMetadata('kernelspec');
  const named = [
    isObject(info) ? info.name : '',
    isObject(spec) ? spec.language : '',
    model.defaultKernelLanguage
  ].find(name => typeof name === 'string' && name !== '');
  return String(named ?? 'python').toLowerCase();
}
