/** Answers a request: 401 without a valid token, else 200. */
export function handleRequest({ headers }, now = Date.now()) {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  const [user, expires] = token.split('.');
  if (scheme !== 'Bearer' || !user || !(Number(expires) > now)) return { status: 401 };
  return { status: 200, user };
}
