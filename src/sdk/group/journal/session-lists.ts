/** How the lists in a session's fold grow. */

/** Up to this length, a list is copied for each item. */
const SHORT = 32;
const OWN_LISTS = new WeakMap<object, string[]>();

/**
 * The list with one item more. A long one is copied once and then added to in place, as it belongs to `owner` alone: with
 * 50,000 dependencies, copying it for each of them took most of a run's time and memory.
 */
export function withAnother(owner: object, list: readonly string[], item: string): readonly string[] {
  const own = OWN_LISTS.get(owner);
  if (own !== undefined && own === list) {
    own.push(item);
    return own;
  }
  const longer = [...list, item];
  if (longer.length > SHORT) OWN_LISTS.set(owner, longer);
  return longer;
}

/** A tool that runs, as `[toolUseId, name, input]`; of some, the input is not known. */
export type RunningTool = readonly [string, string, string?];

/** An agent of the host's own may never say that a tool has finished. Of more than these, the latest are kept. */
const MOST_TOOLS = 100;

export const withoutTool = (tools: readonly RunningTool[], use: string): RunningTool[] =>
  tools.filter(([id]) => id !== use);

export const withTool = (tools: readonly RunningTool[], tool: RunningTool): RunningTool[] =>
  [...withoutTool(tools, tool[0]), tool].slice(-MOST_TOOLS);
