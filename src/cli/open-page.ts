import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeFolder } from '../sdk/project/runtime-folder.ts';

export interface Door {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * A file of this user alone that leads a browser to the page. Its path may stand in the arguments of a program, where
 * everybody on this machine can read: the address, with the token, may not.
 */
export async function doorTo(url: string): Promise<Door> {
  const folder = await mkdtemp(join(runtimeFolder(), 'page-'));
  const path = join(folder, 'session-groups.html');
  const target = url.replaceAll('&', '&amp;');
  const text = `<!doctype html>\n<meta charset="utf-8">\n<meta name="referrer" content="no-referrer">\n<meta http-equiv="refresh" content="0; url=${target}">\n<a href="${target}">session-groups</a>\n`;
  await writeFile(path, text, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
