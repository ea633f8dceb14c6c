import { isAbsolute } from 'node:path';
import type { Clock } from '../clock.ts';
import { lastJson } from '../json.ts';
import { lineSplitter } from '../process/line-splitter.ts';
import { markerOf, type ProcessExit, spawnProcess } from '../process/process.ts';
import { tail } from '../process/tail.ts';
import { findProgram, problemOnPath, programProblem } from '../program-problem.ts';
import type { Agent, AgentCheck, Attempt, AttemptEnd, AttemptSpec } from './agent.ts';
import { isOfKind, type ResolvedAgent } from './agent-config.ts';
import { AGENT_KINDS } from './agent-kinds.ts';
import { stderrLog } from './attempt-logs.ts';
import { type AttemptSink, attemptSink } from './attempt-sink.ts';
import { messageBatch } from './message-batch.ts';
import { redactor } from './reports/redaction.ts';
import { reaperProblem, spawnFailure } from './spawn-failure.ts';
import { unfinishedLines } from './stream-json/signs-of-work.ts';
import { LONGEST_MESSAGE_BYTES, tooLong } from './stream-json/too-long.ts';
import { type StreamJsonReader, streamJsonReader } from './stream-json-usage.ts';

/** The result is the end of standard output, up to this size. */
const RESULT_BYTES = 1024 * 1024;
const LONGEST_REASON = 500;

type CommandConfig = Extract<ResolvedAgent, { kind: 'command' }>;

/**
 * Runs any program as a session: the prompt on standard input, its output as messages, its exit code as the outcome.
 * A structured output, if asked for, is the last JSON that it prints. There are no conversations, so an attempt after a
 * pause starts over. The gentlest interrupt is SIGTERM; a program that then still exits with 0 has finished its work.
 */
export function createCommandAgent(clock: Clock): Agent {
  return {
    kind: 'command',
    capabilities: AGENT_KINDS.command.capabilities,
    check: async options => {
      const check = checkProgram(options?.agent);
      return check.ok ? ((await reaperProblem()) ?? check) : check;
    },
    start: (spec, listener) => startAttempt(spec, attemptSink(listener, clock), clock),
  };
}

function startAttempt(spec: AttemptSpec, sink: AttemptSink, clock: Clock): Attempt {
  const { agent } = spec;
  if (!isOfKind(agent, 'command')) {
    sink.end({ outcome: 'failed', code: 'invalid_request', message: `not a command agent: ${agent.kind}` });
    return NEVER_RAN;
  }
  const [command, ...args] = agent.command;
  const output = commandOutput(spec, agent, sink, clock);
  let isTooLong = false;
  const child = spawnProcess(
    {
      command,
      args,
      cwd: spec.cwd,
      env: spec.env,
      marker: markerOf(spec),
      stdout:
        agent.output === 'stream-json'
          ? {
              longest: LONGEST_MESSAGE_BYTES,
              onLine: output.read,
              onUnfinished: output.unfinished,
              onTooLong: () => {
                isTooLong = true;
                child.kill();
              },
            }
          : { onChunk: output.onChunk },
      ...stderrLog(spec, event => sink.emit(event)),
    },
    clock,
  );
  if (child.pid !== undefined) sink.emit({ type: 'started', conversationId: spec.conversation.id });
  child.write(spec.prompt);
  child.endInput();

  let interrupted = false;
  void child.exited.then(exit => {
    output.flush();
    if (isTooLong) sink.end(tooLong(command));
    else if (exit.spawnError) sink.end(spawnFailure(exit.spawnError, { command, cwd: spec.cwd }));
    else if (interrupted && exit.code !== 0) sink.end({ outcome: 'interrupted' });
    else sink.end(exit.code === 0 ? output.end(interrupted) : failure(exit));
  });

  const terminate = (): void => {
    interrupted = true;
    child.terminate();
  };
  return {
    ...(child.pid !== undefined && { pid: child.pid }),
    interrupt: terminate,
    terminate,
    kill() {
      interrupted = true;
      child.kill();
    },
    answerPermission() {},
  };
}

const NEVER_RAN: Attempt = {
  interrupt() {},
  terminate() {},
  kill() {},
  answerPermission() {},
};

interface CommandOutput {
  /** Of text. */
  onChunk(chunk: Buffer): void;
  read(line: string, truncated: boolean): void;
  /** The current line has grown. */
  unfinished(bytes: number): void;
  flush(): void;
  /** How the attempt ends when the program exits with 0. */
  end(asked: boolean): AttemptEnd;
}

function commandOutput(
  spec: AttemptSpec,
  agent: CommandConfig,
  sink: AttemptSink,
  clock: Clock,
): CommandOutput {
  const all = tail(RESULT_BYTES);
  const unfinished = unfinishedLines();
  const batch = messageBatch(text => sink.emit({ type: 'message', role: 'assistant', text }), clock);
  const reader: StreamJsonReader | undefined =
    agent.output === 'stream-json' ? streamJsonReader() : undefined;
  const grew = (bytes: number): void => {
    if (unfinished.grew(bytes)) sink.emit({ type: 'activity' });
  };
  const onLine = (line: string): void => {
    batch.push(line);
    unfinished.ended(true);
  };
  const lines = lineSplitter({ onLine, onUnfinished: grew });
  return {
    flush() {
      lines.end();
      batch.flush();
    },
    // A flood of short lines must not hold up anything else: those that nobody would see are not read.
    onChunk(chunk) {
      all.push(chunk);
      const [first, last] = [chunk.indexOf(NEWLINE), chunk.lastIndexOf(NEWLINE)];
      if (!batch.isFull || first === last) return lines.push(chunk);
      lines.push(chunk.subarray(0, first + 1));
      batch.drop(newlinesIn(chunk.subarray(first + 1, last + 1)));
      lines.push(chunk.subarray(last + 1));
    },
    read(line, truncated) {
      if (!reader || truncated) return; // it ends the attempt
      const { events, texts, showsWork } = reader.read(line);
      for (const event of events) sink.emit(event);
      for (const text of texts) {
        all.push(Buffer.from(`${text}\n`));
        batch.push(text);
      }
      unfinished.ended(showsWork);
    },
    unfinished: grew,
    end(asked) {
      const final = reader?.result();
      const short = (text: string) => shortened(redactor(spec.secrets)(text));
      // A wrapper may lose the exit code of what it wraps: a run that reports an error, or that it has not ended, is
      // not done.
      const end = reader?.end({ asked, now: clock.now() });
      if (end?.outcome === 'failed') return { ...end, message: short(end.message) };
      if (end && end.outcome !== 'done') return end;
      const result = end?.result ?? final?.text ?? all.text().trimEnd();
      if (final?.isError) return { outcome: 'failed', code: 'agent_error', message: short(result) };
      const output = final?.output ?? (spec.outputSchema ? lastJson(result) : undefined);
      const given = output === undefined ? {} : { output };
      return { outcome: 'done', result, ...given, denials: end?.denials ?? final?.denials ?? [] };
    },
  };
}

const NEWLINE = 0x0a;

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function failure({ code, signal, stderrTail }: ProcessExit): AttemptEnd {
  const how = code === null ? `ended by ${signal ?? 'an unknown signal'}` : `exited with code ${code}`;
  const reason = stderrTail.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const message = reason === '' ? how : `${how}: ${shortened(reason)}`;
  return { outcome: 'failed', code: 'agent_error', message };
}

/** @param text without secrets: none is cut in two. */
const shortened = (text: string): string =>
  text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`;

/** A relative path depends on the project, which isn't known here; only starting the program can tell. */
function checkProgram(agent: ResolvedAgent | undefined): AgentCheck {
  const command = isOfKind(agent, 'command') ? agent.command[0] : undefined;
  if (command === undefined || (command.includes('/') && !isAbsolute(command)))
    return { ok: true, warnings: [] };
  const path = findProgram(command);
  const problem = command.includes('/') ? programProblem(command) : problemOnPath(command);
  if (path !== undefined && !(path === command && problem)) return { ok: true, path, warnings: [] };
  const hint = 'Install it, or give its absolute path as the first word of `command`.';
  return {
    ok: false,
    code: 'agent_not_found',
    message: `program not found: ${problem?.message ?? command}`,
    hint: problem?.hint ?? hint,
  };
}
