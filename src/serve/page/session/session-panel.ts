import { SESSION_MARKS } from '../../../words/marks.ts';
import { skipWords } from '../../../words/session-words.ts';
import type { SessionDetail } from '../../api-types.ts';
import { badge } from '../controls/badge.ts';
import { iconButton } from '../controls/button.ts';
import { command } from '../controls/command.ts';
import { el, text, visible } from '../dom/el.ts';
import { answerable, question } from '../group/approvals.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { detailWords } from '../model/session-words.ts';
import { paced } from '../net/paced.ts';
import { holdButton } from './hold-button.ts';
import { factList, factRows } from './session-facts.ts';
import { sessionTabs } from './session-tabs.ts';

export interface SessionPanel extends Part {
  focus(): void;
  close(): void;
}

/** The panel of one session. `leave` closes it. */
export function sessionPanel(context: GroupContext, id: string, leave: () => void): SessionPanel {
  const { api, model, path } = context;
  const status = badge(SESSION_MARKS[model.sessions.get(id)?.status ?? 'pending']);
  const why = el('p', { class: 'why' });
  const description = el('p', { class: 'description' });
  const request = el('div', { class: 'request' });
  const asks = answerable(model, request);
  asks.node.classList.add('inbox');
  const facts = factList();
  const error = el('pre', { class: 'error', tabindex: 0 });
  const errorPart = el('div', {}, el('h3', {}, 'Error'), error);
  const byHand = el('div', { class: 'by-hand' });
  const tabbed = sessionTabs(context, id, () => follow.ask());
  const skeleton = el('div', { class: 'skeleton', role: 'status', 'aria-label': 'Loading' });
  const title = el('h2', { tabindex: -1 }, id);
  const hold = holdButton(context, id);
  const node = el(
    'aside',
    { class: 'card panel', 'aria-label': `Session ${id}` },
    el('header', {}, title, iconButton('cross', 'Close', leave)),
    el('div', { class: 'standing' }, status.node, hold.node),
    why,
    description,
    asks.node,
    errorPart,
    facts.node,
    byHand,
    skeleton,
    tabbed.node,
  );
  visible(tabbed.node, false);
  let detail: SessionDetail | undefined;
  let asked: string | undefined;
  let offered: string | undefined;
  const draw = () => {
    const session = model.sessions.get(id);
    if (session === undefined) return;
    const now = Date.now();
    status.set(SESSION_MARKS[session.status]);
    const skip = session.status === 'skipped' ? detail?.skip : undefined;
    const waits = [detailWords(session, now), skip && skipWords(skip)].filter(Boolean).join(', ');
    text(why, waits);
    visible(why, waits !== '' && session.status !== 'failed');
    text(error, session.error === undefined ? '' : `${session.error.code}: ${session.error.message}`);
    visible(errorPart, session.error !== undefined);
    text(description, detail?.session.description ?? '');
    visible(description, detail?.session.description !== undefined);
    facts.show(factRows(session, detail?.session, model));
    hold.draw();
    const approval = [...model.approvals.values()].find(({ sessionId }) => sessionId === id);
    if (approval?.requestId !== asked) {
      asked = approval?.requestId;
      request.replaceChildren(...(approval === undefined ? [] : question(context, approval)));
    }
    visible(asks.node, approval !== undefined);
    asks.draw();
    const open = detail?.open?.command;
    if (open !== offered) {
      offered = open;
      const parts = open === undefined ? [] : [el('h3', {}, 'Continue by hand'), command(open)];
      byHand.replaceChildren(...parts);
    }
  };

  const follow = paced(
    async signal => {
      [detail] = await Promise.all([
        api.get<SessionDetail>(`${path}/sessions/${encodeURIComponent(id)}`, signal),
        tabbed.refresh(signal),
      ]);
      tabbed.show(detail);
      visible(skeleton, false);
      visible(tabbed.node, true);
      draw();
    },
    failure => context.tell(failure instanceof Error ? failure.message : String(failure)),
  );
  draw();
  follow.ask();
  return {
    node,
    update(changes, ticked) {
      if (changes.sessions.has(id) || changes.spoke.has(id)) follow.ask();
      tabbed.update(changes, ticked);
      draw();
    },
    focus: () => title.focus({ preventScroll: true }),
    close: follow.close,
  };
}
