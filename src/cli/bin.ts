#!/usr/bin/env node

/** The executable. It checks where it runs before anything newer than that is loaded. */

const OLDEST_NODE = [20, 19] as const;

const refusal = refusalOf(process.platform, process.versions.node);
if (refusal === undefined) {
  const [{ main }, { processIo }] = await Promise.all([import('./main.ts'), import('./io.ts')]);
  process.exitCode = await main(process.argv.slice(2), processIo());
  // Everything is printed and released by now; whatever still holds the process must not hold it for long.
  setTimeout(() => process.exit(), 2_000).unref();
} else {
  process.stderr.write(`error: ${refusal}\n`);
  process.exitCode = 2;
}

function refusalOf(platform: string, version: string): string | undefined {
  if (platform === 'win32') {
    return 'Windows is not supported: processes cannot be interrupted there so that a session can go on. Run session-groups inside WSL (https://learn.microsoft.com/windows/wsl/install).';
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${version}. See https://nodejs.org/en/download`;
}
