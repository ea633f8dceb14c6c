import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs of the hosts (test/fixtures/hosts). */
export const HOSTS = fileURLToPath(new URL('../fixtures/hosts', import.meta.url));

const { dependencies } = JSON.parse(readFileSync(join(HOSTS, 'package.json'), 'utf8')) as Manifest;
const next = (JSON.parse(readFileSync(join(HOSTS, 'next', 'package.json'), 'utf8')) as Manifest).dependencies;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** A host of docs/bundlers.md: how it is built and started, and what then has to be. */
export interface HostRow {
  readonly host: string;
  /** Of the bundler, or of Node. */
  readonly version: string;
  readonly build?: string;
  readonly start: string;
  /** What it prints when it fails, before any agent starts; undefined if it works. */
  readonly failure?: string;
}

const OLDEST = '20.19.0';
const esbuild = dependencies.esbuild ?? '';
const vite = dependencies.vite ?? '';
const ESBUILD = 'esbuild host.mjs --bundle --platform=node';
const REQUIRE =
  '--banner:js="import { createRequire } from \'node:module\'; const require = createRequire(import.meta.url);"';

/** By the Node that starts them, unless the row is about a version of Node: the one that runs the tests. */
export const NODE_ROWS: readonly HostRow[] = [
  ...[OLDEST, '22.23.3', '24.21.0'].map(version => ({
    host: 'Node, ECMAScript module',
    version,
    start: 'node host.mjs',
  })),
  { host: 'Node, `require()`', version: OLDEST, start: 'node host.cjs' },
  { host: 'a worker thread', version: OLDEST, start: 'node worker-host.mjs' },
  {
    host: 'Node that may start no processes',
    version: OLDEST,
    start: 'node --experimental-permission --allow-fs-read=* --allow-fs-write=* host.mjs',
    failure: 'reaper_unavailable: ',
  },
];

export const BUNDLER_ROWS: readonly HostRow[] = [
  { host: 'Vite SSR', version: vite, build: 'vite build --ssr host.mjs', start: 'node dist/host.js' },
  {
    host: 'Vite SSR, `ssr: { noExternal: true }`',
    version: vite,
    build: 'vite build --ssr host.mjs --config all.config.mjs',
    start: 'node dist/host.js',
  },
  {
    host: 'esbuild, ECMAScript module',
    version: esbuild,
    build: `${ESBUILD} --format=esm ${REQUIRE} --outfile=dist/host.mjs`,
    start: 'node dist/host.mjs',
  },
  {
    host: 'esbuild, ECMAScript module without `require`',
    version: esbuild,
    build: `${ESBUILD} --format=esm --outfile=dist/host.mjs`,
    start: 'node dist/host.mjs',
    failure: 'Dynamic require of "process" is not supported',
  },
  {
    host: 'esbuild, minified CommonJS',
    version: esbuild,
    build: `${ESBUILD} --format=cjs --minify --outfile=dist/host.cjs`,
    start: 'node dist/host.cjs',
  },
  {
    host: 'esbuild, external',
    version: esbuild,
    build: `${ESBUILD} --format=esm --external:session-groups --outfile=dist/host.mjs`,
    start: 'node dist/host.mjs',
  },
];

/** It takes minutes, and has a command of its own. */
export const NEXT_ROW: HostRow = {
  host: "Next.js, `output: 'standalone'`",
  version: next.next ?? '',
  build: 'next build',
  start: 'node server.js',
};

/** The table of docs/bundlers.md. */
export const tableOf = (rows: readonly HostRow[]): string =>
  [
    '| host | version | built with | started with | result |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ host, version, build, start, failure }) =>
        `| ${host} | ${version} | ${build === undefined ? '' : `\`${build}\``} | \`${start}\` | ${failure === undefined ? 'works' : `fails: \`${failure.replace(/: $/, '')}\``} |`,
    ),
  ].join('\n');
