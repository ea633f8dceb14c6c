// @module-tag processes
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApiWorld } from '../../src/serve/api/world.ts';
import { apiRoutes } from '../../src/serve/http/api-routes.ts';
import { DEFAULT_LIMITS } from '../../src/serve/http/limits.ts';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld } from './serve-world.ts';

const DOC = fileURLToPath(new URL('../../design-docs/http-api.md', import.meta.url));

/** The commands of the document, with their documented status. */
const blocks = [...readFileSync(DOC, 'utf8').matchAll(/^```sh (\w+)\n(.*?)^```$/gms)].map(
  ([, word = '', command = '']) => ({ word, command }),
);

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

interface Said {
  readonly status: string;
  readonly text: string;
}

const shell = (script: string, env: Record<string, string>): Promise<Said> =>
  new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, cwd: join(world.folder, 'a') };
    execFile('bash', ['-c', script], options, (_error, stdout, stderr) => {
      if (stderr !== '') return reject(new Error(stderr));
      const at = stdout.lastIndexOf('\n');
      resolve({ text: stdout.slice(0, at), status: stdout.slice(at + 1) });
    });
  });

test('every command of design-docs/http-api.md gets its documented status', async () => {
  const [setup, ...commands] = blocks;
  expect(setup?.word).toBe('setup');
  expect(commands.length).toBeGreaterThan(18);
  // A stream is read for a second.
  const curl = `curl() { command curl --max-time \${SECONDS_AT_MOST} -w '\\n%{http_code}' "$@"; }`;
  let id = '';
  for (const { word, command } of commands) {
    if (command.includes('/archive')) {
      await world.post(`/groups/${id}/stop?wait=true`);
      await until(() => world.server.running.length === 0);
    }
    const asked = () => world.api(`/groups/${id}/sessions/lib`);
    let request = '';
    if (command.includes('$REQUEST')) {
      await until(async () => (await asked()).json.approval !== undefined);
      request = (await asked()).json.approval.requestId;
    }
    const said = await shell(`${curl}\n${setup?.command}\n${command}`, {
      PORT: String(world.server.port),
      TOKEN: world.server.token,
      ID: id,
      REQUEST: request,
      SECONDS_AT_MOST: command.includes('-sN') ? '1' : '20',
    });
    expect(`${said.status} ${command}\n${said.text.slice(0, 500)}`).toMatch(new RegExp(`^${word} `));
    if (word === '201') id = JSON.parse(said.text).groupId;
    if (command.includes('/events')) expect(said.text).toMatch(/^event: progress$/m);
    else expect(() => JSON.parse(said.text), command).not.toThrow();
  }
  expect((await world.api(`/groups/${id}`)).status).toBe(404);
});

test('every route is in the document', () => {
  const { routes } = apiRoutes({} as ApiWorld, DEFAULT_LIMITS); // only its routes are used
  expect(routes.length).toBeGreaterThan(16);
  const text = blocks.map(({ command }) => command).join('\n');
  for (const { method, path } of routes) {
    const asked = path.replace(':id', '$ID').replace(':sid', 'lib');
    expect(text, `${method} ${path}`).toContain(`${method === 'DELETE' ? '-X DELETE ' : ''}$API${asked}`);
  }
});
