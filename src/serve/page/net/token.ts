/** The API token. It arrives in the hash, which browsers never send, and stays in this tab. */

const KEY = 'session-groups-token';

/** Whether the address brings a token. */
export const hasToken = (): boolean => new URLSearchParams(location.hash.slice(1)).has('token');

/** Removes `#token=…&group=…` from the address bar and the history; returns the token of this tab. */
export function takeToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get('token');
  if (token !== null) {
    sessionStorage.setItem(KEY, token);
    const group = given.get('group');
    history.replaceState(null, '', group === null ? '#/' : `#/groups/${encodeURIComponent(group)}`);
  }
  return token ?? sessionStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}
