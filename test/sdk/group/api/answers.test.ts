import { describe, expect, it } from 'vitest';
import { bench, scripted } from '../../../support/bench.ts';

const asking = async (tool: string) => {
  const started = await bench([scripted('a', [{ approval: tool }, { result: 'well' }])], { attended: true });
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
