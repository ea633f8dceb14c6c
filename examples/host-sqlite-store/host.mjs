// Runs a group that is stored in SQLite, or resumes it after its process was killed: node host.mjs DATABASE PROJECT.
import { DatabaseSync } from 'node:sqlite';
import { GroupManager } from 'session-groups';
import { createSqliteStore } from './sqlite-store.mjs';

const [path = 'groups.db', project = process.cwd()] = process.argv.slice(2);
const database = new DatabaseSync(path);
const manager = new GroupManager({ store: createSqliteStore(database) });

const [last] = await manager.list();
const group = last ? await manager.open(last.id) : await manager.create(definition(), { baseDir: project });
group.events$.subscribe(event => {
  if (event.type === 'session_started') console.log(`${event.sessionId} works, attempt ${event.attempt}`);
  if (event.type === 'session_completed') console.log(`${event.sessionId} is done`);
});
const { status } = last ? await group.resume() : await group.run();
console.log(`the group is ${status}`);
await manager.dispose();
database.close();

/** The first time, its first session takes a minute. */
function definition() {
  const begins = 'test -e begun || { touch begun; sleep 60; }';
  return {
    version: 1,
    name: 'In SQLite',
    sessions: [
      {
        id: 'slow',
        projectPath: '.',
        prompt: 'x',
        agent: { kind: 'command', command: ['sh', '-c', begins] },
      },
      {
        ...{ id: 'after', projectPath: '.', prompt: 'x', dependsOn: ['slow'] },
        agent: { kind: 'command', command: ['sh', '-c', 'echo done'] },
      },
    ],
  };
}
