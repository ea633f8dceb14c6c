import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { BENCH, ROOT } from './places.mjs';

/** Where, when and of what something was measured. */
export function circumstances(cases) {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' });
  const packages = [...new Set(cases.flatMap(one => one.package ?? []))];
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16),
    commit: stdout.trim(),
    machine: `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`,
    /** Of the last five minutes: one case is one process, so that much more than 1 is the work of others. */
    load: loadavg()[1],
    node: process.version,
    versions: Object.fromEntries(packages.map(name => [name, installedVersion(name)])),
  };
}

/** What a fleet consists of, besides the product. */
export function fleetVersions() {
  const server = spawnSync(process.env.REDIS_SERVER ?? 'redis-server', ['--version'], { encoding: 'utf8' });
  const [, version] = /v=(\S+)/.exec(server.stdout ?? '') ?? [];
  const [bullmq, ioredis] = ['bullmq', 'ioredis'].map(name => versionIn(join(ROOT, 'node_modules', name)));
  return `Redis ${version}, BullMQ ${bullmq}, ioredis ${ioredis}`;
}

/** Of a package of bench/; undefined if it is not installed. */
export const installedVersion = name => versionIn(join(BENCH, 'node_modules', name));

function versionIn(folder) {
  const path = join(folder, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined;
}
