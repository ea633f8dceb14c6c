import { describe, expect, it } from 'vitest';
import { createPuppetAgent } from '../../../../src/sdk/testing/puppet-agent.ts';
import { bench, scripted } from '../../../support/bench.ts';

const asking = async (tool: string, input?: Readonly<Record<string, unknown>>) => {
  const step = input === undefined ? { approval: tool } : { approval: tool, input };
  const started = await bench([scripted('a', [step, { result: 'well' }])], { attended: true });
  const run = started.group.run();
  await started.pass(10);
  const requestId = started.of('approval_requested')[0]?.requestId ?? '';
  return { ...started, run, requestId };
};

describe('the answer to a question of the agent', () => {
  it('is required to allow it; a refusal changes nothing', async () => {
    const { group, requestId, run, until, of, status } = await asking('AskUserQuestion');
    await expect(group.answer(requestId, 'allow')).rejects.toMatchObject({ code: 'answer_required' });
    expect(status('a')).toBe('awaiting_approval');
    await group.answer(requestId, 'allow', 'test', 'Green');
    expect((await until(run)).status).toBe('completed');
    expect(of('approval_answered')).toMatchObject([{ decision: 'allow', by: 'test', answer: 'Green' }]);
  });

  it('is one of the options, by its words or number, or other words, for each of its questions', async () => {
    const [colour, size] = ['Which colour?', 'Which size?'].map(question => ({ question }));
    const questions = [
      { ...colour, options: [{ label: 'Red' }, { label: 'Blue' }] },
      { ...size, options: [{ label: 'S' }, { label: 'XL' }] },
    ];
    const { group, requestId, run, until, of } = await asking('AskUserQuestion', { questions });
    const answered = (answer: string) => group.answer(requestId, 'allow', { answer });
    await expect(answered('Red\n3')).rejects.toMatchObject({
      code: 'not_an_option',
      message: '"3" is none of the options of "Which size?"',
      hint: 'The options are: 1 S, 2 XL. Name one, by its words or its number, or answer in other words (`other: 7` for a number).',
    });
    await expect(answered('x'.repeat(16_385))).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(answered(' \n ')).rejects.toMatchObject({ code: 'answer_required' });
    expect(of('approval_answered')).toEqual([]);
    await answered('2\nbetween S and XL');
    expect((await until(run)).status).toBe('completed');
    expect(of('approval_answered')).toMatchObject([{ answer: 'Blue\nbetween S and XL' }]);
  });

  it('has the labels as the agent has written them, for the agent; a secret in one stays out of the journal', async () => {
    const puppet = createPuppetAgent({ kind: 'scripted' });
    const sessions = [{ ...scripted('a'), env: { DEPLOY_ENV: 'production' } }];
    const { group, until, of, flush } = await bench(sessions, {
      attended: true,
      agents: { scripted: puppet },
    });
    const run = group.run();
    const attempt = await until(puppet.started('a'));
    const questions = [
      { question: 'Deploy where?', options: [{ label: 'staging-eu' }, { label: 'production' }] },
      { question: 'Which?', options: [{ label: 'A\nB' }, { label: 'C  D' }] },
    ];
    const told = async (answer: string) => {
      const answered = attempt.asks('AskUserQuestion', { questions });
      await flush();
      const { requestId = '' } = of('approval_requested').at(-1) ?? {};
      await group.answer(requestId, 'allow', { answer });
      return { told: await answered, journal: of('approval_answered').at(-1)?.answer };
    };
    expect(await told('2\n1')).toEqual({
      told: { decision: 'allow', message: 'production\nA B', answers: ['production', 'A\nB'] },
      journal: '[redacted DEPLOY_ENV]\nA B',
    });
    expect(await told('[redacted DEPLOY_ENV]\nc d')).toMatchObject({
      told: { answers: ['production', 'C  D'] },
    });
    expect(await told('not to production\nother: 2')).toEqual({
      told: {
        ...{ decision: 'allow', message: 'not to production\n2' },
        answers: ['not to production', '2'],
      },
      journal: 'not to [redacted DEPLOY_ENV]\n2',
    });
    expect(await told('the same for all')).toMatchObject({
      told: { message: 'the same for all', answers: ['the same for all', 'the same for all'] },
    });
    attempt.completes('well');
    expect((await until(run)).status).toBe('completed');
  });

  it('is not needed to deny it, nor to allow anything else', async () => {
    const question = await asking('AskUserQuestion');
    await question.group.answer(question.requestId, 'deny');
    expect((await question.until(question.run)).status).toBe('completed');
    const { group, requestId, run, until } = await asking('Bash');
    await expect(group.answer(requestId, 'allow', 'test', 'Green')).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await group.answer(requestId, 'allow');
    expect((await until(run)).status).toBe('completed');
  });
});

describe('a request for a permission that nobody can answer', () => {
  it('fails the session with the call, the rule that would allow it, and how to retry', async () => {
    const { group, until } = await bench([
      scripted('a', [{ approval: 'Bash', input: { command: 'npm run lint' } }]),
    ]);
    const { sessions } = await until(group.run());
    expect(sessions.a?.error).toMatchObject({
      code: 'permission_denied',
      message: expect.stringMatching(/Bash\(npm run lint\).*allow: \["Bash\(npm run lint\)"\].*group retry/),
    });
  });
});
