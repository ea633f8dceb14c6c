import type { Observation, SeenEvent, Verb } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

type Request = Extract<Observation, { kind: 'request' }>;

/** The event that a request of this kind alone brings about. */
const BRINGS: Readonly<Partial<Record<Verb, string>>> = {
  pause: 'group_pausing',
  resume: 'group_resumed',
  stop: 'group_stopping',
  retry: 'group_retried',
};

interface Asked {
  readonly request: Request;
  readonly fromSeq: number;
  /** Nobody else asked for the same while it was open. */
  alone: boolean;
}

/** http-api.md: a request whose owner dies in the middle of it is accepted if the journal has it. */
export function lost(court: Court): Concern {
  const open = new Map<number, Asked>();
  let gone: Asked[] = [];

  const isItsOwn = ({ type, reason }: SeenEvent, verb: Verb): boolean =>
    type === BRINGS[verb] && (reason === undefined || reason === 'manual');

  return {
    see(observation) {
      if (observation.kind === 'request') {
        const { id, verb } = observation;
        const same = [...open.values()].filter(({ request }) => request.verb === verb);
        for (const one of same) one.alone = false;
        open.set(id, { request: observation, fromSeq: court.journal.next, alone: same.length === 0 });
      } else if (observation.kind === 'answer') {
        const asked = open.get(observation.id);
        open.delete(observation.id);
        if (asked?.request.via === 'http' && observation.code === 'owner_gone') gone.push(asked);
      }
    },
    step() {
      for (const { request, fromSeq, alone } of gone) {
        const has = court.journal.events.slice(fromSeq).some(event => isItsOwn(event, request.verb));
        if (alone && has && !court.trouble.disk)
          court.report('§8 lost requests', `${request.verb}: its owner is gone, and the journal has it`);
      }
      gone = [];
    },
  };
}
