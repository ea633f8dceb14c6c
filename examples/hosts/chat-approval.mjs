// A person approves in a chat: node chat-approval.mjs [PROJECT]. The host posts each request to the bot's API (CHAT_URL,
// with CHAT_TOKEN); the answer comes to its webhook, signed with CHAT_SECRET. All three are in its environment.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { createSessionGroup, SessionGroupsError } from 'session-groups';

const { CHAT_URL, CHAT_TOKEN, CHAT_SECRET } = process.env;
// Leave `agent` out to work with Claude Code.
const steps = [{ approval: 'Bash', input: { command: 'npm run deploy' } }, { result: 'version 2 is out' }];
const group = await createSessionGroup(
  {
    version: 1,
    name: 'Deployment',
    config: { permissions: { timeout: '30m' } }, // without an answer by then, the session fails
    sessions: [{ id: 'deploy', projectPath: '.', prompt: 'Deploy it.', agent: { kind: 'scripted', steps } }],
  },
  { baseDir: process.argv[2] ?? process.cwd(), attended: true },
);

/** The signature is over time and body: an answer that somebody has recorded is worth nothing later. */
function isGenuine({ 'x-chat-time': time = '', 'x-chat-signature': hex = '' }, body) {
  const expected = createHmac('sha256', CHAT_SECRET).update(`${time}.${body}`).digest();
  const given = Buffer.from(hex, 'hex');
  if (!(Math.abs(Date.now() - Number(time)) < 5 * 60_000)) return false;
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function answer(request, response) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) if (body.length < 10_000) body += chunk;
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const { requestId, decision, by } = JSON.parse(body);
  await group.answer(requestId, decision === 'allow' ? 'allow' : 'deny', by);
  response.writeHead(204).end();
}
const webhook = createServer((request, response) => {
  answer(request, response).catch(error => {
    response.writeHead(error instanceof SessionGroupsError ? 409 : 400).end(error.code); // 409: answered already
  });
});
await new Promise(listening => webhook.listen(0, '127.0.0.1', listening));

async function ask({ requestId, sessionId, tool, input }) {
  const answerTo = `http://127.0.0.1:${webhook.address().port}/`;
  const body = JSON.stringify({ requestId, answerTo, text: `${sessionId}: ${tool} ${input.command}` });
  const headers = { authorization: `Bearer ${CHAT_TOKEN}`, 'content-type': 'application/json' };
  const { ok, status } = await fetch(CHAT_URL, { method: 'POST', headers, body });
  if (!ok) throw new Error(`the chat answered ${status}`);
}
group.events$.subscribe(event => {
  if (event.type === 'approval_answered') console.log(`${event.decision} by ${event.by}`);
  if (event.type !== 'approval_requested') return;
  ask(event)
    .catch(error => group.answer(event.requestId, 'deny', 'host', `nobody was asked: ${error.message}`))
    .catch(() => {}); // it was answered all the same
});
const { status, sessions } = await group.run();
console.log(`The group is ${status}: ${sessions.deploy.result ?? sessions.deploy.error?.message}`);
await group.dispose();
webhook.close();
