// `node --import …/scripts/load-typescript.mjs FILE.ts`: lets plain node read the sources, without checking them.
// The tests' own process has vitest for that; it only hands the option on to the programs that it starts.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.VITEST === undefined) register(import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const { transform } = await import('@swc/core');
  const { code } = await transform(await readFile(fileURLToPath(url), 'utf8'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  return { format: 'module', shortCircuit: true, source: code };
}
