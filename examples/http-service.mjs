// A small HTTP service that runs groups for its clients: node http-service.mjs [PROJECT]. It prints its address; Ctrl-C
// pauses its groups, and the next start resumes them, also after a crash. One manager, one cap across all groups.
import { createServer } from 'node:http';
import { createFileStore, GroupManager, RefusedError, SessionGroupsError } from 'session-groups';

const project = process.argv[2] ?? process.cwd();
const manager = new GroupManager({ store: createFileStore(), maxConcurrentSessions: 4 });

/** What a caller may ask for: the work, never the command that does it. */
const definitionOf = ({ topics }) => ({
  version: 1,
  name: 'Review on request',
  config: { budget: { maxBudgetUsd: 2 }, concurrency: { maxPerProject: 4 } },
  sessions: topics.map((topic, index) => ({
    id: `review-${index + 1}`,
    projectPath: project,
    prompt: 'Review the project for {{ topic }}.',
    variables: { topic },
    // Leave `agent` out to work with Claude Code.
    agent: {
      kind: 'scripted',
      steps: [{ tool: 'Read', duration: 100 }, { cost: 0.01 }, { result: 'nothing found' }],
    },
  })),
});

const routes = {
  async 'POST /reviews'(_, body) {
    const group = await manager.create(definitionOf(JSON.parse(body)), { baseDir: project });
    run(group.id, group.run());
    return [201, { id: group.id }];
  },
  async 'GET /reviews'() {
    return [200, await manager.list({ limit: 20 })];
  },
  async 'GET /reviews/ID'(id) {
    return [200, await manager.getGroupStatus(id)];
  },
  async 'POST /reviews/ID/stop'(id) {
    const group = await manager.open(id);
    return [200, await group.stop()];
  },
};

/** Every error of the library has a code; a request that the group's state refuses is the caller's mistake. */
function answerTo(error) {
  if (error instanceof RefusedError) return [409, { code: error.code, message: error.message }];
  if (error instanceof SessionGroupsError) return [400, { code: error.code, message: error.message }];
  if (error instanceof SyntaxError || error instanceof TypeError) return [400, { code: 'bad_request' }];
  return [500, { code: 'internal' }];
}

const server = createServer(async (request, response) => {
  const [, collection, id, verb] = new URL(request.url ?? '/', 'http://localhost').pathname.split('/');
  const route = routes[`${request.method} /${[collection, id && 'ID', verb].filter(Boolean).join('/')}`];
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    if (body.length < 100_000) body += chunk;
  }
  const [status, answer] = route ? await route(id, body).catch(answerTo) : [404, { code: 'not_found' }];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
});

const run = (id, work) => work.catch(error => console.error(`${id}: ${error.message}`));
for (const { id, status, reason } of await manager.list()) {
  const cut = status === 'interrupted' || (status === 'paused' && reason === 'shutdown');
  if (!cut && status !== 'created') continue;
  const group = await manager.open(id);
  run(id, cut ? group.resume() : group.run());
}

// On this machine only: anyone who can reach it can spend money.
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/reviews`);
});

process.once('SIGINT', leave).once('SIGTERM', leave);
async function leave() {
  server.close();
  await manager.dispose(); // pauses its groups
}
