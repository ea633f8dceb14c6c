import { formatTokens, formatUsd } from '../../../words/format.ts';
import type { SessionDetail, Transcript } from '../../api-types.ts';
import { el, text, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import { SESSION_MARKS } from '../model/marks.ts';
import { costWords, detailWords, isSettled, timeWords } from '../model/session-words.ts';
import { isLive } from '../model/verbs.ts';
import { ApiFailure } from '../net/api.ts';
import { question } from './approvals.ts';
import { badge } from './badge.ts';
import { button } from './button.ts';
import type { GroupContext, Part } from './part.ts';
import { transcriptView } from './transcript.ts';

const TAIL = 200;
/** Between two looks at the transcript of a session that talks without a pause. */
const PACE_MS = 700;

export interface SessionPanel extends Part {
  focus(): void;
  close(): void;
}

/** Everything about one session. `leave` closes it. */
export function sessionPanel(context: GroupContext, id: string, leave: () => void): SessionPanel {
  const { api, model, path } = context;
  const below = `/sessions/${encodeURIComponent(id)}`;
  const status = badge(SESSION_MARKS[model.sessions.get(id)?.status ?? 'pending']);
  const why = el('p', { class: 'why' });
  const description = el('p', { class: 'description' });
  const asks = el('div', { class: 'inbox' });
  const facts = el('dl', { class: 'facts' });
  const error = el('pre', { class: 'error', tabindex: 0 });
  const result = el('pre', { class: 'result', tabindex: 0 });
  const resultPart = el('div', {}, el('h3', {}, 'Result'), result);
  const errorPart = el('div', {}, el('h3', {}, 'Error'), error);
  const transcript = transcriptView();
  const title = el('h2', { tabindex: -1 }, id);
  const hold = holdButton(context, id, below);
  const node = el(
    'aside',
    { class: 'card panel', 'aria-label': `Session ${id}` },
    el(
      'header',
      {},
      title,
      el(
        'button',
        { type: 'button', class: 'quiet', 'aria-label': 'Close', click: leave },
        icon('cross').node,
      ),
    ),
    el('div', { class: 'standing' }, status.node, hold.node),
    why,
    description,
    asks,
    errorPart,
    facts,
    resultPart,
    el('h3', {}, 'Transcript'),
    transcript.node,
  );
  const rows = new KeyedList<readonly [string, string]>(
    facts,
    ([name]) => name,
    ([name]) => {
      const value = el('dd');
      return { node: el('div', {}, el('dt', {}, name), value), update: ([, words]) => text(value, words) };
    },
  );

  let detail: SessionDetail['session'] | undefined;
  let asked: string | undefined;
  const draw = () => {
    const session = model.sessions.get(id);
    if (session === undefined) return;
    const now = Date.now();
    status.set(SESSION_MARKS[session.status]);
    const waits = detailWords(session, now);
    text(why, waits);
    visible(why, waits !== '' && session.status !== 'failed');
    text(error, session.error === undefined ? '' : `${session.error.code}: ${session.error.message}`);
    visible(errorPart, session.error !== undefined);
    text(description, detail?.description ?? '');
    visible(description, detail?.description !== undefined);
    text(result, detail?.result ?? '');
    visible(resultPart, detail?.result !== undefined && detail.result !== '');
    const { tokens } = session;
    rows.show(
      [
        ['Cost', [costWords(session) || '$0.00', capWords(detail)].filter(Boolean).join(' ')],
        [
          'Tokens',
          `${formatTokens(tokens)} (${tokens.input} in, ${tokens.output} out, ${tokens.cacheRead} read from cache)`,
        ],
        ['Tool', session.currentTool ?? ''],
        ['Time', timeWords(session, now - model.updatedAt)],
        ['Attempts', session.attempts === 0 ? '' : String(session.attempts)],
        ['Agent', [detail?.agent, detail?.model].filter(Boolean).join(', ')],
        ['Depends on', (detail?.dependsOn ?? []).map(edgeWords).join(', ')],
        ['Project', session.projectPath],
      ].flatMap(([name = '', words = '']) => (words === '' ? [] : [[name, words] as const])),
    );
    hold.draw();
    const approval = [...model.approvals.values()].find(({ sessionId }) => sessionId === id);
    if (approval?.requestId !== asked) {
      asked = approval?.requestId;
      asks.replaceChildren(...(approval === undefined ? [] : question(context, approval)));
    }
    visible(asks, approval !== undefined);
  };

  const follow = paced(
    async signal => {
      const [told, said] = await Promise.all([
        api.get<SessionDetail>(`${path}${below}`, signal),
        api.get<Transcript>(`${path}${below}/transcript?tail=${TAIL}`, signal),
      ]);
      detail = told.session;
      draw();
      transcript.show(said);
    },
    error => {
      if (error instanceof ApiFailure && error.status === 404)
        context.tell(`There is no session ${id} in this group.`);
    },
  );
  draw();
  follow.ask();
  return {
    node,
    update(changes) {
      if (changes.sessions.has(id) || changes.spoke.has(id)) follow.ask();
      draw();
    },
    focus: () => title.focus({ preventScroll: true }),
    close: follow.close,
  };
}

const capWords = (detail: SessionDetail['session'] | undefined): string =>
  detail?.maxBudgetUsd === undefined ? '' : `of at most ${formatUsd(detail.maxBudgetUsd)}`;

const edgeWords = ({ session, when }: SessionDetail['session']['dependsOn'][number]): string =>
  when === 'completed' ? session : `${session} (if ${when})`;

/** Holds this session alone, or lets it go on. */
function holdButton({ model, request }: GroupContext, id: string, below: string) {
  const held = () => {
    const why = model.sessions.get(id)?.why;
    return why?.kind === 'paused' && why.reason === 'held';
  };
  const press = button({
    label: 'Pause session',
    icon: 'bars',
    async act() {
      await request(`${below}/${held() ? 'resume' : 'pause'}`);
    },
  });
  return {
    node: press.node,
    draw() {
      const session = model.sessions.get(id);
      const over = session === undefined || isSettled(session) || !(isLive(model.totals.status) || held());
      visible(press.node, !over);
      press.label(held() ? 'Resume session' : 'Pause session');
      press.refuse(session?.status === 'pending' && !held() ? 'It is not in play yet' : undefined);
    },
  };
}

/** Work that is asked for often: one at a time, with a pause between two, and the last request is always heard. */
function paced(work: (signal: AbortSignal) => Promise<void>, failed: (error: unknown) => void) {
  const closing = new AbortController();
  let wanted = false;
  let busy = false;
  const run = async () => {
    busy = true;
    while (wanted && !closing.signal.aborted) {
      wanted = false;
      await work(closing.signal).catch(error => closing.signal.aborted || failed(error));
      await new Promise(resolve => setTimeout(resolve, PACE_MS));
    }
    busy = false;
  };
  return {
    ask() {
      wanted = true;
      if (!busy) void run();
    },
    close: () => closing.abort(),
  };
}
