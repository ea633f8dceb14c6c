import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_FILES } from '../../../../src/sdk/group/document/group-files.ts';
import { sessionViews } from '../../../../src/sdk/group/document/session-view.ts';
import { promptFindings } from '../../../../src/sdk/group/findings/prompt-findings.ts';
import type { UpstreamResult } from '../../../../src/sdk/group/prompts/prompt-scope.ts';
import { renderPrompt } from '../../../../src/sdk/group/prompts/render-prompt.ts';
import { TemplateError } from '../../../../src/sdk/group/prompts/template-error.ts';
import { SessionDefinition, SessionGroupDefinition } from '../../../../src/sdk/group/types.ts';

const GROUP = { id: '20260101-120000-demo', name: 'Demo', description: undefined };
const session = (prompt: string, more: object = {}) =>
  SessionDefinition.parse({ id: 'b', projectPath: '/p', prompt, dependsOn: ['a'], ...more });
const rendered = (
  prompt: string,
  more: object = {},
  results: Readonly<Record<string, UpstreamResult>> = {},
) => renderPrompt(session(prompt, more), { group: GROUP, files: NO_FILES, resultOf: id => results[id] });

describe('a prompt', () => {
  test('can name its variables, the group, the session and the sessions before it', () => {
    const prompt =
      "{{ feature }} {{ variables.feature }} {{ group.name }} {{ group.id }} {{ session.id }} {{ session.projectPath }} {{ sessions['a'].status }}";
    expect(rendered(prompt, { variables: { feature: 'f' } }, { a: { status: 'completed' } })).toEqual({
      text: 'f f Demo 20260101-120000-demo b /p completed',
      composed: false,
    });
  });

  test('is composed if it contains text written by another agent', () => {
    const a: UpstreamResult = {
      status: 'completed',
      result: 'done',
      output: { x: [1] },
      error: 'boom',
      errorCode: 'agent_error',
      changedFiles: ['a.ts'],
    };
    const composed = (path: string) => rendered(`{{ ${path} }}`, {}, { a });
    expect(composed('sessions.a.result')).toEqual({ text: 'done', composed: true });
    expect(composed('sessions.a.output.x[0]')).toEqual({ text: '1', composed: true });
    expect(composed('sessions.a.error')).toEqual({ text: 'boom', composed: true });
    expect(composed('sessions.a.changedFiles')).toEqual({ text: 'a.ts', composed: true });
    expect(composed('sessions.a').composed).toBe(true);
    expect(composed('sessions.a.errorCode')).toEqual({ text: 'agent_error', composed: false });
    expect(composed("group.description ?? 'none'")).toEqual({ text: 'none', composed: false });
  });

  test('is not composed if the fallback replaces an absent value', () => {
    const a: UpstreamResult = { status: 'failed' };
    expect(rendered("{{ sessions.a.result ?? 'nothing' }}", {}, { a })).toEqual({
      text: 'nothing',
      composed: false,
    });
  });

  test('that names an absent value is an error that says so', () => {
    const a: UpstreamResult = { status: 'failed' };
    expect(() => rendered('{{ sessions.a.result }}', {}, { a })).toThrow(TemplateError);
    expect(() => rendered('{{ sessions.a.result }}', {}, { a })).toThrow(
      'prompt of b:1:4: "sessions.a.result" has no value',
    );
  });

  test('is sent unchanged with templating: false', () => {
    const text = "{{ process.exit() }} \\{{ {{ sessions['a'].result";
    expect(rendered(text, { templating: false })).toEqual({ text, composed: false });
  });

  test("treats results as data: an agent's text is never a template", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), noise => {
        const result = `{{ sessions.a.error }} \\{{ <% ${noise} %> }} \${x}`;
        const { text } = rendered('<{{ sessions.a.result }}>', {}, { a: { status: 'completed', result } });
        expect(text).toBe(`<${result}>`);
      }),
    );
  });
});

describe('before anything starts', () => {
  const check = (...sessions: readonly object[]) => {
    const definition = SessionGroupDefinition.parse({
      version: 1,
      name: 'x',
      sessions: sessions.map(more => ({ projectPath: '.', ...more })),
    });
    const findings = promptFindings(definition, sessionViews(definition));
    return findings.map(({ severity = 'error', code, path }) => [severity, code, path]);
  };
  const A = { id: 'a', prompt: 'x' };
  const B = { id: 'b', prompt: 'x', dependsOn: ['a'] };

  test('prompts may name dependencies of dependencies, and the shape of an output is not checked', () => {
    const prompt = "{{ sessions.a.output.any.depth[3] }} {{ sessions['b'].result }} {{ group.id }}";
    const first = { ...A, outputSchema: { type: 'object' } };
    expect(check(first, B, { id: 'c', prompt, dependsOn: ['b'] })).toEqual([]);
  });

  test('prompts may not name dependents, siblings, themselves or all sessions at once', () => {
    const refused = ['error', 'not_a_dependency', ['sessions', 0, 'prompt']];
    expect(check({ id: 'a', prompt: '{{ sessions.b.result }}' }, B)).toEqual([refused]);
    expect(check({ id: 'a', prompt: '{{ sessions.a.result }}' }, B)).toEqual([refused]);
    expect(check({ id: 'a', prompt: '{{ sessions }}' })).toEqual([
      ['error', 'unknown_variable', ['sessions', 0, 'prompt']],
    ]);
  });

  test.each([
    ['completed', 'result', false],
    ['completed', 'error', true],
    ['failed', 'error', false],
    ['failed', 'result', true],
    ['settled', 'result', true],
    ['settled', 'errorCode', true],
    ['settled', 'status', false],
  ])('after %s, a bare %s causes a warning: %s', (when, field, warned) => {
    const dependsOn = [{ session: 'a', when }];
    const warning = ['warning', 'maybe_absent', ['sessions', 1, 'prompt']];
    expect(check(A, { id: 'b', prompt: `{{ sessions.a.${field} }}`, dependsOn })).toEqual(
      warned ? [warning] : [],
    );
    expect(check(A, { id: 'b', prompt: `{{ sessions.a.${field} ?? '-' }}`, dependsOn })).toEqual([]);
  });

  test('a result that may be missing, or come later, causes a warning', () => {
    const prompt = '{{ sessions.a.result }}';
    const warning = ['warning', 'maybe_absent', ['sessions', 2, 'prompt']];
    expect(check({ ...A, allowFailure: true }, B, { id: 'c', prompt, dependsOn: ['a'] })).toEqual([warning]);
    expect(check(A, B, { id: 'c', prompt, dependsOn: ['a', 'b'], trigger: 'any' })).toEqual([warning]);
  });
});
