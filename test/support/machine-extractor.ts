import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

interface Transition {
  readonly fromPath: readonly string[];
  /** `['on', event, index]`, `['always', index]`, `['after', delay, index]`, `['invoke', index, 'onDone', index]`. */
  readonly transitionPath: readonly (string | number)[];
  readonly config: {
    readonly guard?: { readonly name: string };
    readonly actions?: readonly { readonly name: string }[];
    readonly reenter?: { readonly value: boolean };
    readonly target?: readonly { readonly value: string }[];
    readonly description?: { readonly value: string };
  };
}

/** What the extractor has read of one `createMachine` call; of its interface, what we use. */
export interface ExtractedMachine {
  getAllStateNodes(): readonly {
    readonly path: readonly string[];
    readonly ast: {
      readonly initial?: { readonly value: string };
      readonly description?: { readonly value: string };
      readonly entry?: readonly { readonly name: string }[];
      readonly exit?: readonly { readonly name: string }[];
      readonly tags?: readonly { readonly value: string }[];
    };
  }[];
  getTransitions(): readonly Transition[];
  getTransitionTargets(): readonly (Transition & {
    readonly targetPath: readonly (readonly string[] | undefined)[];
  })[];
  getAllServices(): readonly { readonly src: string; readonly statePath: readonly string[] }[];
}

type Extract = (text: string) => { readonly machines: readonly (ExtractedMachine | undefined)[] } | null;

/**
 * `@xstate/machine-extractor`, with which the Stately tools read sources. It is of XState 4's time and imports internals
 * that XState 5 has not, so it gets a copy of itself in a folder whose `xstate` is that one.
 */
export function loadExtractor(): { readonly extract: Extract; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-extractor-'));
  const inside = join(folder, 'node_modules');
  mkdirSync(join(inside, '@xstate'), { recursive: true });
  cpSync(join(MODULES, '@xstate/machine-extractor'), join(inside, '@xstate/machine-extractor'), {
    recursive: true,
  });
  for (const [name, of] of [
    ['xstate', 'xstate-4'],
    ['@babel', '@babel'],
    ['recast', 'recast'],
  ] as const) {
    symlinkSync(join(MODULES, of), join(inside, name));
  }
  const { extractMachinesFromFile } = createRequire(join(inside, 'index.js'))('@xstate/machine-extractor');
  return { extract: extractMachinesFromFile, close: () => rmSync(folder, { recursive: true }) };
}
