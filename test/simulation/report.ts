import type { Observation, Picture, Violation } from './history.ts';
import type { Plan } from './plan/plan.ts';

const START = Date.UTC(2026, 0, 1);

/** A history in lines for people: what is the same as before is left out. */
export function readable(history: readonly Observation[]): string[] {
  const lines: string[] = [];
  let step = -1;
  let shown = '';
  let sessions = new Map<string, string>();
  for (const seen of history) {
    const words = wordsOf(seen);
    if (seen.kind === 'picture' && seen.via === 'handle') {
      const now = new Map(seen.picture.sessions.map(one => [one.id, sessionWords(one)]));
      const changes = [...now].filter(([id, text]) => sessions.get(id) !== text).map(([, text]) => text);
      sessions = now;
      const text = groupWords(seen.picture);
      if (text === shown && changes.length === 0) continue;
      shown = text;
      lines.push(
        `${headOf(seen, step)}      ${text}${changes.map(change => `\n${' '.repeat(24)}${change}`).join('')}`,
      );
    } else if (words !== undefined) lines.push(`${headOf(seen, step)}${words}`);
    else continue;
    step = seen.step;
  }
  return lines;
}

function headOf({ step, at }: Observation, before: number): string {
  if (step === before) return ' '.repeat(18);
  return `${String(step).padStart(5)} ${`${((at - START) / 1_000).toFixed(3)} s`.padStart(11)} `;
}

const groupWords = ({ status, why, totalCostUsd, limitUsd }: Picture): string =>
  `the group is ${status}${why ? ` (${why})` : ''}, ${totalCostUsd} of ${limitUsd ?? 'unlimited'} USD`;

function sessionWords({
  id,
  status,
  why,
  skipReason,
  errorCode,
  costUsd,
  attempts,
}: Picture['sessions'][number]) {
  const more = [why, skipReason, errorCode].filter(text => text !== undefined).join(', ');
  return `${id} is ${status}${more ? ` (${more})` : ''}, ${costUsd} USD, ${attempts} attempts`;
}

function wordsOf(seen: Observation): string | undefined {
  const { kind, at: _, step: __, ...rest } = seen;
  switch (seen.kind) {
    case 'journal':
      return seen.added === undefined ? `the journal now has ${seen.lines.length} lines` : undefined;
    case 'event': {
      const { type, seq, time: ___, groupId: ____, ...fields } = seen.event;
      if (seen.watcher.includes('follower')) return `  ${seen.watcher} sees ${seq} ${type}`;
      return seen.watcher.startsWith('live') ? `  ${seq} ${type} ${JSON.stringify(fields)}` : undefined;
    }
    case 'picture':
      return seen.via === 'handle'
        ? undefined
        : `${seen.pid} sees by ${seen.via} a group that is ${seen.picture.status}`;
    case 'request':
      return `${seen.pid} asks #${seen.id} ${seen.verb} by ${seen.via} ${JSON.stringify(seen.args)}`;
    case 'answer':
      return `  #${seen.id} is ${seen.outcome} ${seen.code ?? ''} ${seen.message ?? ''}`;
    default:
      return `${kind} ${JSON.stringify(rest).slice(1, -1)}`;
  }
}

export const violationWords = ({ rule, message, step }: Violation): string =>
  `step ${step}: ${rule}: ${message}`;

/** The whole report about a plan that fails. */
export function report(
  plan: Plan,
  history: readonly Observation[],
  violations: readonly Violation[],
): string {
  const { definition } = plan;
  const { sessions, ...settings } = definition;
  return [
    `seed ${plan.seed}: ${JSON.stringify(settings)}`,
    ...sessions.map(session => `  ${JSON.stringify(session)}`),
    ...readable(history),
    ...violations.map(violationWords),
  ].join('\n');
}
