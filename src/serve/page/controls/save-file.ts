import { el } from '../dom/el.ts';

/** Offers a text as a file to download. */
export function saveFile(name: string, parts: readonly string[], type = 'text/plain'): void {
  const href = URL.createObjectURL(new Blob([...parts], { type: `${type};charset=utf-8` }));
  el('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
