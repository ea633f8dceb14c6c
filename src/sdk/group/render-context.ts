import { upstreamResult } from './engine/result.ts';
import type { RunnerView } from './engine/runner-view.ts';
import { NO_FILES } from './group-files.ts';
import type { RenderContext } from './prompts/render-prompt.ts';
import type { SessionGroup } from './types.ts';

/** What prompts and configuration are made from, as the group stands when they are. */
export function renderContext(runner: RunnerView & { readonly group: SessionGroup }): RenderContext {
  const { definition, files = NO_FILES } = runner.group;
  const { name, description } = definition;
  const resultOf = (upstream: string) => upstreamResult(runner, upstream);
  return { group: { id: runner.groupId, name, description }, files, resultOf };
}
