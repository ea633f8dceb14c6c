import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** Built when the package was packed. */
const BIN = join(ROOT, 'dist', 'src', 'cli', 'bin.js');

/** Without those of workers: test/fleet/workers-doc.test.ts runs them, with a Redis. */
const DOCS = readdirSync(join(ROOT, 'docs'))
  .filter(name => name.endsWith('.md') && name !== 'workers.md')
  .map(name => readFileSync(join(ROOT, 'docs', name), 'utf8'));
/** Lines of the shell blocks without comments. Those of a `sh journey` are run by the tests of journeys. */
const LINES = [README, ...DOCS]
  .flatMap(text => [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)])
  .flatMap(([, block = '']) => block.split('\n'))
  .map(line => line.replace(/\s+#.*$/, '').trim())
  .filter(line => line !== '');
const COMMANDS = [...new Set(LINES.filter(line => /^session-groups /.test(line)))];

describe('the commands of the README and of docs/', () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'session-groups-readme-'));
    execFileSync(
      process.execPath,
      [join(ROOT, 'examples/cross-project-refactor/setup.mjs'), join(place, 'x')],
      {
        stdio: 'ignore',
      },
    );
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  it('are found', () => {
    expect(COMMANDS.length).toBeGreaterThan(4);
    expect(LINES).toContain('npm install && npm run demo');
    expect(LINES).toContain('npm install && npm test');
  });

  // Runs with the real client are rehearsed: the test only shows that the command line is valid.
  it.each(COMMANDS)('%s', async command => {
    const [, ...words] = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? '',
    );
    const [verb] = words;
    const env = { ...process.env, SESSION_GROUPS_DATA_DIR: join(place, 'kept') };
    if (verb === 'init') words.push('new.yaml');
    const isRehearsal = words.includes('--scripted') || words.includes('demo.yaml');
    if (verb === 'run' && !isRehearsal) words.push('--scripted');
    const cwd = join(place, 'x', 'group');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [BIN, ...args], { cwd, encoding: 'utf8', env });
    if (words.includes('ID')) {
      const [newest = ''] = run('group', 'list', '--json').stdout.split('\n');
      words[words.indexOf('ID')] = JSON.parse(newest).id;
    }
    const { status, stderr } = verb === 'serve' ? await served(words, cwd, env) : run(...words);
    // The result of `doctor` depends on the machine.
    expect({ status, stderr }).toMatchObject(verb === 'doctor' ? {} : { status: 0 });
    expect(stderr).not.toContain('error:');
  });
});

/** Runs a server until it has printed its address. */
function served(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [BIN, ...words], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (stderr.includes('Page: http')) child.kill('SIGINT');
  });
  return new Promise<{ status: number | null; stderr: string }>(resolve => {
    child.once('close', status => resolve({ status, stderr }));
  });
}
