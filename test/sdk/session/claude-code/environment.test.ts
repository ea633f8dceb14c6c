import { describe, expect, it } from 'vitest';
import { claudeEnvironment } from '../../../../src/sdk/session/claude-code/environment.ts';

describe('the environment of claude', () => {
  it('excludes what an outer client left in it', () => {
    const env = claudeEnvironment({
      PATH: '/bin',
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: 'outer',
      CLAUDE_PID: '7',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CODE_MESSAGING_SOCKET: '/run/user/7/sock',
      CLAUDE_CODE_OAUTH_TOKEN: 'kept',
    });
    expect(Object.keys(env).sort()).toEqual([
      'CLAUDE_CODE_DISABLE_BACKGROUND_TASKS',
      'CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS',
      'CLAUDE_CODE_OAUTH_TOKEN',
      'CLAUDE_CODE_STARTUP_FAILURE_RESULTS',
      'PATH',
    ]);
  });

  it("uses the session's own config folder instead of the user's", () => {
    expect(claudeEnvironment({ CLAUDE_CONFIG_DIR: '/users' }, '/own')).toMatchObject({
      CLAUDE_CONFIG_DIR: '/own',
    });
    expect(claudeEnvironment({ CLAUDE_CONFIG_DIR: '/users' })).toMatchObject({ CLAUDE_CONFIG_DIR: '/users' });
  });

  it('sets what the adapter relies on', () => {
    const env = claudeEnvironment({ CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '0' });
    expect(env).toEqual({
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
      CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
    });
  });
});
