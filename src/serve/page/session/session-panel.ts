import { SESSION_MARKS } from '../../../words/marks.ts';
import type { SessionDetail, Transcript } from '../../api-types.ts';
import { badge } from '../controls/badge.ts';
import { iconButton } from '../controls/button.ts';
import { el, text, visible } from '../dom/el.ts';
import { question } from '../group/approvals.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { workPart } from '../later/work-part.ts';
import { detailWords } from '../model/session-words.ts';
import { ApiFailure } from '../net/api.ts';
import { paced } from '../net/paced.ts';
import { holdButton } from './hold-button.ts';
import { factList, factRows } from './session-facts.ts';
import { resultParts } from './session-result.ts';
import { transcriptView } from './transcript.ts';

const TAIL = 200;

export interface SessionPanel extends Part {
  focus(): void;
  close(): void;
}

/** The panel of one session. `leave` closes it. */
export function sessionPanel(context: GroupContext, id: string, leave: () => void): SessionPanel {
  const { api, model, path } = context;
  const below = `/sessions/${encodeURIComponent(id)}`;
  const status = badge(SESSION_MARKS[model.sessions.get(id)?.status ?? 'pending']);
  const why = el('p', { class: 'why' });
  const description = el('p', { class: 'description' });
  const asks = el('div', { class: 'inbox' });
  const facts = factList();
  const error = el('pre', { class: 'error', tabindex: 0 });
  const left = resultParts();
  const work = workPart(context, id);
  const errorPart = el('div', {}, el('h3', {}, 'Error'), error);
  const transcript = transcriptView();
  const title = el('h2', { tabindex: -1 }, id);
  const hold = holdButton(context, id);
  const node = el(
    'aside',
    { class: 'card panel', 'aria-label': `Session ${id}` },
    el('header', {}, title, iconButton('cross', 'Close', leave)),
    el('div', { class: 'standing' }, status.node, hold.node),
    why,
    description,
    asks,
    errorPart,
    facts.node,
    work.node,
    left.node,
    el('h3', {}, 'Transcript'),
    transcript.node,
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
    left.show(detail);
    facts.show(factRows(session, detail, now - model.updatedAt));
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
      work.show(told);
      draw();
      transcript.show(said);
    },
    error => {
      if (error instanceof ApiFailure && error.status === 404)
        context.tell(`This group has no session ${id}.`);
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
