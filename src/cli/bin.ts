#!/usr/bin/env node

/** The executable. It checks platform and Node version before it loads code that needs them. */

const OLDEST_NODE = [20, 19] as const;

const refusal = refusalOf(process.platform, process.versions.node);
if (refusal === undefined) {
  const [{ main }, { processIo }] = await Promise.all([import('./main.ts'), import('./io.ts')]);
  process.exitCode = await main(process.argv.slice(2), processIo());
  // Everything is printed and released by now; nothing may keep the process alive for long.
  setTimeout(() => process.exit(), 2_000).unref();
} else {
  process.stderr.write(`error: ${refusal}\n`);
  process.exitCode = 2;
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
