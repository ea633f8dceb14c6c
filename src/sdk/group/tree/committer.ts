/** An environment in which git has a name for commits. */
export function withCommitter(env: Readonly<Record<string, string>>): Record<string, string> {
  const count = Number.parseInt(env.GIT_CONFIG_COUNT ?? '0', 10) || 0;
  return {
    ...env,
    GIT_CONFIG_COUNT: String(count + 2),
    [`GIT_CONFIG_KEY_${count}`]: 'user.name',
    [`GIT_CONFIG_VALUE_${count}`]: 'session-groups',
    [`GIT_CONFIG_KEY_${count + 1}`]: 'user.email',
    [`GIT_CONFIG_VALUE_${count + 1}`]: 'session-groups@localhost',
  };
}
