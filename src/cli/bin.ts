#!/usr/bin/env node

import { Console } from 'node:console';
import { existsSync } from 'node:fs';
import { packageVersion } from './version.ts';

/**
 * The executable. It checks platform and Node version before it loads code that needs them, and answers `--version`
 * itself. The user's plugins run in this process: what they log is not part of the output, and where they end the process,
 * the command has not succeeded.
 */

const OLDEST_NODE = [20, 19] as const;

const argv = process.argv.slice(2);
const refusal = refusalOf(process.platform, process.versions.node);
if (refusal !== undefined) {
  process.stderr.write(`error: ${refusal}\n`);
  process.exitCode = 2;
} else if (argv.length === 1 && ['--version', '-V', '-v'].includes(argv[0] ?? '')) {
  process.stdout.on('error', () => {}); // a reader that has gone
  process.stdout.write(`${packageVersion()}\n`);
} else {
  globalThis.console = new Console(process.stderr);
  process.on('exit', endedEarly);
  const { start } = (await bundled()) ?? (await import('./start.ts'));
  process.exitCode = await start(argv);
  process.off('exit', endedEarly);
  // Everything is printed and released by now; nothing may keep the process alive for long.
  setTimeout(() => process.exit(), 2_000).unref();
}

/**
 * The build has all of these modules in a few files, which load in a fraction of the time (scripts/build-cli.mjs). Not
 * used with plugins, nor for stack traces, which then name the modules.
 */
async function bundled(): Promise<typeof import('./start.ts') | undefined> {
  const file = new URL('./bundle/start.js', import.meta.url);
  if (argv.includes('--debug') || !existsSync(file)) return undefined;
  const bundle: typeof import('./start.ts') = await import(file.href);
  return bundle.mayLoadPlugins() ? undefined : bundle;
}

/** Whatever code it was ended with. */
function endedEarly(): void {
  process.stderr.write('error: the process was ended before the command was done, by code that runs in it\n');
  process.exitCode = 1;
}

function refusalOf(platform: string, version: string): string | undefined {
  if (platform === 'win32') {
    return 'Windows is not supported: sessions cannot be interrupted and resumed there. Run session-groups inside WSL (https://learn.microsoft.com/windows/wsl/install).';
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `Node ${OLDEST_NODE.join('.')} or newer is required; this is ${version}. See https://nodejs.org/en/download`;
}
