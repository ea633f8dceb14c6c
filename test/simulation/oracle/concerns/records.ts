import type { SeenEvent } from '../../history.ts';
import type { Concern, Court } from '../concern.ts';

/** I10 and I11 for those who watch: what each of them sees is the journal, without a gap and not ahead of it. */
export function records(court: Court): Concern {
  const { truth } = court;
  /** The number that each watcher saw last. */
  const last = new Map<string, number>();
  /** Streams of hosts that have ended in this step; no stream outlives that its group settles. */
  let endedNow: { readonly pid: number; readonly watcher: string }[] = [];
  let settlesNow = false;
  let seenNow: { readonly pid: number; readonly watcher: string; readonly event: SeenEvent }[] = [];

  function forget(pid: number): void {
    for (const key of last.keys()) if (key.startsWith(`${pid} `)) last.delete(key);
  }

  function compare(event: SeenEvent, written: SeenEvent): void {
    for (const [field, value] of Object.entries(event)) {
      if (field === 'crc') continue;
      if (JSON.stringify(value) !== JSON.stringify(written[field])) {
        court.report(
          'I11',
          `${event.type} ${event.seq} was shown with another ${field} than the journal has`,
        );
      }
    }
    for (const field of Object.keys(written)) {
      if (field !== 'crc' && event[field] === undefined) {
        court.report('I11', `${event.type} ${event.seq} was shown without ${field}`);
      }
    }
  }

  return {
    see(observation) {
      // §8: lines that no sync had covered are gone, and all who have seen them with them.
      if (observation.kind === 'fault' && /power/.test(observation.what)) {
        last.clear();
        seenNow = [];
      }
      // What it could not write, and had shown, died with it.
      if (observation.kind === 'process.crashed' && court.trouble.disk) forget(observation.pid);
      if (observation.kind === 'process.exited') forget(observation.pid); // who has gone looks at nothing any more
      if (observation.kind === 'watch.began') {
        last.set(`${observation.pid} ${observation.watcher}`, observation.fromSeq - 1);
      }
      if (
        observation.kind === 'watch.ended' &&
        observation.because === undefined &&
        !observation.watcher.startsWith('control')
      ) {
        endedNow.push(observation);
      }
      if (observation.kind === 'watch.ended') last.delete(`${observation.pid} ${observation.watcher}`);
      if (observation.kind !== 'event') return;
      const { pid, watcher, event } = observation;
      const key = `${pid} ${watcher}`;
      const before = last.get(key);
      last.set(key, event.seq);
      if (before !== undefined && event.seq !== before + 1) {
        court.report('I11', `${watcher} saw ${event.seq} after ${before}`);
      }
      seenNow.push({ pid, watcher, event });
    },
    before(event) {
      if (/^group_(completed|failed|stopped)$/.test(event.type)) settlesNow = true;
    },
    step() {
      for (const { pid, watcher } of endedNow) {
        // A group whose engine has died may be opened and let go again: it stays as it was.
        const goesOn = truth.status === 'running' && !court.ownerless && !settlesNow && !court.trouble.disk;
        if (goesOn && court.processes.get(pid)?.state === 'alive')
          court.report('I11', `${watcher} ends, and the group is running`);
      }
      endedNow = [];
      settlesNow = false;
      for (const { pid, watcher, event } of seenNow) {
        const written = court.journal.events[event.seq];
        if (written !== undefined) {
          // One that died with unwritten events leaves their numbers to the next owner.
          if (court.processes.get(pid)?.state === 'alive' && !court.trouble.disk) compare(event, written);
        } else if (!court.trouble.disk && court.processes.get(pid)?.state === 'alive') {
          court.report('I10', `${watcher} saw ${event.type} ${event.seq}, which the journal does not have`);
        } else if (!court.trouble.disk) {
          court.report('I10', `${event.type} ${event.seq} was shown and died with its process`);
        }
      }
      seenNow = [];
    },
    end() {
      for (const [key, seq] of last) {
        if (seq >= court.journal.next && !court.trouble.disk)
          court.report('I10', `${key} is ahead of the journal`);
      }
    },
  };
}
