import { NO_FILES } from '../document/group-files.ts';
import type { UpstreamResult } from '../prompts/prompt-scope.ts';
import type { RenderContext } from '../prompts/render-prompt.ts';
import type { GroupEngine } from './group-engine.ts';

/** What a settled session left for the prompts of those after it. */
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

/** What prompts and configuration are made from, as the group stands when they are. */
export function renderContext(engine: GroupEngine): RenderContext {
  const { definition, files = NO_FILES } = engine.group;
  const { name, description } = definition;
  const resultOf = (upstream: string) => upstreamResult(engine, upstream);
  return { group: { id: engine.groupId, name, description }, files, resultOf };
}
