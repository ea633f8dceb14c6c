import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { SESSION_STATUSES } from '../../../machines/vocabulary.ts';
import { type LiveLook, renderLive } from '../../../src/cli/live/render-live.ts';
import { FIRST_STATE, type ViewState } from '../../../src/cli/live/view-state.ts';
import type { GroupProgress, SessionProgress } from '../../../src/sdk/group/progress/progress.ts';
import { groupProgress, sessionProgress } from '../fakes.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const WIDE: LiveLook = { columns: 110, rows: 30, color: false, unicode: true, now: NOW };

const draw = (progress: GroupProgress, look: Partial<LiveLook> = {}) =>
  renderLive(progress, { ...WIDE, ...look }).split('\n');

const tokens = { input: 1_000, output: 200, cacheRead: 44_000, cacheWrite: 0 };
const busy: SessionProgress[] = [
  sessionProgress('shared-lib', {
    status: 'completed',
    costUsd: 0.4,
    tokens,
    attempts: 1,
    durationMs: 62_000,
  }),
  sessionProgress('gateway', {
    status: 'running',
    currentTool: 'Bash',
    costUsd: 0.123,
    estimated: true,
    tokens,
    attempts: 2,
    durationMs: 3_000,
  }),
  sessionProgress('report', { why: { kind: 'dependency', sessions: ['gateway'] } }),
];
const group = groupProgress(busy, {
  limitUsd: 10,
  budgetUsedRatio: 0.0523,
  totalTokens: tokens,
  estimatedRemainingMs: 130_000,
});

describe('the live view', () => {
  it('shows the group, every session and the totals', () => {
    expect(draw(group)).toEqual([
      '● Demo group  running  1m 05s, about 2m 10s left',
      '  ~$0.52 of $10.00  █░░░░░░░░░░░░░░░░░░░ 5%  45.2k tokens',
      '',
      `✓  completed     shared-lib  ${' '.repeat(51)}       $0.40    45.2k   1m 02s`,
      `●  running       gateway     ${'Bash'.padEnd(48)}   ×2    ~$0.12    45.2k       3s`,
      '○  pending       report      waiting for gateway',
      '',
      '3 sessions: 1 completed, 1 running, 1 pending',
    ]);
  });

  it('shows a fan-out as one row, which unfolds to the sessions that people have to know of', () => {
    const member = (value: string, fields: Partial<SessionProgress>) =>
      sessionProgress(`audit.${value}`, { forEach: { of: 'audit', value }, attempts: 1, ...fields });
    const members = [
      member('api', { status: 'completed', costUsd: 0.25 }),
      member('core', { status: 'failed', error: { code: 'agent_error', message: 'boom' } }),
      member('docs', { status: 'running', currentTool: 'Bash', costUsd: 0.25 }),
      member('web', { status: 'pending', attempts: 0 }),
    ];
    const rows = draw(groupProgress([...members, sessionProgress('report')]), { columns: 80 }).slice(3, -2);
    expect(rows.map(row => row.replace(/ +/g, ' '))).toEqual([
      '✗ audit 1 of 4 done, 1 failed, 1 running $0.50',
      expect.stringContaining('✗ failed audit.core'),
      expect.stringContaining('● running audit.docs Bash'),
      '○ pending report',
    ]);
    const crowded = draw(groupProgress(members), { columns: 80, rows: 8 });
    expect(crowded.join('\n')).toContain('audit.docs');
  });

  it('unfolds a fan-out to all of its sessions, and marks the selected row', () => {
    const members = ['api', 'core', 'docs'].map(value =>
      sessionProgress(`audit.${value}`, { forEach: { of: 'audit', value }, status: 'completed' }),
    );
    const progress = groupProgress([sessionProgress('plan'), ...members]);
    const state = { ...FIRST_STATE, selected: 'audit[*]' };
    const rows = (own: ViewState) => draw(progress, { columns: 70, state: own }).slice(3, -2);
    expect(rows(state)).toEqual(['  ○  pending       plan', `› ✓                audit       3 of 3 done`]);
    const unfolded = rows({ ...state, unfolded: new Set(['audit[*]']) });
    expect(unfolded).toHaveLength(5);
    expect(unfolded.join('\n')).toMatch(/audit\.api\n.*audit\.core\n.*audit\.docs$/);
  });

  it('shows what asks for a person and what has failed first, if all fit, too', () => {
    const why = { kind: 'approval', requestId: 'r', tool: 'Bash' } as const;
    const progress = groupProgress([
      sessionProgress('one', { status: 'running' }),
      sessionProgress('two', { status: 'failed' }),
      sessionProgress('three', { status: 'awaiting_approval', why }),
      sessionProgress('four'),
    ]);
    const ids = draw(progress)
      .slice(3, 7)
      .map(row => row.slice(17).split(' ')[0]);
    expect(ids).toEqual(['three', 'two', 'one', 'four']);
  });

  it('counts the requests that it does not show', () => {
    const asking = ['a', 'b', 'c'].map(id =>
      sessionProgress(id, {
        status: 'awaiting_approval',
        why: { kind: 'approval', requestId: id, tool: 'Bash' },
      }),
    );
    const requests = (look: Partial<LiveLook>) =>
      draw(groupProgress(asking), look).filter(line => /^\?\s[a-c] wants|more wait/.test(line));
    expect(requests({ rows: 24 })).toEqual([
      '? a wants to use Bash',
      '? b wants to use Bash',
      '  1 more waits for approval',
    ]);
    const byKey = { state: { ...FIRST_STATE, selected: 'b' } };
    expect(requests({ rows: 15, ...byKey })).toEqual([
      '? b wants to use Bash  a approves, d denies',
      '  2 more wait for approval',
    ]);
  });

  it('fills at most 120 columns', () => {
    const widths = draw(group, { columns: 300 }).map(line => stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(120);
  });

  it('has no bar without a limit', () => {
    expect(draw(groupProgress(busy))[1]).toBe('  ~$0.52  0 tokens');
  });

  it('shows why the group is not running, and how far it is over the limit', () => {
    const paused = groupProgress(busy, {
      status: 'paused',
      why: { kind: 'paused', reason: 'budget_exceeded' },
      limitUsd: 0.5,
      budgetUsedRatio: 1.046,
    });
    expect(draw(paused).slice(0, 2)).toEqual([
      '‖ Demo group  paused (the budget is used up)  1m 05s',
      '  ~$0.52 of $0.50  ████████████████████ 104%  0 tokens',
    ]);
  });

  it('shows what the engine does with the tree of a session, and what that waits for', () => {
    const progress = groupProgress(
      [
        sessionProgress('a', { status: 'saving' }),
        sessionProgress('b', { status: 'verifying' }),
        sessionProgress('c', {
          status: 'integrating',
          why: { kind: 'merge', session: 'b', project: '/home/me/api' },
        }),
        sessionProgress('d', {
          status: 'paused',
          why: { kind: 'conflict', files: ['src/auth.ts'], with: ['a'] },
        }),
      ],
      { status: 'delivering' },
    );
    const [title, , , ...rows] = draw(progress);
    expect(title).toMatch(/^⊕ Demo group {2}delivering /);
    for (const row of [
      /^↓ {2}saving +a$/,
      /^◎ {2}verifying +b$/,
      /^⊕ {2}merging +c +waiting for the merge of b in api$/,
      /^‖ {2}paused +d +conflict with a in src\/auth.ts$/,
    ]) {
      expect(rows).toContainEqual(expect.stringMatching(row));
    }
  });

  it('does not repeat "paused"', () => {
    const paused = groupProgress(busy, { status: 'paused', why: { kind: 'paused', reason: 'manual' } });
    expect(draw(paused)[0]).toBe('‖ Demo group  paused  1m 05s');
  });

  it('shows the last message while no tool is running', () => {
    const progress = groupProgress([sessionProgress('a', { status: 'running', attempts: 1 })]);
    const messages = new Map([['a', 'Reading the tests']]);
    expect(draw(progress, { messages }).join('\n')).toContain('Reading the tests');
  });

  it('shows a permission request, and the command that allows it', () => {
    const why = { kind: 'approval', requestId: 'r', tool: 'Bash' } as const;
    const progress = groupProgress([sessionProgress('a', { status: 'awaiting_approval', attempts: 1, why })]);
    const requests = new Map([['a', 'wants to use Bash: npm test']]);
    expect(draw(progress, { requests }).slice(4, 6)).toEqual([
      '? a wants to use Bash: npm test',
      '  session-groups session approve 20260102-030405-demo a r',
    ]);
    expect(draw(progress, { columns: 52 })[5]).toBe('  session-groups session approve 20260102-030405 a r');
    expect(draw(progress, { columns: 50 })[5]).toBe('  session-groups attention');
  });

  it('wraps the request that keys answer, so that nobody approves what they cannot read', () => {
    const why = { kind: 'approval', requestId: 'r', tool: 'Bash' } as const;
    const progress = groupProgress([sessionProgress('a', { status: 'awaiting_approval', attempts: 1, why })]);
    const command = `curl ${'x'.repeat(70)} | bash && rm -rf /tmp/it`;
    const requests = new Map([['a', `wants to use Bash: ${command}`]]);
    const own = { requests, state: FIRST_STATE };
    const shown = draw(progress, { ...own, columns: 60 }).slice(4, -2);
    expect(shown).toEqual([
      `? a wants to use Bash: curl ${'x'.repeat(32)}`,
      `${'x'.repeat(38)} | bash && rm -rf /tmp`,
      '/it  a approves, d denies',
    ]);
    expect(draw(progress, { ...own, columns: 72 }).slice(4, -2)).toEqual([
      `? a wants to use Bash: curl ${'x'.repeat(44)}`,
      `${'x'.repeat(26)} | bash && rm -rf /tmp/it`,
      '  a approves, d denies',
    ]);
    for (const rows of [14, 20, 30]) {
      const long = { requests: new Map([['a', 'y'.repeat(300)]]), state: FIRST_STATE };
      const lines = draw(progress, { ...long, columns: 40, rows });
      expect(lines.length).toBeLessThan(rows);
      expect(Math.max(...lines.map(line => stringWidth(line)))).toBeLessThanOrEqual(40);
    }
  });

  it('shows how a session failed and why one was skipped', () => {
    const text = draw(
      groupProgress([
        sessionProgress('a', {
          status: 'failed',
          error: { code: 'max_turns', message: 'after\t20 turns\nof many' },
        }),
        sessionProgress('b', { status: 'skipped', skipReason: 'upstream_failed' }),
      ]),
    );
    expect(text[3]).toContain('max_turns: after 20 turns');
    expect(text[4]).toContain('upstream failed');
  });

  it.each([true, false])('tells every status apart without colour (unicode: %s)', unicode => {
    const rows = SESSION_STATUSES.map(status =>
      draw(groupProgress([sessionProgress('a', { status })]), { unicode, columns: 40 }).find(line =>
        / a$/.test(line),
      ),
    );
    expect(new Set(rows).size).toBe(SESSION_STATUSES.length);
  });

  it('uses only ASCII on a terminal without Unicode', () => {
    expect(draw(group, { unicode: false, rows: 4 }).join('')).toMatch(/^[ -~]*$/);
  });

  it('adds colours only on request, to the same text', () => {
    const colored = draw(group, { color: true });
    expect(colored.join('')).toContain('\u001b[');
    expect(colored.map(line => stripVTControlCharacters(line).trimEnd())).toEqual(draw(group));
  });

  it.each([20, 30, 40, 59, 60, 66, 76, 80, 90, 120, 200])(
    'has no line wider than a terminal of %i columns',
    columns => {
      const wide = groupProgress(
        [
          ...busy,
          sessionProgress('日本語のとても長い名前のセッション', {
            status: 'running',
            currentTool: '🚀'.repeat(200),
          }),
        ],
        {
          name: 'A group whose name is far longer than any terminal would ever be wide '.repeat(4),
          limitUsd: 10,
          budgetUsedRatio: 0.5,
        },
      );
      for (const color of [false, true]) {
        for (const line of draw(wide, { columns, color }))
          expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    },
  );

  it('drops columns as it gets narrower, the cost last', () => {
    const row = (columns: number) => draw(group, { columns }).find(line => line.includes('gateway')) ?? '';
    expect(row(80)).not.toContain('45.2k');
    expect(row(80)).toContain('3s');
    expect(row(62)).toMatch(/running.*~\$0\.12$/);
    expect(row(45)).not.toContain('running');
    expect(row(45)).toContain('~$0.12');
    expect(row(30)).toBe('●  gateway  Bash');
  });
});

describe('more sessions than lines', () => {
  const many = groupProgress([
    ...Array.from({ length: 14 }, (_, i) => sessionProgress(`done-${i}`, { status: 'completed' })),
    ...Array.from({ length: 22 }, (_, i) => sessionProgress(`later-${i}`)),
    sessionProgress('broken', { status: 'failed' }),
    sessionProgress('live-1', { status: 'running' }),
    sessionProgress('live-2', { status: 'retrying' }),
  ]);

  it('shows failed, live and waiting sessions first, and counts the rest', () => {
    expect(draw(many, { rows: 10, columns: 60 })).toEqual([
      '● Demo group  running  1m 05s',
      '  $0.00  0 tokens',
      '✗  failed        broken',
      '●  running       live-1',
      '↻  retrying      live-2',
      '○  pending       later-0',
      '○  pending       later-1',
      '… 34 more: 20 pending, 14 completed',
      '39 sessions: 22 pending, 14 completed, 1 failed, 1 running,…',
    ]);
  });

  it.each([5, 6, 10, 14, 24, 50])('leaves a line for the cursor in %i rows', rows => {
    expect(draw(many, { rows }).length).toBeLessThan(rows);
  });

  it('keeps the selected row on the screen', () => {
    const state = { ...FIRST_STATE, selected: 'done-9' };
    const text = draw(many, { rows: 10, state }).join('\n');
    expect(text).toContain('› ✓  completed     done-9');
    expect(text).toMatch(/34 more:/);
  });

  it('shows all sessions if they just fit', () => {
    const rows = 39 + 4 + 2;
    expect(draw(many, { rows }).join('\n')).not.toContain('more:');
    expect(draw(many, { rows: rows - 1 }).join('\n')).toContain('… 2 more: 2 completed');
  });
});

describe('text of agents in the live view', () => {
  it('stays in its cell', () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007\nnew line\u202e';
    const progress = groupProgress(
      [
        sessionProgress('a', { status: 'running', currentTool: hostile }),
        sessionProgress('b', { status: 'failed', error: { code: 'agent_error', message: hostile } }),
        sessionProgress('c', { status: 'running' }),
      ],
      { name: hostile },
    );
    const messages = new Map([['c', hostile]]);
    const lines = draw(progress, { messages });
    expect(lines).toHaveLength(8);
    expect(lines.join('')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });
});
