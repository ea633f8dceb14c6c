import * as Deferred from 'effect/Deferred';
import * as Effect from 'effect/Effect';
import * as Semaphore from 'effect/Semaphore';

/** A fiber for each session: it waits for its dependencies, then for a permit. */
export function prepare({ dependencies, limit, task }) {
  const program = Effect.gen(function* () {
    const permits = yield* Semaphore.make(limit);
    const ends = [];
    for (const _ of dependencies) ends.push(yield* Deferred.make());
    const session = index =>
      Effect.gen(function* () {
        for (const one of dependencies[index]) yield* Deferred.await(ends[one]);
        yield* permits.withPermits(1)(Effect.promise(() => task(index)));
        yield* Deferred.succeed(ends[index], undefined);
      });
    yield* Effect.forEach(dependencies.keys(), session, { concurrency: 'unbounded', discard: true });
  });
  return { run: () => Effect.runPromise(program) };
}
