import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const definition = (schema: string) => `version: 1
name: Find and use
sessions:
  - { id: find, projectPath: a, prompt: Find, outputSchema: ${schema} }
  - id: use
    projectPath: b
    dependsOn: [find]
    prompt: '{{ sessions.find.output.count }} in [{{ sessions.find.changedFiles }}]'
`;
const COUNTED = '{ type: object, properties: { count: { type: integer, minimum: 3 } }, required: [count] }';
const PATTERN = COUNTED.replace('type: integer, minimum: 3', 'type: string, pattern: "^v"');

const write = (text: string) => writeFile(join(workshop.folder, 'session-groups.yaml'), text);

describe('a rehearsal', () => {
  it('returns a sample of each output, and says that no files have changed', async () => {
    await write(definition(COUNTED));
    const { code, lines } = await workshop.finished('run', '--scripted', '--json');
    expect(code).toBe(0);
    expect(
      lines.find(({ type, sessionId }) => type === 'session_completed' && sessionId === 'find'),
    ).toMatchObject({
      output: { count: 3 },
    });
    const said = lines.filter(({ type, sessionId }) => type === 'session_message' && sessionId === 'use');
    expect(said[0]).toMatchObject({ text: expect.stringContaining('3 in []') });
  });

  it('does not try again what has failed as it was said beforehand', async () => {
    await write(definition(PATTERN));
    const { code, lines } = await workshop.finished('run', '--scripted', '--json');
    expect(code).toBe(1);
    expect(lines.filter(({ type }) => type === 'session_retrying')).toEqual([]);
    expect(lines.at(-1)).toMatchObject({
      sessions: { find: { status: 'failed', attempts: 1, error: { code: 'output_invalid' } } },
    });
  });

  it('says of its budget that nothing is spent', async () => {
    const steps = '[{ cost: 9 }, { delay: 1 }, { cost: 3 }, { hang: true }]';
    const spends = `  - { id: a, projectPath: a, prompt: Go, agent: { kind: scripted, steps: ${steps} } }\n`;
    await write(`version: 1\nname: Spends\nsessions:\n${spends}`);
    const { out } = await workshop.finished('plan', '--scripted');
    expect(out).toContain('\nbudget: $10.00 by the script, nothing is spent, warns at 80%, then pause\n');
    const { code, err } = await workshop.finished('run', '--scripted', '--plain');
    expect(code).toBe(3);
    expect(err).toContain('group: $9.00 of $10.00 by the script, nothing spent\n');
    expect(err).toContain('group: limit of the rehearsal reached: $12.00 of $10.00 (pause)\n');
    const shown = await workshop.finished('group', 'show', '@latest');
    expect(shown.out).toContain('limit of the rehearsal reached: $12.00 of $10.00');
  });

  it('can be planned, and the plan names the command that rehearses', async () => {
    await write(definition(COUNTED));
    const { code, out, err } = await workshop.finished('plan', '--scripted');
    expect({ code, err }).toEqual({ code: 0, err: 'Next: session-groups run --scripted\n' });
    expect(out).toContain('2 sessions in 2 projects: 2 scripted');
  });

  it('says beforehand of which output there is no sample', async () => {
    await write(definition(PATTERN));
    const warning = /warning no_sample_output .*\n.*→ give the schema/s;
    const said =
      'the scripted agent of "find" finds no sample output that this schema accepts: the session will fail';
    for (const command of [['plan'], ['group', 'create']]) {
      const { code, err } = await workshop.finished(...command, '--scripted');
      expect(code).toBe(0);
      expect(err).toMatch(warning);
      expect(err).toContain(said);
    }
    expect((await workshop.finished('plan')).err).not.toContain('no_sample_output');
  });
});
