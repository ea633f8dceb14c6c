/** What the hash of the address selects; the list by default. */
export type Route =
  | { readonly page: 'list'; readonly filter: Readonly<Record<string, string>> }
  | {
      readonly page: 'group';
      readonly group: string;
      readonly session?: string;
      /** Of its sessions. */
      readonly filter: Readonly<Record<string, string>>;
    };

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const filter = Object.fromEntries(new URLSearchParams(query));
  const [kind, group, kindBelow, session] = path.split('/').map(decoded);
  if (kind === 'groups' && group) {
    return {
      page: 'group',
      group,
      filter,
      ...(kindBelow === 'sessions' && session ? { session } : {}),
    };
  }
  return { page: 'list', filter };
}

export function groupHash(
  group: string,
  session?: string,
  filter: Readonly<Record<string, string>> = {},
): string {
  const below = session === undefined ? '' : `/sessions/${encodeURIComponent(session)}`;
  return `#/groups/${encodeURIComponent(group)}${below}${queryOf(filter)}`;
}

/** Empty values are left out. */
export function listHash(filter: Readonly<Record<string, string>> = {}): string {
  return `#/${queryOf(filter)}`;
}

function queryOf(filter: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString();
  return query === '' ? '' : `?${query}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
