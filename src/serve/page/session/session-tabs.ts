import type { SessionDetail } from '../../api-types.ts';
import type { SessionConfiguration } from '../../configuration-types.ts';
import { fill } from '../controls/reveal.ts';
import { tabs } from '../controls/tabs.ts';
import { el, visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import type { Changes } from '../model/group-model.ts';
import { sessionWork } from '../work/session-work.ts';
import { attemptsView } from './attempts.ts';
import { configurationParts, promptParts } from './configuration.ts';
import { sendForm } from './send-form.ts';
import { resultParts } from './session-result.ts';
import { transcriptView } from './transcript.ts';

export interface SessionTabs {
  readonly node: Element;
  /** Reads what is new of the transcript. */
  refresh(signal: AbortSignal): Promise<void>;
  show(detail: SessionDetail | undefined): void;
  update(changes: Changes, ticked: Iterable<string>): void;
}

/** What there is of a session, in tabs: what it said, what it was told, what it may do, what it changed, and its attempts. `ask` asks for a refresh. */
export function sessionTabs(context: GroupContext, id: string, ask: () => void): SessionTabs {
  const { api, path, model } = context;
  const transcript = transcriptView(context, id, ask);
  const message = sendForm(context, id);
  const left = resultParts();
  const work = sessionWork(context, id);
  const attempts = attemptsView(context);
  const told = () =>
    api.get<SessionConfiguration>(`${path}/sessions/${encodeURIComponent(id)}/configuration`);
  const prompt = holder(async () => promptParts(await told()));
  const configuration = holder(async () => configurationParts(await told()));
  const nothing = el('p', { class: 'empty' }, 'Nothing is known to have changed.');
  const views = {
    Transcript: { node: el('div', {}, transcript.node, message.node, left.output) },
    Prompt: prompt,
    Configuration: configuration,
    Changes: { node: el('div', {}, nothing, left.changed, work.node) },
    Attempts: attempts,
  };
  const tabbed = tabs(
    Object.entries(views).map(([name, { node }]) => ({ name, node })),
    name => {
      if (name === 'Prompt') void prompt.load();
      if (name === 'Configuration') void configuration.load();
    },
    { label: 'Session', prefix: 'session-' },
  );
  let detail: SessionDetail | undefined;
  const draw = () => attempts.show(model.attempts.of(id));
  draw();
  return {
    node: tabbed.node,
    refresh: transcript.refresh,
    show(now) {
      detail = now;
      message.draw(detail);
      left.show(detail?.session);
      work.show(detail);
      transcript.result(detail?.session.result);
      const has = detail?.session.changedFiles !== undefined || detail?.delivery !== undefined;
      visible(nothing, !has && detail?.checked !== true);
    },
    update(changes, ticked) {
      message.draw(detail);
      if ([changes.attempts, changes.sessions].some(all => all.has(id)) || [...ticked].includes(id)) draw();
    },
  };
}

/** Is filled each time that it is opened. */
function holder(read: () => Promise<readonly Element[]>) {
  const node = el('div', {}, el('p', { class: 'empty', role: 'status' }, 'Loading…'));
  return {
    node,
    load: () => fill(node, read),
  };
}
