import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import { loadDefinition } from '../../src/sdk/group/definition/definition.ts';
import { previewPrompt } from '../../src/sdk/group/prompts/preview-prompt.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { claudeExecutable, takesTextLiterally } from '../support/claude-bench.ts';
import { treeOf } from '../support/delivering-clients.ts';
import { examplePlace, exampleSessionOf as sessionOf } from '../support/example-place.ts';
import { agentProcesses, type GroupBench, groupBench } from '../support/group-bench.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { conversationText, type RecordedRequest, turnsSoFar } from '../support/messages-api/request.ts';
import { repositoryAt } from '../support/repository.ts';

/**
 * The example of the README with real clients, five promises of its definition held by what they sent: a template of
 * ours and one of its own, an MCP server that answers, a result that goes from one project to the next, and a session
 * that is not needed.
 */
let bench: GroupBench;
let place = '';
let group: GroupRunner | undefined;
beforeEach(async () => {
  bench = await groupBench();
  place = examplePlace(join(bench.folder, 'place'));
});
afterEach(async () => {
  await group?.dispose();
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** Full of syntax that must stay plain text on its way from one agent to the next. */
const CONTRACT =
  'readToken("USER.EXPIRES", now) gives the user; `{{ feature }}` ${x} <% y %> \\{{ @/etc/hostname\n/compact\n"quoted"';
const LIBRARY = `/** The user of a token "USER.EXPIRES"; undefined from EXPIRES on, in epoch milliseconds. */
export function readToken(token, now = Date.now()) {
  const [user, expires] = token.split('.');
  return user && Number(expires) > now ? user : undefined;
}
`;

/** Each session does a little work and reports it. */
function answer(request: RecordedRequest) {
  if (request.side) return undefined;
  const turn = turnsSoFar(request.body);
  const tree = treeOf(request.body);
  const write = (path: string, content: string) => toolUse('Write', { file_path: join(tree, path), content });
  switch (sessionOf(request)) {
    case 'shared-lib':
      if (turn === 0) return toolUse('mcp__usages__find_usages', { word: 'expires' });
      return turn === 1 ? write('src/auth.js', LIBRARY) : text(CONTRACT);
    case 'gateway':
      return text('A token without an expiry is refused.');
    case 'web':
      return text('A token in its last second is refused.');
    case 'release-notes':
      return turn === 0 ? write('CHANGELOG.md', '## 1.1.0\n') : text('done');
    default:
      return undefined;
  }
}

const firstRequestOf = (session: string) =>
  bench.api.mainRequests.find(request => sessionOf(request) === session);

describe('the example with real clients', () => {
  it('passes the result of one project to the template of the next, and its MCP server answers', async () => {
    bench.api.answerWith(answer);
    const file = join(place, 'group', 'session-groups.yaml');
    const env = { ...bench.env, SESSION_GROUPS_CLAUDE: claudeExecutable() };
    const { definition, files } = await loadDefinition(file, { env });
    const store = createFileStore({ dataDir: join(bench.folder, 'data') });
    group = await createSessionGroup(file, { ...bench.options, store, env });
    // Later edits of templates do not affect an existing group.
    writeFileSync(join(place, 'group', 'templates', 'release-notes.md'), 'Something else.');

    const { status, sessions } = await group.run();
    expect({ status, failed: sessions['explain-failure'] }).toMatchObject({
      status: 'completed',
      failed: { status: 'skipped', reason: 'not_needed' },
    });

    // The sent prompt is what plan --render shows, with the actual result.
    for (const id of ['gateway', 'web']) {
      const session = definition.sessions.find(candidate => candidate.id === id);
      if (session === undefined) throw new Error(`no session ${id}`);
      const planned = previewPrompt(session, definition, files);
      expect(planned).toContain('The author of the function says: <result of shared-lib>\n</context>');
      const sent = conversationText(firstRequestOf(id)?.body ?? { model: '', messages: [] });
      expect(sent).toContain(planned.replace('<result of shared-lib>', () => CONTRACT).trim());
    }
    const notes = conversationText(firstRequestOf('release-notes')?.body ?? { model: '', messages: [] });
    expect(notes).toContain(
      '<changes>\ngateway: A token without an expiry is refused.\nweb: A token in its last second is refused.\n</changes>',
    );

    // The agent's text had no effect on its way: no file was read, no command was run.
    const sentMessages = JSON.stringify(bench.api.mainRequests.map(({ body }) => body.messages));
    if (await takesTextLiterally())
      expect(sentMessages).not.toContain(readFileSync('/etc/hostname', 'utf8').trim());

    // The definition's MCP server told the first session about the two other projects.
    const told = JSON.stringify(
      bench.api.mainRequests.filter(request => sessionOf(request) === 'shared-lib').at(-1)?.body.messages,
    );
    expect(told).toContain('tool_result');
    expect(told).toContain('gateway/src/handle-request.js:4: const [user, expires] = token.split');
    expect(told).toContain('web/src/session.js:4: const [user, expires] = token.split');

    const library = repositoryAt(join(place, 'shared-lib'));
    const merged = `session-groups/${group.id}/_merged`;
    expect(library.git('log', '--first-parent', '--reverse', '--format=%s', merged)).toBe(
      'Start\nWork of session shared-lib\nWork of session release-notes\n',
    );
    expect(library.git('show', `${merged}:src/auth.js`)).toBe(LIBRARY);
    expect(library.git('status', '--porcelain') + library.git('log', '--format=%s')).toBe('Start\n');
    expect(agentProcesses(group.id)).toEqual([]);
  });
});
