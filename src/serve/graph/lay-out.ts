import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Clock } from '../../sdk/clock.ts';
import { ownProgram } from '../../sdk/process/own-files.ts';
import { isFolded, layeredLayout } from './layered-layout.ts';
import { Layout, type LayoutInput } from './layout.ts';

/** Above these limits dagre takes seconds (300 nodes 0.6 s, 500 nodes 1.6 s, 1,000 nodes 8 to 17 s). */
const MAX_NODES = 300;
const MAX_EDGES = 800;
const TIMEOUT_MS = 3_000;
const MAX_CACHED = 32;
/** How often a graph is tried: a machine that is busy now may not be so later. */
const MAX_TRIES = 3;

interface Kept {
  readonly layout: Promise<Layout>;
  readonly tries: number;
  /** It is the simpler one, although the graph is not too large. */
  isPoor: boolean;
}

/**
 * Lays out each graph once, and again if that has failed, when it is next asked for. dagre runs in a process of its own, so that it does not block a process that runs groups.
 * If it fails, is too slow or was bundled away, or the graph is too large, a simpler layout is used; so it is where a layer is so
 * long that it is folded, which dagre does not do.
 */
export function layouts(clock: Clock): (input: LayoutInput) => Promise<Layout> {
  const kept = new Map<string, Kept>();
  return input => {
    const key = createHash('sha256').update(JSON.stringify(input)).digest('base64');
    const known = kept.get(key);
    if (known && !(known.isPoor && known.tries < MAX_TRIES)) return known.layout;
    const layout = layOut(input, clock, () => {
      made.isPoor = true;
    });
    const made: Kept = { layout, tries: (known?.tries ?? 0) + 1, isPoor: false };
    kept.set(key, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_CACHED) break;
      kept.delete(oldest);
    }
    return layout;
  };
}

async function layOut(input: LayoutInput, clock: Clock, onFailed: () => void): Promise<Layout> {
  if (input.nodes.length > MAX_NODES || input.edges.length > MAX_EDGES) return layeredLayout(input);
  if (input.direction === 'right' && isFolded(input)) return layeredLayout(input);
  try {
    return await elsewhere(input, clock);
  } catch {
    onFailed();
    return layeredLayout(input);
  }
}

function elsewhere(input: LayoutInput, clock: Clock): Promise<Layout> {
  const program = ownProgram('serve/graph/layout-main');
  if (program === undefined) return Promise.reject(new Error('the package was bundled'));
  const child = spawn(process.execPath, program, {
    env: { ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let timer: unknown;
  return new Promise<Layout>((resolve, reject) => {
    let said = '';
    timer = clock.setTimeout(() => reject(new Error('the layout timed out')), TIMEOUT_MS);
    child.once('error', reject);
    child.once('close', code => {
      if (code !== 0) return reject(new Error(`the layout process exited with code ${code}`));
      try {
        resolve(Layout.parse(JSON.parse(said)));
      } catch (error) {
        reject(error);
      }
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stdin.on('error', () => {}); // it exited early: `close` reports that
    child.stdin.end(JSON.stringify(input));
  }).finally(() => {
    clock.clearTimeout(timer);
    child.kill('SIGKILL');
  });
}
