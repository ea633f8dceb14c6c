import { basename, dirname, join } from 'node:path';
import { capabilitiesOf } from '../../session/own/registered.ts';
import type { ResultFile } from '../attempt/order/carried-results.ts';
import { NO_FILES } from '../document/group-files.ts';
import { variableValues } from '../fan-out/config.ts';
import { fanOutNamed, fanOutOf } from '../fan-out/members.ts';
import { fanOutResult } from '../prompts/fan-out-result.ts';
import type { UpstreamResult } from '../prompts/prompt-scope.ts';
import type { RenderContext } from '../prompts/render-prompt.ts';
import type { GroupEngine } from './group-engine.ts';

/** A settled session's result, for the prompts of its dependents. Whoever only stands in has changed no files. */
export function upstreamResult(engine: GroupEngine, id: string): UpstreamResult | undefined {
  const progress = engine.progress.sessionProgress(id);
  if (!progress) return undefined;
  const run = engine.findRun(id);
  const noFiles = run && capabilitiesOf()(run.session.agent.kind).standsIn ? { changedFiles: [] } : {};
  return {
    status: progress.status,
    ...(run?.left && { ...noFiles, ...run.left }),
    error: progress.error?.message,
    errorCode: progress.error?.code,
  };
}

/** The results of all sessions of a fan-out; undefined if there is none of that name. */
function allResults(engine: GroupEngine, name: string): UpstreamResult | undefined {
  const members = engine.group.definition.sessions.flatMap(({ id, forEach }) => {
    const member = fanOutOf({ forEach });
    return member?.of === name ? [{ id, value: member.value, result: upstreamResult(engine, id) }] : [];
  });
  return members.length === 0 ? undefined : fanOutResult(members);
}

/** The context for rendering prompts and configuration, in the group's current state. */
export function renderContext(engine: GroupEngine): RenderContext {
  const { definition, files = NO_FILES } = engine.group;
  const { name, description, variables } = definition;
  const resultOf = (upstream: string) => {
    const fanOut = fanOutNamed(upstream);
    return fanOut === undefined ? upstreamResult(engine, upstream) : allResults(engine, fanOut);
  };
  const vars = variableValues(variables);
  return { group: { id: engine.groupId, name, description, vars }, files, resultOf };
}

/** The files with results that are too long for prompts, which name them. */
export function* resultFiles(engine: GroupEngine): Generator<ResultFile> {
  for (const { id } of engine.group.definition.sessions) {
    const { resultFile, outputFile } = engine.findRun(id)?.left ?? {};
    for (const path of [resultFile, outputFile]) {
      if (path === undefined) continue;
      const file = basename(path);
      yield { path, place: join(engine.logDir(id) ?? dirname(path), file), name: `${id}.${file}` };
    }
  }
}
