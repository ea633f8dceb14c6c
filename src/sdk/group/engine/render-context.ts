import { NO_FILES } from '../document/group-files.ts';
import type { UpstreamResult } from '../prompts/prompt-scope.ts';
import type { RenderContext } from '../prompts/render-prompt.ts';
import type { GroupEngine } from './group-engine.ts';

/** A settled session's result, for the prompts of its dependents. */
export function upstreamResult(engine: GroupEngine, id: string): UpstreamResult | undefined {
  const progress = engine.progress.sessionProgress(id);
  if (!progress) return undefined;
  const run = engine.findRun(id);
  return {
    status: progress.status,
    ...run?.left,
    error: progress.error?.message,
    errorCode: progress.error?.code,
  };
}

/** The context for rendering prompts and configuration, in the group's current state. */
export function renderContext(engine: GroupEngine): RenderContext {
  const { definition, files = NO_FILES } = engine.group;
  const { name, description } = definition;
  const resultOf = (upstream: string) => upstreamResult(engine, upstream);
  return { group: { id: engine.groupId, name, description }, files, resultOf };
}
