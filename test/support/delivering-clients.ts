import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../src/sdk/workspace/workspaces.ts';
import type { GroupBench } from './group-bench.ts';
import { type Answer, type Reply, text, toolUse } from './messages-api/answers.ts';
import {
  conversationText,
  lastUserText,
  type RecordedRequest,
  type RequestBody,
} from './messages-api/request.ts';

/** A call of a tool, in the session's tree. */
export type Step = (tree: string) => Reply;

/** What a model does as a session whose prompt begins with `task-ID:`. */
export interface Task {
  /** One after the other; then it says `result of ID`. */
  readonly work: readonly Step[];
  /** The same, once it is told of a conflict. */
  readonly resolve?: readonly Step[];
}

export const write =
  (file: string, content: string): Step =>
  tree =>
    toolUse('Write', { file_path: `${tree}/${file}`, content });
/** A file has to be read before it is written over. */
export const read =
  (file: string): Step =>
  tree =>
    toolUse('Read', { file_path: `${tree}/${file}` });
export const run =
  (command: string): Step =>
  () =>
    toolUse('Bash', { command });
export const commit = (message: string): Step => run(`git add -A && git commit -q -m '${message}'`);

/** Rules under which the steps above are allowed. */
export const ALLOWED = ['Bash(git *)'];

/** Workspaces in the bench's folder. */
export const ownWorkspaces = ({ folder, env }: GroupBench): SessionGroupOptions => ({
  workspaces: createWorkspaces({
    ...{ clock: systemClock, env, gate: memoryProjectGate() },
    workDir: join(folder, 'work'),
  }),
});

const CONFLICT = 'conflicts with what others have merged';
export const tellsOfConflict = ({ body }: RecordedRequest): boolean =>
  conversationText(body).includes(CONFLICT);
export const endsInConflict = ({ body }: RecordedRequest): boolean => lastUserText(body).includes(CONFLICT);

/** The session whose conversation it is. */
export const sessionOf = ({ body }: RecordedRequest): string | undefined =>
  /^task-(\w+):/m.exec(conversationText(body))?.[1];

/** By which the client's own id of a conversation goes to the API. */
export const conversationOf = ({ headers }: RecordedRequest): unknown => headers['x-claude-code-session-id'];

/** Where the client says that it works. */
export const treeOf = (body: RequestBody): string =>
  /\/[^\s"\\]*\/sgw-[^\s"\\/]+/.exec(JSON.stringify([body.system, body.messages]))?.[0] ?? '';

/**
 * Each session does its task, however often it is cut off: where it goes on is read from its conversation.
 * @param instead answers a request otherwise: before a session's call of that number, from 0, counted anew when it resolves.
 */
export function answerTasks(
  bench: GroupBench,
  tasks: Readonly<Record<string, Task>>,
  instead: (
    id: string,
    call: number,
    request: RecordedRequest,
  ) => Answer | undefined | Promise<Answer | undefined> = () => undefined,
): void {
  bench.api.answerWith(async request => {
    const id = request.side ? undefined : sessionOf(request);
    if (id === undefined) return undefined;
    const resolves = tellsOfConflict(request);
    const calls = callsSince(request.body, resolves ? CONFLICT : `task-${id}:`);
    const other = await instead(id, calls, request);
    if (other) return other;
    const step = (resolves ? tasks[id]?.resolve : tasks[id]?.work)?.[calls];
    return step ? step(treeOf(request.body)) : text(`result of ${id}`);
  });
}

/** How many tools the model has called since it was last told this. */
function callsSince({ messages }: RequestBody, words: string): number {
  const tells = (message: RequestBody['messages'][number]) =>
    message.role === 'user' && conversationText({ model: '', messages: [message] }).includes(words);
  return messages
    .slice(messages.findLastIndex(tells) + 1)
    .flatMap(({ role, content }) => (role === 'assistant' && typeof content !== 'string' ? content : []))
    .filter(({ type }) => type === 'tool_use').length;
}
