import { describe, expect, it } from 'vitest';
import { deniedText, unansweredOf } from '../../../../src/sdk/group/attempt/approvals.ts';

const GROUP = '20260101-000000-test';
const WHERE = { groupId: GROUP, sessionId: 'web' };

describe('the denials that fail a session', () => {
  it('are those that nobody asked for', () => {
    const denials = (['rule', 'hook', 'person', 'nobody', undefined] as const).map(refusedBy => ({
      tool: String(refusedBy),
      ...(refusedBy && { refusedBy }),
    }));
    expect(unansweredOf(denials, 0).map(({ tool }) => tool)).toEqual(['nobody', 'undefined']);
    expect(unansweredOf(denials, 1).map(({ tool }) => tool)).toEqual(['nobody']);
    expect(unansweredOf([{ tool: 'a' }, { tool: 'b' }], 5)).toEqual([]);
  });

  it.each([
    ['Bash', 'npm run lint', 'Bash(npm run lint)'],
    ['Bash', 'one\ntwo', 'Bash'],
    ['Bash', undefined, 'Bash'],
    ['Write', '/etc/hosts', 'Edit(//etc/hosts)'],
    ['WebFetch', 'https://example.com', 'WebFetch'],
    ['mcp__x__y', '{"a":1}', 'mcp__x__y'],
  ])('of %s(%s) say to allow %j, and how to retry', (tool, input, rule) => {
    const text = deniedText([{ tool, ...(input && { input }) }, { tool: 'Read' }], WHERE);
    expect(text).toContain(`${input ? `${tool}(${input})` : tool} was denied in \`web\``);
    expect(text).toContain(`permissions: {allow: [${JSON.stringify(rule)}]}`);
    expect(text).toContain('and 1 more');
    expect(text).toContain(`group retry ${GROUP}`);
  });

  it('have no text if there are none', () => expect(deniedText([], WHERE)).toBeUndefined());
});
