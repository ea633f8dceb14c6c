import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSessionGroup } from '../src/sdk/group/api/create.ts';
import { planGroup } from '../src/sdk/group/api/plan.ts';
import { loadDefinition, parseDefinition } from '../src/sdk/group/definition/definition.ts';
import { memoryProjectGate } from '../src/sdk/project/project-gate.ts';
import { createFileStore } from '../src/store/file-store.ts';

// What a definition of 1,500 sessions with 300 edges each costs, each case in a process of its own, as JSON lines:
// node scripts/run-ts.mjs bench/definitions.ts [CASE…]
const SESSIONS = 1_500;
const EDGES = 300;
const projects = memoryProjectGate();

function sessionsOf(edge: (id: string, session: number) => unknown) {
  return Array.from({ length: SESSIONS }, (_, index) => ({
    id: `s${index}`,
    projectPath: '.',
    prompt: 'go',
    dependsOn: Array.from({ length: Math.min(EDGES, index) }, (_, back) =>
      edge(`s${index - 1 - back}`, index),
    ),
  }));
}

const definitionOf = (edge: (id: string, session: number) => unknown) => ({
  version: 1,
  name: 'Edges',
  config: { agent: { kind: 'scripted', steps: [{ result: 'done' }] } },
  sessions: sessionsOf(edge),
});

const yamlOf = (): string =>
  [
    'version: 1\nname: Edges\nconfig: {agent: {kind: scripted, steps: [{result: done}]}}\nsessions:\n',
    ...sessionsOf(id => id).map(
      ({ id, dependsOn }) =>
        `  - id: ${id}\n    projectPath: .\n    prompt: go\n    dependsOn: [${dependsOn.join(', ')}]\n`,
    ),
  ].join('');

const good = () => JSON.stringify(definitionOf(id => id));
const wrong = (run: Promise<unknown>) =>
  run.then(
    () => Promise.reject(new Error('it is right')),
    () => {},
  );

/** By name: the file, and what is measured. */
const CASES: Readonly<Record<string, readonly [string, () => string, (file: string) => Promise<unknown>]>> = {
  json: ['json', good, file => loadDefinition(file)],
  yaml: ['yaml', yamlOf, file => loadDefinition(file)],
  object: ['json', good, file => parseDefinition(JSON.parse(readFileSync(file, 'utf8')))],
  plan: ['json', good, async file => planGroup(await loadDefinition(file))],
  'created from what was loaded': [
    'json',
    good,
    async file => createSessionGroup((await loadDefinition(file)).definition, { projects }),
  ],
  create: ['json', good, file => createSessionGroup(file, { projects })],
  'create, file store': [
    'json',
    good,
    file => createSessionGroup(file, { projects, store: createFileStore({ dataDir: `${file}.data` }) }),
  ],
  'one wrong edge': [
    'json',
    () =>
      JSON.stringify(
        definitionOf((id, session) => (session === SESSIONS - 1 && id === 's1300' ? 's13x0' : id)),
      ),
    file => wrong(loadDefinition(file)),
  ],
  'all edges wrong': [
    'json',
    () => JSON.stringify(definitionOf(id => `${id}x`)),
    file => wrong(loadDefinition(file)),
  ],
};

async function measure(name: string, file: string): Promise<void> {
  const run = CASES[name]?.[2];
  const before = process.cpuUsage();
  await run?.(file);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = Math.round((user + system) / 1_000);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  process.stdout.write(`${JSON.stringify({ row: 'definition', contender: name, cpuMs, peakMb })}\n`);
  process.exit();
}

const [first, name = '', file = ''] = process.argv.slice(2);
if (first === '--measure') await measure(name, file);
const folder = mkdtempSync(join(tmpdir(), 'sg-definitions-'));
for (const [each, [kind, text]] of Object.entries(CASES)) {
  if (first !== undefined && !process.argv.includes(each)) continue;
  const path = join(folder, `group.${kind}`);
  writeFileSync(path, text());
  spawnSync(process.execPath, [process.argv[1] ?? '', '--measure', each, path], { stdio: 'inherit' });
}
rmSync(folder, { recursive: true });
