import type { Observation, SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, sessionOf, textOf } from '../concern.ts';

type Started = Extract<Observation, { kind: 'agent.started' }>;
type Shown = Extract<Observation, { kind: 'picture' }>;

/** `## audit.web (web): completed`, and what stands below it. */
const SECTION = /^## (\S+) \((.*)\): (\w+)(?:\n\n(.*))?$/s;
const SETTLED: Readonly<Record<string, string>> = {
  session_completed: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_skipped: 'skipped',
};

/** §3 and §9: each session of a fan-out is for its value, and who reads a fan-out is told what has become of all of it. */
export function fanOuts(court: Court): Concern {
  const { truth } = court;
  let started: Started[] = [];
  let shown: Shown[] = [];
  /** What a prompt may have found before or after the events of this step. */
  let changed = new Set<string>();

  function reads({ session: id, prompt = '' }: Started): void {
    const name = truth.graph.session(id)?.reads;
    const members = name === undefined ? [] : truth.graph.named(name);
    if (members.length === 0 || members.some(member => changed.has(member))) return;
    const fates = fatesIn(court.journal.events);
    const done = members.filter(member => fates.get(member)?.status === 'completed').length;
    const summary = `${done} of ${members.length} `;
    if (prompt.startsWith(summary) !== done < members.length) {
      court.report(
        '§9',
        `${id} is told ${JSON.stringify(prompt.slice(0, 30))}, and ${summary}have completed`,
      );
    }
    const sections = new Map(
      prompt.split(/\n\n(?=## )/).flatMap(text => {
        const section = SECTION.exec(text);
        return section ? [[section[1] ?? '', section] as const] : [];
      }),
    );
    for (const member of members) {
      const [, , value, status = 'nothing', text = ''] = sections.get(member) ?? [];
      const is = fates.get(member);
      const isTold = is === undefined ? !Object.values(SETTLED).includes(status) : status === is.status;
      if (!isTold)
        court.report('§9', `${id} is told ${status} of ${member}, which is ${is?.status ?? 'open'}`);
      if (value !== truth.graph.session(member)?.member?.value) {
        court.report('§9', `${id} is told that ${member} is for ${value}`);
      }
      if (text !== (is?.text ?? '')) {
        court.report('§9', `${id} is told ${JSON.stringify(text)} by ${member}, which said ${is?.text}`);
      }
    }
  }

  function shows({ via, picture }: Shown): void {
    for (const { id, forEach } of picture.sessions) {
      if (!truth.sessions.has(id)) continue;
      const { of, value } = truth.graph.session(id)?.member ?? {};
      if (forEach?.of === of && forEach?.value === value) continue;
      court.report('§3 fan-outs', `${via} shows ${id} for ${forEach?.value}, and it is for ${value}`);
    }
  }

  return {
    see(observation) {
      if (observation.kind === 'agent.started' && observation.prompt !== undefined) started.push(observation);
      else if (observation.kind === 'picture') shown.push(observation);
    },
    after(event) {
      for (const id of [sessionOf(event), ...listOf(event.sessions), ...listOf(event.added)]) changed.add(id);
    },
    step() {
      for (const one of started) reads(one);
      for (const one of shown) shows(one);
      started = [];
      shown = [];
      changed = new Set();
    },
  };
}

/** How each session that has settled did, and what it returned, or why it failed. */
function fatesIn(events: readonly SeenEvent[]) {
  const fates = new Map<string, { readonly status: string; readonly text: string }>();
  for (const event of events) {
    const status = SETTLED[event.type];
    const text = textOf(event.result) || textOf(fieldOf(event.error, 'message'));
    if (status !== undefined) fates.set(sessionOf(event), { status, text });
    for (const id of [...listOf(event.sessions), ...listOf(event.removed)]) fates.delete(id);
  }
  return fates;
}
