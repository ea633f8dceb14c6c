import { describe, expect, test } from 'vitest';
import { childEnvironment, resolveReferences } from '../../../../src/sdk/group/config/environment.ts';

const HOST = {
  PATH: '/bin',
  HOME: '/home/ada',
  LC_ALL: 'C',
  HTTPS_PROXY: 'http://proxy',
  ANTHROPIC_API_KEY: 'key',
  CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
  CLAUDE_CONFIG_DIR: '/cfg',
  GITHUB_TOKEN: 'gh',
  EMPTY: '',
  ABSENT: undefined,
  SESSION_GROUPS_DATA_DIR: '/data',
};
const child = (env: Record<string, string> = {}, envPolicy: 'inherit' | 'allowlist' = 'inherit') =>
  childEnvironment({ env, envPolicy }, HOST);

describe('the environment of a session', () => {
  test('is inherited, without our own variables', () => {
    const { SESSION_GROUPS_DATA_DIR: _, ABSENT: __, ...rest } = HOST;
    expect(child()).toEqual(rest);
  });

  test('under allowlist contains only what an agent needs, and env', () => {
    expect(child({ EXTRA: 'x' }, 'allowlist')).toEqual({
      PATH: '/bin',
      HOME: '/home/ada',
      LC_ALL: 'C',
      HTTPS_PROXY: 'http://proxy',
      ANTHROPIC_API_KEY: 'key',
      CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
      CLAUDE_CONFIG_DIR: '/cfg',
      EXTRA: 'x',
    });
  });

  test('has the references in env resolved from the host, even under allowlist', () => {
    expect(child({ TOKEN: '${GITHUB_TOKEN}', HOME: '${HOME}/sub' }, 'allowlist')).toMatchObject({
      TOKEN: 'gh',
      HOME: '/home/ada/sub',
    });
  });

  test('rejects a reference to a variable that is not set, and names it', () => {
    expect(() => child({ TOKEN: '${ABSENT}' })).toThrow('env.TOKEN: ABSENT is not set');
    expect(() => child({ TOKEN: '${toString}' })).toThrow('toString is not set');
  });
});

test.each([
  ['${PATH}:${HOME}', '/bin:/home/ada', [], []],
  ['$${PATH}', '${PATH}', [], []],
  ['$$${PATH}', '$${PATH}', [], []],
  ['$PATH $ { } }', '$PATH $ { } }', [], []],
  ['[${EMPTY}]', '[]', [], []],
  ['${ABSENT:-none} ${EMPTY:-none} ${PATH:-none}', 'none none /bin', [], []],
  ['${ABSENT:-}', '', [], []],
  ['${ABSENT}', '', ['ABSENT'], []],
  ['${NO WAY} ${} ${', '${NO WAY} ${} ${', [], ['${NO WAY}', '${}', '${']],
])('%s becomes %s', (text, value, unset, malformed) => {
  expect(resolveReferences(text, HOST)).toEqual({ value, unset, malformed });
});

test('the value of a reference is not searched for references again', () => {
  expect(resolveReferences('${A}', { A: '${B} $1 $&', B: 'x' }).value).toBe('${B} $1 $&');
});
