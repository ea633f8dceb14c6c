import { Outbox } from '../../../src/serve/live/outbox.ts';
import { StoredHistory } from '../../../src/store/journal/stored-history.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { type Mutant, replaced } from './mutant.ts';

/** The header as the server reads it. */
const lastEventId = (by: number) => () =>
  replaced(
    Headers.prototype,
    'get',
    real =>
      function (this: Headers, name) {
        const value = real.call(this, name);
        return value === null || name !== 'last-event-id' ? value : `${Math.max(0, Number(value) + by)}`;
      },
  );

/** Planted in what those see who follow a group from outside. */
export const STREAM_MUTANTS: readonly Mutant[] = [
  { name: 'after a reconnect, an event is skipped', seed: 24, patch: lastEventId(1) },
  { name: 'after a reconnect, an event comes twice', seed: 24, patch: lastEventId(-1) },
  {
    name: 'a stream ends without its last event',
    seed: 24,
    patch: () =>
      replaced(
        Outbox.prototype,
        'put',
        real =>
          async function (this: Outbox, bytes) {
            const isLast = /^id: .*"type":"group_(?:completed|failed|stopped)"/s.test(`${bytes}`);
            if (!isLast) await real.call(this, bytes);
          },
      ),
  },
  {
    name: 'the torn line of a dead owner is an event for those who follow',
    seed: 74,
    patch: () => {
      let torn = (): string => '';
      const open = replaced(
        MemoryDisk.prototype,
        'open',
        real =>
          function (this: MemoryDisk, path, how) {
            if (path.endsWith('journal.ndjson')) torn = () => lastLine(real.call(this, path, 'r'));
            return real.call(this, path, how);
          },
      );
      const stream = replaced(
        StoredHistory.prototype,
        'stream',
        real =>
          async function* (this: StoredHistory, ...given) {
            yield* real.apply(this, given);
            const event = completed(torn());
            if (event !== undefined && event.seq >= (given[0] ?? 0)) yield event;
          },
      );
      return () => {
        stream();
        open();
      };
    },
  },
];

function lastLine(file: ReturnType<MemoryDisk['open']>): string {
  const bytes = Buffer.alloc(file.size());
  file.read(bytes, 0);
  return bytes.toString('utf8').split('\n').at(-1) ?? '';
}

/** As much of a cut line as makes an object. */
function completed(line: string) {
  for (let end = line.lastIndexOf(',"'); end > 0; end = line.lastIndexOf(',"', end - 1)) {
    try {
      const record = JSON.parse(`${line.slice(0, end)}}`);
      return typeof record.seq === 'number' ? record : undefined;
    } catch {
      // The cut was in something nested.
    }
  }
  return undefined;
}
