import type { SimulatedDefinition, SimulatedSession } from '../../history.ts';

/** Spec §3, `forEach`: a literal reading of what a fan-out stands for. */

const EACH = '.{{ each }}';

const slugOf = (value: string): string =>
  value
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/**
 * The definition with a session for each value in place of each fan-out.
 *
 * @param before the sessions that the group has: a value that stays keeps its id.
 * @param added ids that have come with the definition: which hash a value gets is the engine's choice.
 */
export function expanded(
  definition: SimulatedDefinition,
  before: readonly SimulatedSession[] = [],
  added: readonly string[] = [],
): SimulatedDefinition {
  const fanOuts = new Map(
    definition.sessions.flatMap(({ id, forEach }) =>
      forEach === undefined ? [] : [[id, idsOf(id, forEach, before, added)] as const],
    ),
  );
  if (fanOuts.size === 0) return definition;
  const edges = ({ dependsOn }: SimulatedSession, value?: string) =>
    dependsOn.flatMap(({ session: name, when }) => {
      const own = name.endsWith(EACH) ? fanOuts.get(name.slice(0, -EACH.length)) : undefined;
      const ids = own ? [own.get(value ?? '') ?? name] : [...(fanOuts.get(name)?.values() ?? [name])];
      return ids.map(session => ({ session, when }));
    });
  return {
    ...definition,
    sessions: definition.sessions.flatMap(({ forEach: _, ...session }) => {
      const members = fanOuts.get(session.id);
      if (members === undefined) return [{ ...session, dependsOn: edges(session) }];
      return [...members].map(([value, id]) => {
        const member = { of: session.id, value };
        return { ...session, id, member, dependsOn: edges(session, value) };
      });
    }),
  };
}

/** The id of each value. */
function idsOf(
  name: string,
  values: readonly string[],
  before: readonly SimulatedSession[],
  added: readonly string[],
): ReadonlyMap<string, string> {
  const known = new Map(
    before.flatMap(({ id, member }) => (member?.of === name ? [[member.value, id] as const] : [])),
  );
  const taken = new Set(values.flatMap(value => known.get(value) ?? []));
  const ids = values.map(value => {
    const id = known.get(value) ?? ownId(`${name}.${slugOf(value)}`, taken, added);
    taken.add(id);
    return [value, id] as const;
  });
  return new Map(ids);
}

/** That with its slug, or with a hash if another value has that. */
function ownId(wanted: string, taken: ReadonlySet<string>, added: readonly string[]): string {
  if (!taken.has(wanted)) return wanted;
  return added.find(id => id.startsWith(`${wanted}-`) && !taken.has(id)) ?? wanted;
}
