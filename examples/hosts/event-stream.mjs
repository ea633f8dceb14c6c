// The host's own HTTP server streams a group to browsers: node event-stream.mjs [PROJECT]. It prints its address: a page
// that shows the events, whenever it is opened. A client that was cut off continues where it was (Last-Event-ID).
import { createServer } from 'node:http';
import { createSessionGroup } from 'session-groups';

const steps = [{ tool: 'Read', duration: 300 }, { cost: 0.01 }, { result: 'looks good' }];
// Leave `agent` out to work with Claude Code.
const review = id => ({ id, projectPath: '.', prompt: `Review ${id}.`, agent: { kind: 'scripted', steps } });
const group = await createSessionGroup(
  { version: 1, name: 'Streamed', sessions: ['api', 'docs', 'tests'].map(review) },
  { baseDir: process.argv[2] ?? process.cwd() },
);
const ENDS = ['group_completed', 'group_failed', 'group_stopped'];

const PAGE = `<!doctype html><meta charset="utf-8"><title>Group</title><ol></ol><script>
  const source = new EventSource('/events');
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    const line = document.createElement('li');
    line.textContent = [event.type, event.sessionId, event.result].filter(Boolean).join(' ');
    document.querySelector('ol').append(line);
    if (${JSON.stringify(ENDS)}.includes(event.type)) source.close();
  };
</script>`;

const server = createServer((request, response) => {
  // A page of somebody else's that has its name lead to this machine gets nothing.
  if (request.headers.host !== `127.0.0.1:${server.address().port}`) return response.writeHead(421).end();
  if (request.url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  if (request.url !== '/events') return response.writeHead(404).end();
  const last = Number(request.headers['last-event-id'] ?? -1);
  if (!Number.isSafeInteger(last) || last < -1) return response.writeHead(400).end();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const events = group.journal$(last + 1).subscribe({
    next: event => {
      response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
      if (ENDS.includes(event.type)) response.end();
      else if (response.writableLength > 1_000_000) response.destroy(); // reads too slowly: it comes back
    },
    error: () => response.destroy(),
    complete: () => response.end(),
  });
  response.once('close', () => events.unsubscribe());
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));

process.once('SIGINT', leave).once('SIGTERM', leave);
const { status } = await group.run();
console.log(`The group is ${status}.`);

async function leave() {
  server.close();
  await group.dispose(); // ends what is still alive
}
