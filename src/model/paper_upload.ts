import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';

import { isPaperName } from './paper_names';

/**
 * The largest file that is taken, in bytes: as large as the server reads.
 */
export const MAX_PAPER_BYTES = 50 * 2 ** 20;

/**
 * What is sent at once, in bytes; no multiple of three would need padding.
 */
const CHUNK_BYTES = 3 * 2 ** 18;

/**
 * Why a file was not taken.
 */
export class PaperRefused extends Error {
  constructor(
    readonly why: 'name' | 'empty' | 'size' | 'save',
    readonly file: string,
    readonly reason = ''
  ) {
    super(`${file}: ${why}`);
    this.name = 'PaperRefused';
  }
}

/**
 * How a file is put on the server.
 */
export interface IUploadOptions {
  contents: Pick<Contents.IManager, 'get' | 'save'>;

  /**
   * The folder that it goes to; empty for the root.
   */
  folder: string;

  /**
   * Asked where a file of that name is there already.
   */
  onExisting: (name: string) => Promise<'replace' | 'use' | 'cancel'>;

  /**
   * Told how much of it was sent, from 0 to 1.
   */
  onProgress: (part: number) => void;
  signal: AbortSignal;
}

/**
 * Put a file of the person's machine on the server, and return its path; null
 * where they gave it up.
 *
 * @throws PaperRefused when it is no paper, too large, or cannot be saved.
 */
export async function uploadPaper(
  file: File,
  options: IUploadOptions
): Promise<string | null> {
  const { contents, folder, onExisting, onProgress, signal } = options;
  refuseWrong(file);
  const path = PathExt.join(folder, file.name);
  if (await exists(contents, path)) {
    const answer = await onExisting(file.name);
    if (answer !== 'replace') {
      return answer === 'use' ? path : null;
    }
  }
  const count = Math.ceil(file.size / CHUNK_BYTES);
  for (let index = 0; index < count; index += 1) {
    if (signal.aborted) {
      return null;
    }
    onProgress(index / count);
    const from = index * CHUNK_BYTES;
    const content = await base64(file.slice(from, from + CHUNK_BYTES));
    const chunk = index === count - 1 ? -1 : index + 1;
    try {
      await contents.save(path, {
        type: 'file',
        format: 'base64',
        name: file.name,
        content,
        ...(count === 1 ? {} : { chunk })
      });
    } catch (reason) {
      throw new PaperRefused('save', file.name, wordsOf(reason));
    }
  }
  onProgress(1);
  return path;
}

function refuseWrong(file: File): void {
  if (!isPaperName(file.name)) {
    throw new PaperRefused('name', file.name);
  }
  if (file.size === 0) {
    throw new PaperRefused('empty', file.name);
  }
  if (file.size > MAX_PAPER_BYTES) {
    throw new PaperRefused('size', file.name);
  }
}

/**
 * Whether there is such a file; one that the server does not tell of is none.
 */
async function exists(
  contents: Pick<Contents.IManager, 'get'>,
  path: string
): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (reason) {
    const { response } = reason as { response?: { status: number } };
    if (response?.status === 404) {
      return false;
    }
    throw new PaperRefused('save', PathExt.basename(path), wordsOf(reason));
  }
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  // A call takes so many arguments, and no more.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
