// A group that works by day: node night-pause.mjs [PROJECT], every hour from cron. At ten in the evening the host pauses the
// group and exits; in the morning another process goes on in the same conversations. It stays one group until it settles.
import { createFileStore, GroupManager, RefusedError, systemClock } from 'session-groups';

const NIGHT = { from: 22, to: 6 };
// A test sets the clock; everybody else has the system's.
const clock = process.env.HOST_CLOCK ? (await import(process.env.HOST_CLOCK)).clock : systemClock;
const project = process.argv[2] ?? process.cwd();

const now = new Date(clock.now());
if (now.getHours() >= NIGHT.from || now.getHours() < NIGHT.to) {
  console.log(`It is night: nothing runs before ${NIGHT.to}:00.`);
  process.exit();
}

const step = (id, dependsOn) => ({
  id,
  projectPath: project,
  prompt: `Migrate the ${id}.`,
  dependsOn,
  // Leave `agent` out to work with Claude Code.
  agent: {
    kind: 'scripted',
    steps: [{ text: 'working' }, { delay: '40m' }, { cost: 0.5 }, { result: `${id} migrated` }],
  },
});
const definition = {
  version: 1,
  name: 'Migration',
  config: { timeouts: { attempt: '8h', idle: '1h' } },
  sessions: [step('schema', []), step('data', ['schema']), step('queries', ['data'])],
};

const manager = new GroupManager({ store: createFileStore(), clock });
const known = (await manager.list()).find(({ name }) => name === definition.name);
// `interrupted`: the process that ran it died. A group that was paused for another reason waits for a person.
const goesOn = known?.status === 'interrupted' || known?.reason === 'shutdown';
if (known && !goesOn && known.status !== 'created') {
  console.log(`The migration is ${known.status}.`);
  process.exit();
}
const group = known ? await manager.open(known.id) : await manager.create(definition);
group.events$.subscribe(({ type, sessionId, text }) => {
  if (type === 'session_message') console.log(`${sessionId}: ${text}`);
  if (/^session_(resumed|paused|completed|failed)$/.test(type)) console.log(`${sessionId}: ${type.slice(8)}`);
});

const evening = new Date(now).setHours(NIGHT.from, 0, 0, 0);
const alarm = clock.setTimeout(() => {
  group.pause({ reason: 'shutdown' }).catch(error => {
    if (!(error instanceof RefusedError)) throw error; // it has just settled
  });
}, evening - clock.now());

const { status, totalCostUsd } = await (goesOn ? group.resume() : group.run());
clock.clearTimeout(alarm);
await manager.dispose(); // what is paused stays paused, for the next process
console.log(`The migration is ${status}, ${totalCostUsd.toFixed(2)} USD so far.`);
