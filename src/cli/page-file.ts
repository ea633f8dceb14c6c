import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeFolder } from '../sdk/project/runtime-folder.ts';

export interface PageFile {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Writes a file, readable by this user only, that redirects a browser to the page. Its path is safe in the arguments of
 * a program, which every user of the machine can read; the address with its token is not.
 */
export async function pageFileFor(url: string): Promise<PageFile> {
  const folder = await mkdtemp(join(runtimeFolder(), 'page-'));
  const path = join(folder, 'session-groups.html');
  const target = url.replaceAll('&', '&amp;');
  const text = `<!doctype html>\n<meta charset="utf-8">\n<meta name="referrer" content="no-referrer">\n<meta http-equiv="refresh" content="0; url=${target}">\n<a href="${target}">session-groups</a>\n`;
  await writeFile(path, text, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
