// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDefinition } from '../../src/sdk/group/definition/definition.ts';

const RECIPES = readFileSync(fileURLToPath(new URL('../../docs/recipes.md', import.meta.url)), 'utf8');

/** Whole definitions, and parts of them: the group's configuration, or some of its sessions. Others are of config.yaml. */
const DEFINITIONS = [...RECIPES.matchAll(/^```yaml\n(.*?)^```/gms)]
  .map(([, text = '']) => text)
  .filter(text => !text.startsWith('notify:'));

let baseDir: string;
beforeAll(() => {
  baseDir = mkdtempSync(join(tmpdir(), 'session-groups-recipes-'));
  for (const name of ['api', 'web']) mkdirSync(join(baseDir, 'packages', name), { recursive: true });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: baseDir });
  git('init', '-q');
  git(
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@example.invalid',
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'Start',
  );
});
afterAll(() => rmSync(baseDir, { recursive: true, force: true }));

it('are several', () => expect(DEFINITIONS.length).toBeGreaterThan(4));

it.each(DEFINITIONS)('the recipe is a valid definition:\n%s', async text => {
  const written = parse(text);
  const part = Array.isArray(written) ? { sessions: written } : written;
  const session = (id: string) => ({ id, projectPath: '.', prompt: 'Work.' });
  const sessions: { id: string; dependsOn?: (string | { session: string })[] }[] = part.sessions ?? [
    session('a'),
  ];
  const named = sessions.flatMap(({ dependsOn = [] }) =>
    dependsOn.map(on => (typeof on === 'string' ? on : on.session)),
  );
  const missing = named.filter(id => !sessions.some(known => known.id === id)).map(session);
  const whole = { version: 1, name: 'A recipe', ...part, sessions: [...missing, ...sessions] };
  const { definition } = await parseDefinition(whole, { baseDir, env: process.env });
  expect(definition.sessions.length).toBeGreaterThanOrEqual(sessions.length);
});
