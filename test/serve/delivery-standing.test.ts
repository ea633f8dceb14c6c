import { describe, expect, it } from 'vitest';
import type { RepositoryDelivery, SessionDelivery } from '../../src/serve/delivery-types.ts';
import { deliveryStanding } from '../../src/serve/page/work/delivery-standing.ts';

const repo = (name: string, more: Partial<RepositoryDelivery> = {}): RepositoryDelivery => ({
  ...{ repository: `/w/${name}/.git`, project: `/w/${name}`, sessions: ['a'], base: 'b0' },
  ...{ merged: 'c1', delivery: 'none', moves: [], files: [] },
  ...more,
});
const ready = (name: string) =>
  repo(name, { delivery: 'ready', into: 'main', moves: [{ ref: 'refs/heads/main', from: 'b0', to: 'c1' }] });
const MERGED = 'What was merged in api, web waits for delivery';

describe('what the page says of a delivery', () => {
  it('that can be done: what waits, and where it goes', () => {
    expect(deliveryStanding({ repositories: [ready('api'), ready('web')] }, 'completed', 'main')).toEqual({
      ...{ isOpen: true, hasCommand: true },
      words: `${MERGED} into main.`,
    });
    const done = repo('web', { delivery: 'done', into: 'main' });
    expect(deliveryStanding({ repositories: [ready('api'), done] }, 'failed', 'main')).toEqual({
      ...{ isOpen: true, hasCommand: true },
      words: 'What was merged in api waits for delivery into main.',
    });
  });

  it('that is on branches: of which sessions, and where, if there are several repositories', () => {
    const session = (id: string, name: string): SessionDelivery => ({
      ...{ id, repository: `/w/${name}/.git`, mode: 'worktree', integrate: 'branch', branch: `b/${id}` },
      ...{ from: 'b0', result: 'c1', isMerged: false, isReleased: false },
    });
    const none = [repo('api', { merged: null }), repo('web', { merged: null })];
    const sessions = [session('server', 'api'), session('pages', 'web')];
    expect(deliveryStanding({ repositories: none, sessions }, 'completed', '').words).toBe(
      'What server (in api), pages (in web) changed is on their branches; nothing is merged.',
    );
    const [first] = none;
    expect(
      deliveryStanding(
        { repositories: first ? [first] : [], sessions: sessions.slice(0, 1) },
        'completed',
        '',
      ).words,
    ).toBe('What server changed is on its branch; nothing is merged.');
  });

  const both = [repo('api'), repo('web')];
  const refusal = { code: 'not_in_this_state', message: 'not possible now', hint: 'Resume it.' };
  it.each([
    ['no branch is named', both, 'completed', '', 'Name a branch first.'],
    ['it runs', both, 'running', 'main', 'Possible once all its sessions have completed.'],
    ['its process has died', both, 'interrupted', 'main', 'Resume the group first.'],
    [
      'the branch is wrong',
      both.map(one => ({
        ...one,
        into: 'mian',
        delivery: 'refused' as const,
        reason: 'there is no branch mian',
      })),
      'completed',
      'mian',
      'There is no branch mian.',
    ],
  ] as const)('that cannot be done, because %s', (_, repositories, status, into, why) => {
    const standing = deliveryStanding({ repositories }, status, into);
    expect(standing).toMatchObject({ isOpen: true, why });
    expect(standing.words).toBe(
      into === '' ? `${MERGED}. Name the branch of yours that it goes into.` : `${MERGED} into ${into}.`,
    );
  });

  it('that the server would refuse: its words, and the way out', () => {
    expect(deliveryStanding({ repositories: [ready('api')], refusal }, 'paused', 'main').why).toBe(
      'Not possible now. Resume it.',
    );
    // Before a branch is asked for.
    expect(deliveryStanding({ repositories: both, refusal }, 'paused', '')).toMatchObject({
      ...{ hasCommand: false, words: `${MERGED}.`, why: 'Not possible now. Resume it.' },
    });
    const unnamed = { ...refusal, code: 'branch_required' };
    expect(deliveryStanding({ repositories: both, refusal: unnamed }, 'paused', '')).toMatchObject({
      ...{ hasCommand: true, why: 'Name a branch first.' },
    });
  });

  it('that is nobody’s to make: whose work is on branches', () => {
    const repositories = [repo('api', { merged: null })];
    const session = (id: string, result: string): SessionDelivery => ({
      ...{
        id,
        repository: '/w/api/.git',
        mode: 'worktree',
        integrate: 'branch',
        branch: `session-groups/g/${id}`,
      },
      ...{ from: 'b0', result, isMerged: false, isReleased: false },
    });
    const words = (...sessions: SessionDelivery[]) =>
      deliveryStanding({ repositories, sessions }, 'completed', '').words;
    expect(words(session('a', 'c1'), session('b', 'b0'))).toBe(
      'What a changed is on its branch; nothing is merged.',
    );
    expect(words(session('a', 'c1'), session('b', 'c2'))).toBe(
      'What a, b changed is on their branches; nothing is merged.',
    );
    expect(words(session('b', 'b0'))).toBe('Nothing waits for delivery: no session has merged anything.');
  });

  it('that was done, into a branch that is gone by now', () => {
    const gone = { delivery: 'refused', into: 'topic', reason: 'there is no branch topic' } as const;
    const detail = { repositories: [repo('api', gone)], delivered: 'topic' };
    expect(deliveryStanding(detail, 'completed', 'topic')).toMatchObject({
      words: 'Nothing waits for delivery: what was merged was delivered into topic.',
      why: 'There is no branch topic.',
    });
  });

  it('that is done, or of which there is nothing', () => {
    const done = repo('api', { delivery: 'done', into: 'main' });
    expect(deliveryStanding({ repositories: [done] }, 'completed', 'main')).toEqual({
      ...{ isOpen: true, hasCommand: false },
      words: 'Nothing waits for delivery: main has all that was merged.',
      why: 'main has all that was merged.',
    });
    expect(deliveryStanding({ repositories: [repo('api', { merged: null })] }, 'completed', '')).toEqual({
      ...{ isOpen: false, hasCommand: false },
      words: 'Nothing waits for delivery: no session has merged anything.',
    });
    const same = repo('api', { merged: 'b0' });
    expect(deliveryStanding({ repositories: [same] }, 'completed', '')).toEqual({
      ...{ isOpen: false, hasCommand: false },
      words: 'Nothing waits for delivery: no session has changed anything.',
    });
    expect(deliveryStanding({ repositories: [same, repo('web')] }, 'completed', '').words).toBe(
      'What was merged in web waits for delivery. Name the branch of yours that it goes into.',
    );
  });
});
