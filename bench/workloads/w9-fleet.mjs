const FEW = { processes: 2, concurrency: 32 };

export default {
  name: 'W9',
  title: 'A fleet over Redis',
  about:
    'A group here, and workers in other processes of the same machine, over a Redis with an append-only file. Sessions are no-ops ' +
    'that end at once; a group of 1,000 comes first, so that what is measured is compiled. Per session: `us` is the CPU of ' +
    "the group's process (`mainUs` of its main thread alone), `workersUs` that of all workers, which make a folder for each session, " +
    '`redisUs` that of Redis; `commands` are those of Redis, with the ones inside its scripts. The two hundred workers are ' +
    'workers like any others, with a folder and connections of their own, but fifty of them share a process. Their idle figures are of a second, ' +
    'and of all. `dispatch`: from the order of the group to the start by its worker, one at a time. `pause`: from the call to the ' +
    'SIGTERM at agents that are processes. `events`: until a subscriber of the group has them; `us` is of one.',
  rounds: 3,
  figuresDiffer: true,
  usesRedis: true,
  cases: ({ size }) => [
    { name: 'local', measure: 'locally', sessions: size(2_000), limit: 64 },
    { name: 'fleet', measure: 'overFleet', sessions: size(2_000), limit: 64, serving: FEW },
    { name: 'dispatch', measure: 'dispatch', sessions: size(200) },
    { name: 'pause', measure: 'pausing', cycles: size(10), agents: 8 },
    { name: 'events', measure: 'flooding', events: size(100_000), agents: 4 },
    {
      ...{ name: 'idle', measure: 'idling', rounds: 1, seconds: 12 },
      serving: { processes: 1, workers: size(10), concurrency: 4 },
    },
    {
      ...{
        name: '200 workers',
        measure: 'overMany',
        rounds: 1,
        seconds: 10,
        sessions: size(2_000),
        limit: 200,
      },
      serving: { processes: 4, workers: 4 * size(50), concurrency: 1 },
    },
  ],
  async measure(one) {
    const { MEASURES } = await import('../lib/fleet/measures.mjs');
    return MEASURES[one.measure](one);
  },
  rows: [
    {
      ...{ name: 'dispatch, p50', unit: 'ms', atMost: 15, stretch: 8, binding: true },
      value: of => of('dispatch').p50Ms,
    },
    {
      ...{ name: 'pause to SIGTERM, p50', unit: 'ms', atMost: 150, binding: true },
      value: of => of('pause').p50Ms,
    },
    {
      ...{ name: 'pause to SIGTERM, the slowest', unit: 'ms', atMost: 150 },
      value: of => of('pause').mostMs,
    },
    {
      ...{ name: 'events to the group', unit: 'per s', atLeast: 15_000, binding: true },
      value: of => of('events').perSecond,
    },
    {
      ...{
        name: 'a no-op: CPU of the group’s process beyond a local one',
        unit: 'ms',
        atMost: 0.5,
        binding: true,
      },
      value: of => (of('fleet').us - of('local').us) / 1_000,
      tried:
        'scripts by their digests, one pipeline for each turn, no fence before a first attempt, and ' +
        'news of pools in batches: 117 commands of Redis became about 85. An order in its note instead of a blob saves five more, but a worker then begins what it cannot report. The group itself sends six or seven for a no-op (its blob, its order, ' +
        'its removal, its share of reading). In a profile of a warm process, beyond a local no-op: 0.45 ms the client of Redis, 0.4 ms XState, for ' +
        'two more transitions and because the same code finds its caches cold between answers, 0.25 ms sockets and garbage, 0.3 ms what ' +
        'the engine reads and journals of an attempt that is elsewhere. Each of these alone is near the limit.',
    },
    { name: 'a no-op: CPU of Redis', unit: 'ms', value: of => of('fleet').redisUs / 1_000 },
    { name: 'a no-op: CPU of workers', unit: 'ms', value: of => of('fleet').workersUs / 1_000 },
    { name: 'a no-op: commands of Redis', unit: '', value: of => of('fleet').commands },
    {
      ...{ name: '200 workers, a no-op: CPU of the group’s process', unit: 'ms' },
      value: of => of('200 workers').us / 1_000,
    },
    {
      name: '200 workers, a no-op: CPU of Redis',
      unit: 'ms',
      value: of => of('200 workers').redisUs / 1_000,
    },
    { name: '200 workers, a no-op: commands of Redis', unit: '', value: of => of('200 workers').commands },
    {
      name: '200 workers, idle: commands of Redis',
      unit: 'per s',
      value: of => of('200 workers').idleCommands,
    },
    { name: '200 workers: connections', unit: '', value: of => of('200 workers').connections },
    { name: 'an idle worker: connections', unit: '', value: of => of('idle').workerConnections },
    { name: 'an idle worker: commands of Redis', unit: 'per s', value: of => of('idle').workerCommands },
    { name: 'a waiting group: connections', unit: '', value: of => of('idle').groupConnections },
    { name: 'a waiting group: commands of Redis', unit: 'per s', value: of => of('idle').groupCommands },
  ],
};
