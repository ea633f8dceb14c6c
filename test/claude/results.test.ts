import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../src/store/file-store.ts';
import { takesTextLiterally } from '../support/claude-bench.ts';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { reply, text, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, lastUserText, type RequestBody } from '../support/messages-api/request.ts';

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { count: { type: 'integer', minimum: 1 }, word: { type: 'string' } },
  required: ['count'],
  additionalProperties: false,
};
const gives = (output: Record<string, unknown>) => reply([{ tool: 'StructuredOutput', input: output }]);
const SOON = { retry: { initialInterval: 1, maximumInterval: 1 } };
const offered = (body: RequestBody) => body.tools?.find(tool => tool.name === 'StructuredOutput');

describe('a structured output of the client', () => {
  const session = () => ({
    id: 'a',
    projectPath: bench.repository('a'),
    prompt: 'Count.',
    outputSchema: SCHEMA,
  });

  it('is requested with the schema and recorded', async () => {
    bench.api.enqueue(gives({ count: 3, word: 'three' }));
    const watched = await bench.create({ name: 'x', sessions: [session()] });
    const result = await watched.group.run();
    expect(result.sessions.a).toMatchObject({ status: 'completed', output: { count: 3, word: 'three' } });
    expect(watched.all('session_completed')[0]).toMatchObject({
      output: { count: 3, word: 'three' },
      changedFiles: [],
    });
    const { $schema: _, ...schema } = SCHEMA;
    expect(offered(bench.api.mainRequests[0]?.body as RequestBody)).toMatchObject({ input_schema: schema });
  });

  it('that the client rejects is corrected within the attempt', async () => {
    bench.api.enqueue(gives({ count: 'no' }), gives({ count: 7 }));
    const watched = await bench.create({ name: 'x', sessions: [session()] });
    expect((await watched.group.run()).sessions.a).toMatchObject({ attempts: 1, output: { count: 7 } });
  });

  it('that is missing is requested again in the same conversation', async () => {
    bench.api.enqueue(text('I have counted.'), text('No.'), gives({ count: 2 }));
    const watched = await bench.create({ name: 'x', config: SOON, sessions: [session()] });
    const result = await watched.group.run();
    expect(result.sessions.a).toMatchObject({ status: 'completed', attempts: 2, output: { count: 2 } });
    expect(watched.all('session_retrying').map(event => event.error.code)).toEqual(['output_invalid']);
    const [started] = watched.all('session_started');
    expect(watched.all('session_resumed')[0]?.agentSessionId).toBe(started?.agentSessionId);
    const last = bench.api.mainRequests.at(-1)?.body as RequestBody;
    expect(lastUserText(last)).toContain('The required structured output is missing.');
    expect(conversationText(last)).toContain('I have counted.');
  });

  it('that is invalid is requested again with the errors', async () => {
    bench.api.enqueue(...Array.from({ length: 5 }, () => gives({ count: 'no' })), gives({ count: 2 }));
    const watched = await bench.create({ name: 'x', config: SOON, sessions: [session()] });
    const result = await watched.group.run();
    expect(result.sessions.a).toMatchObject({ status: 'completed', attempts: 2, output: { count: 2 } });
    const last = bench.api.mainRequests.at(-1)?.body as RequestBody;
    expect(lastUserText(last)).toMatch(
      /\/count: must be integer|Failed to provide valid structured output/, // the client's own words on 2.1.197
    );
    expect(lastUserText(last)).toContain('then give the structured output again');
  });

  it('that stays missing fails the session in the end', async () => {
    bench.api.answerWith(request => (request.side ? undefined : text('No.')));
    const config = { retry: { ...SOON.retry, maximumAttempts: 2 } };
    const watched = await bench.create({ name: 'x', config, sessions: [session()] });
    expect((await watched.group.run()).sessions.a).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { code: 'output_invalid', message: 'The required structured output is missing.' },
    });
  });
});

describe('results between clients', () => {
  it('files changed by a Write are named in the next prompt', async () => {
    const project = bench.repository('a');
    mkdirSync(join(project, 'docs'));
    writeFileSync(join(project, 'docs/mine.md'), 'not by the agent');
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      const said = conversationText(body);
      if (said.includes('Review these')) return text('Reviewed.');
      if (JSON.stringify(body.messages).includes('tool_result')) return text('Written.');
      return toolUse('Write', { file_path: join(project, 'src/new file.ts'), content: 'export {};\n' });
    });
    const watched = await bench.create({
      name: 'x',
      sessions: [
        { id: 'work', projectPath: project, prompt: 'Write it.' },
        {
          id: 'review',
          projectPath: project,
          prompt: "Review these:\n{{ sessions['work'].changedFiles }}\nThey say: {{ sessions.work.result }}",
          dependsOn: ['work'],
        },
      ],
    });
    const result = await watched.group.run();
    expect(result.status).toBe('completed');
    expect(readFileSync(join(project, 'src/new file.ts'), 'utf8')).toBe('export {};\n');
    expect(watched.all('session_completed').map(({ changedFiles }) => changedFiles)).toEqual([
      ['src/new file.ts'],
      [],
    ]);
    const last = bench.api.mainRequests.at(-1)?.body as RequestBody;
    expect(lastUserText(last)).toContain('Review these:\nsrc/new file.ts\nThey say: Written.');
  });

  it("an agent's text is never a template or an option for the next, nor a file or a command if the client can tell", async () => {
    const literally = await takesTextLiterally();
    const projects = bench.repository('projects');
    writeFileSync(join(projects, 'canary.txt'), 'CANARY-IN-THE-FILE');
    const file = `@${join(projects, 'canary.txt')}`;
    const lines = ['/compact', file, '--help', `{{ group.id }} <% x %> --help ${file} /compact`];
    bench.api.answerWith(({ body, side }) => {
      if (side) return undefined;
      const asked = /Say (\d)/.exec(conversationText(body))?.[1];
      return text(asked === undefined ? 'Heard.' : (lines[Number(asked)] ?? ''));
    });
    const said = (number: number) => `{{ sessions.say${number}.result }}`;
    const sessions = lines.flatMap((_, number) => [
      { id: `say${number}`, projectPath: projects, prompt: `Say ${number}` },
      {
        id: `hear${number}`,
        projectPath: projects,
        ...(number % 2 === 0
          ? { prompt: said(number) }
          : { prompt: '{{ said }}', inputs: { said: said(number) } }),
        dependsOn: [`say${number}`],
      },
    ]);
    // A user's own prompt does have this effect: the client includes the file.
    const typed = { id: 'typed', projectPath: projects, prompt: `Typed: ${file}` };
    const store = createFileStore({ dataDir: join(bench.folder, 'data') });
    const concurrency = { maxConcurrent: 2, maxPerProject: 2 };
    const watched = await bench.create(
      { name: 'x', config: { concurrency }, sessions: [...sessions, typed] },
      { store },
    );
    const result = await watched.group.run();
    // A client that cannot tell includes the files, and runs the command instead of asking the model.
    expect(result.status).toBe(literally ? 'completed' : 'failed');
    const bodies = bench.api.mainRequests.map(({ body }) => JSON.stringify(body.messages));
    const canaries = bodies.filter(body => body.includes('CANARY-IN-THE-FILE'));
    expect(canaries).toHaveLength(literally ? 1 : 3);
    expect(canaries.filter(body => body.includes('Typed: '))).toHaveLength(1);
    for (const [number, line] of lines.entries()) {
      const runs = line === '/compact' && !literally;
      expect(result.sessions[`hear${number}`]).toMatchObject(
        runs ? { status: 'failed', error: { code: 'turn_prevented' } } : { result: 'Heard.' },
      );
      const heard = bench.api.mainRequests.filter(({ body }) =>
        body.messages.some(
          ({ content }) => typeof content !== 'string' && content.some(block => block.text === line),
        ),
      );
      expect(heard, line).toHaveLength(runs ? 0 : 1);
      expect(spoken(watched.group.dir, `hear${number}`)).toMatchObject({
        message: { content: line },
        client_composed: true,
      });
    }
    expect(spoken(watched.group.dir, 'typed')).not.toHaveProperty('client_composed');
  });
});

/** The first line written to the client of a session. */
function spoken(dir = '', id: string): unknown {
  const folder = readdirSync(join(dir, 'sessions')).find(name => name.endsWith(`-${id}`)) ?? '';
  const [first = ''] = readFileSync(join(dir, 'sessions', folder, 'transcript.ndjson'), 'utf8').split('\n');
  return JSON.parse(first);
}
