import type { Observable } from 'rxjs';
import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import type { GroupEvent } from '../journal/events.ts';
import { EventLog } from '../journal/streams/event-log.ts';
import { type EventHistory, journalStream } from '../journal/streams/journal-stream.ts';
import { SafeObservable } from '../journal/streams/safe-observable.ts';
import type { GroupProgress, GroupResult } from '../progress/progress.ts';
import { progressStream } from '../progress/progress-stream.ts';
import type { Engine } from './engine.ts';

/** What can be followed of a group, in each way in which it can. All of it ends with the engine. */
export interface GroupStreams {
  readonly events$: Observable<GroupEvent>;
  readonly progress$: Observable<GroupProgress>;
  readonly settled$: Observable<GroupResult>;
  journal$(fromSeq: number): Observable<GroupEvent>;
  readonly log: EventLog;
}

export function groupStreams(engine: Engine, history: EventHistory): GroupStreams {
  const { recorder, progress, clock } = engine;
  const { settlements } = engine.rests;
  const { events, prelude, changes } = recorder;
  const isSettled = () => isSettledGroup(engine.status) && recorder.isDelivered;
  return {
    events$: new SafeObservable(subscriber => {
      for (const event of prelude) subscriber.next(event);
      return events.subscribe(subscriber);
    }),
    progress$: progressStream({ changes, settlements }, () => progress.getProgress(), clock),
    settled$: new SafeObservable(subscriber => settlements.subscribe(subscriber)),
    journal$: fromSeq => journalStream(history, events, fromSeq),
    log: new EventLog({ events$: events, history, isSettled }),
  };
}
