import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const EDGES = 300;

/** Each session needs the three hundred before it. */
export const largeDefinition = sessions => ({
  ...{ version: 1, name: 'Bench' },
  config: { agent: { kind: 'scripted', steps: [{ result: 'done' }] } },
  sessions: Array.from({ length: sessions }, (_, index) => ({
    ...{ id: `s${index}`, projectPath: '.', prompt: 'Work' },
    dependsOn: Array.from({ length: Math.min(EDGES, index) }, (_, back) => `s${index - back - 1}`),
  })),
});

/** As people write it. */
const yamlOf = ({ config, sessions, ...head }) =>
  [
    ...Object.entries(head).map(([key, value]) => `${key}: ${value}`),
    `config: ${JSON.stringify(config)}`,
    'sessions:',
    ...sessions.map(
      ({ id, projectPath, prompt, dependsOn }) =>
        `  - id: ${id}\n    projectPath: ${projectPath}\n    prompt: ${prompt}\n    dependsOn: [${dependsOn.join(', ')}]`,
    ),
  ].join('\n');

/** Writes it from a process of its own, whose memory does not count: YAML, or JSON if the file is called so. */
export function writeLargeDefinition(file, sessions) {
  const args = [fileURLToPath(import.meta.url), file, String(sessions)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, sessions] = process.argv.slice(2);
  const definition = largeDefinition(Number(sessions));
  writeFileSync(file, file.endsWith('.json') ? JSON.stringify(definition) : yamlOf(definition));
}
