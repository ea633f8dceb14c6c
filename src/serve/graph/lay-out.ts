import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../sdk/clock.ts';
import { layeredLayout } from './layered-layout.ts';
import type { Layout, LayoutInput } from './layout.ts';

/** Beyond these dagre takes seconds (300 nodes 0.6 s, 500 nodes 1.6 s, 1,000 nodes 8 to 17 s). */
const MOST_NODES = 400;
const MOST_EDGES = 1_000;
const PATIENCE_MS = 5_000;
const MOST_KEPT = 32;

/**
 * Lays graphs out, each once. What takes long happens in a thread of its own: a process that runs groups is not held
 * up. Where that fails, is too slow or the graph too large, the picture is a simpler one.
 */
export function layouts(clock: Clock): (input: LayoutInput) => Promise<Layout> {
  const kept = new Map<string, Promise<Layout>>();
  return input => {
    const key = createHash('sha256').update(JSON.stringify(input)).digest('base64');
    const known = kept.get(key);
    if (known) return known;
    const made = layOut(input, clock);
    kept.set(key, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
    return made;
  };
}

async function layOut(input: LayoutInput, clock: Clock): Promise<Layout> {
  if (input.nodes.length > MOST_NODES || input.edges.length > MOST_EDGES) return layeredLayout(input);
  try {
    return await inWorker(input, clock);
  } catch {
    return layeredLayout(input);
  }
}

const IS_SOURCE = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(
  new URL(IS_SOURCE ? './layout-worker.ts' : './layout-worker.js', import.meta.url),
);

function inWorker(input: LayoutInput, clock: Clock): Promise<Layout> {
  const worker = new Worker(PROGRAM, {
    workerData: { input, loadTypescript: IS_SOURCE },
    execArgv: IS_SOURCE ? process.execArgv : [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  let timer: unknown;
  return new Promise<Layout>((resolve, reject) => {
    timer = clock.setTimeout(() => reject(new Error('the layout takes too long')), PATIENCE_MS);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`the layout ended with ${code}`)));
  }).finally(() => {
    clock.clearTimeout(timer);
    void worker.terminate();
  });
}
