import { z } from 'zod';
import { AgentUnavailableError } from '../../../sdk/errors.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, SIGNAL_EXIT } from '../../exit-codes.ts';
import { findSession } from '../../groups/find.ts';
import { JsonOption } from '../../json-option.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const OpenOptions = JsonOption.extend({
  exec: z.boolean().default(false),
  takeOver: z.boolean().default(false),
});

/** `session open GROUP SESSION`: prints the command that goes on with its conversation by hand, or runs it. */
export async function sessionOpen(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { json, exec, takeOver } = OpenOptions.parse(given);
  const { store, stored } = await findSession(word, id, context);
  const groupId = stored.group.id;
  if (!exec) {
    const { line, cwd, conversationId, program } = await services.openCommand(stored, id, io.env);
    const { name, args, variables } = program;
    const parts = { command: line, cwd, program: [name, ...args], env: variables, conversationId };
    io.stdout.write(
      json ? jsonLine({ type: 'open', groupId, sessionId: id, ...parts }) : `${cleanLine(line)}\n`,
    );
    return;
  }
  const stopped = new AbortController();
  const offs = [
    io.onSignal('SIGINT', () => {}), // the program gets it from the terminal
    ...(['SIGTERM', 'SIGHUP'] as const).map(signal => io.onSignal(signal, () => stopped.abort())),
  ];
  io.stderr.write(
    `Opening ${id}: its group cannot run until you are done, and what you spend is not counted.\n`,
  );
  try {
    const { code, signal, error } = await services.openSession(groupId, id, {
      ...{ store, env: io.env, takeOver },
      signal: stopped.signal,
    });
    if (error) throw new AgentUnavailableError('agent_not_found', error.message);
    context.exitCode =
      code ?? (signal && signal in SIGNAL_EXIT ? SIGNAL_EXIT[signal as 'SIGTERM'] : EXIT.failed);
    if (json)
      io.stdout.write(jsonLine({ type: 'opened', groupId, sessionId: id, exitCode: context.exitCode }));
  } finally {
    for (const off of offs) off();
  }
}
